"""Sheets as an Excel workbook: numbers as numbers, texts always as texts, row by row."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from clearing import money
from clearing.exporting import about, figures
from clearing.exporting.about import Origin
from clearing.exporting.escape import clean, is_risky
from clearing.sheets import DAY, MOMENT, MONEY, NUMBER, Cells, Column, Sheet, Tally

MOST_ROWS = 1_048_575  # of a worksheet, beside its head
LONGEST = 32_767  # UTF-16 units of a cell
KEPT = 32_000  # units of a text that is longer
EARLIEST = date(1900, 3, 1)  # Excel believes that 1900 was a leap year
WIDEST, LOOKED_AT = 60, 1000  # characters of a column; rows that its width is found from
OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False, "nan_inf_to_errors": False,
}  # fmt: skip


def write(sheet: Sheet, origin: Origin, file: IO[bytes], *, most: int = MOST_ROWS) -> Tally:
    """Write the workbook to an open file; what was counted on the way. most: rows of a page."""
    tally = Tally(sheet.columns)
    with _book(file, origin, str(sheet.title)) as book:
        pen = Pen(book, origin, last=_("About this export"))
        _write_rows(sheet, tally, pen, most)
        _write_about(sheet, tally, pen)
    return tally


def write_all(
    sheets: Iterable[Sheet], origin: Origin, file: IO[bytes], *, title: str, most: int = MOST_ROWS
) -> None:
    """Write sheets, each a page, to one workbook; a last page says what holds for all of them."""
    with _book(file, origin, title) as book:
        pen = Pen(book, origin, last=_("Notes"), csv=False)
        notes: list[str] = []
        for sheet in sheets:
            _write_rows(sheet, Tally(sheet.columns), pen, most)
            notes += _of_sheet(sheet)
        page = book.add_worksheet(pen.last)
        page.set_column(0, 0, 100)
        for place, words in enumerate(dict.fromkeys([*notes, *_of_pen(pen)])):
            pen.text(page, place, 0, words, valign="top", text_wrap=True)


@contextmanager
def _book(file: IO[bytes], origin: Origin, title: str) -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as folder:  # gone with everything in it, whatever happens
        book = xlsxwriter.Workbook(file, {**OPTIONS, "tmpdir": folder})
        book.use_zip64()
        created = origin.made_at.replace(tzinfo=None)
        book.set_properties({"title": clean(title), "author": clean(origin.by), "created": created})
        yield book
        book.close()


@dataclass
class Pen:
    """Writes single cells, and remembers what did not fit."""

    book: Any
    origin: Origin
    formats: dict[Any, Any] = field(default_factory=dict)
    last: str = ""  # the name of the last page
    names: set[str] = field(default_factory=set)  # of the others, in small letters
    csv: bool = True  # there is a CSV, too, which holds every text whole
    cut: int = 0
    as_text: bool = False

    def format(self, **properties: Any) -> Any:
        """The format with these properties; made once."""
        key = tuple(properties.items())
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties)
        return self.formats[key]

    def text(self, page: Any, row: int, at: int, value: Any, **look: Any) -> int:
        """Write a text; how long it is. One that looks like a formula stays a text if edited."""
        text = clean(value)
        if len(text) > LONGEST // 2 and len(text.encode("utf-16-le")) // 2 > LONGEST:
            self.cut += 1
            short = text.encode("utf-16-le")[: 2 * KEPT].decode("utf-16-le", "ignore")
            words = _(" … (cut: %(n)d characters; all of them are in the CSV)")
            words = words if self.csv else _(" … (cut: %(n)d characters)")
            text = short + words % {"n": len(text)}
        if is_risky(text):
            look = {**look, "num_format": "@", "quote_prefix": True}
        page.write_string(row, at, text, self.format(**look) if look else None)
        return len(text)

    def amount(self, page: Any, row: int, at: int, minor: int, currency: str, **look: Any) -> int:
        """Write an amount as a number, as a text where a number would be rounded."""
        value, places = figures.number(minor, currency), money.decimals(currency)
        if value is None:
            self.as_text = True
            return self.text(page, row, at, figures.exact(minor, currency), align="right")
        shown = "#,##0" + ("." + "0" * places if places else "")
        page.write_number(row, at, value, self.format(num_format=shown, **look))
        return len(str(value)) + 4

    def time(self, page: Any, row: int, at: int, value: date | datetime) -> int:
        """Write a date or a moment; one before Excel's first as a text."""
        is_moment = isinstance(value, datetime)
        local = (
            value.astimezone(self.origin.made_at.tzinfo) if isinstance(value, datetime) else value
        )
        if (local.date() if isinstance(local, datetime) else local) < EARLIEST:
            return self.text(page, row, at, figures.iso(local, self.origin.made_at.tzinfo))
        shown = "yyyy-mm-dd hh:mm:ss" if is_moment else "yyyy-mm-dd"
        plain = local.replace(tzinfo=None) if isinstance(local, datetime) else local
        page.write_datetime(row, at, plain, self.format(num_format=shown, align="left"))
        return len(shown)


Writer = Callable[[Any, int, Cells], list[int]]


