"""A company for the chaos: several vendors, each credit note citing an invoice of its amount."""

from datetime import date, timedelta
from typing import Any

from clearing.sandbox import records
from tests.browser.books_check import Bound

VENDORS = 4


class Company:
    """The books as the sandbox takes them, and what has to be linked in the end."""

    def __init__(self, links: int, today: date) -> None:
        self.entity = records.entity(name="Acme GmbH", displayName="Acme GmbH", code="DE01")
        self.vendors = [
            records.vendor(name=f"Vendor {n} AG", identifier=f"V-{n}") for n in range(VENDORS)
        ]
        self.notes: list[records.Record] = []
        self.invoices: list[records.Record] = []
        self.due = (today + timedelta(days=60)).isoformat()
        for n in range(links):
            self._pair(n, self.vendors[n % VENDORS])

    def _pair(self, n: int, vendor: records.Record) -> None:
        number, amount = f"INV-{70_000 + n * 37}", 10_000 + n * 111
        shared = {"companyEntityId": self.entity["id"], "amount": amount, "currency": "EUR"}
        self.notes.append(
            records.credit_note(
                **shared, businessPartnerId=vendor["vendorId"], businessPartnerName=vendor["name"],
                _documentNumber=f"CR-{9000 + n}", description=f"Returned goods, invoice {number}",
            )
        )  # fmt: skip
        self.invoices.append(
            records.invoice_payable(
                **shared, vendorId=vendor["vendorId"], invoiceNumber=number, state="IN_DRAFT",
                dueDate=self.due,
            )
        )  # fmt: skip

    def dataset(self) -> records.Record:
        return records.dataset(
            entities=[self.entity], vendors=self.vendors, credit_notes=self.notes,
            invoice_payables=self.invoices,
        )  # fmt: skip

    def wanted(self) -> list[Bound]:
        """Every credit note on its invoice, in full."""
        pairs = zip(self.notes, self.invoices, strict=True)
        return [
            Bound(note["_documentNumber"], invoice["invoiceNumber"], "EUR", note["amount"])
            for note, invoice in pairs
        ]

    def address(self, vendor: records.Record) -> str:
        """The clearing page of a vendor."""
        return f"/vendors/{vendor['vendorId']}/clearing/?entity={self.entity['id']}&currency=EUR"

    def of_vendor(self, vendor: records.Record) -> int:
        """How many credit notes it has."""
        return sum(one["businessPartnerId"] == vendor["vendorId"] for one in self.notes)

    def raise_invoice(self, n: int) -> dict[str, Any]:
        """Another user of Light finds one cent more on an invoice; what `act` takes."""
        self.invoices[n]["amount"] += 1
        return {"invoicePayable": self.invoices[n]["id"], "amount": self.invoices[n]["amount"]}
