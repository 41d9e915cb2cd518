"""The demo company: a believable year and a half of payables, the same for the same seed.

Dates are relative to `today`; nothing is stamped later than the day before it. Amounts are
integers in the currency's smallest unit; only exchange rates are JSON numbers.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from clearing.sandbox.company import cases, monday, present
from clearing.sandbox.company.book import Book
from clearing.sandbox.records import Record

__all__ = ["generate"]


def generate(seed: int = 1, today: date | None = None) -> Record:
    """A dataset for `Store.load`, and under "_cases" where each interesting case is found:

    {"exact_match": {"credit_notes": [id], "invoice_payables": [id], "vendors": [id]}, ...}
    """
    book = Book(seed, today or datetime.now(UTC).date())
    found = {**monday.tell(book), **cases.build(book)}
    present.fill(book)
    return {**book.dataset(), "_cases": {name: _ids(records) for name, records in found.items()}}


def _ids(records: list[Record]) -> dict[str, list[str]]:
    return {
        "credit_notes": [r["id"] for r in records if "businessPartnerId" in r],
        "invoice_payables": [r["id"] for r in records if "invoiceNumber" in r],
        "vendors": [r["vendorId"] for r in records if "vendorCreatedAt" in r],
    }
