"""A sandbox and a copy of it that agree, for the tests of sending."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection

from clearing import workflow
from clearing.light.client import LightClient
from clearing.sandbox.server import Sandbox
from clearing.services import sending
from tests import factories
from tests.light.no_pace import NoPace


class Died(BaseException):
    """The worker's process is gone: nothing of ours catches this."""


def guard() -> None:
    """What the gateway gives the client: no call inside a database transaction."""
    open_ones = [b for b in connection.atomic_blocks if not getattr(b, "_from_testcase", False)]
    assert not open_ones, "a call to Light inside a database transaction"


class World:
    """One vendor's documents, in the sandbox and in the copy."""

    def __init__(self, sandbox: Sandbox, preparer: Any, approver: Any) -> None:
        self.sandbox, self.preparer, self.approver = sandbox, preparer, approver
        self.books = factories.Books()
        self.client = self.new_client()
        self.lines = 0

    def new_client(self, **over: Any) -> LightClient:
        options = {"pace": NoPace(), "guard": guard, "max_retries": 0, "read_timeout": 1}
        return LightClient(self.sandbox.url, key=self.sandbox.key, **options | over)

    def note(self, **over: Any) -> Any:
        note = self.books.note(**over)
        self.sandbox.act(
            "add", kind="credit_note", id=str(note.id), amount=note.amount, status=note.status,
            currency=note.currency, businessPartnerId=str(note.vendor_id),
            companyEntityId=str(note.entity_id), _documentNumber=note.document_number,
            _accountingDocumentId=str(note.accounting_document_id or uuid4()),
        )  # fmt: skip
        return note

    def invoice(self, **over: Any) -> Any:
        one = self.books.invoice(**{"state": "IN_DRAFT"} | over)
        self.sandbox.act(
            "add", kind="invoice_payable", id=str(one.id), amount=one.amount, state=one.state,
            type=one.type, currency=one.currency, vendorId=str(one.vendor_id),
            companyEntityId=str(one.entity_id), invoiceNumber=one.invoice_number,
            invoicePayableId=str(one.internal_id or uuid4()),
        )  # fmt: skip
        return one

    def link(self, note: Any, invoice: Any, amount: int = 4000) -> None:
        """A planned link in Light and in the copy."""
        self.sandbox.act(
            "link", creditNote=str(note.id), invoicePayable=str(invoice.id), amount=amount
        )
        factories.link(note, invoice, amount)

    def line(self, note: Any, invoice: Any, amount: int | None = 4000, **over: Any) -> Any:
        """An approved line, later than the ones before."""
        if not over.get("exempt") and over.get("state", "ready") == "ready":
            over = {"approved_by": self.approver} | over
        line = factories.line(self.preparer, note, invoice, amount, **over)
        self.lines += 1
        if line.approved_at:
            line.approved_at += timedelta(seconds=self.lines)
            line.save(update_fields=["approved_at"])
        return line

    def ready(self, **over: Any) -> Any:
        """An approved link of EUR 40.00 between a fresh note and a fresh draft invoice."""
        return self.line(self.note(), self.invoice(), **over)

    def send(self, *, worker: str = "w1", client: LightClient | None = None) -> bool:
        return sending.send_one(client or self.client, worker=worker, now=workflow.now())

    def send_all(self) -> None:
        while self.send():
            pass

    def settle(self, *, later: float = 0) -> bool:
        """Look at what is due, `later` seconds from now."""
        now = workflow.now() + timedelta(seconds=later)
        return sending.settle_one(self.client, worker="w1", now=now)

    def settle_late(self, looks: int = 2) -> None:
        """So many looks, all after the quarantine."""
        for number in range(1, looks + 1):
            self.settle(later=settings.QUARANTINE + 2 * number * settings.LOOK_AGAIN)

    def recover(self, *, later: float = 0) -> bool:
        return sending.recover(workflow.now() + timedelta(seconds=later))

    @property
    def writes(self) -> list[str]:
        """The writes that reached the sandbox."""
        return [asked.method for asked in self.sandbox.requests if asked.is_write]

    def amounts(self) -> list[int]:
        """What Light's links hold, whatever they belong to."""
        return [row["amount"] for row in self.sandbox.books.link_rows()]

    def verbs(self, line: Any) -> list[str]:
        """The trail of a line, oldest first."""
        from clearing.models import AuditEvent

        events = AuditEvent.objects.filter(instruction_id=line.pk).order_by("id")
        return [event.verb for event in events]


def state_of(line: Any) -> str:
    line.refresh_from_db()
    return str(line.state)
