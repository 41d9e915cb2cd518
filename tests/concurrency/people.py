"""Two preparers, two approvers, and documents for them to meet at."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clearing.models import AuditEvent, Balance, Instruction
from clearing.services import proposing
from clearing.services.proposing import Wanted
from tests import factories


class World:
    """One vendor's documents, and people with roles; invoices are drafts unless said otherwise."""

    def __init__(self, books: factories.Books) -> None:
        self.books = books
        self.preparer, self.other = (factories.person("preparer", n) for n in ("paula", "piet"))
        self.approver, self.second = (factories.person("approver", n) for n in ("anton", "ada"))

    def note(self, **over: Any) -> Any:
        return self.books.note(**over)

    def invoice(self, **over: Any) -> Any:
        late = timezone.localdate() + timedelta(days=60)  # so that its payment is not near
        fields = {"state": "IN_DRAFT", "due_date": late, "due_day": late}
        return self.books.invoice(**fields | over)

    def line(self, note: Any = None, invoice: Any = None, amount: int = 4000, **over: Any) -> Any:
        """A line of EUR 40.00 that waits for review."""
        note, invoice = note or self.note(), invoice or self.invoice()
        return factories.line(self.preparer, note, invoice, amount, **over)

    def propose(self, note: Any, *invoices: Any, amount: int = 4000, by: Any = None) -> Any:
        return proposing.propose(
            vendor_id=self.books.vendor.id, entity_id=self.books.entity.id, currency="EUR",
            wanted=[Wanted(note.id, one.id, amount) for one in invoices], by=by or self.preparer,
        )  # fmt: skip


def same(line: Any) -> Instruction:
    """A line as another process has loaded it."""
    return Instruction.objects.select_related("proposal", "after").get(pk=line.pk)


def trail(line: Any) -> list[str]:
    """The verbs about a line, oldest first."""
    events = AuditEvent.objects.filter(instruction_id=line.pk).order_by("id")
    return list(events.values_list("verb", flat=True))


def available(document: Any) -> int | None:
    return Balance.objects.get(pk=document.id).available
