"""Light's own dates of a document, as events of its history."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from clearing import money, usable
from clearing.models import Clearing, CreditNote, InvoicePayable, Seen
from clearing.queries.documents import name_of_document
from clearing.queries.history import Documents, Event

WAS_POSTED = usable.IN_LEDGER | {"ARCHIVED"}
NEAR = timedelta(days=1)  # what the copy saw within a day of Light's date is told once


def of_note(
    note: CreditNote, entries: Iterable[Clearing], seen: list[Seen], names: Documents, locale: str
) -> list[Event]:
    """When it was created, of which date it is, when it was posted, and what it cleared when."""
    found = []
    if note.created_in_light_at:
        found.append(Event(note.created_in_light_at, "", _("Created")))
    if note.document_date:
        found.append(_on(note.document_date, _("Date of the document")))
    if note.posting_date and note.status in WAS_POSTED:
        found.append(_on(note.posting_date, _("Posted to the ledger (posting date)")))
    return found + _cleared(entries, seen, names, locale, of_note=True)


def of_invoice(
    invoice: InvoicePayable, entries: Iterable[Clearing], seen: list[Seen], names: Documents,
    locale: str,
) -> list[Event]:  # fmt: skip
    """Of which date it is, and what has paid it when."""
    found = []
    if invoice.issued_date:
        found.append(_on(invoice.issued_date, _("Date of the invoice")))
    return found + _cleared(entries, seen, names, locale, of_note=False)


def _cleared(
    entries: Iterable[Clearing], seen: list[Seen], names: Documents, locale: str, *, of_note: bool
) -> list[Event]:
    """Clearings by their payment dates, but those that the copy saw at that time anyway."""
    rows = {
        (row.document_id, row.other_id, row.after): row.at for row in seen if row.what == "clearing"
    }
    found = []
    for entry in entries:
        if entry.payment_date is None or entry.gone_at is not None:
            continue
        first = entry.credit_note_id or entry.invoice_payable_id
        at = rows.get((first, entry.invoice_payable_id, str(entry.amount)))
        if at is not None and abs(at - _midnight(entry.payment_date)) <= 2 * NEAR:
            continue
        found.append(_on(entry.payment_date, _entry_words(entry, names, locale, of_note), "good"))
    return found


def _entry_words(entry: Clearing, names: Documents, locale: str, of_note: bool) -> str:
    values = {"amount": money.text(entry.amount, entry.currency, locale)}
    if entry.type == "BP":
        return _("Paid by bank: %(amount)s (payment date)") % values
    other: UUID | None = entry.invoice_payable_id if of_note else entry.credit_note_id
    name = name_of_document(names, other) or entry.document_number or "–"
    return _("Cleared with %(other)s: %(amount)s (payment date)") % (values | {"other": name})


def _on(day: date, words: str, tone: str = "") -> Event:
    return Event(_midnight(day), "", words, tone, day=day)


def _midnight(day: date) -> datetime:
    """Sorts a day before what happened on it."""
    return datetime.combine(day, time.min, tzinfo=UTC)
