"""One pair as asked for, and what Light may show of it: the values the tables are made of."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from clearing import usable
from clearing.deciding import (
    Content,
    DraftLine,
    Invoice,
    LinkSeen,
    Note,
    Observation,
    Payment,
    digest,
)

CN, INV, OTHER_CN, OTHER_INV = (UUID(int=n) for n in (1, 2, 3, 4))
ENTITY, VENDOR, DOCUMENT = UUID(int=10), UUID(int=11), UUID(int=12)
ALL_STATES = sorted(usable.USABLE | usable.USABLE_WITH_WARNING | usable.NEVER.keys())
KINDS = ("link", "amend", "unlink", "archive", "reverse", "post")

NOTE = Note(CN, "CN-1", "POSTED", ENTITY, VENDOR, "EUR", 10_000, True)
INVOICE = Invoice(INV, "INV-1", "VENDOR_INVOICE", "IN_DRAFT", ENTITY, VENDOR, "EUR", 10_000, 10_000)
LINE = DraftLine(10_000, "C", 1_900, "C", 11_900, "C", "Returned goods")
DAY = date(2026, 10, 5)
DRAFT = replace(NOTE, status="DRAFT", day=DAY, lines=(LINE,))
PAIR = LinkSeen(CN, INV, 4_000)
CLEARED = Payment("CN", DOCUMENT, CN, 4_000)


def content(kind="link", **over):
    fields = {
        "kind": kind, "credit_note_id": CN, "invoice_payable_id": INV, "clearing_id": None,
        "amount": 4_000, "previous_amount": None, "currency": "EUR", "entity_id": ENTITY,
        "vendor_id": VENDOR, "credit_note_amount": 10_000, "invoice_amount": 10_000,
        "of_draft": False,
    }  # fmt: skip
    special = {
        "amend": {"amount": 6_000, "previous_amount": 4_000},
        "archive": {"invoice_payable_id": None, "invoice_amount": None, "amount": 10_000},
        "reverse": {"clearing_id": DOCUMENT},
        "post": {
            "invoice_payable_id": None,
            "invoice_amount": None,
            "amount": 10_000,
            "lines": digest([LINE]),
            "day": DAY,
        },
    }
    return Content(**fields | special.get(kind, {}) | over)


def seen(links=(), *, note=NOTE, invoice=INVOICE, on_invoice=None, **over):
    """One look; a link given once is listed on both sides."""
    both = tuple(links)
    on_invoice = tuple(on_invoice) if on_invoice is not None else both
    return Observation(note, invoice, both, on_invoice, **over)


def archive_look(status, links=()):
    return seen(links, note=replace(NOTE, status=status), invoice=None)


FITTING = {
    "link": seen(),
    "amend": seen([PAIR]),
    "unlink": seen([PAIR]),
    "archive": seen(invoice=None),
    "reverse": seen(invoice=replace(INVOICE, state="PARTIALLY_PAID"), payments=(CLEARED,)),
    "post": seen(note=DRAFT, invoice=None),
}
