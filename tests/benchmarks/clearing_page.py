"""The clearing page of a vendor with 50 documents beside that of one with 2,000.

python -m tests.benchmarks.clearing_page [documents …]     50 and 2000 unless given

Half of the documents are credit notes, half invoices, all usable; a third of the credits has an
invoice of its very amount, a third names one in its description, the rest is neither.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections import defaultdict
from datetime import date, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from tests.benchmarks.databases import migrate, run, scratch, show, step_of

SIZES = (50, 2000)
TIMES = 20  # requests of each kind
DAY = date(2026, 9, 1)
HTMX = {"HX-Request": "true"}
HEADS = ["documents", "page: queries", "page", "sums", "lines on it", "bytes"]


def fill(*sizes: int) -> dict[str, Any]:
    """One vendor for each size into the empty database."""
    migrate()
    from clearing.models import Balance, Citation, CreditNote, InvoicePayable
    from tests import factories

    dice, entity = random.Random(1), factories.entity()
    for size in sizes:
        vendor = factories.vendor(name=f"Vendor of {size}")
        notes, invoices, cited = _documents(dice, size // 2, vendor, entity)
        CreditNote.objects.bulk_create(notes, batch_size=500)
        InvoicePayable.objects.bulk_create(invoices, batch_size=500)
        Citation.objects.bulk_create(cited, batch_size=500)
        every = [*((one, "credit_note") for one in notes), *((one, "invoice") for one in invoices)]
        Balance.objects.bulk_create(
            [
                Balance(
                    document_id=one.id, kind=kind, vendor_id=vendor.id, entity_id=entity.id,
                    currency="EUR", available=one.amount, available_key=one.amount, usable=True,
                )
                for one, kind in every
            ],
            batch_size=500,
        )  # fmt: skip
    return {}


def _documents(dice: random.Random, count: int, vendor: Any, entity: Any) -> tuple[Any, Any, Any]:
    from django.utils import timezone

    from clearing.matching import numbers
    from clearing.models import Citation, CreditNote, InvoicePayable
    from tests.factories import SEEN

    now = timezone.now()
    shared = {
        "vendor_id": vendor.id, "vendor_name": vendor.name, "entity_id": entity.id,
        "currency": "EUR", **SEEN,
    }  # fmt: skip
    notes, invoices, cited = [], [], []
    for n in range(count):
        amount, day = dice.randrange(5_000, 900_000), DAY + timedelta(n % 60)
        number = f"INV-2026-{40_000 + n}"
        invoice = InvoicePayable(
            id=_id(dice), invoice_number=number, number_key=numbers.key(number),
            type="VENDOR_INVOICE", state=dice.choice(["IN_DRAFT", "UNPAID"]), amount=amount,
            outstanding_balance=amount, issued_date=day, due_date=day + timedelta(80),
            due_day=day + timedelta(80), outstanding_read_at=now, **shared,
        )  # fmt: skip
        part = amount if n % 3 == 0 else dice.randrange(1_000, 5_000)
        note = CreditNote(
            id=_id(dice), document_number=f"CN-{n:05}", status="POSTED", amount=part,
            adjusts_payables=True, document_date=day + timedelta(9),
            document_day=day + timedelta(9), links_read_at=now,
            description=f"Price correction {number}" if n % 3 == 1 else "Bonus", **shared,
        )  # fmt: skip
        if n % 3 == 1:
            key = numbers.key(number)
            words = [[key, "description", 0, note.description]]
            cited.append(
                Citation(
                    credit_note_id=note.id, keys=key, in_texts=words, pdf="none", looked_at=now
                )
            )
        notes.append(note)
        invoices.append(invoice)
    return notes, invoices, cited


def _id(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def measure(*sizes: int) -> dict[str, Any]:
    """Every page through the test client: as it is opened, and its sums after a keystroke.

    The sizes take turns, so that whatever else the machine does meets each of them.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, cases, took = _signed_in(), [], defaultdict(list)
    for size in sizes:
        url, sums_url = _addresses(size)
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(url)
            asked = len(queries)
        assert shown.status_code == 200, shown.status_code
        fields = dict(re.findall(r' name="(amount-[^"]+)"[^>]* value="([^"]*)"', shown.text))
        cases.append((size, asked, url, sums_url, fields, len(shown.content)))
    for _ in range(TIMES):
        for size, _asked, url, sums_url, fields, _weight in cases:
            took[size, "page"].append(_took(client.get, url))
            took[size, "sums"].append(_took(client.post, sums_url, fields, headers=HTMX))
    return {
        "cases": [
            [size, asked, took[size, "page"], took[size, "sums"], len(fields), weight]
            for size, asked, _url, _sums_url, fields, weight in cases
        ]
    }


def _took(ask: Any, *arguments: Any, **more: Any) -> float:
    began = time.perf_counter()
    ask(*arguments, **more)
    return (time.perf_counter() - began) * 1000


def _addresses(size: int) -> tuple[str, str]:
    from django.urls import reverse

    from clearing.models import Entity, Vendor

    vendor = Vendor.objects.get(name=f"Vendor of {size}")
    query = f"?entity={Entity.objects.get().id}&currency=EUR"
    return reverse("workbench", args=[vendor.id]) + query, (
        reverse("workbench_sums", args=[vendor.id]) + query
    )


def _signed_in() -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tests import factories

    known = get_user_model().objects.filter(username="preparer").first()
    client = Client()
    client.force_login(known or factories.person("preparer"))
    return client


def main(sizes: list[int]) -> None:
    print(f"Milliseconds, least / median of {TIMES}, through Django's test client.\n")
    with scratch() as databases:
        for name, url in databases:
            run(__spec__.name, url, "fill", *sizes)
            cases = run(__spec__.name, url, "measure", *sizes)["cases"]
            print(name)
            rows = [
                [f"{size:,}", asked, _middle(page), _middle(sums), lines, f"{weight:,}"]
                for size, asked, page, sums, lines, weight in cases
            ]
            show(HEADS, rows)
            first, last = median(cases[0][2]), median(cases[-1][2])
            print(f"the largest takes {last / first:.1f} times as long as the smallest\n")


def _middle(times: list[float]) -> str:
    """The least and the median of some milliseconds."""
    return f"{min(times):.0f} / {median(times):.0f}"


if __name__ == "__main__" and not (
    sys.argv[1:2] in (["fill"], ["measure"]) and step_of({"fill": fill, "measure": measure})
):
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
