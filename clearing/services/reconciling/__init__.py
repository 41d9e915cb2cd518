"""Compares what our lines did with what the copy shows of Light; each difference stands among the
exceptions until the two agree again, or somebody has acknowledged it.

gathering  the credit notes of which something changed, with what touches them
comparing  what differs (pure)
keeping    stores it, and has a doubtful one read once more: at most MOST_READS at a time

Once a day everything is compared anew, whatever changed.
"""

from datetime import datetime

from django.utils import timezone

from clearing.services import suspecting
from clearing.services.reconciling import comparing, gathering, keeping
from clearing.services.reconciling.keeping import MOST_READS

__all__ = ["MOST_READS", "look"]
SEARCH = suspecting.Search(
    "differences",
    rules=lambda: f"1 {timezone.now():%Y-%m-%d}",
    changed=gathering.changed,
    found=lambda notes: [
        row for books in gathering.books_of(notes) for row in comparing.of_note(books)
    ],
    keep=keeping.keep,
)


def look(now: datetime) -> bool:
    """Compare one slice of credit notes; False if there was nothing to compare."""
    return suspecting.step(SEARCH, now)
