"""python -m tests.benchmarks.reconciling [links]: what differences cost with many links of ours.

Every link is of a line of ours, one in a thousand is gone from Light. With DATABASE_URL on
PostgreSQL, too.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import timedelta
from typing import Any

from tests.benchmarks.databases import both, run, scratch, show, step_of, timed

TIMES = 20


def fill(count: int) -> dict[str, Any]:
    """`count` notes and invoices, each pair linked by a done line; one in a thousand removed."""
    from django.utils import timezone

    from clearing.models import (
        Clearing,
        CreditNote,
        Instruction,
        InvoicePayable,
        Link,
        Proposal,
    )
    from tests import factories
    from tests.benchmarks import filling

    filling.fill(count)
    Link.objects.all().delete(), Clearing.objects.all().delete()
    preparer, approver = factories.person("preparer"), factories.person("approver")
    proposal = Proposal.objects.create(created_by=preparer, created_at=filling.NOW)
    pairs = list(
        zip(
            CreditNote.objects.order_by("vendor_id").values_list("id", "currency"),
            InvoicePayable.objects.order_by("vendor_id").values_list("id", flat=True),
            strict=True,
        )
    )
    random.Random(1).shuffle(pairs)
    CreditNote.objects.update(links_read_at=filling.NOW + timedelta(hours=1), status="POSTED")
    shared: dict[str, Any] = {"amount": 4000, "changed_at": filling.NOW}
    links, lines = [], []
    for number, ((note, currency), invoice) in enumerate(pairs):
        pair = {"credit_note_id": note, "invoice_payable_id": invoice, "currency": currency}
        gone = {"gone_at": filling.NOW, "fate": "removed"} if number % 1000 == 0 else {}
        links.append(
            Link(**pair, **shared, **gone, made_here=True, fate_at=filling.NOW,
                 first_seen_at=timezone.now())  # or all of them are planned for long
        )  # fmt: skip
        lines.append(
            Instruction(
                **pair, **shared, kind="link", state="done", proposal=proposal, content={},
                asked_by=preparer, asked_at=filling.NOW, approved_by=approver,
                done_at=filling.NOW, shown_at=filling.NOW,
            )
        )  # fmt: skip
    Link.objects.bulk_create(links, batch_size=filling.BATCH)
    Instruction.objects.bulk_create(lines, batch_size=filling.BATCH)
    return {}


def measure(count: int) -> dict[str, Any]:
    """A whole comparison, one when nothing changed, and the number on every page."""
    from clearing import workflow
    from clearing.models import Difference
    from clearing.queries import exceptions
    from clearing.services import reconciling

    now, longest, began = workflow.now(), 0.0, time.perf_counter()
    while True:
        at = time.perf_counter()
        if not reconciling.look(now):
            break
        longest = max(longest, time.perf_counter() - at)
    whole = time.perf_counter() - began
    cases = [
        ("number of exceptions, on every page", timed(exceptions.count, TIMES)),
        ("their page", timed(lambda: exceptions.groups(locale=""), TIMES)),
        ("a look when nothing has changed", timed(_idle(now), TIMES)),
    ]
    return {"whole": whole, "longest": longest, "found": Difference.objects.count(),
            "cases": cases}  # fmt: skip


def _idle(now: Any) -> Any:
    from clearing.services import reconciling, suspecting

    later = iter(range(1, 1000))
    return lambda: reconciling.look(now + suspecting.PAUSE * 100 * next(later))


STEPS = {"fill": fill, "measure": measure}


def main(sizes: list[int]) -> None:
    for size in sizes:
        with scratch() as databases:
            for name, url in databases:
                run(__spec__.name, url, "fill", size)
                found = run(__spec__.name, url, "measure", size)
                print(f"{name}, {size:,} links: compared in {found['whole']:.1f} s", end="; ")
                print(f"longest slice {found['longest']:.2f} s", end="; ")
                print(f"{found['found']:,} differences")
                show(["ms, p50 / p95", ""], [[one, both(ms)] for one, ms in found["cases"]])


if __name__ == "__main__" and not (sys.argv[1:2] in [[one] for one in STEPS] and step_of(STEPS)):
    main([int(size) for size in sys.argv[1:]] or [100_000])
