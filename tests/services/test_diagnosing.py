"""Every open credit note gets its best suggestion or one cause, in slices that any worker does."""

import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from clearing import causes, matching
from clearing.matching import values
from clearing.models import Declined, InvoicePayable, Looked, NotDuplicate, Outlook
from clearing.services import diagnosing, suspecting
from clearing.services.diagnosing import passing
from tests import factories

LATER = factories.NOW + timedelta(minutes=1)
MUCH_LATER = factories.NOW + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _same_day(monkeypatch):
    monkeypatch.setattr(passing.timezone, "localdate", lambda: date(2026, 11, 2))


def look(now=factories.NOW):
    """As many slices as there are."""
    for _ in range(50):
        if not diagnosing.look(now):
            return
    raise AssertionError("it never ends")


def outlook(note):
    return Outlook.objects.get(pk=note.pk)


def cause(note):
    look()
    return outlook(note).cause


def told(note, **entities):
    row = outlook(note)
    return causes.told(
        row.cause, row.details, currency=row.currency, locale="en_US", entities=entities,
        suggested=row.suggested,
    )  # fmt: skip


def changed(row, at=LATER, **over):
    type(row).objects.filter(pk=row.pk).update(changed_at=at, **over)


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


# --- what is left --------------------------------------------------------------------------------
def test_what_has_nothing_left_has_no_row(books):
    planned, gone, used, cancelled = (books.note(document_date=None) for _ in range(4))
    other = factories.credit_note(books.vendor, books.entity, adjusts_payables=False)
    look()
    assert Outlook.objects.count() == 4
    factories.link(planned, books.invoice(state="IN_DRAFT"), 10000)
    changed(gone, gone_at=LATER)
    changed(used, status="CLEARED")
    changed(cancelled, status="ARCHIVED")
    look(LATER)
    assert not Outlook.objects.exists() and other.pk


def test_a_small_rest_stands_apart(books, settings):
    settings.SMALL_REST = {"EUR": 300}
    rest, little = books.note(), books.note(amount=200)
    factories.link(rest, books.invoice(state="IN_DRAFT"), 9700)
    look()
    assert outlook(rest).small and outlook(rest).left == 300
    assert not outlook(little).small  # a small credit note is no rest


def test_the_time_since_stays_with_its_cause(books):
    note = books.note()
    look()
    changed(note, document_day=date(2026, 9, 1))
    look(LATER)
    assert (outlook(note).since, outlook(note).day) == (factories.NOW, date(2026, 9, 1))
    changed(note, at=MUCH_LATER, status="APPROVED")
    look(MUCH_LATER)
    assert outlook(note).since == MUCH_LATER


# --- slices --------------------------------------------------------------------------------------
def test_slices_say_what_one_look_says(books, monkeypatch):
    vendors = [factories.vendor(name=f"V{n}") for n in range(7)]
    notes = [factories.credit_note(one, books.entity) for one in vendors]
    notes += [factories.credit_note(None, books.entity) for _ in range(5)]
    for one in vendors[:3]:
        factories.invoice(one, books.entity)
    monkeypatch.setattr(passing, "SLICE", 2)
    monkeypatch.setattr(passing, "VENDORS", 3)
    look()
    assert Outlook.objects.count() == len(notes)
    assert Outlook.objects.filter(strength__gt=0).count() == 3


def test_only_vendors_that_changed_are_looked_at_again(books, monkeypatch):
    other = factories.vendor(name="Other")
    one, two = books.note(), factories.credit_note(other, books.entity)
    look()
    changed_at(MUCH_LATER - passing.OVERLAP - timedelta(hours=1))
    look(MUCH_LATER)
    seen = []
    real = passing.judge
    monkeypatch.setattr(passing, "judge", lambda notes, *a: seen.extend(notes) or real(notes, *a))
    later = MUCH_LATER + timedelta(minutes=10)
    changed(two, at=later)
    look(later)
    assert [note.id for note in seen] == [two.pk] and one.pk


def changed_at(at):
    """As if nothing had been written since then."""
    for model in (factories.CreditNote, InvoicePayable, factories.balances.Balance):
        model.objects.update(changed_at=at)


def test_many_changes_are_a_pass_through_everything(books, monkeypatch):
    monkeypatch.setattr(passing, "MANY", 1)
    books.note(), books.note(amount=1)
    look()
    changed(factories.credit_note(books.vendor, books.entity), at=MUCH_LATER)
    assert diagnosing.look(MUCH_LATER)
    assert Looked.objects.get(pk="outlooks").since is None
    look(MUCH_LATER)
    assert Outlook.objects.count() == 3


def test_another_rule_or_day_looks_at_everything(books, settings, monkeypatch):
    note = books.note()
    factories.link(note, books.invoice(state="IN_DRAFT"), 9900)
    look()
    assert not outlook(note).small
    settings.SMALL_REST = {"EUR": 100}
    look()
    assert outlook(note).small
    Outlook.objects.update(cause="of yesterday")
    monkeypatch.setattr(passing.timezone, "localdate", lambda: date(2026, 11, 3))
    look(MUCH_LATER)
    assert outlook(note).cause != "of yesterday"


def test_whoever_moves_the_cursor_first_has_done_the_slice(books, monkeypatch):
    books.note()
    assert diagnosing.look(factories.NOW)  # begins
    real = passing.judge

    def meanwhile(*args):
        Looked.objects.filter(pk="outlooks").update(cursor=uuid.uuid4())
        return real(*args)

    monkeypatch.setattr(passing, "judge", meanwhile)
    mark = Looked.objects.get(pk="outlooks")
    assert not passing._slice(passing.SEARCHES[0], mark, timezone.now())
    assert not Outlook.objects.exists()


def test_a_slice_needs_few_queries(books, django_assert_max_num_queries):
    for _ in range(3):
        books.note(document_date=None), books.invoice(amount=100)
    look()
    changed(books.note(), at=MUCH_LATER)
    with django_assert_max_num_queries(60):
        look(MUCH_LATER)
