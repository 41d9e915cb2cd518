"""Credit notes: the list with its filters and pages, and one note."""


import pytest
from django.urls import reverse

from tests import factories

LIST = "/credit-notes/"


@pytest.fixture
def seen(client, viewer):
    """A client signed in as somebody who may look."""
    client.force_login(viewer)
    return client


def text(response):
    return response.content.decode()


def test_the_list_shows_what_is_free(books, seen):
    books.note(document_number="CR-1", amount=125000)
    page = text(seen.get(LIST))
    assert "CR-1" in page and "EUR 1,250.00" in page and "1 credit note of 1" in page


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
