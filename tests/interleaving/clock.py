"""Time that moves only when a schedule says so."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from tests.factories import NOW

TICK = 0.001  # seconds that pass with each look at the clock


class Clock:
    """The database's time and a monotonic one; things that happen in Light later."""

    def __init__(self) -> None:
        self.seconds, self.offset = 1000.0, 0.0
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()

    def now(self) -> datetime:
        """As workflow.now: the database's time, which somebody may set."""
        self.seconds += TICK
        return NOW + timedelta(seconds=self.seconds + self.offset)

    def monotonic(self) -> float:
        self.seconds += TICK
        return self.seconds

    def forward(self, seconds: float) -> None:
        """Let time pass; what was to happen in between happens at its moment."""
        until = self.seconds + seconds
        while self._later and self._later[0][0] <= until:
            at, _number, what = heapq.heappop(self._later)
            self.seconds = max(self.seconds, at)
            what()
        self.seconds = max(self.seconds, until)

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._later, (self.seconds + seconds, next(self._number), what))

    def jump(self, seconds: float) -> None:
        """Somebody sets the database's clock; the monotonic one goes on."""
        self.offset += seconds
