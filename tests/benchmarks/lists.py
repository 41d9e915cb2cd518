"""The list of credit notes beside the plain way: offset, COUNT and sums over the same table.

python -m tests.benchmarks.lists [rows …]     10000 and 100000 unless given
"""

from __future__ import annotations

import re
import sys
from typing import Any

from tests.benchmarks.databases import both, peak_megabytes, run, scratch, show, step_of, timed

SIZES = (10_000, 100_000)
TIMES = 40  # requests of each kind
SIZE = 50  # rows of a page, as in the list
FILTER = {"status": "POSTED", "currency": "EUR"}
HEADS = [
    *("list of credit notes", "queries", "whole page"),
    *("rows by key", "rows by offset", "its totals", "COUNT (and sums)"),
]
Case = tuple[str, dict[str, str], dict[str, Any]]  # words, query string, the plain way's arguments


def fill(count: int) -> dict[str, Any]:
    from tests.benchmarks import filling

    return filling.fill(count)


def measure(count: int) -> dict[str, Any]:
    """Every case through the test client, then by plain ORM; memory is that of the pages."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    before, cases, pages = peak_megabytes(), _cases(count), []
    client = _signed_in()
    for _, query, _ in cases:
        with CaptureQueriesContext(connection) as queries:
            _page(client, query)
        pages.append((len(queries), timed(lambda query=query: _page(client, query), TIMES)))
    memory = [before, peak_megabytes()]
    found = []
    for (words, query, plain), (asked, page) in zip(cases, pages, strict=True):
        parts = [lambda query=query: _rows(query), lambda plain=plain: _plain_rows(**plain)]
        parts += [lambda query=query: _totals(query), lambda plain=plain: _plain_count(**plain)]
        found.append([words, asked, page, *(timed(part, TIMES) for part in parts)])
    _check_key(client, cases[1][1], count)
    return {"cases": found, "memory": memory}


def _cases(count: int) -> list[Case]:
    far, every = count * 9 // 10, {"totals": "all"}
    filters = {"filters": FILTER}
    return [
        ("first page", {}, {}),
        ("page at 90 %, by key", {"page": _key_after(far)}, {"offset": far}),
        ("with two filters", FILTER, filters),
        ("two filters, all totals", FILTER | every, filters | {"sums": True}),
        ("all totals", every, {"sums": True}),
        ("by what is free", {"sort": "-free"}, {"order": ("currency", "-free", "-id")}),
    ]


def _page(client: Any, query: dict[str, str]) -> str:
    answer = client.get("/credit-notes/", query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content)


def _check_key(client: Any, query: dict[str, str], count: int) -> None:
    """That the page by key is the one that the offset gives."""
    first = re.search(r"/credit-notes/([0-9a-f-]{36})/", _page(client, query))
    assert first and first[1] == str(_ordered()[count * 9 // 10]), "another page than by offset"


def _rows(query: dict[str, str]) -> None:
    """The rows of a page by key, ready for the template."""
    from clearing.queries import credit_notes, documents
    from clearing.queries.filters import Filters

    filters, entities = Filters(query), documents.entities()
    notes, _ = credit_notes.filtered(filters, entities)
    sort = filters.sort(credit_notes.SORTS, credit_notes.DEFAULT)
    key = query.get("page", "")
    _, found, balances = credit_notes.page(notes, sort=sort, key=key, scope=filters.scope)
    credit_notes.rows(found, entities=entities, locale="en", balances=balances)


def _totals(query: dict[str, str]) -> None:
    """How many match and their sums per currency, capped as the page caps them."""
    from clearing.queries import credit_notes, documents, sums
    from clearing.queries.filters import Filters

    notes, _ = credit_notes.filtered(Filters(query), documents.entities())
    sums.totals(notes, everything="totals" in query)


def _signed_in() -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tests import factories

    known = get_user_model().objects.filter(username="viewer").first()
    client = Client()
    client.force_login(known or factories.person("viewer"))
    return client


def _ordered() -> Any:
    from clearing.models import CreditNote

    return CreditNote.objects.order_by("-document_day", "-id").values_list("id", flat=True)


def _key_after(rows: int) -> str:
    """The key of the page behind that many rows."""
    from clearing.models import CreditNote
    from clearing.queries import credit_notes, paging
    from clearing.queries.filters import Filters

    scope = f"{credit_notes.KIND}:{credit_notes.DEFAULT}:{Filters({}).scope}"
    two = CreditNote.objects.filter(id__in=list(_ordered()[rows - 1 : rows + 1]))
    return paging.page(two, order=["-document_day"], key="", scope=scope, size=1).next_key


def _plain_notes(filters: dict[str, str] | None) -> Any:
    from django.db.models import OuterRef, Subquery

    from clearing.models import Balance, CreditNote

    available = Balance.objects.filter(document_id=OuterRef("pk")).values("available")
    return CreditNote.objects.filter(**filters or {}).annotate(free=Subquery(available))


def _plain_rows(
    offset: int = 0,
    filters: dict[str, str] | None = None,
    order: tuple[str, ...] = ("-document_day", "-id"),
    sums: bool = False,
) -> None:
    """The rows at an offset as model instances."""
    list(_plain_notes(filters).order_by(*order)[offset : offset + SIZE])


def _plain_count(filters: dict[str, str] | None = None, sums: bool = False, **_: Any) -> None:
    """COUNT over all that match, and sums where the page shows all of them."""
    from django.db.models import Sum

    notes = _plain_notes(filters)
    notes.count()
    if sums:
        list(notes.order_by().values("currency").annotate(Sum("amount"), Sum("free")))


def main(sizes: list[int]) -> None:
    print(f"Milliseconds, p50 / p95 of {TIMES}; the page through Django's test client.\n")
    for size in sizes:
        with scratch() as databases:
            for name, url in databases:
                filled = run(__spec__.name, url, "fill", size)
                found = run(__spec__.name, url, "measure", size)
                before, peak = found["memory"]
                print(f"{name}, {size:,} credit notes and {size:,} invoices", end="; ")
                print(f"filled in {filled['seconds']:.1f} s; peak memory {before} -> {peak} MB")
                rows = [
                    [words, queries, *map(both, times)] for words, queries, *times in found["cases"]
                ]
                show(HEADS, rows)


if __name__ == "__main__" and not (
    sys.argv[1:2] in (["fill"], ["measure"]) and step_of({"fill": fill, "measure": measure})
):
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
