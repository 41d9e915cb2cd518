"""Which credit notes have to be compared, and what is known of each."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from clearing.models import Clearing, CreditNote, Difference, Instruction, InvoicePayable, Link
from clearing.services.reconciling.comparing import Books, Pair

DONE = Instruction.State.DONE
OF_PAIR = ("link", "amend", "unlink", "reverse")


def changed(since: datetime | None) -> QuerySet[CreditNote]:
    """Notes of which something changed that can differ; None: all that can differ at all.

    What a second reading has to confirm is looked at until it is, or has ended.
    """
    of_note = {"credit_note_id": OuterRef("pk")}
    if since is None:
        any_line = Exists(Instruction.objects.filter(state=DONE, **of_note))
        reversed_ = Exists(Clearing.objects.filter(gone_at__isnull=False, **of_note))
        listed = Exists(Difference.objects.filter(ended_at=None, **of_note))
        return CreditNote.objects.filter(any_line | reversed_ | listed)
    news = Q(changed_at__gte=since)
    links = Link.objects.filter(news | Q(fate_at__gte=since))
    invoices = InvoicePayable.objects.filter(news).values("id")
    parts: list[QuerySet] = [
        links,
        Clearing.objects.filter(news, credit_note_id__isnull=False),
        Instruction.objects.filter(news),
        Instruction.objects.filter(state=DONE, invoice_payable_id__in=invoices),
        Difference.objects.filter(ended_at=None, confirmed=False),
    ]
    touched = news
    for rows in parts:
        touched |= Q(pk__in=rows.order_by().values("credit_note_id"))
    return CreditNote.objects.filter(touched)


def books_of(notes: Iterable[CreditNote]) -> list[Books]:
    """What is known of each note and its pairs; five queries."""
    books = {note.pk: Books(note) for note in notes}
    of_these = Q(credit_note_id__in=list(books))
    done = Instruction.objects.filter(of_these, state=DONE, done_at__isnull=False)
    for line in done.order_by("done_at", "pk"):
        if line.kind in Instruction.OF_NOTE or line.archives:
            books[line.credit_note_id].lines.append(line)
        if line.kind in OF_PAIR and line.invoice_payable_id:
            _pair(books, line.credit_note_id, line.invoice_payable_id).lines.append(line)
    for link in Link.objects.filter(of_these):
        _pair(books, link.credit_note_id, link.invoice_payable_id).link = link
    for entry in Clearing.objects.filter(of_these, type="CN"):
        if entry.credit_note_id:
            _pair(books, entry.credit_note_id, entry.invoice_payable_id).clearings.append(entry)
    in_flight = Instruction.objects.filter(of_these, state__in=Instruction.IN_FLIGHT)
    for note, invoice in in_flight.values_list("credit_note_id", "invoice_payable_id"):
        for id, pair in books[note].pairs.items():
            pair.in_flight = pair.in_flight or invoice in (None, id)
    _name_invoices(books.values())
    return list(books.values())


def _pair(books: dict[UUID, Books], note: UUID, invoice: UUID) -> Pair:
    return books[note].pairs.setdefault(invoice, Pair())


def _name_invoices(books: Iterable[Books]) -> None:
    pairs = [(id, pair) for one in books for id, pair in one.pairs.items()]
    invoices = InvoicePayable.objects.in_bulk({id for id, _pair in pairs})
    for id, pair in pairs:
        pair.invoice = invoices.get(id)
