"""Which details are due: each costs a call, so only where it matters and something changed.

`…_wanted_at` is when a read is due: the queue is served in its order, and a worker that takes
one moves it into the future by its lease. Links are read from the credit note's side.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from clearing import usable
from clearing.models import Clearing, CreditNote, Instruction, InvoicePayable, Link, Seen
from clearing.services.mirroring.settling import chunks, settle

Group = tuple[UUID | None, UUID | None, str]  # vendor, entity, currency
GROUP = ("vendor_id", "entity_id", "currency")
OPEN_STATUS = frozenset({"POSTED", "PARTIALLY_CLEARED"})
USABLE_STATE = usable.USABLE | usable.USABLE_WITH_WARNING
WITH_LINES_READ = frozenset({"DRAFT", "APPROVAL_PENDING", "APPROVED"})  # not yet in the ledger
SETTLED_STATE = frozenset({"PAID", "COMPLETED"})  # cleared further only by changing state
REFRESH_AT_MOST = 50  # calls for one clearing page
LATELY = timedelta(days=7)  # since a credit was used up, perhaps by an invoice just posted
AHEAD = timedelta(hours=1)  # what somebody looks at is served before a sync's own wishes


def is_usable(state: str) -> bool:
    """Whether credit may be used on an invoice in this state."""
    return state in USABLE_STATE


def open_notes() -> QuerySet[CreditNote]:
    """Credit notes that may have links and something left."""
    return CreditNote.objects.filter(status__in=OPEN_STATUS, gone_at=None).exclude(
        adjusts_payables=False
    )


def beside(notes: QuerySet[CreditNote]) -> Exists:
    """Whether one of these notes is in the group of the outer row."""
    return Exists(notes.filter(**{name: OuterRef(name) for name in GROUP}))


def links(*, older_than: datetime | None = None) -> QuerySet[CreditNote]:
    """Open notes never read or changed since; with `older_than` those read before it, too."""
    due = Q(links_read_at=None) | Q(links_read_at__lt=F("changed_at"))
    if older_than is not None:
        due |= Q(links_read_at__lt=older_than)
    return open_notes().filter(due, links_wanted_at=None)


def lines(*, older_than: datetime | None = None) -> QuerySet[CreditNote]:
    """Notes before the ledger whose lines were never read, or that changed since."""
    due = Q(lines_read_at=None) | Q(lines_read_at__lt=F("changed_at"))
    if older_than is not None:
        due |= Q(lines_read_at__lt=older_than)
    return CreditNote.objects.filter(
        due, status__in=WITH_LINES_READ, gone_at=None, lines_wanted_at=None
    )


def outstanding() -> QuerySet[InvoicePayable]:
    """Usable invoices beside open notes, never read or changed since."""
    return InvoicePayable.objects.filter(
        Q(outstanding_read_at=None) | Q(outstanding_read_at__lt=F("changed_at")),
        beside(open_notes()),
        type="VENDOR_INVOICE",
        state__in=USABLE_STATE,
        gone_at=None,
        outstanding_wanted_at=None,
    )


def payments(now: datetime) -> QuerySet[InvoicePayable]:
    """Posted invoices beside partly cleared notes or links of ours, or beside a note that was
    just used up, perhaps by a link of somebody else's; unread, or news is likely.

    News: the invoice changed, or a note beside it did that has been cleared in part or whole,
    or one that cleared it.
    """
    rows = InvoicePayable.objects.filter(
        state__in=usable.POSTED, gone_at=None, payments_wanted_at=None
    )
    ours = Instruction.objects.filter(
        kind__in=["link", "amend"],
        state__in=[*Instruction.IN_FLIGHT, Instruction.State.DONE],
        **{f"proposal__{name}": OuterRef(name) for name in GROUP},
    )
    partly = CreditNote.objects.filter(status="PARTIALLY_CLEARED", gone_at=None)
    linked = Link.objects.filter(made_here=True, invoice_payable_id=OuterRef("id"))
    cleared = CreditNote.objects.filter(
        status__in=["PARTIALLY_CLEARED", "CLEARED"], changed_at__gt=OuterRef("payments_read_at")
    )
    changed = CreditNote.objects.filter(changed_at__gt=OuterRef(OuterRef("payments_read_at")))
    used = Clearing.objects.filter(
        invoice_payable_id=OuterRef("id"),
        gone_at=None,
        credit_note_id__in=changed.values("id"),
    )
    used_up = CreditNote.objects.filter(
        Exists(
            Seen.objects.filter(
                document_id=OuterRef("id"), field="status", after="CLEARED", at__gte=now - LATELY
            )
        ),
        status="CLEARED",
    )
    open_ = ~Q(state__in=SETTLED_STATE) | Q(changed_at__gte=now - LATELY)
    credit = beside(partly) | (beside(used_up) & open_)
    unread = Q(payments_read_at=None) & (credit | Exists(ours) | Exists(linked))
    news = Q(payments_read_at__lt=F("changed_at")) | Exists(used)
    near = beside(cleared) & ~Q(state__in=SETTLED_STATE)
    return rows.filter(unread | (Q(payments_read_at__isnull=False) & (news | near)))


def want_posted(invoices: Iterable[UUID], now: datetime) -> None:
    """Invoices just seen to be posted: beside credit, Light may have used some of it by itself."""
    credit = CreditNote.objects.filter(
        Q(status__in=OPEN_STATUS) | Q(status="CLEARED", changed_at__gte=now - LATELY), gone_at=None
    ).exclude(adjusts_payables=False)
    for ids in chunks(invoices):
        rows = InvoicePayable.objects.filter(beside(credit), id__in=ids, type="VENDOR_INVOICE")
        rows.filter(payments_wanted_at=None).update(payments_wanted_at=now)
        rows.filter(outstanding_wanted_at=None).update(outstanding_wanted_at=now)


def want_due(*, all_before: datetime | None, now: datetime) -> int:
    """Ask for every detail that is due, the groups with the largest credit first; how many.

    all_before: a full sweep that began then reads the links of every open note, because Light may
    link without a sign of it in any list. None: only what is new or has changed.
    """
    old = now - timedelta(seconds=settings.FULL_SYNC_INTERVAL) if all_before else None
    wished: list[tuple[QuerySet[Any], str]] = [
        (links(older_than=all_before), "links_wanted_at"),
        (outstanding(), "outstanding_wanted_at"),
        (payments(now), "payments_wanted_at"),
    ]
    groups = [set(rows.values_list(*GROUP).distinct()) for rows, _ in wished]
    order = largest_first(set().union(*groups))
    paid: set[UUID] = set()
    for place, group in enumerate(order):
        at = now + timedelta(microseconds=3 * place)
        for position, (rows, field) in enumerate(wished):
            if group not in groups[position]:
                continue
            due = rows.filter(**dict(zip(GROUP, group, strict=True)))
            if field == "payments_wanted_at":
                paid |= set(due.values_list("id", flat=True))
            due.update(**{field: at + timedelta(microseconds=position)})
    # After all money: a person who opens a note gets its lines at once (want_lines).
    lines(older_than=old).update(lines_wanted_at=now + timedelta(microseconds=3 * len(order)))
    unshown(now)
    settle(payments_of=paid, now=now)
    return waiting()


def want(
    *, credit_notes: Iterable[UUID] = (), invoices: Iterable[UUID] = (), now: datetime
) -> None:
    """Have these documents' details read again soon; in the caller's transaction."""
    CreditNote.objects.filter(id__in=list(credit_notes)).update(links_wanted_at=now)
    rows = InvoicePayable.objects.filter(id__in=list(invoices))
    rows.update(outstanding_wanted_at=now)
    rows.filter(state__in=usable.POSTED).update(payments_wanted_at=now)


def want_open(invoices: Iterable[UUID], now: datetime) -> None:
    """Have what is open on these invoices read again, where it was read before."""
    read = InvoicePayable.objects.filter(outstanding_wanted_at=None, gone_at=None)
    for ids in chunks(invoices):
        rows = read.filter(id__in=ids, outstanding_read_at__lt=now)
        rows.update(outstanding_wanted_at=now)


def want_whole(notes: Iterable[UUID], invoices: Iterable[UUID], now: datetime) -> None:
    """Have these documents themselves read again: something changed of which no list told."""
    for ids in chunks(notes):
        rows = CreditNote.objects.filter(id__in=ids, lines_wanted_at=None)
        rows.update(lines_wanted_at=now)
    for ids in chunks(invoices):
        open_ = InvoicePayable.objects.filter(id__in=ids, outstanding_wanted_at=None)
        open_.update(outstanding_wanted_at=now)


def want_lines(note_id: UUID, now: datetime) -> bool:
    """Have one note's lines read next, for the page that shows it; False where that is on its
    way already, or was put off because Light's answer could not be read."""
    waits = Q(lines_wanted_at=None) | Q(lines_wanted_at__gt=now - AHEAD, lines_wanted_at__lte=now)
    row = CreditNote.objects.filter(waits, id=note_id, gone_at=None)
    return bool(row.update(lines_wanted_at=now - AHEAD))


