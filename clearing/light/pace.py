"""The request budget that all processes of one key share. Pure: values in, values out.

A leaky bucket keeps ANY 60 seconds under the ceiling, not only calendar minutes: at most `burst`
requests at once, and from then on one each `interval`, with burst + 60 s / interval = ceiling.
The last part of the burst, and of the day, is kept for what is urgent: a write, and every read
that sending waits for (the look before it, the read-back after it). Other reading gives way.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from clearing.light.retry_after import LONGEST, seconds_to_wait

CEILING_MINUTE = 240  # Light allows 300 for a key
CEILING_DAY = 60_000  # Light allows 100,000 for an organisation
SHARE_OF_LIMIT = 80  # percent of the limit that Light's headers show
READS_OF_DAY = 90  # percent of the day after which only what is urgent goes on


class Pace(Protocol):
    """What the client asks before, and tells after, each request."""

    def before(self, *, urgent: bool) -> float:
        """Seconds to wait and then ask again; 0 = go, and a slot has been taken."""

    def after(self, status: int, headers: Mapping[str, str], *, write: bool) -> None:
        """Learn from an answer: 429 pauses everybody, the limit lowers the ceiling.

        Status 0: no answer came.
        """


@dataclass(frozen=True)
class Budget:
    """The state of one key's budget. `minute_used` is what has not yet leaked away."""

    minute_started_at: datetime  # when the bucket last leaked
    minute_used: int
    day: date  # UTC, as Light counts
    day_used: int
    paused_until: datetime | None = None
    limit_seen: int | None = None  # X-RateLimit-Limit, requests a minute

    @classmethod
    def fresh(cls, now: datetime) -> "Budget":
        """Nothing used yet."""
        return cls(now, 0, now.astimezone(UTC).date(), 0)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a JSON column."""
        values = asdict(self)
        return {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in values.items()
        }

    def is_ahead_of(self, now: datetime) -> bool:
        """Whether it was written by a clock that has been set back since."""
        latest = now + timedelta(seconds=LONGEST)
        return self.minute_started_at > now or (self.paused_until or now) > latest

    @classmethod
    def from_json(cls, values: Mapping[str, Any], now: datetime) -> "Budget":
        """The inverse of to_json(); {} is a fresh budget."""
        if not values:
            return cls.fresh(now)
        paused = values["paused_until"]
        return cls(
            datetime.fromisoformat(values["minute_started_at"]),
            values["minute_used"],
            date.fromisoformat(values["day"]),
            values["day_used"],
            datetime.fromisoformat(paused) if paused else None,
            values["limit_seen"],
        )


def take(
    budget: Budget,
    now: datetime,
    *,
    urgent: bool,
    ceiling_minute: int = CEILING_MINUTE,
    ceiling_day: int = CEILING_DAY,
) -> tuple[Budget, float]:
    """(budget, 0) with a slot taken, or (budget, seconds to wait). `now` is aware."""
    burst, interval = _bucket(_ceiling(ceiling_minute, budget.limit_seen))
    budget = _leak(_today(_in_time(budget, now), now), now, interval)
    if budget.paused_until and budget.paused_until > now:
        return budget, (budget.paused_until - now).total_seconds()
    day_cap = ceiling_day if urgent else ceiling_day * READS_OF_DAY // 100
    if budget.day_used >= day_cap:
        return budget, _until_midnight(now)
    cap = burst if urgent or burst == 1 else burst - max(burst // 4, 1)
    if budget.minute_used >= cap:
        free_at = budget.minute_started_at + (budget.minute_used - cap + 1) * interval
        return budget, max((free_at - now).total_seconds(), 0.001)
    used = replace(budget, minute_used=budget.minute_used + 1, day_used=budget.day_used + 1)
    return used, 0.0


def learn(budget: Budget, now: datetime, status: int, headers: Mapping[str, str]) -> Budget:
    """The budget after an answer of Light's."""
    values = {key.lower(): value for key, value in headers.items()}
    limit = _positive(values.get("x-ratelimit-limit"))
    if limit is not None and limit != budget.limit_seen:
        budget = replace(budget, limit_seen=limit)
    if status != 429:
        return budget
    until = now + timedelta(seconds=seconds_to_wait(values.get("retry-after"), now))
    if budget.paused_until and budget.paused_until > until:
        return budget
    return replace(budget, paused_until=until)


def _ceiling(ceiling: int, limit_seen: int | None) -> int:
    """Requests in any minute: ours, or 80 % of what Light shows if that is less."""
    if limit_seen is not None:
        ceiling = min(ceiling, limit_seen * SHARE_OF_LIMIT // 100)
    return max(ceiling, 1)


def _bucket(ceiling: int) -> tuple[int, timedelta]:
    """(burst, interval) with burst + 60 s / interval <= ceiling in any 60 seconds."""
    burst = max(ceiling // 20, 1)
    if ceiling == burst:  # one a minute
        return burst, timedelta(seconds=61)
    return burst, timedelta(microseconds=math.ceil(60_000_000 / (ceiling - burst)))


def _in_time(budget: Budget, now: datetime) -> Budget:
    """Where the clock was set back: wait from here, at most as long as any pause lasts."""
    if not budget.is_ahead_of(now):
        return budget
    until, longest = budget.paused_until, now + timedelta(seconds=LONGEST)
    return replace(
        budget,
        minute_started_at=min(budget.minute_started_at, now),
        paused_until=min(until, longest) if until else None,
    )


def _leak(budget: Budget, now: datetime, interval: timedelta) -> Budget:
    """One request leaves the bucket per whole interval; the rest of an interval is kept."""
    leaked = (now - budget.minute_started_at) // interval
    if budget.minute_used <= leaked:
        return replace(budget, minute_used=0, minute_started_at=now)
    return replace(
        budget,
        minute_used=budget.minute_used - leaked,
        minute_started_at=budget.minute_started_at + leaked * interval,
    )


def _today(budget: Budget, now: datetime) -> Budget:
    """The day's count starts anew at midnight UTC."""
    today = now.astimezone(UTC).date()
    return budget if budget.day == today else replace(budget, day=today, day_used=0)


def _until_midnight(now: datetime) -> float:
    now = now.astimezone(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight - now).total_seconds()


def _positive(text: str | None) -> int | None:
    """The first number of a limit header ("300" or "300, 300;w=60")."""
    first = (text or "").split(",")[0].split(";")[0].strip()
    if not (first.isascii() and first.isdigit() and len(first) < 10):
        return None
    return int(first) or None
