"""Decisions about stuck credit: what is asked, who may, what ends them, what the trail keeps."""

from datetime import date, timedelta

import pytest
import time_machine

from clearing import roles, workflow
from clearing.models import AuditEvent, Balance, CreditNote, Decision, Outlook
from clearing.services import diagnosing, following_up
from clearing.services.following_up import FieldError, Wanted
from tests import factories

NOW = factories.NOW
TODAY = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def look(minutes=0):
    while diagnosing.look(NOW + timedelta(minutes=minutes)):
        pass


@pytest.fixture
def note(books):
    one = books.note(amount=32000)
    look()
    return one


def decide(note, by, **over):
    wanted = {"kind": "refund", "owner": by, "follow_up_on": TODAY + timedelta(days=14)} | over
    seen = wanted.pop("seen", False)
    return following_up.decide(credit_note_id=note.pk, wanted=Wanted(**wanted), by=by, seen=seen)


def held(note):
    return Decision.objects.get(credit_note_id=note.pk, ended_at=None)


def test_a_decision_keeps_what_was_left_and_who(note, preparer):
    decide(note, preparer, comment=" Called Mrs Holm ")
    row = held(note)
    assert (row.kind, row.owner, row.by, row.amount) == ("refund", preparer, preparer, 32000)
    assert (row.currency, row.comment, row.ended_at) == ("EUR", "Called Mrs Holm", None)


def test_the_next_decision_ends_the_one_before(note, preparer, approver):
    first = decide(note, preparer)
    decide(note, approver, kind="disputed", seen=first.pk)
    first.refresh_from_db()
    assert (first.ended_by, first.ended_because) == (approver, "changed")
    assert first.ended_at and first.kind == "refund" and held(note).kind == "disputed"


def test_the_trail_says_what_changed(note, preparer, approver):
    decide(note, preparer, kind="wait")
    decide(note, preparer, owner=approver, comment="Anton knows them")
    event = AuditEvent.objects.first()
    assert (event.verb, event.by_name, event.reason) == (
        "decided what becomes of it", "Paula Prep", "Anton knows them",
    )  # fmt: skip
    assert (event.credit_note_id, event.amount, event.currency) == (note.pk, 32000, "EUR")
    assert event.details["changes"] == [
        {"field": "decision", "was": "Wait for the next invoice", "now": "Refund requested"},
        {"field": "owner", "was": "Paula Prep", "now": "Anton Appr"},
    ]


@pytest.mark.parametrize(
    ("over", "field", "sentence"),
    [
        ({"kind": "sing"}, "kind", "from the list"),
        ({"kind": "none", "owner": None, "follow_up_on": None}, "kind", "who looks after it"),
        ({"kind": "wait", "follow_up_on": None}, "follow_up", "Choose the day on which"),
        ({"kind": "wait", "follow_up_on": TODAY + timedelta(days=91)}, "follow_up",
         "Nobody waits for more than 90 days: choose a day by 31 Jan 2027."),
        ({"follow_up_on": TODAY}, "follow_up", "after today"),
        ({"follow_up_on": TODAY + timedelta(days=367)}, "follow_up", "by 3 Nov 2027"),
        ({"comment": "x" * 1001}, "reason", "Shorten"),
    ],
)  # fmt: skip
def test_what_is_not_right_is_said_at_its_field(note, preparer, over, field, sentence):
    with pytest.raises(FieldError, match=sentence) as problem:
        decide(note, preparer, **over)
    assert problem.value.field == field
    assert not Decision.objects.exists() and not AuditEvent.objects.exists()


@pytest.mark.parametrize("days", [1, 90])
def test_waiting_takes_up_to_90_days(note, preparer, days):
    decide(note, preparer, kind="wait", follow_up_on=TODAY + timedelta(days=days))
    assert held(note).kind == "wait"


def test_an_owner_has_a_role(note, preparer):
    with pytest.raises(FieldError, match="has a role"):
        decide(note, preparer, owner=factories.person("", username="nobody"))
    gone = factories.person("approver", username="gone", is_active=False)
    with pytest.raises(FieldError, match="has a role"):
        decide(note, preparer, owner=gone)


def test_only_people_with_the_right(note, viewer):
    with pytest.raises(roles.NotAllowed, match="Only a preparer, an approver or a controller"):
        decide(note, viewer)
    with pytest.raises(roles.NotAllowed):
        following_up.withdraw(decision_id=1, by=viewer)


def test_the_same_again_is_no_change(note, preparer):
    decide(note, preparer)
    with pytest.raises(workflow.Conflict, match="decided like this already"):
        decide(note, preparer)
    assert AuditEvent.objects.count() == 1


