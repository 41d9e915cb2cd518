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
from clearing.sheets import DAY, MONEY, NUMBER, Cells, Column, Sheet, Tally

WIDE = 7  # columns from which the page lies on its side
SEEN = 500  # rows that the widths are found from


@dataclass(frozen=True)
class Head:
    """The head of a column; css: of the column and its cells; width: percent of the page's."""

    words: str
    css: str
    width: int


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
    tally, rows = Tally(sheet.columns), iter(sheet.rows)
    found = list(tally.over(islice(rows, most)))
    shown, places = _shown(sheet, found), figures.currency_places(sheet)
    lines = [
        [(_cell(row, at, sheet.columns[at], places[at], origin, locale), _css(sheet.columns[at]))
         for at in shown]
        for row in found
    ]  # fmt: skip
    cut = _is_more(rows)
    return Paper(
        title=clean(sheet.title),
        heads=_heads([sheet.columns[at] for at in shown], lines, origin),
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


def _heads(columns: list[Column], lines: list[list[tuple[str, str]]], origin: Origin) -> list[Head]:
    """With widths by what stands in the columns: the layout need not be found cell by cell."""
    words = [figures.label(column, origin.made_at) for column in columns]
    needs = [
        max(_need(text, css) for text, css in [(head, ""), *(line[at] for line in lines[:SEEN])])
        for at, head in enumerate(words)
    ]
    return [
        Head(head, _css(column), round(100 * need / sum(needs)))
        for head, column, need in zip(words, columns, needs, strict=True)
    ]


def _need(text: str, css: str) -> int:
    """About how many characters a cell wants: a figure all, a text its longest word or a third."""
    if css:
        return len(text) + 3
    longest = max((len(word) for word in text[:200].split()), default=0)
    return min(max(longest, len(text[:90]) // 3), 30) + 4


def _is_more(rows: Iterator[Cells]) -> bool:
    return next(rows, None) is not None


def _shown(sheet: Sheet, rows: list[Cells]) -> list[int]:
    """Without ids, without currencies that stand in front of their amounts, nothing empty."""
    empty = {
        at for at in range(1, len(sheet.columns)) if all(row[at] in ("", None) for row in rows)
    }
    beside = {column.currency for column in sheet.columns}
    return [
        at
        for at, column in enumerate(sheet.columns)
        if (not rows or at not in empty)
        and column.key not in beside
        and column.key != "id"
        and not column.key.endswith("_id")
    ]


def _css(column: Column) -> str:
    return {MONEY: "num", NUMBER: "num", DAY: "day"}.get(column.kind, "")


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
