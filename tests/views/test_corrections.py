"""The dialog that undoes a clearing, and what it shares with posting and moving."""

import re
import uuid
from datetime import date

import pytest
from django.urls import reverse

from clearing import balances
from clearing.models import Instruction, Months
from tests import factories
from tests.views.pages import HTMX, words

OCTOBER = date(2026, 10, 31)


@pytest.fixture
def cleared(books):
    """CN-1 of EUR 100.00, all of it cleared on INV-A of 100.00 on 30 October."""
    note = books.note(document_number="CN-1", status="CLEARED")
    invoice = books.invoice(
        invoice_number="INV-A", state="COMPLETED", outstanding_balance=0, amount=10000
    )
    factories.link(note, invoice, 10000, fate="cleared", gone_at=factories.NOW)
    factories.clearing(invoice, note, 10000)
    balances.refresh(notes=[note.id], invoices=[invoice.id])
    return note, invoice


@pytest.fixture
def target(books):
    """INV-B of EUR 60.00, in draft."""
    return books.invoice(invoice_number="INV-B", state="IN_DRAFT", amount=6000)


def post_url(note):
    return reverse("post_note", args=[note.pk])


def pair_url(name, pair):
    return reverse(name, args=[one.pk for one in pair])


def close(books, by, **over):
    fields = {"closed_through": OCTOBER, "vat_filed_through": OCTOBER} | over
    Months.objects.create(
        entity_id=books.entity.pk, changed_at=factories.NOW, changed_by=by, **fields
    )


def sign_in(client, role):
    person = factories.person(role, username=f"a-{role}")
    client.force_login(person)
    return person


# --- undo ----------------------------------------------------------------------------------------
def test_the_undo_dialog_says_it_in_money(as_preparer, books, cleared, controller):
    close(books, controller)
    dialog = as_preparer.get(pair_url("undo_clearing", cleared), **HTMX)
    said = words(dialog)
    for part in (
        "Undo the clearing of INV-A by CN-1?", "INV-A will show EUR 100.00 unpaid again and can "
        "be picked up by the next payment.", "It was cleared on 30 Oct 2026.",
        "October 2026 is closed and its VAT is filed.", "A second person has to approve it.",
        "State of INV-A Completed Unpaid", "Unpaid on INV-A EUR 0.00 EUR 100.00",
        "Status of CN-1 Cleared Posted", "Free to use on CN-1 EUR 0.00 EUR 100.00", "Keep it",
        "To undo that, propose the link again.",
        "Also cancel the credit note and reverse it in the ledger",
    ):  # fmt: skip
        assert part in said, part
    assert "data-close autofocus" in dialog.text
    assert "bank" not in said


def test_the_option_to_cancel_shows_what_it_leaves(as_preparer, cleared):
    dialog = as_preparer.get(pair_url("undo_clearing", cleared), {"archive": "1"}, **HTMX)
    assert "Status of CN-1 Cleared Cancelled" in words(dialog)
    assert "Free to use on CN-1 EUR 0.00 EUR 0.00" in words(dialog)


@pytest.mark.parametrize("archive", [False, True])
@pytest.mark.parametrize("role", ["preparer", "approver", "controller"])
def test_undoing_is_asked_for_and_waits(client, cleared, role, archive):
    sign_in(client, role)
    data = {"reason_code": "wrong_invoice", "reason": ""} | ({"archive": "1"} if archive else {})
    answer = client.post(pair_url("undo_clearing", cleared), data, follow=True)
    assert "Asked for. A second person has to approve it." in words(answer)
    line = Instruction.objects.get()
    assert (line.kind, line.state, line.amount) == ("reverse", "proposed", 10000)
    assert line.archives is archive
    again = client.post(pair_url("undo_clearing", cleared), data, **HTMX)
    assert again.status_code == 409
    assert "Another proposal for these two is open" in words(again)


