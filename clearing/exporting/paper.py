"""A sheet as it stands on paper: texts ready for a template, and where it had to be cut."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from babel.dates import format_date

from clearing import money
from clearing.exporting import about, figures
from clearing.exporting.about import Origin
from clearing.exporting.escape import clean
from clearing.sheets import MONEY, NUMBER, Cells, Column, Sheet, Tally

WIDE = 7  # columns from which the page lies on its side


@dataclass(frozen=True)
class Head:
    """The head of a column; css: of the column and its cells."""

    words: str
    css: str


@dataclass(frozen=True)
class Paper:
    """Everything the template needs. cut: there are more rows than `rows`, so no totals.

    cells of a row: (text, css).
    """

    title: str
    heads: list[Head]
    rows: list[list[tuple[str, str]]]
    facts: list[tuple[str, str]]
    totals: list[tuple[str, str]]  # what, amount
    notes: list[str]
    proofs: list[tuple[str, str]]
    cut: bool

    @property
    def wide(self) -> bool:
        return len(self.heads) >= WIDE


def on_paper(sheet: Sheet, origin: Origin, *, most: int, locale: str) -> Paper:
    """The first `most` rows, amounts in the reader's number format."""
    shown = _shown(sheet)
    tally, rows = Tally(sheet.columns), iter(sheet.rows)
    places = figures.currency_places(sheet)
    lines = [
        [(_cell(row, at, sheet.columns[at], places[at], origin, locale), _css(sheet.columns[at]))
         for at in shown]
        for row in tally.over(islice(rows, most))
    ]  # fmt: skip
    cut = _is_more(rows)
    return Paper(
        title=clean(sheet.title),
        heads=[
            Head(figures.label(sheet.columns[at], origin.made_at), _css(sheet.columns[at]))
            for at in shown
        ],
        rows=lines,
        facts=[(words, clean(value)) for words, value in about.facts(sheet, origin)],
        totals=[] if cut else [
            (one.words, money.text(one.amount, clean(one.currency), locale))
            for one in about.totals(sheet, tally)
        ],
        notes=[str(one) for one in sheet.notes],
        proofs=[] if cut else about.proofs(tally, origin),
        cut=cut,
    )  # fmt: skip


def _is_more(rows: Iterator[Cells]) -> bool:
    return next(rows, None) is not None


def _shown(sheet: Sheet) -> list[int]:
    """Without ids, and without the currencies that stand in front of their amounts anyway."""
    beside = {column.currency for column in sheet.columns}
    return [
        at
        for at, column in enumerate(sheet.columns)
        if column.key not in beside and column.key != "id" and not column.key.endswith("_id")
    ]


def _css(column: Column) -> str:
    return "num" if column.kind in (MONEY, NUMBER) else ""


def _cell(
    row: Cells, at: int, column: Column, of: int | None, origin: Origin, locale: str
) -> str:  # fmt: skip
    value: Any = row[at]
    if value is None:
        return ""
    if column.kind == MONEY and of is not None:
        return money.text(value, clean(row[of] or ""), locale)
    if isinstance(value, datetime):
        local = value.astimezone(origin.made_at.tzinfo)
        return f"{_day(local.date())}, {local:%H:%M}"
    if isinstance(value, date):
        return _day(value)
    return money.plain(value, "JPY", locale) if column.kind == NUMBER else clean(value)


def _day(value: date) -> str:
    return format_date(value, "d MMM y", locale="en")
