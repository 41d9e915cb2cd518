"""Proposing: what fits becomes lines that hold amounts; what does not gets a sentence."""

import pytest
from django.test import override_settings

from clearing import matching, roles, workflow
from clearing.models import AuditEvent, Balance, Batch, Instruction
from clearing.services import duplicates, proposing
from clearing.services.proposing import Problems, Wanted
from tests import factories


def propose(books, by, *wanted, **over):
    return proposing.propose(
        **{
            "vendor_id": books.vendor.id,
            "entity_id": books.entity.id,
            "currency": "EUR",
            "wanted": [Wanted(note.id, invoice.id, amount) for note, invoice, amount in wanted],
            "by": by,
        }
        | over
    )


def available(document):
    return Balance.objects.get(pk=document.id).available


def test_a_proposal_holds_both_amounts_and_leaves_a_trace(books, preparer):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    proposal = propose(books, preparer, (note, invoice, 4000), note="Price correction")
    line = proposal.lines.get()
    assert (line.state, line.amount, line.currency) == ("proposed", 4000, "EUR")
    assert (available(note), available(invoice)) == (6000, 6000)
    event = AuditEvent.objects.get()
    assert (event.verb, event.by_name, event.amount) == ("proposed", "Paula Prep", 4000)


def test_what_the_engine_said_and_the_batch_are_kept(books, preparer):
    note, invoice = books.note(), books.invoice()
    batch = Batch.objects.create(created_by=preparer, created_at=factories.NOW)
    said = matching.Suggestion(note.id, invoice.id, 10000, "exact", matching.LIKELY).as_data()
    wanted = [Wanted(note.id, invoice.id, 4000, suggestion=said)]
    proposal = propose(books, preparer, wanted=wanted, batch=batch)
    line = Instruction.objects.get()
    assert line.suggestion == said and said["amount"] == 10000 and line.amount == 4000
    assert list(batch.proposals.all()) == [proposal]
    unsuggested = propose(books, preparer, (note, books.invoice(state="IN_DRAFT"), 100))
    assert unsuggested.lines.get().suggestion == {} and unsuggested.batch is None


def test_only_a_preparer_proposes(books, approver):
    with pytest.raises(roles.NotAllowed):
        propose(books, approver, (books.note(), books.invoice(), 1))
    assert not Instruction.objects.exists()


@pytest.mark.parametrize(
    ("note_fields", "invoice_fields", "amount", "words"),
    [
        ({}, {}, 10001, "Only EUR 100.00"),
        ({}, {"outstanding_balance": 50}, 51, "Only EUR 0.50"),
        ({"status": "DRAFT"}, {}, 1, "Not posted yet"),
        ({"status": "UNDER_DISPUTE"}, {}, 1, "UNDER_DISPUTE"),
        ({"amount": None}, {}, 1, "amount is missing"),
        ({"amount": 2**62}, {}, 1, "not one that can be cleared"),
        ({}, {"state": "PAID"}, 1, "already paid"),
        ({}, {"state": "HELD"}, 1, "HELD"),
        ({}, {"type": "REIMBURSEMENT"}, 1, "reimbursement"),
        ({}, {"outstanding_balance": None}, 1, "not read from Light yet"),
        ({"adjusts_payables": False}, {}, 1, "does not adjust payables"),
        ({}, {}, 0, "more than 0"),
        ({}, {}, -5, "more than 0"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(
    books, preparer, note_fields, invoice_fields, amount, words
):
    note, invoice = books.note(**note_fields), books.invoice(**invoice_fields)
    with pytest.raises(Problems) as problems:
        propose(books, preparer, (note, invoice, amount))
    assert words in problems.value.cells[note.id, invoice.id]
    assert not Instruction.objects.exists()


def test_another_vendors_invoice_is_refused(books, preparer):
    other = factories.invoice(factories.vendor(name="Other"), books.entity)
    note = books.note()
    with pytest.raises(Problems) as problems:
        propose(books, preparer, (note, other, 1))
    assert "does not belong to this vendor" in problems.value.cells[note.id, other.id]


def test_one_credit_pays_three_drafts_but_only_one_posted_invoice(books, preparer):
    note = books.note()
    drafts = [books.invoice(state="IN_DRAFT") for _ in range(3)]
    posted = [books.invoice(), books.invoice()]
    assert propose(books, preparer, *((note, one, 1000) for one in drafts)).lines.count() == 3
    with pytest.raises(Problems) as problems:
        propose(books, preparer, *((note, one, 1000) for one in posted))
    assert "only one invoice that is already posted" in problems.value.cells[note.id, posted[1].id]
    propose(books, preparer, (note, posted[0], 1000))
    with pytest.raises(Problems):
        propose(books, preparer, (note, posted[1], 1000))
    with override_settings(PARTIALLY_CLEARED_LINKABLE=True):
        propose(books, preparer, (note, posted[1], 1000))


def test_a_pair_has_one_open_line(books, preparer):
    note, invoice = books.note(), books.invoice()
    propose(books, preparer, (note, invoice, 1000))
    with pytest.raises(workflow.Conflict):
        propose(books, preparer, (note, invoice, 1000))
    with pytest.raises(Problems):
        propose(books, preparer, (note, books.invoice(), 1), (note, books.invoice(), 10000))


def test_a_planned_link_is_changed_not_proposed_again(books, preparer):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    factories.link(note, invoice)
    with pytest.raises(Problems) as problems:
        propose(books, preparer, (note, invoice, 1000))
    assert "linked already" in problems.value.cells[note.id, invoice.id]


def test_a_possible_duplicate_is_proposed_only_once_somebody_has_compared(books, preparer):
    note, twin = books.note(), books.note()
    invoice = books.invoice()
    with pytest.raises(Problems) as problems:
        propose(books, preparer, (note, invoice, 1000))
    assert problems.value.cells[note.id, invoice.id] == (
        f"It may be the same as {twin}. Compare the two and say why it is none."
    )
    duplicates.say_not(note_id=twin.id, other_id=note.id, reason="Two deliveries.", by=preparer)
    assert propose(books, preparer, (note, invoice, 1000)).lines.get().state == "proposed"


def test_a_limit_of_the_house_exempts_small_proposals(books, preparer):
    with override_settings(EXEMPT_UNDER={"EUR": 5000}):
        small = propose(books, preparer, (books.note(), books.invoice(), 4999))
        large = propose(books, preparer, (books.note(amount=9999), books.invoice(), 5000))
    assert small.lines.get().state == "ready"
    assert small.lines.get().exempt_rule == "under_limit"
    assert large.lines.get().state == "proposed"


def test_without_its_audit_row_nothing_is_proposed(books, preparer, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(workflow, "record", broken)
    with pytest.raises(RuntimeError):
        propose(books, preparer, (books.note(), books.invoice(), 1))
    assert not Instruction.objects.exists()
