"""A company of 40 vendors in two entities and three currencies with 300 open credit notes.

Nothing is random: the same days give the same books. What each credit note is for stands in its
description, in its PDF, or nowhere; amounts are in the smallest unit.
"""

from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from clearing.sandbox import records

VENDORS, CREDITS = 40, 300
CURRENCIES = ("EUR", "USD", "JPY")
SCALE = {"EUR": 1, "USD": 1, "JPY": 2}
GOODS = (
    "Returned pallets", "Price correction", "Damaged goods", "Bonus of the year",
    "Short delivery", "Freight charged twice", "Wrong discount", "Cancelled service",
)  # fmt: skip


def named(*words: object) -> str:
    """The same id for the same words."""
    return str(uuid5(NAMESPACE_URL, " ".join(map(str, words))))


class Company:
    """The books as lists of Light's records; `dataset()` is what the sandbox takes over."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.entities = [
            records.entity(id=named("entity", code), name=name, displayName=name, code=code,
                           localCurrency=currency)
            for name, code, currency in (("Acme GmbH", "DE01", "EUR"), ("Acme Inc", "US01", "USD"))
        ]  # fmt: skip
        self.vendors: list[records.Record] = []
        self.notes: list[records.Record] = []
        self.invoices: list[records.Record] = []
        for n in range(VENDORS):
            self._vendor(n)
        assert (len(self.vendors), len(self.notes)) == (VENDORS, CREDITS)

    def dataset(self) -> records.Record:
        return records.dataset(
            entities=self.entities, vendors=self.vendors, credit_notes=self.notes,
            invoice_payables=self.invoices,
        )  # fmt: skip

    def _vendor(self, n: int) -> None:
        """One vendor with seven or eight credit notes, each of them for one of its invoices."""
        self._place = {
            "entity": self.entities[n % 2]["id"], "currency": CURRENCIES[n % 3], "vendor": n,
        }  # fmt: skip
        self.vendors.append(
            records.vendor(vendorId=named("vendor", n), name=f"Vendor {n:02} AG",
                           identifier=f"V-{1000 + n}", currency=CURRENCIES[n % 3])
        )  # fmt: skip
        for k in range(7 + n % 2):
            self._credit(n, k)

    def _credit(self, n: int, k: int) -> None:
        number, goods = f"{7000 + n}-{10 + k}", GOODS[k]
        amount = (10_000 + 1_000 * k + 13 * n) * SCALE[CURRENCIES[n % 3]]
        cited = f"{goods}, invoice {number}"
        if k == 1:  # a price correction: less than the invoice that it cites
            self._note(n, k, amount, cited)
            self._invoice(n, number, 3 * amount)
        elif k == 2 and n % 8 == 0:  # only the PDF says what it is for
            self._note(n, k, amount, goods, documentName=f"Gutschrift {n:02}.pdf",
                       _pdf=["Gutschrift", f"zu Rechnung {number}"])  # fmt: skip
            self._invoice(n, number, amount)
        elif k == 3 and n % 10 == 3:  # says nothing, and fits nothing exactly
            self._note(n, k, amount, goods)
            self._invoice(n, number, amount + 7_001)
        elif k == 4 and n % 9 == 4:  # its invoice is about to be paid
            self._note(n, k, amount, cited)
            soon = f"{self.today + timedelta(days=2)}T06:00:00Z"
            self._invoice(n, number, amount, state="SCHEDULED", paymentAt=soon)
        elif k == 5:  # posted already: it clears at once
            self._note(n, k, amount, cited)
            self._invoice(n, number, amount, state="UNPAID")
        elif k == 6:  # only its line says what it is for
            self._note(n, k, amount, goods, line=f"for no. {number}")
            self._invoice(n, number, amount)
        else:
            self._note(n, k, amount, cited)
            self._invoice(n, number, amount)

    def _note(
        self, n: int, k: int, amount: int, description: str, *, line: str = "", **over: Any
    ) -> None:
        whole = {"amount": amount, "dcSign": "C"}
        only = records.credit_note_line(
            id=named("line", n, k), creditNoteId=named("note", n, k), description=line,
            grossTransactionAmount=whole, netTransactionAmount=whole,
            taxTransactionAmount={"amount": 0, "dcSign": "C"},
        )  # fmt: skip
        day = self.today - timedelta(days=20 + k)
        self.notes.append(
            records.credit_note(
                **{
                    "id": named("note", n, k), "companyEntityId": self._place["entity"],
                    "businessPartnerId": named("vendor", n), "amount": amount,
                    "businessPartnerName": f"Vendor {n:02} AG", "description": description,
                    "currency": self._place["currency"], "documentDate": day.isoformat(),
                    "_documentNumber": f"CR-{n:02}-{k}", "lines": [only],
                    "_accountingDocumentId": named("note booked", n, k),
                } | over
            )
        )  # fmt: skip

    def _invoice(self, n: int, number: str, amount: int, **over: Any) -> None:
        issued = self.today - timedelta(days=30)
        self.invoices.append(
            records.invoice_payable(
                **{
                    "id": named("invoice", number), "companyEntityId": self._place["entity"],
                    "invoicePayableId": named("invoice inside", number),
                    "_accountingDocumentId": named("invoice booked", number),
                    "vendorId": named("vendor", n), "invoiceNumber": number, "amount": amount,
                    "currency": self._place["currency"], "state": "IN_DRAFT",
                    "issuedDate": issued.isoformat(),
                    "dueDate": (self.today + timedelta(days=40)).isoformat(),
                } | over
            )
        )  # fmt: skip
