"""What a form of the sandbox's page does: another user's act, by the names of acts.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clearing.sandbox import amounts, balances, fields, ledger
from clearing.sandbox.acts import act
from clearing.sandbox.errors import bad_request, unprocessable
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store

BY = "The sandbox's page"
Form = dict[str, str]

STATES = (
    *("INIT", "CREATED", "IMPORT_PENDING", "IN_DRAFT", "APPROVAL_REQUESTED", "APPROVAL_PENDING"),
    *("APPROVED_ACCOUNTING_ENTRY_PENDING", "UNPAID", "PARTIALLY_PAID"),
    *("READY_FOR_PAYMENT_RELEASE", "PENDING_PAYMENT_APPROVAL", "SCHEDULED", "PAYMENT_PAUSED"),
    *("PAYMENT_PENDING", "PAID", "COMPLETED", "RESET_PENDING", "CANCELLATION_PENDING"),
    *("CANCELLED", "DECLINED", "DUPLICATED"),
)
STATUSES = ("DRAFT", "POSTED", "PARTIALLY_CLEARED", "CLEARED", "ARCHIVED")


def do(store: Store, form: Form) -> str:
    """Do it, all or nothing; the id of the act that tells of it. A ValueError is a sentence."""
    deed = DEEDS.get(form.get("do", ""))
    if deed is None:
        raise bad_request("There is no such action.")
    with store.transaction():
        deed(store, form)
        return str(store.all("act")[-1]["id"])


def _does(action: str, *names: str) -> Callable[[Store, Form], None]:
    """An act that takes these fields as they are."""

    def deed(store: Store, form: Form) -> None:
        act(store, action, BY, {name: _field(form, name) for name in names})

    return deed


def _field(form: Form, name: str) -> str:
    if not form.get(name):
        raise bad_request("must not be empty", name)
    return form[name]


def _note(store: Store, form: Form) -> Record:
    return ledger.need(store, "credit_note", _field(form, "creditNote"))


def _invoice(store: Store, form: Form) -> Record:
    return ledger.need(store, "invoice", _field(form, "invoicePayable"))


def _set_state(store: Store, form: Form) -> None:
    state = _field(form, "state")
    if state not in STATES:
        raise bad_request("is no state of an invoice payable", "state")
    act(store, "set_state", BY, {"invoicePayable": _invoice(store, form)["id"], "state": state})


def _set_status(store: Store, form: Form) -> None:
    status = _field(form, "status")
    if status not in STATUSES:
        raise bad_request("is no status of a credit note", "status")
    act(store, "set_status", BY, {"creditNote": _note(store, form)["id"], "status": status})


def _edit_credit_note(store: Store, form: Form) -> None:
    note = _note(store, form)
    amount = amounts.read(_field(form, "amount"), note["currency"])
    act(store, "edit_credit_note", BY, {"creditNote": note["id"], "amount": amount})


def _edit_invoice(store: Store, form: Form) -> None:
    invoice = _invoice(store, form)
    amount = amounts.read(_field(form, "amount"), invoice["currency"])
    act(store, "edit_invoice", BY, {"invoicePayable": invoice["id"], "amount": amount})


def _change_link(store: Store, form: Form) -> None:
    note, invoice = _note(store, form), _invoice(store, form)
    amount = amounts.read(_field(form, "amount"), note["currency"])
    given = {"creditNote": note["id"], "invoicePayable": invoice["id"], "amount": amount}
    act(store, "change_link", BY, given)


def _pay(store: Store, form: Form) -> None:
    """A bank payment of a posted invoice, at most over what is open."""
    invoice = _invoice(store, form)
    amount = amounts.read(_field(form, "amount"), invoice["currency"])
    left = balances.ledger_balance(store, invoice)
    if not 0 < amount <= left:
        open_ = amounts.text(left, invoice["currency"])
        raise unprocessable(f"A payment is more than 0 and at most what is open, {open_}.")
    act(store, "pay", BY, {"invoicePayable": invoice["id"], "amount": amount})


def _pay_in_full(store: Store, form: Form) -> None:
    """The whole invoice by bank; of one that was not posted, whatever credit is promised."""
    invoice = _invoice(store, form)
    key = {"invoicePayable": invoice["id"]}
    if invoice["state"] in ledger.DEAD_STATES:
        raise unprocessable(f"The invoice payable is {invoice['state']}.")
    left = balances.ledger_balance(store, invoice)
    if left <= 0:
        raise unprocessable("Nothing is open on this invoice payable.")
    if not balances.in_ledger(invoice):
        act(store, "set_state", BY, {**key, "state": "UNPAID"})
    act(store, "pay", BY, {**key, "amount": left})


def _schedule_payment(store: Store, form: Form) -> None:
    given: dict[str, Any] = {"invoicePayable": _invoice(store, form)["id"]}
    given["at"] = fields.day(_field(form, "at"), "payment date")
    act(store, "schedule_payment", BY, given)


DEEDS: dict[str, Callable[[Store, Form], None]] = {
    "post_invoice": _does("post_invoice", "invoicePayable"),
    "pay_in_full": _pay_in_full,
    "pay": _pay,
    "schedule_payment": _schedule_payment,
    "set_state": _set_state,
    "edit_invoice": _edit_invoice,
    "post_credit_note": _does("post_credit_note", "creditNote"),
    "delete_line": _does("delete_line", "creditNote", "line"),
    "set_document": _does("set_document", "id"),
    "remove_document": _does("remove_document", "id"),
    "archive": _does("archive", "creditNote"),
    "set_status": _set_status,
    "edit_credit_note": _edit_credit_note,
    "change_link": _change_link,
    "unlink": _does("unlink", "creditNote", "invoicePayable"),
    "reverse_clearing": _does("reverse_clearing", "invoicePayable", "accountingDocument", "type"),
}
