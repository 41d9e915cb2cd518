"""The roll-forward of a month as a picture."""

from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import pictures
from clearing.queries.month_end.statement import Line, Page, Statement


def pictured(page: Page) -> list[tuple[Statement, pictures.Waterfall]]:
    """Each statement with its waterfall; no query."""
    return [(one, of_statement(one, n)) for n, one in enumerate(page.statements, 1)]


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
