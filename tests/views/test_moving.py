"""The dialog that moves a clearing to another invoice."""

import re

import pytest
from django.urls import reverse

from clearing import balances
from clearing.models import Instruction, Preference
from tests import factories
from tests.views.pages import HTMX, words


@pytest.fixture
def cleared(books):
    """CN-1 of EUR 100.00, all of it cleared on INV-A of 100.00."""
    note = books.note(document_number="CN-1", status="CLEARED")
    invoice = books.invoice(invoice_number="INV-A", state="COMPLETED", outstanding_balance=0)
    factories.clearing(invoice, note, 10000)
    balances.refresh(notes=[note.id], invoices=[invoice.id])
    return note, invoice


@pytest.fixture
def target(books):
    """INV-B of EUR 60.00, in draft."""
    return books.invoice(invoice_number="INV-B", state="IN_DRAFT", amount=6000)


@pytest.fixture
def url(cleared):
    return reverse("move_clearing", args=[one.pk for one in cleared])


def data(chosen, **over):
    return {
        "target": chosen.pk, "amount": "60.00", "reason_code": "wrong_invoice", "reason": "",
    } | over  # fmt: skip


def amount_field(answer):
    return re.search(r'name="amount"[^>]* value="([^"]*)"', answer.text)[1]


def test_it_says_what_both_steps_do(as_preparer, url, target):
    said = words(as_preparer.get(url, {"target": target.pk}, **HTMX))
    for part in (
        "Move CN-1 from INV-A to another invoice?", "Two steps, one approval: undo, read back, "
        "link, read back. If the first does not succeed, the second is not done.",
        "INV-A will show EUR 100.00 unpaid again", "It was cleared on 30 Oct 2026.",
        "State of INV-A Completed Unpaid", "Unpaid on INV-A EUR 0.00 EUR 100.00",
        "Status of CN-1 Cleared Posted", "Free to use on CN-1 EUR 0.00 EUR 40.00",
        "State of INV-B Draft Draft", "Open on INV-B EUR 60.00 EUR 0.00", "At most EUR 60.00.",
    ):  # fmt: skip
        assert part in said, part


def test_nothing_is_chosen_by_itself(as_preparer, url, target):
    page = as_preparer.get(url)
    assert "checked" not in page.text.split("<table")[1].split("</table>")[0]
    assert "EUR 60.00 EUR 0.00" in words(page)  # open, then open: also without JavaScript


def test_the_amount_is_prefilled_with_what_fits(as_preparer, url, target, books):
    books.invoice(invoice_number="INV-C", state="IN_DRAFT", amount=90000)
    assert amount_field(as_preparer.get(url, {"target": target.pk})) == "60.00"
    assert amount_field(as_preparer.get(url)) == "100.00"


@pytest.mark.parametrize(
    ("state", "amount", "after"),
    [
        ("IN_DRAFT", "10.00", "Status of CN-1 Cleared Posted"),
        ("UNPAID", "10.00", "Status of CN-1 Cleared Partly cleared"),
        ("UNPAID", "60.00", "State of INV-B Unpaid Completed"),
        ("UNPAID", "10.00", "State of INV-B Unpaid Partly paid"),
        ("IN_DRAFT", "10.00", "Open on INV-B EUR 60.00 EUR 50.00"),
    ],
)
def test_the_preview_follows_what_is_typed(as_preparer, url, target, state, amount, after):
    target.state = state
    target.save()
    balances.refresh(invoices=[target.id])
    query = {"target": target.pk, "amount": amount}
    assert after in words(as_preparer.get(url, query, **HTMX))


@pytest.mark.parametrize("query", [{"target": "\x00"}, {"target": "x"}, {"amount": "9" * 5000},
                                   {"amount": "\x00"}])  # fmt: skip
def test_junk_in_the_query_is_no_error(as_preparer, url, target, query):
    assert as_preparer.get(url, query).status_code == 200


