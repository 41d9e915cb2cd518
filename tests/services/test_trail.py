"""The trail of each kind of line: who, what, why, and both balances at every step."""

import pytest

from clearing import workflow
from clearing.models import AuditEvent, CreditNote
from clearing.sandbox.server import Sandbox
from clearing.services import changing, correcting, mirroring, reviewing
from tests.services.mirroring_world import read_all
from tests.services.moving_world import Moving

WHY = {"reason_code": "other", "reason": "As agreed with them."}


@pytest.fixture
def world(db, preparer, approver):
    with Sandbox() as sandbox:
        yield Moving(sandbox, preparer, approver)


def a_link(world, note, invoice):
    world.link(note, invoice, 4000)
    return {"credit_note_id": note.id, "invoice_payable_id": invoice.id} | WHY


def remove(world):
    return [changing.remove(**a_link(world, world.note(), world.invoice()), by=world.preparer)]


def lower(world):
    pair = a_link(world, world.note(), world.invoice())
    return [changing.change_amount(amount=3000, **pair, by=world.preparer)]


def raise_(world):
    pair = a_link(world, world.note(), world.invoice())
    return [changing.change_amount(amount=9000, **pair, by=world.preparer)]


def cancel(world):
    return [changing.archive(credit_note_id=world.note().id, **WHY, by=world.preparer)]


def post(world):
    note = world.note(status="DRAFT", amount=7700)
    line = {"id": "00000000-0000-0000-0000-000000000001",
            "netTransactionAmount": {"amount": 10000, "dcSign": "C"}}  # fmt: skip
    world.sandbox.act("edit_credit_note", creditNote=str(note.id), lines=[line])
    mirroring.take_credit_note(world.client.credit_note(note.id), workflow.now())
    note = CreditNote.objects.get(pk=note.id)
    seen = correcting.fingerprint(note)
    return [correcting.post(credit_note_id=note.id, seen=seen, **WHY, by=world.preparer)]


def undo(world, **over):
    pair = {"credit_note_id": world.used.id, "invoice_payable_id": world.first.id}
    return [correcting.undo(**pair, **WHY, **over, by=world.preparer)]


def undo_and_cancel(world):
    return undo(world, archive=True)


def move(world):
    ids = {"from_invoice_id": world.first.id, "to_invoice_id": world.target.id}
    proposal = correcting.move(
        credit_note_id=world.used.id, amount=10000, **ids, **WHY, by=world.preparer
    )
    return list(proposal.lines.all())


# What is free on the note, then open on the invoice: before and after each step, EUR 100.00 each
# (the invoices of undo and move have other amounts). None: there is no invoice.
STEPS = {
    "remove": (remove, [{
        "proposed": (6000, 6000, 6000, 6000), "in Light": (6000, 10000, 6000, 10000),
    }]),
    "lower": (lower, [{
        "proposed": (6000, 6000, 6000, 6000), "in Light": (6000, 7000, 6000, 7000),
    }]),
    "raise": (raise_, [{
        "proposed": (6000, 1000, 6000, 1000), "approved": (1000, 1000, 1000, 1000),
        "in Light": (6000, 1000, 6000, 1000),
    }]),
    "cancel": (cancel, [{
        "proposed": (10000, 10000, None, None), "approved": (10000, 10000, None, None),
        "in Light": (10000, 0, None, None),
    }]),
    "post": (post, [{
        "proposed": (0, 0, None, None), "approved": (0, 0, None, None),
        "in Light": (0, 7700, None, None),
    }]),
    "undo": (undo, [{
        "proposed": (0, 0, 20000, 20000), "approved": (0, 0, 20000, 20000),
        "in Light": (0, 10000, 20000, 30000),
    }]),
    "undo and cancel": (undo_and_cancel, [{
        "proposed": (0, 0, 20000, 20000), "approved": (0, 0, 20000, 20000),
        "no clear answer, being checked": (0, None, 20000, None),
        "in Light": (None, 0, None, 30000),
    }]),
    "move": (move, [
        {"proposed": (0, 0, 20000, 20000), "approved": (0, 0, 20000, 20000),
         "in Light": (0, 10000, 20000, 30000)},
        {"proposed": (0, 0, 50000, 40000), "approved": (0, 0, 40000, 40000),
         "in Light": (10000, 0, 50000, 40000)},
    ]),
}  # fmt: skip
FIGURES = ("free_before", "free_after", "open_before", "open_after")


@pytest.mark.parametrize(("ask", "expected"), STEPS.values(), ids=STEPS)
def test_every_step_tells_who_what_why_and_both_balances(world, ask, expected):
    lines = ask(world)
    if lines[0].state == "proposed":
        world.approve(lines[0])
    for _ in lines:
        world.send_all()
        world.settle()
        read_all(world.client, later=100)
    for line, steps in zip(lines, expected, strict=True):
        events = AuditEvent.objects.filter(instruction_id=line.pk).exclude(verb="began to send")
        told = {
            event.verb: tuple(event.details.get(name) for name in FIGURES) for event in events
        }  # fmt: skip
        assert told == steps
        asked = events.get(verb="proposed")
        assert (asked.by_id, asked.reason_code, asked.reason) == (
            world.preparer.pk, "other", "As agreed with them."
        )  # fmt: skip
        assert all(event.details["currency"] == "EUR" for event in events)
        assert {event.credit_note_id for event in events} == {line.credit_note_id}


@pytest.mark.parametrize("how", ["reject", "take_back"])
def test_what_is_not_done_frees_what_it_held(world, how):
    first, second = move(world)
    if how == "reject":
        reviewing.reject(second, reason_code="other", reason="Not this one.", by=world.approver)
    else:
        reviewing.take_back(second, by=world.preparer)
    event = AuditEvent.objects.filter(instruction_id=second.pk).first()
    assert [event.details[name] for name in FIGURES] == [0, 0, 40000, 50000]
    assert event.reason == ("Not this one." if how == "reject" else "")
    first.refresh_from_db()
    assert first.state == ("rejected" if how == "reject" else "taken_back")
