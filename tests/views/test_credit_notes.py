"""Credit notes: the list with its filters and pages, and one note."""

import uuid
from datetime import date

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
    assert "CR-1" in page and "EUR 1,250.00" in page and "1 credit notes of 1" in page
