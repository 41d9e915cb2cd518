"""GET /v1/accounting-documents/accounting-documents: every document in one list.

It is the only list that carries a credit note's document number.
"""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter

from clearing.sandbox import wire
from clearing.sandbox.listings import absent, own
from clearing.sandbox.lists import Field, Listing
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store
from clearing.sandbox.switches import Ids


def listing(store: Store) -> Listing:
    """Over the rows of `rows`."""
    adjusts = {"cnToBeAdjustedAccDocType": Field(itemgetter("_toBeAdjusted"))}
    return Listing(
        name="accounting-documents",
        filters={
            **own("uuid", "id companyEntityId businessPartnerId"),
            **own("text", "documentSequenceId documentNumber documentType"),
            **own("text", "businessPartnerName status currency"),
            **own("day", "documentDate"),
            **own("moment", "createdAt updatedAt"),
            "postingDate": Field(itemgetter("_postingDate"), "day"),
            "valuationDate": Field(itemgetter("_postingDate"), "day"),
            "apDueDate": Field(itemgetter("_dueDate"), "day"),
            "apState": Field(itemgetter("_state")),
            "apVendorId": Field(itemgetter("_vendorId"), "uuid"),
            **({} if store.switches.refuse_cn_adjust_filter else adjusts),
            **absent("ledgerName createdBy intercompanyDocumentId arContractId arDueDate"),
            **absent("arCustomerId arInvoiceTemplateId arPayeeBankAccountId arOpenedAt"),
            **absent("arState ctCardId ctCardBalanceAccountId ctStatus ctPerformedAt"),
            **absent("intercompanyJournalEntryId ycAccountingYearId accountCode"),
            **absent("accountLabel taxCode"),
        },
        sorts={
            **own("text", "companyEntityId documentSequenceId documentDate"),
            **own("text", "businessPartnerName status description documentNumber"),
            **own("moment", "createdAt"),
            "postingDate": Field(itemgetter("_postingDate")),
            "valuationDate": Field(itemgetter("_postingDate")),
            **absent("createdBy arDueDate arOpenedAt ctPerformedAt ctStatus ctAmount ccAmount"),
        },
        order=itemgetter("createdAt"),
        key=itemgetter("id"),
    )


def rows(store: Store) -> list[Record]:
    """ExternalAccountingDocumentWithAmountV1Model of every note, invoice and bank payment."""
    cleared: dict[str, int] = defaultdict(int)
    found = [
        _note_row(note, store.switches.ids_in_documents_list) for note in store.all("credit_note")
    ]
    for row in store.clearing_rows():
        if not row["reversed"]:
            cleared[row["invoicePayableId"]] += row["amount"]
            if row["type"] == "BP":
                found.append(_payment_row(store, row))
    for invoice in store.all("invoice"):
        found.append(_invoice_row(store, invoice, cleared[invoice["id"]]))
    return found


def _note_row(note: Record, ids: Ids) -> Record:
    return {
        "id": wire.note_id(note, ids),
        "companyId": note["companyId"],
        "companyEntityId": note["companyEntityId"],
        "documentSequenceId": None,
        "documentNumber": note["_documentNumber"],
        "documentType": "CN",
        "status": note["status"],
        "description": note["description"],
        "documentDate": note["documentDate"],
        "areLinesWithTax": note["areLinesWithTax"],
        "businessPartnerName": note["businessPartnerName"],
        "businessPartnerId": note["businessPartnerId"],
        "createdAt": note["createdAt"],
        "updatedAt": note["updatedAt"],
        **_total(note["amount"], "D"),
        "currency": note["currency"],
        "_toBeAdjusted": note["_toBeAdjusted"],
        "_postingDate": note["postingDate"],
        **dict.fromkeys(("_dueDate", "_state", "_vendorId")),
    }


def _invoice_row(store: Store, invoice: Record, cleared: int) -> Record:
    vendor = store.get("vendor", invoice["vendorId"]) if invoice["vendorId"] else None
    return {
        "id": wire.invoice_id(invoice, store.switches.ids_in_documents_list),
        "companyId": invoice["companyId"],
        "companyEntityId": invoice["companyEntityId"],
        "documentSequenceId": None,
        "documentNumber": invoice["invoiceNumber"],
        "documentType": "AP",
        "status": wire.accounting_status(invoice, cleared),
        "description": invoice["description"],
        "documentDate": invoice["issuedDate"],
        "areLinesWithTax": bool(invoice["lineItemsIncludeTax"]),
        "businessPartnerName": vendor["name"] if vendor else None,
        "businessPartnerId": invoice["vendorId"],
        "createdAt": invoice["invoiceCreatedAt"],
        "updatedAt": invoice["updatedAt"],
        **_total(invoice["amount"], "C"),
        "currency": invoice["currency"],
        "_toBeAdjusted": None,
        "_postingDate": invoice["issuedDate"],
        "_dueDate": invoice["dueDate"],
        "_state": invoice["state"],
        "_vendorId": invoice["vendorId"],
    }


def _payment_row(store: Store, clearing: Record) -> Record:
    invoice = store.get("invoice", clearing["invoicePayableId"])
    return {
        "id": clearing["accountingDocumentId"],
        "companyId": store.all("company")[0]["id"],
        "companyEntityId": invoice["companyEntityId"] if invoice else None,
        "documentSequenceId": None,
        "documentNumber": clearing["documentNumber"],
        "documentType": "BP",
        "status": "CLEARED",
        "description": None,
        "documentDate": clearing["paymentDate"],
        "areLinesWithTax": False,
        "businessPartnerName": None,
        "businessPartnerId": invoice["vendorId"] if invoice else None,
        "createdAt": clearing["createdAt"],
        "updatedAt": clearing["createdAt"],
        **_total(clearing["amount"], "D"),
        "currency": clearing["currency"],
        "_postingDate": clearing["paymentDate"],
        **dict.fromkeys(("_toBeAdjusted", "_dueDate", "_state", "_vendorId")),
    }


def _total(amount: int | None, sign: str) -> Record:
    if amount is None:
        return {}
    return {"totalTransactionAmount": {"amount": amount, "dcSign": sign}}
