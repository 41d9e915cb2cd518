"""The rate limit: so many requests in any 60 seconds, so many a day (UTC)."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

WINDOW = 60.0  # seconds


class Limiter:
    """Counts what it lets through; None is unlimited. A refused request is not counted."""

    def __init__(
        self,
        per_minute: int | None,
        per_day: int | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._recent: deque[float] = deque()
        self._day: date | None = None
        self._today = 0
        self.per_minute, self.per_day = per_minute, per_day

    def take(self) -> tuple[int | None, dict[str, str]]:
        """Seconds to wait if refused, else None; and the X-RateLimit headers."""
        with self._lock:
            now = self._monotonic()
            while self._recent and self._recent[0] <= now - WINDOW:
                self._recent.popleft()
            wait = self._wait(now)
            if wait is None:
                self._recent.append(now)
                self._today += 1
            return wait, self._headers(now)

    def _wait(self, now: float) -> int | None:
        utc = datetime.now(UTC)
        if utc.date() != self._day:
            self._day, self._today = utc.date(), 0
        if self.per_day is not None and self._today >= self.per_day:
            midnight = datetime.combine(utc.date(), datetime.min.time(), UTC) + timedelta(days=1)
            return math.ceil((midnight - utc).total_seconds())
        if self.per_minute is not None and len(self._recent) >= self.per_minute:
            return self._reset(now)
        return None

    def _reset(self, now: float) -> int:
        oldest = self._recent[0] if self._recent else now
        return max(1, math.ceil(oldest + WINDOW - now))

    def _headers(self, now: float) -> dict[str, str]:
        if self.per_minute is None:
            return {}
        return {
            "X-RateLimit-Limit": str(self.per_minute),
            "X-RateLimit-Remaining": str(max(0, self.per_minute - len(self._recent))),
            "X-RateLimit-Reset": str(self._reset(now)),
        }
