"""Credit notes: the list with its filters and sorts, and one note."""

from datetime import date

import pytest
from django.urls import reverse

from clearing.models import Seen
from tests import factories

LIST = "/credit-notes/"


@pytest.fixture
def seen(client, viewer):
    """A client signed in as somebody who may look."""
    client.force_login(viewer)
    return client


def text(response):
    return response.content.decode()


def numbers(client, **query):
    return [row.number for row in client.get(LIST, query).context["listing"].rows]


def test_the_list_shows_what_is_free(books, seen):
    books.note(document_number="CR-1", amount=125000)
    page = text(seen.get(LIST))
    assert "CR-1" in page and "EUR 1,250.00" in page and "1 credit note of 1" in page


def test_each_filter_keeps_its_rows(books, seen):
    other = factories.entity(name="Acme Inc.")
    mover = factories.vendor(name="Möbel Meyer")
    books.note(document_number="A", description="Price correction")
    books.note(document_number="B", status="DRAFT", document_day=date(2026, 1, 5))
    books.note(document_number="C", currency="USD", document_name="scan-77.pdf")
    factories.credit_note(mover, other, document_number="D", status="UNDER_DISPUTE")
    factories.credit_note(None, books.entity, document_number="E")
    for query, expected in (
        ({"status": "DRAFT"}, "B"), ({"status": "OTHER"}, "D"), ({"currency": "usd"}, "C"),
        ({"vendor": mover.pk}, "D"), ({"entity": other.pk}, "D"), ({"q": "correction"}, "A"),
        ({"q": "SCAN-77"}, "C"), ({"q": "Meyer"}, "D"), ({"to": "2026-01-31"}, "B"),
        ({"from": "2026-02-01", "q": "a"}, "CA"), ({"use": "missing"}, "E"),
        ({"use": "now"}, "CA"), ({"use": "not"}, "EDB"), ({"use": "now", "status": "DRAFT"}, ""),
    ):  # fmt: skip
        assert sorted(numbers(seen, **query)) == sorted(expected), query


def test_each_sort_has_its_order_and_one_mark(books, seen):
    books.note(document_number="B", amount=300, document_day=date(2026, 1, 3))
    books.note(document_number="A", amount=100, document_day=date(2026, 1, 2))
    books.note(document_number="C", amount=200, document_day=date(2026, 1, 1))
    for sort, expected in (
        ("", "BAC"), ("date", "CAB"), ("number", "ABC"), ("-number", "CBA"),
        ("free", "ACB"), ("-free", "BCA"),
    ):  # fmt: skip
        assert "".join(numbers(seen, sort=sort)) == expected
        assert text(seen.get(LIST, {"sort": sort})).count("aria-sort=") == 1


def test_chips_take_one_filter_away_each(books, seen):
    books.note()
    listing = seen.get(LIST, {"status": "POSTED", "currency": "EUR", "sort": "number"}).context[
        "listing"
    ]
    assert [(chip.text, chip.url) for chip in listing.chips] == [
        ("Status: Posted", "/credit-notes/?currency=EUR&sort=number"),
        ("Currency: EUR", "/credit-notes/?status=POSTED&sort=number"),
    ]
    assert listing.clear_url == "/credit-notes/?sort=number"
    named = seen.get(LIST, {"vendor": books.vendor.pk}).context["listing"]
    assert named.chips[0].text == "Vendor: Nordlicht Logistik"


def test_a_row_says_why_it_cannot_be_used_or_leads_to_the_clearing_page(books, seen):
    books.note(status="DRAFT")
    assert "Not posted yet. Post it first." in text(seen.get(LIST))
    books.note()
    url = f"/vendors/{books.vendor.pk}/clearing/?entity={books.entity.pk}&amp;currency=EUR"
    assert url in text(seen.get(LIST))


def test_a_note_shows_where_every_cent_went(books, seen, preparer, approver):
    note = books.note(document_number="CR-8213", amount=125000, description="Price correction")
    draft, paid = books.invoice(state="IN_DRAFT", amount=90000), books.invoice(state="PAID")
    other = books.invoice(amount=90000)
    factories.link(note, draft, 31000)
    factories.clearing(paid, note, 40000)
    factories.line(preparer, note, other, 20000)
    page = text(seen.get(reverse("credit_note", args=[note.pk])))
    for part in ("EUR 310.00", "EUR 400.00", "EUR 200.00", "EUR 340.00"):
        assert page.count(part) >= 2  # in the legend and in the table
    assert "Paula Prep" in page and "Price correction" in page


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("PARTIALLY_CLEARED", "Ask the vendor to refund the rest"),
        ("APPROVED", "Post it in Light."),
        ("FROZEN", "“FROZEN”, which is not known here"),
    ],
)
def test_a_note_that_cannot_be_used_says_why_and_what_next(books, seen, status, sentence):
    page = text(seen.get(reverse("credit_note", args=[books.note(status=status).pk])))
    assert sentence in page and "Clear this vendor</a>" not in page


def test_actions_are_for_the_preparer_and_others_read_why_not(books, client, preparer, viewer):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    factories.link(note, invoice)
    remove = reverse("remove_link", args=[note.pk, invoice.pk])
    client.force_login(preparer)
    page = text(client.get(reverse("credit_note", args=[note.pk])))
    assert f'hx-get="{remove}"' in page
    assert reverse("archive", args=[note.pk]) in page  # its dialog lists the link
    client.force_login(viewer)
    page = text(client.get(reverse("credit_note", args=[note.pk])))
    assert remove not in page and "Only a preparer can do this." in page


def test_cancelling_is_offered_in_the_words_of_its_effect(books, client, preparer):
    client.force_login(preparer)
    for status, words in (
        ("DRAFT", "Discard draft"),
        ("POSTED", "Cancel and reverse in the ledger"),
    ):
        note = books.note(status=status)
        page = text(client.get(reverse("credit_note", args=[note.pk])))
        assert words in page and f'hx-get="{reverse("archive", args=[note.pk])}"' in page


def test_history_joins_what_light_changed_and_what_was_done_here(books, seen, preparer):
    note, invoice = books.note(), books.invoice(invoice_number="INV-7", state="IN_DRAFT")
    Seen.objects.create(what="credit_note", document_id=note.pk, field="status",
                        before="DRAFT", after="POSTED", at=factories.NOW)  # fmt: skip
    Seen.objects.create(what="link", document_id=note.pk, other_id=invoice.pk, field="link",
                        before="", after="4000", at=factories.NOW)  # fmt: skip
    factories.line(preparer, note, invoice)
    page = text(seen.get(reverse("credit_note", args=[note.pk])))
    assert "Status: Draft → Posted" in page
    assert "Linked with INV-7: EUR 40.00" in page
    assert "proposed: Link, INV-7, EUR 40.00" in page


def test_a_detail_page_needs_the_same_queries_whatever_its_size(
    books, seen, preparer, django_assert_max_num_queries
):
    note = books.note(amount=10**9)
    for _n in range(30):
        invoice = books.invoice(state="IN_DRAFT")
        factories.link(note, invoice, 10)
        factories.line(preparer, note, books.invoice(), 10)
    with django_assert_max_num_queries(24):  # PostgreSQL also tells the time
        assert seen.get(reverse("credit_note", args=[note.pk])).status_code == 200
