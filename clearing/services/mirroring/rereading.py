"""Reading payments beside the syncs, in slices: once what is past, then by night what is closed.

After everything that a person or a sync wants: while a run is under way, nothing of this happens.
"""

import logging
import math
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from clearing import months, nights
from clearing.light.client import LightClient
from clearing.light.errors import (
    LightConflict,
    LightError,
    LightNotSent,
    LightRefused,
    LightUnavailable,
    LightUnreadable,
)
from clearing.models import HistoryReading, InvoicePayable, SyncRun
from clearing.services.mirroring import details, history, wants
from clearing.services.mirroring.writing import written

logger = logging.getLogger(__name__)
FIRST, NIGHT = HistoryReading.Kind
WAIT = timedelta(minutes=1)  # after Light gave no answer
FAILURES = 3  # in a row, after which an invoice may be left out
IN_TIME = 0.9  # of a night, after which its requests have been made


class Asked(NamedTuple):
    """An invoice to ask for, and the cursor behind it."""

    id: UUID
    cursor: str


@dataclass
class Slice:
    """What one slice has read, not yet written."""

    row: HistoryReading
    taken: int  # requests that were taken from the budget
    found: details.Found
    cursor: str = ""
    failures: int = 0
    failed: bool = False
    left_out: UUID | None = None


def plan_first(now: datetime) -> None:
    """Say, once, how many requests the past will take; as soon as the first lists are in."""
    if not settings.HISTORY_MONTHS or HistoryReading.objects.filter(kind=FIRST).exists():
        return
    today = timezone.localdate(now, timezone.get_default_timezone())
    since = months.earlier(months.first_day(today), settings.HISTORY_MONTHS)
    expected = history.unread(since).count()
    _plan(FIRST, today, since, expected, now)


def _plan(kind: str, day: date, since: date, expected: int, now: datetime) -> None:
    HistoryReading.objects.get_or_create(
        kind=kind,
        day=day,
        defaults={"since": since, "expected": expected, "planned_at": now},
    )


def read(client: LightClient, *, worker: str, now: datetime) -> bool:
    """One slice of up to 25 requests; False where none is due. Raises what Light raises."""
    runs = SyncRun.objects
    read_once = runs.filter(full=True, state=SyncRun.State.DONE)
    if runs.filter(state=SyncRun.State.RUNNING).exists() or not read_once.exists():
        return False
    night = nights.of(now)
    plan_first(now)
    _plan_night(night, now)
    unfinished = HistoryReading.objects.filter(finished_at=None)
    for row in unfinished.filter(Q(kind=FIRST) | Q(kind=NIGHT, day=night.day)).order_by("kind"):
        most = details.AT_ONCE if row.kind == FIRST else _due(row, night, now)
        if most and _is_free(row, now):
            return _slice(row, client, most, worker, now)
    return False


def _plan_night(night: nights.Night, now: datetime) -> None:
    """Say how much the night that is, or the next one, has to read; those before are over."""
    if HistoryReading.objects.filter(kind=NIGHT, day=night.day).exists():
        return
    if settings.ROTATION_REQUESTS > 0:
        HistoryReading.objects.filter(kind=NIGHT, finished_at=None).update(finished_at=now)
        expected = history.watched(now).count()
        _plan(NIGHT, night.day, history.earliest(now), expected, now)


def _due(row: HistoryReading, night: nights.Night, now: datetime) -> int:
    """How many requests of the night may be made now: its budget is spent evenly, none before."""
    share = min(night.share(now) / IN_TIME, 1.0)
    left = settings.ROTATION_REQUESTS - row.requests
    slice = max(min(details.AT_ONCE, left), 0)
    return slice if math.floor(share * settings.ROTATION_REQUESTS) - row.requests >= slice else 0


def _is_free(row: HistoryReading, now: datetime) -> bool:
    leased = row.lease_until is not None and row.lease_until > now
    return not leased and (row.not_before is None or row.not_before <= now)


def _slice(row: HistoryReading, client: LightClient, most: int, worker: str, now: datetime) -> bool:
    if row.kind == NIGHT and row.started_at is None:
        row.expected = history.watched(now).count()
    wanted = _next(row, most, now)
    if not _claim(row, len(wanted), worker, now):
        return False
    slice = Slice(row, len(wanted), details.Found(), row.cursor, row.failures)
    ends_at = time.monotonic() + details.SECONDS
    try:
        for one in wanted:
            if time.monotonic() >= ends_at:
                break
            _ask(client.once(), one.id, slice.found)
            slice.cursor, slice.failures = one.cursor, 0
    except LightError as error:
        slice.failed = True
        if not _is_of_this_one(error) or not _step_over(slice, client, wanted, now):
            raise
    finally:
        written(lambda: _write(slice, now))
    return bool(wanted)


