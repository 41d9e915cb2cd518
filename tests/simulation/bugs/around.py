"""Bugs around the protocol: the pace, the key, the trail."""

from dataclasses import replace

from tests.simulation.bugs.planting import bug
from tests.simulation.run import Run


@bug
def ignores_retry_after(run: Run) -> None:
    run.net._learn = lambda status, headers, *, write: None


@bug
def no_shared_pace(run: Run) -> None:
    def take(urgent: bool) -> float:
        run.net.budget = replace(run.net.budget, minute_used=0)
        return real(urgent)

    real, run.net.take = run.net.take, take


@bug
def goes_on_with_a_refused_key(run: Run) -> None:
    run.house.stop = lambda now: None


@bug
def forgets_the_trail(run: Run) -> None:
    real = run.house.record
    run.house.record = lambda event: None if event.now == "ready" else real(event)
