"""Vendors who owed us net when a month ended; one story a test."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clearing.light import records
from clearing.queries import papers
from clearing.services.mirroring.lists import take_invoices
from clearing.sheets import Tally
from tests import factories
from tests.factories import NOW
from tests.queries.papers_world import OCT, book, told

IN_NOVEMBER = datetime(2026, 11, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def credit(books):
    """EUR 100.00 of open credit."""
    note = books.note(posting_date=OCT)
    book(note)
    return note


def owing(books):
    return told(books, "owing", "vendor", "credit", "invoices", "amount", "not_asked")


def shown(invoice, at, **changes):
    """Light's list shows the invoice otherwise."""
    names = ("type", "state", "entity_id", "vendor_id", "amount", "currency", "issued_date")
    fields = {name: getattr(invoice, name) for name in names} | changes
    take_invoices([records.InvoicePayable(id=invoice.id, updated_at=at, **fields)], at)


def test_credit_without_any_invoice_is_owed_to_us(books):
    assert owing(books) == [("Nordlicht Logistik", 10_000, 0, 10_000, 0)]


def test_what_we_owe_them_is_taken_off(books):
    books.invoice(amount=4_000)
    assert owing(books) == [("Nordlicht Logistik", 10_000, 4_000, 6_000, 0)]
    books.invoice(amount=6_000)
    assert owing(books) == []


@pytest.mark.parametrize(
    "other",
    [
        {"issued_date": date(2026, 11, 1)}, {"state": "IN_DRAFT"}, {"state": "CANCELLED"},
        {"currency": "USD"}, {"type": "EMPLOYEE_REIMBURSEMENT"},
        {"gone_at": datetime(2026, 10, 31, tzinfo=UTC)},
    ],
    ids=str,
)  # fmt: skip
def test_an_invoice_that_was_none_then_is_not_taken_off(books, other):
    books.invoice(**other)
    assert owing(books) == [("Nordlicht Logistik", 10_000, 0, 10_000, 0)]


def test_an_invoice_that_light_showed_until_november_is_taken_off(books):
    books.invoice(gone_at=IN_NOVEMBER)
    assert owing(books) == []


def test_what_was_paid_by_then_is_not_open(books):
    invoice = books.invoice(amount=10_000, state="PAID")
    factories.clearing(invoice, None, 9_000, payment_date=date(2026, 10, 31))
    factories.clearing(invoice, None, 1_000, payment_date=date(2026, 11, 1))
    assert owing(books) == [("Nordlicht Logistik", 10_000, 1_000, 9_000, 0)]


def test_a_payment_that_was_undone_in_november_had_paid_it_in_october(books):
    invoice = books.invoice(amount=10_000)
    factories.clearing(invoice, None, 9_000, payment_date=OCT, gone_at=IN_NOVEMBER)
    before = datetime(2026, 10, 31, 22, tzinfo=UTC)  # the entity is in UTC
    factories.clearing(invoice, None, 500, payment_date=OCT, gone_at=before)
    assert owing(books) == [("Nordlicht Logistik", 10_000, 1_000, 9_000, 0)]


def test_an_invoice_that_was_not_asked_makes_the_row_incomplete(books):
    books.invoice(amount=99_000, payments_read_at=None)
    assert owing(books) == [("Nordlicht Logistik", 10_000, 0, None, 1)]
    ((at_most, known),) = told(books, "owing", "at_most", "known")
    assert at_most == 10_000 and "incomplete" in known.lower()


def test_an_incomplete_row_is_in_no_total(books):
    books.invoice(amount=99_000, payments_read_at=None)
    other = factories.vendor(name="Other")
    book(factories.credit_note(other, books.entity, amount=700, posting_date=OCT))
    scope = papers.Scope.of(books.entity.id, OCT, NOW)
    rows = {row.part: row for row in papers.OWING.rows(scope)}
    assert (rows["complete"].amount, rows["incomplete"].amount) == (700, None)
    assert papers.read(scope).figures["lists"]["owing"]["sums"] == {"EUR": [2, 700]}
    tally = Tally(papers.OWING.columns)
    list(tally.over(row.cells for row in rows.values()))
    assert tally.sums["amount", "EUR"] == 700  # as files add it up


def test_who_certainly_does_not_owe_us_is_not_asked_about(books):
    books.invoice(amount=10_000)
    books.invoice(amount=1, payments_read_at=None)
    assert owing(books) == []


def test_an_invoice_that_was_cancelled_in_november_was_owed_in_october(books):
    invoice = books.invoice(amount=4_000)
    shown(invoice, IN_NOVEMBER, state="CANCELLED")
    assert owing(books) == [("Nordlicht Logistik", 10_000, 4_000, 6_000, 0)]
    shown(invoice, IN_NOVEMBER + timedelta(days=1), state="DECLINED")
    assert owing(books)[0][2] == 4_000
    assert told(books, "owing", "invoices", month=date(2026, 11, 1)) == [(0,)]


def test_one_that_was_cancelled_in_october_was_not(books):
    invoice = books.invoice(amount=4_000)
    shown(invoice, datetime(2026, 10, 31, 22, tzinfo=UTC), state="CANCELLED")
    shown(invoice, IN_NOVEMBER, state="CANCELLED", amount=5_000)
    assert owing(books) == [("Nordlicht Logistik", 10_000, 0, 10_000, 0)]


def test_one_that_was_entered_in_november_with_a_date_in_october_counts(books):
    """As its own accounting date has it, like credit that is posted late."""
    invoice = books.invoice(amount=4_000, state="IN_DRAFT")
    shown(invoice, IN_NOVEMBER, state="UNPAID")
    assert owing(books) == [("Nordlicht Logistik", 10_000, 4_000, 6_000, 0)]


def test_one_that_was_settled_by_then_needs_no_asking(books):
    by_then = datetime(2026, 10, 20, tzinfo=UTC)
    books.invoice(payments_read_at=None, state="PAID", payment_at=by_then)
    books.invoice(payments_read_at=None, state="COMPLETED", updated_in_light_at=by_then)
    assert owing(books)[0][4] == 0
    books.invoice(payments_read_at=None, state="PAID", payment_at=IN_NOVEMBER)
    assert owing(books)[0][4] == 1
