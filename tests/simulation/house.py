"""Our database in memory: the lines, their attempts and the trail, each step all or nothing.

It keeps the rules that services.sending relies on: compare-and-swap on every state, one open
line per pair, one line in flight per document, one open attempt per line.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from clearing import deciding
from clearing.deciding import Approval, Content, Rules
from clearing.models import Instruction
from clearing.workflow import ENDED_BADLY, STEPS

IN_FLIGHT, OPEN = frozenset(Instruction.IN_FLIGHT), frozenset(Instruction.OPEN)
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
FINAL = ENDED_BADLY | {"done"}
CAME_TO = {"sending": "claimed", "ready": "claimed"}


class Conflict(Exception):
    """Somebody was faster."""


@dataclass(slots=True)
class Attempt:
    """A row of models.Attempt."""

    line: "Line"
    worker: str
    claimed_at: datetime
    lease_until: datetime
    before: dict[str, Any] | None = None
    updated: tuple[float, ...] = ()  # updatedAt of both documents, which nothing may trust
    began: float | None = None  # the look before its call
    sent_at: datetime | None = None
    closed: str = ""

    @property
    def is_open(self) -> bool:
        return not self.closed


@dataclass(slots=True)
class Line:
    """A row of models.Instruction."""

    pk: int
    content: Content
    seal: Content  # what its hash was made of
    asked_by: int
    state: str = "proposed"
    approved_by: int | None = None
    exempt_rule: str = ""
    after: "Line | None" = None
    order: float = 0.0
    not_before: datetime | None = None
    quarantine_until: datetime | None = None
    absent_looks: int = 0
    decision: str = ""
    shown: bool = False  # a later read has settled what it changed
    outcome: str = ""
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def note(self) -> UUID:
        return self.content.credit_note_id

    @property
    def invoice(self) -> UUID | None:
        return self.content.invoice_payable_id


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the trail."""

    line: int
    verb: str
    was: str
    now: str