def want_first_lines(notes: Iterable[UUID], now: datetime) -> None:
    """Have the lines of these notes read once, after whatever is more urgent."""
    unread = CreditNote.objects.filter(lines_read_at=None, lines_wanted_at=None, gone_at=None)
    for ids in chunks(notes):
        unread.filter(id__in=ids).update(lines_wanted_at=now)


def largest_first(groups: Iterable[Group]) -> list[Group]:
    """Groups by their largest open credit note; each currency by itself, then in turns."""
    largest = {
        (row["vendor_id"], row["entity_id"], row["currency"]): row["largest"] or 0
        for row in open_notes().values(*GROUP).annotate(largest=Max("amount"))
    }
    places: dict[str, int] = {}
    ranked = []
    for group in sorted(groups, key=lambda one: (-largest.get(one, 0), str(one))):
        complete = all(group)
        places[group[2]] = places.get(group[2], 0) + 1
        ranked.append((not complete, places[group[2]], group[2], group))
    return [group for *_, group in sorted(ranked, key=lambda one: one[:3])]


def unshown(now: datetime) -> None:
    """Ask again about lines that are done while no read has shown them yet."""
    lines = Instruction.objects.filter(state="done", shown_at=None).exclude(kind="archive")
    notes = CreditNote.objects.filter(id__in=lines.values("credit_note_id"))
    notes.filter(links_wanted_at=None).update(links_wanted_at=now)
    invoices = InvoicePayable.objects.filter(id__in=lines.values("invoice_payable_id"))
    invoices.filter(payments_wanted_at=None, state__in=usable.POSTED).update(payments_wanted_at=now)


