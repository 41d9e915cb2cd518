"""A credit note from an invoice: the dialog, and what came of it in Light."""

import pytest
from django.urls import reverse

from clearing.models import CreditNote, Edit
from clearing.sandbox.server import Sandbox
from tests.services.sending_world import World
from tests.views.pages import HTMX, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(settings):
    with Sandbox() as one:
        settings.LIGHT_API_URL, settings.LIGHT_API_KEY = one.url, one.key
        settings.LIGHT_TIMEOUT = 1
        yield one


@pytest.fixture
def world(sandbox, preparer, approver, client):
    client.force_login(preparer)
    found = World(sandbox, preparer, approver)
    vendor, entity = found.books.vendor, found.books.entity
    sandbox.act("add", kind="vendor", vendorId=str(vendor.id), name=vendor.name)
    sandbox.act("add", kind="entity", id=str(entity.id), name=entity.name)
    return found


def url(invoice, name="create_credit_note"):
    return reverse(name, args=[invoice.pk])


def test_the_dialog_says_what_happens_and_changes_nothing(world, client):
    invoice = world.invoice(invoice_number="INV-7", amount=42000)
    page = client.get(url(invoice), **HTMX)
    assert "Create a credit note from INV-7?" in words(page) and "EUR 420.00" in words(page)
    assert "Nothing is posted" in words(page) and world.writes == []
    whole = client.get(url(invoice))
    assert "<h1" in whole.text and f'action="{url(invoice)}"' in whole.text


def test_it_leads_to_the_new_draft(world, client):
    invoice = world.invoice(amount=42000)
    answer = client.post(url(invoice))
    edit = Edit.objects.get()
    assert (edit.state, edit.words) == (Edit.State.DONE, "") and world.writes == ["POST"]
    assert answer["Location"] == reverse("edit_note", args=[edit.credit_note_id])
    note = CreditNote.objects.get(pk=edit.credit_note_id)
    assert (note.status, note.vendor_id) == ("DRAFT", invoice.vendor_id)


def test_light_says_no_in_its_own_words(world, client):
    invoice = world.invoice()
    world.sandbox.faults.add(status=422, method="POST")
    answer = client.post(url(invoice), **HTMX)
    assert answer.status_code == 422 and "Light said no" in words(answer)
    assert Edit.objects.get().state == Edit.State.REFUSED


def test_without_a_clear_answer_the_page_says_that_it_is_being_checked(world, client):
    invoice = world.invoice()
    world.sandbox.faults.add(kind="drop", method="POST", when="before")
    answer = client.post(url(invoice), follow=True)
    assert answer.redirect_chain[-1][0] == url(invoice, "invoice_payable")
    assert Edit.objects.get().state == Edit.State.UNKNOWN
    assert "Light has not confirmed yet." in words(answer)
    assert world.writes.count("POST") == 1
    again = client.get(url(invoice))  # and it cannot be asked for twice
    assert "Light has not confirmed yet." in words(again)
    assert "<button" not in again.text.split('id="dialog-effect"')[1].split("</main>")[0]
    assert client.post(url(invoice), **HTMX).status_code == 409
    assert world.writes.count("POST") == 1


def test_light_being_away_leaves_everything_as_it_was(world, client, settings):
    invoice = world.invoice()
    settings.LIGHT_API_URL = "http://127.0.0.1:9"
    answer = client.post(url(invoice))
    assert answer.status_code == 503 and "Light cannot be reached now" in words(answer)
    assert not Edit.objects.exists()
    assert client.post(url(invoice), **HTMX).status_code == 422  # htmx swaps no 503 in


def test_who_may_not_reads_why(world, client, viewer, approver):
    invoice = world.invoice()
    for person in (viewer, approver):
        client.force_login(person)
        page = client.get(url(invoice, "invoice_payable"))
        assert "Only a preparer can change a draft." in words(page)
        assert url(invoice) not in page.text
        assert client.post(url(invoice)).status_code == 403
    assert world.writes == []


def test_a_reimbursement_leads_to_no_credit_note(world, client):
    invoice = world.invoice(type="REIMBURSEMENT")
    assert "Only a vendor&#x27;s invoice leads to a credit note." in client.get(url(invoice)).text
    assert client.post(url(invoice), **HTMX).status_code == 409 and world.writes == []
