"""What another user of Light does behind our back: each action by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from clearing.sandbox import drafting, ledger, linking, papers, records
from clearing.sandbox.errors import bad_request
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store, key_of

BUILDERS: dict[str, tuple[str, Callable[..., Record]]] = {
    "entity": ("entity", records.entity),
    "vendor": ("vendor", records.vendor),
    "ledger_account": ("ledger_account", records.ledger_account),
    "user": ("user", records.user),
    "credit_note": ("credit_note", records.credit_note),
    "invoice_payable": ("invoice", records.invoice_payable),
    "link": ("link", records.link),
    "clearing": ("clearing", records.clearing),
}
LONGEST = 2_000  # characters of a text that the list of acts keeps
CREATED_KEYS = {"invoice": "invoiceCreatedAt", "vendor": "vendorCreatedAt"}


def act(store: Store, action: str, by: str, given: dict[str, Any]) -> Record:
    """Do it in one transaction and note who did it; the answer is what came of it."""
    if action not in ACTIONS:
        raise bad_request(f"There is no action {action}.", "action")
    with store.transaction():
        try:
            result = ACTIONS[action](store, **given)
        except (KeyError, TypeError, ValueError) as error:
            raise bad_request(f"{action} does not take these values: {error}") from error
        store.put(
            "act",
            {
                "id": str(uuid4()),
                "as": by,
                "action": action,
                "given": {name: _short(value) for name, value in given.items()},
                "at": store.clock.stamp(),
            },
        )
    return result or {}


def _short(value: Any) -> Any:
    """A file's content is not kept twice."""
    return f"{value[:60]}…" if isinstance(value, str) and len(value) > LONGEST else value


def post_invoice(store: Store, invoicePayable: str) -> Record:
    return ledger.post_invoice(store, invoicePayable)


def link(store: Store, creditNote: str, invoicePayable: str, amount: int) -> Record:
    return linking.link(store, creditNote, invoicePayable, amount)


def change_link(store: Store, creditNote: str, invoicePayable: str, amount: int) -> Record:
    return linking.change_amount(store, creditNote, invoicePayable, amount)


def unlink(store: Store, creditNote: str, invoicePayable: str) -> None:
    linking.unlink(store, creditNote, invoicePayable)


def post_credit_note(store: Store, creditNote: str) -> Record:
    return drafting.post(store, creditNote)


def delete_line(store: Store, creditNote: str, line: str) -> None:
    drafting.delete_line(store, creditNote, line)


def archive(store: Store, creditNote: str) -> Record:
    return drafting.archive(store, creditNote)


def edit_credit_note(store: Store, creditNote: str, **fields: Any) -> Record:
    """Set any fields, whatever the status."""
    return _edit(store, "credit_note", creditNote, fields)


def edit_invoice(store: Store, invoicePayable: str, **fields: Any) -> Record:
    """Set any fields, whatever the state."""
    return _edit(store, "invoice", invoicePayable, fields)


def edit_vendor(store: Store, vendor: str, **fields: Any) -> Record:
    if store.get("vendor", vendor) is None:
        raise KeyError(vendor)
    return _edit(store, "vendor", vendor, fields)


def _edit(store: Store, kind: str, key: str, fields: dict[str, Any]) -> Record:
    record = store.get(kind, key) if kind == "vendor" else ledger.need(store, kind, key)
    unknown = fields.keys() - (record or {}).keys()
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    return store.change(kind, key, **fields)


def set_state(store: Store, invoicePayable: str, state: str) -> Record:
    """A new state without what Light would do on the way there: nothing is cleared."""
    return _edit(store, "invoice", invoicePayable, {"state": state})


def set_status(store: Store, creditNote: str, status: str) -> Record:
    """A new status without anything else."""
    return _edit(store, "credit_note", creditNote, {"status": status})


def pay(store: Store, invoicePayable: str, amount: int | None = None) -> None:
    ledger.pay(store, invoicePayable, amount)


def schedule_payment(store: Store, invoicePayable: str, at: str) -> None:
    ledger.schedule_payment(store, invoicePayable, at)


def reverse_clearing(
    store: Store, invoicePayable: str, accountingDocument: str, type: str, archive: bool = False
) -> None:
    """`accountingDocument` is a bank payment's document, or a credit note's id of either kind."""
    rows = ledger.reverse_clearing(store, invoicePayable, accountingDocument, type)
    for note in sorted({row["creditNoteId"] for row in rows if archive and row["creditNoteId"]}):
        drafting.archive(store, note)


def add(store: Store, kind: str, **fields: Any) -> Record:
    """A record from its builder, created now unless it says otherwise."""
    name, build = BUILDERS[kind]
    record = build(**fields)
    stamp = store.clock.stamp()
    for key in (CREATED_KEYS.get(name, "createdAt"), "updatedAt"):
        if key in record and key not in fields:
            record[key] = stamp
    if name == "credit_note" and record["businessPartnerName"] is None:
        vendor = store.get("vendor", record["businessPartnerId"] or "")
        record["businessPartnerName"] = vendor["name"] if vendor else None
    return store.put(name, record)


def remove(store: Store, id: str) -> None:
    """Take a credit note or an invoice out of the books, with its links and clearings."""
    record = store.document(id)
    if record is None:
        raise KeyError(id)
    if store.get("file", id):
        store.remove("file", id)
    store.remove(_kind(store, id), id)
    for row_kind in ("link", "clearing"):
        for row in store.all(row_kind):
            if id in (row["creditNoteId"], row["invoicePayableId"]):
                store.remove(row_kind, key_of(row_kind, row))


def _kind(store: Store, id: str) -> str:
    return "credit_note" if store.get("credit_note", id) else "invoice"


def set_document(
    store: Store,
    id: str,
    content_base64: str = "",
    content_type: str = papers.PDF,
    size: int = 0,
) -> Record:
    """Another file as the paper of a credit note or an invoice; see papers.attach."""
    record = ledger.need(store, _kind(store, id), id)
    return papers.attach(store, record, content_base64, content_type, size)


def remove_document(store: Store, id: str) -> None:
    kind = _kind(store, id)
    papers.detach(store, kind, ledger.need(store, kind, id))


ACTIONS: dict[str, Callable[..., Record | None]] = {
    function.__name__: function
    for function in (
        post_invoice,
        link,
        change_link,
        unlink,
        post_credit_note,
        delete_line,
        archive,
        edit_credit_note,
        edit_invoice,
        edit_vendor,
        set_state,
        set_status,
        pay,
        schedule_payment,
        reverse_clearing,
        add,
        remove,
        set_document,
        remove_document,
    )
}
