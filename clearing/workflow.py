"""States and steps; the only place that changes an instruction's state."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from clearing import balances, serial, tracing
from clearing.models import AuditEvent, Instruction
from clearing.roles import DECIDES, NotAllowed, User, check_may, why_not_decide

S = Instruction.State
Known = dict[UUID | None, int | None]


class Conflict(Exception):
    """Somebody was faster, or the page is out of date; the message is a sentence."""


# --- states and steps ---------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """A step from some states to one; `right` is empty where only the worker takes it.

    The trail keeps `verb` in English; it is translated where it is shown.
    """

    before: frozenset[str]
    after: str
    verb: str
    right: str = ""


STEPS: dict[str, Step] = {
    "approve": Step(frozenset({S.PROPOSED}), S.READY, noop("approved"), "review"),
    "reject": Step(frozenset({S.PROPOSED}), S.REJECTED, noop("rejected"), "review"),
    "take_back": Step(frozenset({S.PROPOSED, S.READY}), S.TAKEN_BACK, noop("took back"), "see"),
    "fall": Step(frozenset({S.PROPOSED, S.READY, S.SENDING}), S.FALLEN, noop("no longer fits")),
    "claim": Step(frozenset({S.READY}), S.SENDING, noop("began to send")),
    "put_back": Step(frozenset({S.SENDING}), S.READY, noop("not sent, will try again")),
    "refuse": Step(frozenset({S.SENDING}), S.REFUSED, noop("Light said no")),
    "lose": Step(frozenset({S.SENDING}), S.UNKNOWN, noop("no clear answer, being checked")),
    "done": Step(frozenset({S.SENDING, S.UNKNOWN}), S.DONE, noop("in Light")),
    "not_applied": Step(frozenset({S.UNKNOWN}), S.NOT_APPLIED, noop("is not in Light")),
    "ask": Step(frozenset({S.UNKNOWN}), S.NEEDS_PERSON, noop("needs a decision")),
    "settle_done": Step(frozenset({S.NEEDS_PERSON}), S.DONE, noop("settled: in Light"), "settle"),
    "settle_absent": Step(
        frozenset({S.NEEDS_PERSON}), S.NOT_APPLIED, noop("settled: not in Light"), "settle"
    ),
}
# Steps that hold or release an amount; what a line does in Light is told by who has looked there.
MOVES_BALANCES = frozenset(
    {"approve", "reject", "take_back", "fall", "refuse", "not_applied", "settle_absent"}
)
ENDED_BADLY = frozenset({S.REJECTED, S.TAKEN_BACK, S.FALLEN, S.REFUSED, S.NOT_APPLIED})
EDIT_ENDED = (  # how a change of a draft ended
    noop("was told no by Light"),
    noop("got no clear answer; it is being checked"),
    noop("saw the change in Light"),
    noop("did not find the change in Light"),
    noop("cannot tell; it needs a look in Light"),
)
BESIDE = (  # verbs of the trail that leave every state as it is
    noop("decided"),
    noop("could not confirm"),
    noop("dealt with"),
    noop("sending stopped"),
    noop("sending goes on"),
    noop("edited the draft"),
    noop("added a line"),
    noop("changed a line"),
    noop("deleted a line"),
    noop("created it from an invoice"),
    *EDIT_ENDED,
    noop("said it is no duplicate"),
    noop("said it is no credit note"),
    noop("acknowledged"),
    noop("rejected a suggestion"),
    noop("suggests again"),
    noop("closed months"),
    noop("said how Light behaves"),
    noop("took back an answer about Light"),
    noop("saw how Light behaves"),
    noop("decided what becomes of it"),
    noop("took back the decision"),
    noop("closed the decision: nothing is left"),
    noop("entered the ledger's figure"),
    noop("accepted for the month"),
    noop("signed the month"),
    noop("opened the month again"),
    noop("asked for evidence"),
    noop("made the evidence"),
)
VERBS = (noop("proposed"), *dict.fromkeys(step.verb for step in STEPS.values()), *BESIDE)


def now() -> datetime:
    """The database's time, taken once per step, so that all machines agree on leases."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]
    return timezone.now()


def check_step(line: Instruction, step: str, by: User | None) -> None:
    """Raise NotAllowed or Conflict with a sentence if `by` cannot take this step now."""
    wanted = STEPS[step]
    if wanted.right:
        check_may(by or AnonymousUser(), wanted.right)
    if step == "approve" and by is not None and (sentence := why_not_decide(by, line)):
        raise NotAllowed(sentence)
    if step == "reject" and by is not None:
        check_may(by, DECIDES[line.kind])
    if step == "take_back" and by is not None and line.asked_by_id != by.pk:
        raise NotAllowed(_("Only the person who proposed this line can take it back."))
    if line.state not in wanted.before:
        raise Conflict(
            _("This line has changed meanwhile: it is now “%(state)s”.")
            % {"state": line.get_state_display()}
        )


