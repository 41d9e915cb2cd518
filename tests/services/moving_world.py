"""A credit note that has cleared an invoice, and another invoice to move that to."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from clearing import workflow
from clearing.models import Balance, Instruction, InvoicePayable, Proposal
from clearing.sandbox.server import Sandbox
from clearing.services import correcting, mirroring, reviewing
from tests import factories
from tests.services.mirroring_world import read_all
from tests.services.sending_world import World


class Cleared:
    """A note of EUR 100.00, wholly used on one invoice; another one is open."""

    def __init__(self, books: Any, cleared: int = 10000, **of_note: Any) -> None:
        self.books = books
        status = "CLEARED" if cleared == 10000 else "PARTIALLY_CLEARED"
        self.note = books.note(**{"status": status} | of_note)
        self.first = books.invoice(state="PARTIALLY_PAID", amount=30000, outstanding_balance=20000)
        self.target = books.invoice(state="IN_DRAFT", amount=50000)
        self.entry = factories.clearing(self.first, self.note, cleared)

    def move(self, by: Any, **over: Any) -> Proposal:
        fields = {
            "credit_note_id": self.note.id, "from_invoice_id": self.first.id,
            "to_invoice_id": self.target.id, "amount": 10000, "reason_code": "wrong_invoice",
            "reason": "", "by": by,
        }  # fmt: skip
        return correcting.move(**fields | over)

    def targets(self) -> list[InvoicePayable]:
        return correcting.move_targets(self.note.id, self.first.id)

    def problem(self, target: InvoicePayable | None = None) -> str:
        return correcting.move_problem(self.note, self.first.id, target or self.target)


def available(document: Any) -> int | None:
    return Balance.objects.get(pk=document.id).available


def states(proposal: Proposal) -> list[str]:
    return [line.state for line in proposal.lines.all()]


def step(line: Instruction, name: str, **fields: Any) -> None:
    """The worker's way with a line, without its calls."""
    line.refresh_from_db()
    workflow.advance(line, name, now=factories.NOW, **fields)


def approve(line: Instruction, by: Any) -> None:
    line = Instruction.objects.get(pk=line.pk)
    reviewing.approve(line, seen_hash=line.content_hash, by=by)


class Moving(World):
    """A note of EUR 100.00 that Light has cleared on `first`; `target` is a draft invoice."""

    def __init__(self, sandbox: Sandbox, preparer: Any, approver: Any) -> None:
        super().__init__(sandbox, preparer, approver)
        self.first = self.invoice(state="IN_DRAFT", amount=30000)
        self.target = self.invoice(state="IN_DRAFT", amount=50000)
        self.used = self.note()
        self.link(self.used, self.first, 10000)
        self.post_invoice(self.first)
        self.before = len(self.sandbox.requests)

    def post_invoice(self, invoice: Any) -> None:
        """By another user of Light, and read by us."""
        self.sandbox.act("post_invoice", invoicePayable=str(invoice.id))
        self.read(invoices=[invoice.id], notes=[self.used.id])

    def read(self, invoices: Iterable[UUID] = (), notes: Iterable[UUID] = ()) -> None:
        """Read these again, twice: payments are asked for once the invoice is known as posted."""
        for _ in range(2):
            mirroring.want(credit_notes=notes, invoices=invoices, now=workflow.now())
            read_all(self.client, later=100)
        for note in notes:
            mirroring.take_credit_note(self.client.credit_note(note), workflow.now())

    def undo(self, **over: Any) -> Instruction:
        fields = {"credit_note_id": self.used.id, "invoice_payable_id": self.first.id,
                  "reason_code": "refund", "reason": "They pay it back.",
                  "by": self.preparer}  # fmt: skip
        line = correcting.undo(**fields | over)
        self.approve(line)
        return line

    def move(self, amount: int = 10000) -> list[Instruction]:
        proposal = correcting.move(
            credit_note_id=self.used.id, from_invoice_id=self.first.id,
            to_invoice_id=self.target.id, amount=amount, reason_code="wrong_invoice",
            reason="", by=self.preparer,
        )  # fmt: skip
        lines = list(proposal.lines.all())
        self.approve(lines[0])
        return lines

    def approve(self, line: Instruction) -> None:
        reviewing.approve(line, seen_hash=line.content_hash, by=self.approver)

    @property
    def sent(self) -> list[str]:
        """The writes since the books were set up, by the last word of their path."""
        asked = [one for one in self.sandbox.requests[self.before :] if one.is_write]
        return [f"{one.method} {one.path.rsplit('/', 1)[-1]}" for one in asked]

    def in_light(self, note: Any) -> str:
        return self.client.credit_note(note.id).status
