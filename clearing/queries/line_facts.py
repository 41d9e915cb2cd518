"""What is known of lines that wait beside both documents: duplicates, months, tax, who edited."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from clearing import money, roles, twins
from clearing.models import (
    Balance,
    Clearing,
    CreditNote,
    CreditNoteLine,
    Entity,
    Instruction,
    InvoicePayable,
    Months,
    Suspicion,
)
from clearing.queries import documents
from clearing.queries.line_books import Books
from clearing.roles import User


@dataclass(frozen=True)
class Facts:
    """What is known beside the books of some lines; few queries, whatever their number."""

    books: Books
    by: User
    locale: str
    today: date
    twins: dict[UUID, str]  # of a credit note: the name of one that may be the same
    months: dict[UUID, Months]
    taxed: Mapping[UUID, bool]  # whether a note's lines carry tax, where they were read
    worked: dict[int, set[UUID]]  # by person, the notes that they have edited or posted
    documents: Counter[tuple[UUID, UUID | None]]  # by vendor and entity; None: all of the vendor
    cleared: dict[UUID, date] = field(default_factory=dict)  # by accounting document

    @classmethod
    def of(cls, lines: list[Instruction], books: Books, by: User, locale: str) -> "Facts":
        notes = books.notes
        vendors = {note.vendor_id for note in notes.values() if note.vendor_id}
        people = {line.asked_by_id for line in lines} | {by.pk}
        return cls(
            books=books,
            by=by,
            locale=locale,
            today=timezone.localdate(),
            twins=_twins(notes.keys()),
            months=Months.objects.in_bulk([one.entity_id for one in notes.values()]),
            taxed=_taxed(notes.values()),
            worked=roles.who_worked(people, notes.keys()),
            documents=_by_entity(vendors),
            cleared=_cleared(lines),
        )

    @cached_property
    def entities(self) -> dict[UUID, Entity]:
        """Asked for only where one has to be named."""
        return Entity.objects.in_bulk({one.entity_id for one in self.books.notes.values()})

    def note(self, line: Instruction) -> CreditNote | None:
        return self.books.notes.get(line.credit_note_id)

    def invoice(self, line: Instruction) -> InvoicePayable | None:
        key = line.invoice_payable_id
        return self.books.invoices.get(key) if key else None

    def text(self, amount: int, currency: str) -> str:
        return money.text(amount, currency, self.locale)


def _twins(notes: Iterable[UUID]) -> dict[UUID, str]:
    """By note, the name of a possible duplicate that nobody has answered."""
    ids = list(notes)
    rows = Suspicion.objects.filter(
        Q(one_id__in=ids) | Q(other_id__in=ids), kind=Suspicion.Kind.TWINS
    )
    pairs = set(rows.values_list("one_id", "other_id"))
    if not pairs:
        return {}
    left = sorted(pairs - twins.answered(pairs))
    names = CreditNote.objects.in_bulk({id for pair in left for id in pair})
    other = dict(left) | {two: one for one, two in left}
    return {id: documents.name_of_document(names, other[id]) for id in ids if id in other}


def _taxed(notes: Iterable[CreditNote]) -> dict[UUID, bool]:
    read = [note.pk for note in notes if note.lines_read_at]
    if not read:
        return {}
    rows = CreditNoteLine.objects.filter(credit_note_id__in=read).order_by()
    sums = rows.values("credit_note_id").annotate(low=Min("tax"), high=Max("tax"))
    return {row["credit_note_id"]: bool(row["low"] or row["high"]) for row in sums}


def _by_entity(vendors: set[UUID]) -> Counter[tuple[UUID, UUID | None]]:
    """How many documents each vendor has, in each company entity and in all."""
    rows = Balance.objects.filter(
        kind__in=Balance.Kind.values, usable__in=[True, False], vendor_id__in=vendors
    ).values_list("vendor_id", "entity_id")
    found: Counter[tuple[UUID, UUID | None]] = Counter()
    for vendor, entity, n in rows.annotate(n=Count("pk")):
        if vendor and entity:
            found[vendor, entity] += n
            found[vendor, None] += n
    return found


def _cleared(lines: list[Instruction]) -> dict[UUID, date]:
    """The days of the clearings that are to be undone, by their accounting document."""
    wanted = [line.clearing_id for line in lines if line.clearing_id]
    if not wanted:
        return {}
    rows = Clearing.objects.filter(accounting_document_id__in=wanted, gone_at=None)
    days = rows.values_list("accounting_document_id", "payment_date")
    return {document: day for document, day in days if document and day}
