"""The first sync of the demo company: time and requests, beside the fewest that could do.

python -m tests.benchmarks.sync
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from clearing.sandbox.company import generate
from clearing.sandbox.records import STATES_IN_LEDGER, Record
from clearing.sandbox.server import Sandbox
from clearing.sandbox.switches import Switches
from tests.benchmarks.databases import django_ready, migrate, peak_megabytes, run, scratch, show

PAGE = 200  # the most rows that Light gives at once
WITH_LINES_READ = ("DRAFT", "APPROVAL_PENDING", "APPROVED")
LINKED = ("POSTED", "PARTIALLY_CLEARED")
USABLE = (
    *("IN_DRAFT", "APPROVAL_REQUESTED", "APPROVAL_PENDING", "APPROVED_ACCOUNTING_ENTRY_PENDING"),
    *("UNPAID", "PARTIALLY_PAID", "READY_FOR_PAYMENT_RELEASE", "PENDING_PAYMENT_APPROVAL"),
    *("SCHEDULED", "PAYMENT_PAUSED"),
)


def demo_company() -> Record:
    return generate(1, datetime.now(UTC).date())


def fewest(company: Record, carries: bool) -> dict[str, int]:
    """Pages of the lists, and one call for each detail that matters.

    carries: the list of credit notes shows their lines; only those without any are asked for.
    """
    notes, invoices = company["credit_notes"], company["invoice_payables"]
    open_notes = [one for one in notes if one["status"] in LINKED and one["_toBeAdjusted"] == "AP"]
    beside = {_group(one, "businessPartnerId") for one in open_notes}
    partly = {
        _group(one, "businessPartnerId")
        for one in open_notes
        if one["status"] == "PARTIALLY_CLEARED"
    }
    outstanding = [
        one
        for one in invoices
        if one["state"] in USABLE
        and one["type"] == "VENDOR_INVOICE"
        and _group(one, "vendorId") in beside
        and None not in _group(one, "vendorId")
    ]
    payments = [
        one
        for one in invoices
        if one["state"] in STATES_IN_LEDGER
        and _group(one, "vendorId") in partly
        and None not in _group(one, "vendorId")
    ]
    numbers = [one for one in notes if one["_toBeAdjusted"] == "AP"]
    lines = [one for one in notes if one["status"] in WITH_LINES_READ]
    lines = [one for one in lines if not (carries and one["lines"])]
    short = (company["entities"], company["ledger_accounts"], company["vendors"])
    lists = (*short, notes, numbers, invoices)
    pages = sum(max(1, -(-len(rows) // PAGE)) for rows in lists)
    return {
        "lists": 1 + pages,  # and the company itself
        "links": len(open_notes),
        "outstanding": len(outstanding),
        "payments": len(payments),
        "lines": len(lines),
    }


def _group(record: Record, vendor: str) -> tuple[Any, Any, Any]:
    return record[vendor], record["companyEntityId"], record["currency"]


def measure(carries: bool) -> dict[str, Any]:
    """Sync once into the empty database from a sandbox in this process."""
    with Sandbox(demo_company(), switches=Switches(lines_in_list=carries)) as sandbox:
        os.environ |= {
            "LIGHT_API_URL": sandbox.url,
            "LIGHT_API_KEY": sandbox.key,
            "LIGHT_REQUESTS_PER_MINUTE": "1000000",
            "LIGHT_REQUESTS_PER_DAY": "100000000",
        }
        django_ready()
        migrate()
        marks = _sync(sandbox)
        calls = Counter(asked.call for asked in sandbox.requests)
        refused = sum(asked.status != 200 for asked in sandbox.requests)
    return {"marks": marks, "calls": calls, "refused": refused, "peak": peak_megabytes()}


def _sync(sandbox: Sandbox) -> dict[str, tuple[float, int]]:
    """(seconds, requests) until the lists are in, and until the details are."""
    from clearing import gateway, workflow
    from clearing.models import SyncRun
    from clearing.services import mirroring

    client, began, marks = gateway.client(), time.perf_counter(), {}
    current = mirroring.start(full=True, by_name="Benchmark", now=workflow.now())
    while current.state == SyncRun.State.RUNNING:
        mirroring.slice(current, client, worker="benchmark", now=workflow.now())
        now = (time.perf_counter() - began, len(sandbox.requests))
        if current.lists_done_at:
            marks.setdefault("lists are in", now)
        if current.tries:
            raise SystemExit(current.problem)
    return marks | {"details are in": now}


def main() -> None:
    company = demo_company()
    documents = len(company["credit_notes"]) + len(company["invoice_payables"])
    print(f"The demo company's {documents:,} documents, first sync, no rate limit.\n")
    for carries in (False, True):
        print(f"The list of credit notes {'shows' if carries else 'leaves out'} their lines:")
        _compare(documents, fewest(company, carries), carries)


def _compare(documents: int, least: dict[str, int], carries: bool) -> None:
    with scratch() as databases:
        rows = []
        for name, url in databases:
            found = run(__spec__.name, url, "measure", int(carries))
            for words, (seconds, requests) in found["marks"].items():
                ideal = least["lists"] if words == "lists are in" else sum(least.values())
                times = f"{requests / ideal:.2f}"
                each = f"{requests / documents:.2f}"
                rows.append([f"{name}: {words}", f"{seconds:.1f}", requests, ideal, times, each])
    print(f"{found['refused']} requests refused, peak memory {found['peak']} MB.\n")
    heads = ["until", "seconds", "requests", "fewest", "times", "per document"]
    show(heads, rows)
    show(["call", "requests"], [[call, n] for call, n in sorted(found["calls"].items())])
    show(["fewest", "requests"], [[words, n] for words, n in least.items()])


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        import json

        print(json.dumps(measure(sys.argv[2] == "1")))
    else:
        main()
