"""What happens in the ledger: clearing, posting an invoice, paying it, reversing a clearing."""

from __future__ import annotations

from uuid import uuid4

from clearing.sandbox import balances
from clearing.sandbox.errors import conflict, not_found, unprocessable
from clearing.sandbox.records import Record
from clearing.sandbox.records import clearing as new_clearing
from clearing.sandbox.store import Store

DEAD_STATES = frozenset({"CANCELLED", "CANCELLATION_PENDING", "DECLINED", "DUPLICATED"})


def need(store: Store, kind: str, key: str) -> Record:
    """The record, or 404."""
    record = store.get(kind, key)
    if record is None:
        raise not_found({"credit_note": "Credit note", "invoice": "Invoice payable"}[kind])
    return record


def clear(store: Store, note_id: str, invoice_id: str, amount: int) -> None:
    """Book a credit note against a posted invoice, today."""
    note = need(store, "credit_note", note_id)
    store.put(
        "clearing",
        new_clearing(
            invoicePayableId=invoice_id,
            type="CN",
            amount=amount,
            currency=note["currency"],
            paymentDate=store.clock.today().isoformat(),
            accountingDocumentId=note["_accountingDocumentId"],
            creditNoteId=note_id,
            documentNumber=note["_documentNumber"],
            createdAt=store.clock.stamp(),
        ),
    )
    refresh_note(store, note_id)


def refresh_note(store: Store, note_id: str) -> None:
    """A posted note's status follows from its clearings."""
    note = need(store, "credit_note", note_id)
    used = balances.cleared(store, "creditNoteId", note_id)
    if used == 0:
        status = "POSTED"
    else:
        status = "CLEARED" if used >= (note["amount"] or 0) else "PARTIALLY_CLEARED"
    store.change("credit_note", note_id, status=status)


def post_invoice(store: Store, invoice_id: str, allowed: frozenset[str] | None = None) -> Record:
    """Post, clear its links, maybe allocate unlinked notes; then COMPLETED or UNPAID.

    `allowed` are the states it may come from; None takes every state that is not yet posted.
    """
    invoice = need(store, "invoice", invoice_id)
    if balances.in_ledger(invoice):
        raise conflict("The invoice payable is already posted.")
    if invoice["state"] in DEAD_STATES or (allowed and invoice["state"] not in allowed):
        raise unprocessable(f"An invoice payable in state {invoice['state']} cannot be posted.")
    for field in ("vendorId", "companyEntityId", "amount", "currency"):
        if invoice[field] is None:
            raise unprocessable(f"The invoice payable has no {field}.")
    links = balances.active_links(store, "invoicePayableId", invoice_id)
    store.change("invoice", invoice_id, state="UNPAID")
    for link in links:
        store.put("link", {**link, "_settled": True})
        if store.switches.honour_links:
            _honour(store, link)
    if store.switches.auto_allocation:
        _allocate(store, invoice)
    complete_if_cleared(store, invoice_id)
    return need(store, "invoice", invoice_id)


def _honour(store: Store, link: Record) -> None:
    note = need(store, "credit_note", link["creditNoteId"])
    invoice = need(store, "invoice", link["invoicePayableId"])
    if note["status"] not in ("POSTED", "PARTIALLY_CLEARED"):
        return
    free = (note["amount"] or 0) - balances.cleared(store, "creditNoteId", note["id"])
    amount = min(link["amount"], free, balances.ledger_balance(store, invoice))
    if amount > 0:
        clear(store, note["id"], invoice["id"], amount)


def _allocate(store: Store, invoice: Record) -> None:
    """Light's own allocation: unlinked POSTED notes of the same group, oldest first."""
    group = (invoice["vendorId"], invoice["companyEntityId"], invoice["currency"])
    notes = [
        note
        for note in store.all("credit_note")
        if note["status"] == "POSTED"
        and note["_toBeAdjusted"] == "AP"
        and (note["businessPartnerId"], note["companyEntityId"], note["currency"]) == group
        and not balances.active_links(store, "creditNoteId", note["id"])
    ]
    for note in sorted(notes, key=lambda row: (row["documentDate"] or "", row["id"])):
        free = balances.credit_available(store, note)
        amount = min(free, balances.ledger_balance(store, invoice))
        if amount > 0:
            clear(store, note["id"], invoice["id"], amount)


def complete_if_cleared(store: Store, invoice_id: str) -> None:
    """Nothing left open: COMPLETED. Otherwise the state stays."""
    invoice = need(store, "invoice", invoice_id)
    if balances.ledger_balance(store, invoice) <= 0:
        store.change("invoice", invoice_id, state="COMPLETED")
    else:
        store.change("invoice", invoice_id)


def schedule_payment(store: Store, invoice_id: str, at: str) -> None:
    """Schedule a bank payment over what is open now; `at` is an ISO date or date-time."""
    invoice = need(store, "invoice", invoice_id)
    if not balances.in_ledger(invoice):
        raise unprocessable("Only a posted invoice payable can be scheduled for payment.")
    store.change(
        "invoice",
        invoice_id,
        state="SCHEDULED",
        paymentAt=at if "T" in at else f"{at}T00:00:00Z",
        _scheduledAmount=balances.ledger_balance(store, invoice),
    )


def pay(store: Store, invoice_id: str, amount: int | None = None) -> None:
    """A bank payment: the amount given, else the scheduled one, else all that is open."""
    invoice = need(store, "invoice", invoice_id)
    if not balances.in_ledger(invoice):
        raise unprocessable("Only a posted invoice payable can be paid.")
    if amount is None:
        amount = invoice.get("_scheduledAmount")
    if amount is None:
        amount = balances.ledger_balance(store, invoice)
    store.put(
        "clearing",
        new_clearing(
            invoicePayableId=invoice_id,
            type="BP",
            amount=amount,
            currency=invoice["currency"],
            paymentDate=store.clock.today().isoformat(),
            accountingDocumentId=str(uuid4()),
            createdAt=store.clock.stamp(),
        ),
    )
    left = balances.ledger_balance(store, invoice)
    state = "PARTIALLY_PAID" if left > 0 else "PAID"
    store.change("invoice", invoice_id, state=state, _scheduledAmount=None)


def reverse_clearing(store: Store, invoice_id: str, document_id: str, kind: str) -> list[Record]:
    """Undo what one accounting document (kind BP or CN) cleared on an invoice."""
    invoice = need(store, "invoice", invoice_id)
    rows = [
        row
        for row in balances.clearings(store, "invoicePayableId", invoice_id)
        if row["type"] == kind and document_id in (row["accountingDocumentId"], row["creditNoteId"])
    ]
    if not rows:
        raise not_found("Clearing")
    for row in rows:
        store.put("clearing", {**row, "reversed": True})
    for note_id in {row["creditNoteId"] for row in rows if row["creditNoteId"]}:
        if store.get("link", f"{note_id}/{invoice_id}"):
            store.remove("link", f"{note_id}/{invoice_id}")
        refresh_note(store, note_id)
    left = balances.ledger_balance(store, invoice)
    if left > 0:
        state = "UNPAID" if left == invoice["amount"] else "PARTIALLY_PAID"
        store.change("invoice", invoice_id, state=state)
    else:
        store.change("invoice", invoice_id)
    return rows
