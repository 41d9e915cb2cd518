"""Moving a clearing: one proposal of two steps, decided as one, never counted twice."""

import pytest
from django.test import override_settings

from clearing import workflow
from clearing.models import AuditEvent, Clearing, Instruction
from clearing.roles import NotAllowed
from clearing.services import reviewing
from clearing.workflow import Conflict
from tests import factories
from tests.services.moving_world import Cleared, approve, available, states, step

S = Instruction.State


@pytest.fixture
def cleared(books):
    return Cleared(books)


# --- what is asked ------------------------------------------------------------------------------
def test_a_move_is_two_lines_of_one_proposal(cleared, preparer):
    first, second = cleared.move(preparer).lines.all()
    assert (first.kind, first.invoice_payable_id, first.amount) == (
        "reverse", cleared.first.id, 10000
    )  # fmt: skip
    assert first.clearing_id == cleared.entry.accounting_document_id
    assert (second.kind, second.invoice_payable_id, second.amount) == (
        "link", cleared.target.id, 10000
    )  # fmt: skip
    assert second.after == first and first.after is None
    assert second.content["after"] == str(cleared.first.id)
    assert states(first.proposal) == [S.PROPOSED, S.PROPOSED]
    reasons = AuditEvent.objects.values_list("instruction_id", "verb", "reason_code")
    assert sorted(reasons) == [
        (line.pk, "proposed", "wrong_invoice") for line in (first, second)
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["viewer", "approver", "controller"])
def test_only_who_may_ask_for_both_asks_for_a_move(cleared, role):
    with pytest.raises(NotAllowed):
        cleared.move(factories.person(role))
    assert not Instruction.objects.exists()


def test_nobody_moves_alone(cleared, preparer):
    with override_settings(EXEMPT_UNDER={"EUR": 10**9}):
        assert states(cleared.move(preparer)) == [S.PROPOSED, S.PROPOSED]


@pytest.mark.parametrize(
    ("amount", "words"), [(0, "more than 0"), (-1, "more than 0"), (10001, "At most EUR 100.00")]
)
def test_an_amount_that_cannot_be_has_its_sentence(cleared, preparer, amount, words):
    with pytest.raises(ValueError, match=words):
        cleared.move(preparer, amount=amount)
    assert not Instruction.objects.exists()


def test_no_more_than_is_open_on_the_other_invoice(cleared, preparer):
    cleared.target = cleared.books.invoice(state="UNPAID", amount=4000)
    with pytest.raises(ValueError, match="At most EUR 40.00"):
        cleared.move(preparer, amount=4001)
    assert states(cleared.move(preparer, amount=4000)) == [S.PROPOSED, S.PROPOSED]


def test_an_unknown_open_amount_is_not_guessed(cleared, preparer):
    cleared.target = cleared.books.invoice(state="IN_DRAFT", outstanding_balance=None)
    with pytest.raises(ValueError, match="not read"):
        cleared.move(preparer)


@pytest.mark.parametrize("code", ["", "nonsense", "other"])
def test_a_move_has_its_reason(cleared, preparer, code):
    with pytest.raises(ValueError):
        cleared.move(preparer, reason_code=code)
    assert not Instruction.objects.exists()


# --- what cannot be moved -----------------------------------------------------------------------
def test_what_makes_a_move_impossible(cleared, preparer):
    books = cleared.books
    refused = {
        "Choose another invoice": cleared.first,
        "already paid": books.invoice(state="PAID"),
        "different company entities": factories.invoice(books.vendor, factories.entity()),
        "different vendors": factories.invoice(factories.vendor(), books.entity),
        "the invoice in USD": books.invoice(currency="USD"),
    }
    for words, target in refused.items():
        assert words in cleared.problem(target)
        with pytest.raises(Conflict, match=words):
            cleared.move(preparer, to_invoice_id=target.id, amount=1)
    assert cleared.targets() == [cleared.target]


def test_what_is_linked_cleared_or_proposed_already_is_no_target(cleared, preparer):
    books = cleared.books
    linked, proposed = books.invoice(state="IN_DRAFT"), books.invoice(state="IN_DRAFT")
    factories.link(cleared.note, linked)
    factories.line(preparer, cleared.note, proposed)
    assert "linked already" in cleared.problem(linked)
    assert "held by Paula Prep’s proposal" in cleared.problem(proposed)
    assert cleared.targets() == [cleared.target]


@pytest.mark.parametrize("linkable", [False, True])
def test_a_note_that_stays_partly_used_is_moved_only_where_light_links_it(
    books, preparer, linkable
):
    cleared = Cleared(books, 6000)
    factories.clearing(books.invoice(state="UNPAID"), cleared.note, 1000)
    with override_settings(PARTIALLY_CLEARED_LINKABLE=linkable):
        if linkable:
            assert states(cleared.move(preparer, amount=6000)) == [S.PROPOSED, S.PROPOSED]
            return
        assert "other invoices" in cleared.problem()
        with pytest.raises(Conflict, match="partly used"):
            cleared.move(preparer, amount=6000)


