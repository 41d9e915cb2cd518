"""What holds for every list and detail page: bad input, bounded queries, odd data, roles."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearing.models import CreditNote, InvoicePayable
from tests import factories

LISTS = ("/credit-notes/", "/invoice-payables/", "/vendors/", "/activity/")
SORTS = {"/credit-notes/": ("date", "number", "vendor", "free"),
         "/invoice-payables/": ("due", "number", "vendor", "open"),
         "/vendors/": ("usable", "name"), "/activity/": ("",)}  # fmt: skip
INT64 = 2**63 - 1


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


def fill(books, by, rows):
    """Documents of one vendor, half of the credit held by proposals, and their activity."""
    for n in range(rows):
        note = books.note(document_number=f"CR-{n:04}", amount=1000 + n)
        invoice = books.invoice(invoice_number=f"IN-{n:04}", amount=5000 + n)
        if n % 2:
            factories.line(by, note, invoice, 700)
        factories.vendor(name=f"Vendor {n:04}", number=f"N-{n}")


@pytest.mark.parametrize("rows", [1, 60])
def test_a_list_needs_few_queries_whatever_its_size(books, seen, preparer, rows):
    factories.synced()
    fill(books, preparer, rows)
    for path in LISTS:
        for sort in SORTS[path]:
            for query in ({"sort": sort}, {"sort": sort, "currency": "EUR", "q": "0"}):
                with CaptureQueriesContext(
                    connection,
                ) as captured:
                    assert seen.get(path, query).status_code == 200
                assert len(captured) <= 12, "\n".join(
                    f"{path} {query} {q['sql'][:150]}" for q in captured
                )


BAD = [
    {"status": "NO_SUCH"}, {"state": "NO_SUCH"}, {"use": "perhaps"}, {"entity": "x"},
    {"vendor": "not-an-id"}, {"currency": "EURO"}, {"currency": "1€2"}, {"from": "yesterday"},
    {"to": "2026-02-31"}, {"sort": "colour"}, {"person": "999999999999999999999"},
    {"verb": "sang"}, {"page": "junk"}, {"page": "x" * 200_000}, {"q": "x" * 200_000},
    {"q": "%_\\'\";--"}, {"q": "\x00"}, {"status": "\x00"}, {"page": "\x00"}, {"vendor": "\x00"},
    {"from": "0001-01-01", "to": "9999-12-31"}, {"to": "0001-01-01"}, {"from": "9999-12-31"},
    {"totals": "all"}, {"credit_note": "\x00"}, {"invoice": "zz"}, {"q": "‮\ufffe"},
]  # fmt: skip


@pytest.mark.parametrize("path", [*LISTS, "/search/"])
@pytest.mark.parametrize("query", BAD, ids=lambda query: repr(query)[:30])
def test_bad_input_is_never_an_error(books, seen, path, query):
    fill(books, factories.person("preparer"), 2)
    assert seen.get(path, query).status_code == 200


def test_what_a_filter_does_not_know_is_told(books, seen):
    books.note()
    page = seen.get("/credit-notes/", {"status": "NO_SUCH", "vendor": "zz"}).content.decode()
    assert "The filter “Status” does not know “NO_SUCH”" in page
    assert "The filter “Vendor” does not know “zz”" in page
    assert "1 credit note of 1" in page


def test_a_page_key_of_another_list_shows_the_first_page_and_says_so(books, seen, preparer):
    fill(books, preparer, 60)
    key = seen.get("/credit-notes/").context["listing"].page.next_key
    for path, query in (
        ("/invoice-payables/", {}), ("/vendors/", {}), ("/activity/", {}),
        ("/credit-notes/", {"sort": "number"}), ("/credit-notes/", {"currency": "EUR"}),
    ):  # fmt: skip
        answer = seen.get(path, query | {"page": key})
        assert answer.status_code == 200
        assert "This page link belongs to another list" in answer.content.decode()
        assert answer.context["listing"].page.first == 1


@pytest.mark.parametrize("path", LISTS)
def test_forwards_and_backwards_show_every_row_once(books, seen, preparer, path):
    fill(books, preparer, 120)
    for sort in [s for name in SORTS[path] for s in (name, f"-{name}") if name] or [""]:
        listing = seen.get(path, {"sort": sort}).context["listing"]
        forwards = [listing.page.rows]
        while listing.next_url:
            listing = seen.get(listing.next_url).context["listing"]
            forwards.append(listing.page.rows)
        ids = [row.pk for rows in forwards for row in rows]
        assert len(ids) == len(set(ids)) and len(ids) in (60, 120, 121)
        backwards = [listing.page.rows]
        while listing.previous_url:
            listing = seen.get(listing.previous_url).context["listing"]
            backwards.insert(0, listing.page.rows)
        assert backwards == forwards
        assert listing.page.first == 1


def test_extreme_and_missing_values_are_shown(books, seen):
    odd = factories.vendor(name="<script>alert(1)</script> & Söhne", number="<b>1</b>")
    rtl = factories.vendor(name="شركة النور", number="ع-1")
    bare = {"amount": None, "currency": "", "document_date": None, "document_number": ""}
    factories.credit_note(None, None, **bare, document_day="0001-01-01")
    notes = [
        factories.credit_note(odd, books.entity, amount=amount, description="<img src=x>" * 50)
        for amount in (INT64, INT64, INT64 - 1, -INT64 - 1)
    ]
    invoices = [
        factories.invoice(rtl, books.entity, amount=INT64, outstanding_balance=amount)
        for amount in (INT64, INT64, -INT64 - 1, None)
    ]
    factories.invoice(
        None, None, amount=None, currency="", issued_date=None, due_date=None, state="FROZEN",
        type="", invoice_number="", due_day="0001-01-01",
    )  # fmt: skip
    pages = [*LISTS, "/search/?q=al", "/search/?q=شركة"]
    pages += [f"/vendors/{vendor.pk}/" for vendor in (odd, rtl)]
    pages += [f"/credit-notes/{note.pk}/" for note in CreditNote.objects.all()]
    pages += [f"/invoice-payables/{one.pk}/" for one in InvoicePayable.objects.all()]
    for path in pages:
        answer = seen.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.content.decode()
        assert "<img src=x" not in answer.content.decode()
    assert len(notes) == len(invoices)
    shown = seen.get("/credit-notes/", {"vendor": odd.pk}).context["listing"]
    assert shown.totals[0].amount == "EUR 184,467,440,737,095,516.12"  # 3·(2⁶³−1)−1−2⁶³
    assert "<bdi>شركة النور</bdi>" in seen.get("/vendors/").content.decode()


@pytest.mark.parametrize("name", ["credit_note", "invoice_payable", "vendor"])
def test_an_unknown_id_is_not_found(books, seen, name):
    assert seen.get(reverse(name, args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize("path", [*LISTS, "/search/"])
def test_only_people_with_a_role_see_it(client, books, path):
    answer = client.get(path)
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")
    client.force_login(factories.person("", username="nobody"))
    answer = client.get(path)
    assert answer.status_code == 403 and "You have no role yet" in answer.content.decode()


@pytest.mark.parametrize("path", LISTS)
def test_htmx_gets_the_results_and_the_address(books, seen, path):
    answer = seen.get(path, {"q": "", "from": "2026-01-01"}, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="results">')
    assert answer["HX-Push-Url"] == (path if path == "/vendors/" else f"{path}?from=2026-01-01")
    typed = seen.get(
        path, {"q": "nor"}, headers={"HX-Request": "true", "HX-Trigger-Name": "q"}
    )  # fmt: skip
    assert "HX-Push-Url" not in typed and "HX-Replace-Url" in typed


@pytest.mark.parametrize("path", LISTS)
def test_two_empty_states(seen, path):
    assert "yet" in seen.get(path).content.decode()
    assert (
        "matches these filters" in seen.get(path, {"from": "2026-01-01", "q": "x"}).content.decode()
    )
