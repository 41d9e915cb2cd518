"""What is still free on a credit note and still open on an invoice, in the books.

All amounts are integers in the currency's smallest unit.
"""

from __future__ import annotations

from clearing.sandbox.records import STATES_IN_LEDGER, Record
from clearing.sandbox.store import Store


def in_ledger(invoice: Record | None) -> bool:
    """Posted; a state nobody knows is not."""
    return invoice is not None and invoice["state"] in STATES_IN_LEDGER


def is_active(store: Store, link: Record) -> bool:
    """A promise not yet used: its invoice is not posted."""
    return not link.get("_settled") and not in_ledger(
        store.get("invoice", link["invoicePayableId"])
    )


def active_links(store: Store, side: str, key: str) -> list[Record]:
    """Promises on one side; `side` is creditNoteId or invoicePayableId. Oldest first."""
    links = [row for row in store.link_rows() if row[side] == key and is_active(store, row)]
    return sorted(links, key=lambda row: row["createdAt"])


def clearings(store: Store, side: str, key: str) -> list[Record]:
    """Facts on one side, without the reversed ones."""
    return [row for row in store.clearing_rows() if row[side] == key and not row["reversed"]]


def cleared(store: Store, side: str, key: str) -> int:
    return sum(row["amount"] for row in clearings(store, side, key))


def promised(store: Store, side: str, key: str) -> int:
    return sum(row["amount"] for row in active_links(store, side, key))


def credit_available(store: Store, note: Record) -> int:
    """Amount minus active links minus CN clearings."""
    side, key = "creditNoteId", note["id"]
    return (note["amount"] or 0) - promised(store, side, key) - cleared(store, side, key)


def ledger_balance(store: Store, invoice: Record) -> int:
    """Amount minus clearings: what the ledger holds open."""
    return (invoice["amount"] or 0) - cleared(store, "invoicePayableId", invoice["id"])


def invoice_available(store: Store, invoice: Record) -> int:
    """What another link may still take: the ledger's balance minus active links."""
    return ledger_balance(store, invoice) - promised(store, "invoicePayableId", invoice["id"])


def outstanding(store: Store, invoice: Record) -> int | None:
    """`outstandingBalance` as GET /v1/invoice-payables/{id} shows it."""
    if invoice["amount"] is None:
        return None
    if store.switches.link_reduces_outstanding:
        return invoice_available(store, invoice)
    return ledger_balance(store, invoice)
