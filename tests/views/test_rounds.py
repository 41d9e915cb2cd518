"""From vendor to vendor: in the order of the next payment, or of a plan."""

from datetime import date

import pytest
from django.urls import reverse

from clearing.models import Plan, PlanGroup, Proposal
from clearing.queries.documents import workbench_url
from tests import factories
from tests.views.clearing_page import HTMX, cell
from tests.views.pages import words


@pytest.fixture
def vendors(books):
    """Three vendors with credit; what is paid on the 5th, the 9th and the 20th."""
    found = []
    for day in (9, 20, 5):
        vendor = factories.vendor(name=f"Vendor {day}")
        note = factories.credit_note(vendor, books.entity)
        invoice = factories.invoice(vendor, books.entity, due_date=date(2026, 11, day))
        found.append((vendor, note, invoice))
    factories.credit_note(factories.vendor(name="Credit alone"), books.entity)
    factories.invoice(factories.vendor(name="Invoice alone"), books.entity)
    return {vendor.name: (vendor, note, invoice) for vendor, note, invoice in found}


@pytest.fixture
def go(client, books, preparer, vendors):
    client.force_login(preparer)

    def follow(name, **query):
        vendor = vendors[name][0] if name in vendors else books.vendor
        query = {"entity": books.entity.id, "currency": "EUR"} | query
        return client.get(reverse("next_vendor", args=[vendor.id]), query).url

    return follow


def page_of(vendors, name, books, more=""):
    return workbench_url(vendors[name][0].id, books.entity.id, "EUR") + more


def test_the_next_payment_leads(go, vendors, books):
    assert go("Vendor 5") == page_of(vendors, "Vendor 9", books)
    assert go("Vendor 9") == page_of(vendors, "Vendor 20", books)
    assert go("Vendor 9", to="previous") == page_of(vendors, "Vendor 5", books)
    assert go("a vendor with nothing to clear") == page_of(vendors, "Vendor 5", books)


def test_the_round_ends_on_today_in_words(client, go):
    assert go("Vendor 20") == reverse("today")
    assert "That was the last vendor with credit to use." in words(client.get(reverse("today")))
    assert go("Vendor 5", to="previous") == reverse("today")
    assert "That was the first vendor" in words(client.get(reverse("today")))


def test_a_plan_has_its_own_order_and_leaves_out_what_is_done(go, vendors, books, preparer):
    plan = Plan.objects.create(asked_by=preparer, asked_at=factories.NOW)
    done = Proposal.objects.create(created_by=preparer, created_at=factories.NOW)
    order = [("Vendor 20", {}), ("Vendor 9", {"proposal": done}), ("Vendor 5", {})]
    for position, (name, fields) in enumerate(order):
        PlanGroup.objects.create(
            plan=plan, position=position, vendor_id=vendors[name][0].id,
            entity_id=books.entity.id, currency="EUR", **fields,
        )  # fmt: skip
    more = f"&plan={plan.pk}"
    assert go("Vendor 20", plan=plan.pk) == page_of(vendors, "Vendor 5", books, more)
    assert go("Vendor 9", plan=plan.pk) == page_of(vendors, "Vendor 5", books, more)
    assert go("Vendor 5", plan=plan.pk, to="previous") == page_of(vendors, "Vendor 20", books, more)


@pytest.mark.parametrize(
    "query", [{"entity": "x"}, {"currency": "\x00"}, {"plan": "9" * 20}, {"plan": "x"}, {"to": "?"}]
)
def test_junk_in_the_address_is_no_500(go, query):
    assert go("Vendor 5", **query)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_proposing_leads_on_to_the_next_vendor(client, go, vendors, books, headers):
    vendor, note, invoice = vendors["Vendor 5"]
    url = reverse("propose", args=[vendor.id]) + f"?entity={books.entity.id}&currency=EUR"
    answer = client.post(url, {cell(note, invoice): "100.00", "then": "next"}, headers=headers)
    there = page_of(vendors, "Vendor 9", books)
    assert (answer["HX-Redirect"] if headers else answer.url) == there
    assert "Vendor 5: 1 link proposed for EUR 100.00." in words(client.get(there))


def test_what_does_not_fit_stays_on_its_page(client, go, vendors, books):
    vendor, note, invoice = vendors["Vendor 5"]
    url = reverse("propose", args=[vendor.id]) + f"?entity={books.entity.id}&currency=EUR"
    assert client.post(url, {cell(note, invoice): "x", "then": "next"}).status_code == 422


def test_after_the_last_vendor_the_proposal_is_shown(client, go, vendors, books):
    vendor, note, invoice = vendors["Vendor 20"]
    url = reverse("propose", args=[vendor.id]) + f"?entity={books.entity.id}&currency=EUR"
    answer = client.post(url, {cell(note, invoice): "100.00", "then": "next"})
    assert answer.url == reverse("proposal", args=[Proposal.objects.get().pk])
