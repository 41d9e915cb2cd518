"""Changing what is in Light: remove, change an amount, cancel; alone or with a second person."""

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from clearing import reasons, workflow
from clearing.models import AuditEvent, Balance, Edit, Instruction, Link, Proposal
from clearing.roles import RIGHTS, NotAllowed
from clearing.services import changing
from clearing.workflow import Conflict
from tests import factories

WHY = {
    "remove": "wrong_invoice",
    "undo": "refund",
    "change": "wrong_amount",
    "archive": "duplicate",
}


class Linked:
    """A posted note of EUR 100.00 with a planned link of EUR 40.00 to a draft invoice."""

    def __init__(self, books):
        self.books = books
        self.note = books.note()
        self.invoice = books.invoice(state="IN_DRAFT")
        self.link = factories.link(self.note, self.invoice, 4000)

    def remove(self, by, **over):
        return changing.remove(**self._pair("remove", by) | over)

    def change(self, by, amount, **over):
        return changing.change_amount(**self._pair("change", by) | {"amount": amount} | over)

    def _pair(self, what, by):
        return {
            "credit_note_id": self.note.id, "invoice_payable_id": self.invoice.id,
            "reason_code": WHY[what], "reason": "", "by": by,
        }  # fmt: skip


@pytest.fixture
def linked(books):
    return Linked(books)


def archive(note, by, **over):
    fields = {"credit_note_id": note.id, "reason_code": "duplicate", "reason": "", "by": by}
    return changing.archive(**fields | over)


def free(document):
    return Balance.objects.get(pk=document.id).available


# --- alone, or with a second person -----------------------------------------------------------
@pytest.mark.parametrize(
    ("ask", "alone", "rule"),
    [
        (lambda linked, by: linked.remove(by), True, "one_person_removes"),
        (lambda linked, by: linked.change(by, 3999), True, "one_person_lowers"),
        (lambda linked, by: linked.change(by, 4001), False, ""),
        (lambda linked, by: archive(linked.books.note(status="DRAFT"), by), False, ""),
        (lambda linked, by: archive(linked.books.note(), by), False, ""),
        (lambda linked, by: archive(linked.books.note(status="APPROVED"), by), False, ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("always", [False, True])
def test_when_one_person_is_enough(linked, preparer, ask, alone, rule, always):
    with override_settings(SECOND_PERSON_ALWAYS=always):
        line = ask(linked, preparer)
        exempt = rule if alone and not always else ""
        assert (line.state, line.exempt_rule) == ("ready" if exempt else "proposed", exempt)
        lowers = line.previous_amount is not None and line.amount < line.previous_amount
        assert changing.needs_second_person(
            line.kind, of_draft=line.of_draft, lowers=lowers, by=preparer
        ) is not bool(exempt)
    event = AuditEvent.objects.get()
    assert event.details.get("rule", "") == exempt
    assert event.reason_code in {"wrong_invoice", "wrong_amount", "duplicate"}


@pytest.mark.parametrize("always", [False, True])
@pytest.mark.parametrize("status", ["DRAFT", "APPROVAL_PENDING", "APPROVED", "POSTED"])
@pytest.mark.parametrize("role", ["preparer", "approver", "controller"])
def test_only_a_draft_is_discarded_alone_by_who_may_decide(books, role, status, always):
    by = factories.person(role)
    with override_settings(SECOND_PERSON_ALWAYS=always):
        line = archive(books.note(status=status), by)
        alone = status == "DRAFT" and role != "preparer" and not always
        assert changing.needs_second_person(
            "archive", of_draft=status == "DRAFT", by=by
        ) is not alone  # fmt: skip
    assert (line.state, line.exempt_rule) == (
        ("ready", "one_person_discards") if alone else ("proposed", "")
    )


@pytest.mark.parametrize("role", [*RIGHTS, ""])
def test_who_asks_for_what(linked, role):
    """A preparer for anything, whoever decides about the ledger for a cancellation too."""
    by = factories.person(role, f"the-{role}")
    asks = {
        "unlink": lambda: linked.remove(by),
        "amend": lambda: linked.change(by, 3000),
        "archive": lambda: archive(linked.books.note(), by),
    }
    for kind, ask in asks.items():
        if role == "preparer" or (kind == "archive" and role in ("approver", "controller")):
            line = ask()
            assert line.kind == kind
            Instruction.objects.filter(pk=line.pk).update(state="rejected")
        else:
            with pytest.raises(NotAllowed):
                ask()


# --- what is asked -----------------------------------------------------------------------------
def test_removing_takes_the_links_amount_and_holds_nothing_more(linked, preparer):
    line = linked.remove(preparer)
    assert (line.kind, line.amount, line.currency) == ("unlink", 4000, "EUR")
    assert line.content["invoice"] == str(linked.invoice.id)
    assert (free(linked.note), free(linked.invoice)) == (6000, 6000)


def test_raising_holds_the_difference_and_lowering_frees_nothing_yet(linked, preparer):
    line = linked.change(preparer, 7000)
    assert (line.previous_amount, line.amount) == (4000, 7000)
    assert (free(linked.note), free(linked.invoice)) == (3000, 3000)


def test_lowering_keeps_the_link_counted_until_light_shows_it(linked, preparer):
    linked.change(preparer, 1000)
    assert (free(linked.note), free(linked.invoice)) == (6000, 6000)


def test_a_note_about_to_be_cancelled_is_not_usable(books, preparer):
    note = books.note()
    archive(note, preparer)
    assert not Balance.objects.get(pk=note.id).usable


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "more than 0"),
        (-1, "more than 0"),
        (4000, "has already"),
        (10001, "At most EUR 100.00"),
        (2**63 - 1, "At most EUR 100.00"),
    ],
)
def test_an_amount_that_cannot_be_has_its_sentence(linked, preparer, amount, words):
    with pytest.raises(ValueError, match=words):
        linked.change(preparer, amount)
    assert not Proposal.objects.exists()


