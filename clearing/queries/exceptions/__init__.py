"""Everything that went wrong or takes too long, by kind, each with its next step.

found: what is an exception; rows: as the page shows it; kinds: in which order, with what advice.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet, Window
from django.db.models.functions import RowNumber

from clearing.exceptional import (
    clearings,
    count,
    differences,
    edits,
    lines,
    links,
    of_kind,
)
from clearing.queries import paging
from clearing.queries.exceptions.kinds import KINDS, Kind, how_late
from clearing.queries.exceptions.rows import Row, rows_of

__all__ = [
    "FEW", "KINDS", "Group", "Kind", "Row", "count", "groups", "how_late", "of_kind", "rows_of",
]  # fmt: skip
FEW = 10  # rows of a kind before "Show all"


@dataclass
class Group:
    """The rows of one kind; `count` is of all of them."""

    kind: Kind
    count: int
    rows: list[Any] = field(default_factory=list)
    page: paging.Page | None = None

    @property
    def more(self) -> bool:
        return self.page is None and self.count > len(self.rows)


def groups(*, only: str = "", key: str = "", locale: str) -> list[Group]:
    """Every kind that has rows with its first ones, or one kind page by page."""
    found = _one_kind(only, key) if only else _first_rows()
    rows = iter(rows_of((record for group in found for record in group.rows), locale=locale))
    for group in found:
        group.rows = [next(rows) for _record in group.rows]
    return found


def _one_kind(code: str, key: str) -> list[Group]:
    found = of_kind(code)
    page = paging.page(found, order=[], key=key, scope=f"exceptions:{code}")
    kind = next(kind for kind in KINDS if kind.code == code)
    return [Group(kind, found.count(), page.rows, page)] if page.rows else []


def _first_rows() -> list[Group]:
    """The first rows of each kind with the number of all, in five queries."""
    by_code: dict[str, list[Any]] = {}
    sources: list[QuerySet[Any]] = [lines(), edits(), links(), clearings(), differences()]
    for found in sources:
        numbered = found.annotate(
            place=Window(RowNumber(), partition_by=["code"], order_by="pk"),
            of_kind=Window(Count("pk"), partition_by=["code"]),
        ).filter(place__lte=FEW)
        for row in numbered.order_by("pk"):
            by_code.setdefault(row.code, []).append(row)
    return [
        Group(kind, by_code[kind.code][0].of_kind, by_code[kind.code])
        for kind in KINDS
        if kind.code in by_code
    ]
