"""Settles by reading what got no clear answer, and verifies what a person said of it."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clearing import deciding, roles, tracing, workflow
from clearing.light.client import LightClient
from clearing.light.errors import (
    LightDenied,
    LightError,
    LightRefused,
    LightUnavailable,
    LightUnreadable,
)
from clearing.models import Instruction
from clearing.services.sending import approved, looking, noting, outcomes, stopping
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
    with tracing.of(line.trace):
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
    look, decision = _decide(line, client, now)
    noting.looked(line, look, decision, now=now)
    try:
        if isinstance(decision, deciding.Done) and look:
            outcomes.settled_done(line, look, decision.words, "done")
        elif isinstance(decision, deciding.LookAgain):
            _count(line, decision.absent_looks)
        elif isinstance(decision, deciding.NotApplied | deciding.Ask):
            _end(line, decision)
    except workflow.Conflict:
        logger.info("another worker settled it", extra={"line": line.pk})


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
    look, decision = _decide(line, client, now)
    noting.looked(line, look, decision, now=now)
    by = line.dealt_by
    try:
        if isinstance(decision, deciding.Done) and look:
            outcomes.settled_done(line, look, decision.words, "settle_done", by=by)
        elif isinstance(decision, deciding.NotApplied):
            _advance(line, "settle_absent", by=by, outcome=decision.words)
        elif isinstance(decision, deciding.LookAgain):
            _count(line, decision.absent_looks)
        elif isinstance(decision, deciding.CannotConfirm):
            _clear_decision(line, decision.words)
    except roles.NotAllowed as problem:
        _clear_decision(line, str(problem))
    except workflow.Conflict:
        logger.info("another worker settled it", extra={"line": line.pk})


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


def _decide(
    line: Instruction, client: LightClient, now: datetime
) -> tuple[looking.Look | None, deciding.Action | None]:
    """One look, and what it means; (None, None) where Light does not answer now."""
    try:
        known = approved.line_of(line)
    except (KeyError, ValueError, TypeError, AttributeError):
        logger.exception("its content cannot be read", extra={"line": line.pk})
        words = _("What was asked for cannot be read any more. Look at both documents in Light.")
        return None, deciding.CannotConfirm(words) if line.decision else deciding.Ask(words)
    rules = approved.rules()
    try:
        look = looking.look(client, known.content, line_id=line.pk)
    except LightDenied as error:
        stopping.stop(error.words, now=workflow.now())
    except (LightUnreadable, LightRefused) as error:
        logger.warning("cannot be read", extra={"line": line.pk, "error": error.in_log})
        return None, deciding.cannot_read(known, now, rules)
    except LightError as error:
        logger.info("not looked at", extra={"line": line.pk, "error": error.in_log})
        wait = error.retry_after if isinstance(error, LightUnavailable) else None
        if wait:
            later = now + timedelta(seconds=max(wait, settings.LOOK_AGAIN))
            mine = Instruction.objects.filter(pk=line.pk, not_before=line.not_before)
            mine.update(not_before=later)
    except Exception:
        logger.exception("the look failed", extra={"line": line.pk})
        return None, deciding.cannot_read(known, now, rules)
    else:
        return look, deciding.decide(known, look.seen, now, rules)
    return None, None


def _count(line: Instruction, looks: int) -> None:
    """So many looks have shown nothing; two workers' looks at once count as one."""
    same = Instruction.objects.filter(
        pk=line.pk, state=line.state, absent_looks=line.absent_looks, not_before=line.not_before
    )
    same.update(absent_looks=looks)
