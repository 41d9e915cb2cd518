"""Outlooks and the list of stuck credit: python -m tests.benchmarks.stuck [credit notes]

A pass through everything, a pass after one change, the list of what can't be used yet and the
counts of Today, beside a plain read of the outlooks and a plain COUNT.
"""

import sys
import time
from datetime import timedelta
from typing import Any

from tests.benchmarks.databases import both, peak_megabytes, run, scratch, show, step_of, timed

SIZES = (10_000, 100_000)
TIMES = 10


def fill(count: int) -> dict[str, Any]:
    from tests.benchmarks import filling

    return filling.fill(count)


def judge(count: int) -> dict[str, Any]:
    """The first pass: seconds, its longest slice, the memory before and at most."""
    from clearing import workflow
    from clearing.models import Outlook
    from clearing.services import diagnosing

    before, longest, began = peak_megabytes(), 0.0, time.perf_counter()
    cpu = time.process_time()
    while True:
        start = time.perf_counter()
        if not diagnosing.look(workflow.now()):
            break
        longest = max(longest, time.perf_counter() - start)
    seconds = time.perf_counter() - began
    rows = Outlook.objects.count()
    return {"seconds": seconds, "longest": longest, "rows": rows, "peak": peak_megabytes(),
            "before": before, "cpu": time.process_time() - cpu}  # fmt: skip


def again(count: int) -> dict[str, Any]:
    """A pass after one credit note has changed."""
    from clearing import workflow
    from clearing.models import CreditNote
    from clearing.services import diagnosing

    now = workflow.now() + timedelta(hours=1)
    note = CreditNote.objects.order_by("pk")[0]
    CreditNote.objects.filter(pk=note.pk).update(changed_at=now)
    began = time.perf_counter()
    while diagnosing.look(now):
        pass
    return {"seconds": time.perf_counter() - began}


def measure(count: int) -> dict[str, Any]:
    from django.contrib.auth.models import AnonymousUser
    from django.test import Client

    from clearing.models import Outlook
    from clearing.queries import stuck
    from tests import factories

    client, person = Client(), factories.person("viewer")
    client.force_login(person)
    cases: list[tuple[str, Any]] = [
        ("the list", lambda: client.get("/stuck/")),
        ("one cause", lambda: client.get("/stuck/?cause=not_posted")),
        ("without decision over 30 days", lambda: client.get("/stuck/?decision=none&age=30")),
        ("by what is left", lambda: client.get("/stuck/?sort=-left")),
        ("a text", lambda: client.get("/stuck/?q=CN-00001")),
        ("the counts of Today", lambda: stuck.counts(person or AnonymousUser())),
        ("plain COUNT of the outlooks", Outlook.objects.count),
        ("plain read of 50 outlooks", lambda: list(Outlook.objects.order_by("day")[:50])),
    ]
    return {"cases": [[words, timed(work, TIMES)] for words, work in cases]}


STEPS = {"fill": fill, "judge": judge, "again": again, "measure": measure}


def main(sizes: list[int]) -> None:
    for size in sizes:
        with scratch() as databases:
            for name, url in databases:
                run(__spec__.name, url, "fill", size)
                first = run(__spec__.name, url, "judge", size)
                later = run(__spec__.name, url, "again", size)
                print(f"{name}, {size:,} credit notes and {size:,} invoices")
                print(f"first pass {first['seconds']:.1f} s, CPU {first['cpu']:.1f} s", end="; ")
                print(
                    f"longest slice {first['longest']:.2f} s; {first['rows']:,} outlooks", end="; "
                )
                print(f"memory {first['before']} -> {first['peak']} MB", end="; ")
                print(f"a pass after one change {later['seconds'] * 1000:.0f} ms")
                found = run(__spec__.name, url, "measure", size)
                show(["ms, p50 / p95", ""], [[one, both(ms)] for one, ms in found["cases"]])


if __name__ == "__main__" and not (sys.argv[1:2] in [[one] for one in STEPS] and step_of(STEPS)):
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
