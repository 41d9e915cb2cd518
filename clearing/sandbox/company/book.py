"""The books while they are being written: documents, links and clearings that always tie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from clearing.sandbox import records
from clearing.sandbox.company import documents, masterdata, money, paper
from clearing.sandbox.company.calendar import Calendar, noon
from clearing.sandbox.company.masterdata import Group, new_id
from clearing.sandbox.company.money import Line
from clearing.sandbox.records import STATES_IN_LEDGER, Record

HISTORY_DAYS = 548  # eighteen months
ROUND_TO = {"EUR": 5, "USD": 5, "GBP": 5, "JPY": 10, "KWD": 5}


class Book:
    """Everything random comes from one seeded generator, so that a seed always tells one story."""

    def __init__(self, seed: int, today: date) -> None:
        self.rng = Random(seed)
        self.days = Calendar(today, self.rng)
        founded = self.days.ago(HISTORY_DAYS + 400)
        born = f"{founded.isoformat()}T08:00:00Z"
        self.company = records.company(createdAt=born, updatedAt=born)
        self.entities = masterdata.entities(self.rng, born)
        self.users = masterdata.users(self.rng, self.entities, born)
        self.accounts = masterdata.ledger_accounts(self.rng, born)
        self.plans = masterdata.plans(self.rng, self.entities, founded)
        self.numbers = masterdata.Numbers(self.rng, self.days.ago(HISTORY_DAYS + 30))
        self.tax_codes = {percent: self.id() for percent in (0, 7, 10, 19)}
        self.notes: list[Record] = []
        self.invoices: list[Record] = []
        self.links: list[Record] = []
        self.clearings: list[Record] = []
        self.cases: dict[str, list[Record]] = {}
        self.untouched: set[str] = set()  # ids of documents whose case must stay as it is
        self._used: Counter[str] = Counter()  # note id: planned and cleared
        self._planned: Counter[str] = Counter()  # invoice id: links
        self._cleared: Counter[str] = Counter()  # invoice id: clearings

    def id(self) -> str:
        return new_id(self.rng)

    def group(self, vendor: str, entity: str | None = None, currency: str | None = None) -> Group:
        """By default a vendor's first entity and first currency."""
        plan = self.plans[vendor]
        code = entity or plan.entities[0]
        return Group(plan, self.entities[code], currency or plan.currencies[0])

    def free(self, note: Record) -> int:
        return int(note["amount"]) - self._used[note["id"]]

    def notes_in(self, status: str) -> int:
        return sum(note["status"] == status for note in self.notes)

    def invoices_in(self, state: str) -> int:
        return sum(invoice["state"] == state for invoice in self.invoices)

    def open(self, invoice: Record) -> int:
        """What is neither cleared nor planned."""
        return int(invoice["amount"]) - self._cleared[invoice["id"]] - self._planned[invoice["id"]]

    def goods(self, group: Group, share: int = 100) -> list[Line]:
        """One to four lines as the trade sells them; `share` percent of a usual amount."""
        trade, rng = group.plan.trade, self.rng
        cents = rng.randint(trade.low, rng.randint(trade.low, trade.high)) * share // 100
        words = trade.german if group.plan.german else trade.english
        kinds = rng.sample(words, rng.randint(1, min(4, len(words))))
        step = ROUND_TO[group.currency]
        parts = [rng.randint(20, 100) for _ in kinds]
        net = money.from_euro_cents(cents, group.currency)
        nets = [max(step, net * part // sum(parts) // step * step) for part in parts]
        return [Line(kind, net, group.percent) for kind, net in zip(kinds, nets, strict=True)]

    def priced(self, group: Group, *nets: int) -> list[Line]:
        """Lines with exactly these net amounts."""
        words = group.plan.trade.german if group.plan.german else group.plan.trade.english
        return [Line(words[n % len(words)], net, group.percent) for n, net in enumerate(nets)]

    def invoice(
        self,
        group: Group,
        state: str,
        issued: date,
        lines: Sequence[Line] | None = None,
        *,
        due: date | None = None,
        pays: date | None = None,
        number: str | None = None,
        **over: Any,
    ) -> Record:
        """Add an invoice. `pays` is the day of `paymentAt`."""
        lines = self.goods(group) if lines is None else lines
        style = group.plan.invoice_format
        number = number or self.numbers.next(group.plan, style, issued)
        due = due or issued + timedelta(days=group.plan.terms)
        title = "Rechnung" if group.plan.german else "Invoice"
        created, updated = self._stamps(issued)
        stamps = {"invoiceCreatedAt": created, "updatedAt": updated, "ocrCompletedAt": created}
        fields = {
            "id": self.id(),
            "invoicePayableId": self.id(),
            "_accountingDocumentId": self.id(),
            "dueDate": due.isoformat(),
            "paymentAt": noon(pays) if pays else None,
            "_pdf": paper.printed(group, title, number, issued, lines),
            **over,
        }
        invoice = documents.invoice_payable(
            group, number, issued, lines, stamps, state=state, **fields
        )
        if invoice["lineItems"] == [] and lines:
            invoice["lineItems"] = documents.invoice_lines(
                invoice, lines, self.account(group), self.tax_codes, [self.id() for _ in lines]
            )
        self.invoices.append(invoice)
        return invoice

    def note(
        self,
        group: Group,
        dated: date,
        lines: Sequence[Line] | None = None,
        *,
        status: str = "POSTED",
        reason: str = "plain",
        ref: str | None = None,
        number: str | None = None,
        printed_reference: str | None = None,
        **over: Any,
    ) -> Record:
        """Add a credit note. `ref` goes into description and PDF, `printed_reference` into PDF."""
        lines = self.goods(group, 15) if lines is None else lines
        number = number or self.numbers.next(group.plan, group.plan.note_format, dated)
        title = "Gutschrift" if group.plan.german else "Credit note"
        if ref and not printed_reference:
            printed_reference = paper.referring(group, ref)
        extra = [printed_reference] if printed_reference else []
        created, updated = self._stamps(dated)
        fields = {
            "id": self.id(),
            "_accountingDocumentId": self.id(),
            "description": paper.about(group, self.rng, reason, dated, ref),
            "updatedBy": self.rng.choice(self.users)["id"],
            "_pdf": paper.printed(group, title, number, dated, lines, *extra),
            **over,
        }
        stamps = {"createdAt": created, "updatedAt": updated}
        note = documents.credit_note(group, number, dated, lines, stamps, status=status, **fields)
        note["lines"] = documents.credit_note_lines(
            note, lines, self.account(group), self.tax_codes, [self.id() for _ in lines]
        )
        self.notes.append(note)
        return note

    def account(self, group: Group) -> str:
        code = group.plan.trade.account
        return next(str(a["id"]) for a in self.accounts if a["code"] == code)

    def link(self, note: Record, invoice: Record, amount: int | None = None) -> Record:
        """Plan a clearing; by default as much as both sides allow."""
        amount = amount or min(self.free(note), self.open(invoice))
        if note["status"] != "POSTED" or invoice["state"] in STATES_IN_LEDGER:
            raise ValueError("a link joins a posted credit note and an invoice not yet posted")
        self._check(note, invoice, amount)
        day = date.fromisoformat(max(note["updatedAt"], invoice["updatedAt"])[:10])
        stamp = self.touch(day, note, invoice)
        link = records.link(
            creditNoteId=note["id"], invoicePayableId=invoice["id"], amount=amount,
            currency=note["currency"], createdAt=stamp, updatedAt=stamp,
        )  # fmt: skip
        self._used[note["id"]] += amount
        self._planned[invoice["id"]] += amount
        self.links.append(link)
        return link

    def clear(self, note: Record, invoice: Record, on: date, amount: int | None = None) -> Record:
        """A clearing of type CN, on that day; the states of both follow."""
        amount = amount or min(self.free(note), self.open(invoice))
        self._check(note, invoice, amount)
        self._used[note["id"]] += amount
        note["status"] = "PARTIALLY_CLEARED" if self.free(note) else "CLEARED"
        return self._cleared_by(
            invoice, on, amount, note,
            type="CN", creditNoteId=note["id"], documentNumber=note["_documentNumber"],
            accountingDocumentId=note["_accountingDocumentId"],
        )  # fmt: skip

    def pay(self, invoice: Record, on: date, amount: int | None = None) -> Record:
        """A clearing of type BP: the bank paid, on that day; by default all that is open."""
        amount = amount or self.open(invoice)
        number = f"BP-{10_000 + len(self.clearings)}"
        paid = self._cleared_by(
            invoice, on, amount, type="BP", accountingDocumentId=self.id(), documentNumber=number
        )
        if self.open(invoice):
            invoice["state"] = "PARTIALLY_PAID"
        else:
            invoice["paymentAt"] = noon(self.days.past(on))
        return paid

    def pause(self, invoice: Record) -> None:
        """Somebody of ours stopped the payment yesterday."""
        invoice["paymentPausedBy"] = self.users[0]["id"]
        invoice["paymentPausedAt"] = self.touch(self.days.yesterday, invoice)

    def touch(self, day: date, *touched: Record) -> str:
        """Something happened to these documents on that day, or just after their last change."""
        stamp = max([self.days.stamp(day), *(document["updatedAt"] for document in touched)])
        for document in touched:
            document["updatedAt"] = stamp
        return stamp

    def dataset(self) -> Record:
        return records.dataset(
            company=self.company,
            entities=list(self.entities.values()),
            vendors=[plan.record for plan in self.plans.values()],
            ledger_accounts=self.accounts,
            users=self.users,
            credit_notes=sorted(self.notes, key=lambda note: (note["createdAt"], note["id"])),
            invoice_payables=sorted(
                self.invoices, key=lambda invoice: (invoice["invoiceCreatedAt"], invoice["id"])
            ),
            links=self.links,
            clearings=self.clearings,
        )

    def _cleared_by(
        self, invoice: Record, on: date, amount: int, *others: Record, **over: Any
    ) -> Record:
        on = self.days.past(on)
        stamp = self.touch(on, invoice, *others)
        clearing = records.clearing(
            id=self.id(), invoicePayableId=invoice["id"], amount=amount,
            currency=invoice["currency"], paymentDate=on.isoformat(), createdAt=stamp, **over,
        )  # fmt: skip
        self._cleared[invoice["id"]] += amount
        if self.open(invoice) == 0:
            invoice["state"] = "COMPLETED"
        self.clearings.append(clearing)
        return clearing

    def _check(self, note: Record, invoice: Record, amount: int) -> None:
        same = (
            note["companyEntityId"] == invoice["companyEntityId"]
            and note["businessPartnerId"] == invoice["vendorId"]
            and note["currency"] == invoice["currency"]
        )
        if not same or not 0 < amount <= min(self.free(note), self.open(invoice)):
            raise ValueError(f"{note['_documentNumber']} cannot clear {invoice['invoiceNumber']}")

    def _stamps(self, day: date) -> tuple[str, str]:
        """Created within three days of the document's date, changed within a week after."""
        created = self.days.stamp(day + timedelta(days=self.rng.randint(0, 3)))
        changed = self.days.stamp(
            date.fromisoformat(created[:10]) + timedelta(days=self.rng.randint(0, 6))
        )
        return created, max(created, changed)