def _heads(sheet: Sheet, origin: Origin) -> list[str]:
    """Every column's head; an amount has two columns, without and with its sign."""
    heads = []
    for column in sheet.columns:
        heads.append(figures.label(column, origin.made_at))
        if column.kind == MONEY:
            heads.append(_("%(column)s, signed") % {"column": column.label})
    return heads


def _row_writer(sheet: Sheet, pen: Pen) -> Writer:
    """A function that writes one row and says how wide its cells are."""
    plan: list[tuple[Column, int | None]] = list(
        zip(sheet.columns, figures.currency_places(sheet), strict=True)
    )

    def write_row(page: Any, place: int, row: Cells) -> list[int]:
        widths: list[int] = []
        for value, (column, of) in zip(row, plan, strict=True):
            at = len(widths)
            if column.kind == MONEY and of is not None:
                widths += _amounts(page, place, at, value, row[of] or "")
            elif value is None:
                widths.append(0)
            elif column.kind in (DAY, MOMENT):
                widths.append(pen.time(page, place, at, value))
            elif column.kind == NUMBER and abs(value) < 10**figures.DIGITS:
                page.write_number(place, at, value)
                widths.append(len(str(value)))
            else:
                widths.append(pen.text(page, place, at, value) if value != "" else 0)
        return widths

    def _amounts(page: Any, place: int, at: int, value: int | None, currency: str) -> list[int]:
        if value is None:
            return [0, 0]
        return [
            pen.amount(page, place, at, abs(value), currency),
            pen.amount(page, place, at + 1, value, currency),
        ]

    return write_row


def _write_rows(sheet: Sheet, tally: Tally, pen: Pen, most: int) -> None:
    """All rows, on as many pages as they need."""
    write_row, heads = _row_writer(sheet, pen), _heads(sheet, pen.origin)
    rows, pages = iter(tally.over(sheet.rows)), 0
    following: Iterator[Cells] | None = rows
    while following is not None:
        pages += 1
        page = pen.book.add_worksheet(_page_name(str(sheet.title), pages, pen))
        place, widths = 0, [len(head) + 3 for head in heads]
        for at, head in enumerate(heads):
            pen.text(page, 0, at, head, bold=True, text_wrap=True, valign="top", bottom=1)
        for row in following:
            place += 1
            found = write_row(page, place, row)
            if place <= LOOKED_AT:
                widths = [max(pair) for pair in zip(widths, found, strict=True)]
            if place == most:
                break
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, place, len(heads) - 1)
        for at, width in enumerate(widths):
            page.set_column(at, at, min(max(width, 6), WIDEST))
        further = next(rows, None) if place == most else None
        following = None if further is None else chain([further], rows)


def _page_name(title: str, number: int, pen: Pen) -> str:
    """What Excel allows as the name of a worksheet: 31 signs, some of them not, each name once."""
    plain = "".join(" " if one in "[]:*?/\\" else one for one in clean(title)).strip(" '\u2409\n\t")
    while True:
        suffix = f" ({number})" if number > 1 else ""
        units = plain.encode("utf-16-le")[: 2 * (31 - len(suffix))].decode("utf-16-le", "ignore")
        name = units.strip(" '")
        if name.lower() in {"", "history", pen.last.lower()}:
            name = _("Rows")
        if (name + suffix).lower() not in pen.names:
            pen.names.add((name + suffix).lower())
            return name + suffix
        number += 1


def _write_about(sheet: Sheet, tally: Tally, pen: Pen) -> None:
    page = pen.book.add_worksheet(pen.last)
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 70)
    page.set_column(2, 2, 24)
    place = 0
    for words, value in about.facts(sheet, pen.origin):
        _fact(page, pen, place, words, value)
        place += 1
    pen.text(page, place, 0, _("Rows"), bold=True)
    page.write_number(place, 1, tally.count, pen.format(align="left", num_format="#,##0"))
    for one in about.totals(sheet, tally):
        place += 1
        words = _("Total, signed: %(column)s") % {"column": one.words}
        _fact(page, pen, place, words, one.currency or _("no currency"))
        pen.amount(page, place, 2, one.amount, one.currency)
    rest = about.proofs(tally, pen.origin) + [(_("Note"), one) for one in _notes(sheet, pen)]
    for words, value in rest:
        place += 1
        _fact(page, pen, place, words, value)


def _fact(page: Any, pen: Pen, place: int, words: str, value: str) -> None:
    pen.text(page, place, 0, words, bold=True, valign="top", text_wrap=True)
    pen.text(page, place, 1, value, valign="top", text_wrap=True)


def _notes(sheet: Sheet, pen: Pen) -> list[str]:
    """The sentences of the sheet, and what the file could not hold as it is."""
    return [*_of_sheet(sheet), *_of_pen(pen)]


def _of_sheet(sheet: Sheet) -> list[str]:
    found = [str(one) for one in sheet.notes]
    if any(column.kind == MONEY for column in sheet.columns):
        found.append(_("Each amount stands twice: without its sign, and signed as it is counted."))
    return found


def _of_pen(pen: Pen) -> list[str]:
    found = []
    if pen.cut:
        found.append(_("%(n)d texts were too long for a cell; their end says so.") % {"n": pen.cut})
    if pen.as_text:
        found.append(_("Amounts of more than 15 digits would be rounded by Excel: they are texts."))
    return found