def waiting(until: datetime | None = None) -> int:
    """How many reads are wanted, or due at this moment."""
    total = 0
    for rows, field in (
        (CreditNote.objects, "links_wanted_at"),
        (CreditNote.objects, "lines_wanted_at"),
        (InvoicePayable.objects, "outstanding_wanted_at"),
        (InvoicePayable.objects, "payments_wanted_at"),
    ):
        due = {f"{field}__lte": until} if until else {f"{field}__isnull": False}
        total += rows.filter(**due).count()
    return total


def refresh_group(vendor_id: UUID, entity_id: UUID, currency: str, now: datetime) -> int:
    """Ask to read one group again, for the page that shows it; how many reads were asked for.

    Only what was last read more than GROUP_REFRESH seconds ago, what is linked or changed first.
    """
    old = now - timedelta(seconds=settings.GROUP_REFRESH)
    group = {"vendor_id": vendor_id, "entity_id": entity_id, "currency": currency}
    notes = open_notes().filter(
        Q(links_read_at=None) | Q(links_read_at__lt=old), links_wanted_at=None, **group
    )
    invoices = InvoicePayable.objects.filter(
        Q(outstanding_read_at=None) | Q(outstanding_read_at__lt=old),
        outstanding_wanted_at=None,
        type="VENDOR_INVOICE",
        state__in=USABLE_STATE,
        gone_at=None,
        **group,
    )
    of_note = Exists(Link.objects.filter(credit_note_id=OuterRef("id"), gone_at=None))
    of_invoice = Exists(Link.objects.filter(invoice_payable_id=OuterRef("id"), gone_at=None))
    note_ids = list(
        notes.annotate(linked=of_note)
        .order_by("-linked", "-changed_at", "id")
        .values_list("id", flat=True)[:REFRESH_AT_MOST]
    )
    invoice_ids = list(
        invoices.annotate(linked=of_invoice)
        .order_by("-linked", "-changed_at", "id")
        .values_list("id", flat=True)[: REFRESH_AT_MOST - len(note_ids)]
    )
    CreditNote.objects.filter(id__in=note_ids).update(links_wanted_at=now - AHEAD)
    InvoicePayable.objects.filter(id__in=invoice_ids).update(outstanding_wanted_at=now - AHEAD)
    return len(note_ids) + len(invoice_ids)
