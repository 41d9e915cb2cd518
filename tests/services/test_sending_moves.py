"""Undoing a clearing, with its note or without; and a move, whose steps wait for each other."""

import json

import pytest

from clearing import balances, workflow
from clearing.models import (
    AuditEvent,
    Clearing,
    CreditNote,
    Instruction,
    InvoicePayable,
    Link,
)
from clearing.sandbox.server import Sandbox
from clearing.services import correcting, reviewing
from tests.services.mirroring_world import read_all
from tests.services.moving_world import Moving, available
from tests.services.sending_world import state_of


@pytest.fixture
def world(db, preparer, approver):
    with Sandbox() as sandbox:
        yield Moving(sandbox, preparer, approver)


def test_the_books_are_cleared_to_begin_with(world):
    assert CreditNote.objects.get().status == "CLEARED"
    assert Clearing.objects.get().amount == 10000
    assert Link.objects.get().fate == Link.Fate.CLEARED
    assert available(world.first) == 20000


# --- undo ----------------------------------------------------------------------------------------
def test_an_undone_clearing_frees_both(world):
    line = world.undo()
    world.send_all()
    assert state_of(line) == "done" and world.sent == ["POST reverse-clearing"]
    assert world.in_light(world.used) == "POSTED"
    assert available(world.used) == 0, "until Light was read again"
    read_all(world.client, later=100)
    line.refresh_from_db()
    assert line.shown_at and CreditNote.objects.get().status == "POSTED"
    assert (available(world.used), available(world.first)) == (10000, 30000)
    assert Link.objects.get().fate == Link.Fate.UNDONE


def test_the_trail_of_an_undo(world, preparer, approver):
    line = world.undo()
    world.send_all()
    asked, approved, _began, done = AuditEvent.objects.filter(instruction_id=line.pk).order_by("id")
    assert (asked.by_id, asked.reason_code, asked.reason) == (
        preparer.pk, "refund", "They pay it back."
    )  # fmt: skip
    assert approved.by_id == approver.pk
    for event in (asked, approved):
        figures = [event.details[k] for k in ("free_before", "free_after", "open_before",
                                              "open_after")]  # fmt: skip
        assert figures == [0, 0, 20000, 20000]
    figures = [done.details[k] for k in ("free_before", "free_after", "open_before", "open_after")]
    assert figures == [0, 10000, 20000, 30000]


def test_no_body_names_a_bank_payment(world):
    world.undo()
    world.send_all()
    (asked,) = [one for one in world.sandbox.requests if one.path.endswith("reverse-clearing")]
    assert json.loads(asked.body) == {
        "clearingAccountingDocumentId": str(Clearing.objects.get().accounting_document_id),
        "clearingType": "CN", "shouldArchiveClearingDocument": False,
    }  # fmt: skip


def test_undone_and_cancelled_in_one(world):
    line = world.undo(archive=True)
    world.send_all()
    assert world.sent == ["POST reverse-clearing"]
    assert state_of(line) == "unknown", "Light's answer does not show the credit note"
    world.settle()
    assert state_of(line) == "done", "it is read at once"
    assert world.in_light(world.used) == "ARCHIVED"
    assert CreditNote.objects.get().status == "ARCHIVED" and available(world.used) == 0


def test_undone_but_not_cancelled_is_a_person_s_case(world):
    world.sandbox.faults.add(status=502, method="POST")
    line = world.undo(archive=True)
    world.send_all()
    world.sandbox.act(
        "reverse_clearing", invoicePayable=str(world.first.id), type="CN",
        accountingDocument=str(world.used.id),
    )  # fmt: skip
    world.settle(later=40)
    assert state_of(line) == "unknown", "the other half may still come"
    world.settle_late(looks=1)
    assert state_of(line) == "needs_person" and "did not cancel" in line.outcome
    reviewing.settle(line, decision="says_absent", by=world.approver)
    world.settle(later=3600)
    assert state_of(line) == "needs_person", "the clearing is undone: that is not nothing"
    assert line.decision == "" and "did not cancel" in line.outcome
    reviewing.settle(line, decision="says_done", by=world.approver)
    world.settle(later=7200)
    assert state_of(line) == "done" and "did not cancel" in line.outcome
    assert world.in_light(world.used) == "POSTED"


def test_a_note_used_elsewhere_is_not_cancelled_with_its_clearing(world):
    line = world.undo(archive=True)
    Instruction.objects.filter(pk=line.pk).update(state="rejected")
    other = world.invoice(state="IN_DRAFT", amount=9000)
    Link.objects.create(
        credit_note_id=world.used.id, invoice_payable_id=other.id, amount=1, currency="EUR",
        fate="planned", fate_at=workflow.now(), first_seen_at=workflow.now(),
        changed_at=workflow.now(),
    )  # fmt: skip
    assert correcting.undo_problem(world.used.id, world.first.id) == ""
    sentence = correcting.undo_problem(world.used.id, world.first.id, archive=True)
    assert "still linked" in sentence
    with pytest.raises(workflow.Conflict, match="still linked"):
        world.undo(archive=True)


def test_an_approval_falls_where_the_clearing_is_gone(world):
    line = correcting.undo(
        credit_note_id=world.used.id, invoice_payable_id=world.first.id,
        reason_code="refund", reason="", by=world.preparer,
    )  # fmt: skip
    Clearing.objects.update(gone_at=workflow.now())
    with pytest.raises(workflow.Conflict, match="no longer shows this clearing"):
        world.approve(line)
    assert state_of(line) == "fallen"


