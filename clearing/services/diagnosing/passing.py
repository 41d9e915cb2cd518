"""Goes through what changed, vendor by vendor, a slice at a time, and stores the outlooks.

A pass takes the vendors whose documents, texts or answers changed since the one before; where
the rules of the house are others, where more has changed than is worth telling apart, and once a
day it takes all. Whoever moves the cursor first has done a slice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from clearing import known, workflow
from clearing.models import (
    AuditEvent,
    Balance,
    Citation,
    CreditNote,
    Declined,
    InvoicePayable,
    Looked,
    NotDuplicate,
    Outlook,
)
from clearing.services import following_up
from clearing.services.diagnosing.judging import judge, open_notes

SLICE = 2_000  # documents that are matched; sending waits as long as they take
VENDORS = 200  # that one slice looks for
MANY = 20_000  # changes; of more a pass takes every vendor
OVERLAP = timedelta(minutes=5)  # a change is committed within this time after its changed_at
PAUSE = timedelta(seconds=15)  # between two passes
EVER = datetime(1, 1, 2, tzinfo=UTC)
FIELDS = [field.name for field in Outlook._meta.concrete_fields if field.name != "credit_note_id"]


class Slice(NamedTuple):
    """Credit notes to judge, the rows stored about them, and how far that is (None: the end)."""

    notes: QuerySet[CreditNote]
    stored: QuerySet[Outlook]
    cursor: UUID | None


@dataclass(frozen=True)
class Search:
    """One way through the credit notes: how many changed since a time, and the next slice."""

    kind: str
    changes: Callable[[datetime], Iterable[QuerySet]]
    slice: Callable[[datetime | None, UUID | None], Slice]


def look(now: datetime) -> bool:
    """Judge one slice; False if there was nothing to judge."""
    marks = Looked.objects.in_bulk()
    return any(_step(search, marks.get(search.kind), now) for search in SEARCHES)


def rules() -> str:
    """A digest of what the outlooks depend on beside the books; another day is another rule."""
    return workflow.content_hash(
        {
            "day": timezone.localdate(),
            "tolerance": settings.MATCH_TOLERANCE,
            "small": settings.SMALL_REST,
            "partly": [known.answers().partly_linkable, known.answers().rest_is_open],
            "posted": known.answers().posted_linkable,
            "twins": settings.DUPLICATE_DAYS,
        }
    )


def _step(search: Search, mark: Looked | None, now: datetime) -> bool:
    wanted = rules()
    if mark is None:
        mark, _new = Looked.objects.get_or_create(kind=search.kind)
    if mark.began_at and mark.rules == wanted:
        return _slice(search, mark, now)
    since = mark.since if mark.rules == wanted else None
    if since and mark.looked_at and now - mark.looked_at < PAUSE:
        return False
    changes = search.changes(since or EVER)
    if not any(rows.exists() for rows in changes):
        return False
    if since and sum(rows[: MANY + 1].count() for rows in changes) > MANY:
        since = None
    same = Looked.objects.filter(pk=mark.pk, began_at=mark.began_at, rules=mark.rules)
    return bool(same.update(since=since, began_at=now, rules=wanted, cursor=None))


def _slice(search: Search, mark: Looked, now: datetime) -> bool:
    """The next notes of a pass; only what is found is written in a transaction."""
    some = search.slice(mark.since, mark.cursor)
    notes = open_notes(some.notes)
    stored = {row.pk: row for row in some.stored}
    found = judge(notes, stored, now)
    after: dict[str, Any] = {"cursor": some.cursor}
    if some.cursor is None and mark.began_at:
        after |= {"began_at": None, "looked_at": now, "since": mark.began_at - OVERLAP}
    with transaction.atomic():
        same = Looked.objects.filter(pk=mark.pk, began_at=mark.began_at, cursor=mark.cursor)
        if same.update(**after) != 1:
            return False
        _replace(stored, found)
    if some.cursor is None:
        following_up.end_used_up(now)
    return True


def _replace(stored: dict[UUID, Outlook], found: list[Outlook]) -> None:
    """Write what differs; notes with nothing left lose their row."""
    ended = stored.keys() - {row.pk for row in found}
    Outlook.objects.filter(pk__in=ended).delete()
    was = {key: _figures(row) for key, row in stored.items()}
    differ = [row for row in found if was.get(row.pk) != _figures(row)]
    Outlook.objects.bulk_create(
        differ, update_conflicts=True, unique_fields=["credit_note_id"], update_fields=FIELDS,
        batch_size=500,
    )  # fmt: skip


def _figures(row: Outlook) -> list[Any]:
    return [getattr(row, name) for name in FIELDS]


# --- by vendor ---------------------------------------------------------------------------------
def _changed_vendors(since: datetime) -> list[QuerySet]:
    """The vendors of what changed, one query for each kind of change."""
    texts: QuerySet = Citation.objects.filter(looked_at__gte=since).values("credit_note_id")
    declined: QuerySet = Declined.objects.filter(at__gte=since).values("credit_note_id")
    answers = NotDuplicate.objects.filter(at__gte=since)
    again = AuditEvent.objects.filter(at__gte=since, verb="suggests again")
    ids: list[QuerySet] = [texts, declined, answers.values("one_id"), answers.values("other_id")]
    rows: list[QuerySet] = [
        CreditNote.objects.filter(changed_at__gte=since),
        InvoicePayable.objects.filter(changed_at__gte=since),
        Balance.objects.filter(changed_at__gte=since),
        again,
        *(CreditNote.objects.filter(id__in=some) for some in ids),
    ]
    return [some.filter(vendor_id__isnull=False).order_by().values("vendor_id") for some in rows]


def _next_vendors(since: datetime | None, cursor: UUID | None) -> list[UUID]:
    """The next VENDORS vendors with credit notes, or of what changed, in the order of their ids."""
    every = CreditNote.objects.filter(vendor_id__isnull=False).values("vendor_id").distinct()
    sources: list[QuerySet] = [every] if since is None else _changed_vendors(since)
    if cursor:
        sources = [some.filter(vendor_id__gt=cursor) for some in sources]
    first, *others = sources
    found = first.union(*others) if others else first
    return [row["vendor_id"] for row in found.order_by("vendor_id")[:VENDORS]]


def _of_vendors(since: datetime | None, cursor: UUID | None) -> Slice:
    """As many of the next vendors as have SLICE documents to match, at least one."""
    vendors = _next_vendors(since, cursor)
    sizes = dict(
        Balance.objects.filter(
            vendor_id__in=vendors, kind__in=Balance.Kind.values, usable__in=[True]
        )
        .order_by()
        .values_list("vendor_id")
        .annotate(n=Count("document_id"))
    )
    taken, documents = 0, 0
    for vendor in vendors:
        documents += sizes.get(vendor, 0)
        if taken and documents > SLICE:
            break
        taken += 1
    ended = taken == len(vendors) < VENDORS
    some = vendors[:taken]
    return Slice(
        CreditNote.objects.filter(vendor_id__in=some),
        Outlook.objects.filter(vendor_id__in=some),
        None if ended else some[-1],
    )


# --- without a vendor --------------------------------------------------------------------------
def _changed_without(since: datetime) -> list[QuerySet]:
    return [CreditNote.objects.filter(vendor_id=None, changed_at__gte=since)]


def _without_vendor(since: datetime | None, cursor: UUID | None) -> Slice:
    some = CreditNote.objects.filter(vendor_id=None)
    if since:
        some = some.filter(changed_at__gte=since)
    if cursor:
        some = some.filter(pk__gt=cursor)
    ids = list(some.order_by("pk").values_list("pk", flat=True)[:SLICE])
    return Slice(
        CreditNote.objects.filter(pk__in=ids),
        Outlook.objects.filter(pk__in=ids),
        ids[-1] if len(ids) == SLICE else None,
    )


SEARCHES = (
    Search(Looked.Outlooks.VENDORS, _changed_vendors, _of_vendors),
    Search(Looked.Outlooks.NO_VENDOR, _changed_without, _without_vendor),
)
