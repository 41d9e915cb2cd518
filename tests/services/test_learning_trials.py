"""On a fresh sandbox in each mode one trial leads to the right rule and the right totals."""

import pytest

from clearing import known, questions, workflow
from clearing.models import AuditEvent, Balance
from clearing.services import learning, mirroring, proposing, reviewing
from clearing.services.fitting import Problems, Wanted
from tests.services.learning_world import World, said
from tests.services.mirroring_world import uid


@pytest.fixture
def house(db, controller, approver, settings):
    settings.QUARANTINE = 0
    worlds = []

    def make(**switches):
        worlds.append(World(controller, approver, **switches))
        return worlds[-1]

    yield make
    for one in worlds:
        one.client.close()
        one.sandbox.stop()


def usable_total():
    rows = Balance.objects.filter(kind="credit_note", usable=True)
    return sum(rows.values_list("available", flat=True))


def propose(world, note, invoice, amount, by):
    row = world.balance(note)
    return proposing.propose(
        vendor_id=row.vendor_id, entity_id=row.entity_id, currency="EUR", by=by,
        wanted=[Wanted(uid(note), uid(invoice), amount)],
    )  # fmt: skip


def test_before_any_trial_nothing_is_taken_for_certain(house):
    world = house()
    assert world.balance(world.partly).available == 7000
    assert usable_total() == 8000  # the rest of the partly used note is not among it
    assert {questions.PARTLY, questions.ON_POSTED} <= known.answers().unanswered


@pytest.mark.parametrize("linkable", [True, False])
def test_a_trial_of_a_partly_used_note(house, preparer, linkable):
    world = house(partially_cleared_linkable=linkable)
    line = world.trial(questions.PARTLY, amount=1000)
    assert (str(line.credit_note_id), line.invoice_payable_id) == (world.partly, uid(world.draft))
    world.work()
    line.refresh_from_db()
    assert line.state == ("done" if linkable else "refused")
    assert (questions.PARTLY, "yes" if linkable else "no", "seen") in said()
    assert known.answers().partly_linkable is linkable
    assert world.balance(world.partly).available == (6000 if linkable else 7000)
    assert usable_total() == (14000 if linkable else 8000)
    if linkable:
        assert len(world.sandbox.books.link_rows()) == 2  # the first one has cleared
        return
    assert "PARTIALLY_CLEARED" in line.outcome  # Light's own words
    with pytest.raises(Problems) as problems:
        propose(world, world.partly, world.draft, 1000, preparer)
    assert "Partly used" in str(problems.value.cells)


@pytest.mark.parametrize("mode", ["clear", "refuse", "nothing"])
def test_a_trial_of_a_posted_invoice(house, preparer, mode):
    world = house(link_on_posted=mode)
    line = world.trial(questions.ON_POSTED, amount=1000)
    assert (str(line.credit_note_id), line.invoice_payable_id) == (world.whole, uid(world.posted))
    world.work()
    line.refresh_from_db()
    assert line.state == ("refused" if mode == "refuse" else "done")
    assert (questions.ON_POSTED, mode, "seen") in said()
    assert world.balance(world.posted).usable is (mode == "clear")
    left = {"clear": 7000, "refuse": 8000, "nothing": 8000}[mode]
    assert world.balance(world.whole).available == left
    assert world.balance(world.draft).usable
    if mode != "clear":
        with pytest.raises(Problems) as problems:
            propose(world, world.whole, world.posted, 1000, preparer)
        assert "does not use credit" in str(problems.value.cells)


def test_an_ordinary_link_teaches_without_a_trial(house, preparer):
    world = house()
    line = propose(world, world.whole, world.draft, 2000, preparer).lines.get()
    reviewing.approve(line, seen_hash=line.content_hash, by=world.approver)
    world.work()
    answers = {question: answer for question, answer, _how in said()}
    assert answers[questions.UPDATED_AT] == "yes"
    assert answers[questions.OUTSTANDING] == "no"
    world.sandbox.act("post_invoice", invoicePayable=world.draft)
    world.work()
    answers = {question: answer for question, answer, _how in said()}
    assert (answers[questions.POSTED_LISTED], answers[questions.IDS]) == ("no", "external")
    rows = len(said())
    world.work()
    assert len(said()) == rows  # nothing is said twice