def test_the_whole_note_is_free_once_its_only_clearing_is_undone(books, preparer):
    cleared = Cleared(books, 6000)
    cleared.move(preparer, amount=10000)
    assert available(cleared.note) == 0, "what the undoing does not free is held now"
    assert available(cleared.target) == 40000


@pytest.mark.parametrize("kind", ["BP", "CN"])
def test_only_a_credit_notes_clearing_with_its_document_is_undone(cleared, preparer, kind):
    Clearing.objects.update(type=kind, accounting_document_id=None)
    words = "not name" if kind == "CN" else "has not cleared"
    assert words in cleared.problem()
    with pytest.raises(Conflict, match=words):
        cleared.move(preparer)


def test_a_possible_duplicate_is_compared_first(cleared, preparer):
    twin = cleared.books.note(amount=10000, document_number="twin")
    with pytest.raises(Conflict, match=twin.document_number):
        cleared.move(preparer)


# --- decided as one -----------------------------------------------------------------------------
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    ("decide", "state"),
    [("approve", S.READY), ("reject", S.REJECTED), ("take_back", S.TAKEN_BACK)],
)
def test_deciding_about_one_step_decides_about_both(
    cleared, preparer, approver, which, decide, state
):
    proposal = cleared.move(preparer)
    line = proposal.lines.all()[which]
    if decide == "approve":
        reviewing.approve(line, seen_hash=line.content_hash, by=approver)
    elif decide == "reject":
        reviewing.reject(line, reason_code="disputed", reason="", by=approver)
    else:
        reviewing.take_back(line, by=preparer)
    assert states(proposal) == [state, state]
    verb = workflow.STEPS[decide].verb
    events = AuditEvent.objects.filter(verb=verb).order_by("instruction_id")
    assert [event.instruction_id for event in events] == [one.pk for one in proposal.lines.all()]
    assert all("free_before" in event.details for event in events)


def test_a_bulk_approval_of_both_lines_has_one_result_at_each(cleared, preparer, approver):
    lines = list(cleared.move(preparer).lines.all())
    seen = {line.pk: line.content_hash for line in lines}
    results = reviewing.approve_lines(lines, seen=seen, by=approver)
    assert [sentence for _line, sentence in results] == ["", ""]
    assert states(lines[0].proposal) == [S.READY, S.READY]


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("role", ["viewer", "preparer", "controller"])
@pytest.mark.parametrize("decide", ["approve", "reject"])
def test_a_move_needs_both_rights(cleared, preparer, role, which, decide):
    proposal, by = cleared.move(preparer), factories.person(role, "somebody")
    line = proposal.lines.all()[which]
    with pytest.raises(NotAllowed):
        if decide == "approve":
            reviewing.approve(line, seen_hash=line.content_hash, by=by)
        else:
            reviewing.reject(line, reason_code="disputed", reason="", by=by)
    assert states(proposal) == [S.PROPOSED, S.PROPOSED]


def test_one_audit_write_that_fails_leaves_both_as_they_were(
    cleared, preparer, approver, monkeypatch
):
    proposal, record, calls = cleared.move(preparer), workflow.record, []

    def second_fails(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError
        record(*args, **kwargs)

    monkeypatch.setattr(workflow, "record", second_fails)
    with pytest.raises(RuntimeError):
        approve(proposal.lines.first(), approver)
    assert states(proposal) == [S.PROPOSED, S.PROPOSED]


@pytest.mark.parametrize("what", ["clearing", "target"])
def test_both_fall_where_one_no_longer_fits(cleared, preparer, approver, what):
    proposal = cleared.move(preparer)
    assert reviewing.misfits(proposal.lines.all()) == {}, "judged as if it were undone"
    if what == "clearing":
        Clearing.objects.update(amount=9000)
    else:
        type(cleared.target).objects.filter(pk=cleared.target.id).update(state="PAID")
    with pytest.raises(Conflict, match="no longer fits"):
        approve(proposal.lines.last(), approver)
    assert states(proposal) == [S.FALLEN, S.FALLEN]
    assert all(line.outcome for line in proposal.lines.all())


@pytest.mark.parametrize("ending", ["refuse", "fall", "not_applied"])
def test_the_second_step_falls_with_the_first(cleared, preparer, approver, ending):
    proposal = cleared.move(preparer)
    first, second = proposal.lines.all()
    approve(first, approver)
    step(first, "claim")
    if ending == "not_applied":
        step(first, "lose")
    step(first, ending)
    second.refresh_from_db()
    assert second.state == S.FALLEN and "did not happen" in second.outcome
    assert available(cleared.target) == 50000


def test_between_the_steps_the_second_can_be_taken_back(cleared, preparer, approver):
    proposal = cleared.move(preparer)
    first, second = proposal.lines.all()
    approve(first, approver)
    for name in ("claim", "done"):
        step(first, name)
    with pytest.raises(Conflict):
        reviewing.take_back(Instruction.objects.get(pk=first.pk), by=preparer)
    reviewing.take_back(Instruction.objects.get(pk=second.pk), by=preparer)
    assert states(proposal) == [S.DONE, S.TAKEN_BACK]
