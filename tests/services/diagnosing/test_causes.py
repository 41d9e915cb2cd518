"""Every open credit note gets its best suggestion or one cause."""

from datetime import date

import pytest

from clearing import balances, causes, matching, questions
from clearing.matching import values
from clearing.models import Declined, NotDuplicate
from clearing.services import learning, suspecting
from tests import factories
from tests.services.diagnosing.looking import LATER, cause, changed, look, outlook, told


# --- suggestions ---------------------------------------------------------------------------------
def test_a_note_that_fits_has_its_strength_and_sum(books):
    note = books.note()
    books.invoice()
    look()
    row = outlook(note)
    assert row.cause == "" and row.strength > 0
    assert (row.suggested, row.left, row.day) == (10000, 10000, date(2026, 9, 14))
    assert told(note).sentence == "Open invoices fit: EUR 100.00 of it can be used now."


# --- causes --------------------------------------------------------------------------------------
def test_no_open_invoice(books):
    assert cause(note := books.note()) == causes.NO_INVOICE
    assert told(note).sentence == "No invoice of this vendor has anything open."


def test_only_another_entity(books):
    other = factories.entity(name="Acme Inc", code="US")
    factories.invoice(books.vendor, other)
    note = books.note()
    assert cause(note) == causes.OTHER_ENTITY
    said = told(note, **{str(other.pk): "Acme Inc."})
    assert said.sentence == (
        "What is open of this vendor, EUR 100.00, stands with Acme Inc., and Light links within "
        "one company entity only."
    )
    assert said.step == "Ask the vendor to issue it to Acme Inc. instead."
    assert said.decision == "reissue"


def test_only_another_currency(books):
    books.invoice(currency="USD")
    note = books.note()
    assert cause(note) == causes.OTHER_CURRENCY
    assert "in another currency: USD 100.00." in told(note).sentence
    assert told(note).step.endswith("wait for an invoice in EUR.")


def test_what_was_not_read_elsewhere_is_told_as_the_most(books):
    books.invoice(currency="USD", outstanding_balance=None)
    note = books.note()
    assert cause(note) == causes.OTHER_CURRENCY
    assert "in another currency: at most USD 100.00." in told(note).sentence


def test_the_nearer_of_two_places_is_named(books):
    other = factories.entity(name="Acme Inc", code="US")
    books.invoice(currency="USD", amount=99900)
    factories.invoice(books.vendor, other)
    assert cause(books.note()) == causes.OTHER_ENTITY


@pytest.mark.parametrize(
    ("state", "over", "why"),
    [
        ("PAYMENT_PENDING", {}, "Its payment is already under way."),
        ("RESET_PENDING", {}, "Light is resetting it"),
        ("HELD_BY_COMPLIANCE", {}, "“HELD_BY_COMPLIANCE”, which is not known here."),
        ("PAYMENT_PAUSED", {"outstanding_balance": None}, "Its open amount is not known yet."),
    ],
)
def test_an_invoice_that_cannot_take_credit_now(books, state, over, why):
    books.invoice(state=state, invoice_number="INV-7", **over)
    note = books.note()
    assert cause(note) == causes.PAUSED
    assert told(note).sentence.startswith("INV-7 is not settled, but it can't take credit now. ")
    assert why in told(note).sentence


@pytest.mark.parametrize("state", ["PAID", "COMPLETED", "CANCELLED", "DECLINED", "DUPLICATED"])
def test_a_settled_invoice_is_none(books, state):
    books.invoice(state=state, outstanding_balance=0)
    assert cause(books.note()) == causes.NO_INVOICE


def test_an_invoice_that_credit_pays_wholly_is_not_open(books):
    factories.link(books.note(), books.invoice(state="IN_DRAFT"), 10000)
    assert cause(books.note(document_date=None)) == causes.NO_INVOICE


@pytest.mark.parametrize(
    ("status", "sentence", "step", "place"),
    [
        ("DRAFT", "It is a draft.", "Complete it and post it.", causes.EDIT),
        ("APPROVAL_PENDING", "It waits for approval in Light.",
         "Ask who approves in Light to approve it.", causes.LIGHT),
    ],
)  # fmt: skip
def test_not_posted_yet(books, status, sentence, step, place):
    note = books.note(status=status)
    assert cause(note) == causes.NOT_POSTED
    assert told(note)[1:4] == (sentence, step, place)
    assert outlook(note).left == 10000


def test_the_vendor_is_missing(books):
    note = factories.credit_note(None, books.entity, status="DRAFT")
    assert cause(note) == causes.NO_VENDOR
    changed(note, vendor_id=books.vendor.pk)
    look(LATER)
    assert outlook(note).cause == causes.NOT_POSTED


@pytest.mark.parametrize(
    ("over", "lacks"),
    [({"entity_id": None}, "Its company entity is missing."),
     ({"currency": ""}, "Its currency is missing."), ({"amount": None}, "Its amount is missing."),
     ({"amount": 10**17}, "Its amount is not one that can be cleared.")],
)  # fmt: skip
def test_something_is_missing(books, over, lacks):
    note = books.note(**over)
    assert cause(note) == causes.INCOMPLETE
    assert told(note).sentence == lacks


def test_a_status_that_nobody_knows(books):
    note = books.note(status="UNDER_DISPUTE")
    assert cause(note) == causes.UNKNOWN_STATUS
    assert "“UNDER_DISPUTE”" in told(note).sentence