class House:
    """The rows, and the steps that workers and people take on them."""

    def __init__(
        self,
        rules: Rules,
        on_step: Callable[[Line, str, str], None],
        is_broken: Callable[[UUID], bool],
    ) -> None:
        self.rules, self.on_step, self.is_broken = rules, on_step, is_broken
        self.lines: list[Line] = []
        self.trail: list[Event] = []
        self.known: dict[UUID, UUID] = {}  # whatever id Light uses -> ours
        self.stopped_at: datetime | None = None

    # --- people -----------------------------------------------------------------------------
    def propose(self, line: Line) -> None:
        """Insert a line. Raises Conflict where its pair, or note, has an open one."""
        for one in self.lines:
            same = one.note == line.note and one.invoice == line.invoice
            if one.state in OPEN and same:
                raise Conflict
        self.lines.append(line)
        self.trail.append(Event(line.pk, "proposed", "", line.state))

    def held(self, note: UUID | None = None, invoice: UUID | None = None) -> int:
        """What open lines will take from a document."""
        taken = 0
        for line in self.lines:
            if line.state in OPEN and (line.note == note or line.invoice == invoice):
                content = line.content
                if content.kind == "link":
                    taken += content.amount or 0
                elif content.kind == "amend":
                    taken += max((content.amount or 0) - (content.previous_amount or 0), 0)
        return taken

    def decide(self, line: Line, decision: str, now: datetime) -> None:
        """What a person says became of a line."""
        if line.state != "needs_person" or line.decision:
            raise Conflict
        line.decision, line.not_before, line.absent_looks = decision, now, 0
        self.trail.append(Event(line.pk, "decided", line.state, line.state))

    # --- every change of a state ------------------------------------------------------------
    def advance(self, line: Line, step: str, was: str | None = None, **fields: Any) -> None:
        """One step of the workflow, if nobody was faster: `was` is the state it was read in."""
        wanted = STEPS[step]
        if line.state not in wanted.before or (was is not None and line.state != was):
            raise Conflict
        if wanted.after in IN_FLIGHT and line.state not in IN_FLIGHT and self.rival(line):
            raise Conflict
        before, line.state = line.state, wanted.after
        for name, value in fields.items():
            setattr(line, name, value)
        self.record(Event(line.pk, wanted.verb, before, line.state))
        self.on_step(line, before, step)
        if line.state in ENDED_BADLY:
            for follower in self.lines:
                if follower.after is line and follower.state in ("proposed", "ready"):
                    self.advance(follower, "fall", outcome="The step before it did not happen.")

    def record(self, event: Event) -> None:
        self.trail.append(event)

    def rival(self, line: Line) -> bool:
        """Whether another line is in flight on one of its documents."""
        return any(
            one is not line
            and one.state in IN_FLIGHT
            and (
                one.note == line.note or (line.invoice is not None and one.invoice == line.invoice)
            )
            for one in self.lines
        )

    # --- what workers do ----------------------------------------------------------------------
    def candidates(self, now: datetime) -> list[Line]:
        """READY lines that may be sent now, the one approved first in front."""
        found = [
            line
            for line in self.lines
            if line.state == "ready"
            and (line.not_before is None or line.not_before <= now)
            and (line.after is None or (line.after.state == "done" and line.after.shown))
            and not self.rival(line)
        ]
        return sorted(found, key=lambda line: (line.order, line.pk))

    def goes_first(self, line: Line, posted: Callable[[UUID | None], bool]) -> int:
        """Approved lines of its note that go before a link to a posted invoice."""
        return sum(
            one is not line
            and one.note == line.note
            and one.state == "ready"
            and not (one.content.kind == "link" and posted(one.invoice))
            for one in self.lines
        )

    def claim(self, line: Line, worker: str, now: datetime) -> Attempt:
        """SENDING with an open attempt; Conflict where it is no longer READY."""
        self.advance(line, "claim", "ready", not_before=None, outcome="")
        attempt = Attempt(line, worker, now, now + timedelta(seconds=self.rules.lease))
        line.attempts.append(attempt)
        return attempt

    def mark_sent(self, attempt: Attempt, before: dict[str, Any], now: datetime) -> None:
        """Durable before a byte leaves."""
        if not attempt.is_open or attempt.sent_at:
            raise Conflict
        attempt.before, attempt.sent_at = before, now

    def close(self, attempt: Attempt, answer: str) -> None:
        """Whoever closes the open attempt of a line may move the line."""
        if not attempt.is_open:
            raise Conflict
        attempt.closed = answer

    def unknown(self, now: datetime, *, at_once: bool, core: Any) -> dict[str, Any]:
        until, first = core.quarantine(now, self.rules, at_once=at_once)
        return {"quarantine_until": until, "not_before": first, "absent_looks": 0}

    def recover(self, now: datetime, core: Any) -> None:
        """Go on where a dead worker stopped."""
        for line in self.lines:
            attempt = line.attempts[-1] if line.attempts else None
            if line.state != "sending" or attempt is None or not attempt.is_open:
                continue
            if attempt.lease_until >= now:
                continue
            attempt.closed = "lease ended"
            decision = core.lease_ended(sent=attempt.sent_at is not None)
            if isinstance(decision, deciding.PutBack):
                self.advance(line, "put_back", not_before=now)
            else:
                columns = self.unknown(now, at_once=False, core=core)
                self.advance(line, "lose", outcome=decision.words, **columns)

    def due(self, now: datetime) -> Line | None:
        """An unknown or decided line whose next look is due."""
        found = [
            line
            for line in self.lines
            if (line.state == "unknown" or (line.state == "needs_person" and line.decision))
            and (line.not_before is None or line.not_before <= now)
        ]
        return min(found, key=lambda line: line.not_before or EARLIEST, default=None)

    def next_due(self) -> datetime | None:
        """The earliest moment at which a line can go on; None where nothing is open."""
        moments = [
            line.attempts[-1].lease_until if line.state == "sending" else line.not_before
            for line in self.lines
            if line.state in ("ready", "sending", "unknown")
            or (line.state == "needs_person" and line.decision)
        ]
        return min((moment or EARLIEST for moment in moments), default=None)

    def stop(self, now: datetime) -> None:
        """Sending stops for everybody."""
        self.stopped_at = self.stopped_at or now

    def hold_all(self, until: datetime) -> None:
        for line in self.lines:
            if line.state == "ready" and (line.not_before is None or line.not_before < until):
                line.not_before = until

    def as_asked(self, line: Line) -> deciding.Line:
        """The row as the deciding core takes it."""
        sent = [attempt for attempt in line.attempts if attempt.sent_at]
        return deciding.Line(
            content=line.content,
            approval=self.approval(line),
            state=CAME_TO.get(line.state, line.state),  # type: ignore[arg-type]
            said=line.decision,  # type: ignore[arg-type]
            before=sent[-1].before if sent else None,
            absent_looks=line.absent_looks,
            quarantine_until=line.quarantine_until,
        )

    def approval(self, line: Line) -> Approval:
        as_approved = line.content == line.seal
        return Approval(line.asked_by, line.approved_by, line.exempt_rule, as_approved)

    def settled(self) -> bool:
        """Whether everything approved has ended, or waits for a person."""
        return not any(self.moves(line) for line in self.lines)

    def moves(self, line: Line) -> bool:
        """Whether it goes on by itself: READY lines wait behind one that a person has to decide.

        An approved line that was not sent also waits as long as Light cannot be read.
        """
        unsent = line.state == "ready" or (
            line.state == "sending" and not line.attempts[-1].sent_at
        )
        if unsent and self.cannot_be_read(line):
            return False
        if line.state in ("sending", "unknown"):
            return True
        if line.state == "needs_person":
            return bool(line.decision)
        beside = [one for one in self.lines if one.note == line.note and one.state == "ready"]
        return line.state == "ready" and not any(self._waits(one) for one in (line, *beside))

    def _waits(self, line: Line) -> bool:
        """Whether another line is in front of it; a link to a posted invoice waits with it."""
        behind = line.after is not None and line.after.state != "done"
        return behind or self.rival(line) or self.cannot_be_read(line)

    def cannot_be_read(self, line: Line) -> bool:
        """Whether Light never shows the documents of this line, or of the step after it, again."""
        steps = [line, *(one for one in self.lines if one.after is line)]
        return any(self.is_broken(id) for one in steps for id in (one.note, one.invoice) if id)
