"""A plan for every vendor: load, match and store, beside what no way of doing it can save.

python -m tests.benchmarks.plans [--documents N]     1000000 unless given

Half of the documents are credit notes, 100 documents to a vendor. Beside it in the same run: a
bare read of the same rows, the plain loop of tests.benchmarks.matching, a bare write of as many
lines. The peak memory is that of a process that does nothing else, also for a tenth as much.
DATABASE_URL adds PostgreSQL.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from tests.benchmarks.databases import migrate, peak_megabytes, run, scratch, show, step_of

TIMES = 3
OF_A_VENDOR = 100
SOME = 10_000  # rows of a bare read or write at once
VENDORS = 100  # that are filled in at once


def fill(documents: int) -> dict[str, Any]:
    """The generator's company into the empty database."""
    import random

    from django.db import connection

    from clearing.models import Entity
    from tests.benchmarks.filling import NOW, SEEN

    migrate()
    if connection.vendor == "sqlite":  # only to fill it: random keys need the indexes in memory
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -400000")
            cursor.execute("PRAGMA synchronous = OFF")
    began, chance = time.perf_counter(), random.Random(4)
    entity = Entity.objects.create(id=UUID(int=1), name="Acme GmbH", **SEEN)
    for first in range(0, documents // OF_A_VENDOR, VENDORS):
        _fill(chance, range(first, first + VENDORS), entity.id, NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"seconds": time.perf_counter() - began}


def _fill(chance: Any, numbers: range, entity_id: UUID, now: datetime) -> None:
    from clearing.models import Balance, Citation, CreditNote, InvoicePayable, Vendor
    from tests.benchmarks.filling import SEEN
    from tests.benchmarks.matching import CREDITS, PAYABLES, group

    rows: dict[Any, list[Any]] = {
        model: [] for model in (Vendor, CreditNote, Citation, InvoicePayable, Balance)
    }
    for number in numbers:
        vendor = Vendor(id=UUID(int=chance.getrandbits(128)), name=f"Vendor {number}", **SEEN)
        rows[Vendor].append(vendor)
        of = {"vendor_id": vendor.id, "entity_id": entity_id, "currency": "EUR"}
        made = group(chance, number, CREDITS, PAYABLES)
        for kind, documents in (("credit_note", made.credits), ("invoice", made.payables)):
            rows[Balance] += [
                Balance(
                    document_id=one.id, kind=kind, usable=True, available=one.open,
                    available_key=one.open, **of,
                )
                for one in documents
            ]  # fmt: skip
        for credit in made.credits:
            day = date.fromordinal(credit.day)
            rows[CreditNote].append(
                CreditNote(
                    id=credit.id, status="POSTED", amount=credit.open, document_date=day,
                    document_day=day, **of, **SEEN,
                )
            )  # fmt: skip
            keys = " ".join(credit.cites)
            rows[Citation].append(Citation(credit_note_id=credit.id, keys=keys, looked_at=now))
        rows[InvoicePayable] += [_invoice(payable, of | SEEN) for payable in made.payables]
    for model, some in rows.items():
        model.objects.bulk_create(some, batch_size=2000)


def _invoice(payable: Any, fields: dict[str, Any]) -> Any:
    from clearing.models import InvoicePayable

    pays = date.fromordinal(payable.pays) if payable.pays else None
    return InvoicePayable(
        id=payable.id, type="VENDOR_INVOICE", state="UNPAID" if payable.posted else "IN_DRAFT",
        invoice_number=payable.keys[0], number_key=payable.keys[0], amount=payable.open,
        outstanding_balance=payable.open, issued_date=date.fromordinal(payable.issued),
        due_date=date.fromordinal(payable.due), due_day=date.fromordinal(payable.due),
        payment_at=datetime(pays.year, pays.month, pays.day, tzinfo=UTC) if pays else None,
        **fields,
    )  # fmt: skip


def plan(documents: int) -> dict[str, Any]:
    """A plan of all vendors, made as the worker makes it."""
    from django.contrib.auth import get_user_model

    from clearing import workflow
    from clearing.models import Plan
    from clearing.services import planning
    from tests import factories

    before, began, slices = peak_megabytes(), time.perf_counter(), []
    person = get_user_model().objects.first() or factories.person("preparer")
    asked = planning.start(planning.Wish(), by=person, now=workflow.now())
    while planning.make(workflow.now(), worker="benchmark"):
        slices.append(time.perf_counter() - began - sum(slices))
    seconds = time.perf_counter() - began
    made = Plan.objects.get(pk=asked.pk)
    assert made.state == "ready", made.problem
    return {
        "seconds": seconds, "lines": made.lines_total, "groups": made.groups_done,
        "longest": max(slices), "memory": [before, peak_megabytes()],
    }  # fmt: skip


def read(documents: int) -> dict[str, Any]:
    """The documents with their balances as tuples, vendor by vendor; nothing made of them."""
    from django.db import connection

    began, rows = time.perf_counter(), 0
    for columns, rest in (
        ("CAST(d.document_date AS text), c.keys", "creditnote d ON d.id = b.document_id "
         "LEFT JOIN clearing_citation c ON c.credit_note_id = d.id WHERE b.kind = 'credit_note'"),
        ("d.state, d.number_key, CAST(d.due_date AS text), CAST(d.issued_date AS text), "
            "CAST(d.payment_at AS text)",
         "invoicepayable d ON d.id = b.document_id WHERE b.kind = 'invoice'"),
    ):  # fmt: skip
        sql = (
            "SELECT b.vendor_id, b.entity_id, b.currency, b.document_id, b.available, "
            f"{columns} FROM clearing_balance b JOIN clearing_{rest} AND b.usable = TRUE "
            "ORDER BY b.vendor_id, b.entity_id, b.currency"
        )
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql)
            while some := cursor.fetchmany(SOME):
                rows += len(some)
    return {"seconds": time.perf_counter() - began, "rows": rows}


