"""Bugs before the call: looking, approvals, claims and leases."""

from dataclasses import replace
from typing import Any

from clearing.deciding import Adopt, Fall, Send
from clearing.deciding.pairs import pair_in
from tests.simulation.bugs.planting import bug, deciding_by
from tests.simulation.house import Attempt, Conflict, Line
from tests.simulation.run import Run


@bug
def no_look_before_sending(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        found = real(line, seen, now, rules)
        return Send() if line.state == "claimed" and seen is not None else found

    deciding_by(run, decide)


@bug
def adopts_any_amount(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        found = real(line, seen, now, rules)
        linked = seen is not None and pair_in(line.content, seen).amounts
        fell = isinstance(found, Fall) and line.content.kind == "link"
        return Adopt("It is linked.") if fell and linked else found

    deciding_by(run, decide)


@bug
def approved_content_not_compared(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        as_approved = replace(line.approval, as_approved=True)
        return real(replace(line, approval=as_approved), seen, now, rules)

    deciding_by(run, decide)


@bug
def second_person_not_checked(run: Run) -> None:
    def decide(real, line, seen, now, rules):
        approval = replace(line.approval, approved_by=99, exempt_rule="")
        return real(replace(line, approval=approval), seen, now, rules)

    deciding_by(run, decide)


@bug
def sends_after_its_lease(run: Run) -> None:
    run.core.time_to_send = lambda lease_until, now, rules: 1e6


@bug
def claims_without_comparing(run: Run) -> None:
    def claim(line: Line, worker: str, now: Any) -> Attempt:
        if line.state not in ("ready", "sending"):
            raise Conflict
        if line.state == "sending":
            line.state = "ready"
        return real(line, worker, now)

    real, run.house.claim = run.house.claim, claim


@bug
def two_in_flight_on_one_document(run: Run) -> None:
    run.house.rival = lambda line: False


@bug
def next_step_does_not_wait(run: Run) -> None:
    real = run.house.candidates

    def candidates(now: Any) -> list[Line]:
        early = [one for one in run.house.lines if one.state == "ready" and one.after]
        return [one for one in early if not run.house.rival(one)] or real(now)

    run.house.candidates = candidates
