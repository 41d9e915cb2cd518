"""Sheets as one Excel workbook: numbers as numbers, texts always as texts, row by row."""

import io
import re
import tempfile
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils import timezone

from clearing import money
from clearing.sheets import DAY, MOMENT, MONEY, NUMBER, Column, Sheet

OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
LONGEST = 32_000  # characters of a cell
DIGITS = 15  # that a number of Excel keeps
EARLIEST = date(1900, 3, 1)  # Excel believes that 1900 was a leap year
WIDTHS = {MONEY: 16, DAY: 12, MOMENT: 21, NUMBER: 12}
ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # no XML holds these


def written(sheets: Iterable[Sheet], *, title: str, made_at: datetime) -> bytes:
    """The workbook, the same bytes for the same sheets and time."""
    file = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(file, {**OPTIONS, "tmpdir": folder})
        book.use_zip64()
        book.set_properties({"title": title, "created": made_at.astimezone(UTC)})
        pen = _Pen(book)
        for sheet in sheets:
            pen.write(sheet)
        book.close()
    return file.getvalue()


class _Pen:
    """Writes the cells of one workbook; formats are made once."""

    def __init__(self, book: Any) -> None:
        self.book, self.formats = book, {}  # type: ignore[var-annotated]

    def write(self, sheet: Sheet) -> None:
        page = self.book.add_worksheet(str(sheet.title)[:31])
        bold = self._format(bold=True, bottom=1, text_wrap=True, valign="top")
        place = {column.key: at for at, column in enumerate(sheet.columns)}
        for at, column in enumerate(sheet.columns):
            page.write_string(0, at, self._head(column), bold)
            page.set_column(at, at, WIDTHS.get(column.kind, 28))
        row_number = 0
        for row_number, row in enumerate(sheet.rows, start=1):  # noqa: B007
            for at, (column, cell) in enumerate(zip(sheet.columns, row, strict=True)):
                if cell is not None and cell != "":
                    of = row[place[column.currency]] if column.currency else ""
                    self._cell(page, row_number, at, column, cell, of)
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, max(row_number, 1), len(sheet.columns) - 1)

    def _head(self, column: Column) -> str:
        zone = f" ({settings_zone()})" if column.kind == MOMENT else ""
        return f"{column.label}{zone}"

    def _cell(self, page: Any, row: int, at: int, column: Column, cell: Any, of: str) -> None:
        if column.kind == MONEY:
            self._amount(page, row, at, cell, of)
        elif column.kind == NUMBER and abs(cell) < 10**DIGITS:
            page.write_number(row, at, cell)
        elif column.kind in (DAY, MOMENT):
            self._time(page, row, at, cell)
        else:
            text = ODD.sub("\ufffd", str(cell))[:LONGEST]
            page.write_string(row, at, text, self._format(num_format="@"))

    def _amount(self, page: Any, row: int, at: int, minor: int, currency: str) -> None:
        """As a number in the currency's decimals; as a text where that would round it."""
        places = money.decimals(currency)
        value = Decimal(minor).scaleb(-places)
        if abs(minor) >= 10**DIGITS:
            page.write_string(row, at, str(value))
            return
        shown = "#,##0" + ("." + "0" * places if places else "")
        page.write_number(row, at, float(value), self._format(num_format=shown))

    def _time(self, page: Any, row: int, at: int, value: date | datetime) -> None:
        shown = "yyyy-mm-dd"
        if isinstance(value, datetime):
            value, shown = timezone.localtime(value).replace(tzinfo=None), "yyyy-mm-dd hh:mm:ss"
        day = value.date() if isinstance(value, datetime) else value
        if day < EARLIEST:
            page.write_string(row, at, str(value))
        else:
            page.write_datetime(row, at, value, self._format(num_format=shown, align="left"))

    def _format(self, **properties: Any) -> Any:
        key = tuple(properties.items())
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties)
        return self.formats[key]


def settings_zone() -> str:
    """The name of the zone that times are written in."""
    return timezone.get_current_timezone_name()
