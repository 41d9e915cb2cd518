"""Answers gone wrong: named profiles by chance, and precise faults for the next request.

A fault happens before the work (nothing was done) or after it (done, but the answer is lost); a
late one answers first and does the work later.
"""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass, field, fields
from typing import Any

KINDS = ("status", "drop", "stall", "late", "truncate", "html", "redirect", "body")
WRITES = "POST|PATCH|PUT|DELETE"


@dataclass
class Fault:
    """What goes wrong, for whom (method and path are regular expressions), how often.

    status: answers `status` · drop: resets the connection · stall: waits `seconds`, then goes on
    · late: resets the connection, and does the work `seconds` later · truncate: half the body ·
    html: a 200 that is a web page · redirect: `status` (default 302) to `url` · body: a 200 with
    `body`, of type application/json.
    """

    kind: str = "status"
    when: str = "before"
    method: str = ".*"
    path: str = ".*"
    status: int | None = None
    seconds: float = 0.0
    url: str = ""
    body: str | bytes = ""
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind}.")
        if self.when not in ("before", "after"):
            raise ValueError("A fault happens before or after the work.")
        try:
            re.compile(self.method), re.compile(self.path)
        except re.error as error:
            raise ValueError(f"Not a regular expression: {error}.") from error

    def meets(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.search(self.path, path))


# A profile: (chance, fault); chances are tried one after the other.
PROFILES: dict[str, list[tuple[float, Fault]]] = {
    "none": [],
    "flaky": [
        (0.02, Fault(status=429, headers={"Retry-After": "1"})),
        (0.02, Fault(status=503)),
        (0.02, Fault(status=500, when="after")),
        (0.02, Fault(status=502, when="after")),
        (0.01, Fault(kind="drop")),
        (0.01, Fault(kind="drop", when="after")),
        (0.01, Fault(kind="truncate", when="after")),
    ],
    "storm": [
        (0.2, Fault(status=429, headers={"Retry-After": "2"})),
        (0.1, Fault(status=429)),
        (0.05, Fault(status=429, headers={"Retry-After": "-1"})),
        (0.1, Fault(status=503)),
        (0.1, Fault(status=504, when="after")),
        (0.05, Fault(kind="drop", when="after")),
    ],
    "stall": [
        (0.1, Fault(kind="stall", seconds=20)),
        (0.1, Fault(kind="stall", seconds=20, when="after")),
    ],
    "down": [(1.0, Fault(status=503))],
    "chaos": [  # one request in ten
        (0.02, Fault(kind="late", method=WRITES, seconds=3)),
        (0.01, Fault(status=429, headers={"Retry-After": "1"})),
        (0.005, Fault(status=429, headers={"Retry-After": "-1"})),
        (0.006, Fault(status=500)),
        (0.006, Fault(status=500, when="after")),
        (0.005, Fault(status=502)),
        (0.005, Fault(status=502, when="after")),
        (0.005, Fault(status=503)),
        (0.005, Fault(status=503, when="after")),
        (0.004, Fault(status=504)),
        (0.006, Fault(status=504, when="after")),
        (0.007, Fault(kind="drop")),
        (0.007, Fault(kind="drop", when="after")),
        (0.005, Fault(kind="truncate", when="after")),
        (0.004, Fault(kind="html")),
        (0.004, Fault(kind="html", when="after")),
        (0.004, Fault(kind="redirect", url="http://127.0.0.1:9/")),
        (0.004, Fault(kind="redirect", status=307, url="http://127.0.0.1:9/", when="after")),
        (0.004, Fault(kind="stall", seconds=2)),
        (0.004, Fault(kind="stall", seconds=2, when="after")),
    ],
}


class Faults:
    """Which fault, if any, meets a request: precise ones first, then the profile's dice."""

    def __init__(self, profile: str | None = None, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._next: list[Fault] = []
        self._dice = random.Random(seed)
        self.use(profile or "none")

    def use(self, profile: str) -> None:
        if profile not in PROFILES:
            raise ValueError(f"There is no fault profile {profile}.")
        self.profile = profile

    def add(self, **given: Any) -> Fault:
        """A fault for the next `times` requests that it meets."""
        unknown = given.keys() - {each.name for each in fields(Fault)}
        if unknown:
            raise ValueError(f"A fault has no {', '.join(sorted(unknown))}.")
        fault = Fault(**given)
        with self._lock:
            self._next.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._next.clear()
            self.profile = "none"

    def draw(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self._next:
                if fault.meets(method, path):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._next.remove(fault)
                    return fault
            for chance, fault in PROFILES[self.profile]:
                if fault.meets(method, path) and self._dice.random() < chance:
                    return fault
        return None