@pytest.mark.parametrize(
    ("switches", "question", "answer"),
    [
        ({"link_touches_updated_at": False}, questions.UPDATED_AT, "no"),
        ({"link_reduces_outstanding": True}, questions.OUTSTANDING, "yes"),
        ({"posted_link_listed": True}, questions.POSTED_LISTED, "yes"),
        ({"ids_in_links": "accounting"}, questions.IDS, "other"),
    ],
)
def test_the_other_modes_are_seen_too(house, preparer, switches, question, answer):
    world = house(**switches)
    line = propose(world, world.whole, world.draft, 2000, preparer).lines.get()
    reviewing.approve(line, seen_hash=line.content_hash, by=world.approver)
    world.work()
    world.sandbox.act("post_invoice", invoicePayable=world.draft)
    world.work()
    mirroring.want(credit_notes=[uid(world.whole)], now=world.now())  # as an open page has it
    world.work()
    answers = {found: answer for found, answer, _how in said()}
    assert answers.get(question) == answer


# --- the trial is an ordinary line, and one at a time -----------------------------------------
def test_the_approver_sees_and_approves_the_trial_itself(house):
    world = house(partially_cleared_linkable=True)
    line = world.proposed(questions.PARTLY)
    assert (line.trial, line.content["trial"]) == (questions.PARTLY, questions.PARTLY)
    assert line.state == "proposed" and not line.exempt_rule
    plain = {key: value for key, value in line.content.items() if key != "trial"}
    assert workflow.content_hash(plain) != line.content_hash
    reviewing.approve(line, seen_hash=line.content_hash, by=world.approver)
    type(line).objects.filter(pk=line.pk).update(trial="")  # not what was approved any more
    world.work()
    line.refresh_from_db()
    assert line.state == "fallen"
    assert questions.PARTLY not in {question for question, *_ in said()}


def test_one_person_is_never_enough_for_a_trial(house, settings):
    settings.EXEMPT_UNDER = {"EUR": 10**9}
    world = house()
    assert world.proposed(questions.PARTLY).state == "proposed"


def test_one_trial_of_a_question_at_a_time(house):
    world = house()
    world.proposed(questions.PARTLY, amount=1000)
    with pytest.raises(workflow.Conflict, match="under way"):
        learning.propose(
            question=questions.PARTLY, note_id=uid(world.partly), invoice_id=uid(world.draft),
            amount=1000, reason="again", by=world.controller,
        )  # fmt: skip


def test_an_answered_question_is_not_tried(house):
    world = house()
    learning.say(question=questions.PARTLY, answer="no", reason="told", by=world.controller)
    assert "answered already" in learning.why_not(questions.PARTLY)


def test_a_trial_falls_where_somebody_answers_no_meanwhile(house):
    world = house(partially_cleared_linkable=True)
    line = world.trial(questions.PARTLY)
    learning.say(question=questions.PARTLY, answer="no", reason="told", by=world.controller)
    world.work()
    line.refresh_from_db()
    assert line.state == "fallen"
    assert not any(asked.is_write for asked in world.sandbox.requests)


def test_only_the_line_that_is_the_trial_is_let_through(house, preparer):
    world = house()
    with pytest.raises(Problems):
        propose(world, world.partly, world.draft, 1000, preparer)


def test_a_refusal_for_another_reason_shows_nothing(house):
    """Light says 404: the invoice is gone."""
    world = house(partially_cleared_linkable=True)
    line = world.trial(questions.PARTLY)
    type(line).objects.filter(pk=line.pk).update(state="refused")
    line.attempts.create(
        worker="w", claimed_at=world.now(), lease_until=world.now(), sent_at=world.now(),
        answered_at=world.now(), status=404,
        before={"credit_note": {"status": "PARTIALLY_CLEARED"}, "invoice": {"state": "IN_DRAFT"}},
    )  # fmt: skip
    world.learn()
    assert questions.PARTLY not in {question for question, *_ in said()}


def test_what_a_trial_showed_is_in_the_trail(house):
    world = house()
    line = world.trial(questions.PARTLY)
    world.work()
    event = AuditEvent.objects.get(verb="saw how Light behaves", instruction_id=line.pk)
    assert event.by_name == "Worker"
    assert event.details["changes"] == [{"field": questions.PARTLY, "was": "", "now": "no"}]
