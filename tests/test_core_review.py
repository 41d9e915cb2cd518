"""What a second look at the core found: each case once went wrong."""

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from clearing import money, roles, workflow
from clearing.models import Balance, Instruction, InvoicePayable, Link
from clearing.services import changing, proposing, reviewing
from clearing.services.proposing import Problems, Wanted
from tests import factories

WRONG = {"reason_code": "wrong_amount", "reason": ""}


def pair(note, invoice):
    return {"credit_note_id": note.id, "invoice_payable_id": invoice.id}


def approve(line, by):
    reviewing.approve(line, seen_hash=line.content_hash, by=by)


@pytest.fixture
def second_person():
    with override_settings(SECOND_PERSON_ALWAYS=True):
        yield


# --- proposing and changing -----------------------------------------------------------------
@override_settings(PARTIALLY_CLEARED_LINKABLE=True)
def test_a_pair_that_has_cleared_without_a_link_is_not_proposed_again(books, preparer):
    """Light may allocate by itself; such a pair counts as cleared, so a line would count 0."""
    note, invoice = books.note(status="PARTIALLY_CLEARED"), books.invoice(amount=20000)
    factories.clearing(invoice, note, 1000)
    with pytest.raises(Problems) as problems:
        proposing.propose(
            vendor_id=books.vendor.id, entity_id=books.entity.id, currency="EUR", by=preparer,
            wanted=[Wanted(note.id, invoice.id, 9000)],
        )  # fmt: skip
    assert "cleared each other" in problems.value.cells[note.id, invoice.id]


def test_a_link_is_not_raised_on_an_invoice_that_cannot_be_used(books, preparer):
    note, invoice = books.note(), books.invoice(state="DECLINED")
    factories.link(note, invoice, 4000)
    with pytest.raises(workflow.Conflict, match="declined"):
        changing.change_amount(**pair(note, invoice), amount=5000, **WRONG, by=preparer)
    lowered = changing.change_amount(**pair(note, invoice), amount=3000, **WRONG, by=preparer)
    assert lowered.state == "ready"


def test_the_most_that_a_link_can_have_is_the_smaller_of_both(books, preparer):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT", amount=5000)
    factories.link(note, invoice, 4000)
    with pytest.raises(ValueError, match=r"At most EUR 50\.00"):
        changing.change_amount(**pair(note, invoice), amount=99999, **WRONG, by=preparer)


def test_what_is_not_known_is_not_called_too_little(books, preparer):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT", outstanding_balance=None)
    factories.link(note, invoice, 4000)
    with pytest.raises(ValueError, match="not read from Light yet"):
        changing.change_amount(**pair(note, invoice), amount=5000, **WRONG, by=preparer)


def test_cancelling_a_note_that_the_copy_does_not_hold_is_a_conflict(books, preparer):
    gone = books.invoice().id
    with pytest.raises(workflow.Conflict):
        changing.archive(credit_note_id=gone, reason_code="duplicate", reason="", by=preparer)


# --- reviewing ------------------------------------------------------------------------------
def test_the_first_line_approved_is_not_dropped_for_another_proposed_one(books, preparer, approver):
    """Light took 10.00 elsewhere: one of two lines still fits, and it is the one approved first."""
    note = books.note()
    lines = [
        factories.line(preparer, note, books.invoice(state="IN_DRAFT"), 5000) for _ in range(2)
    ]
    factories.link(note, books.invoice(state="IN_DRAFT"), 1000)
    approve(lines[0], approver)
    with pytest.raises(workflow.Conflict, match="Not enough of the credit note"):
        approve(lines[1], approver)
    assert [line.state for line in lines] == ["ready", "fallen"]


def test_lowering_a_link_needs_no_cover(books, preparer, approver, second_person):
    note, invoice = books.note(), books.invoice(state="DECLINED")
    factories.link(note, invoice, 9000)
    factories.link(note, books.invoice(state="IN_DRAFT"), 9000)
    line = changing.change_amount(**pair(note, invoice), amount=1000, **WRONG, by=preparer)
    approve(line, approver)
    assert line.state == "ready"


@override_settings(PARTIALLY_CLEARED_LINKABLE=True)
def test_a_balance_that_is_being_read_does_not_drop_a_line(books, preparer, approver):
    note, invoice = books.note(status="PARTIALLY_CLEARED"), books.invoice(state="IN_DRAFT")
    line = factories.line(preparer, note, invoice)
    other = books.invoice(payments_read_at=None)
    factories.balances.refresh(notes=[note.id])
    with pytest.raises(workflow.Conflict, match="not known right now"):
        approve(line, approver)
    assert line.state == "proposed"
    InvoicePayable.objects.filter(pk=other.id).update(payments_read_at=factories.NOW)
    factories.balances.refresh(notes=[note.id])
    approve(line, approver)
    assert line.state == "ready"


