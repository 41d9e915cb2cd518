"""What the tests of a month's lists share: October at an entity, told as plain rows."""

from datetime import date
from typing import Any

from clearing.queries import papers
from clearing.services import booking
from tests.factories import NOW

OCT = date(2026, 10, 1)


def book(*notes: Any, now: Any = NOW, whole: bool = True) -> None:
    """Keep what the copy says of these credit notes in the sub-ledger."""
    booking.book([one.id for one in notes], now=now, whole=whole)


def told(books: Any, name: str, *keys: str, month: date = OCT, now: Any = NOW) -> list[tuple]:
    """The cells of these columns, of each row of a list."""
    one = papers.LISTS[name]
    places = [[column.key for column in one.columns].index(key) for key in keys]
    rows = one.rows(papers.Scope.of(books.entity.id, month, now))
    return [tuple(row.cells[place] for place in places) for row in rows]
