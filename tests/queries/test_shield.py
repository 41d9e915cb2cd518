"""What Light may take by itself at a posting: posted credit that is linked nowhere."""

import pytest
from django.urls import reverse

from clearing.models import Balance, CreditNote
from clearing.queries import shield
from tests import factories
from tests.views.pages import words


def of(invoice):
    balance = Balance.objects.filter(pk=invoice.pk).first()
    found = shield.of_invoice(invoice, balance, locale="en_US")
    return [(note.name, note.free) for note in found.notes] if found else []


@pytest.fixture
def draft(books):
    return books.invoice(state="IN_DRAFT", invoice_number="INV-1")


@pytest.mark.parametrize(
    "state, warned",
    [
        ("IN_DRAFT", True),
        ("APPROVAL_PENDING", True),
        ("APPROVED_ACCOUNTING_ENTRY_PENDING", True),
        ("UNPAID", False),
        ("SCHEDULED", False),
        ("PAID", False),
        ("CANCELLED", False),
        ("SOMETHING_NEW", False),
    ],
)
def test_only_what_will_be_posted_is_warned_of(books, state, warned):
    books.note(document_number="CN-2", amount=12000)
    expected = [("CN-2", "EUR 120.00")] if warned else []
    assert of(books.invoice(state=state)) == expected


@pytest.mark.parametrize(
    "over",
    [
        {"status": "DRAFT"},
        {"status": "PARTIALLY_CLEARED"},
        {"status": "CLEARED"},
        {"gone_at": factories.NOW},
        {"adjusts_payables": False},
        {"currency": "USD"},
    ],
    ids=str,
)
def test_credit_that_light_cannot_take(books, draft, over):
    books.note(**over)
    assert of(draft) == []


def test_other_groups_do_not_count(books, draft):
    factories.credit_note(books.vendor, factories.entity())
    factories.credit_note(factories.vendor(), books.entity)
    assert of(draft) == []


def test_linked_credit_is_safe_even_in_part(books, draft):
    note = books.note()
    factories.link(note, books.invoice(state="IN_DRAFT"), 1000)
    assert of(draft) == []


def test_proposed_credit_is_not_safe_before_it_is_linked(books, draft, preparer):
    note = books.note(document_number="CN-2")
    factories.line(preparer, note, books.invoice(state="IN_DRAFT"), 10000)
    assert of(draft) == [("CN-2", "EUR 100.00")]
    found = shield.of_invoice(draft, None, locale="en_US")
    assert found.notes[0].held


def test_an_invoice_that_is_wholly_planned_takes_nothing_more(books, draft):
    factories.link(books.note(), draft, 10000)
    books.note()
    assert of(draft) == []


def test_many_are_named_in_part_the_oldest_first(books, draft):
    for n in range(8):
        books.note(document_number=f"CN-{n}", document_day=f"2026-01-{20 - n:02}")
    found = shield.of_invoice(draft, None, locale="en_US")
    assert [note.name for note in found.notes] == ["CN-7", "CN-6", "CN-5", "CN-4", "CN-3"]
    assert found.more == "and 3 more, together EUR 300.00"


def test_the_invoices_page_says_it(books, draft, client, viewer):
    books.note(document_number="CN-2", amount=12000)
    client.force_login(viewer)
    said = words(client.get(reverse("invoice_payable", args=[draft.id])))
    assert "When INV-1 is posted, Light may use by itself: CN-2 EUR 120.00" in said
    assert "by a rule it does not publish. Link what you want used" in said


def test_the_vendors_page_says_it_by_group(books, draft, client, viewer):
    books.invoice(state="IN_DRAFT")
    books.invoice(state="IN_DRAFT", currency="USD")
    books.note(document_number="CN-2", amount=12000)
    client.force_login(viewer)
    said = words(client.get(reverse("vendor", args=[books.vendor.id])))
    assert (
        "When one of the 2 unposted invoices of Acme GmbH in EUR is posted, Light may use by "
        "itself: CN-2 EUR 120.00"
    ) in said
    assert said.count("Light may use by itself") == 1


def test_a_vendor_without_unposted_invoices_needs_one_query(books, django_assert_num_queries):
    books.invoice(), books.note()
    with django_assert_num_queries(1):
        assert shield.of_vendor(books.vendor.id, entities={}, locale="en_US") == []
    assert CreditNote.objects.count() == 1
