"""A company whose credit was used up before the connection, and the nights after it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Sum

from clearing import nights, workflow
from clearing.light.client import LightClient
from clearing.models import Movement
from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.services import mirroring
from clearing.services.booking import standing
from tests.services.mirroring_world import Company

MONTH = timedelta(days=30)


def day(ago: timedelta = timedelta(days=10)) -> str:
    """A day of the past, as Light writes it."""
    return (workflow.now() - ago).date().isoformat()


class Past(Company):
    """One vendor; credit that invoices have used up."""

    def cleared(self, amount: int = 4000, ago: timedelta = timedelta(days=10)) -> tuple[str, str]:
        """A used-up credit note and the paid invoice that used it."""
        stamp = f"{day(ago)}T10:00:00.000000Z"
        note = self.note(amount, status="CLEARED", updatedAt=stamp, postingDate=day(ago + MONTH))
        invoice = self.old_invoice(ago, amount=amount)
        self.lists["clearings"].append(
            records.clearing(
                invoicePayableId=invoice, creditNoteId=note, amount=amount, paymentDate=day(ago)
            )
        )
        return note, invoice

    def old_invoice(self, ago: timedelta = timedelta(days=10), **over: Any) -> str:
        """A paid one that was not touched since."""
        stamp = f"{day(ago)}T10:00:00.000000Z"
        dates = {"issuedDate": day(ago), "dueDate": day(ago), "updatedAt": stamp}
        return self.invoice(**{"state": "COMPLETED"} | dates | over)


def later(share: float, nights_on: int = 1) -> datetime:
    """A moment of a night to come; `share` of it has passed."""
    night = nights.of(workflow.now() + timedelta(days=nights_on))
    return night.opens_at + (night.closes_at - night.opens_at) * share


def read_past(light: LightClient, now: datetime | None = None, most: int = 50) -> int:
    """Every slice that is due; how many."""
    for done in range(most):
        if not mirroring.read_history(light, worker="test", now=now or workflow.now()):
            return done
    raise AssertionError("Reading the past does not end.")


def payments_read(sandbox: Sandbox) -> list[str]:
    """The invoices whose payments were asked for."""
    paths = [asked.path for asked in sandbox.requests if asked.path.endswith("/payments")]
    return [path.split("/")[3] for path in paths]


def stands(note: str) -> list[tuple[str, int, UUID | None]]:
    """The movements of a credit note that count: kind, amount and invoice."""
    rows = standing(Movement.objects.filter(credit_note_id=note).order_by("pk"))
    return [(row.kind, row.amount, row.invoice_payable_id) for row in rows]


def open_of(note: str) -> int:
    found = Movement.objects.filter(credit_note_id=note).aggregate(all=Sum("amount"))
    return found["all"] or 0


def quietly(sandbox: Sandbox, action: str, **given: Any) -> None:
    """Somebody does it in a Light whose `updatedAt` stands still over it."""
    kinds = ("credit_note", "invoice")
    before = {kind: sandbox.books.all(kind) for kind in kinds}
    sandbox.act(action, **given)
    for kind, rows in before.items():
        for row in rows:
            now = sandbox.books.get(kind, row["id"])
            sandbox.books.put(kind, {**now, "updatedAt": row["updatedAt"]})
