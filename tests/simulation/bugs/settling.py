"""Bugs in settling by reading what got no clear answer."""

from dataclasses import replace
from typing import Any

from clearing.deciding import Done, LookAgain, NotApplied, PutBack
from tests.simulation.bugs.planting import bug, deciding_by, working_by
from tests.simulation.house import IN_FLIGHT, Event, Line
from tests.simulation.run import Run
from tests.simulation.worker import Worker


@bug
def no_quarantine(run: Run) -> None:
    run.core.quarantine = lambda now, rules, *, at_once=False: (now, now)


@bug
def quarantine_too_short(run: Run) -> None:
    real = run.core.quarantine

    def quarantine(now: Any, rules: Any, **rest: Any) -> Any:
        return real(now, replace(rules, quarantine=rules.quarantine / 2), **rest)

    run.core.quarantine = quarantine


@bug
def quarantine_counted_from_sending(run: Run) -> None:
    def advance(line: Line, step: str, *rest: Any, **fields: Any) -> None:
        if step == "lose":
            waited = fields["not_before"] - line.attempts[-1].sent_at
            fields["quarantine_until"] -= waited
        real(line, step, *rest, **fields)

    real, run.house.advance = run.house.advance, advance


@bug
def lease_sends_again(run: Run) -> None:
    run.core.lease_ended = lambda *, sent: PutBack("Again.", 0)


@bug
def one_absent_look(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        found = real(line, seen, now, rules)
        return NotApplied("") if found == LookAgain(1) else found

    deciding_by(run, decide)


@bug
def absent_on_one_side_is_enough(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        if line.state != "claimed" and seen is not None:
            seen = replace(seen, invoice_links=())
        return real(line, seen, now, rules)

    deciding_by(run, decide)


@bug
def compares_by_sum(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        found = real(line, seen, now, rules)
        if seen is None or line.state != "unknown" or line.content.kind != "link":
            return found
        was = sum(amount for _, amount in line.before["note_links"])
        total = sum(link.amount for link in seen.note_links)
        return Done() if total == was + line.content.amount else found

    deciding_by(run, decide)


@bug
def trusts_updated_at(run: Run) -> None:
    def understand(self: Worker, line: Line, known: Any, look: Any, now: Any) -> Any:
        over = line.quarantine_until is not None and line.quarantine_until <= now
        if over and line.state == "unknown" and look.updated == line.attempts[-1].updated:
            return NotApplied("Nothing was changed.")
        return Worker.understand(self, line, known, look, now)

    working_by(run, understand=understand)


@bug
def ignores_entries_it_cannot_map(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        if line.state != "claimed" and seen is not None:
            seen = replace(
                seen,
                note_links=tuple(one for one in seen.note_links if one.mapped),
                invoice_links=tuple(one for one in seen.invoice_links if one.mapped),
            )
        return real(line, seen, now, rules)

    deciding_by(run, decide)


@bug
def absent_is_sent_again(run: Run) -> None:
    def settled(self: Worker, line: Line, known: Any, decision: Any, until: Any) -> None:
        if isinstance(decision, NotApplied) and line.state in IN_FLIGHT:
            self.house.record(Event(line.pk, "sends it again", line.state, "ready"))
            line.state, line.not_before = "ready", None
        else:
            Worker.settled(self, line, known, decision, until)

    working_by(run, settled=settled)


@bug
def takes_a_person_at_their_word(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        words = {"says_done": Done(), "says_absent": NotApplied("")}
        if line.state == "needs_person" and line.said:
            return words[line.said]
        return real(line, seen, now, rules)

    deciding_by(run, decide)


@bug
def half_an_undoing_is_done(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        content = replace(line.content, archives=False)
        return real(replace(line, content=content), seen, now, rules)

    deciding_by(run, decide)


@bug
def never_settles_what_it_cannot_read(run: Run) -> None:
    run.core.cannot_read = lambda line, now, rules: LookAgain(line.absent_looks)
