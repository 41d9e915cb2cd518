"""Days and times around `today`. Nothing is stamped later than yesterday: the past is over."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

SATURDAY = 5


class Calendar:
    def __init__(self, today: date, rng: Random) -> None:
        self.today = today
        self.yesterday = today - timedelta(days=1)
        self._rng = rng

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def within(self, low: int, high: int) -> date:
        """A working day, about `low` to `high` days ago."""
        return self.workday(self.ago(self._rng.randint(low, high)))

    def workday(self, day: date) -> date:
        """The day itself, or the Friday before a weekend."""
        return day - timedelta(days=max(0, day.weekday() - SATURDAY + 1))

    def coming(self, days: int) -> date:
        """A working day at most `days` ahead, never before tomorrow."""
        day = self.workday(self.today + timedelta(days=days))
        while day <= self.today or day.weekday() >= SATURDAY:
            day += timedelta(days=1)
        return day

    def past(self, day: date) -> date:
        return min(day, self.yesterday)

    def stamp(self, day: date) -> str:
        """A moment in working hours of that day, in UTC, at the latest yesterday."""
        rng = self._rng
        clock = f"{rng.randint(6, 16):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
        return f"{self.past(day).isoformat()}T{clock}Z"

    def evening(self) -> str:
        """A moment after working hours, yesterday, in UTC."""
        minutes = self._rng.randint(17 * 60 + 20, 22 * 60)
        return f"{self.yesterday.isoformat()}T{minutes // 60:02d}:{minutes % 60:02d}:00Z"


def noon(day: date) -> str:
    """The moment a payment of that day runs, in UTC."""
    return f"{day.isoformat()}T12:00:00Z"
