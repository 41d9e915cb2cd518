"""One function per call of Light's API: (sandbox's books, request, ids of the path) -> answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clearing.sandbox import accounting, balances, drafting, fields, ledger, linking, listings, wire
from clearing.sandbox.errors import bad_request, not_found
from clearing.sandbox.lists import Listing, page
from clearing.sandbox.messages import Request, Response, answer, nothing
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store

Handler = Callable[..., Response]

POSTABLE = frozenset({"IN_DRAFT"})
APPROVABLE = frozenset({"APPROVAL_REQUESTED", "APPROVAL_PENDING"})


def _listed(
    request: Request,
    listing: Listing,
    rows: list[Record],
    show: Callable[[Record], Record] = wire.public,
) -> Response:
    return answer(page(listing, rows, request.query).body(show))


def _flag(request: Request, name: str) -> bool:
    value = request.query.get(name, "false")
    if value not in ("true", "false"):
        raise bad_request("must be true or false", name)
    return value == "true"


def company(store: Store, request: Request) -> Response:
    return answer(wire.public(store.all("company")[0]))


def entities(store: Store, request: Request) -> Response:
    return _listed(request, listings.entities(), store.all("entity"))


def vendors(store: Store, request: Request) -> Response:
    """`searchTerm` looks into name, identifier and VAT id."""
    term = request.query.get("searchTerm", "").casefold()
    rows = [
        row
        for row in store.all("vendor")
        if any(term in (row[key] or "").casefold() for key in ("name", "identifier", "vatId"))
    ]
    return _listed(request, listings.vendors(), rows)


def vendor(store: Store, request: Request, key: str) -> Response:
    row = store.get("vendor", key)
    if row is None:
        raise not_found("Vendor")
    return answer(wire.public(row))


def ledger_accounts(store: Store, request: Request) -> Response:
    return _listed(request, listings.ledger_accounts(), store.all("ledger_account"))


def users(store: Store, request: Request) -> Response:
    return _listed(request, listings.users(), store.all("user"))


def accounting_documents(store: Store, request: Request) -> Response:
    return _listed(request, accounting.listing(store), accounting.rows(store))


def invoice_approvals(store: Store, request: Request) -> Response:
    """This company keeps no approval records."""
    return answer([])


def credit_notes(store: Store, request: Request) -> Response:
    def show(row: Record) -> Record:
        return wire.credit_note_in_list(store, row)

    return _listed(request, listings.credit_notes(), store.all("credit_note"), show)


def credit_note(store: Store, request: Request, key: str) -> Response:
    return answer(wire.credit_note(ledger.need(store, "credit_note", key)))


def create_credit_note(store: Store, request: Request) -> Response:
    body = fields.parse(request.body)
    lines = [
        fields.read(line, fields.LINE) for line in fields.objects(body.get("lines") or [], "lines")
    ]
    given = fields.read(body, fields.CREDIT_NOTE)
    for name in ("currency", "documentDate"):
        fields.required(body, name, fields.CREDIT_NOTE[name])
    return answer(wire.credit_note(drafting.create(store, given, lines)))


def create_from_invoice(store: Store, request: Request, key: str) -> Response:
    return answer(wire.credit_note(drafting.create_from_invoice(store, key)))


def change_credit_note(store: Store, request: Request, key: str) -> Response:
    ledger.need(store, "credit_note", key)
    given = fields.read(fields.parse(request.body), fields.CREDIT_NOTE)
    return answer(wire.credit_note(drafting.change(store, key, given)))


def add_line(store: Store, request: Request, key: str) -> Response:
    ledger.need(store, "credit_note", key)
    given = fields.read(fields.parse(request.body), fields.LINE)
    return answer(wire.public(drafting.add_line(store, key, given)))


def change_line(store: Store, request: Request, key: str, line: str) -> Response:
    ledger.need(store, "credit_note", key)
    given = fields.read(fields.parse(request.body), fields.LINE)
    return answer(wire.public(drafting.change_line(store, key, line, given)))


def delete_line(store: Store, request: Request, key: str, line: str) -> Response:
    drafting.delete_line(store, key, line)
    return nothing()


def post_credit_note(store: Store, request: Request, key: str) -> Response:
    return answer(wire.credit_note(drafting.post(store, key)))


def archive_credit_note(store: Store, request: Request, key: str) -> Response:
    return answer(wire.credit_note(drafting.archive(store, key)))


def _links(store: Store, side: str, key: str) -> Response:
    shown = [
        wire.link(store, row)
        for row in store.link_rows()
        if row[side] == key
        and (store.switches.posted_link_listed or balances.is_active(store, row))
    ]
    return answer(shown)


def links_of_credit_note(store: Store, request: Request, key: str) -> Response:
    ledger.need(store, "credit_note", key)
    return _links(store, "creditNoteId", key)


def links_of_invoice(store: Store, request: Request, key: str) -> Response:
    ledger.need(store, "invoice", key)
    return _links(store, "invoicePayableId", key)


def _amount(store: Store, request: Request, key: str, invoice: str) -> int:
    ledger.need(store, "credit_note", key)
    ledger.need(store, "invoice", invoice)
    amount: int = fields.required(fields.parse(request.body), "amount", fields.amount)
    return amount


def link(store: Store, request: Request, key: str, invoice: str) -> Response:
    amount = _amount(store, request, key, invoice)
    return answer(wire.link(store, linking.link(store, key, invoice, amount)))


def change_link(store: Store, request: Request, key: str, invoice: str) -> Response:
    amount = _amount(store, request, key, invoice)
    return answer(wire.link(store, linking.change_amount(store, key, invoice, amount)))


def unlink(store: Store, request: Request, key: str, invoice: str) -> Response:
    linking.unlink(store, key, invoice)
    return nothing()


def invoice_payables(store: Store, request: Request) -> Response:
    def show(row: Record) -> Record:
        return wire.invoice_in_list(store, row)

    return _listed(request, listings.invoice_payables(store), store.all("invoice"), show)


def invoice_payable(store: Store, request: Request, key: str) -> Response:
    with_balance = _flag(request, "includeOutstandingBalance")
    return answer(wire.invoice_detail(store, ledger.need(store, "invoice", key), with_balance))


def payments(store: Store, request: Request, key: str) -> Response:
    """What has cleared it; reversed clearings are left out."""
    invoice = ledger.need(store, "invoice", key)
    rows = balances.clearings(store, "invoicePayableId", key)
    return answer([wire.payment(store, invoice, row) for row in rows])


def post_invoice(store: Store, request: Request, key: str) -> Response:
    invoice = ledger.post_invoice(store, key, POSTABLE)
    return answer(wire.invoice_detail(store, invoice, with_balance=False))


def approve_invoice(store: Store, request: Request, key: str) -> Response:
    """The last approval posts the invoice."""
    ledger.need(store, "invoice", key)
    given: dict[str, Any] = fields.parse(request.body) if request.body else {}
    note = fields.read(given, {"note": fields.text}).get("note")
    ledger.post_invoice(store, key, APPROVABLE)
    invoice = store.change("invoice", key, approvalNote=note)
    return answer(wire.invoice_detail(store, invoice, with_balance=False))


def reverse_clearing(store: Store, request: Request, key: str) -> Response:
    """`shouldArchiveClearingDocument` archives the credit note too, if nothing else uses it."""
    ledger.need(store, "invoice", key)
    body = fields.parse(request.body)
    document = fields.required(body, "clearingAccountingDocumentId", fields.uuid)
    kind = fields.required(body, "clearingType", fields.text)
    if kind not in ("BP", "CN"):
        raise bad_request("must be BP or CN", "clearingType")
    archive = body.get("shouldArchiveClearingDocument")
    wanted = archive is not None and fields.flag(archive, "shouldArchiveClearingDocument")
    rows = ledger.reverse_clearing(store, key, document, kind)
    for note in sorted({row["creditNoteId"] for row in rows if wanted and row["creditNoteId"]}):
        drafting.archive(store, note)
    invoice = ledger.need(store, "invoice", key)
    return answer(wire.invoice_detail(store, invoice, with_balance=False))