def advance(
    line: Instruction,
    step: str,
    *,
    now: datetime,
    by: User | None = None,
    reason_code: str = "",
    reason: str = "",
    details: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Take one step: check, compare-and-swap, audit row and balances in one transaction.

    `reason_code`, `reason` and `details` go to the trail; `fields` are other columns to set with
    the state. Raises NotAllowed, or Conflict where another was faster or a document is in flight
    already.
    """
    check_step(line, step, by)
    wanted, was = STEPS[step], line.state
    if step == "approve":
        fields["trace"] = tracing.current()
    before = available_of([line]) if step in MOVES_BALANCES else {}
    rival = _("Another line on the same credit note or invoice is being sent. Try again soon.")
    try:
        with _first_come(rival):
            changed = Instruction.objects.filter(pk=line.pk, state=was).update(
                state=wanted.after, changed_at=now, **fields
            )
            if changed != 1:
                raise Conflict(_("Somebody was faster: this line has changed. Reload the page."))
            line.refresh_from_db()
            after = before
            if wanted.after not in Instruction.OPEN:  # what stays open holds what it held
                balances.refresh_lines([line])
                after = available_of([line]) if before else {}
            known = both_balances(line, before, after) if before else {}
            record(
                wanted.verb, line, by=by, now=now, was=was,
                reason_code=reason_code, reason=reason, details=known | (details or {}),
            )  # fmt: skip
            if line.state in ENDED_BADLY:
                _let_followers_fall(line, now)
    except (Conflict, IntegrityError):
        line.refresh_from_db()
        raise


def _let_followers_fall(line: Instruction, now: datetime) -> None:
    """What was to come after a line that did not happen does not happen either."""
    words = _("The step before it did not happen, so this one was not done.")
    for follower in line.followers.filter(state__in=[S.PROPOSED, S.READY]):
        advance(follower, "fall", now=now, outcome=words)


@contextmanager
def _first_come(rival: str) -> Iterator[None]:
    """A transaction; Conflict with the sentence `rival` where another row was there first."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "unique" not in str(error).lower():  # a rule of the house broken
            raise
        raise Conflict(rival) from error


def begin(lines: Iterable[Instruction], *, now: datetime, by: User) -> None:
    """Insert new lines with their audit rows; the same transaction stores the balances.

    Raises Conflict where one pair has an open line already.
    """
    lines = list(lines)
    before = available_of(lines)
    rival = _("One of these pairs is in another open proposal already. Reload the page to see it.")
    with _first_come(rival):
        for line in lines:
            line.trace = tracing.current()
            line.save(force_insert=True)
        balances.refresh_lines(lines)
        after = available_of(lines)
        for line in lines:
            more = {"rule": line.exempt_rule, "previous_amount": line.previous_amount}
            record(
                "proposed", line, by=by, now=now,
                reason_code=line.reason_code, reason=line.reason,
                details=both_balances(line, before, after)
                | {name: value for name, value in more.items() if value not in ("", None)},
            )  # fmt: skip


def available_of(lines: Iterable[Instruction]) -> Known:
    """What is free or open of the documents of these lines, as stored now."""
    return balances.available(
        one for line in lines for one in (line.credit_note_id, line.invoice_payable_id)
    )


def both_balances(line: Instruction, before: Known, after: Known) -> dict[str, Any]:
    """For the trail: what both documents of a line had before a step and after it.

    Smallest unit of `currency`; what is not known is left out.
    """
    figures = {
        "free_before": before.get(line.credit_note_id),
        "free_after": after.get(line.credit_note_id),
        "open_before": before.get(line.invoice_payable_id),
        "open_after": after.get(line.invoice_payable_id),
    }
    return {"currency": line.currency} | {k: v for k, v in figures.items() if v is not None}


def record(
    verb: str,
    line: Instruction | None,
    *,
    by: User | None,
    now: datetime,
    was: str = "",
    reason_code: str = "",
    reason: str = "",
    details: dict[str, Any] | None = None,
    about: dict[str, Any] | None = None,
) -> None:
    """Append one audit event; about `line`, else about documents (`about`: ids by column)."""
    columns: dict[str, Any] = about or {}
    if line is not None:
        columns = {
            "kind": line.kind,
            "proposal_id": line.proposal_id,
            "instruction_id": line.pk,
            "credit_note_id": line.credit_note_id,
            "invoice_payable_id": line.invoice_payable_id,
            "vendor_id": line.proposal.vendor_id,
            "amount": line.amount,
            "currency": line.currency,
            "now": line.state,
        }
    serial.writing(serial.Rows.AUDIT)
    AuditEvent.objects.create(
        at=now,
        by_id=by.pk if by is not None else None,
        by_name=name_of(by),
        verb=verb,
        was=was,
        reason_code=reason_code,
        reason=reason,
        trace=tracing.current() or (line.trace if line is not None else ""),
        details=details or {},
        **columns,
    )


def name_of(user: User | None) -> str:
    """How a person is named on pages and in the trail; "Worker" for None."""
    if user is None:
        return "Worker"
    full = user.get_full_name() if hasattr(user, "get_full_name") else ""
    return full or user.get_username()


def content_hash(content: dict[str, Any]) -> str:
    """A digest of what is asked: two contents agree where their digests do."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
