"""The largest line that a person approves: by name, else what the house says of everybody."""

import pytest

from clearing import roles
from clearing.models import Instruction
from clearing.services import reviewing
from tests import factories

S = Instruction.State
ANTON = {"approver": {"EUR": 4000}}


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        ({}, None),
        (ANTON, 4000),
        ({"*": {"EUR": 100}}, 100),
        (ANTON | {"*": {"EUR": 100}}, 4000),
        ({"approver": {}, "*": {"EUR": 100}}, 100),
        ({"approver": {"USD": 1}, "*": {"JPY": 1}}, None),
        ({"another": {"EUR": 1}}, None),
        ({"approver": {"EUR": 0}}, 0),
    ],
)
def test_whose_limit_counts(approver, settings, limits, limit):
    settings.APPROVAL_LIMITS = limits
    assert roles.limit_of(approver, "EUR") == limit


@pytest.mark.parametrize(("amount", "approved"), [(3999, True), (4000, True), (4001, False)])
def test_nobody_approves_above_their_limit(books, preparer, approver, settings, amount, approved):
    settings.APPROVAL_LIMITS = ANTON
    line = factories.line(preparer, books.note(), books.invoice(), amount)
    if approved:
        reviewing.approve(line, seen_hash=line.content_hash, by=approver)
        assert line.state == S.READY
        return
    with pytest.raises(roles.NotAllowed, match=r"above your limit of EUR 40\.00"):
        reviewing.approve(line, seen_hash=line.content_hash, by=approver)
    line.refresh_from_db()
    assert line.state == S.PROPOSED


def test_somebody_with_a_higher_limit_approves_it(books, preparer, approver, settings):
    settings.APPROVAL_LIMITS = ANTON | {"berta": {"EUR": 5000}}
    line = factories.line(preparer, books.note(), books.invoice(), 4001)
    reviewing.approve(line, seen_hash=line.content_hash, by=factories.person("approver", "berta"))
    assert line.state == S.READY


def test_an_amount_that_light_does_not_give_is_above_no_limit(books, preparer, approver, settings):
    settings.APPROVAL_LIMITS = ANTON
    note = books.note(amount=None)
    line = factories.line(preparer, note, None, None, kind="archive")
    assert roles.why_not_decide(approver, line) == ""


def test_each_person_has_what_they_worked_on(books, preparer, approver, controller):
    """Three people, one query: an edit, a draft posted by two of them, and nothing."""
    note, other = books.note(), books.note()
    factories.edit(preparer, note)
    factories.edit(approver, note, state="refused")
    factories.line(preparer, other, None, 1, kind="post", approved_by=approver, state="done")
    people = [preparer.pk, approver.pk, controller.pk]
    assert roles.who_worked(people, [note.id, other.id]) == {
        preparer.pk: {note.id, other.id}, approver.pk: {other.id}, controller.pk: set(),
    }  # fmt: skip
    assert roles.who_worked(people, []) == {one: set() for one in people}
