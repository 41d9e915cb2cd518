"""Differences as they are stored: new ones, those that ended, those that need a second reading."""

from datetime import datetime
from typing import Any

from clearing.models import CreditNote, Difference, InvoicePayable
from clearing.services import mirroring

MOST_READS = 25  # that wait for Light at a time, however much has gone at once
OPEN = Difference.objects.filter(ended_at=None)


def keep(notes: list[Any], found: list[Any], now: datetime) -> None:
    """Bring what is stored about these notes to what was found; in the caller's transaction."""
    stored = {row.key: row for row in OPEN.filter(credit_note_id__in=[one.pk for one in notes])}
    keys = {row.key for row in found}
    ended = [row.pk for key, row in stored.items() if key not in keys]
    Difference.objects.filter(pk__in=ended).update(ended_at=now)
    Difference.objects.bulk_create(
        [row for row in found if row.key not in stored], ignore_conflicts=True
    )
    sure = [stored[row.key].pk for row in found if row.confirmed and row.key in stored]
    OPEN.filter(pk__in=sure, confirmed=False).update(confirmed=True)
    if doubtful := [row for row in found if not row.confirmed]:
        _read_again(doubtful, now)


def _read_again(doubtful: list[Difference], now: datetime) -> None:
    """Ask for a second reading of what was seen once, unless enough of them wait already."""
    unsure = OPEN.filter(confirmed=False)
    notes = CreditNote.objects.filter(id__in=unsure.values("credit_note_id"))
    invoices = InvoicePayable.objects.filter(id__in=unsure.values("invoice_payable_id"))
    waiting_notes = set(notes.exclude(links_wanted_at=None).values_list("id", flat=True))
    waiting_notes |= set(notes.exclude(lines_wanted_at=None).values_list("id", flat=True))
    waiting = waiting_notes | set(
        invoices.exclude(payments_wanted_at=None).values_list("id", flat=True)
    )
    room = MOST_READS - len(waiting)
    for row in doubtful:
        about = row.invoice_payable_id if row.kind == row.Kind.UNDONE else row.credit_note_id
        about = about or row.credit_note_id
        if room <= 0 or about in waiting:
            continue
        waiting.add(about)
        room -= 1
        if row.kind == row.Kind.LOST:
            mirroring.want(credit_notes=[about], now=now)
        elif row.invoice_payable_id:
            mirroring.want(invoices=[about], now=now)
        else:
            mirroring.want_lines(about, now)