# --- move ----------------------------------------------------------------------------------------
def test_a_move_goes_step_by_step_and_stops_visibly_between_them(world):
    first, second = world.move()
    assert world.send() and state_of(first) == "done"
    assert not world.send(), "the second waits until the first was read back"
    assert (state_of(second), world.sent) == ("ready", ["POST reverse-clearing"])
    assert available(world.used) == 0 and available(world.target) == 40000
    read_all(world.client, later=100)
    assert available(world.used) == 0 and available(world.target) == 40000
    assert world.send() and state_of(second) == "done"
    assert world.sent == ["POST reverse-clearing", f"POST {world.target.id}"]
    read_all(world.client, later=100)
    assert world.amounts() == [10000]
    assert (available(world.used), available(world.target)) == (0, 40000)
    assert available(world.first) == 30000
    assert Link.objects.get(invoice_payable_id=world.target.id).fate == Link.Fate.PLANNED


def test_a_move_to_a_posted_invoice_clears_at_once(world):
    world.post_invoice(world.target)
    first, second = world.move(6000)
    world.send_all()
    read_all(world.client, later=100)
    world.send_all()
    assert (state_of(first), state_of(second)) == ("done", "done")
    world.read(invoices=[world.target.id], notes=[world.used.id])
    assert Clearing.objects.get(gone_at=None).invoice_payable_id == world.target.id
    assert CreditNote.objects.get().status == "PARTIALLY_CLEARED"


def test_nothing_is_undone_for_a_link_that_cannot_be_made_any_more(world):
    first, second = world.move()
    world.sandbox.act("set_state", invoicePayable=str(world.target.id), state="PAID")
    world.send_all()
    assert (state_of(first), state_of(second)) == ("fallen", "fallen")
    assert "already paid" in first.outcome and "did not happen" in second.outcome
    assert world.sent == [] and world.in_light(world.used) == "CLEARED"


def test_a_refused_first_step_takes_the_second_along(world):
    first, second = world.move()
    world.sandbox.faults.add(status=422, method="POST")
    world.send_all()
    assert (state_of(first), state_of(second)) == ("refused", "fallen")
    assert world.sent == ["POST reverse-clearing"]
    assert available(world.target) == 50000


@pytest.mark.parametrize("when", ["before", "after"])
def test_while_the_first_step_is_not_known_the_second_waits(world, when):
    world.sandbox.faults.add(status=500, method="POST", when=when)
    first, second = world.move()
    world.send_all()
    assert (state_of(first), state_of(second)) == ("unknown", "ready")
    read_all(world.client, later=100)
    world.send_all()
    assert state_of(second) == "ready" and len(world.sent) == 1
    world.settle_late(looks=3)
    if when == "before":
        assert (state_of(first), state_of(second)) == ("not_applied", "fallen")
        return
    assert state_of(first) == "done"
    read_all(world.client, later=600)
    world.send_all()
    assert state_of(second) == "done" and len(world.sent) == 2


def test_a_first_step_that_needs_a_person_keeps_the_second_waiting(world):
    world.sandbox.faults.add(status=500, method="POST")
    first, second = world.move()
    world.send_all()
    world.sandbox.act("edit_invoice", invoicePayable=str(world.first.id), amount=31000)
    world.settle_late(looks=1)
    assert (state_of(first), state_of(second)) == ("needs_person", "ready")
    world.send_all()
    assert len(world.sent) == 1
    reviewing.settle(first, decision="says_absent", by=world.approver)
    world.settle_late(looks=3)
    assert (state_of(first), state_of(second)) == ("not_applied", "fallen")


def test_a_second_step_that_no_longer_fits_stops_after_the_first(world):
    first, second = world.move()
    world.send_all()
    read_all(world.client, later=100)
    world.sandbox.act("set_state", invoicePayable=str(world.target.id), state="CANCELLED")
    world.send_all()
    assert (state_of(first), state_of(second)) == ("done", "fallen")
    assert "cancelled" in second.outcome and world.sent == ["POST reverse-clearing"]
    read_all(world.client, later=100)
    assert available(world.used) == 10000 and InvoicePayable.objects.count() == 2


def test_a_second_step_cut_off_from_its_first_is_never_sent(world):
    """Planted: somebody takes `after` away behind our back."""
    _first, second = world.move()
    Instruction.objects.filter(pk=second.pk).update(after=None)
    assert world.send() and world.send()
    assert state_of(second) == "fallen" and world.sent == ["POST reverse-clearing"]


def test_what_falls_with_its_first_step_is_held_in_everybody_s_order(world, monkeypatch):
    """All balances of a move are locked in one go, so that nobody waits in a circle."""
    first, second = world.move()
    everything = {world.used.id, world.first.id, world.target.id}
    locked, lock = [], balances.lock
    monkeypatch.setattr(balances, "lock", lambda ids: locked.append(set(ids)) or lock(locked[-1]))
    world.sandbox.faults.add(status=422, method="POST")
    world.send_all()
    assert state_of(second) == "fallen"
    assert next(ids for ids in locked if world.target.id in ids) == everything


def test_a_second_step_does_not_wait_for_ever_for_an_invoice_that_is_gone(world):
    """Nobody can read its payments any more; then the links of the credit note have to do."""
    first, second = world.move()
    assert world.send() and state_of(first) == "done"
    InvoicePayable.objects.filter(pk=world.first.id).update(payments_read_at=None)
    path = f"/v1/invoice-payables/{world.first.id}"
    world.sandbox.faults.add(method="GET", path=path, status=404, times=99)
    read_all(world.client, later=100)
    read_all(world.client, later=200)
    first.refresh_from_db()
    assert first.shown_at is not None
    world.send_all()
    assert state_of(second) in ("done", "fallen")
