"""Lines in each state, and what their approver or proposer does with them."""

from clearing import balances
from clearing.models import Instruction
from clearing.services import reviewing
from tests import factories

S = Instruction.State
DECIDING = ["approve", "reject", "take_back"]


def in_state(state, asked_by, approver, books, **over):
    """A line in this state, approved by `approver` where its state asks for that."""
    note, invoice = books.note(), books.invoice()
    approved = approver if state in Instruction.APPROVED else None
    return factories.line(asked_by, note, invoice, approved_by=approved, state=state, **over)


def act(step, line, by):
    if step == "approve":
        reviewing.approve(line, seen_hash=line.content_hash, by=by)
    elif step == "reject":
        reviewing.reject(line, reason_code="wrong_invoice", reason="", by=by)
    else:
        reviewing.take_back(line, by=by)


def approve(line, by):
    reviewing.approve(line, seen_hash=line.content_hash, by=by)


def change(document, **fields):
    for name, value in fields.items():
        setattr(document, name, value)
    document.save()
    kind = "notes" if hasattr(document, "document_number") else "invoices"
    balances.refresh(**{kind: [document.pk]})
