"""Light's side of the stories: a small company with one vendor that owes in two currencies."""

from typing import Any
from uuid import UUID

from clearing.sandbox import records


class StoryBooks:
    """A vendor with credit in EUR and USD and draft invoices in both; ids by short names."""

    def __init__(self) -> None:
        self.entity = records.entity(name="Acme GmbH", displayName="Acme GmbH", code="DE01")
        self.vendor = records.vendor(name="Nordlicht Logistik GmbH", identifier="V-1001")
        self.eur_note = self.note("CR-2026-8213", 100000, "EUR")
        self.usd_note = self.note("CR-2026-9001", 50000, "USD")
        self.draft_note = self.note("CR-2026-9100", 4200, "EUR", status="DRAFT")
        self.eur_one = self.invoice("INV-4711", 60000, "EUR", dueDate="2026-10-20")
        self.eur_two = self.invoice("INV-4712", 90000, "EUR")
        self.usd_one = self.invoice("INV-5001", 80000, "USD")

    def note(self, number: str, amount: int, currency: str, **over: Any) -> records.Record:
        return records.credit_note(
            **{
                "companyEntityId": self.entity["id"],
                "businessPartnerId": self.vendor["vendorId"],
                "businessPartnerName": self.vendor["name"],
                "amount": amount,
                "currency": currency,
                "_documentNumber": number,
                "_pdf": [f"Credit note {number}"],
            }
            | over
        )

    def invoice(self, number: str, amount: int, currency: str, **over: Any) -> records.Record:
        return records.invoice_payable(
            **{
                "companyEntityId": self.entity["id"],
                "vendorId": self.vendor["vendorId"],
                "invoiceNumber": number,
                "amount": amount,
                "currency": currency,
                "state": "IN_DRAFT",
                "_pdf": [f"Invoice {number}"],
            }
            | over
        )

    def dataset(self, **more: list[records.Record]) -> records.Record:
        return records.dataset(
            entities=[self.entity],
            vendors=[self.vendor],
            credit_notes=[self.eur_note, self.usd_note, self.draft_note]
            + more.get("credit_notes", []),
            invoice_payables=[self.eur_one, self.eur_two, self.usd_one]
            + more.get("invoice_payables", []),
        )


def uid(record: records.Record) -> UUID:
    """Light's id of a record, a vendor's included."""
    return UUID(record.get("vendorId") if "bankName" in record else record["id"])
