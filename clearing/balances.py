"""What is free to use, what is open: the one module that knows.

Each pair of credit note and invoice is counted once: what has cleared where something has; else,
while the invoice is not posted (or was, and its clearings are still being read), the larger of
Light's link and our open instruction; else our open instruction. A line that is done stays
counted until a read of Light that began afterwards has settled it (`shown_at`).

A line that waits for a step before it (a move) takes its amount from its invoice at once, from
its credit note only what exceeds the clearing that the step before undoes: that clearing is still
counted there. All amounts are in the smallest unit.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from clearing import known, money, usable
from clearing.models import Balance, Clearing, CreditNote, Instruction, InvoicePayable, Link

FIGURES = [
    field.name
    for field in Balance._meta.concrete_fields
    if field.name not in {"document_id", "changed_at"}
]
COUNTED = Q(kind__in=["link", "amend"]) & (
    Q(state__in=Instruction.OPEN) | Q(state="done", shown_at__isnull=True)
)


@dataclass
class Pair:
    """One credit note and one invoice: what binds them, in the smallest unit."""

    posted: bool = False
    checking: bool = False  # posted, but what it cleared was not read yet
    link: int = 0
    cleared: int = 0
    ours: int = 0
    later: int = 0  # our line that waits for the step before it
    beyond: int = 0  # the part of `later` that this step does not free

    @property
    def of_note(self) -> int:
        """What this pair takes from the credit note."""
        return self._counted(max(self.ours, self.beyond))

    @property
    def of_invoice(self) -> int:
        """What this pair takes from an invoice that is not posted."""
        return self._counted(max(self.ours, self.later))

    def _counted(self, ours: int) -> int:
        if self.cleared > 0:
            return self.cleared
        if self.posted and not self.checking:
            return ours
        return max(self.link, ours)

    @property
    def held_of_note(self) -> int:
        """The part of the credit note that only our own open lines hold."""
        return self._held(max(self.ours, self.beyond))

    @property
    def held_of_invoice(self) -> int:
        """The part of the invoice that only our own open lines hold."""
        return self._held(max(self.ours, self.later))

    def _held(self, ours: int) -> int:
        if self.cleared > 0:
            return 0
        return ours if self.posted else max(ours - self.link, 0)

    @property
    def planned(self) -> int:
        return 0 if self.posted or self.cleared > 0 else self.link


@dataclass
class Pairs:
    """The pairs that touch some documents, by credit note and by invoice."""

    by_note: dict[UUID, dict[UUID, Pair]] = field(default_factory=lambda: defaultdict(dict))
    by_invoice: dict[UUID, dict[UUID, Pair]] = field(default_factory=lambda: defaultdict(dict))

    def at(self, note: UUID, invoice: UUID) -> Pair:
        pair = self.by_note[note].setdefault(invoice, Pair())
        self.by_invoice[invoice][note] = pair
        return pair


def pairs_of(notes: Iterable[UUID], invoices: Iterable[UUID]) -> Pairs:
    """Load every pair that touches one of these documents (at most four queries)."""
    touches = Q(credit_note_id__in=list(notes)) | Q(invoice_payable_id__in=list(invoices))
    pairs = Pairs()
    for link in Link.objects.filter(touches, Q(gone_at=None) | Q(fate=Link.Fate.CHECKING)):
        pair = pairs.at(link.credit_note_id, link.invoice_payable_id)
        pair.link, pair.checking = link.amount, link.fate == Link.Fate.CHECKING
    for entry in Clearing.objects.filter(touches, gone_at=None, type="CN"):
        if entry.credit_note_id:
            pairs.at(entry.credit_note_id, entry.invoice_payable_id).cleared += entry.amount
    for line in Instruction.objects.filter(touches & COUNTED).select_related("after"):
        _count(line, pairs)
    if not pairs.by_invoice:
        return pairs
    states = InvoicePayable.objects.filter(id__in=list(pairs.by_invoice)).values_list("id", "state")
    for invoice, state in states:
        for pair in pairs.by_invoice[invoice].values():
            pair.posted = usable.is_posted(state)
    return pairs


def _count(line: Instruction, pairs: Pairs) -> None:
    """Add a line of ours to its pair; clearings have been added before."""
    if not line.invoice_payable_id or not line.amount:
        return
    pair = pairs.at(line.credit_note_id, line.invoice_payable_id)
    first = line.after
    if first is None or (first.state == "done" and first.shown_at):
        pair.ours = max(pair.ours, line.amount)
    elif first.invoice_payable_id:
        still_cleared = pairs.at(line.credit_note_id, first.invoice_payable_id).cleared
        pair.later = max(pair.later, line.amount)
        pair.beyond = max(pair.beyond, line.amount - still_cleared)


def free_to_use(note: CreditNote, pairs: Iterable[Pair], *, payments_read: bool) -> int | None:
    """What of this credit note can still be used; None where that is not known yet.

    A PARTIALLY_CLEARED note is unknown until the payments of its group were read.
    """
    if note.amount is None or note.gone_at:
        return None if note.amount is None else 0
    if note.status == "PARTIALLY_CLEARED" and not payments_read:
        return None
    if note.status not in {"POSTED", "PARTIALLY_CLEARED"}:
        return 0
    return note.amount - sum(pair.of_note for pair in pairs)


def open_amount(invoice: InvoicePayable, pairs: Iterable[Pair]) -> int | None:
    """What of this invoice credit can still pay; None where Light was not asked yet."""
    if invoice.outstanding_balance is None:
        return None
    if usable.is_posted(invoice.state):
        return invoice.outstanding_balance - sum(pair.held_of_invoice for pair in pairs)
    return invoice.outstanding_balance - sum(pair.of_invoice for pair in pairs)


def payments_unread() -> QuerySet[InvoicePayable]:
    """Posted invoices whose payments were never read, or are to be read again."""
    return InvoicePayable.objects.filter(
        Q(payments_read_at__isnull=True) | Q(payments_wanted_at__isnull=False),
        state__in=usable.POSTED,
        gone_at=None,
    )


def _with_unread_payments(partly_cleared: list[UUID]) -> set[UUID]:
    """Those of these PARTIALLY_CLEARED notes whose group still has unread payments."""
    if not partly_cleared:
        return set()
    unread = payments_unread().filter(
        vendor_id=OuterRef("vendor_id"),
        entity_id=OuterRef("entity_id"),
        currency=OuterRef("currency"),
    )
    waiting = CreditNote.objects.filter(Exists(unread), id__in=partly_cleared)
    return set(waiting.values_list("id", flat=True))


def _fit(amount: int) -> int:
    """The nearest amount that a column holds: Light may send the largest integers there are."""
    return max(-money.INT64, min(amount, money.INT64))


def _row(
    kind: str, document: CreditNote | InvoicePayable, available: int | None,
    pairs: list[Pair], *, held: int, allowed: bool,
) -> Balance:  # fmt: skip
    available = None if available is None else _fit(available)
    return Balance(
        document_id=document.id,
        kind=kind,
        entity_id=document.entity_id,
        vendor_id=document.vendor_id,
        currency=document.currency,
        available=available,
        available_key=-1 if available is None else max(available, -1),
        held=_fit(held),
        planned=_fit(sum(pair.planned for pair in pairs)),
        cleared=_fit(sum(pair.cleared for pair in pairs)),
        usable=allowed and available is not None and available > 0,
    )


def compute(notes: Iterable[UUID], invoices: Iterable[UUID]) -> list[Balance]:
    """The Balance rows of these documents as they should be now, unsaved."""
    notes, invoices = set(notes), set(invoices)
    pairs = pairs_of(notes, invoices)
    return (_of_notes(notes, pairs) if notes else []) + (
        _of_invoices(invoices, pairs) if invoices else []
    )


def _of_notes(ids: set[UUID], pairs: Pairs) -> list[Balance]:
    notes = list(CreditNote.objects.filter(id__in=ids))
    waiting = _with_unread_payments([one.id for one in notes if one.status == "PARTIALLY_CLEARED"])
    partly = known.answers().partly_linkable
    cancelled = set(
        Instruction.objects.filter(
            Q(kind="archive") | Q(archives=True),
            credit_note_id__in=ids,
            state__in=Instruction.OPEN,
        ).values_list("credit_note_id", flat=True)
    )
    rows = []
    for note in notes:
        of_note = list(pairs.by_note.get(note.id, {}).values())
        free = free_to_use(note, of_note, payments_read=note.id not in waiting)
        problem = usable.credit_note_problem(note, partially_cleared_linkable=partly)
        allowed = problem is None and note.id not in cancelled
        held = sum(pair.held_of_note for pair in of_note)
        rows.append(_row(Balance.Kind.CREDIT_NOTE, note, free, of_note, held=held, allowed=allowed))
    return rows


def _of_invoices(ids: set[UUID], pairs: Pairs) -> list[Balance]:
    rows, on_posted = [], known.answers().posted_linkable
    for invoice in InvoicePayable.objects.filter(id__in=ids):
        of_invoice = list(pairs.by_invoice.get(invoice.id, {}).values())
        open_ = open_amount(invoice, of_invoice)
        allowed = usable.invoice_problem(invoice, posted_linkable=on_posted) is None
        held = sum(pair.held_of_invoice for pair in of_invoice)
        rows.append(
            _row(Balance.Kind.INVOICE, invoice, open_, of_invoice, held=held, allowed=allowed)
        )
    return rows


def available(documents: Iterable[UUID | None]) -> dict[UUID | None, int | None]:
    """What is free or open of these documents as stored; None where that is not known."""
    rows = Balance.objects.filter(document_id__in={one for one in documents if one})
    return dict(rows.values_list("document_id", "available"))


def lock(documents: Iterable[UUID]) -> dict[UUID, Balance]:
    """The balances of these documents, held until the transaction ends.

    Always notes before invoices, each by its id, so that nobody waits in a circle.
    """
    rows = Balance.objects.select_for_update().filter(document_id__in=set(documents))
    return {row.document_id: row for row in rows.order_by("kind", "document_id")}


def refresh(*, notes: Iterable[UUID] = (), invoices: Iterable[UUID] = ()) -> None:
    """Store the balances of these documents; call it in the transaction that changed an input."""
    notes, invoices = set(notes), set(invoices)
    now = timezone.now()
    with transaction.atomic():
        stored = lock(notes | invoices)  # before the sums: an older one must not be written last
        changed = []
        for row in compute(notes, invoices):
            if not _same(row, stored.get(row.document_id)):
                row.changed_at = now
                changed.append(row)
        Balance.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["document_id"],
            update_fields=[*FIGURES, "changed_at"],
            batch_size=500,
        )


def _same(row: Balance, stored: Balance | None) -> bool:
    return stored is not None and all(
        getattr(row, name) == getattr(stored, name) for name in FIGURES
    )


def refresh_lines(lines: Iterable[Instruction]) -> None:
    """Store the balances of both documents of these lines."""
    lines = list(lines)
    refresh(
        notes={line.credit_note_id for line in lines},
        invoices={line.invoice_payable_id for line in lines if line.invoice_payable_id},
    )
