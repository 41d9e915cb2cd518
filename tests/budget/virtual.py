"""A house in virtual time: the real worker, pace and client, with a sandbox that is a call away.

Nobody sleeps: a wait moves the clock, and so does each request by what Light takes to answer.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from clearing import gateway, workflow
from clearing.light.client import LightClient
from clearing.management.commands import worker
from clearing.models import Instruction
from clearing.sandbox.server import Sandbox
from clearing.services.mirroring import details
from clearing.services.sending import claiming
from tests.hostile.net import Net, Sent, from_sandbox
from tests.services.sending_world import World

BEGAN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LIMIT = 300  # requests a minute that Light allows
LATENCY = 0.1  # seconds


class Clock:
    """Time that moves when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class House:
    """Approved lines, one worker, and Light with its limit."""

    def __init__(self, patch: pytest.MonkeyPatch, people: tuple[Any, Any], **budget: int) -> None:
        self.clock = Clock()
        self.sandbox = Sandbox(rate=LIMIT)
        self.sandbox.limiter._monotonic = self.clock.monotonic
        self.light = from_sandbox(self.sandbox)
        self.sent_at: list[float] = []  # when each request left
        self.instead: Callable[[Sent], bytes | None] = lambda sent: None
        self.world = World(self.sandbox, *people)
        self._budget = {"per_minute": 240, "per_day": 60_000} | budget
        self._move_time(patch)
        Net(self._answer).install(patch)

    def _move_time(self, patch: pytest.MonkeyPatch) -> None:
        clock = SimpleNamespace(monotonic=self.clock.monotonic)
        row = gateway.SharedPace._row
        patch.setattr(workflow, "now", self.clock.now)
        patch.setattr(claiming, "time", clock)
        patch.setattr(details, "time", clock)
        patch.setattr(gateway.SharedPace, "_row", lambda pace: (row(pace)[0], self.clock.now()))
        patch.setattr(worker.mirroring, "due", lambda now: False)
        patch.setattr(worker, "think", lambda now: False)

    def _answer(self, sent: Sent) -> bytes:
        self.sent_at.append(self.clock.seconds)
        self.clock.sleep(LATENCY)
        return self.instead(sent) or self.light(sent)

    def client(self) -> LightClient:
        """As gateway.client makes it, in this time."""
        return LightClient(
            self.sandbox.url, key=self.sandbox.key, guard=gateway.guard, max_retries=3,
            pace=gateway.SharedPace("k", **self._budget), sleep=self.clock.sleep,
            clock=self.clock.monotonic,
        )  # fmt: skip

    def approve(self, notes: int, links_of_each: int) -> None:
        """So many approved links."""
        for _ in range(notes):
            note = self.world.note(amount=10_000 * links_of_each)
            for _ in range(links_of_each):
                self.world.line(note, self.world.invoice())

    def work(self, until: Callable[[], bool], most_seconds: float = 4_000) -> float:
        """Let the worker run; seconds until what is wanted."""
        client, began, idle = self.client(), self.clock.seconds, 1.0
        while not until():
            busy = worker.step(client, "w1", self.clock.now())
            idle = 1.0 if busy else min(2 * idle, 120.0)  # the longer, the fewer steps in vain
            self.clock.sleep(0 if busy else idle / 2)
            assert self.clock.seconds - began < most_seconds, self.states()
        return self.clock.seconds - began

    def all_done(self) -> bool:
        return not Instruction.objects.exclude(state="done").exists()

    def all_shown(self) -> bool:
        """Done, and read back from Light."""
        return not Instruction.objects.filter(shown_at=None).exists()

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for state in Instruction.objects.values_list("state", flat=True):
            found[state] = found.get(state, 0) + 1
        return found

    def busiest_minute(self) -> int:
        """The most requests in any 60 seconds."""
        first = most = 0
        for last, at in enumerate(self.sent_at):
            while at - self.sent_at[first] > 60:
                first += 1
            most = max(most, last - first + 1)
        return most

    def refused(self) -> int:
        """Answers 429."""
        return sum(asked.status == 429 for asked in self.sandbox.requests)

    def close(self) -> None:
        self.sandbox.books.close()
