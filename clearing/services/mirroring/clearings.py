"""What has cleared an invoice, into the copy."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from clearing import usable
from clearing.light import records
from clearing.light.errors import LightUnreadable
from clearing.models import Clearing, InvoicePayable, Link, Seen
from clearing.services.mirroring import ids
from clearing.services.mirroring.settling import seen


def take_payments(
    invoice: UUID, found: Sequence[records.Clearing], *, began: datetime
) -> set[UUID] | None:
    """All that has cleared an invoice, read at `began`; None if newer is stored already.

    The credit notes of which this was news: those that a clearing belongs to now, or did before.
    """
    row = InvoicePayable.objects.select_for_update().filter(id=invoice).first()
    if row is None or (row.payments_read_at and row.payments_read_at > began):
        return None
    stored = {one.id: one for one in Clearing.objects.filter(invoice_payable_id=invoice)}
    mapped = ids.credit_notes_of(one.accounting_document_id for one in found if one.type == "CN")
    history: list[Seen] = []
    touched: set[UUID | None] = set()
    for one in found:
        was = stored[one.id].credit_note_id if one.id in stored else None
        note = mapped.get(one.accounting_document_id) or _by_number(one, row)
        news = _take_clearing(one, row, note, stored.get(one.id), began)
        touched |= {was, note} if news else set()
        history += news
        ids.learn_invoice(invoice, one.invoice_payable_id)
    gone = [one for one in stored.values() if one.gone_at is None]
    for old in gone:
        if old.id not in {one.id for one in found}:
            old.gone_at = old.changed_at = began
            old.save(update_fields=["gone_at", "changed_at"])
            history.append(_clearing_seen(old, str(old.amount), "", began))
            touched.add(old.credit_note_id)
    Seen.objects.bulk_create(history)
    _count_read(row, began)
    return {one for one in touched if one}


def _by_number(entry: records.Clearing, invoice: InvoicePayable) -> UUID | None:
    """The note of a CN entry whose id says nothing to us: by its document number."""
    if entry.type != "CN":
        return None
    note = ids.credit_note_by_number(entry.document_number, invoice)
    if note:
        ids.learn_credit_note(note, entry.accounting_document_id)
    return note


def _take_clearing(
    entry: records.Clearing, invoice: InvoicePayable, note: UUID | None, row: Clearing | None,
    now: datetime,
) -> list[Seen]:  # fmt: skip
    """Insert or change one clearing; the history it makes."""
    if entry.amount is None:
        raise LightUnreadable("Light shows a payment without an amount.")
    values = {
        "type": entry.type,
        "accounting_document_id": entry.accounting_document_id,
        "credit_note_id": note,
        "document_number": entry.document_number,
        "amount": entry.amount,
        "currency": entry.currency,
        "payment_date": entry.payment_date,
        "gone_at": None,
    }
    if row and all(getattr(row, name) == value for name, value in values.items()):
        return []
    before = str(row.amount) if row and row.gone_at is None else ""
    if row is None:
        row = Clearing(id=entry.id, invoice_payable_id=invoice.id, first_seen_at=now)
    if not before:
        row.absent_at = invoice.payments_read_at
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = now
    row.save()
    return [_clearing_seen(row, before, str(entry.amount), now)]


def _clearing_seen(row: Clearing, before: str, after: str, now: datetime) -> Seen:
    document = row.credit_note_id or row.invoice_payable_id
    return seen("clearing", document, "clearing", before, after, now, row.invoice_payable_id)


def _count_read(row: InvoicePayable, began: datetime) -> None:
    """Count a read that can tell what became of the invoice's links: none is newer than it."""
    newest = (
        Link.objects.filter(invoice_payable_id=row.id)
        .exclude(fate=Link.Fate.REMOVED)
        .order_by("-first_seen_at")
        .values_list("first_seen_at", flat=True)
        .first()
    )
    later = row.payments_read_at is None or began > row.payments_read_at
    counts = later and usable.is_posted(row.state) and (newest is None or began > newest)
    InvoicePayable.objects.filter(id=row.id).update(
        payments_read_at=began,
        payments_reads_posted=row.payments_reads_posted + counts,
        payments_unanswered_at=None,
    )
