"""Links: a promise that a credit note clears an invoice when that is posted.

Amounts are integers in the currency's smallest unit.
"""

from __future__ import annotations

from clearing.sandbox import balances, ledger
from clearing.sandbox.errors import bad_request, conflict, not_found, unprocessable
from clearing.sandbox.records import Record
from clearing.sandbox.records import link as new_link
from clearing.sandbox.store import Store
from clearing.sandbox.switches import DeleteLinkOfPosted, ExistingPair, LinkOnPosted


def link(store: Store, note_id: str, invoice_id: str, amount: int) -> Record:
    """POST …/{cn}/invoice-payables/{inv}: promise, or clear at once if the invoice is posted."""
    note = ledger.need(store, "credit_note", note_id)
    invoice = ledger.need(store, "invoice", invoice_id)
    if amount <= 0:
        raise bad_request("must be greater than 0", "amount")
    existing = _active(store, note_id, invoice_id)
    if existing and store.switches.existing_pair is ExistingPair.REFUSE:
        raise conflict("The credit note is already linked to this invoice payable.")
    _check_pair(store, note, invoice)
    if existing:
        adds = store.switches.existing_pair is ExistingPair.ADD
        return change_amount(store, note_id, invoice_id, amount + adds * existing["amount"])
    _check_balances(store, note, invoice, amount, already=0)
    if balances.in_ledger(invoice):
        return _link_posted(store, note, invoice, amount)
    row = store.put("link", _new_row(store, note, invoice, amount))
    _touch(store, note_id, invoice_id)
    return row


def change_amount(store: Store, note_id: str, invoice_id: str, amount: int) -> Record:
    """PATCH …/{cn}/invoice-payables/{inv}: another amount for an active link."""
    note = ledger.need(store, "credit_note", note_id)
    invoice = ledger.need(store, "invoice", invoice_id)
    if amount <= 0:
        raise bad_request("must be greater than 0", "amount")
    existing = _active(store, note_id, invoice_id)
    if existing is None:
        raise _no_active_link(store, note_id, invoice_id)
    _check_balances(store, note, invoice, amount, already=existing["amount"])
    row = {**existing, "amount": amount, "updatedAt": store.clock.stamp()}
    store.put("link", row)
    _touch(store, note_id, invoice_id)
    return row


def unlink(store: Store, note_id: str, invoice_id: str) -> None:
    """DELETE …/{cn}/invoice-payables/{inv}: remove a promise."""
    ledger.need(store, "credit_note", note_id)
    ledger.need(store, "invoice", invoice_id)
    if _active(store, note_id, invoice_id):
        store.remove("link", f"{note_id}/{invoice_id}")
        _touch(store, note_id, invoice_id)
        return
    allowed = store.switches.delete_link_of_posted is DeleteLinkOfPosted.ALLOW
    if not allowed or not _was_used(store, note_id, invoice_id):
        raise _no_active_link(store, note_id, invoice_id)
    if _cleared(store, note_id, invoice_id):
        ledger.reverse_clearing(store, invoice_id, note_id, "CN")
    else:
        store.remove("link", f"{note_id}/{invoice_id}")


def _active(store: Store, note_id: str, invoice_id: str) -> Record | None:
    row = store.get("link", f"{note_id}/{invoice_id}")
    return row if row and balances.is_active(store, row) else None


def _cleared(store: Store, note_id: str, invoice_id: str) -> bool:
    rows = balances.clearings(store, "invoicePayableId", invoice_id)
    return any(row["creditNoteId"] == note_id for row in rows)


def _was_used(store: Store, note_id: str, invoice_id: str) -> bool:
    """A link row that is no longer active, or the clearing it led to."""
    row = store.get("link", f"{note_id}/{invoice_id}")
    return row is not None or _cleared(store, note_id, invoice_id)


def _no_active_link(store: Store, note_id: str, invoice_id: str) -> Exception:
    if _was_used(store, note_id, invoice_id):
        return conflict("The invoice payable is posted. Reverse the clearing instead.")
    return not_found("Link between credit note and invoice payable")


def _check_pair(store: Store, note: Record, invoice: Record) -> None:
    linkable = {"POSTED"}
    if store.switches.partially_cleared_linkable:
        linkable.add("PARTIALLY_CLEARED")
    if note["status"] not in linkable:
        raise unprocessable(f"The credit note must be POSTED; it is {note['status']}.")
    if note["_toBeAdjusted"] != "AP":
        raise unprocessable("The credit note does not adjust invoice payables.")
    if invoice["state"] in ledger.DEAD_STATES:
        raise unprocessable(f"The invoice payable is {invoice['state']}.")
    for ours, theirs, words in (
        ("companyEntityId", "companyEntityId", "company entity"),
        ("businessPartnerId", "vendorId", "vendor"),
        ("currency", "currency", "currency"),
    ):
        if note[ours] is None or note[ours] != invoice[theirs]:
            raise unprocessable(f"Both documents must have the same {words}.")
    refuses = store.switches.link_on_posted is LinkOnPosted.REFUSE
    if refuses and balances.in_ledger(invoice):
        raise unprocessable("The invoice payable is already posted.")


def _check_balances(store: Store, note: Record, invoice: Record, amount: int, already: int) -> None:
    """`already` is what this pair's link holds now and may use again."""
    if amount > balances.credit_available(store, note) + already:
        raise unprocessable("The amount exceeds the available balance of the credit note.")
    if amount > balances.invoice_available(store, invoice) + already:
        raise unprocessable("The amount exceeds the available balance of the invoice payable.")


def _new_row(store: Store, note: Record, invoice: Record, amount: int) -> Record:
    stamp = store.clock.stamp()
    return new_link(
        creditNoteId=note["id"],
        invoicePayableId=invoice["id"],
        amount=amount,
        currency=note["currency"],
        createdAt=stamp,
        updatedAt=stamp,
    )


def _link_posted(store: Store, note: Record, invoice: Record, amount: int) -> Record:
    row = store.put("link", {**_new_row(store, note, invoice, amount), "_settled": True})
    if store.switches.link_on_posted is LinkOnPosted.NOTHING:
        return row
    ledger.clear(store, note["id"], invoice["id"], amount)
    ledger.complete_if_cleared(store, invoice["id"])
    scheduled = invoice.get("_scheduledAmount")
    if scheduled is not None and store.switches.link_lowers_scheduled_payment:
        left = balances.ledger_balance(store, invoice)
        store.change("invoice", invoice["id"], _scheduledAmount=min(scheduled, left))
    return row


def _touch(store: Store, note_id: str, invoice_id: str) -> None:
    if store.switches.link_touches_updated_at:
        store.change("credit_note", note_id)
        store.change("invoice", invoice_id)
