"""Answers that are kept: seen or said, which one counts, and what follows from it."""

from datetime import timedelta

import pytest

from clearing import known, questions, roles, workflow
from clearing.models import AuditEvent, Balance, Known, Looked
from clearing.services import learning
from clearing.services.learning.following import SETTLES
from clearing.services.learning.saying import see
from tests import factories

PARTLY, ON_POSTED = questions.PARTLY, questions.ON_POSTED


@pytest.fixture
def say(db, controller):
    def said(answer, question=PARTLY, reason="Light's support told us", **over):
        return learning.say(
            question=question, answer=answer, reason=reason, **{"by": controller} | over
        )

    return said


def stands(question=PARTLY):
    return known.standing(question).get(question, known.Standing())


def seen(answer, question=PARTLY, **over):
    return see(question, answer, **{"at": workflow.now()} | over)


def test_nothing_is_known_at_first(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        answers = known.answers()
    assert answers.unanswered == frozenset(questions.QUESTIONS)
    assert not answers.partly_linkable and answers.posted_linkable


@pytest.mark.parametrize(("setting", "rest_is_open"), [(True, False), (False, True)])
def test_the_setting_counts_until_an_answer_is_known(say, settings, setting, rest_is_open):
    settings.PARTIALLY_CLEARED_LINKABLE = setting
    assert known.answers().partly_linkable is setting
    assert known.answers().rest_is_open is rest_is_open
    say("no" if setting else "yes")
    assert known.answers().partly_linkable is not setting
    assert not known.answers().rest_is_open


def test_answers_are_read_once_in_a_step(say, django_assert_num_queries):
    with known.once(), django_assert_num_queries(1):
        assert known.answers() is known.answers()
        with known.once():
            known.answers()
    with known.once():
        known.answers()
        say("yes")
        assert known.answers().partly_linkable  # whoever writes reads anew


def test_an_answer_is_audited_and_taken_back(say, controller):
    say("yes")
    say("", reason="It was about another company")
    assert stands().answer == "" and stands().row is None
    first, second = AuditEvent.objects.order_by("pk")
    assert (first.verb, first.by_name) == ("said how Light behaves", workflow.name_of(controller))
    assert second.verb == "took back an answer about Light"
    assert second.reason == "It was about another company"
    assert second.details["changes"] == [{"field": PARTLY, "was": "yes", "now": ""}]
    assert [row.answer for row in Known.objects.order_by("pk")] == ["yes", ""]


@pytest.mark.parametrize(
    ("over", "problem", "words"),
    [
        ({"answer": "perhaps"}, ValueError, "one of the answers"),
        ({"answer": "yes", "reason": " "}, ValueError, "how you know"),
        ({"answer": "yes", "reason": "x" * 5000}, ValueError, "Shorten"),
        ({"answer": "yes", "question": "the_weather"}, workflow.Conflict, "no such question"),
        ({"answer": ""}, workflow.Conflict, "Nothing was changed"),
        ({"answer": "yes", "seen": 7}, workflow.Conflict, "Somebody was faster"),
    ],
)
def test_what_is_not_an_answer(say, over, problem, words):
    with pytest.raises(problem, match=words):
        say(**over)
    assert not Known.objects.exists() and not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "preparer", "approver"])
def test_only_a_controller_answers(say, role):
    with pytest.raises(roles.NotAllowed, match="controller"):
        say("yes", by=factories.person(role, username=f"other-{role}"))


def test_what_is_seen_never_overrides_a_person_silently(say):
    say("no")
    assert seen("yes")
    assert stands().answer == "no"
    assert stands().seen_against.answer == "yes"
    assert not seen("yes")  # told once
    assert seen("no")  # and it was a mistake
    assert stands().seen_against is None
    say("yes")
    assert (stands().answer, stands().seen_against) == ("yes", None)


def test_what_was_seen_before_a_person_spoke_says_nothing_new(say):
    before = workflow.now() - timedelta(hours=1)
    say("no")
    assert not seen("yes", at=before)
    say("", reason="not sure")
    assert not seen("yes", at=before)
    assert seen("yes")
    assert stands().answer == "yes"


def test_one_refusal_does_not_outweigh_what_was_seen(db):
    seen("yes")
    assert not seen("no", weak=True)
    assert stands().answer == "yes"
    assert seen("no")
    assert stands().answer == "no"


def test_a_refusal_speaks_against_a_person(say):
    say("yes")
    assert seen("no", weak=True)
    assert stands().seen_against.answer == "no"


# --- what follows -----------------------------------------------------------------------------
def follow(later=timedelta()):
    for _ in range(20):
        if not learning.look(workflow.now() + later):
            return
    raise AssertionError("Following does not end.")


def test_the_balances_of_partly_used_notes_follow(say, books):
    note = books.note(status="PARTIALLY_CLEARED")
    follow()
    assert not Balance.objects.get(pk=note.pk).usable
    say("yes")
    follow()
    assert Balance.objects.get(pk=note.pk).usable
    say("no")
    follow()
    assert not Balance.objects.get(pk=note.pk).usable


def test_the_balances_of_posted_invoices_follow_and_drafts_stay(say, books):
    posted, draft = books.invoice(), books.invoice(state="IN_DRAFT")
    follow()
    say("refuse", question=ON_POSTED)
    follow()
    usable = dict(Balance.objects.values_list("document_id", "usable"))
    assert usable == {posted.pk: False, draft.pk: True}
    say("clear", question=ON_POSTED)
    follow()
    assert Balance.objects.get(pk=posted.pk).usable


def test_following_goes_on_slice_by_slice(say, books, monkeypatch):
    monkeypatch.setattr("clearing.services.learning.following.SLICE", 2)
    notes = [books.note(status="PARTIALLY_CLEARED") for _ in range(5)]
    follow()
    say("yes")
    follow()
    assert Balance.objects.filter(pk__in=[one.pk for one in notes], usable=True).count() == 5


def test_who_had_read_the_old_answer_is_followed_once_more(say, books):
    """Another worker computes a balance with the answer of before, after the pass."""
    note = books.note(status="PARTIALLY_CLEARED")
    follow()
    say("yes")
    follow()
    Balance.objects.filter(pk=note.pk).update(usable=False)
    follow()
    assert not Balance.objects.get(pk=note.pk).usable
    follow(later=SETTLES + timedelta(seconds=1))
    assert Balance.objects.get(pk=note.pk).usable
    done = Looked.objects.get(kind="known_notes").since
    follow(later=2 * SETTLES)
    assert Looked.objects.get(kind="known_notes").since == done  # that was enough