@pytest.mark.parametrize("extra", [{}, HTMX])
def test_a_move_is_one_proposal_of_two_lines(as_preparer, url, cleared, target, extra):
    answer = as_preparer.post(url, data(target), **extra)
    first, second = Instruction.objects.order_by("position")
    assert (first.kind, first.amount, first.invoice_payable_id) == ("reverse", 10000, cleared[1].pk)
    assert (second.kind, second.amount, second.invoice_payable_id) == ("link", 6000, target.pk)
    assert second.after_id == first.pk
    assert first.proposal_id == second.proposal_id
    to = reverse("proposal", args=[first.proposal_id])
    assert (answer.get("HX-Redirect") or answer.get("Location")) == to
    assert "A second person has to approve both steps." in words(as_preparer.get(to))
    again = as_preparer.post(url, data(target), **HTMX)
    assert again.status_code == 409
    assert Instruction.objects.count() == 2


@pytest.mark.parametrize(
    ("over", "field", "sentence"),
    [
        ({"target": ""}, "target", "Choose the invoice to move it to."),
        ({"target": "junk"}, "target", "Choose the invoice to move it to."),
        ({"amount": ""}, "amount", "Enter an amount"),
        ({"amount": "60.01"}, "amount", "At most EUR 60.00"),
        ({"amount": "1.234"}, "amount", "EUR has 2 decimals"),
        ({"reason_code": ""}, "reason_code", "Choose a reason"),
        ({"reason_code": "other"}, "reason", "Say in a few words"),
    ],
)
def test_each_field_has_its_sentence(as_preparer, url, target, over, field, sentence):
    answer = as_preparer.post(url, data(target, **over), **HTMX)
    assert answer.status_code == 422
    assert f'<a href="#id_{field}">{sentence}' in answer.text
    assert f'id="id_{field}"' in answer.text
    if field != "target":
        assert re.search(rf'value="{target.pk}"[^>]* checked', answer.text)
    assert not Instruction.objects.exists()


def test_amounts_are_typed_in_ones_own_format(as_preparer, preparer, url, target):
    Preference.objects.create(user=preparer, number_format="de_DE")
    assert amount_field(as_preparer.get(url, {"target": target.pk})) == "60,00"
    assert as_preparer.post(url, data(target, amount="12,34")).status_code == 302
    assert Instruction.objects.get(kind="link").amount == 1234


def test_the_impossible_ones_are_named_with_their_reason(as_preparer, url, target, books):
    books.invoice(invoice_number="INV-D", state="DECLINED")
    books.invoice(invoice_number="INV-PAID", state="PAID")
    other = factories.vendor(name="Somebody else")
    factories.invoice(other, books.entity, invoice_number="INV-OTHER")
    page = as_preparer.get(url)
    folded = words(page).split("cannot take it")[1]
    assert "INV-D Declined It was declined in Light." in folded
    assert "INV-PAID" not in words(page)
    assert "INV-OTHER" not in words(page)


def test_without_a_target_it_says_so(as_preparer, url):
    dialog = as_preparer.get(url)
    assert "No other open invoice of this vendor, entity and currency can take it." in words(dialog)
    assert 'name="reason"' not in dialog.text


def test_a_note_that_cleared_other_invoices_cannot_be_moved(
    as_preparer, url, cleared, target, books
):
    factories.clearing(books.invoice(), cleared[0], 1000)
    dialog = as_preparer.get(url)
    assert "It has cleared other invoices too." in words(dialog)
    assert 'name="reason"' not in dialog.text
    assert as_preparer.post(url, data(target, amount="1.00")).status_code == 409


def test_a_payment_that_is_prepared_is_warned_of(as_preparer, url, target):
    target.state = "PAYMENT_PAUSED"
    target.save()
    balances.refresh(invoices=[target.id])
    assert "when it goes on, it must be lowered" in words(as_preparer.get(url))
