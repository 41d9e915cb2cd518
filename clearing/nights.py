"""The hours in which closed documents are read again: ROTATION_HOURS, in TIME_ZONE."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

HOURS = re.compile(r"([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-3])", re.ASCII)


@dataclass(frozen=True)
class Night:
    """One night; `day` is the one on which it begins."""

    day: date
    opens_at: datetime
    closes_at: datetime

    def share(self, now: datetime) -> float:
        """How much of it has passed, 0 to 1; 0 before it."""
        return min(max((now - self.opens_at) / (self.closes_at - self.opens_at), 0.0), 1.0)


def hours(text: str) -> tuple[int, int]:
    """Of "22-06", (22, 6). Raises ValueError where it is not two different hours."""
    found = HOURS.fullmatch(text)
    if found is None or int(found[1]) == int(found[2]):
        raise ValueError("Two different hours of the day, like 22-06.")
    return int(found[1]), int(found[2])


def of(now: datetime) -> Night:
    """The night that it is, else the next one."""
    begins, ends = hours(settings.ROTATION_HOURS)
    zone = ZoneInfo(settings.TIME_ZONE)
    day = now.astimezone(zone).date() - timedelta(days=1)
    while True:
        last = day + timedelta(days=ends <= begins)
        closes_at = datetime.combine(last, time(ends), tzinfo=zone).astimezone(UTC)
        if closes_at > now:
            opens_at = datetime.combine(day, time(begins), tzinfo=zone).astimezone(UTC)
            return Night(day, opens_at, closes_at)
        day += timedelta(days=1)
