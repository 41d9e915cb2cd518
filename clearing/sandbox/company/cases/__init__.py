"""Every interesting case, one small function each; a case's name is its function's name."""

from __future__ import annotations

from collections.abc import Callable

from clearing.sandbox.company.book import Book
from clearing.sandbox.company.cases import cleared, drafts, matching, stuck, suspicious
from clearing.sandbox.records import Record

Case = Callable[[Book], list[Record]]

CASES: tuple[Case, ...] = (
    *matching.CASES,
    *drafts.CASES,
    *suspicious.CASES,
    *stuck.CASES,
    *cleared.CASES,
)


def build(book: Book) -> dict[str, list[Record]]:
    """Case name to its documents; what comes later leaves these alone."""
    found = {case.__name__: case(book) for case in CASES}
    for documents in found.values():
        book.untouched.update(one["id"] for one in documents if "id" in one)  # no vendors
    return found
