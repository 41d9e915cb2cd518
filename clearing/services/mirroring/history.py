"""Which invoices tell what used up credit in the past, and which may tell that it was undone.

Three things happen in Light without a sign of it where `updatedAt` does not move. A clearing that
is reversed is missing among its invoice's payments: those of every invoice with a clearing of a
watched month are read again. A credit note that is cancelled shows it in its list, which each
whole sync reads to its end: no request of its own. A clearing that is added has its credit from a
note that is used in part, or whose clearings do not make up its amount (any more): the invoices
beside it are read again, where credit may still have gone to them.

What cannot be found: a clearing that was made and reversed between two readings; one that was
reversed before the earliest watched month and before the first reading; anything of an invoice
that Light no longer shows; and what uses up credit without an invoice, like an entry in the ledger
(it counts as cleared on the day the note changed, marked as assumed).
"""

from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from clearing import months, usable
from clearing.models import Clearing, CreditNote, Entity, InvoicePayable
from clearing.services.mirroring.wants import SETTLED_STATE, beside

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # sorts as a reading that was never made
CLEARINGS = Clearing.objects.filter(type="CN", gone_at=None)
LEFT_OUT = Q(payments_unanswered_at__isnull=False)  # for want of an answer; tried again by night


def unexplained() -> QuerySet[CreditNote]:
    """Used-up credit notes whose clearings, as far as they were read, do not make up the amount."""
    mine = CLEARINGS.filter(credit_note_id=OuterRef("id")).order_by().values("credit_note_id")
    read = Subquery(mine.annotate(all=Sum("amount")).values("all"))
    return (
        CreditNote.objects.filter(status="CLEARED", gone_at=None)
        .exclude(adjusts_payables=False)
        .filter(amount__gt=Coalesce(read, 0))
    )


def _posted() -> QuerySet[InvoicePayable]:
    return InvoicePayable.objects.filter(
        type="VENDOR_INVOICE", state__in=usable.POSTED, gone_at=None
    )


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def _dated(since: date) -> Q:
    """Invoices of which any date that the lists tell lies within."""
    start = _start(since)
    days = Q(issued_date__gte=since) | Q(due_date__gte=since)
    return days | Q(updated_in_light_at__gte=start) | Q(payment_at__gte=start)


def unread(since: date) -> QuerySet[InvoicePayable]:
    """Posted invoices that a used-up credit note may have cleared since then; never read.

    The note or the invoice has a date within. A note that is POSTED has cleared nothing, and
    what is beside a partly used one is read by every sync. Once all clearings of the used-up
    notes of a vendor are known, the rest of their invoices is not asked for.
    """
    used = unexplained()
    lately = used.filter(updated_in_light_at__gte=_start(since))
    return _posted().filter(
        (_dated(since) & beside(used)) | beside(lately),
        payments_read_at=None,
        payments_wanted_at=None,
    )


def earliest(now: datetime) -> date:
    """The earliest day from which on anything is watched."""
    places = [None, *Entity.objects.all()]
    return min(months.watched(one, now) for one in places)


def watched(now: datetime) -> QuerySet[Any]:
    """Invoices whose payments are read again by night, with `read` as their order: one that
    did not answer has its turn again after those that were due before it failed."""
    every = months.watched(None, now)
    days = {one.pk: months.watched(one, now) for one in Entity.objects.all()}
    other = {entity: day for entity, day in days.items() if day != every}
    wanted = _cleared_since(every) if not other else Q()
    if other:
        wanted = _cleared_since(every) & (Q(entity_id=None) | ~Q(entity_id__in=list(other)))
        for day in set(other.values()):
            here = [entity for entity, since in other.items() if since == day]
            wanted |= _cleared_since(day) & Q(entity_id__in=here)
    wanted |= _maybe_cleared(min([every, *days.values()])) | LEFT_OUT
    rows = InvoicePayable.objects.filter(wanted)
    read = Coalesce("payments_unanswered_at", "payments_read_at", NEVER)
    return rows.filter(gone_at=None).annotate(read=read).order_by("read", "id")


def _cleared_since(day: date) -> Q:
    """With a clearing by credit that is dated then or later, as far as we know."""
    dated = Q(payment_date__gte=day) | Q(payment_date=None, first_seen_at__gte=_start(day))
    return Q(id__in=CLEARINGS.filter(dated).values("invoice_payable_id"))


def _maybe_cleared(since: date) -> Q:
    """On which credit may have been used that we do not know of."""
    start = _start(since)
    used = unexplained().filter(Q(updated_in_light_at__gte=start) | Q(changed_at__gte=start))
    partly = CreditNote.objects.filter(status="PARTIALLY_CLEARED", gone_at=None)
    near = (_dated(since) & beside(used)) | (~Q(state__in=SETTLED_STATE) & beside(partly))
    return near & Q(type="VENDOR_INVOICE", state__in=usable.POSTED)
