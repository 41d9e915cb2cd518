"""The roll-forward of a month, and the age of what is open, as pictures."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, money, months, pictures
from clearing.queries.month_end.place import At
from clearing.queries.month_end.statement import Line, Statement
from clearing.queries.papers.open_credit import (
    AGES,
    IN_REVIEW,
    NOTHING,
    OPEN,
    PLANNED,
    SETTLED,
)

WHY = {SETTLED: "settled", PLANNED: "planned", IN_REVIEW: "review", NOTHING: "none"}


def pictured(statements: Iterable[Statement]) -> list[tuple[Statement, pictures.Waterfall]]:
    """Each statement with its waterfall; no query."""
    return [(one, of_statement(one, n)) for n, one in enumerate(statements, 1)]


def ageing(open_: Iterable[Sequence[Any]], currency: str, number: int, at: At) -> pictures.Ageing:
    """The open credit of a currency by age, as a paper keeps it ("open" of its figures).

    number: of the picture on its page, for ids that are there once.
    """
    parts: dict[str, list[pictures.Part]] = {age: [] for age in AGES}
    for code, why, age, count, amount in open_:
        if code == currency:
            words = ngettext("%(n)s credit note", "%(n)s credit notes", count)
            part = pictures.Part(
                why=WHY.get(why, "decided"),
                amount=amount,
                text=money.text(amount, currency, at.locale),
                url=at.url("month_list", OPEN.key, currency=currency, part=why, age=age),
                number=words % {"n": money.plain(count, "JPY", at.locale)},
            )
            parts[age].append(part)
    ages = [
        pictures.Age(
            label=str(words),
            text=money.text(sum(one.amount for one in parts[age]), currency, at.locale),
            parts=parts[age],
        )
        for age, words in AGES.items()
    ]
    day = labels.day(months.last_day(at.month))
    title = _("Open credit in %(code)s by age on %(day)s") % {"code": currency[:8], "day": day}
    return pictures.ageing(ages, key=f"ageing-{number}", title=title)


def of_statement(one: Statement, number: int) -> pictures.Waterfall:
    """number: of the statement on its page, for ids that are there once."""
    bars: list[pictures.Bar] = []
    sign = 1
    for line in [*one.lines, one.closing]:
        if not line.part:  # a part goes the way of the figure above it
            sign = -1 if line.sign == "−" else 1
        bars.append(_bar(line, sign))
    title = _("Roll-forward in %(code)s") % {"code": one.currency[:8]}
    return pictures.waterfall(bars, key=f"rolled-{number}", title=title)


def _bar(line: Line, sign: int) -> pictures.Bar:
    kind: Literal["moment", "step", "part"] = "part" if line.part else "step"
    if not line.part and not line.sign:
        kind = "moment"
    number = ""
    if line.number:
        words = ngettext("%(n)s movement", "%(n)s movements", line.count)
        number = words % {"n": line.number}
    return pictures.Bar(
        label=line.words, amount=sign * line.value, text=line.amount, url=line.url,
        number=number, kind=kind,
    )  # fmt: skip
