"""Carries one approved line to Light: claim, look, mark, call, outcome."""

import logging
from datetime import datetime

from django.utils.translation import gettext as _

from clearing import deciding, tracing, workflow
from clearing.light.client import LightClient
from clearing.light.errors import LightDenied, LightError, LightNotSent, LightUnavailable
from clearing.models import Attempt, Instruction
from clearing.services.sending import approved, calling, claiming, looking, outcomes, stopping

logger = logging.getLogger(__name__)


def send_one(client: LightClient, *, worker: str, now: datetime) -> bool:
    """Claim one approved line and carry it as far as it goes. False if there was none."""
    if not stopping.may_go(client, now=now):
        return False
    attempt = claiming.claim(worker=worker, now=now)
    if attempt is None:
        return False
    try:
        with tracing.of(attempt.instruction.trace):
            _carry(client, attempt)
    except (claiming.TakenOver, workflow.Conflict):
        logger.info("it went on without this worker", extra={"line": attempt.instruction_id})
    return True


def _carry(client: LightClient, attempt: Attempt) -> None:
    line, rules = attempt.instruction, approved.rules()
    try:
        known = approved.line_of(line)
    except (KeyError, ValueError, TypeError, AttributeError):
        logger.exception("its content cannot be read", extra={"line": line.pk})
        outcomes.fall(attempt, _("Its content cannot be read."), now=workflow.now())
        return
    decision = deciding.decide(known, None, attempt.claimed_at, rules)
    look = None
    if isinstance(decision, deciding.Look):
        look = _look(client, attempt, known.content)
        if look is None:
            return
        decision = deciding.decide(known, look.seen, attempt.claimed_at, rules)
    if isinstance(decision, deciding.Send):
        next_step = _before_next_step(client, attempt, known.content, rules)
        if next_step is None:
            return
        decision = next_step
    now = workflow.now()
    if isinstance(decision, deciding.Fall):
        outcomes.fall(attempt, decision.words, now=now)
    elif isinstance(decision, deciding.Adopt) and look:
        outcomes.adopt(attempt, look, decision.words, now=now)
    elif isinstance(decision, deciding.Wait):
        outcomes.put_back(attempt, decision.words, seconds=decision.seconds, now=now)
        outcomes.want(line, now)
    elif isinstance(decision, deciding.Send) and look:
        _call(client, attempt, known.content, look)


def _look(client: LightClient, attempt: Attempt, content: deciding.Content) -> looking.Look | None:
    """Look before sending; where Light does not let us, the line goes back. None then."""
    try:
        return looking.look(client, content, line_id=attempt.instruction_id)
    except LightError as error:
        now = workflow.now()
        seconds = error.retry_after if isinstance(error, LightUnavailable) else None
        outcomes.put_back(attempt, error.words, seconds=seconds, now=now)
        if isinstance(error, LightDenied):
            stopping.stop(error.words, now=now)
        elif isinstance(error, LightNotSent) or error.status == 429:
            stopping.hold_all(outcomes.later(seconds, now))
    except Exception:
        logger.exception("looking failed", extra={"line": attempt.instruction_id})
        words = _("It could not be looked at.")
        outcomes.put_back(attempt, words, seconds=None, now=workflow.now())
    return None


def _before_next_step(
    client: LightClient, attempt: Attempt, content: deciding.Content, rules: deciding.Rules
) -> deciding.Send | deciding.Fall | deciding.Wait | None:
    """Whether what comes after this line would still fit; None where Light did not let us look.

    A clearing is not undone for a link that cannot be made any more.
    """
    for follower in attempt.instruction.followers.filter(state=Instruction.State.READY):
        wanted = approved.line_of(follower)
        look = _look(client, attempt, wanted.content)
        if look is None:
            return None
        undone = deciding.once_undone(look.seen, content)
        decision = deciding.decide(wanted, undone, attempt.claimed_at, rules)
        if isinstance(decision, deciding.Wait):
            return decision
        if isinstance(decision, deciding.Fall):
            return deciding.Fall(
                _("The next step no longer fits: %(why)s") % {"why": decision.words}
            )
    return deciding.Send()


def _call(
    client: LightClient, attempt: Attempt, content: deciding.Content, look: looking.Look
) -> None:
    """Mark, send once, write the outcome. Where looking took too long, it goes back instead."""
    try:
        deadline = claiming.mark_sent(attempt, look.seen.books())
    except claiming.TooLate:
        words = _("Light answered too slowly for it to be sent safely.")
        outcomes.put_back(attempt, words, seconds=None, now=workflow.now())
        return
    called = calling.call(client, content, deadline=deadline)
    outcome = deciding.after_answer(content, look.seen, called.answer)
    outcomes.after_call(attempt, look, called, outcome, now=workflow.now())
