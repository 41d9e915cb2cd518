"""Whether everything that a monitor asks about goes on: reading, the worker, sending."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from clearing import workflow
from clearing.models import Attempt, Budget, Instruction, SyncRun, Worker
from clearing.queries.ages import ALIVE

OFTEN = 10  # times within STUCK that a line was looked at and not sent
STUCK = timedelta(minutes=15)  # after it should have gone on, a line is stuck
S = Instruction.State


@dataclass(frozen=True)
class Readiness:
    """Seconds are None where there was no such thing yet; counts are of instructions."""

    lists_read: bool  # pages have something to show
    last_sync_seconds: int | None  # since the reading of all lists began
    worker_seconds: int | None  # since a worker was last heard of
    sending_stopped: bool
    unclear: int  # being checked: Light has not confirmed yet
    need_a_person: int
    stuck: int  # should have gone on 15 minutes ago, and nothing is in its way

    @property
    def problems(self) -> list[str]:
        """What somebody should look at, in words that a monitor can match."""
        found = {
            "the lists of Light have not been read yet": not self.lists_read,
            "the copy of Light is old": (self.last_sync_seconds or 0) > settings.STALE_AFTER,
            "no worker is running": self.worker_seconds is None
            or self.worker_seconds > ALIVE.total_seconds(),
            "sending is stopped": self.sending_stopped,
            "instructions are stuck": self.stuck > 0,
        }
        return [words for words, is_so in found.items() if is_so]

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"problems": self.problems}


def readiness() -> Readiness:
    """In five short queries."""
    now = workflow.now()
    read = SyncRun.objects.filter(lists_done_at__isnull=False).order_by("-id")
    beats = Worker.objects.order_by("-beat_at")
    lines = Instruction.objects.filter(state__in=[S.UNKNOWN, S.NEEDS_PERSON])
    states = list(lines.values_list("state", flat=True))
    last_sync = _age(read.values_list("started_at", flat=True).first(), now)
    return Readiness(
        lists_read=last_sync is not None,
        last_sync_seconds=last_sync,
        worker_seconds=_age(beats.values_list("beat_at", flat=True).first(), now),
        sending_stopped=Budget.objects.filter(stopped_at__isnull=False).exists(),
        unclear=states.count(S.UNKNOWN),
        need_a_person=states.count(S.NEEDS_PERSON),
        stuck=stuck(now).count(),
    )


def stuck(now: datetime) -> QuerySet[Instruction]:
    """Lines that a worker should have taken a step with, and nothing is in their way."""
    late = now - STUCK
    in_flight = Instruction.objects.filter(state__in=Instruction.IN_FLIGHT)
    rival = Q(Exists(in_flight.filter(credit_note_id=OuterRef("credit_note_id")))) | Q(
        Exists(in_flight.filter(invoice_payable_id=OuterRef("invoice_payable_id")))
    )
    waits = Q(state=S.READY, changed_at__lt=late) & ~rival
    waits &= Q(not_before=None) | Q(not_before__lt=late)
    waits &= Q(after=None) | Q(after__state=S.DONE, after__shown_at__lt=late)
    ended = Attempt.objects.filter(instruction=OuterRef("pk"), lease_until__gte=late)
    sending = Q(state=S.SENDING, changed_at__lt=late) & ~Q(Exists(ended))
    checked = Q(state=S.UNKNOWN, quarantine_until__lt=late)
    # Put back again and again: it never gets as far as its call.
    unsent = Attempt.objects.filter(
        instruction__state=S.READY, sent_at=None, abandoned_at__gte=late
    )
    counted = unsent.order_by().values("instruction").annotate(n=Count("pk"))
    again = Q(state=S.READY, pk__in=counted.filter(n__gte=OFTEN).values("instruction"))
    return Instruction.objects.filter(waits | sending | checked | again)


def _age(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else max(int((now - at).total_seconds()), 0)
