"""What to do next with an approved line: the one question that worker and simulator ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils.translation import gettext as _

from clearing.deciding.before import before_sending, not_approved
from clearing.deciding.facts import (
    Adopt,
    Approval,
    Ask,
    CannotConfirm,
    Content,
    Done,
    Fall,
    LookAgain,
    NotApplied,
    Observation,
    PutBack,
    Rules,
    Send,
    Unknown,
    Wait,
)
from clearing.deciding.settling import settle, verify


@dataclass(frozen=True)
class Line:
    """An approved line, as far as it has come.

    claimed: a worker has it, and nothing was sent · unknown: sent, without a clear answer ·
    needs_person: reading cannot tell; `said` is what a person says of it, if anybody has.
    """

    content: Content
    approval: Approval
    state: Literal["claimed", "unknown", "needs_person"]
    said: Literal["", "says_done", "says_absent"] = ""
    before: Mapping[str, Any] | None = None  # Observation.books() at sending
    absent_looks: int = 0  # since the quarantine ended
    quarantine_until: datetime | None = None


@dataclass(frozen=True)
class Look:
    """Read both documents, and decide on what they show."""


Action = Look | Send | Adopt | Fall | Wait | Done | NotApplied | Ask | LookAgain | CannotConfirm


def decide(line: Line, seen: Observation | None, now: datetime, rules: Rules) -> Action:
    """The next action; `seen` is what a look that began at `now` showed, None before it."""
    if line.state == "claimed" and (sentence := not_approved(line.content, line.approval, rules)):
        return Fall(sentence)
    if seen is None:
        return Look()
    if line.state == "claimed":
        return before_sending(line.content, seen, rules)
    over = line.quarantine_until is not None and line.quarantine_until <= now
    looks = line.absent_looks
    if line.state == "unknown":
        return settle(line.content, line.before, seen, absent_looks=looks, quarantine_over=over)
    if line.said:
        return verify(line.content, line.said, seen, absent_looks=looks, quarantine_over=over)
    return Ask("")


def cannot_read(line: Line, now: datetime, rules: Rules) -> LookAgain | Ask | CannotConfirm:
    """What to do where Light answers a look with something that nobody can read.

    It may mend itself; three quarantines later a person has to look in Light.
    """
    words = _("Light's answer about these documents cannot be read. Look at them in Light.")
    if line.said:
        return CannotConfirm(words)
    if line.quarantine_until is None:
        return LookAgain(0)
    late = line.quarantine_until + timedelta(seconds=3 * rules.quarantine) <= now
    return Ask(words) if late else LookAgain(line.absent_looks)


def lease_ended(*, sent: bool) -> PutBack | Unknown:
    """What becomes of a line whose worker has not come back: nothing left, or nobody knows."""
    if sent:
        return Unknown(_("The worker ended before Light's answer came."))
    return PutBack(_("The worker ended before it was sent."), 0)


def time_to_send(lease_until: datetime, now: datetime, rules: Rules) -> float:
    """Seconds within which the call has to go out, so that an answer still meets the lease.

    0 or less: it must not go out any more.
    """
    return (lease_until - now).total_seconds() - min(rules.answer_within, rules.lease / 2)


def quarantine(now: datetime, rules: Rules, *, at_once: bool = False) -> tuple[datetime, datetime]:
    """(until when a late commit may still arrive, when to look first) of a line unknown now."""
    first = now if at_once else now + timedelta(seconds=rules.look_again)
    return now + timedelta(seconds=rules.quarantine), first
