"""Vendors: the list of what can be cleared, and one vendor."""

import pytest
from django.urls import reverse

from tests import factories


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


def text(response):
    return response.content.decode()


def test_vendors_with_credit_and_invoices_come_first(books, seen):
    aaa = factories.vendor(name="Aaa", number="V-1")
    credit_only = factories.vendor(name="Bbb", number="V-2")
    factories.credit_note(credit_only, books.entity)
    books.note(), books.invoice()
    rows = seen.get("/vendors/").context["listing"].rows
    assert [row.vendor for row in rows] == ["Nordlicht Logistik", "Bbb", "Aaa"]
    by_name = seen.get("/vendors/", {"sort": "name"}).context["listing"].rows
    assert [row.vendor for row in by_name] == ["Aaa", "Bbb", "Nordlicht Logistik"]
    for query, expected in (
        ({"use": "now"}, {books.vendor.pk}), ({"use": "credit"}, {books.vendor.pk, credit_only.pk}),
        ({"use": "not"}, {aaa.pk}), ({"q": "v-2"}, {credit_only.pk}),
    ):  # fmt: skip
        rows = seen.get("/vendors/", query).context["listing"].rows
        assert {row.id for row in rows} == expected


def test_usable_now_is_the_smaller_side_of_usable_documents(books, seen):
    books.note(amount=30000), books.note(amount=50000, status="PARTIALLY_CLEARED")
    books.invoice(amount=20000), books.invoice(amount=5000, state="PAYMENT_PENDING")
    group = seen.get("/vendors/").context["listing"].rows[0].groups[0]
    # The rest of the partly used note is told apart.
    assert (group.credit, group.open, group.usable) == ("EUR 300.00", "EUR 250.00", "EUR 200.00")
    assert group.pays == "23 Nov 2026" and "currency=EUR" in group.url


def test_credit_that_meets_no_invoice_says_why(books, seen):
    other = factories.entity(name="Acme Inc.")
    books.note()
    factories.invoice(books.vendor, other)
    books.invoice(currency="USD")
    page = text(seen.get(reverse("vendor", args=[books.vendor.pk])))
    assert "the open ones in EUR belong to Acme Inc." in page
    assert "the open ones of Acme GmbH are in USD" in page


def test_a_vendor_that_is_not_active_is_marked(books, seen):
    blocked = factories.vendor(name="Blocked", status="BLOCKED")
    assert "Light gives this vendor the status “BLOCKED”." in text(
        seen.get(reverse("vendor", args=[blocked.pk]))
    )
    rows = seen.get("/vendors/", {"status": "OTHER"}).context["listing"].rows
    assert [row.vendor for row in rows] == ["Blocked"]


def test_a_vendors_page_is_bounded_and_leads_to_the_whole_lists(books, seen):
    for _n in range(25):
        books.note(), books.invoice()
    answer = seen.get(reverse("vendor", args=[books.vendor.pk]))
    shown = answer.context["shown"]
    assert (len(shown.notes), len(shown.invoices)) == (20, 20)
    assert f"/credit-notes/?vendor={books.vendor.pk}" in text(answer)
