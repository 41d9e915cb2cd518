"""Invoices: the list with its filters and sorts, and one invoice."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from tests import factories

LIST = "/invoice-payables/"


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


def text(response):
    return response.content.decode()


def numbers(client, **query):
    return [row.number for row in client.get(LIST, query).context["listing"].rows]


def test_each_filter_keeps_its_rows(books, seen):
    books.invoice(invoice_number="A", state="APPROVAL_REQUESTED")
    books.invoice(invoice_number="B", state="APPROVAL_PENDING", due_day=date(2026, 1, 5))
    books.invoice(invoice_number="C", type="REIMBURSEMENT", description="Taxi")
    books.invoice(invoice_number="D", state="FROZEN", currency="KWD")
    books.invoice(invoice_number="E", outstanding_balance=None)
    books.invoice(invoice_number="F", state="PAID", outstanding_balance=0)
    for query, expected in (
        ({"state": "APPROVAL_PENDING"}, "AB"), ({"state": "OTHER"}, "D"), ({"q": "taxi"}, "C"),
        ({"type": "REIMBURSEMENT"}, "C"), ({"currency": "KWD"}, "D"), ({"use": "unread"}, "E"),
        ({"to": "2026-02-01"}, "B"), ({"use": "now"}, "AB"), ({"use": "used"}, "F"),
    ):  # fmt: skip
        assert sorted(numbers(seen, **query)) == sorted(expected), query


def test_each_sort_has_its_order(books, seen):
    books.invoice(invoice_number="B", amount=300, due_day=date(2026, 1, 3))
    books.invoice(invoice_number="A", amount=100, due_day=date(2026, 1, 2))
    books.invoice(invoice_number="C", amount=200, due_day=date(2026, 1, 1))
    for sort, expected in (
        ("", "BAC"), ("due", "CAB"), ("number", "ABC"), ("open", "ACB"), ("-open", "BCA"),
    ):  # fmt: skip
        assert "".join(numbers(seen, sort=sort)) == expected


def test_the_payment_date_stands_before_the_due_date_and_the_page_says_which(books, seen):
    paid_on = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
    with_date = books.invoice(state="SCHEDULED", payment_at=paid_on)
    without = books.invoice(due_date=date(2026, 11, 23))
    page = text(seen.get(reverse("invoice_payable", args=[with_date.pk])))
    assert "Pays on 5 Nov 2026; the payment must be lowered." in page
    page = text(seen.get(reverse("invoice_payable", args=[without.pk])))
    assert "Due (Light names no payment date)" in page and "23 Nov 2026" in page


def test_an_open_amount_that_nobody_asked_for_says_so(books, seen):
    one = books.invoice(outstanding_balance=None, outstanding_read_at=None)
    assert "not asked" in text(seen.get(LIST))
    page = text(seen.get(reverse("invoice_payable", args=[one.pk])))
    assert "Light was not asked for its open amount yet" in page


def test_an_invoice_shows_what_pays_it(books, seen, preparer):
    one = books.invoice(amount=100000, outstanding_balance=50000)
    note = books.note(document_number="CR-1", amount=30000)
    factories.clearing(one, None, 20000)
    factories.clearing(one, note, 30000)
    factories.line(preparer, books.note(document_number="CR-2"), one, 10000)
    page = text(seen.get(reverse("invoice_payable", args=[one.pk])))
    for part in ("EUR 200.00", "EUR 300.00", "EUR 100.00", "EUR 400.00"):
        assert page.count(part) >= 2
    assert "Bank payment" in page and "CR-1" in page and "CR-2" in page


@pytest.mark.parametrize("state", ["PAID", "CANCELLED", "DUPLICATED", "FROZEN"])
def test_an_invoice_that_no_credit_can_pay_says_why(books, seen, state):
    page = text(seen.get(reverse("invoice_payable", args=[books.invoice(state=state).pk])))
    assert "No credit can be used for it now." in page and "Clear this vendor</a>" not in page


# --- what pays it, and what could ---------------------------------------------------------------
def test_credit_that_fits_is_told_and_leads_to_the_clearing_page(books, seen):
    one = books.invoice(amount=42000)
    note = books.note(document_number="CR-9", amount=90000)
    page = seen.get(reverse("invoice_payable", args=[one.pk]))
    assert "EUR 420.00</span> of credit can be used here" in page.text and "CR-9" in page.text
    (row,) = page.context["shown"].credit.notes
    bench = seen.get(row.clear_url)
    assert bench.status_code == 200 and "CR-9" in bench.text
    factories.link(note, one, 42000)  # then nothing is left to offer
    page = seen.get(reverse("invoice_payable", args=[one.pk]))
    assert page.context["shown"].credit is None and "of credit can be used here" not in page.text


def test_a_bank_payment_is_never_undone_from_here(books, client, approver):
    client.force_login(approver)
    one, note = books.invoice(amount=100000), books.note()
    bank, credit = factories.clearing(one, None, 20000), factories.clearing(one, note, 10000)
    page = client.get(reverse("invoice_payable", args=[one.pk]))
    rows = {row.key: row for row in page.context["shown"].bound.cleared}
    assert rows[str(credit.pk)].undo_url and rows[str(bank.pk)].undo_url == ""
    assert not rows[str(bank.pk)].first and "A bank payment is never undone from here." in page.text
    assert page.text.count("Undo clearing<span") == 1
    bound = page.context["shown"].bound
    assert (bound.cleared_sum, bound.paid_sum) == ("EUR 100.00", "EUR 200.00")


def test_its_page_takes_as_many_queries_whatever_its_size(
    books, seen, preparer, django_assert_max_num_queries
):
    one = books.invoice(amount=10**9, state="IN_DRAFT")
    for _n in range(20):
        factories.link(books.note(), one, 10)
        factories.line(preparer, books.note(), one, 10)
        factories.clearing(one, books.note(), 10)
    url = reverse("invoice_payable", args=[one.pk])
    seen.get(url)
    with django_assert_max_num_queries(22):
        assert seen.get(url).status_code == 200
