"""A sheet as CSV, chunk by chunk: the rows are never in memory together."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import Any

from clearing.exporting import figures
from clearing.exporting.escape import disarmed
from clearing.sheets import DAY, MOMENT, MONEY, NUMBER, Cells, Sheet

BOM = "\ufeff"  # else Excel reads UTF-8 as something else
CHUNK = 64 * 1024  # characters


def stream(sheet: Sheet, *, zone: tzinfo | None) -> Iterator[bytes]:
    """The file in pieces: every cell quoted, amounts signed, moments in this zone."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    buffer.write(BOM)
    writer.writerow([disarmed(column.label) for column in sheet.columns])
    write = _writing(sheet, zone)
    for row in sheet.rows:
        writer.writerow(write(row))
        if buffer.tell() >= CHUNK:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    found = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return found


def _writing(sheet: Sheet, zone: tzinfo | None) -> Callable[[Cells], list[str]]:
    """How a row is written, cell by cell."""
    kinds = [column.kind for column in sheet.columns]
    plan = list(zip(kinds, figures.currency_places(sheet), strict=True))

    def cell(value: Any, kind: str, of: int | None, row: Cells) -> str:
        if value is None:
            return ""
        if kind == MONEY and of is not None:
            return figures.exact(value, row[of] or "")
        if kind in (DAY, MOMENT):
            return figures.iso(value, zone)
        return str(int(value)) if kind == NUMBER else disarmed(value)

    return lambda row: [
        cell(value, kind, of, row) for value, (kind, of) in zip(row, plan, strict=True)
    ]
