"""Lines of ours with everything that the copy knows about their documents, read at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from clearing import usable
from clearing.models import Attempt, Clearing, CreditNote, Instruction, InvoicePayable, Link

State, Kind = Instruction.State, Instruction.Kind
ENDED = (State.DONE, State.REFUSED, State.NOT_APPLIED, State.NEEDS_PERSON)
LATEST = 50  # lines that one look takes
Cell = tuple[UUID, UUID | None]


@dataclass(frozen=True)
class Case:
    """One line that was sent, its last call, and its documents as the copy shows them now."""

    line: Instruction
    attempt: Attempt
    note: CreditNote
    invoice: InvoicePayable
    link: Link | None = None
    clearings: list[Clearing] = field(default_factory=list)

    @property
    def note_then(self) -> dict[str, Any]:
        """The credit note as Light showed it before the call: status, amount."""
        return self._before("credit_note")

    @property
    def invoice_then(self) -> dict[str, Any]:
        """The invoice as Light showed it before the call: state, amount, outstanding."""
        return self._before("invoice")

    @property
    def posted_then(self) -> bool:
        return usable.is_posted(str(self.invoice_then.get("state")))

    def _before(self, name: str) -> dict[str, Any]:
        found = (self.attempt.before or {}).get(name)
        return found if isinstance(found, dict) else {}


def latest(trials_of: Iterable[str]) -> list[Case]:
    """The lines that changed last, and the trials of these questions; seven queries."""
    sent = Instruction.objects.filter(kind__in=[Kind.LINK, Kind.UNLINK], state__in=ENDED)
    lines = {line.pk: line for line in sent.order_by("-changed_at")[:LATEST]}
    trials = sent.filter(trial__gt="", trial__in=list(trials_of)).order_by("-pk")[:LATEST]
    lines |= {line.pk: line for line in trials}
    return _cases(sorted(lines.values(), key=lambda line: line.changed_at))


def _cases(lines: list[Instruction]) -> list[Case]:
    calls = Attempt.objects.filter(instruction__in=lines, sent_at__isnull=False).order_by("pk")
    last = {attempt.instruction_id: attempt for attempt in calls}
    notes = CreditNote.objects.in_bulk({line.credit_note_id for line in lines})
    named = {line.invoice_payable_id for line in lines if line.invoice_payable_id}
    invoices = InvoicePayable.objects.in_bulk(named)
    of_pairs = {"credit_note_id__in": list(notes), "invoice_payable_id__in": list(invoices)}
    links: dict[Cell, Link] = {
        (link.credit_note_id, link.invoice_payable_id): link
        for link in Link.objects.filter(**of_pairs)
    }
    cleared: dict[Cell, list[Clearing]] = defaultdict(list)
    for entry in Clearing.objects.filter(type="CN", gone_at=None, **of_pairs):
        if entry.credit_note_id:
            cleared[entry.credit_note_id, entry.invoice_payable_id].append(entry)
    found = []
    for line in lines:
        note, attempt = notes.get(line.credit_note_id), last.get(line.pk)
        invoice = invoices.get(line.invoice_payable_id) if line.invoice_payable_id else None
        if note and invoice and attempt:
            cell = (note.pk, invoice.pk)
            found.append(Case(line, attempt, note, invoice, links.get(cell), cleared[cell]))
    return found
