"""Asking to undo what a credit note has cleared: what is refused, and who decides."""

import uuid

import pytest
from django.test import override_settings

from clearing import reasons, workflow
from clearing.models import Clearing, CreditNote, Instruction, Proposal
from clearing.roles import RIGHTS, NotAllowed
from clearing.services import changing, correcting, reviewing
from clearing.workflow import Conflict
from tests import factories


class Cleared:
    """A note of EUR 100.00 of which EUR 40.00 have cleared an invoice."""

    def __init__(self, books):
        self.books = books
        self.note = books.note(status="PARTIALLY_CLEARED")
        self.invoice = books.invoice(state="PARTIALLY_PAID", outstanding_balance=6000)
        self.entry = factories.clearing(self.invoice, self.note, 4000)

    def undo(self, by, **over):
        fields = {"credit_note_id": self.note.id, "invoice_payable_id": self.invoice.id,
                  "reason_code": "refund", "reason": "", "by": by}  # fmt: skip
        return correcting.undo(**fields | over)

    def problem(self, **over):
        return correcting.undo_problem(self.note.id, self.invoice.id, **over)


@pytest.fixture
def cleared(books):
    return Cleared(books)


@pytest.mark.parametrize("archive", [False, True])
def test_a_second_person_always_decides(cleared, preparer, archive):
    line = cleared.undo(preparer, archive=archive)
    assert (line.kind, line.state, line.exempt_rule) == ("reverse", "proposed", "")
    assert (line.amount, line.clearing_id) == (4000, cleared.entry.accounting_document_id)
    assert line.archives is archive and line.content.get("archives", False) is archive
    assert changing.needs_second_person("reverse")


@pytest.mark.parametrize("archive", [False, True])
@pytest.mark.parametrize("role", [*RIGHTS, ""])
def test_who_asks(cleared, role, archive):
    by = factories.person(role, f"the-{role}")
    if role in ("preparer", "approver", "controller"):
        assert cleared.undo(by, archive=archive).asked_by == by
        return
    with pytest.raises(NotAllowed):
        cleared.undo(by, archive=archive)
    assert not Proposal.objects.exists()


@override_settings(EXTRA_RIGHTS={"viewer": ["review", "undo"]})
@pytest.mark.parametrize("archive", [False, True])
def test_to_cancel_the_note_with_it_needs_that_right_too(cleared, preparer, viewer, archive):
    line = cleared.undo(preparer, archive=archive)
    if archive:
        with pytest.raises(NotAllowed, match="cancel"):
            reviewing.approve(line, seen_hash=line.content_hash, by=viewer)
        with pytest.raises(NotAllowed):
            cleared.undo(viewer, archive=True)
        return
    reviewing.approve(line, seen_hash=line.content_hash, by=viewer)
    assert Instruction.objects.get().state == "ready"


@pytest.mark.parametrize("code", ["", "nonsense", "other", "duplicate"])
def test_it_has_its_reason(cleared, preparer, code):
    with pytest.raises(ValueError):
        cleared.undo(preparer, reason_code=code)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("what", ["undo", "move", "post"])
def test_every_listed_reason_is_taken_and_reads_the_same_everywhere(what):
    for code, words in reasons.REASONS[what].items():
        reasons.check_reason(what, code, "in words")
        assert reasons.label(code) == str(words)


def test_what_several_entries_of_one_document_cleared_is_undone_together(cleared, preparer):
    document = cleared.entry.accounting_document_id
    factories.clearing(cleared.invoice, cleared.note, 500, accounting_document_id=document)
    factories.clearing(cleared.invoice, cleared.note, 7, accounting_document_id=uuid.uuid4())
    factories.clearing(cleared.invoice, cleared.note, 9, gone_at=factories.NOW,
                       accounting_document_id=document)  # fmt: skip
    line = cleared.undo(preparer)
    amounts = {document: 4500}
    assert amounts.get(line.clearing_id, 7) == line.amount


REFUSED = {
    "a bank payment": ({"type": "BP"}, "has not cleared"),
    "another note's": ({"credit_note_id": uuid.uuid4()}, "has not cleared"),
    "undone already": ({"gone_at": factories.NOW}, "has not cleared"),
    "without its document": ({"accounting_document_id": None}, "does not name"),
}


@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED)
def test_only_what_a_credit_note_has_cleared_is_undone(cleared, preparer, change, words):
    Clearing.objects.update(**change)
    assert words in cleared.problem()
    with pytest.raises(Conflict, match=words):
        cleared.undo(preparer)
    assert not Proposal.objects.exists()


def test_a_planned_link_is_removed_instead(books, preparer):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    factories.link(note, invoice)
    assert "Remove it instead" in correcting.undo_problem(note.id, invoice.id)


def test_a_note_that_light_no_longer_shows(cleared):
    CreditNote.objects.update(gone_at=factories.NOW)
    assert "no longer shows" in cleared.problem()


@pytest.mark.parametrize("state", Instruction.State.values)
def test_one_open_line_per_pair(cleared, preparer, approver, state):
    factories.line(preparer, cleared.note, cleared.invoice, 1, approved_by=approver, state=state)
    assert bool(cleared.problem()) is (state in Instruction.OPEN)


IN_USE = {
    "linked": lambda cleared: factories.link(cleared.note, cleared.other),
    "cleared elsewhere": lambda cleared: factories.clearing(cleared.other, cleared.note, 1),
    "proposed": lambda cleared: factories.line(cleared.by, cleared.note, cleared.other),
}


@pytest.mark.parametrize("use", IN_USE.values(), ids=IN_USE)
def test_a_note_in_use_is_not_cancelled_with_its_clearing(cleared, preparer, use):
    cleared.other, cleared.by = cleared.books.invoice(state="IN_DRAFT"), preparer
    use(cleared)
    assert cleared.problem() == "" and cleared.problem(archive=True)
    with pytest.raises(Conflict):
        cleared.undo(preparer, archive=True)
    assert cleared.undo(preparer).state == "proposed"


def test_a_note_about_to_be_cancelled_with_its_clearing_is_not_proposed(cleared, preparer):
    from clearing.services import fitting

    cleared.undo(preparer, archive=True)
    wanted = fitting.Wanted(cleared.note.id, cleared.books.invoice().id, 1)
    assert "about to be cancelled" in fitting.bound_pairs([wanted])[wanted.cell]


def test_without_its_audit_row_nothing_is_asked(cleared, preparer, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(workflow, "record", broken)
    with pytest.raises(RuntimeError):
        cleared.undo(preparer)
    assert not Proposal.objects.exists() and not Instruction.objects.exists()


def test_of_two_at_once_one_wins(cleared, preparer, approver):
    cleared.undo(preparer)
    with pytest.raises(Conflict):
        cleared.undo(approver)
    assert Instruction.objects.count() == Proposal.objects.count() == 1


def test_an_approval_falls_with_another_amount(cleared, preparer, approver):
    line = cleared.undo(preparer)
    Clearing.objects.update(amount=3999)
    with pytest.raises(Conflict, match="now EUR 39.99"):
        reviewing.approve(line, seen_hash=line.content_hash, by=approver)
    assert Instruction.objects.get().state == "fallen"
