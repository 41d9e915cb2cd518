"""`kill -9` and a freeze at every named point: nothing is lost, nothing doubled, no lie told."""

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.processes.points import POINTS
from tests.processes.run import Plan, Run

pytestmark = pytest.mark.processes
AT_ONCE = 5  # runs; they mostly wait for leases and quarantines
FROZEN = (  # where a worker freezes in the short run, too
    "claimed", "before the mark", "marked as sent", "before it connects", "connected",
    "answer is read", "looked again", "recovered",
)  # fmt: skip


def pytest_generate_tests(metafunc: Any) -> None:
    """Killed at every point with each seed; frozen with each but the first, where few are."""
    plans = []
    for seed in range(metafunc.config.getoption("kill_seeds")):
        plans += [Plan(point, signal.SIGKILL, seed) for point in POINTS]
        frozen = [point for point in POINTS if seed or point.name in FROZEN]
        plans += [Plan(point, signal.SIGSTOP, seed) for point in frozen]
    metafunc.parametrize("plan", plans, ids=str)


@pytest.fixture(scope="module")
def runs(request: Any, databases: Any) -> Iterator[dict[Plan, Future[Any]]]:
    """All runs that were asked for, some at once."""
    asked = [item.callspec.params["plan"] for item in request.session.items
             if item.module is request.module]  # fmt: skip
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {plan: pool.submit(Run(plan, databases).go) for plan in asked}
        pool.shutdown(cancel_futures=True)


def test_a_worker_ends(plan: Plan, runs: dict[Plan, Future[Any]]) -> None:
    assert runs[plan].result() == []
