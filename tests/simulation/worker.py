"""A worker: the real core, driven as services.sending drives it, one durable step after another.

Every `yield` is a moment in which time passes, others work, and this worker may be killed or
frozen; what stands between two of them is one transaction, or one call on its way.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from clearing import deciding
from clearing.deciding import Content, lease_ended, once_undone
from clearing.light.errors import (
    LightDenied,
    LightError,
    LightNotSent,
    LightRefused,
    LightUnavailable,
    LightUnreadable,
)
from tests.simulation import looking
from tests.simulation.house import Attempt, Conflict, Line

if TYPE_CHECKING:
    from tests.simulation.run import Run

TRY_AGAIN = timedelta(seconds=60)
Steps = Iterator[float]


class Core:
    """The functions that decide; planted bugs replace one of them."""

    decide = staticmethod(deciding.decide)
    after_answer = staticmethod(deciding.after_answer)
    lease_ended = staticmethod(lease_ended)
    time_to_send = staticmethod(deciding.time_to_send)
    quarantine = staticmethod(deciding.quarantine)
    cannot_read = staticmethod(deciding.cannot_read)


class Worker:
    """One process; `life` never ends by itself."""

    def __init__(self, run: "Run", name: str) -> None:
        self.run, self.name, self.looked = run, name, 0.0
        self.house, self.net, self.core, self.rules = run.house, run.net, run.core, run.rules

    def life(self) -> Steps:
        rng = self.run.rng
        while True:
            self.house.recover(self.run.now(), self.core)
            worked = yield from self.send_one()
            if not worked:
                worked = yield from self.settle_one()
            yield rng.uniform(0.01, 0.5) if worked else self._idle()

    def _idle(self) -> float:
        """Seconds until there may be something to do; a real worker asks each second."""
        due = self.house.next_due()
        if due is None:
            return self.run.rng.uniform(10, 60)
        wait = min((due - self.run.now()).total_seconds(), 300)
        return max(wait, 2) + self.run.rng.uniform(0, 10)

    # --- sending ------------------------------------------------------------------------------
    def send_one(self) -> Iterator[float]:
        """Claim one line and carry it as far as it goes."""
        now = self.run.now()
        lines = self.house.candidates(now)
        if not lines or not (yield from self.may_go()):
            return False
        yield 0.01
        for line in lines:
            try:
                attempt = self.house.claim(line, self.name, now)
                break
            except Conflict:
                continue
        else:
            return False
        self.run.tell(self.name, "claims line %s", line.pk)
        yield 0.01
        try:
            yield from self._carry(attempt)
        except Conflict:
            self.run.tell(self.name, "finds that line %s went on without it", line.pk)
        return True

    def _carry(self, attempt: Attempt) -> Steps:
        line = attempt.line
        known = self.house.as_asked(line)
        decision = self.core.decide(known, None, attempt.claimed_at, self.rules)
        look = None
        if isinstance(decision, deciding.Look):
            look = yield from self._look_before(attempt, known.content)
            if look is None:
                return
            decision = self.core.decide(known, look.seen, attempt.claimed_at, self.rules)
        if isinstance(decision, deciding.Send):
            decision = yield from self._before_next_step(attempt, known.content)
            if decision is None:
                return
        self.run.tell(self.name, "line %s: %s", line.pk, decision)
        if look is not None:
            attempt.began = look.began
            self.run.judge.concludes(line, look.began)
        if isinstance(decision, deciding.Fall):
            self._move(attempt, "fell", "fall", outcome=decision.words)
        elif isinstance(decision, deciding.Adopt) and look:
            self._move(attempt, "adopted", "done", outcome=decision.words)
        elif isinstance(decision, deciding.Wait):
            self._put_back(attempt, decision.seconds)
        elif isinstance(decision, deciding.Send) and look:
            yield from self._call(attempt, known.content, look)

    def _look_before(self, attempt: Attempt, content: Content) -> Iterator[float]:
        """The look before sending; None where Light does not let us, and the line goes back."""
        try:
            return (yield from looking.look(self.run, content, attempt.line))
        except LightError as error:
            wait = error.retry_after if isinstance(error, LightUnavailable) else None
            self._put_back(attempt, wait)
            if isinstance(error, LightDenied):
                self.stop()
            elif isinstance(error, LightNotSent) or error.status == 429:
                self.house.hold_all(self._later(wait))
        return None

    def _before_next_step(self, attempt: Attempt, content: Content) -> Iterator[float]:
        """Whether what comes after this line would still fit."""
        for follower in self.house.lines:
            if follower.after is not attempt.line or follower.state != "ready":
                continue
            wanted = self.house.as_asked(follower)
            look = yield from self._look_before(attempt, wanted.content)
            if look is None:
                return None
            undone = once_undone(look.seen, content)
            decision = self.core.decide(wanted, undone, attempt.claimed_at, self.rules)
            if isinstance(decision, deciding.Wait | deciding.Fall):
                return decision
        return deciding.Send()

    def _call(self, attempt: Attempt, content: Content, look: looking.Look) -> Steps:
        """Mark, send once, write the outcome."""
        started = self.run.time
        now = self.run.now()
        left = self.core.time_to_send(attempt.lease_until, now, self.rules)
        if left <= 0:
            raise Conflict
        self.house.mark_sent(attempt, look.seen.books(), now)
        attempt.updated = look.updated
        yield 0.01
        answer = yield from self.net.write(attempt, content, started + left)
        outcome = self.core.after_answer(content, look.seen, answer)
        self.outcome(attempt, outcome)

    def outcome(self, attempt: Attempt, outcome: object) -> None:
        """Write what became of a call. Raises Conflict where the lease was lost."""
        self.run.tell(self.name, "line %s: %s", attempt.line.pk, outcome)
        if isinstance(outcome, deciding.PutBack):
            self._put_back(attempt, outcome.seconds)
            if outcome.denied:
                self.stop()
            else:
                self.house.hold_all(self._later(outcome.seconds))
        elif isinstance(outcome, deciding.Done):
            self._move(attempt, "done", "done")
        elif isinstance(outcome, deciding.Refused):
            self._move(attempt, "refused", "refuse", outcome=outcome.words)
        elif isinstance(outcome, deciding.Unknown):
            columns = self.house.unknown(self.run.now(), at_once=outcome.at_once, core=self.core)
            self._move(attempt, "unknown", "lose", outcome=outcome.words, **columns)

    def _put_back(self, attempt: Attempt, seconds: float | None) -> None:
        self._move(attempt, "not sent", "put_back", not_before=self._later(seconds))

    def _move(self, attempt: Attempt, answer: str, step: str, **columns: object) -> None:
        """Close the attempt and move its line, in one transaction."""
        self.house.close(attempt, answer)
        self.house.advance(attempt.line, step, "sending", **columns)

    def _later(self, seconds: float | None) -> datetime:
        wait = self.rules.look_again if seconds is None else max(seconds, 0)
        return self.run.now() + timedelta(seconds=wait)

    # --- settling -----------------------------------------------------------------------------
    def settle_one(self) -> Iterator[float]:
        """Look at one line that is unknown, or decided by a person."""
        now = self.run.now()
        line = self.house.due(now)
        if line is None or not (yield from self.may_go()):
            return False
        state, taken = line.state, line.not_before
        yield 0.01
        if line.state != state or line.not_before != taken:
            return True  # another worker is faster
        until = line.not_before = now + timedelta(seconds=self.rules.look_again)
        known = self.house.as_asked(line)
        decision = yield from self._decide(line, known, now, until)
        yield 0.01
        if decision is not None:
            self.run.tell(self.name, "line %s: %s", line.pk, decision)
            self.run.judge.concludes(line, self.looked)
            try:
                self.settled(line, known, decision, until)
            except Conflict:
                self.run.tell(self.name, "finds line %s settled by another", line.pk)
        return True

    def _decide(
        self, line: Line, known: deciding.Line, now: datetime, until: datetime
    ) -> Iterator[float]:
        """One look, and what it means; None where Light does not answer now."""
        try:
            look = yield from looking.look(self.run, known.content, line)
        except LightDenied:
            self.stop()
        except (LightUnreadable, LightRefused):
            return self.core.cannot_read(known, now, self.rules)
        except LightError as error:
            wait = error.retry_after if isinstance(error, LightUnavailable) else None
            if wait and line.not_before == until:
                line.not_before = now + timedelta(seconds=max(wait, self.rules.look_again))
        else:
            self.looked = look.began
            return self.understand(line, known, look, now)
        return None

    def understand(
        self, line: Line, known: deciding.Line, look: looking.Look, now: datetime
    ) -> deciding.Action:
        """What a look means."""
        return self.core.decide(known, look.seen, now, self.rules)

    def settled(self, line: Line, known: deciding.Line, decision: object, until: datetime) -> None:
        """Write what a look has shown."""
        by_person = known.state == "needs_person"
        if isinstance(decision, deciding.Done):
            step = "settle_done" if by_person else "done"
            self.house.advance(line, step, known.state, outcome=decision.words)
        elif isinstance(decision, deciding.NotApplied):
            step = "settle_absent" if by_person else "not_applied"
            self.house.advance(line, step, known.state, outcome=decision.words, not_before=None)
        elif isinstance(decision, deciding.Ask):
            self.house.advance(line, "ask", known.state, outcome=decision.words, not_before=None)
        elif isinstance(decision, deciding.CannotConfirm):
            if line.state == "needs_person" and line.decision == known.said:
                line.decision, line.outcome, line.absent_looks = "", decision.words, 0
        elif isinstance(decision, deciding.LookAgain):
            same = line.state == known.state and line.not_before == until
            if same and line.absent_looks == known.absent_looks:
                line.absent_looks = decision.absent_looks

    # --- stopping -----------------------------------------------------------------------------
    def stop(self) -> None:
        """Light does not accept the key: sending stops for everybody."""
        self.house.stop(self.run.now())
        self.run.tell(self.name, "stops sending for everybody")

    def may_go(self) -> Iterator[float]:
        """Where sending is stopped, one worker a minute asks Light whether the key works."""
        now = self.run.now()
        if self.house.stopped_at is None:
            return True
        if self.house.stopped_at > now - TRY_AGAIN:
            return False
        self.house.stopped_at = now
        try:
            yield from self.net.read()
        except LightError:
            return False
        self.house.stopped_at = None
        self.run.judge.key_works()
        return True
