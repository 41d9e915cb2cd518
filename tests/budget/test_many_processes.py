"""Processes that share one database never take more than there is."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clearing.light.pace import Budget, take
from tests.benchmarks.databases import scratch
from tests.budget.virtual import BEGAN

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
PROCESSES, PER_MINUTE, SECONDS = 4, 240, 4.0
BURST, A_SECOND = PER_MINUTE // 20, (PER_MINUTE - PER_MINUTE // 20) / 60


def start(url: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.budget.taking", *arguments]
    environment = {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip


def _all_take(url: str) -> list[list[float]]:
    """When each process was given its slots."""
    taking = [start(url, "take", str(PER_MINUTE), str(SECONDS)) for _ in range(PROCESSES)]
    for one in taking:
        assert one.stdout and one.stdout.readline() == "ready\n"
    for one in taking:
        assert one.stdin
        one.stdin.write(f"{time.time()}\n")
        one.stdin.flush()
    return [json.loads(one.communicate(timeout=60)[0]) for one in taking]


def test_four_processes_share_one_bucket():
    """A minute is long: in any shorter time they get no more than the burst and what leaks out
    of the bucket, and burst + 60 seconds of leaking are the ceiling (test_pace)."""
    with scratch() as databases:
        for name, url in databases:
            assert start(url, "make").wait(60) == 0
            each = _all_take(url)
            given = sorted(at for one in each for at in one)
            took = given[-1] - given[0]
            assert len(given) <= BURST + took * A_SECOND + 2, name
            assert len(given) > BURST, name
            assert sum(bool(one) for one in each) > 1, name
            for first in range(0, len(given)):  # told a little later than taken, so 3 more
                for last in range(first, len(given)):
                    span = given[last] - given[first]
                    assert last - first + 1 <= BURST + (span + 0.25) * A_SECOND + 3, (name, span)


def test_planted_a_row_that_is_not_compared_gives_twice():
    """Two processes that read the same row and both write take the same slot."""
    budget = Budget.fresh(BEGAN)
    one, wait_of_one = take(budget, BEGAN, urgent=True, ceiling_minute=20)
    other, wait_of_other = take(budget, BEGAN, urgent=True, ceiling_minute=20)
    assert one == other and wait_of_one == wait_of_other == 0
