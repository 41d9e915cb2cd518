"""The sandbox's time: timestamps that only move forward, and an injectable today."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


def iso(moment: datetime) -> str:
    """ISO-8601 in UTC with microseconds and Z, e.g. 2026-11-05T08:30:00.000001Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Clock:
    """`stamp()` never gives the same moment twice, so `updatedAt` is strictly increasing."""

    def __init__(self, today: date | None = None) -> None:
        self._today = today
        self._last = datetime.min.replace(tzinfo=UTC)

    def today(self) -> date:
        return self._today or datetime.now(UTC).date()

    def stamp(self) -> str:
        moment = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        self._last = moment
        return iso(moment)

    def not_before(self, moment: datetime) -> None:
        """Later stamps come after `moment`: a store that is opened again goes on, never back."""
        self._last = max(self._last, moment)