def test_somebody_was_faster(note, preparer, approver):
    decide(note, approver, kind="disputed")
    with pytest.raises(workflow.Conflict, match="Anton Appr decided “Disputed with the vendor”"):
        decide(note, preparer, seen=None)
    assert held(note).kind == "disputed"


def test_two_at_once_one_wins(note, preparer, approver, monkeypatch):
    """Both have read that nothing is decided; the database lets one row hold."""
    real = following_up._record

    def meanwhile(*args):
        monkeypatch.setattr(following_up, "_record", real)
        Decision.objects.create(
            credit_note_id=note.pk, kind="wait", by=approver, at=NOW, currency="EUR"
        )

    monkeypatch.setattr(following_up, "_record", meanwhile)
    with pytest.raises(workflow.Conflict, match="Somebody was faster"):
        decide(note, preparer)


def test_without_its_audit_row_nothing_is_decided(note, preparer, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError

    first = decide(note, preparer)
    monkeypatch.setattr(workflow, "record", broken)
    with pytest.raises(RuntimeError):
        decide(note, preparer, kind="disputed")
    with pytest.raises(RuntimeError):
        following_up.withdraw(decision_id=first.pk, by=preparer)
    assert held(note) == first


def test_a_decision_is_taken_back_once(note, preparer, approver):
    first = decide(note, preparer)
    following_up.withdraw(decision_id=first.pk, by=approver)
    first.refresh_from_db()
    assert (first.ended_because, first.ended_by) == ("withdrawn", approver)
    assert AuditEvent.objects.first().verb == "took back the decision"
    with pytest.raises(workflow.Conflict, match="Somebody was faster"):
        following_up.withdraw(decision_id=first.pk, by=preparer)


def test_many_at_once_and_those_that_do_not_fit(books, note, preparer):
    other, planned = books.note(), books.note(status="ARCHIVED")
    look(1)
    made, skipped = following_up.decide_many(
        credit_note_ids=[note.pk, other.pk, planned.pk],
        wanted=Wanted("disputed", preparer), by=preparer,
    )  # fmt: skip
    assert {row.credit_note_id for row in made} == {note.pk, other.pk}
    assert skipped == {
        planned.pk: "Nothing is left of this credit note, so there is nothing to decide."
    }


def test_what_is_planned_wholly_can_wait(books, note, preparer):
    factories.link(note, books.invoice(state="IN_DRAFT", amount=32000), 32000)
    Outlook.objects.all().delete()
    with pytest.raises(workflow.Conflict, match="All of it is planned"):
        decide(note, preparer)


# --- what ends a decision ------------------------------------------------------------------------
def changed(note, minutes=1, **over):
    at = NOW + timedelta(minutes=minutes)
    CreditNote.objects.filter(pk=note.pk).update(changed_at=at, **over)
    look(minutes)


@pytest.mark.parametrize(
    "over", [{"status": "ARCHIVED"}, {"status": "CLEARED"}, {"gone_at": NOW}], ids=str
)
def test_nothing_left_closes_it(note, preparer, over):
    row = decide(note, preparer)
    changed(note, **over)
    row.refresh_from_db()
    assert (row.ended_because, row.ended_by) == ("used_up", None)
    event = AuditEvent.objects.first()
    assert (event.verb, event.by_name) == ("closed the decision: nothing is left", "Worker")


def test_a_changed_balance_and_a_plan_do_not(books, note, preparer):
    decide(note, preparer)
    draft = books.invoice(state="IN_DRAFT", amount=32000)
    link = factories.link(note, draft, 20000)
    changed(note)
    assert held(note).amount == 32000 and Outlook.objects.get(pk=note.pk).left == 12000
    type(link).objects.update(amount=32000)
    factories.balances.refresh(notes=[note.pk])
    changed(note, 2)
    assert not Outlook.objects.filter(pk=note.pk).exists()
    assert held(note)  # a link is a promise: it may come back


def test_a_posted_note_that_is_used_to_the_last_cent_closes_it(note, preparer):
    row = decide(note, preparer)
    Balance.objects.filter(pk=note.pk).update(
        available=0, cleared=32000, changed_at=NOW + timedelta(minutes=1)
    )
    changed(note)
    row.refresh_from_db()
    assert row.ended_because == "used_up"


def test_a_draft_is_not_used_up(books, preparer):
    draft = books.note(status="DRAFT")
    look()
    decide(draft, preparer)
    Outlook.objects.all().delete()
    assert following_up.end_used_up(NOW) == 0