def _is_of_this_one(error: LightError) -> bool:
    """Whether it may be the invoice that cannot be read, rather than Light or our own budget."""
    ours = isinstance(error, LightNotSent) or error.status == 429
    return isinstance(error, LightUnavailable | LightConflict) and not ours


def _step_over(slice: Slice, client: LightClient, wanted: list[Asked], now: datetime) -> bool:
    """Leave out an invoice that failed once too often, if another one is answered: where none is,
    all of Light is silent. Each time the next of them is asked; the last of all needs none.
    """
    head, others = wanted[slice.found.requests - 1], wanted[slice.found.requests :]
    slice.failures += 1
    if slice.failures < FAILURES or (not others and len(_next(slice.row, 2, now)) > 1):
        return False
    if others:
        try:
            _ask(client.once(), others[(slice.failures - FAILURES) % len(others)].id, slice.found)
        except LightError:
            return False
    logger.warning("payments of %s were not answered: left out", head.id)
    slice.cursor, slice.failures = head.cursor, 0
    slice.left_out, slice.failed = head.id, False
    return True


def _claim(row: HistoryReading, number: int, worker: str, now: datetime) -> bool:
    """Take the lease and the requests by compare-and-swap; without any left, it is finished."""
    row.started_at = row.started_at or now
    same = HistoryReading.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=now),
        pk=row.pk, requests=row.requests, cursor=row.cursor, finished_at=None,
    )  # fmt: skip
    row.lease_by, row.lease_until = worker, now + timedelta(seconds=settings.LEASE)
    return bool(
        same.update(
            requests=F("requests") + number,
            expected=row.expected,
            started_at=row.started_at,
            finished_at=None if number else now,
            lease_by=row.lease_by,
            lease_until=row.lease_until,
        )
    )


def _ask(client: LightClient, id: UUID, found: details.Found) -> None:
    """One request. What cannot be read of one invoice keeps nobody from the next."""
    found.requests += 1
    try:
        found.payments[id] = details.whole(client.payments(id))
    except (LightRefused, LightUnreadable) as error:
        if isinstance(error, LightRefused) and error.status == 404:
            found.gone.append((InvoicePayable, id))
            return
        fields = {"error": error.in_log}
        logger.warning("payments of %s cannot be read", id, extra=fields)


def _write(slice: Slice, now: datetime) -> None:
    """All that was read, with the place up to which it was; in the caller's transaction."""
    row = slice.row
    news = slice.found.store(now)
    if row.kind == NIGHT:
        wants.want_whole(set().union(*news.values()), news, now)
    ours = HistoryReading.objects.filter(
        pk=row.pk, lease_by=row.lease_by, lease_until=row.lease_until
    )
    kept = ours.update(
        requests=F("requests") - (slice.taken - slice.found.requests),
        changed=F("changed") + len(news),
        cursor=slice.cursor,
        failures=slice.failures,
        not_before=now + WAIT if slice.failed else None,
        lease_by="",
        lease_until=None,
    )
    if kept and slice.left_out:
        left_out = InvoicePayable.objects.filter(pk=slice.left_out)
        left_out.update(payments_unanswered_at=now)


def _next(row: HistoryReading, most: int, now: datetime) -> list[Asked]:
    """The next invoices to ask for, each once: the newest first, by night the oldest read."""
    after, _space, last = row.cursor.partition(" ")
    if row.kind == FIRST:
        rows: QuerySet[Any] = history.unread(row.since).order_by("-due_day", "-id")
        if last:
            day = date.fromisoformat(after)
            rows = rows.filter(Q(due_day__lt=day) | Q(due_day=day, id__lt=last))
        keys = rows.values_list("id", "due_day")
    else:
        rows = history.watched(now).filter(read__lt=row.started_at or now)
        if last:
            at = datetime.fromisoformat(after)
            rows = rows.filter(Q(read__gt=at) | Q(read=at, id__gt=last))
        keys = rows.values_list("id", "read")
    return [Asked(id, f"{key.isoformat()} {id}") for id, key in keys[:most]]