@pytest.mark.parametrize(("linkable", "expected"), [(False, "partly_cleared"), (True, "")])
def test_partly_cleared(books, settings, linkable, expected):
    settings.PARTIALLY_CLEARED_LINKABLE = linkable
    note = books.note(status="PARTIALLY_CLEARED")
    factories.clearing(books.invoice(state="COMPLETED", outstanding_balance=0), note, 6000)
    books.invoice()
    assert cause(note) == expected
    assert outlook(note).left == 4000


def test_what_is_left_is_not_known_yet(books):
    books.invoice(state="COMPLETED", outstanding_balance=0, payments_read_at=None)
    assert cause(books.note(status="PARTIALLY_CLEARED")) == causes.UNREAD


def test_a_possible_duplicate_until_somebody_answers(books, preparer):
    one, other = (books.note(document_number=n) for n in ("8213", "GS-8213"))
    while suspecting.look(factories.NOW):
        pass
    assert cause(one) == causes.DUPLICATE
    assert told(one).sentence == "It may be the same credit as GS-8213."
    pair = sorted((one.pk, other.pk))
    NotDuplicate.objects.create(
        one_id=pair[0], other_id=pair[1], reason="Two", by=preparer, at=LATER
    )
    look(LATER)
    assert outlook(one).cause == causes.NO_INVOICE


def test_a_duplicate_of_another_vendor_record_names_it(books):
    factories.Vendor.objects.update(vat_id="DE1")
    again = factories.vendor(name="Nordlicht KG", vat_id="DE1")
    one = books.note(document_number="8213")
    factories.credit_note(again, books.entity, document_number="8213")
    while suspecting.look(factories.NOW):
        pass
    look()
    assert told(one).sentence == "It may be the same credit as 8213 (Nordlicht KG)."


def test_a_rejected_suggestion(books, preparer):
    note, invoice = books.note(), books.invoice()
    look()
    Declined.objects.create(
        credit_note_id=note.pk, invoice_payable_id=invoice.pk, by=preparer, at=LATER
    )
    look(LATER)
    assert outlook(note).cause == causes.DECLINED


def test_bound_to_the_only_open_invoice(books):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT", amount=50000)
    factories.link(note, invoice, 4000)
    assert cause(note) == causes.BOUND
    assert outlook(note).left == 6000


def test_held_by_a_proposal_is_in_review(books, preparer):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    factories.line(preparer, note, invoice, 10000)
    assert cause(note) == causes.IN_REVIEW
    assert outlook(note).left == 10000


def test_a_proposal_to_cancel_it_is_in_review(books, preparer):
    note = books.note()
    factories.line(preparer, note, None, 10000, kind="archive")
    assert cause(note) == causes.IN_REVIEW


@pytest.mark.parametrize(("amount", "expected"), [(20000, "larger"), (4000, "taken")])
def test_other_credit_comes_first(books, monkeypatch, amount, expected):
    books.invoice(amount=5000), books.invoice(amount=3000)
    note = books.note(amount=amount)
    said_by_engine(monkeypatch, values.NOTHING_LEFT)
    assert cause(note) == expected
    words = "EUR 50.00 at most" if expected == "larger" else "EUR 80.00, is suggested"
    assert words in told(note).sentence


def said_by_engine(monkeypatch, why, **more):
    def match(group, rules):
        return matching.Result(
            [], [matching.Unused(one.id, one.open, why, **more) for one in group.credits]
        )

    monkeypatch.setattr(matching, "match", match)


@pytest.mark.parametrize(
    ("paid", "sentence"),
    [({"payment_date": date(2026, 10, 2)}, "It cites INV-0481, paid on 2 Oct 2026."),
     (None, "It cites INV-0481, which is paid already.")],
)  # fmt: skip
def test_the_cited_invoice_is_paid(books, monkeypatch, paid, sentence):
    settled = books.invoice(state="PAID", outstanding_balance=0, invoice_number="INV-0481")
    if paid:
        factories.clearing(settled, None, 10000, **paid)
    books.invoice()
    note = books.note()
    said_by_engine(monkeypatch, values.CITES_PAID, payable_id=settled.pk)
    assert cause(note) == causes.CITES_PAID
    assert told(note).sentence == sentence
    assert told(note).decision == "refund"


def test_several_sets_add_up(books, monkeypatch):
    books.invoice()
    note = books.note()
    said_by_engine(monkeypatch, values.NOTHING_LEFT, sets=3)
    assert cause(note) == causes.SEVERAL
    assert told(note).sentence.startswith("3 sets of invoices add up")


def test_every_cause_has_words():
    details = {"number": "X", "state": "PAID", "sets": 2}
    for code in causes.CAUSES:
        said = causes.told(code, details, currency="EUR", locale="en_US", entities={})
        assert "%" not in said.sentence + said.step, code
        assert said.sentence.endswith(".") and said.label


# --- what is known of Light decides --------------------------------------------------------------
@pytest.mark.parametrize(("answer", "expected"), [("yes", ""), ("no", causes.REST_REFUSED)])
def test_an_answer_opens_or_closes_the_rest(books, controller, answer, expected):
    learning.say(question=questions.PARTLY, answer=answer, reason="tried", by=controller)
    note = books.note(status="PARTIALLY_CLEARED")
    books.invoice()
    assert cause(note) == expected


@pytest.mark.parametrize(("answer", "expected"), [("clear", ""), ("refuse", causes.PAUSED)])
def test_a_posted_invoice_takes_no_credit_where_light_says_no(books, controller, answer, expected):
    note, invoice = books.note(), books.invoice()
    learning.say(question=questions.ON_POSTED, answer=answer, reason="tried", by=controller)
    balances.refresh(invoices=[invoice.pk])
    assert cause(note) == expected
    if expected:
        assert "It is posted, and your Light does not use credit for it" in told(note).sentence
