"""A table with typed cells, before it becomes a page, a file or a hash. Pure."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

TEXT, DAY, MOMENT, MONEY, NUMBER = "text", "day", "moment", "money", "number"

Cells = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """One column; `key` names it for ever, `label` as people read it.

    kind: what its cells are. text: str; day: date; moment: aware datetime; money: int in the
    smallest unit of the currency that the column `currency` names in the same row; number: int.
    None is an empty cell in each.
    """

    key: str
    label: Any  # str, or a lazy translation
    kind: str = TEXT
    currency: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table to hand over. `rows` may be a generator, and is read once.

    name: of the file, without its ending; filters: what was asked for, in words.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Cells]
    filters: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # sentences that must not be missed beside the figures
    adds_up: bool = True  # False: its rows are states or parts of each other, a total says nothing


@dataclass
class Tally:
    """What was counted while rows went by: how many, the sum of each money column per currency,
    and a digest of all of them in their order."""

    columns: tuple[Column, ...]
    count: int = 0
    sums: dict[tuple[str, str], int] = field(default_factory=dict)  # by column's key, currency
    _digest: Any = field(default_factory=hashlib.sha256)

    def over(self, rows: Iterable[Cells]) -> Iterator[Cells]:
        """The same rows, counted on their way."""
        place = {column.key: number for number, column in enumerate(self.columns)}
        money = [
            (number, column.key, place[column.currency])
            for number, column in enumerate(self.columns)
            if column.kind == MONEY
        ]
        for row in rows:
            self.count += 1
            self._digest.update(line(row))
            for number, key, at in money:
                if row[number] is not None:
                    group = (key, row[at] or "")
                    self.sums[group] = self.sums.get(group, 0) + row[number]
            yield row

    @property
    def digest(self) -> str:
        """SHA-256 of the rows that went by so far, in hex."""
        return self._digest.copy().hexdigest()


def line(row: Cells) -> bytes:
    """A row as it is hashed: one line of JSON, dates and moments (in UTC) in ISO 8601."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_iso)
    return text.encode(errors="surrogatepass") + b"\n"  # JSON columns may hold half a pair


def plain(row: Cells) -> list[Any]:
    """A row as JSON keeps it: what has no kind of its own there as text."""
    return [_iso(cell) if isinstance(cell, date) else cell for cell in row]


def typed(columns: tuple[Column, ...], row: Iterable[Any]) -> Cells:
    """The same row again."""
    return tuple(_read(column.kind, cell) for column, cell in zip(columns, row, strict=True))


def _read(kind: str, cell: Any) -> Any:
    if cell is not None and kind in (DAY, MOMENT):
        return date.fromisoformat(cell) if kind == DAY else datetime.fromisoformat(cell)
    return cell


def _iso(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)  # lazy translations, ids
