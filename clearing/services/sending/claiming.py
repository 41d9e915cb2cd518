"""Who works on a line: claims, marks and recoveries, each one compare-and-swap.

Nothing is locked while we wait for Light. Whoever closes the open attempt of a line may move the
line; a worker that was frozen and comes back finds its attempt closed and moves nothing.
"""

import logging
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from clearing import deciding, usable, workflow
from clearing.models import Attempt, Instruction, InvoicePayable
from clearing.services.sending.approved import rules
from clearing.services.sending.durable import durably

logger = logging.getLogger(__name__)
CANDIDATES = 20  # tried in one go when other workers are faster
State = Instruction.State


class TakenOver(Exception):
    """The line is no longer ours: its lease ended and somebody went on with it."""


class TooLate(Exception):
    """Looking took so long that the call must not go out any more."""


def _of_posted() -> Exists:
    """Whether the copy shows the line's invoice as posted."""
    posted = InvoicePayable.objects.filter(
        id=OuterRef("invoice_payable_id"), state__in=usable.POSTED
    )
    return Exists(posted)


def goes_first(note_id: Any, but: Any) -> QuerySet[Instruction]:
    """Approved lines of a credit note that go before a link to a posted invoice.

    Afterwards the note counts as partly used, and Light would link it no more.
    """
    ready = Instruction.objects.filter(credit_note_id=note_id, state=State.READY).exclude(pk=but)
    return ready.exclude(Q(kind=Instruction.Kind.LINK) & Q(_of_posted()))


def candidates(now: datetime) -> list[Instruction]:
    """READY lines that may be sent now, the one approved first in front.

    One with a step before it waits until that is done and was read back.
    """
    in_flight = Instruction.objects.filter(state__in=Instruction.IN_FLIGHT)
    last = Q(kind=Instruction.Kind.LINK) & Q(_of_posted())
    found = (
        Instruction.objects.filter(state=State.READY)
        .filter(Q(not_before=None) | Q(not_before__lte=now))
        .filter(Q(after=None) | Q(after__state=State.DONE, after__shown_at__isnull=False))
        .exclude(Exists(in_flight.filter(credit_note_id=OuterRef("credit_note_id"))))
        .exclude(Exists(in_flight.filter(invoice_payable_id=OuterRef("invoice_payable_id"))))
        .exclude(last & Q(Exists(goes_first(OuterRef("credit_note_id"), OuterRef("pk")))))
        .select_related("proposal")
        .order_by(Coalesce("approved_at", "asked_at"), "pk")
    )
    return list(found[:CANDIDATES])


def claim(*, worker: str, now: datetime) -> Attempt | None:
    """Take one READY line: SENDING with an open attempt, in one transaction."""
    for line in candidates(now):
        try:
            return durably(line, partial(_begin, line, worker, now))
        except workflow.Conflict:
            continue  # another worker has it, or has one of its documents in flight
    return None


def _begin(line: Instruction, worker: str, now: datetime) -> Attempt:
    workflow.advance(
        line, "claim", now=now, details={"worker": worker}, not_before=None, outcome=""
    )
    return Attempt.objects.create(
        instruction=line,
        worker=worker,
        claimed_at=now,
        lease_until=now + timedelta(seconds=settings.LEASE),
    )


def mark_sent(attempt: Attempt, before: dict[str, Any]) -> float:
    """Commit that the call goes out now; the moment of time.monotonic() it must have gone by.

    Raises TooLate where what is left of the lease is too short to wait for an answer, TakenOver
    where the lease was lost.
    """
    started = time.monotonic()  # read first: whatever happens from here on uses up the time
    now = workflow.now()
    left = deciding.time_to_send(attempt.lease_until, now, rules())
    # Only columns of its own row: PostgreSQL looks at them again after waiting for a rival.
    unsent = Attempt.objects.filter(
        pk=attempt.pk, abandoned_at=None, answered_at=None, sent_at=None
    )
    if left <= 0:
        raise TooLate
    if unsent.update(before=before, sent_at=now) != 1:
        raise TakenOver
    attempt.sent_at = now
    return started + left


def close(attempt: Attempt, answer: str, *, now: datetime, **columns: Any) -> None:
    """Close the open attempt; the caller moves the line in the same transaction.

    Raises TakenOver where somebody has closed it.
    """
    closed_at = "answered_at" if attempt.sent_at else "abandoned_at"
    columns |= {"answer": answer, closed_at: now}
    open_one = Attempt.objects.filter(pk=attempt.pk, abandoned_at=None, answered_at=None)
    if open_one.update(**columns) != 1:
        raise TakenOver


def recover(now: datetime) -> bool:
    """Go on where a dead worker stopped: its leases have ended. True if there was one."""
    ended = Attempt.objects.filter(
        instruction__state=State.SENDING, abandoned_at=None, answered_at=None, lease_until__lt=now
    ).select_related("instruction__proposal")
    recovered = 0
    for attempt in ended[:100]:
        try:
            durably(attempt.instruction, partial(_end_lease, attempt, now))
            recovered += 1
        except (TakenOver, workflow.Conflict):
            continue  # it came back to life, or another worker was faster
        except Exception:  # one line's trouble must not keep the others waiting
            logger.exception("not recovered", extra={"line": attempt.instruction_id})
    return recovered > 0


def _end_lease(attempt: Attempt, now: datetime) -> None:
    """Unsent: back in the queue. Sent: nobody knows, so it is settled by reading."""
    details = {"worker": attempt.worker, "attempt": attempt.pk}
    revoked = Attempt.objects.filter(
        pk=attempt.pk, abandoned_at=None, answered_at=None, sent_at=attempt.sent_at
    )
    if revoked.update(abandoned_at=now, answer="lease ended") != 1:
        raise TakenOver
    decision = deciding.lease_ended(sent=attempt.sent_at is not None)
    if isinstance(decision, deciding.PutBack):
        workflow.advance(attempt.instruction, "put_back", now=now, details=details, not_before=now)
        return
    workflow.advance(
        attempt.instruction, "lose", now=now, details=details, **unknown(now),
        outcome=decision.words,
    )  # fmt: skip


def unknown(now: datetime, *, at_once: bool = False) -> dict[str, Any]:
    """The columns of a line whose outcome is unknown from `now` on; read in a while, or at once."""
    until, first = deciding.quarantine(now, rules(), at_once=at_once)
    return {"quarantine_until": until, "not_before": first, "absent_looks": 0}