def test_all_that_is_free_can_be_added(linked, preparer):
    assert linked.change(preparer, 10000).amount == 10000
    assert free(linked.note) == 0


@pytest.mark.parametrize("what", ["remove", "change", "archive"])
@pytest.mark.parametrize(
    ("code", "words"), [("", ""), ("nonsense", ""), ("other", " "), ("other", "x" * 1001)]
)
def test_every_change_asks_for_its_reason(linked, preparer, what, code, words):
    given = {"reason_code": code, "reason": words}
    with pytest.raises(ValueError):
        if what == "archive":
            archive(linked.books.note(), preparer, **given)
        elif what == "change":
            linked.change(preparer, 3000, **given)
        else:
            linked.remove(preparer, **given)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("what", ["remove", "change", "archive"])
def test_every_listed_reason_is_taken(linked, preparer, what):
    for code in reasons.REASONS[what]:
        reasons.check_reason(what, code, "in words")
    reasons.check_reason(what, next(iter(reasons.REASONS[what])), "")


# --- what cannot be changed ---------------------------------------------------------------------
@pytest.mark.parametrize("fate", [one for one in Link.Fate if one != Link.Fate.PLANNED])
@pytest.mark.parametrize("what", ["remove", "change"])
def test_only_a_planned_link_changes(linked, preparer, fate, what):
    Link.objects.update(fate=fate)
    with pytest.raises(Conflict):
        linked.remove(preparer) if what == "remove" else linked.change(preparer, 1000)
    assert not Proposal.objects.exists()


def test_two_that_are_not_linked_cannot_be_separated(books, preparer):
    with pytest.raises(Conflict, match="not linked"):
        changing.planned_link(books.note().id, books.invoice().id)


