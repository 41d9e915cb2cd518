"""Both sides of a line: the documents with their balances, and what was seen of them since."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, usable
from clearing.models import Instruction, Seen
from clearing.queries import documents, history
from clearing.queries.line_books import Books

S = Instruction.State


@dataclass(frozen=True)
class Document:
    """One side of a line. `before` and `after` are what is free or open, as text."""

    name: str
    url: str
    label: labels.Label
    day: date | None = None
    by_light: bool = True  # of an invoice: Light says when it is paid; else the due date stands in
    warning: str = ""
    before: str = ""
    after: str = ""  # the same as before where the line changes nothing any more
    changes: tuple[str, ...] = ()  # seen in Light since it was proposed


def note_of(line: Instruction, books: Books, locale: str) -> Document:
    note = books.notes.get(line.credit_note_id)
    before, after = books.before_after(line, line.credit_note_id, locale)
    return Document(
        name=documents.name_of_document(books.notes, line.credit_note_id),
        url=reverse("credit_note", args=[line.credit_note_id]),
        label=labels.credit_note(note.status if note else ""),
        day=note.document_date if note else None,
        changes=_changes(line, line.credit_note_id, books, locale),
        before=before,
        after=after,
    )


def invoice_of(line: Instruction, books: Books, locale: str) -> Document:
    invoice_id = line.invoice_payable_id
    assert invoice_id is not None  # noqa: S101  (the caller has checked)
    invoice = books.invoices.get(invoice_id)
    day, by_light = documents.pays_on(invoice) if invoice else (None, True)
    pays = labels.day(day) if day and by_light else ""
    before, after = books.before_after(line, invoice_id, locale)
    warns = invoice is not None and line.state in Instruction.OPEN
    return Document(
        name=documents.name_of_document(books.invoices, invoice_id),
        url=reverse("invoice_payable", args=[invoice_id]),
        label=labels.invoice(invoice.state if invoice else ""),
        day=day,
        by_light=by_light,
        warning=usable.payment_warning(invoice, pays) if warns else "",
        changes=_changes(line, invoice_id, books, locale),
        before=before,
        after=after,
    )


def _changes(line: Instruction, document_id: UUID, books: Books, locale: str) -> tuple[str, ...]:
    """What the copy saw of this document since the line was asked for, while it waits."""
    if line.state != S.PROPOSED:
        return ()
    return tuple(
        _change(row, line.currency, locale)
        for row in books.changes.get(document_id, ())
        if row.at > line.asked_at
    )


def _change(row: Seen, currency: str, locale: str) -> str:
    if row.field == "gone":
        return history.gone_words(row)
    return _("%(field)s: %(before)s → %(after)s") % {
        "field": history.field_words(row),
        "before": history.value(row, row.before, currency, locale) or "–",
        "after": history.value(row, row.after, currency, locale) or "–",
    }
