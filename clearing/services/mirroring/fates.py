"""What became of a link: read from Light, never assumed."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from clearing import usable
from clearing.models import Clearing, InvoicePayable, Link

Fate = Link.Fate
ENOUGH_READS = 2  # of the payments of a posted invoice before "not honoured" is said


def fate(
    *,
    was: str,
    listed: bool,
    amount: int,
    posted: bool,
    cleared: int,
    undone: bool,
    reads: int,
    unmapped: bool = False,
) -> Fate:
    """The fate of one link. Pure.

    was: its last known fate; listed: among Light's links; posted: its invoice stands in the
    ledger; cleared: sum of the pair's CN clearings, in the smallest unit like `amount`; undone:
    one of them was reversed; reads: of the invoice's payments since it was posted and linked;
    unmapped: the invoice has a CN clearing of a credit note that we cannot name.
    """
    if cleared > 0:
        return Fate.CLEARED if cleared >= amount else Fate.CLEARED_PART
    if undone:
        return Fate.UNDONE
    if not posted:
        return Fate.PLANNED if listed else Fate.REMOVED
    if was == Fate.REMOVED and not listed:  # it went before the invoice was posted
        return Fate.REMOVED
    if reads < ENOUGH_READS or unmapped:
        return Fate.CHECKING
    return Fate.NOT_HONOURED


class _Facts:
    """What the copy knows about the invoices of some links."""

    def __init__(self, invoices: Collection[UUID]) -> None:
        rows = InvoicePayable.objects.filter(id__in=invoices)
        self.invoices = {row.id: row for row in rows}
        self.cleared: dict[tuple[UUID, UUID], int] = defaultdict(int)
        self.reversed_at: dict[tuple[UUID, UUID], datetime] = {}
        self.unmapped: set[UUID] = set()
        for entry in Clearing.objects.filter(invoice_payable_id__in=invoices, type="CN"):
            if entry.credit_note_id is None:
                self.unmapped |= set() if entry.gone_at else {entry.invoice_payable_id}
                continue
            pair = (entry.credit_note_id, entry.invoice_payable_id)
            if entry.gone_at is None:
                self.cleared[pair] += entry.amount
            else:
                latest = self.reversed_at.get(pair, entry.gone_at)
                self.reversed_at[pair] = max(latest, entry.gone_at)

    def fate(self, link: Link) -> Fate:
        pair = (link.credit_note_id, link.invoice_payable_id)
        invoice = self.invoices.get(link.invoice_payable_id)
        reversed_at = self.reversed_at.get(pair)
        return fate(
            was=link.fate,
            listed=link.gone_at is None,
            amount=link.amount,
            posted=invoice is not None and usable.is_posted(invoice.state),
            cleared=self.cleared[pair],
            # A pair that was linked again is a new promise: older reversals are not its own.
            undone=reversed_at is not None and reversed_at > link.first_seen_at,
            reads=invoice.payments_reads_posted if invoice else 0,
            unmapped=link.invoice_payable_id in self.unmapped,
        )


def links_of(notes: Collection[UUID], invoices: Collection[UUID]) -> list[Link]:
    """Every link that touches one of these documents."""
    touches = Q(credit_note_id__in=notes) | Q(invoice_payable_id__in=invoices)
    return list(Link.objects.filter(touches).order_by("id"))


def store(links: list[Link], now: datetime) -> None:
    """Store what became of these links; ask for payments where that is not clear yet."""
    facts = _Facts({link.invoice_payable_id for link in links})
    changed = []
    for link in links:
        became = facts.fate(link)
        if became != link.fate:
            link.fate, link.fate_at = became, now
            changed.append(link)
    Link.objects.bulk_update(changed, ["fate", "fate_at"], batch_size=200)
    unclear = {link.invoice_payable_id for link in links if link.fate == Fate.CHECKING}
    for count, wait in ((0, 0.0), (1, settings.LOOK_AGAIN)):
        InvoicePayable.objects.filter(
            id__in=unclear, payments_reads_posted=count, payments_wanted_at=None
        ).update(payments_wanted_at=now + timedelta(seconds=wait))