@pytest.mark.parametrize("state", Edit.State.values)
@pytest.mark.parametrize("dealt", [False, True])
def test_a_draft_that_is_being_edited_is_not_discarded(books, preparer, approver, state, dealt):
    note = books.note(status="DRAFT")
    Edit.objects.create(
        kind="add_line", credit_note_id=note.id, state=state, asked_by=preparer,
        asked_at=factories.NOW, sent_at=factories.NOW, changed_at=factories.NOW,
        dealt_at=factories.NOW if dealt else None,
    )  # fmt: skip
    if state in Edit.HOLDING and not dealt:
        with pytest.raises(Conflict, match="not settled"):
            archive(note, approver)
    else:
        assert archive(note, approver).state == "ready"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("PARTIALLY_CLEARED", "has cleared an invoice"),
        ("CLEARED", "has cleared an invoice"),
        ("ARCHIVED", "cancelled already"),
        ("SOMETHING_NEW", "SOMETHING_NEW"),
        ("", "–"),
    ],
)
def test_what_cannot_be_cancelled_has_its_sentence(books, preparer, status, words):
    with pytest.raises(Conflict, match=words):
        archive(books.note(status=status), preparer)


@pytest.mark.parametrize("status", ["DRAFT", "APPROVAL_PENDING", "APPROVED", "POSTED"])
def test_what_can_be_cancelled(books, preparer, status):
    line = archive(books.note(status=status), preparer)
    assert line.of_draft is (status == "DRAFT")
    assert line.invoice_payable_id is None


def test_a_linked_note_is_cancelled_only_after_its_links(linked, preparer):
    with pytest.raises(Conflict, match="linked to 1 invoice"):
        archive(linked.note, preparer)
    Link.objects.update(fate=Link.Fate.REMOVED, gone_at=factories.NOW)
    assert archive(linked.note, preparer).state == "proposed"


def test_a_note_in_another_proposal_is_not_cancelled(books, preparer):
    note = books.note()
    factories.line(preparer, note, books.invoice())
    with pytest.raises(Conflict, match="Another proposal"):
        archive(note, preparer)


def test_a_draft_without_vendor_entity_and_amount_can_be_discarded(books, approver):
    note = factories.credit_note(None, None, status="DRAFT", amount=None, currency="")
    line = archive(note, approver)
    assert (line.state, line.amount, line.proposal.vendor_id) == ("ready", None, None)


# --- nothing without its trail; one winner --------------------------------------------------------
@pytest.mark.parametrize("what", ["remove", "change", "archive"])
def test_without_its_audit_row_nothing_is_asked(linked, preparer, monkeypatch, what):
    def broken(*args, **kwargs):
        raise RuntimeError("no trail")

    monkeypatch.setattr(workflow, "record", broken)
    asks = {
        "remove": lambda: linked.remove(preparer),
        "change": lambda: linked.change(preparer, 100),
        "archive": lambda: archive(linked.books.note(), preparer),
    }
    with pytest.raises(RuntimeError):
        asks[what]()
    assert not Proposal.objects.exists()
    assert not Instruction.objects.exists()


@pytest.mark.parametrize("second", ["remove", "change"])
@pytest.mark.parametrize("first", ["remove", "change"])
def test_of_two_on_one_pair_one_wins(linked, preparer, first, second):
    other = factories.person("preparer", "other")
    asks = {
        "remove": linked.remove,
        "change": lambda by: linked.change(by, 3000),
    }
    asks[first](preparer)
    with pytest.raises(Conflict):
        asks[second](other)
    assert Instruction.objects.count() == Proposal.objects.count() == 1


def test_fifty_clicks_make_one_row(books, preparer):
    note, told = books.note(), 0
    for _ in range(50):
        try:
            archive(note, preparer)
        except Conflict:
            told += 1
    assert (told, Instruction.objects.count()) == (49, 1)


def test_the_database_holds_one_open_cancellation(books, preparer):
    """Without the look before it: the constraint alone."""
    note = books.note()
    factories.line(preparer, note, None, kind="archive")
    done = factories.line(preparer, note, None, kind="archive", state="rejected")
    with pytest.raises(IntegrityError), transaction.atomic():
        Instruction.objects.filter(pk=done.pk).update(state="proposed")
