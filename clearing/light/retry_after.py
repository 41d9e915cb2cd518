"""Retry-After, as seconds that are safe to wait."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST, LONGEST, MISSING = 1.0, 300.0, 30.0  # seconds


def seconds_to_wait(value: str | None, now: datetime | None = None) -> float:
    """Seconds from a Retry-After header: a number or an HTTP date, capped; 30 where useless."""
    asked = _asked(value, now or datetime.now(UTC))
    if asked is None:
        return MISSING
    return min(max(asked, SHORTEST), LONGEST)


def _asked(value: str | None, now: datetime) -> float | None:
    text = (value or "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        return _until(text, now)
    return None if math.isnan(seconds) else seconds


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
