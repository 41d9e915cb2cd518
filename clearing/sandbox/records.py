"""Builders of Light-shaped records: exact JSON keys, believable defaults, fresh ids.

Amounts are integers in the currency's smallest unit. Keys starting with "_" are the sandbox's
own and never go over the wire. A keyword that is no key of the record is a TypeError.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

Record = dict[str, Any]

COMPANY_ID = "6f1d0a52-5f0e-4b1c-9a39-0d6d6c1f7a10"
CREATED = "2026-10-01T09:00:00Z"

STATES_IN_LEDGER = frozenset(
    {
        "UNPAID",
        "PARTIALLY_PAID",
        "READY_FOR_PAYMENT_RELEASE",
        "PENDING_PAYMENT_APPROVAL",
        "SCHEDULED",
        "PAYMENT_PAUSED",
        "PAYMENT_PENDING",
        "PAID",
        "COMPLETED",
    }
)


def _nulls(names: str) -> Record:
    return dict.fromkeys(names.split())


def _built(what: str, defaults: Record, over: Record, also: str = "") -> Record:
    unknown = over.keys() - defaults.keys() - set(also.split())
    if unknown:
        raise TypeError(f"{what} has no key {', '.join(sorted(unknown))}")
    return {**defaults, **over}


def company(**over: Any) -> Record:
    """ExternalCompanyV1Model, GET /v1/companies/current."""
    defaults = {
        "id": COMPANY_ID,
        "name": "Fjordlys Group",
        "invoiceEmail": "invoices@fjordlys.example",
        **_nulls("receiptEmail contractEmail logoUrl"),
        "baseCurrency": "EUR",
        "createdAt": CREATED,
        "updatedAt": CREATED,
    }
    return _built("company", defaults, over)


def entity(**over: Any) -> Record:
    """ExternalCompanyEntityV1Model, GET /v1/entities."""
    name = over.get("name", "Fjordlys GmbH")
    defaults = {
        "id": str(uuid4()),
        "companyId": COMPANY_ID,
        "code": "DE01",
        "localCurrency": "EUR",
        "displayName": name,
        "vatNumber": "DE811907980",
        "name": name,
        "address": {
            "country": "DE",
            "city": "Hamburg",
            "state": "",
            "zipcode": "20457",
            "street": "Am Sandtorkai 30",
            "street2": "",
        },
        "status": "ACTIVE",
        "seedInvoiceNumber": 1,
        "createdAt": CREATED,
        "updatedAt": CREATED,
    }
    return _built("entity", defaults, over, also="parentCompanyEntityId")


def vendor(**over: Any) -> Record:
    """ExternalVendorV1Model, GET /v1/vendors; its id is `vendorId`."""
    defaults = {
        "type": "EXTERNAL",
        "vendorId": str(uuid4()),
        "companyId": COMPANY_ID,
        "companyEntityIds": [],
        **_nulls("defaultCompanyEntity vatId businessRegistrationNumber identifier"),
        "name": "Nordwind Logistik GmbH",
        **_nulls("description avatarUrl email phoneNumber website"),
        "country": "DE",
        **_nulls("city address zipcode bankName bankCountry bankCity bankAddress bankZipcode"),
        **_nulls("bankAccountNumber bankAccountBic domesticBankAccountNumber"),
        **_nulls("domesticBankAccountCode swedishBankgiroNumber swedishPlusgiroNumber"),
        "bankRecipientName": None,
        "vendorCreatedAt": CREATED,
        "approvers": [],
        "notes": [],
        "currency": "EUR",
        **_nulls("contractValue createdBy"),
        "status": "ACTIVE",
        "failureContext": None,
        "version": 1,
        "updatedAt": CREATED,
        "customProperties": None,
        "lastMtdSpendInGroupCurrency": None,
        "groupCurrency": "EUR",
    }
    return _built("vendor", defaults, over)


def ledger_account(**over: Any) -> Record:
    """ExternalLedgerAccountV1Model, GET /v1/ledger-accounts."""
    defaults = {
        "id": str(uuid4()),
        "companyId": COMPANY_ID,
        **_nulls("bankAccountId cardAccountId cashAndEquivalentsAccountId"),
        "code": 6300,
        "label": "Other operating expense",
        "type": "OTHER_OPERATING_EXPENSE",
        "status": "ACTIVE",
        "context": None,
        "revaluateFxBalance": False,
        "companyEntities": [],
        "customProperties": None,
        "createdAt": CREATED,
        "updatedAt": CREATED,
    }
    return _built("ledger_account", defaults, over)


def user(**over: Any) -> Record:
    """ExternalUserV1Model, GET /v1/users."""
    defaults = {
        "id": str(uuid4()),
        "companyId": COMPANY_ID,
        "email": "mara.holt@fjordlys.example",
        "firstName": "Mara",
        "lastName": "Holt",
        "country": "DE",
        "status": "ACTIVE",
        "createdAt": CREATED,
        "updatedAt": CREATED,
        "roles": ["AP_CLERK"],
        "groups": [],
        "managerIds": [],
    }
    also = "companyEntityId phoneNumber avatarUrl city zipcode address"
    return _built("user", defaults, over, also)


def credit_note_line(**over: Any) -> Record:
    """ExternalCreditNoteLineV1Model: net, gross and tax are {amount, dcSign}."""
    defaults = {
        "id": str(uuid4()),
        "companyId": COMPANY_ID,
        "creditNoteId": str(uuid4()),
        "grossTransactionAmount": {"amount": 11900, "dcSign": "C"},
        "netTransactionAmount": {"amount": 10000, "dcSign": "C"},
        "description": "Goods returned",
        "ledgerTaxId": None,
        "taxTransactionAmount": {"amount": 1900, "dcSign": "C"},
        **_nulls("ledgerAccountId costCenterId"),
        "createdAt": CREATED,
        "updatedAt": CREATED,
        **_nulls("accrualTemplateId accrualStartDate accrualEndDate accrualDefaultDuration"),
    }
    return _built("credit_note_line", defaults, over)


def credit_note(**over: Any) -> Record:
    """ExternalCreditNoteV1Model; one line over the whole amount unless `lines` is given."""
    number = str(uuid4().int % 1_000_000).zfill(6)
    document_date = over.get("documentDate", "2026-10-01")
    defaults: Record = {
        "id": str(uuid4()),
        "companyId": COMPANY_ID,
        "companyEntityId": None,
        "amount": 11900,
        "businessPartnerName": None,
        "businessPartnerId": None,
        "status": "POSTED",
        "description": "Credit for returned goods",
        "currency": "EUR",
        "postingDate": document_date,
        "documentDate": document_date,
        "valuationDate": document_date,
        "areLinesWithTax": True,
        "createdAt": CREATED,
        "updatedAt": CREATED,
        **_nulls("updatedBy localCurrencyFxRate groupCurrencyFxRate senderEmail documentName"),
        "_documentNumber": f"CN-{number}",
        "_accountingDocumentId": str(uuid4()),
        "_toBeAdjusted": "AP",
        "_pdf": None,
    }
    note = _built("credit_note", defaults, over, also="lines")
    if "lines" not in note:
        note["lines"] = [_whole_line(note)]
    return note


def _whole_line(note: Record) -> Record:
    amount = note["amount"] or 0
    return credit_note_line(
        creditNoteId=note["id"],
        companyId=note["companyId"],
        grossTransactionAmount={"amount": amount, "dcSign": "C"},
        netTransactionAmount={"amount": amount, "dcSign": "C"},
        taxTransactionAmount={"amount": 0, "dcSign": "C"},
        description=note["description"],
    )


def invoice_payable(**over: Any) -> Record:
    """ExternalInvoicePayableV1Model, the detail; outstandingBalance is computed, never stored."""
    kind = over.get("type", "VENDOR_INVOICE")
    number = str(uuid4().int % 1_000_000).zfill(6)
    defaults = {
        "id": str(uuid4()),
        "type": kind,
        "metadata": {"type": f"{kind}_METADATA"},
        "invoicePayableId": str(uuid4()),
        "companyId": COMPANY_ID,
        "state": "UNPAID",
        **_nulls("failureReason failureContext warningContext approvalNote cancellationReason"),
        **_nulls("payeeName payeeIban payeeBban payeeBic payeeBankCode"),
        **_nulls("payeeSwedishBankgiroNumber payeeSwedishPlusgiroNumber payeeCountry"),
        **_nulls("payeeAddress payeeZipcode payeeBankName payeeBankCountry payeeBankAddress"),
        **_nulls("payeeBankZipcode payeeCity payeeBankCity vendorId vendorDetailsOcr"),
        "companyEntityId": None,
        "invoiceNumber": f"INV-{number}",
        "amount": 23800,
        "currency": "EUR",
        "description": "Freight and handling",
        **_nulls("senderBankAccountId fiNumber norKidReference swissPaymentReference"),
        **_nulls("paymentAt ocrCompletedAt canceledAt"),
        "issuedDate": "2026-10-01",
        "dueDate": "2026-10-31",
        "invoiceCreatedAt": CREATED,
        "updatedAt": CREATED,
        "purchaseOrderId": None,
        "lineItemsIncludeTax": True,
        **_nulls("localCurrencyFxRate groupCurrencyFxRate"),
        "lineItems": [],
        **_nulls("customProperties paymentPausedBy paymentPausedAt senderEmail documentName"),
        "_accountingDocumentId": str(uuid4()),
        "_pdf": None,
    }
    return _built("invoice_payable", defaults, over)


def link(**over: Any) -> Record:
    """A promise: Light clears with it when the invoice is posted. Its key is the pair."""
    defaults = {
        "creditNoteId": None,
        "invoicePayableId": None,
        "amount": 11900,
        "currency": "EUR",
        "createdAt": CREATED,
        "updatedAt": CREATED,
    }
    return _built("link", defaults, over)


def clearing(**over: Any) -> Record:
    """A fact: what has cleared an invoice; BP is a bank payment, CN a credit note."""
    defaults = {
        "id": str(uuid4()),
        "invoicePayableId": None,
        "type": "CN" if over.get("creditNoteId") else "BP",
        "amount": 11900,
        "currency": "EUR",
        "paymentDate": "2026-10-15",
        "accountingDocumentId": str(uuid4()),
        "creditNoteId": None,
        "documentNumber": None,
        "createdAt": CREATED,
        "reversed": False,
    }
    return _built("clearing", defaults, over)


LISTS = (
    *("entities", "vendors", "ledger_accounts", "users"),
    *("credit_notes", "invoice_payables", "links", "clearings"),
)


def dataset(**lists: Any) -> Record:
    """All of a company's records; a list that is not given is empty."""
    return _built("dataset", {"company": company(), **{name: [] for name in LISTS}}, lists)
