"""Pages by key: ties, both directions, and keys that do not belong."""

import pytest

from clearing.models import CreditNote
from clearing.queries import paging
from tests import factories

ORDER = ["-document_day"]


@pytest.fixture
def notes(books):
    """Seven notes on two days, so that ties matter."""
    for n in range(7):
        books.note(document_day=f"2026-01-0{1 + n % 2}", document_number=str(n))
    return CreditNote.objects.all()


def page(notes, key="", scope="list", order=ORDER):
    return paging.page(notes, order=order, key=key, scope=scope, size=3)


def test_three_pages_there_and_back(notes):
    first = page(notes)
    second = page(notes, first.next_key)
    third = page(notes, second.next_key)
    assert [(p.first, p.last) for p in (first, second, third)] == [(1, 3), (4, 6), (7, 7)]
    assert (first.previous_key, third.next_key) == ("", "")
    assert len({row.pk for p in (first, second, third) for row in p.rows}) == 7
    assert page(notes, third.previous_key).rows == second.rows
    assert page(notes, second.previous_key).rows == first.rows
    assert page(notes, second.previous_key).previous_key == ""


@pytest.mark.parametrize("scope", ["another list", "list?sort=number", ""])
def test_a_key_counts_for_its_own_list_only(notes, scope):
    key = page(notes).next_key
    other = page(notes, key, scope=scope)
    assert other.refused and other.first == 1


@pytest.mark.parametrize("change", [lambda k: k[:-1], lambda k: "A" + k, lambda k: k + "x"])
def test_a_changed_key_shows_the_first_page(notes, change):
    other = page(notes, change(page(notes).next_key))
    assert other.refused and other.rows == page(notes).rows


def test_a_page_that_has_emptied_meanwhile_is_the_first_page(notes):
    key = page(notes, page(notes).next_key).next_key
    last = CreditNote.objects.order_by("document_day", "pk").first()
    CreditNote.objects.filter(pk=last.pk).delete()
    assert page(notes, key).first == 1 and not page(notes, key).refused


def test_directions_may_differ_between_fields(books):
    for currency in ("EUR", "USD"):
        for amount in (1, 2, 3):
            factories.credit_note(books.vendor, books.entity, currency=currency, amount=amount)
    rows, key = [], ""
    while True:
        found = paging.page(
            CreditNote.objects.all(), order=["currency", "-amount"], key=key, scope="", size=2
        )
        rows += [(row.currency, row.amount) for row in found.rows]
        if not (key := found.next_key):
            break
    assert rows == [(c, a) for c in ("EUR", "USD") for a in (3, 2, 1)]
