"""Who is signed in, and a line to look at."""

import pytest

from tests import factories


@pytest.fixture
def line(books, preparer):
    """A line of EUR 40.00 that waits for review."""
    return factories.line(preparer, books.note(), books.invoice(state="IN_DRAFT"))


@pytest.fixture
def as_approver(client, approver):
    client.force_login(approver)
    return client


@pytest.fixture
def as_preparer(client, preparer):
    client.force_login(preparer)
    return client
