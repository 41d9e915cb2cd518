"""Records as Light shows them: the JSON of openapi.json's schemas, private keys left out."""

from __future__ import annotations

from typing import Any

from clearing.sandbox import balances
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store
from clearing.sandbox.switches import Ids

# Keys whose schema forbids null: left out instead.
NEVER_NULL = frozenset(
    {
        "currency",
        "grossTransactionAmount",
        "netTransactionAmount",
        "taxTransactionAmount",
        "parentCompanyEntityId",
        "seedInvoiceNumber",
    }
)
NOT_IN_LIST = frozenset(
    {
        "invoicePayableId",
        "warningContext",
        "payeeSwedishBankgiroNumber",
        "payeeSwedishPlusgiroNumber",
        "vendorId",
        "vendorDetailsOcr",
        "norKidReference",
        "swissPaymentReference",
        "invoiceCreatedAt",
        "purchaseOrderId",
        "lineItemsIncludeTax",
        "localCurrencyFxRate",
        "groupCurrencyFxRate",
        "lineItems",
        "customProperties",
    }
)
VENDOR_IN_LIST = {
    "vendorId": "vendorId",
    "vatId": "vatId",
    "vendorIdentifier": "identifier",
    "vendorName": "name",
    "vendorAvatarUrl": "avatarUrl",
    "vendorEmail": "email",
    "vendorWebsite": "website",
    "vendorCountry": "country",
    "vendorCity": "city",
    "vendorAddress": "address",
    "vendorZipcode": "zipcode",
    "vendorCurrency": "currency",
    "vendorContractValue": "contractValue",
    "vendorCreatedBy": "createdBy",
}
PENDING_STATES = frozenset({"APPROVAL_REQUESTED", "APPROVAL_PENDING"})


def public(record: Record) -> Record:
    """A record without private keys and without nulls its schema forbids."""
    return {
        key: value
        for key, value in record.items()
        if key[0] != "_" and (value is not None or key not in NEVER_NULL)
    }


def credit_note(note: Record) -> Record:
    return {**public(note), "lines": [public(line) for line in note["lines"]]}


def credit_note_in_list(store: Store, note: Record) -> Record:
    """The same record, whose lines the list may leave out."""
    shown = credit_note(note)
    if not store.switches.lines_in_list:
        del shown["lines"]
    return shown


def invoice_detail(store: Store, invoice: Record, with_balance: bool) -> Record:
    balance = balances.outstanding(store, invoice) if with_balance else None
    return {**public(invoice), "outstandingBalance": balance}


def invoice_in_list(store: Store, invoice: Record) -> Record:
    """ExternalBffInvoicePayableV1Model: no outstanding balance; the currency may be null."""
    row = {key: invoice[key] for key in invoice if key[0] != "_" and key not in NOT_IN_LIST}
    vendor = store.get("vendor", invoice["vendorId"]) if invoice["vendorId"] else None
    entity = store.get("entity", invoice["companyEntityId"] or "")
    details = {key: vendor[name] if vendor else None for key, name in VENDOR_IN_LIST.items()}
    details["vendorId"] = invoice["vendorId"]
    return {
        **row,
        "documentKey": None,
        "version": 1,
        "companyEntityName": entity["name"] if entity else None,
        "vendor": details,
        "createdAt": invoice["invoiceCreatedAt"],
    }


def accounting_status(invoice: Record, cleared: int) -> str:
    """The status of an invoice's accounting document; `cleared` is the sum of its clearings."""
    state = invoice["state"]
    if balances.in_ledger(invoice):
        if cleared == 0:
            return "POSTED"
        return "CLEARED" if cleared >= (invoice["amount"] or 0) else "PARTIALLY_CLEARED"
    if state in PENDING_STATES:
        return "APPROVAL_PENDING"
    if state == "APPROVED_ACCOUNTING_ENTRY_PENDING":
        return "APPROVED"
    return "ARCHIVED" if state in ("CANCELLED", "DUPLICATED") else "DRAFT"


def note_id(note: Record, ids: Ids) -> str:
    return str(note["_accountingDocumentId"] if ids is Ids.ACCOUNTING else note["id"])


def invoice_id(invoice: Record, ids: Ids) -> str:
    key = {Ids.ACCOUNTING: "_accountingDocumentId", Ids.INTERNAL: "invoicePayableId"}
    return str(invoice[key.get(ids, "id")])


def link(store: Store, row: Record) -> Record:
    """ExternalCreditNoteInvoicePayableV1Model; both sides are accounting documents."""
    return {
        "companyId": store.all("company")[0]["id"],
        "creditNote": _note_side(store, row["creditNoteId"]),
        "invoicePayable": _invoice_side(store, row["invoicePayableId"]),
        "amount": row["amount"],
        "currency": row["currency"],
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
    }


def _note_side(store: Store, key: str) -> Record:
    note = store.get("credit_note", key)
    if note is None:
        return {"id": key}
    return public(
        {
            "id": note_id(note, store.switches.ids_in_links),
            "documentNumber": note["_documentNumber"],
            "documentDate": note["documentDate"],
            "status": note["status"],
            "amount": note["amount"],
            "currency": note["currency"],
        }
    )


def _invoice_side(store: Store, key: str) -> Record:
    invoice = store.get("invoice", key)
    if invoice is None:
        return {"id": key}
    cleared = balances.cleared(store, "invoicePayableId", key)
    return public(
        {
            "id": invoice_id(invoice, store.switches.ids_in_links),
            "documentNumber": invoice["invoiceNumber"],
            "documentDate": invoice["issuedDate"],
            "status": accounting_status(invoice, cleared),
            "amount": invoice["amount"],
            "currency": invoice["currency"],
        }
    )


def payment(store: Store, invoice: Record, row: Record) -> Record:
    """ExternalInvoicePayablePaymentV1Model: a bank payment (BP) or a credit note (CN)."""
    entry: dict[str, Any] = {"type": row["type"]}
    entry["accountingDocumentId"] = row["accountingDocumentId"]
    if row["type"] == "CN":
        note = store.get("credit_note", row["creditNoteId"])
        if note:
            entry["accountingDocumentId"] = note_id(note, store.switches.ids_in_links)
        entry |= {"amount": row["amount"], "documentNumber": row["documentNumber"]}
    else:
        entry |= {"bankAccountId": None, "endToEndId": None}
        entry |= {"originalAmount": row["amount"], "originalCurrency": row["currency"]}
    return public(
        {
            "id": row["id"],
            "invoicePayableId": invoice_id(invoice, store.switches.ids_in_links),
            "amount": row["amount"],
            "currency": row["currency"],
            "paymentDate": row["paymentDate"],
            "payment": entry,
            "createdAt": row["createdAt"],
        }
    )
