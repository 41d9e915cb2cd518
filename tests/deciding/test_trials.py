"""A trial is let through the one rule that it tries out, for its line only, while nobody knows."""

from dataclasses import replace
from itertools import product

import pytest

from clearing import questions
from clearing.deciding import Approval, Fall, Rules, Send, before_sending, not_approved
from tests.deciding.looks import INVOICE, NOTE, content, seen

PARTLY = seen(note=replace(NOTE, status="PARTIALLY_CLEARED"), note_cleared=1_000)
POSTED = replace(seen(invoice=replace(INVOICE, state="UNPAID")), payments=())
OPEN = frozenset(questions.QUESTIONS)


def falls(look, trial, **rules):
    decision = before_sending(replace(content(), trial=trial), look, Rules(**rules))
    assert decision == Send() or isinstance(decision, Fall)
    return isinstance(decision, Fall)


@pytest.mark.parametrize(
    ("trial", "is_open", "known"),
    list(product(["", questions.PARTLY, questions.ON_POSTED], [True, False], [True, False])),
)
def test_a_partly_used_note(trial, is_open, known):
    """Sent where Light is known to link it, or by the trial of this very question."""
    rules = {"partially_cleared_linkable": known, "unanswered": OPEN if is_open else frozenset()}
    may_go = known or (is_open and trial == questions.PARTLY)
    assert falls(PARTLY, trial, **rules) is not may_go


@pytest.mark.parametrize(
    ("trial", "is_open", "known"),
    list(product(["", questions.PARTLY, questions.ON_POSTED], [True, False], [True, False])),
)
def test_a_posted_invoice(trial, is_open, known):
    rules = {"posted_linkable": known, "unanswered": OPEN if is_open else frozenset()}
    may_go = known or (is_open and trial == questions.ON_POSTED)
    assert falls(POSTED, trial, **rules) is not may_go


@pytest.mark.parametrize("trial", questions.TRIALS)
def test_a_trial_lifts_no_other_rule(trial):
    gone = seen(invoice=replace(INVOICE, state="CANCELLED"))
    used_up = seen(note=replace(NOTE, status="CLEARED"))
    too_little = replace(PARTLY, note_cleared=NOTE.amount)
    assert falls(gone, trial, unanswered=OPEN)
    assert falls(used_up, trial, unanswered=OPEN)
    assert falls(too_little, trial, unanswered=OPEN)


@pytest.mark.parametrize("trial", ["", *questions.TRIALS])
def test_one_person_is_not_enough_for_a_trial(trial):
    """Not even below the limit under which the house asks for one person only."""
    alone = Approval(asked_by=1, approved_by=None, exempt_rule="under_limit", as_approved=True)
    rules = Rules(exempt_under={content().currency: 10**9})
    refused = not_approved(replace(content(), trial=trial), alone, rules)
    assert bool(refused) is bool(trial)
