"""The live client: settings, the request budget in the database, the guard.

The only place that chooses between Light and the sandbox: by LIGHT_API_URL. The budget is one
row for a key, shared by all processes; each call is one short compare-and-swap.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from clearing.light import pace
from clearing.light.client import LightClient
from clearing.models import Budget
from clearing.models.running import KEY_REFUSED, ROLE_MISSING

MOST_SWAPS = 100  # lost races before a call gives up
CAUSES = {401: KEY_REFUSED, 403: ROLE_MISSING}


def guard() -> None:
    """Refuse a call inside a database transaction; a test's own does not count."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("Light is never called inside a database transaction.")


def key_id() -> str:
    """A digest of address and key: the budget's name, never the key."""
    text = f"{settings.LIGHT_API_URL}\n{settings.LIGHT_API_KEY}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class SharedPace:
    """The request budget of one key in its row (light.pace.Pace)."""

    def __init__(self, key: str, *, per_minute: int, per_day: int) -> None:
        self.key = key
        self._per_minute, self._per_day = per_minute, per_day

    def before(self, *, urgent: bool) -> float:
        """Seconds to wait; 0 = go, and a slot has been taken."""
        for _ in range(MOST_SWAPS):
            row, now = self._row()
            was = pace.Budget.from_json(row.state, now)
            budget, wait = pace.take(
                was,
                now,
                urgent=urgent,
                ceiling_minute=self._per_minute,
                ceiling_day=self._per_day,
            )
            # A wait changes nothing, unless the clock was set back: then it counts from here.
            if wait > 0 and not was.is_ahead_of(now):
                return wait
            if self._swap(row, state=budget.to_json()):
                return wait
        return 1.0

    def after(self, status: int, headers: Mapping[str, str], *, write: bool) -> None:
        """Learn from an answer (status 0: none came): 429 pauses everybody, 401 and 403 stop
        sending.
        """
        for _ in range(MOST_SWAPS):
            row, now = self._row()
            was = pace.Budget.from_json(row.state, now)
            changes: dict[str, object] = {"state": pace.learn(was, now, status, headers).to_json()}
            changes |= self._stop(row, status, now, write) | self._silence(row, status, now)
            if all(getattr(row, name) == value for name, value in changes.items()):
                return
            if self._swap(row, **changes):
                return

    def _stop(self, row: Budget, status: int, now: datetime, write: bool) -> dict[str, object]:
        """Whether sending stops or goes on. A read that works does not prove that writing does."""
        if status == 401 or (status == 403 and write):
            return {"stopped_at": now, "stopped_because": CAUSES[status]}
        if 200 <= status < 300 and (write or row.stopped_because == KEY_REFUSED):
            return {"stopped_at": None, "stopped_because": ""}
        return {}

    def _silence(self, row: Budget, status: int, now: datetime) -> dict[str, object]:
        """Since when Light gives no answer, or none but 5xx, and how many times in a row."""
        if status == 0 or status >= 500:
            since = row.silent_since or now
            return {"silent_since": since, "silent_calls": row.silent_calls + 1}
        return {"silent_since": None, "silent_calls": 0}

    def _row(self) -> tuple[Budget, datetime]:
        """The row, and the database's time, by which all machines agree."""
        rows = Budget.objects.annotate(now=Now())
        row = rows.filter(key_id=self.key).first()
        if row is None:
            Budget.objects.get_or_create(key_id=self.key)
            row = rows.get(key_id=self.key)
        return row, row.now

    def _swap(self, row: Budget, **changes: object) -> bool:
        same = Budget.objects.filter(key_id=self.key, version=row.version)
        return same.update(version=row.version + 1, **changes) == 1


def client(*, retries: int = 3) -> LightClient:
    """Light, with the settings' address and key; `retries`: of a read that fails."""
    return LightClient(
        settings.LIGHT_API_URL,
        key=settings.LIGHT_API_KEY,
        pace=SharedPace(
            key_id(),
            per_minute=settings.LIGHT_REQUESTS_PER_MINUTE,
            per_day=settings.LIGHT_REQUESTS_PER_DAY,
        ),
        guard=guard,
        allowed_hosts=settings.LIGHT_ALLOWED_HOSTS,
        read_timeout=settings.LIGHT_TIMEOUT,
        total_timeout=2 * settings.LIGHT_TIMEOUT,
        document_limit=settings.DOCUMENT_LIMIT,
        max_retries=retries,
    )
