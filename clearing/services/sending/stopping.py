"""Sending stops for everybody when Light does not accept the key, and goes on when it does."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from clearing import workflow
from clearing.light.client import LightClient
from clearing.light.errors import LightError
from clearing.models import Budget, Instruction

logger = logging.getLogger(__name__)
TRY_AGAIN = 60  # seconds between two tries whether Light accepts the key again


def stop(because: str, *, now: datetime) -> None:
    """Stop sending for everybody, with a sentence for the banner.

    Where the key's pace has stopped it already, its own sentence stays.
    """
    with transaction.atomic():
        if not Budget.objects.exists():
            Budget.objects.get_or_create(key_id="")
        if not Budget.objects.filter(stopped_at__isnull=False).exists():
            Budget.objects.update(stopped_at=now, stopped_because=because)
        workflow.record("sending stopped", None, by=None, now=now, details={"because": because})
    logger.warning("sending is stopped")


def may_go(client: LightClient, *, now: datetime) -> bool:
    """Whether calls make sense now. Where sending is stopped, one worker a minute asks Light.

    `stopped_at` moves on with each try; when it began to be stopped is in the trail.
    """
    stopped = Budget.objects.filter(stopped_at__isnull=False)
    if not stopped.exists():
        return True
    due = stopped.filter(stopped_at__lte=now - timedelta(seconds=TRY_AGAIN))
    if not due.update(stopped_at=now):
        return False
    try:
        client.company()
    except LightError as error:
        logger.info("sending stays stopped", extra={"error": error.in_log})
        return False
    with transaction.atomic():
        stopped.update(stopped_at=None, stopped_because="")
        workflow.record("sending goes on", None, by=None, now=workflow.now())
    return True


def hold_all(until: datetime) -> None:
    """No approved line is tried before `until`: the key pauses as a whole, or Light is away.

    A line that somebody is changing right now is left alone: nobody waits for anybody here.
    """
    ready = Instruction.objects.filter(state=Instruction.State.READY)
    earlier = ready.filter(Q(not_before=None) | Q(not_before__lt=until)).order_by()
    with transaction.atomic():
        free = earlier.select_for_update(skip_locked=True).values("pk")
        Instruction.objects.filter(pk__in=free).update(not_before=until)
