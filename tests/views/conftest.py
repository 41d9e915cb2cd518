"""Who is signed in, and a line to look at."""

import uuid

import pytest
import time_machine

from clearing.models import CreditNoteLine
from clearing.sandbox.server import Sandbox
from tests import factories
from tests.services.editing_world import Drafts
from tests.views.draft_pages import Page


@pytest.fixture
def monday():
    """It is Monday, 2 November 2026, so that no payment is near."""
    with time_machine.travel(factories.NOW):
        yield


@pytest.fixture
def line(books, preparer):
    """A line of EUR 40.00 that waits for review."""
    said = factories.suggested(4000)
    return factories.line(preparer, books.note(), books.invoice(state="IN_DRAFT"), suggestion=said)


@pytest.fixture
def as_approver(client, approver):
    client.force_login(approver)
    return client


@pytest.fixture
def as_preparer(client, preparer):
    client.force_login(preparer)
    return client


@pytest.fixture
def draft(books):
    """A draft of EUR 119.00 with one line: net 100.00, VAT 19.00, gross 119.00, of 14 September."""
    note = books.note(
        document_number="CN-7", status="DRAFT", amount=11900, lines_read_at=factories.NOW
    )
    CreditNoteLine.objects.create(
        id=uuid.uuid4(), credit_note_id=note.id, net=10000, net_side="C", tax=1900, tax_side="C",
        gross=11900, gross_side="C",
    )  # fmt: skip
    return note


@pytest.fixture
def drafts(db, preparer, settings):
    """One draft of EUR 119.00 with one line, in the sandbox, which is Light here, and the copy."""
    with Sandbox() as sandbox:
        settings.LIGHT_API_URL, settings.LIGHT_API_KEY = sandbox.url, sandbox.key
        settings.LIGHT_TIMEOUT = 1
        yield Drafts(sandbox, preparer)


@pytest.fixture
def form(as_preparer, drafts):
    return Page(as_preparer, drafts)
