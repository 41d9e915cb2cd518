"""Reviewing: several at once, one winner, nothing without its trail; people settle the unclear."""

import pytest

from clearing import workflow
from clearing.models import Attempt, AuditEvent, Balance, Instruction, Link
from clearing.roles import RIGHTS, NotAllowed
from clearing.services import reviewing
from clearing.workflow import STEPS, Conflict
from tests import factories
from tests.services.deciding_lines import DECIDING, S, act, change, in_state


# --- rejecting, several at once -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "words"), [("", ""), ("refund", ""), ("other", "  "), ("disputed", "x" * 1001)]
)
def test_a_rejection_needs_its_reason(books, preparer, approver, code, words):
    line = factories.line(preparer, books.note(), books.invoice())
    with pytest.raises(ValueError):
        reviewing.reject(line, reason_code=code, reason=words, by=approver)
    assert Instruction.objects.get().state == S.PROPOSED


def test_a_rejected_line_frees_its_amounts_and_keeps_its_reason(books, preparer, approver):
    note = books.note()
    line = factories.line(preparer, note, books.invoice())
    reviewing.reject(line, reason_code="other", reason="Not this one", by=approver)
    assert Balance.objects.get(pk=note.pk).available == 10000
    event = AuditEvent.objects.first()
    assert (event.reason_code, event.reason) == ("other", "Not this one")


def test_a_rejection_leaves_the_reason_for_asking(books, preparer, approver):
    line = factories.line(
        preparer, books.note(), books.invoice(), reason_code="split", reason="As agreed"
    )
    reviewing.reject(line, reason_code="wait", reason="Next week", by=approver)
    line = Instruction.objects.get()
    assert (line.reason_code, line.reason) == ("split", "As agreed")
    assert (line.rejected_code, line.rejected_reason) == ("wait", "Next week")


def test_each_of_many_lines_has_its_own_result(books, preparer, approver):
    cancelled = books.invoice()
    good, stale = (factories.line(preparer, books.note(), books.invoice()) for _ in range(2))
    fallen = factories.line(preparer, books.note(), cancelled)
    own = factories.line(approver, books.note(), books.invoice())
    reviewing.take_back(stale, by=preparer)
    change(cancelled, state="CANCELLED")
    lines = [good, stale, fallen, own]
    results = reviewing.approve_lines(
        lines, seen={line.pk: line.content_hash for line in lines}, by=approver
    )
    assert [bool(sentence) for _line, sentence in results] == [False, True, True, True]
    states = {line.pk: line.state for line in Instruction.objects.all()}
    assert [states[line.pk] for line in lines] == ["ready", "taken_back", "fallen", "proposed"]


# --- nothing without its trail; one winner --------------------------------------------------------
@pytest.fixture
def no_trail(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no trail")

    return lambda: monkeypatch.setattr(workflow, "record", broken)


@pytest.mark.parametrize("step", DECIDING)
def test_without_its_audit_row_nothing_is_decided(books, preparer, approver, no_trail, step):
    note = books.note()
    line = factories.line(preparer, note, books.invoice())
    no_trail()
    with pytest.raises(RuntimeError):
        act(step, line, preparer if step == "take_back" else approver)
    assert Instruction.objects.get().state == S.PROPOSED
    assert Balance.objects.get(pk=note.pk).available == 6000


@pytest.mark.parametrize("first", DECIDING)
@pytest.mark.parametrize("second", DECIDING)
def test_of_two_at_once_one_wins(books, preparer, approver, first, second):
    """Both have read the line as it was; the second is told."""
    factories.line(preparer, books.note(), books.invoice())
    one, two = Instruction.objects.get(), Instruction.objects.get()
    act(first, one, preparer if first == "take_back" else approver)
    with pytest.raises(Conflict):
        other = factories.person("approver", "other")
        act(second, two, preparer if second == "take_back" else other)
    assert Instruction.objects.get().state == STEPS[first].after


# --- settling and dealing ---------------------------------------------------------------------
@pytest.mark.parametrize("role", [*RIGHTS, ""])
@pytest.mark.parametrize("state", S.values)
def test_who_settles_what(books, preparer, approver, state, role):
    by = factories.person(role, f"the-{role}")
    line = in_state(state, preparer, approver, books)
    if "settle" not in RIGHTS.get(role, ()):
        with pytest.raises(NotAllowed):
            reviewing.settle(line, decision="says_done", by=by)
    elif state != S.NEEDS_PERSON:
        with pytest.raises(Conflict):
            reviewing.settle(line, decision="says_done", by=by)
    else:
        reviewing.settle(line, decision="says_done", by=by)
        assert (line.state, line.decision, line.dealt_by) == (state, "says_done", by)
        assert not Attempt.objects.exists()  # verified by reading, later


def test_a_decision_is_one_of_the_decisions(books, preparer, approver):
    line = in_state(S.NEEDS_PERSON, preparer, approver, books)
    with pytest.raises(ValueError, match="one of the decisions"):
        reviewing.settle(line, decision="again", by=approver)


@pytest.mark.parametrize("role", [*RIGHTS, ""])
@pytest.mark.parametrize("state", S.values)
def test_who_deals_with_what(books, preparer, approver, state, role):
    by = factories.person(role, f"the-{role}")
    line = in_state(state, preparer, approver, books)
    if "deal" not in RIGHTS.get(role, ()):
        with pytest.raises(NotAllowed):
            reviewing.deal(line, by=by)
    elif state not in reviewing.DEALT:
        with pytest.raises(Conflict):
            reviewing.deal(line, by=by)
    else:
        reviewing.deal(line, by=by)
        assert line.dealt_by == by
        with pytest.raises(Conflict):
            reviewing.deal(line, by=by)


@pytest.mark.parametrize(("fate", "dealt"), [("not_honoured", True), ("planned", False)])
def test_a_link_that_was_not_honoured_is_dealt_with(books, preparer, approver, fate, dealt):
    note, invoice = books.note(), books.invoice(state="COMPLETED")
    line = factories.line(preparer, note, invoice, approved_by=approver, state="done")
    factories.link(note, invoice, fate=Link.Fate(fate))
    if dealt:
        reviewing.deal(line, by=approver)
        assert line.dealt_at
    else:
        with pytest.raises(Conflict):
            reviewing.deal(line, by=approver)


@pytest.mark.parametrize("what", ["settle", "deal"])
def test_without_its_audit_row_nothing_is_settled(books, preparer, approver, no_trail, what):
    line = in_state(S.NEEDS_PERSON if what == "settle" else S.REFUSED, preparer, approver, books)
    no_trail()
    with pytest.raises(RuntimeError):
        if what == "settle":
            reviewing.settle(line, decision="says_absent", by=approver)
        else:
            reviewing.deal(line, by=approver)
    line.refresh_from_db()
    assert (line.reason_code, line.dealt_at, line.dealt_by) == ("", None, None)
