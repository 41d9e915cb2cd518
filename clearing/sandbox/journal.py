"""What the sandbox was asked: every request under /v1, counted by call. Keys are not kept."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

KEPT = 100_000  # requests; the totals go on counting


@dataclass
class Asked:
    """One request; `status` is None until answered and 0 if the connection was dropped."""

    at: str
    method: str
    path: str
    query: str
    body: str
    headers: dict[str, str]
    call: str = ""
    status: int | None = None

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS")


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: deque[Asked] = deque(maxlen=KEPT)
        self._totals: Counter[str] = Counter()

    def add(self, asked: Asked) -> None:
        with self._lock:
            self._asked.append(asked)
            self._totals[asked.call] += 1

    def reset(self) -> None:
        with self._lock:
            self._asked.clear()
            self._totals.clear()

    def all(self) -> list[Asked]:
        with self._lock:
            return list(self._asked)

    def summary(self) -> dict[str, Any]:
        """Totals by call, and the writes in the order they came."""
        with self._lock:
            totals = dict(sorted(self._totals.items()))
        writes = [asked for asked in self.all() if asked.is_write]
        return {
            "total": sum(totals.values()),
            "totals": totals,
            "writes": [
                {
                    "method": each.method,
                    "path": each.path,
                    "body": each.body,
                    "status": each.status,
                    "at": each.at,
                }
                for each in writes
            ],
        }
