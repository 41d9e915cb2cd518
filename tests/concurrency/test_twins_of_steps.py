"""Two steps about one line or pair: with its guard one wins, without it both would."""

import pytest

from clearing import workflow
from clearing.models import (
    Acknowledged,
    Decision,
    Declined,
    Instruction,
    Link,
    NotDuplicate,
    Proposal,
)
from clearing.services import (
    acknowledging,
    declining,
    duplicates,
    following_up,
    proposing,
    reviewing,
)
from clearing.services.following_up import Wanted
from clearing.services.proposing import new_line
from tests import factories
from tests.concurrency.people import available, same, trail

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def told(act, *args, **named):
    """The sentence of a Conflict; empty where the act was taken."""
    try:
        act(*args, **named)
    except workflow.Conflict as problem:
        return str(problem)
    return ""


def test_a_line_is_decided_once(world, guard):
    """Both have loaded it while it waited."""
    guard.is_condition(workflow, "Instruction", "state")
    line = world.line()
    hers = same(line)
    reviewing.approve(line, seen_hash=line.content_hash, by=world.approver)
    said = told(
        reviewing.reject, hers, reason_code="disputed", reason="", by=world.second
    )  # fmt: skip
    if guard.on:
        assert "faster" in said and trail(line) == ["proposed", "approved"]
    else:
        assert not said and trail(line) == ["proposed", "approved", "rejected"]


def test_an_approved_line_is_taken_back_or_sent(world, guard):
    guard.is_condition(workflow, "Instruction", "state")
    line = world.line(approved_by=world.approver)
    his = same(line)
    workflow.advance(line, "claim", now=workflow.now())
    said = told(reviewing.take_back, his, by=world.preparer)
    assert bool(said) == guard.on
    assert same(line).state == ("sending" if guard.on else "taken_back")


def test_a_pair_is_open_once(world, guard, monkeypatch):
    """Both have looked before either has written: the look is no guard."""
    monkeypatch.setattr(proposing, "held_pairs", lambda wanted: {})
    guard.is_index(Instruction, "one_open_per_pair")
    note, invoice = world.note(), world.invoice()
    world.propose(note, invoice)
    said = told(world.propose, note, invoice, by=world.other)
    assert bool(said) == guard.on
    assert Instruction.objects.count() == Proposal.objects.count() == (1 if guard.on else 2)


def test_a_note_is_cancelled_once(world, guard):
    guard.is_index(Instruction, "one_open_of_note_per_credit_note")
    note, now = world.note(), workflow.now()

    def cancel():
        line = new_line(
            factories.proposal(world.preparer, note), "archive", note, None,
            by=world.preparer, now=now, amount=note.amount,
        )  # fmt: skip
        workflow.begin([line], now=now, by=world.preparer)

    assert [bool(told(cancel)) for _ in range(2)] == [False, guard.on]


def test_an_exception_is_dealt_with_once(world, guard):
    guard.is_condition(reviewing, "Instruction", "dealt_at")
    line = world.line()
    reviewing.reject(line, reason_code="disputed", reason="", by=world.approver)
    Instruction.objects.filter(pk=line.pk).update(**{"state": "fallen"})
    said = [bool(told(reviewing.deal, same(line), by=world.preparer)) for _ in range(2)]
    assert said == [False, guard.on]
    assert trail(line).count("dealt with") == (1 if guard.on else 2)


def test_what_a_person_says_of_a_line_is_said_once(world, guard):
    guard.is_condition(reviewing, "Instruction", "decision")
    line = world.line(approved_by=world.approver)
    for step in ("claim", "lose", "ask"):
        workflow.advance(line, step, now=workflow.now())
    mine, hers = same(line), same(line)
    reviewing.settle(mine, decision="says_done", by=world.approver)
    said = told(reviewing.settle, hers, decision="says_absent", by=world.second)
    if guard.on:
        assert "anton" in said and same(line).decision == "says_done"
    else:
        assert not said and same(line).decision == "says_absent"


def test_an_exception_is_acknowledged_once(world, guard):
    guard.is_unique(Acknowledged, "key")
    note, invoice = world.note(), world.invoice()
    link = factories.link(note, invoice, fate=Link.Fate.PLANNED)
    acts = {"link_id": link.pk, "reason": "Seen", "by": world.preparer}
    said = [bool(told(acknowledging.acknowledge_link, **acts)) for _ in range(2)]
    assert said == [False, guard.on]


def test_a_suggestion_is_declined_once(world, guard):
    guard.is_index(Declined, "one_decline_per_pair")
    pair = {"credit_note_id": world.note().id, "invoice_payable_id": world.invoice().id}
    said = [
        bool(told(declining.decline, **pair, reason="no", by=by))
        for by in (world.preparer, world.other)
    ]
    assert said == [False, guard.on]


def test_two_notes_are_told_apart_once(world, guard):
    guard.is_index(NotDuplicate, "one_answer_per_pair")
    one, other = (world.note(document_number="CN-77") for _ in range(2))
    acts = {"note_id": one.id, "other_id": other.id, "reason": "two trips"}
    said = [bool(told(duplicates.say_not, **acts, by=by)) for by in (world.preparer, world.other)]
    assert said == [False, guard.on]


def test_one_decision_holds(world, guard, monkeypatch):
    """Both have looked when nothing was decided, and both find nothing to end."""
    guard.is_index(Decision, "one_decision_holds")
    note = world.note()
    factories.outlook(note)
    wanted = Wanted(kind=Decision.Kind.REFUND)
    nothing = Decision.objects.none()
    asked = {"credit_note_id": note.id, "wanted": wanted, "seen": None}
    said = []
    for by in (world.approver, world.second):
        with monkeypatch.context() as blind:
            blind.setattr(following_up.Decision.objects, "filter", lambda **_: nothing)
            said.append(bool(told(following_up.decide, **asked, by=by)))
    assert said == [False, guard.on]
    assert Decision.objects.filter(ended_at=None).count() == (1 if guard.on else 2)


def test_the_balance_of_a_pair_that_is_open_once_is_right(world):
    note, invoice = world.note(), world.invoice()
    world.propose(note, invoice)
    assert told(proposing.propose, vendor_id=world.books.vendor.id,
                entity_id=world.books.entity.id, currency="EUR", by=world.other,
                wanted=[proposing.Wanted(note.id, invoice.id, 1000)])  # fmt: skip
    assert (available(note), available(invoice)) == (6000, 6000)
