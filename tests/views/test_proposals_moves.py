"""A move on its proposal's page: two numbered steps, decided as one."""

import re

import pytest
from django.urls import reverse

from clearing import balances
from clearing.models import Clearing, Instruction
from clearing.services import correcting
from tests import factories
from tests.views.pages import HTMX, url, words

pytestmark = pytest.mark.usefixtures("monday")

S = Instruction.State


@pytest.fixture
def steps(books, preparer):
    """CN-1 of EUR 100.00 moves from INV-A, which it has cleared, to INV-B: EUR 60.00 of it."""
    note = books.note(document_number="CN-1", status="CLEARED")
    one = books.invoice(invoice_number="INV-A", state="COMPLETED", outstanding_balance=0)
    other = books.invoice(invoice_number="INV-B", state="IN_DRAFT", amount=6000)
    factories.clearing(one, note, 10000)
    balances.refresh(notes=[note.id], invoices=[one.id])
    correcting.move(
        credit_note_id=note.id, from_invoice_id=one.id, to_invoice_id=other.id, amount=6000,
        reason_code="wrong_invoice", reason="", by=preparer,
    )  # fmt: skip
    return list(Instruction.objects.order_by("position"))


def states(steps):
    return [Instruction.objects.get(pk=one.pk).state for one in steps]


def test_both_steps_are_numbered_with_their_balances(as_approver, steps):
    answer = as_approver.get(url(steps[0]))
    rows = answer.context["rows"]
    assert [(row.step, row.note.before, row.note.after) for row in rows] == [
        (1, "EUR 0.00", "EUR 100.00"),
        (2, "EUR 100.00", "EUR 40.00"),
    ]
    assert [(row.invoice.before, row.invoice.after) for row in rows] == [
        ("EUR 0.00", "EUR 100.00"),
        ("EUR 60.00", "EUR 0.00"),
    ]
    said = words(answer)
    for part in (
        "Move a clearing to another invoice", "Step 1: Undo clearing", "Step 2: Link",
        "Waits for step 1", "INV-A will show EUR 100.00 unpaid again", "It was cleared on 30 Oct",
        "Approve both steps", "Decided with step 1",
    ):  # fmt: skip
        assert part in said, part
    assert f'id="approve-{steps[1].pk}"' not in answer.text
    assert "data-select-all" not in answer.text


def test_one_approval_decides_both(as_approver, steps):
    as_approver.post(url(steps[0], "approve"), {"seen": steps[0].content_hash})
    assert states(steps) == [S.READY, S.READY]
    assert "Waits for step 1" in words(as_approver.get(url(steps[0])))


def test_the_dialog_approves_both_and_says_so(as_approver, steps):
    dialog = as_approver.get(url(steps[0], "approve_all"), **HTMX)
    said = words(dialog)
    assert "Approve moving CN-1 from INV-A to INV-B?" in said
    assert "If the first does not succeed, the second is not done." in said
    assert said.count("Approve both steps") == 1
    data = {"line": [one.pk for one in steps]}
    data |= {f"seen_{one.pk}": one.content_hash for one in steps}
    as_approver.post(url(steps[0], "approve_all"), data)
    assert states(steps) == [S.READY, S.READY]


def test_what_is_refused_is_told_once(client, steps):
    client.force_login(factories.person("controller"))
    data = {"line": [one.pk for one in steps]}
    data |= {f"seen_{one.pk}": one.content_hash for one in steps}
    answer = client.post(url(steps[0], "approve_all"), data, **HTMX)
    assert answer.status_code == 409
    alert = answer.text.split('role="alert"')[1].split("</div>")[0]
    assert alert.count("Only an approver can do this.") == 1
    assert states(steps) == [S.PROPOSED, S.PROPOSED]


def test_a_controller_cannot_decide_and_sees_why(client, steps):
    client.force_login(factories.person("controller"))
    answer = client.get(url(steps[0]))
    assert "Only an approver can do this." in words(answer)
    assert re.search(rf'id="approve-{steps[0].pk}"[^>]*disabled', answer.text)
    assert 'id="reject-' not in answer.text


def test_rejecting_one_rejects_both(as_approver, steps):
    dialog = as_approver.get(url(steps[0], "reject"), **HTMX)
    said = words(dialog)
    assert "Reject moving CN-1 from INV-A to INV-B?" in said
    assert "Free to use on CN-1 EUR 40.00 EUR 0.00" in said
    assert "Open on INV-A EUR 100.00 EUR 0.00" in said
    assert "Open on INV-B EUR 0.00 EUR 60.00" in said
    assert "Reject both steps" in said
    as_approver.post(url(steps[0], "reject"), {"reason_code": "wrong_invoice"})
    assert states(steps) == [S.REJECTED, S.REJECTED]


def test_taking_one_back_takes_both(as_preparer, steps):
    page = as_preparer.get(url(steps[0]))
    assert "Take both back" in words(page)
    assert f'id="take-back-{steps[1].pk}"' not in page.text
    as_preparer.post(url(steps[0], "take_back"))
    assert states(steps) == [S.TAKEN_BACK, S.TAKEN_BACK]


def test_once_the_first_was_sent_only_the_second_is_taken_back(as_preparer, steps, approver):
    Instruction.objects.update(approved_by=approver, approved_at=factories.NOW, state=S.READY)
    Instruction.objects.filter(pk=steps[0].pk).update(state=S.SENDING)
    page = as_preparer.get(url(steps[0]))
    assert f'id="take-back-{steps[0].pk}"' not in page.text
    assert f'id="take-back-{steps[1].pk}"' in page.text
    assert "Waits for step 1" in words(page)


def test_once_the_first_is_read_back_the_second_waits_no_more(as_preparer, steps, approver):
    Instruction.objects.update(approved_by=approver, approved_at=factories.NOW, state=S.READY)
    done = {"state": S.DONE, "done_at": factories.NOW}
    Instruction.objects.filter(pk=steps[0].pk).update(**done)
    assert "Waits for step 1" in words(as_preparer.get(url(steps[0])))
    Instruction.objects.filter(pk=steps[0].pk).update(shown_at=factories.NOW)
    Clearing.objects.update(gone_at=factories.NOW)
    note = steps[0].credit_note_id
    type(books_note(note)).objects.filter(pk=note).update(status="POSTED")
    balances.refresh(notes=[note])
    answer = as_preparer.get(url(steps[0]))
    assert "Waits for step 1" not in words(answer)
    row = answer.context["rows"][1]
    assert (row.note.before, row.note.after) == ("EUR 100.00", "EUR 40.00")


def books_note(note_id):
    from clearing.models import CreditNote

    return CreditNote.objects.get(pk=note_id)


def test_where_one_step_no_longer_fits_neither_is_approved(as_approver, steps):
    from clearing.models import InvoicePayable

    InvoicePayable.objects.filter(pk=steps[1].invoice_payable_id).update(state="CANCELLED")
    answer = as_approver.get(url(steps[0]))
    assert re.search(rf'id="approve-{steps[0].pk}"[^>]*disabled', answer.text)
    assert "No longer fits." in words(answer)
    dialog = as_approver.get(url(steps[0], "approve_all"), **HTMX)
    assert 'name="line"' not in dialog.text


def test_the_queue_names_a_move_and_counts_its_amount_once(as_approver, steps):
    said = words(as_approver.get(reverse("proposals")))
    row = said.split("No. ")[1]
    assert "Move a clearing to another invoice" in row
    assert "EUR 60.00" in row
    assert "EUR 160.00" not in row