def write(lines: int) -> dict[str, Any]:
    """As many lines, already made, in as many transactions as a plan has slices."""
    from django.db import transaction

    from clearing.models import PlanGroup
    from clearing.services.planning import storing

    group = PlanGroup.objects.latest("pk").pk
    why = '{"amount":100000,"rule":"exact","strength":2,"same":true,"days":30,"rivals":1}'
    one = (group, UUID(int=7).hex, UUID(int=8).hex, 100_000, 100_000, 2, why, "")
    began = time.perf_counter()
    for start in range(0, lines, SOME):
        with transaction.atomic():
            storing.write([one] * min(SOME, lines - start))
    return {"seconds": time.perf_counter() - began}


def yardstick(documents: int) -> dict[str, Any]:
    """The plain loop over the same documents in memory."""
    import gc

    from tests.benchmarks import matching

    groups = matching.company(documents // OF_A_VENDOR)
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    matching.yardstick(groups)
    return {"seconds": time.perf_counter() - began}


def measured(name: str, url: str, documents: int) -> list[Any]:
    """One database of this size: seconds of each part (medians), the ratio, the memory."""
    module = __spec__.name
    run(module, url, "fill", documents)
    found: dict[str, list[float]] = {}
    for _time in range(TIMES):
        made = run(module, url, "plan", documents)
        parts = {
            "read": run(module, url, "read", documents),
            "loop": run(module, url, "yardstick", documents),
            "write": run(module, url, "write", made["lines"]),
        }
        for part, result in parts.items():
            found.setdefault(part, []).append(result["seconds"])
        least = sum(result["seconds"] for result in parts.values())
        found.setdefault("plan", []).append(made["seconds"])
        found.setdefault("ratio", []).append(made["seconds"] / least)
        found.setdefault("slice", []).append(made["longest"])
        found.setdefault("peak", []).append(made["memory"][1])
    median = {part: statistics.median(numbers) for part, numbers in found.items()}
    seconds = [f"{median[part]:.2f}" for part in ("read", "loop", "write", "plan")]
    tail = [f"{median['ratio']:.2f}", f"{median['slice']:.2f}", f"{median['peak']:.0f}"]
    return [f"{name}, {documents:,} documents, {made['lines']:,} lines", *seconds, *tail]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    documents = parser.parse_args().documents
    heads = ["seconds", "read", "loop", "write", "plan", "ratio", "longest slice", "peak MB"]
    print(f"Medians of {TIMES}; ratio: the plan to the sum of the three before it, at most 2.5.\n")
    for size in (documents // 10, documents):
        with scratch() as databases:
            show(heads, [measured(name, url, size) for name, url in databases])


STEPS = {"fill": fill, "plan": plan, "read": read, "write": write, "yardstick": yardstick}
if __name__ == "__main__" and not (sys.argv[1:2] and sys.argv[1] in STEPS and step_of(STEPS)):
    main()
