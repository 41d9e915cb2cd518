"""Settles by reading what got no clear answer, and verifies what a person said of it."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from clearing import deciding, roles, workflow
from clearing.light.client import LightClient
from clearing.light.errors import LightDenied, LightError, LightUnavailable
from clearing.models import Instruction
from clearing.services.sending import looking, outcomes, stopping
from clearing.services.sending.durable import durably

logger = logging.getLogger(__name__)
State = Instruction.State
DECISIONS = Instruction.Decision.values


def settle_one(client: LightClient, *, worker: str, now: datetime) -> bool:
    """Look at one line that is due: unknown, or decided by a person. False if there was none."""
    due = Instruction.objects.filter(
        Q(state=State.UNKNOWN) | Q(state=State.NEEDS_PERSON, decision__in=DECISIONS),
        Q(not_before=None) | Q(not_before__lte=now),
    ).select_related("proposal", "dealt_by")
    line = due.order_by("not_before", "pk").first()
    if line is None or not stopping.may_go(client, now=now):
        return False
    if not _take(line, now):
        return True  # another worker is faster; there may be more
    if line.state == State.UNKNOWN:
        _settle(line, client, now)
    else:
        verify_decision(line, client, now)
    return True


def _take(line: Instruction, now: datetime) -> bool:
    """Nobody else looks at this line for a while; its date is the compare-and-swap."""
    until = now + timedelta(seconds=settings.LOOK_AGAIN)
    mine = Instruction.objects.filter(pk=line.pk, state=line.state, not_before=line.not_before)
    if mine.update(not_before=until) != 1:
        return False
    line.not_before = until
    return True


def _settle(line: Instruction, client: LightClient, now: datetime) -> None:
    """UNKNOWN: done, not applied, a person's decision, or another look."""
    content = outcomes.content_of(line)
    look = _look(line, client, content, now)
    if look is None:
        return
    attempt = line.attempts.filter(sent_at__isnull=False).last()
    decision = deciding.settle(
        content,
        attempt.before if attempt else None,
        look.seen,
        absent_looks=line.absent_looks,
        quarantine_over=_quarantine_over(line, now),
    )
    try:
        if isinstance(decision, deciding.Done):
            outcomes.settled_done(line, look, decision.words, "done")
        elif isinstance(decision, deciding.LookAgain):
            _count(line, decision.absent_looks)
        else:
            _end(line, decision)
    except workflow.Conflict:
        logger.info("Line %s was settled by another worker.", line.pk)


def _end(line: Instruction, decision: deciding.NotApplied | deciding.Ask) -> None:
    step = "not_applied" if isinstance(decision, deciding.NotApplied) else "ask"
    _advance(line, step, outcome=decision.words, absent_looks=0)


def _advance(line: Instruction, step: str, **fields: Any) -> None:
    """Take a step that shows nothing new in Light; both documents are read again."""
    now = workflow.now()

    def take() -> None:
        workflow.advance(line, step, now=now, not_before=None, **fields)
        outcomes.want(line, now)

    durably(line, take)


def verify_decision(line: Instruction, client: LightClient, now: datetime) -> None:
    """NEEDS_PERSON with a decision: read now whether Light bears it out, and only then end it."""
    if line.decision not in DECISIONS:
        return
    content = outcomes.content_of(line)
    look = _look(line, client, content, now)
    if look is None:
        return
    decision = deciding.verify(
        content,
        line.decision,  # type: ignore[arg-type]
        look.seen,
        absent_looks=line.absent_looks,
        quarantine_over=_quarantine_over(line, now),
    )
    by = line.dealt_by
    try:
        if isinstance(decision, deciding.Done):
            outcomes.settled_done(line, look, decision.words, "settle_done", by=by)
        elif isinstance(decision, deciding.NotApplied):
            _advance(line, "settle_absent", by=by, outcome=decision.words)
        elif isinstance(decision, deciding.LookAgain):
            _count(line, decision.absent_looks)
        else:
            _clear_decision(line, decision.words)
    except roles.NotAllowed as problem:
        _clear_decision(line, str(problem))
    except workflow.Conflict:
        logger.info("Line %s was settled by another worker.", line.pk)


def _clear_decision(line: Instruction, words: str) -> None:
    """Light shows otherwise: the decision is taken back, and the sentence says why."""
    now = workflow.now()
    with transaction.atomic():
        decided = Instruction.objects.filter(
            pk=line.pk, state=State.NEEDS_PERSON, decision=line.decision
        )
        cleared = decided.update(
            decision="", outcome=words, dealt_by=None, absent_looks=0, changed_at=now
        )
        if cleared:
            workflow.record(
                "could not confirm", line, by=None, now=now, was=line.state,
                reason_code=line.decision, details={"words": words},
            )  # fmt: skip


def _look(
    line: Instruction, client: LightClient, content: deciding.Content, now: datetime
) -> looking.Look | None:
    """One look; where Light does not answer, the next one comes when it may. None then."""
    try:
        return looking.look(client, content, line_id=line.pk)
    except LightDenied as error:
        stopping.stop(error.words, now=workflow.now())
    except LightError as error:
        logger.info("Line %s could not be looked at: %s", line.pk, error.words)
        wait = error.retry_after if isinstance(error, LightUnavailable) else None
        if wait:
            later = now + timedelta(seconds=max(wait, settings.LOOK_AGAIN))
            mine = Instruction.objects.filter(pk=line.pk, not_before=line.not_before)
            mine.update(not_before=later)
    return None


def _count(line: Instruction, looks: int) -> None:
    """So many looks have shown nothing; two workers' looks at once count as one."""
    same = Instruction.objects.filter(
        pk=line.pk, state=line.state, absent_looks=line.absent_looks, not_before=line.not_before
    )
    same.update(absent_looks=looks)


def _quarantine_over(line: Instruction, now: datetime) -> bool:
    """`now` is from before the look: what was read is at least as late."""
    return line.quarantine_until is not None and line.quarantine_until <= now
