"""The page of a month, and making its paper, over 24 months of movements.

python -m tests.benchmarks.papers [documents …]     10000 and 200000 unless given
"""

from __future__ import annotations

import sys
import time
from typing import Any

from tests.benchmarks.databases import both, peak_megabytes, run, scratch, show, step_of, timed

SIZES = (10_000, 200_000)
TIMES = 10
MONTH = "2026-09"
HEADS = ["month end", "documents", "page, ms p50 / p95", "paper, s", "kept, s",
         "rows", "memory, MB"]  # fmt: skip


def fill(count: int) -> dict[str, Any]:
    from tests.benchmarks import filling_months

    return filling_months.fill(count)


def page(_count: int) -> dict[str, Any]:
    """The month's page through the test client, as a controller."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tests import factories
    from tests.benchmarks.filling_months import ENTITIES

    known = get_user_model().objects.filter(username="controller").first()
    client = Client()
    client.force_login(known or factories.person("controller"))

    def ask() -> None:
        answer = client.get(f"/month-end/{MONTH}/", {"entity": str(ENTITIES[0])})
        assert answer.status_code == 200, answer.status_code

    return {"page": timed(ask, TIMES)}


def paper(_count: int) -> dict[str, Any]:
    """Reads the month and keeps it, once; each list's own seconds beside."""
    from datetime import date, datetime

    from django.db import transaction
    from django.utils import timezone

    from clearing.models import MonthEnd, PaperRow
    from clearing.queries import papers
    from clearing.services import papering
    from tests.benchmarks.filling_months import ENTITIES

    before, month = peak_megabytes(), date.fromisoformat(f"{MONTH}-01")
    now: datetime = timezone.now()
    began = time.perf_counter()
    content = papers.read_month(ENTITIES[0], month, now)
    read = time.perf_counter() - began
    row, _made = MonthEnd.objects.get_or_create(entity_id=ENTITIES[0], month=month)
    with transaction.atomic():
        papering._keep(row, content, now)
    kept = time.perf_counter() - began - read
    found = {"read": read, "kept": kept, "memory": [before, peak_megabytes()]}
    return found | {"rows": PaperRow.objects.count(), "lists": _each(month, now)}


def _each(month: Any, now: Any) -> dict[str, float]:
    """Seconds of each list by itself."""
    from clearing.queries import papers
    from tests.benchmarks.filling_months import ENTITIES

    took, scope = {}, papers.Scope.of(ENTITIES[0], month, now)
    for one in (*papers.HANDED_OVER, papers.TO_ACCEPT):
        began = time.perf_counter()
        rows = list(one.rows(scope))
        took[f"{one.key} ({len(rows)})"] = time.perf_counter() - began
    return took


def main(sizes: list[int]) -> None:
    table: list[list[Any]] = []
    for size in sizes:
        with scratch() as databases:
            for name, url in databases:
                filled = run(__spec__.name, url, "fill", size)
                print(
                    f"{name}, {size:,} documents: filled in {filled['seconds']:.0f} s", flush=True
                )
                made = run(__spec__.name, url, "paper", size)
                seen = run(__spec__.name, url, "page", size)
                before, peak = made["memory"]
                table.append(
                    [name, f"{size:,}", both(seen["page"]), 
                     f"{made['read']:.1f}", f"{made['kept']:.1f}", f"{made['rows']:,}",
                     f"{before} -> {peak}"]
                )  # fmt: skip
                lists = sorted(made["lists"].items(), key=lambda one: -one[1])
                print(", ".join(f"{key} {seconds:.1f} s" for key, seconds in lists))
                show(HEADS, table[-1:])
    show(HEADS, table)


STEPS = {"fill": fill, "page": page, "paper": paper}
if __name__ == "__main__" and not (sys.argv[1:2] in ([s] for s in STEPS) and step_of(STEPS)):
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
