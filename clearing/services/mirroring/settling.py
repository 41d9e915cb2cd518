"""What follows from a change of the copy, in the transaction that made it."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from clearing import balances, usable
from clearing.models import Clearing, CreditNote, Instruction, InvoicePayable, Link, Seen
from clearing.services import booking
from clearing.services.mirroring import fates

CHUNK = 500  # ids in one query
UNCLEAR = (None, Link.Fate.CHECKING, Link.Fate.PLANNED)  # fates of a posted invoice's link
T = TypeVar("T")


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Lists of at most CHUNK."""
    rest = list(items)
    for start in range(0, len(rest), CHUNK):
        yield rest[start : start + CHUNK]


def settle(
    *,
    notes: Iterable[UUID] = (),
    invoices: Iterable[UUID] = (),
    payments_of: Iterable[UUID] = (),
    now: datetime,
) -> None:
    """Store fates, shown lines and balances of these documents and of those linked to them.

    payments_of: invoices whose payments were read or wanted; what is free on the partly cleared
    notes of their groups depends on that.
    """
    notes, invoices = set(notes), set(invoices) | set(payments_of)
    links: dict[int, Link] = {}
    for part in chunks(notes):
        links |= {link.pk: link for link in fates.links_of(part, ())}
    for part in chunks(invoices):
        links |= {link.pk: link for link in fates.links_of((), part)}
    for some in chunks(links.values()):
        fates.store(some, now)
    for part in chunks(notes):
        show_lines(Q(credit_note_id__in=part), now)
    for part in chunks(invoices):
        show_lines(Q(invoice_payable_id__in=part), now)
    others = _others(notes, invoices)
    notes |= others[0] | partly_cleared_beside(payments_of)
    invoices |= others[1]
    for part in chunks(sorted(notes | invoices)):
        balances.refresh(notes=notes & set(part), invoices=invoices & set(part))
        booking.book(notes & set(part), now=now)


def _others(notes: Collection[UUID], invoices: Collection[UUID]) -> tuple[set[UUID], set[UUID]]:
    """The documents on the other side of every pair: linked, cleared or asked for by us."""
    of_notes: set[UUID | None] = set()
    of_invoices: set[UUID | None] = set()
    for model in (Link, Clearing, Instruction):
        pairs: QuerySet[Any] = model._default_manager.all()
        for part in chunks(notes):
            found = pairs.filter(credit_note_id__in=part)
            of_invoices |= set(found.values_list("invoice_payable_id", flat=True))
        for part in chunks(invoices):
            found = pairs.filter(invoice_payable_id__in=part)
            of_notes |= set(found.values_list("credit_note_id", flat=True))
    return {one for one in of_notes if one}, {one for one in of_invoices if one}


def partly_cleared_beside(invoices: Iterable[UUID]) -> set[UUID]:
    """The partly cleared notes in the groups of these invoices."""
    found: set[UUID] = set()
    for part in chunks(invoices):
        vendors = InvoicePayable.objects.filter(id__in=part).values("vendor_id")
        notes = CreditNote.objects.filter(status="PARTIALLY_CLEARED", vendor_id__in=vendors)
        found |= set(notes.values_list("id", flat=True))
    return found


def show_lines(touches: Q, now: datetime) -> None:
    """Set shown_at of our done lines that a read of Light, begun after them, has settled.

    Not posted, or no invoice named: the note's links were read. Posted: the payments were, and
    what became of the link is clear. From then on balances count what Light shows instead.
    """
    lines = list(Instruction.objects.filter(touches, state="done", shown_at=None))
    if not lines:
        return
    notes = CreditNote.objects.in_bulk({line.credit_note_id for line in lines})
    invoices = InvoicePayable.objects.in_bulk(
        {line.invoice_payable_id for line in lines if line.invoice_payable_id}
    )
    links = Link.objects.filter(credit_note_id__in=list(notes))
    fate_of: dict[tuple[UUID, UUID | None], str] = {
        (link.credit_note_id, link.invoice_payable_id): link.fate for link in links
    }
    shown = []
    for line in lines:
        note = notes.get(line.credit_note_id)
        invoice = invoices.get(line.invoice_payable_id) if line.invoice_payable_id else None
        became = fate_of.get((line.credit_note_id, line.invoice_payable_id))
        if note and _is_shown(line, note, invoice, became):
            shown.append(line.pk)
    Instruction.objects.filter(pk__in=shown).update(shown_at=now)


def _is_shown(
    line: Instruction, note: CreditNote, invoice: InvoicePayable | None, became: str | None
) -> bool:
    """Whether a read that began after this line was done tells what it changed."""
    if invoice is None and line.invoice_payable_id:
        return False
    # Of an invoice that Light no longer shows nobody reads the payments any more.
    posted = invoice is not None and usable.is_posted(invoice.state) and not invoice.gone_at
    read_at = invoice.payments_read_at if invoice and posted else note.links_read_at
    if line.done_at is None or read_at is None or read_at <= line.done_at:
        return False
    return not posted or line.kind == "reverse" or became not in UNCLEAR


def seen(
    what: str,
    document: UUID,
    field: str,
    before: object,
    after: object,
    now: datetime,
    other: UUID | None = None,
) -> Seen:
    """One change that the copy saw, unsaved."""
    was, is_ = ("" if value is None else str(value) for value in (before, after))
    return Seen(
        what=what, document_id=document, other_id=other, field=field, before=was, after=is_, at=now
    )
