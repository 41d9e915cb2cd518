"""Links into the copy, with what became of each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from clearing.light import records
from clearing.light.errors import LightUnreadable
from clearing.models import CreditNote, Instruction, InvoicePayable, Link, Seen
from clearing.services.mirroring import ids, lists
from clearing.services.mirroring.settling import seen, settle
from clearing.services.mirroring.wants import want, want_open


def take_credit_note(record: records.CreditNote, now: datetime) -> None:
    """A credit note as an answer showed it, with its lines; in the caller's transaction."""
    lists.take_credit_notes([record], now, detailed="lines" in record.model_fields_set)


def take_link(
    link: records.Link,
    *,
    credit_note_id: UUID,
    invoice_payable_id: UUID,
    made_here: bool,
    now: datetime,
) -> None:
    """A link as the answer to a write showed it; in the caller's transaction.

    Both documents are read again soon: the answer says nothing of what Light cleared with it.
    """
    _lock([credit_note_id])
    _put(link, credit_note_id, invoice_payable_id, made_here=made_here, now=now)
    want(credit_notes=[credit_note_id], invoices=[invoice_payable_id], now=now)
    settle(notes=[credit_note_id], invoices=[invoice_payable_id], now=now)


def take_link_gone(credit_note_id: UUID, invoice_payable_id: UUID, now: datetime) -> None:
    """A link that Light took away for us; in the caller's transaction."""
    _lock([credit_note_id])
    rows = Link.objects.filter(
        credit_note_id=credit_note_id, invoice_payable_id=invoice_payable_id, gone_at=None
    )
    _go(rows, now)
    want(credit_notes=[credit_note_id], invoices=[invoice_payable_id], now=now)
    settle(notes=[credit_note_id], invoices=[invoice_payable_id], now=now)


def _lock(notes: Iterable[UUID]) -> None:
    """Writers of one note's links queue up, or a read that is older could be written last."""
    list(CreditNote.objects.select_for_update().filter(id__in=notes).order_by("id"))


def _put(
    link: records.Link, note: UUID, invoice: UUID, *, made_here: bool, now: datetime
) -> None:  # fmt: skip
    """Insert or change one link. One that comes back is a new promise of the same pair."""
    if link.amount is None:
        raise LightUnreadable("Light shows a link without an amount.")
    row = Link.objects.filter(credit_note_id=note, invoice_payable_id=invoice).first()
    new = row is None or row.gone_at is not None
    if row is None:
        row = Link(credit_note_id=note, invoice_payable_id=invoice, fate_at=now)
    before = "" if new else row.amount
    row.made_here = made_here or (row.made_here and not new)
    row.updated_in_light_at = link.updated_at
    if new or before != link.amount:
        row.changed_at = now
        Seen.objects.bulk_create([seen("link", note, "link", before, link.amount, now, invoice)])
    if new:
        row.first_seen_at, row.gone_at = now, None
        row.fate, row.fate_at = Link.Fate.PLANNED, now
        # Payments read earlier say nothing about this promise.
        InvoicePayable.objects.filter(id=invoice).update(payments_reads_posted=0)
    row.amount, row.currency = link.amount, link.currency
    row.save()


def _go(rows: Iterable[Link], now: datetime) -> None:
    for row in rows:
        row.gone_at = row.changed_at = now
        row.save(update_fields=["gone_at", "changed_at"])
        change = seen(
            "link", row.credit_note_id, "link", row.amount, "", now, row.invoice_payable_id
        )
        Seen.objects.bulk_create([change])


def take_links(note: UUID, found: Sequence[records.Link], *, began: datetime) -> bool:
    """The whole list of one note's links, read at `began`; False if newer is stored already.

    A pair that one of our lines changed since then is left alone. With an entry that we cannot
    map, nothing is taken as gone: it may be the one that is missing.
    """
    _lock([note])
    row = CreditNote.objects.filter(id=note).first()
    if row is None or (row.links_read_at and row.links_read_at > began):
        return False
    mapped = ids.invoices_of(link.invoice_payable_id for link in found)
    ours = _changed_since(began, Q(credit_note_id=note))
    listed: set[UUID] = set()
    moved: set[UUID] = set()  # invoices: what is open on one may have changed with its link
    whole = True
    for link in found:
        ids.learn_credit_note(note, link.credit_note_id)
        invoice = mapped.get(link.invoice_payable_id)
        if invoice and (note, invoice) not in ours and _put_if_changed(link, note, invoice, began):
            moved.add(invoice)
        whole = whole and invoice is not None
        listed |= {invoice} if invoice else set()
    if whole:
        stored = Link.objects.filter(credit_note_id=note, gone_at=None)
        absent = stored.exclude(invoice_payable_id__in=listed)
        gone = [one for one in absent if (note, one.invoice_payable_id) not in ours]
        moved |= {one.invoice_payable_id for one in gone}
        _go(gone, began)
    want_open(moved, began)
    CreditNote.objects.filter(id=note).update(links_read_at=began)
    return True


def _put_if_changed(link: records.Link, note: UUID, invoice: UUID, now: datetime) -> bool:
    same = Link.objects.filter(
        credit_note_id=note,
        invoice_payable_id=invoice,
        gone_at=None,
        amount=link.amount or 0,
        updated_in_light_at=link.updated_at,
    )
    if same.exists():
        return False
    _put(link, note, invoice, made_here=False, now=now)
    return True


def _changed_since(began: datetime, touches: Q) -> set[tuple[UUID, UUID | None]]:
    """Pairs that a line of ours changed after `began`."""
    lines = Instruction.objects.filter(touches, state="done", done_at__gte=began)
    return set(lines.values_list("credit_note_id", "invoice_payable_id"))
