"""Computing every balance again beside a bare read of the same rows.

python -m tests.benchmarks.balances [rows …]     10000 unless given
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.databases import peak_megabytes, run, scratch, show, step_of

SIZES = (10_000,)
CHUNK = 500  # documents in one transaction, as in a full sweep


def fill(count: int) -> dict[str, Any]:
    from tests.benchmarks import filling

    return filling.fill(count)


def refresh(count: int) -> dict[str, Any]:
    """`balances.refresh` for every document, a chunk a transaction."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from clearing import balances
    from clearing.models import CreditNote, InvoicePayable

    before, began, done = peak_megabytes(), time.perf_counter(), 0
    for kind, model in (("notes", CreditNote), ("invoices", InvoicePayable)):
        for ids in _chunks(model):
            with transaction.atomic():
                balances.refresh(**{kind: ids})
            done += len(ids)
    seconds = time.perf_counter() - began
    ids = next(_chunks(CreditNote))
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        balances.refresh(notes=ids)
    memory = [before, peak_megabytes()]
    return {"seconds": seconds, "documents": done, "queries": len(queries), "memory": memory}


def read(count: int) -> dict[str, Any]:
    """The same documents, links and clearings by SQL as tuples, nothing computed."""
    from django.db import connection

    from clearing.models import Clearing, CreditNote, InvoicePayable, Link

    before, began, done = peak_megabytes(), time.perf_counter(), 0
    with connection.cursor() as cursor:
        for model in (CreditNote, InvoicePayable, Link, Clearing):
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")
            while rows := cursor.fetchmany(CHUNK):
                done += len(rows) if model in (CreditNote, InvoicePayable) else 0
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "documents": done, "memory": [before, peak_megabytes()]}


def _chunks(model: Any) -> Iterator[list[Any]]:
    last = None
    while True:
        rows = model.objects.order_by("id")
        rows = rows.filter(id__gt=last) if last else rows
        ids = list(rows.values_list("id", flat=True)[:CHUNK])
        if not ids:
            return
        last = ids[-1]
        yield ids


def main(sizes: list[int]) -> None:
    rows = []
    for size in sizes:
        with scratch() as databases:
            for name, url in databases:
                run(__spec__.name, url, "fill", size)
                for words, step in (("balances.refresh", "refresh"), ("read by SQL", "read")):
                    found = run(__spec__.name, url, step, size)
                    each = found["seconds"] / found["documents"] * 10_000
                    before, peak = found["memory"]
                    head = f"{name}, {found['documents']:,} documents: {words}"
                    queries = found.get("queries", "-")
                    rows.append([head, f"{each:.2f}", queries, f"{before} -> {peak}"])
    show(["", "seconds per 10,000", f"queries per {CHUNK}", "peak MB"], rows)


if __name__ == "__main__" and not (
    sys.argv[1:2] in (["fill"], ["refresh"], ["read"])
    and step_of({"fill": fill, "refresh": refresh, "read": read})
):
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
