"""Credit that fits an invoice: of its group only, not bound to it, at most what is open."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from clearing import known
from clearing.models import Balance, NotDuplicate, Suspicion
from clearing.queries import usable_credit
from tests import factories


def fits(invoice, taken=()):
    balance = Balance.objects.get(pk=invoice.pk)
    return usable_credit.fits(invoice, balance, taken=set(taken), locale="en_US")


def names(credit):
    return [note.name for note in credit.notes] if credit else []


def test_the_oldest_are_named_and_the_rest_counted(books):
    for n, day in enumerate((4, 2, 3, 1)):
        books.note(document_number=f"N{n}", amount=1000, document_day=date(2026, 1, day))
    credit = fits(books.invoice(amount=90000))
    assert names(credit) == ["N3", "N1", "N2"] and credit.more == 1
    assert credit.amount == "EUR 40.00"


def test_it_is_never_more_than_what_is_open(books):
    books.note(amount=90000)
    assert fits(books.invoice(amount=42000)).amount == "EUR 420.00"


def test_only_the_group_counts_and_only_what_is_usable(books):
    books.note(currency="USD")
    books.note(status="DRAFT")
    factories.credit_note(books.vendor, factories.entity(name="Other"))
    factories.credit_note(factories.vendor(name="Other"), books.entity)
    assert fits(books.invoice()) is None


def test_what_is_bound_to_the_invoice_is_not_offered_again(books):
    bound, free = books.note(document_number="A"), books.note(document_number="B")
    credit = fits(books.invoice(), taken=[bound.pk])
    assert names(credit) == ["B"]
    chosen = parse_qs(urlsplit(credit.clear_url).query)
    assert chosen["credit_note"] == [str(free.pk)]


def test_both_are_chosen_on_the_clearing_page(books):
    one, two, invoice = books.note(), books.note(), books.invoice()
    credit = fits(invoice)
    ids = {str(note): str(note.pk) for note in (one, two)}
    for row in credit.notes:
        asked = parse_qs(urlsplit(row.clear_url).query)
        assert asked["credit_note"] == [ids[row.name]] and asked["invoice"] == [str(invoice.pk)]
        assert asked["entity"] == [str(books.entity.pk)] and asked["currency"] == ["EUR"]


@pytest.mark.parametrize(("state", "expected"), [("UNPAID", None), ("IN_DRAFT", "EUR 60.00")])
def test_a_note_that_is_held_for_a_posted_invoice_pays_no_second_one(
    books, preparer, state, expected
):
    note = books.note()
    factories.line(preparer, note, books.invoice(state="UNPAID"), 4000)
    credit = fits(books.invoice(state=state))
    assert (credit and credit.amount) == expected


def test_a_possible_duplicate_is_not_offered_before_somebody_has_answered(books, preparer):
    one, two = sorted((books.note(), books.note(document_number="B")), key=lambda note: note.pk)
    books.note(document_number="C")
    pair = {"one_id": one.pk, "other_id": two.pk}
    Suspicion.objects.create(kind=Suspicion.Kind.TWINS, at=factories.NOW, **pair)
    invoice = books.invoice(amount=90000)
    assert names(fits(invoice)) == ["C"]
    NotDuplicate.objects.create(reason="Two returns", by=preparer, at=factories.NOW, **pair)
    assert len(names(fits(invoice))) == 3


def test_an_invoice_that_cannot_be_paid_by_credit_asks_nothing(books, django_assert_num_queries):
    books.note()
    paid = books.invoice(state="PAID")
    balance = Balance.objects.get(pk=paid.pk)
    with django_assert_num_queries(0):
        assert usable_credit.fits(paid, balance, taken=(), locale="en_US") is None


def test_it_takes_one_query(books, django_assert_num_queries):
    for _n in range(5):
        books.note(amount=1000)
    invoice = books.invoice()
    balance = Balance.objects.get(pk=invoice.pk)
    with known.once():
        known.answers()  # of the request
        with django_assert_num_queries(1):
            assert usable_credit.fits(invoice, balance, taken=(), locale="en_US")