def test_where_it_cannot_be_cancelled_the_option_says_why(as_preparer, books, cleared):
    factories.clearing(books.invoice(), cleared[0], 1000)
    dialog = as_preparer.get(pair_url("undo_clearing", cleared))
    assert "It has cleared other invoices too, so it cannot be cancelled" in words(dialog)
    assert re.search(r'id="id_archive"[^>]* disabled', dialog.text)
    assert "Status of CN-1 Cleared Partly cleared" in words(dialog)
    data = {"reason_code": "wrong_invoice", "archive": "1"}
    assert as_preparer.post(pair_url("undo_clearing", cleared), data).status_code == 409


def test_a_planned_link_is_removed_instead(as_preparer, books):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    factories.link(note, invoice)
    dialog = as_preparer.get(pair_url("undo_clearing", (note, invoice)), **HTMX)
    assert "the link is planned. Remove it instead" in words(dialog)
    url = pair_url("remove_link", (note, invoice))
    assert f'hx-get="{url}"' in dialog.text
    assert "<form" not in dialog.text


def test_a_payment_by_bank_is_never_undone(as_preparer, books, cleared):
    note, paid = books.note(), books.invoice(state="PAID")
    factories.clearing(paid, None, 10000)
    dialog = as_preparer.get(pair_url("undo_clearing", (note, paid)))
    assert "never a payment by bank" in words(dialog)
    assert 'name="reason"' not in dialog.text
    data = {"reason_code": "wrong_invoice"}
    assert as_preparer.post(pair_url("undo_clearing", (note, paid)), data).status_code == 409
    assert not Instruction.objects.exists()
    factories.clearing(cleared[1], None, 100)
    both = words(as_preparer.get(pair_url("undo_clearing", cleared)))
    assert "Payments by bank stay as they are; they are never undone from here." in both


def test_part_of_an_invoice_becomes_partly_paid(as_preparer, books):
    note = books.note(status="CLEARED", amount=4000)
    invoice = books.invoice(
        state="PAID", outstanding_balance=0, amount=10000, invoice_number="INV-P"
    )
    factories.clearing(invoice, note, 4000)
    said = words(as_preparer.get(pair_url("undo_clearing", (note, invoice))))
    assert "State of INV-P Paid Partly paid" in said
    assert "Unpaid on INV-P EUR 0.00 EUR 40.00" in said


# --- both ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["undo_clearing", "move_clearing", "post_note"])
def test_a_dialog_is_a_page_without_javascript(as_preparer, cleared, draft, target, name):
    url = post_url(draft) if name == "post_note" else pair_url(name, cleared)
    page = as_preparer.get(url)
    assert '<h1 id="dialog-title">' in page.text
    assert "hx-post" not in page.text
    assert f'action="{url}"' in page.text
    assert 'id="dialog-effect"' in page.text
    for never in ("OK<", ">Yes<", "Are you sure", "nvalid"):
        assert never not in page.text


@pytest.mark.parametrize(
    ("name", "role", "sentence"),
    [
        ("undo_clearing", "viewer", "Only an approver or a controller can undo a clearing."),
        ("post_note", "viewer", "Only an approver or a controller can post a credit note."),
        ("move_clearing", "viewer", "Only a preparer can do this."),
        ("move_clearing", "approver", "Only a preparer can do this."),
        ("move_clearing", "controller", "Only a preparer can do this."),
    ],
)
def test_others_see_the_dialog_and_why_it_is_not_for_them(
    client, cleared, draft, target, name, role, sentence
):
    sign_in(client, role)
    url = post_url(draft) if name == "post_note" else pair_url(name, cleared)
    dialog = client.get(url, **HTMX)
    assert sentence in words(dialog)
    assert ' disabled aria-describedby="dialog-never"' in dialog.text
    assert client.post(url, {"reason_code": "wrong_invoice"}).status_code == 403
    assert not Instruction.objects.exists()


@pytest.mark.parametrize("name", ["undo_clearing", "move_clearing"])
def test_unknown_documents_are_not_found(as_preparer, books, name):
    unknown = uuid.uuid4()
    for pair in ([unknown, unknown], [books.note().pk, unknown], [unknown, books.invoice().pk]):
        for method in (as_preparer.get, as_preparer.post):
            assert method(reverse(name, args=pair)).status_code == 404
    assert as_preparer.get(reverse("post_note", args=[unknown])).status_code == 404
