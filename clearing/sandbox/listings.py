"""Which fields each of Light's lists filters and sorts by (openapi.json's parameters)."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from clearing.sandbox.lists import Field, Listing
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store


def own(kind: str, names: str) -> dict[str, Field]:
    """Fields that the row itself carries under the same name."""
    return {name: Field(itemgetter(name), kind) for name in names.split()}


def absent(names: str) -> dict[str, Field]:
    """Fields Light allows and this company has no data for: null on every row."""
    return {name: Field(lambda row: None) for name in names.split()}


def looked_up(store: Store, kind: str, key: str) -> Callable[[Record], Any]:
    def name(row: Record) -> Any:
        record = store.get(kind, row[key]) if row[key] else None
        return record["name"] if record else None

    return name


def credit_notes() -> Listing:
    return Listing(
        name="credit-notes",
        filters={
            **own("uuid", "businessPartnerId companyEntityId"),
            **own("text", "status"),
            **own("day", "documentDate"),
            **own("moment", "updatedAt"),
            "toBeAdjustedAccDocType": Field(itemgetter("_toBeAdjusted")),
        },
        sorts={
            **own("number", "amount"),
            **own("text", "businessPartnerName status documentDate"),
        },
        order=itemgetter("createdAt"),
        key=itemgetter("id"),
    )


def invoice_payables(store: Store) -> Listing:
    vendor_name = Field(looked_up(store, "vendor", "vendorId"))
    created = Field(itemgetter("invoiceCreatedAt"), "moment")
    return Listing(
        name="invoice-payables",
        filters={
            **own("uuid", "id vendorId companyEntityId senderBankAccountId"),
            **own("number", "amount"),
            **own("text", "description state type"),
            **own("day", "dueDate issuedDate"),
            **own("moment", "paymentAt updatedAt"),
            "documentNumber": Field(itemgetter("invoiceNumber")),
            "createdAt": created,
            "vendorName": vendor_name,
            **absent("approverUserId userId userFirstName userLastName"),
        },
        sorts={
            **own("number", "amount"),
            **own("moment", "canceledAt ocrCompletedAt paymentAt"),
            **own("text", "description invoiceNumber senderEmail state"),
            **own("day", "dueDate issuedDate"),
            "companyEntityName": Field(looked_up(store, "entity", "companyEntityId")),
            "createdAt": created,
            "vendorName": vendor_name,
            "businessPartnerName": vendor_name,
            **absent("fromAccountName nextApproverName"),
        },
        order=itemgetter("invoiceCreatedAt"),
        key=itemgetter("id"),
    )


def vendors() -> Listing:
    created = Field(itemgetter("vendorCreatedAt"), "moment")
    spend = Field(itemgetter("lastMtdSpendInGroupCurrency"), "number")
    return Listing(
        name="vendors",
        filters={
            "id": Field(itemgetter("vendorId"), "uuid"),
            **own("text", "status type"),
            **own("moment", "updatedAt"),
            "createdAt": created,
            "spendLastMtd": spend,
            **absent("ledgerAccountId ledgerTaxId"),
        },
        sorts={
            **own("text", "name"),
            **own("moment", "updatedAt"),
            "createdAt": created,
            "spendLastMtd": spend,
        },
        order=itemgetter("vendorCreatedAt"),
        key=itemgetter("vendorId"),
    )


def entities() -> Listing:
    return Listing(
        name="entities",
        filters={
            **own("uuid", "id"),
            **own("text", "code name displayName status"),
            **own("moment", "createdAt updatedAt"),
            "country": Field(lambda row: row["address"]["country"]),
        },
        sorts={
            **own("text", "code displayName localCurrency name status vatNumber"),
            **own("moment", "createdAt"),
            **absent("sortPosition"),
        },
        order=itemgetter("createdAt"),
        key=itemgetter("id"),
    )


def ledger_accounts() -> Listing:
    return Listing(
        name="ledger-accounts",
        filters={
            **own("uuid", "id"),
            **own("number", "code"),
            **own("text", "status type"),
            **own("moment", "createdAt updatedAt"),
            **absent("companyEntityId sourceType category"),
        },
        sorts={
            **own("number", "code"),
            **own("text", "label context type status"),
            **own("moment", "createdAt updatedAt"),
            **absent("category"),
        },
        order=itemgetter("createdAt"),
        key=itemgetter("id"),
    )


def users() -> Listing:
    return Listing(
        name="users",
        filters={
            **own("uuid", "id"),
            **own("text", "status email"),
            **own("moment", "createdAt updatedAt"),
            **absent("userGroupId role assignedRole"),
        },
        sorts={
            **own("text", "firstName lastName status"),
            **own("moment", "createdAt updatedAt"),
        },
        order=itemgetter("createdAt"),
        key=itemgetter("id"),
    )
