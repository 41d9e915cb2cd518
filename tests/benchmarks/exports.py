"""A whole list as CSV and as XLSX through the real view: seconds, and how much the process grows.

python -m tests.benchmarks.exports [rows …]     100000 unless given
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.databases import run, scratch, show, step_of

SIZES = (100_000,)
LISTS = ("/credit-notes/", "/credit-notes/?sort=-free")
HEADS = [
    "list",
    "as",
    "MB",
    "seconds",
    "of the processor",
    "to the first byte",
    "rows/s",
    "grew by MB",
]


FEW = 1000  # that are made one by one


def fill(count: int) -> dict[str, Any]:
    """A few credit notes by the models, each of them many times by the database itself."""
    from django.db import connection, transaction

    from tests.benchmarks import filling

    began, few = time.perf_counter(), min(count, FEW)
    filling.fill(few)
    new = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    with transaction.atomic(), connection.cursor() as cursor:
        while few < count:  # twice as many each time
            added = min(few, count - few)
            cursor.execute(_copies("clearing_creditnote", {"id": new}, added))
            few += added
        cursor.execute("DELETE FROM clearing_balance WHERE kind = 'credit_note'")
        cursor.execute(BALANCES)
    return {"seconds": time.perf_counter() - began}


BALANCES = """
INSERT INTO clearing_balance (document_id, kind, entity_id, vendor_id, currency, available,
                              available_key, held, planned, cleared, usable)
SELECT id, 'credit_note', entity_id, vendor_id, currency, amount, amount, 0, 0, 0, TRUE
FROM clearing_creditnote"""


def _copies(table: str, instead: dict[str, str], count: int) -> str:
    """The SQL that copies the first rows of a table, some columns made anew."""
    from django.db import connection

    with connection.cursor() as cursor:
        columns = [
            one.name for one in connection.introspection.get_table_description(cursor, table)
        ]
    values = ", ".join(instead.get(one, f'"{one}"') for one in columns)
    names = ", ".join(f'"{one}"' for one in columns)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} LIMIT {count}"


def measure(number: int, way: int, count: int) -> dict[str, Any]:
    """One export, its chunks thrown away as they come, after the page itself has been shown."""
    from tests.benchmarks.lists import _signed_in

    client, path = _signed_in(), LISTS[number]
    kind = ("csv", "xlsx")[way]
    assert client.get(path).status_code == 200
    assert client.get(f"{path}{'&' if '?' in path else '?'}q=nothing&as={kind}").getvalue()
    with Watch() as watch:
        began, worked = time.perf_counter(), time.process_time()
        first, size, lines = 0.0, 0, 0
        answer = client.get(f"{path}{'&' if '?' in path else '?'}as={kind}")
        for chunk in answer.streaming_content:
            first = first or time.perf_counter() - began
            size, lines = size + len(chunk), lines + chunk.count(b"\r\n")
        took, worked = time.perf_counter() - began, time.process_time() - worked
    if kind == "csv":
        assert lines == count + 1, f"{lines} lines"
    said = {"megabytes": size / 1e6, "seconds": took, "worked": worked, "first": first}
    return said | {"grew": watch.grew}


class Watch:
    """The most memory that this process held meanwhile, above what it began with; MB."""

    def __init__(self) -> None:
        self.grew, self.over = 0.0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self.began = resident()
        self.thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.over.set()
        self.thread.join()

    def _look(self) -> None:
        while not self.over.wait(0.05):
            self.grew = max(self.grew, resident() - self.began)


def resident() -> float:
    """What this process holds in memory now, in MB; Linux."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def main(sizes: list[int]) -> None:
    for size in sizes:
        with scratch() as databases:
            for name, url in databases:
                run(__spec__.name, url, "fill", size)
                print(f"{name}, {size:,} credit notes", flush=True)
                for number, way in ((0, 0), (1, 0), (0, 1)):
                    found = run(__spec__.name, url, "measure", number, way, size)
                    show(HEADS, [[
                        LISTS[number], ("CSV", "XLSX")[way], f"{found['megabytes']:.0f}",
                        f"{found['seconds']:.1f}", f"{found['worked']:.1f}",
                        f"{found['first']:.2f}",
                        f"{size / found['seconds']:,.0f}", f"{found['grew']:.1f}",
                    ]])  # fmt: skip


if __name__ == "__main__" and not (
    sys.argv[1:2] in (["fill"], ["measure"]) and step_of({"fill": fill, "measure": measure})
):
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
