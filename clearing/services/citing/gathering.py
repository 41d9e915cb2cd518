"""What was found in texts and PDF as the keys that the engine reads, the best place first."""

from typing import Any

from clearing.matching import numbers
from clearing.models import Citation, CreditNote

MOST_KEYS = 80  # of one credit note
CLOSED = ("CLEARED", "ARCHIVED")  # nothing is left of them, whatever they cite


def keys_of(citation: Citation, own: str) -> str:
    """Every key once, without those of the credit note's own number."""
    whole = numbers.key(own)
    mine = {whole, *numbers.forms(whole)}
    found: list[list[Any]] = [*citation.in_texts, *citation.in_pdf]
    keys = dict.fromkeys(key for key, _place, _page, _words in found if key not in mine)
    return " ".join(list(keys)[:MOST_KEYS])


def is_closed(note: CreditNote) -> bool:
    return note.status in CLOSED or note.gone_at is not None
