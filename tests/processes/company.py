"""Light's side before a run: one vendor, and for each kind of line documents of its own."""

from typing import Any

from clearing.sandbox.server import Sandbox
from tests.light_books import StoryBooks

KINDS = ("link", "amend", "unlink", "archive", "post", "reverse", "move")
CREDIT, OWED, LINKED = 10000, 30000, 4000  # cents
# What each kind needs: the note's number, the invoices' numbers.
NOTES = {kind: f"CN-{kind}" for kind in (*KINDS, "other")}
INVOICES = {kind: f"IN-{kind}" for kind in (*KINDS, "other")}
TARGET = "IN-target"  # of the move


def load(sandbox: Sandbox) -> None:
    """The documents, what is linked already, and what Light has cleared."""
    act = sandbox.act
    notes = {row["_documentNumber"]: row["id"] for row in sandbox.books.all("credit_note")}
    invoices = {row["invoiceNumber"]: row["id"] for row in sandbox.books.all("invoice")}
    linked = {"amend": LINKED, "unlink": LINKED, "reverse": CREDIT, "move": CREDIT}
    for kind, amount in linked.items():
        pair = {"creditNote": notes[NOTES[kind]], "invoicePayable": invoices[INVOICES[kind]]}
        act("link", **pair, amount=amount)
    for kind in ("reverse", "move"):
        act("post_invoice", invoicePayable=invoices[INVOICES[kind]])


def dataset() -> dict[str, Any]:
    """Credit notes of EUR 100.00, a month between any two, and draft invoices of EUR 300.00."""
    story = StoryBooks()
    return story.dataset(
        credit_notes=[
            story.note(
                number,
                CREDIT,
                "EUR",
                _pdf=None,
                documentDate=f"2026-{month:02}-01",
                status="DRAFT" if kind == "post" else "POSTED",
            )
            for month, (kind, number) in enumerate(NOTES.items(), start=1)
        ],
        invoice_payables=[
            story.invoice(number, OWED, "EUR", _pdf=None) for number in (*INVOICES.values(), TARGET)
        ],
    )
