"""Vendors with credit and invoices, and a plan of them, made by the worker's slices."""

import uuid
from datetime import date, timedelta

from clearing import workflow
from clearing.models import Citation, Plan
from clearing.services import planning
from tests import factories


class World:
    """Three vendors, V0 to V2: each a cited invoice of EUR 100.00 and a credit of as much."""

    def __init__(self):
        self.books = factories.Books()
        self.entity = self.books.entity
        self.preparer = factories.person("preparer")
        self.vendors = [self.vendor(n) for n in range(3)]

    def vendor(self, n):
        vendor = factories.vendor(id=uuid.UUID(int=n + 1), name=f"V{n}")
        self.pair(vendor, f"INV{n}4711")
        return vendor

    def pair(self, vendor, key, *, amount=10000, currency="EUR", state="IN_DRAFT"):
        """An invoice, and a credit note of as much that cites it."""
        more = {"amount": amount, "currency": currency}
        note = factories.credit_note(vendor, self.entity, document_number=f"C-{key}", **more)
        Citation.objects.create(
            credit_note_id=note.id, keys=key, looked_at=factories.NOW, pdf="read",
            in_pdf=[[key, "pdf", 1, f"zu Rechnung {key}"]],
        )  # fmt: skip
        invoice = factories.invoice(
            vendor, self.entity, number_key=key, invoice_number=key, state=state,
            issued_date=date(2026, 9, 1), **more,
        )  # fmt: skip
        return note, invoice

    def start(self, by=None, **wish):
        return planning.start(planning.Wish(**wish), by=by or self.preparer, now=workflow.now())

    def plan(self, by=None, **wish):
        """A plan that is made."""
        plan = self.start(by, **wish)
        run()
        plan.refresh_from_db()
        return plan


def run(worker="w", later=0):
    """The worker's slices until nothing is left of any plan; how many there were."""
    slices = 0
    while planning.make(workflow.now() + timedelta(seconds=later), worker=worker):
        slices += 1
        assert slices < 100
    return slices


def rows(plan):
    """(vendor, credit note, invoice, amount) of every line."""
    plan = Plan.objects.get(pk=plan.pk)
    return [
        (group.vendor_id.int, line.credit_note_id, line.invoice_payable_id, line.amount)
        for group in plan.groups.all()
        for line in group.rows.all()
    ]