def ask(kind, note, invoice, by):
    if kind == "unlink":
        return changing.remove(**pair(note, invoice), **WRONG, by=by)
    return changing.change_amount(**pair(note, invoice), amount=5000, **WRONG, by=by)


@pytest.mark.parametrize("kind", ["unlink", "amend"])
@pytest.mark.parametrize(
    "became", [{"amount": 2000}, {"fate": "removed", "gone_at": factories.NOW}, {"fate": "cleared"}]
)
def test_a_change_falls_when_its_link_is_another(
    books, preparer, approver, second_person, kind, became
):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    link = factories.link(note, invoice, 4000)
    line = ask(kind, note, invoice, preparer)
    Link.objects.filter(pk=link.pk).update(**became)
    with pytest.raises(workflow.Conflict):
        approve(line, approver)
    assert line.state == "fallen"


@pytest.mark.parametrize("status", ["CLEARED", "PARTIALLY_CLEARED", "ARCHIVED", "ODD"])
def test_cancelling_falls_when_the_note_is_used_up(books, preparer, approver, status):
    note = books.note()
    line = changing.archive(
        credit_note_id=note.id, reason_code="duplicate", reason="", by=preparer
    )  # fmt: skip
    type(note).objects.filter(pk=note.pk).update(status=status)
    with pytest.raises(workflow.Conflict):
        approve(line, approver)
    assert line.state == "fallen"


def test_cancelling_falls_when_the_note_was_linked_meanwhile(books, preparer, approver):
    note = books.note()
    line = changing.archive(
        credit_note_id=note.id, reason_code="duplicate", reason="", by=preparer
    )  # fmt: skip
    factories.link(note, books.invoice(state="IN_DRAFT"), 100)
    with pytest.raises(workflow.Conflict, match="still linked"):
        approve(line, approver)
    assert line.state == "fallen"


def test_cancelling_survives_its_own_line(books, preparer, approver):
    note = books.note()
    line = changing.archive(
        credit_note_id=note.id, reason_code="duplicate", reason="", by=preparer
    )  # fmt: skip
    approve(line, approver)
    assert line.state == "ready"


def test_the_loser_sees_what_the_line_is_now(books, preparer, approver):
    line = factories.line(preparer, books.note(), books.invoice())
    same = Instruction.objects.get(pk=line.pk)
    reviewing.take_back(line, by=preparer)
    with pytest.raises(workflow.Conflict):
        workflow.advance(same, "approve", now=factories.NOW, by=approver)
    assert same.state == "taken_back"


def test_a_conflict_leaves_the_callers_transaction_whole(books, preparer):
    """The unique index refuses inside a savepoint, or PostgreSQL would refuse all that follows."""
    note, invoice = books.note(), books.invoice()
    line = factories.line(preparer, note, invoice)
    twin = Instruction.objects.get(pk=line.pk)
    twin.pk = None
    with transaction.atomic():
        with pytest.raises(workflow.Conflict):
            workflow.begin([twin], now=factories.NOW, by=preparer)
        assert Balance.objects.get(pk=note.id).available == 6000


def test_no_rule_lets_one_person_raise_or_lower_to_nothing(books, preparer):
    note, invoice = books.note(), books.invoice()
    for amount, previous in ((5000, 4000), (4000, 4000), (None, 4000), (4000, None), (0, 4000)):
        with pytest.raises((IntegrityError, workflow.Conflict)), transaction.atomic():
            factories.line(
                preparer, note, invoice, amount, kind="amend", previous_amount=previous,
                exempt="one_person_lowers",
            )  # fmt: skip
    assert not Instruction.objects.exists()


def test_who_is_preparer_and_approver_still_needs_another(books):
    both = factories.person("preparer")
    both.groups.add(factories.Group.objects.get(name="approver"))
    line = factories.line(both, books.note(), books.invoice())
    with pytest.raises(roles.NotAllowed):
        approve(line, both)


# --- money ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("currency", "places"),
    [("RSD", 2), ("LBP", 2), ("IQD", 3), ("ALL", 2), ("UGX", 0), ("KRW", 0), ("CLF", 4), ("X", 2)],
)
def test_the_smallest_unit_is_that_of_iso_4217(currency, places):
    """CLDR says how many decimals people like to see: RSD 0. In the books it has two."""
    assert money.decimals(currency) == places


@pytest.mark.parametrize(("typed", "locale"), [("0,123", "en_US"), ("0.123", "de_DE")])
def test_a_decimal_sign_of_another_format_is_not_taken_for_grouping(typed, locale):
    with pytest.raises(ValueError, match="like"):
        money.parse(typed, "KWD" if locale == "en_US" else "JPY", locale)
