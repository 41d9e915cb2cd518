"""A sync run: one reading of Light in slices, so that any worker goes on where one stopped.

Phases: the company, the lists page by page, on a full sweep what has gone, then the details,
and on a full sweep all balances once more. Each slice reads first and writes afterwards, in one
transaction that also moves the run to its next place.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clearing.light.client import LightClient
from clearing.light.errors import LightDenied, LightError, LightUnavailable, LightUnreadable
from clearing.models import SyncRun
from clearing.services.mirroring import phases
from clearing.services.mirroring.writing import GaveWay

logger = logging.getLogger(__name__)
MOST_TRIES = 5  # of an answer that cannot be read
LONGEST_WAIT = 60.0  # seconds between two tries
AFTER_FAILURE = 60.0  # seconds until the worker starts anew after a run that failed


def start(*, full: bool, by_name: str = "", now: datetime) -> SyncRun:
    """Start a run, or return the one that is running. The first is a full sweep, and so is the
    next one when the last full sweep is older than FULL_SYNC_INTERVAL."""
    running = SyncRun.objects.filter(state=SyncRun.State.RUNNING).first()
    if running:
        return running
    last = SyncRun.objects.filter(state=SyncRun.State.DONE).first()
    full = full or last is None or _full_is_due(now)
    overlap = timedelta(seconds=settings.SYNC_OVERLAP)
    try:
        with transaction.atomic():
            return SyncRun.objects.create(
                full=full,
                phase=phases.FIRST,
                since=None if full or last is None else last.started_at - overlap,
                started_at=now,
                asked_by_name=by_name,
            )
    except IntegrityError:  # somebody was faster
        return SyncRun.objects.get(state=SyncRun.State.RUNNING)


def _full_is_due(now: datetime) -> bool:
    latest = SyncRun.objects.filter(state=SyncRun.State.DONE, full=True).first()
    interval = timedelta(seconds=settings.FULL_SYNC_INTERVAL)
    return latest is None or latest.started_at + interval <= now


def due(now: datetime) -> bool:
    """Whether the worker should start a run."""
    last = SyncRun.objects.first()
    if last is None:
        return True
    if last.state == SyncRun.State.RUNNING:
        return False
    if last.state == SyncRun.State.FAILED:
        wait = timedelta(seconds=min(AFTER_FAILURE, settings.SYNC_INTERVAL))
        return (last.finished_at or last.started_at) + wait <= now
    return last.started_at + timedelta(seconds=settings.SYNC_INTERVAL) <= now


def running(now: datetime) -> SyncRun | None:
    """The run whose next slice can be done now, if there is one."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    waited = Q(not_before=None) | Q(not_before__lte=now)
    return SyncRun.objects.filter(free, waited, state=SyncRun.State.RUNNING).first()


def slice(run: SyncRun, client: LightClient, *, worker: str, now: datetime) -> bool:
    """Do one page or up to 25 details; False where another worker has the run, or it must wait.

    Light's errors end in the run's row: a wait, or the sentence why it failed.
    """
    if not _claim(run, worker, now):
        return False
    try:
        phases.step(run, client, now)
    except LightError as error:
        _note(run, error, now)
    except phases.LostLease:
        return False
    except GaveWay:  # nobody's mistake: the same slice again
        _row(run).update(lease_until=None, lease_by="")
        raise
    except Exception:
        _release(run, now, problem=_("Reading Light stopped over a mistake of ours; see the log."))
        raise
    return True


def _claim(run: SyncRun, worker: str, now: datetime) -> bool:
    """Take the lease by compare-and-swap, and the run as it is now."""
    free = Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_by=worker)
    waited = Q(not_before=None) | Q(not_before__lte=now)
    taken = SyncRun.objects.filter(free, waited, pk=run.pk, state=SyncRun.State.RUNNING).update(
        lease_by=worker, lease_until=now + timedelta(seconds=settings.LEASE)
    )
    run.refresh_from_db()
    return taken == 1


def _release(run: SyncRun, now: datetime, *, problem: str) -> None:
    """Give the lease back after a failed slice; the next try waits longer each time.

    The tries count in the row as it is stored: what a slice set before it failed is void.
    """
    row = _row(run)
    tries = run.tries + 1
    wait = timedelta(seconds=min(2.0 ** (tries - 1), LONGEST_WAIT))
    row.update(tries=tries, problem=problem, not_before=now + wait, lease_until=None, lease_by="")
    run.refresh_from_db()


def _row(run: SyncRun) -> QuerySet[SyncRun]:
    """The run as it is stored, if it is still ours."""
    return SyncRun.objects.filter(pk=run.pk, lease_by=run.lease_by, state=SyncRun.State.RUNNING)


def _note(run: SyncRun, error: LightError, now: datetime) -> None:
    """What an error of Light's means for the run."""
    logger.warning("reading %s failed", run.phase, extra={"run": run.pk, "error": error.in_log})
    hopeless = isinstance(error, LightUnreadable) or not isinstance(error, LightUnavailable)
    if isinstance(error, LightDenied):
        fail(run, now, _("Light refuses our key: “%(words)s”") % {"words": error.words})
    elif hopeless and run.tries + 1 >= MOST_TRIES:
        fail(run, now, _("Light cannot be read: “%(words)s”") % {"words": error.words})
    else:
        _release(run, now, problem=_("Waiting for Light: “%(words)s”") % {"words": error.words})
        if isinstance(error, LightUnavailable) and error.retry_after:
            until = now + timedelta(seconds=error.retry_after)
            SyncRun.objects.filter(pk=run.pk, not_before__lt=until).update(not_before=until)
            run.refresh_from_db()


def fail(run: SyncRun, now: datetime, problem: str) -> None:
    """End a run with a sentence."""
    SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.RUNNING).update(
        problem=problem,
        state=SyncRun.State.FAILED,
        finished_at=now,
        lease_until=None,
        lease_by="",
    )
    run.refresh_from_db()
    run.marks.all().delete()
