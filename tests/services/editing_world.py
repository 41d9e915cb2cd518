"""A sandbox and a copy of it that agree about one draft, for the tests of editing."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from clearing import workflow
from clearing.light.client import LightClient
from clearing.models import AuditEvent, CreditNote, CreditNoteLine, Edit
from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.services import editing, mirroring
from tests import factories
from tests.light.no_pace import NoPace
from tests.services.sending_world import guard

TAX_CODE, TEMPLATE = uuid4(), uuid4()


def directed(amount: int, side: str = "C") -> dict[str, Any]:
    return {"amount": amount, "dcSign": side}


class Drafts:
    """One draft of EUR 119.00 with one line, in the sandbox and in the copy."""

    def __init__(self, sandbox: Sandbox, person: Any) -> None:
        self.sandbox, self.person = sandbox, person
        self.books = factories.Books()
        self.client = self.new_client()
        self.vendors = [self.books.vendor, factories.vendor(name="Other Vendor", number="V-2")]
        self.entities = [self.books.entity, factories.entity(name="Acme SAS", code="FR")]
        self.accounts = [str(uuid4()), str(uuid4())]
        for vendor in self.vendors:
            sandbox.act("add", kind="vendor", vendorId=str(vendor.id), name=vendor.name)
        for entity in self.entities:
            sandbox.act("add", kind="entity", id=str(entity.id), name=entity.name)
        for account in self.accounts:
            sandbox.act("add", kind="ledger_account", id=account)
        self.id = self.draft()

    def new_client(self, **over: Any) -> LightClient:
        options = {"pace": NoPace(), "guard": guard, "max_retries": 0, "read_timeout": 10}
        return LightClient(self.sandbox.url, key=self.sandbox.key, **options | over)

    def draft(self, **over: Any) -> UUID:
        """Another draft, known to both sides; its id."""
        line = records.credit_note_line(
            netTransactionAmount=directed(10000), taxTransactionAmount=directed(1900),
            grossTransactionAmount=directed(11900), description="Returned pallets",
            ledgerAccountId=self.accounts[0], ledgerTaxId=str(TAX_CODE),
            accrualTemplateId=str(TEMPLATE), accrualStartDate="2026-01-01",
            accrualEndDate="2026-12-31",
        )  # fmt: skip
        given = {
            "amount": 11900, "status": "DRAFT", "currency": "EUR", "description": "Returned",
            "businessPartnerId": str(self.books.vendor.id), "documentDate": "2026-10-05",
            "companyEntityId": str(self.books.entity.id), "_documentNumber": f"K-{uuid4().hex[:6]}",
            "localCurrencyFxRate": 1.0837, "groupCurrencyFxRate": 1.5, "lines": [line],
        }  # fmt: skip
        made = self.sandbox.act("add", kind="credit_note", **given | over)
        self.sync(UUID(made["id"]))
        number = made["_documentNumber"]
        CreditNote.objects.filter(pk=made["id"]).update(document_number=number)
        return UUID(made["id"])

    def sync(self, note_id: UUID | None = None) -> CreditNote:
        """What the worker does now and then."""
        note_id = note_id or self.id
        shown = self.client.credit_note(note_id)
        with transaction.atomic():
            mirroring.take_credit_note(shown, workflow.now())
        return CreditNote.objects.get(pk=note_id)

    @property
    def note(self) -> CreditNote:
        return CreditNote.objects.get(pk=self.id)

    @property
    def line(self) -> CreditNoteLine:
        return CreditNoteLine.objects.get(credit_note_id=self.id)

    def light(self) -> dict[str, Any]:
        """The draft as the sandbox keeps it."""
        found = self.sandbox.books.get("credit_note", str(self.id))
        assert found is not None
        return found

    # --- edits as the pages ask for them ---------------------------------------------------
    def change(self, **wanted: Any) -> Edit:
        """A form of the draft with some fields changed, the others as they were shown."""
        shown = editing.note_values(self.note)
        return editing.change_note(
            self.client, note_id=self.id, shown=shown, wanted=shown | wanted, by=self.person
        )

    def change_line(self, **wanted: Any) -> Edit:
        shown = editing.line_values(self.line)
        return editing.change_line(
            self.client, note_id=self.id, line_id=self.line.id, shown=shown,
            wanted=shown | wanted, by=self.person,
        )  # fmt: skip

    def add_line(self, **values: Any) -> Edit:
        given = {"gross": [5000, "C"], "net": [5000, "C"], "description": "More"} | values
        return editing.add_line(self.client, note_id=self.id, values=given, by=self.person)

    def delete_line(self) -> Edit:
        line = self.line
        return editing.delete_line(
            self.client, note_id=self.id, line_id=line.id,
            shown=editing.line_values(line), by=self.person,
        )  # fmt: skip

    def invoice(self) -> Any:
        one = self.books.invoice(amount=25000)
        self.sandbox.act(
            "add", kind="invoice_payable", id=str(one.id), amount=one.amount, currency="EUR",
            vendorId=str(one.vendor_id), companyEntityId=str(one.entity_id), state="UNPAID",
            type="VENDOR_INVOICE", invoiceNumber=one.invoice_number,
        )  # fmt: skip
        return one

    def create(self, invoice: Any) -> Edit:
        return editing.create_from_invoice(self.client, invoice_id=invoice.id, by=self.person)

    # --- afterwards ------------------------------------------------------------------------
    @property
    def writes(self) -> list[tuple[str, Any]]:
        """Method and body of what the sandbox received."""
        return [
            (asked.method, json.loads(asked.body) if asked.body else None)
            for asked in self.sandbox.requests
            if asked.is_write
        ]

    def body(self) -> Any:
        """The one body that was sent."""
        ((_, body),) = self.writes
        return body

    def settle(self, *, later: float = 0) -> bool:
        now = workflow.now() + timedelta(seconds=later)
        return editing.settle_one(self.client, now=now)

    def settle_late(self, looks: int = 2) -> None:
        """So many looks, all after the quarantine."""
        for number in range(1, looks + 1):
            self.settle(later=settings.QUARANTINE + 2 * number * settings.LOOK_AGAIN)


def verbs(edit: Edit) -> list[str]:
    """The trail of an edit, oldest first."""
    events = AuditEvent.objects.order_by("id")
    return [event.verb for event in events if event.details.get("edit") == edit.pk]


def state_of(edit: Edit) -> str:
    edit.refresh_from_db()
    return str(edit.state)


def created(drafts: Drafts) -> bool:
    return len(drafts.sandbox.books.all("credit_note")) == 2


CALLS = {  # what a person does, and whether Light has done it
    "change_note": (lambda d: d.change(amount=777), lambda d: d.light()["amount"] == 777),
    "add_line": (lambda d: d.add_line(), lambda d: len(d.light()["lines"]) == 2),
    "change_line": (
        lambda d: d.change_line(description="New"),
        lambda d: d.light()["lines"][0]["description"] == "New",
    ),
    "delete_line": (lambda d: d.delete_line(), lambda d: d.light()["lines"] == []),
    "create": (lambda d: d.create(d.invoice()), created),
}
