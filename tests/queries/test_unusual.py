"""Exceptions of review, each with its sentence, and what is none. It is Monday, 2 Nov 2026."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from clearing import balances
from clearing.models import Months, NotDuplicate, Suspicion
from clearing.queries import unusual
from tests import factories

CERTAIN = {"amount": 4000, "rule": "exact", "strength": 3}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(factories.NOW, tick=False):
        yield


class Waiting:
    """A line of EUR 40.00 that waits: nothing unusual as it stands."""

    def __init__(self, books, preparer, approver):
        self.books, self.preparer, self.approver = books, preparer, approver
        self.note, self.invoice = {}, {}
        self.line = {"suggestion": CERTAIN}

    def said(self):
        """By code, the sentences of the exceptions."""
        note = self.books.note(**{"document_number": "CN-1"} | self.note)
        amount = self.line.pop("amount", 4000)
        kind = self.line.get("kind", "link")
        invoice = self.books.invoice(**{"invoice_number": "INV-1"} | self.invoice)
        about = None if kind in {"archive", "post"} else invoice
        line = factories.line(self.preparer, note, about, amount, **self.line)
        return self.of(line)

    def of(self, line):
        found = unusual.of_lines([line], by=self.approver, locale="en_US")
        return {one.code: one.words for one in found.get(line.pk, ())}


@pytest.fixture
def waiting(books, preparer, approver):
    return Waiting(books, preparer, approver)


def test_nothing_unusual(waiting):
    assert waiting.said() == {}


def test_only_lines_that_wait_have_exceptions(waiting, approver):
    waiting.line = {"approved_by": approver}
    assert waiting.said() == {}
    assert unusual.of_lines([], by=approver, locale="en_US") == {}


def at(day):
    return datetime(2026, 11, day, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("invoice", "sentence"),
    [
        ({"payment_at": at(5)}, "Pays on 5 Nov 2026: there is little time to lower the payment."),
        ({"payment_at": at(6)}, ""),
        ({"payment_at": at(1)}, "Pays on 1 Nov 2026: there is little time to lower the payment."),
        ({"due_date": date(2026, 11, 5)}, "Due on 5 Nov 2026, and Light names no day of payment."),
        ({"due_date": date(2026, 11, 6)}, ""),
        ({"due_date": date(2026, 11, 1)}, ""),
        ({"due_date": None}, ""),
        ({"due_date": date(2026, 11, 3), "payment_at": at(20)}, ""),
        ({"state": "SCHEDULED", "payment_at": at(20)},
         "Pays on 20 Nov 2026; the payment must be lowered."),
        ({"state": "PAYMENT_PAUSED"},
         "Its payment is paused; when it goes on, it must be lowered."),
    ],
)  # fmt: skip
def test_a_payment_is_near(waiting, invoice, sentence):
    waiting.invoice = invoice
    assert waiting.said() == ({"payment": sentence} if sentence else {})


@pytest.mark.parametrize(
    ("today", "last"),
    [(2, 5), (3, 6), (4, 9), (5, 10), (6, 11), (7, 11), (8, 11)],
)
def test_three_working_days(today, last):
    assert unusual.soon(date(2026, 11, today)) == date(2026, 11, last)


@pytest.mark.parametrize(("limit", "told"), [(3999, True), (4000, False)])
def test_above_the_approvers_limit(waiting, settings, limit, told):
    settings.APPROVAL_LIMITS = {"approver": {"EUR": limit}}
    said = waiting.said()
    assert ("limit" in said) is told
    if told:
        assert "above your limit of EUR 39.99" in said["limit"]


def test_the_limit_of_somebody_who_approves_nothing_is_no_exception(waiting, settings, controller):
    settings.APPROVAL_LIMITS = {"*": {"EUR": 1}}
    waiting.approver = controller  # who approves no links
    assert waiting.said() == {}


def test_changed_against_the_suggestion(waiting):
    waiting.line["amount"] = 3999
    assert waiting.said() == {"changed": "Paula Prep changed the amount: EUR 40.00 was suggested."}


@pytest.mark.parametrize(
    ("suggestion", "sentence"),
    [
        ({}, "Nothing suggested these two; Paula Prep chose them."),
        (CERTAIN | {"strength": 1}, "The match is only possible."),
        (CERTAIN | {"strength": 2}, ""),
    ],
)
def test_possible_or_without_suggestion(waiting, suggestion, sentence):
    waiting.line["suggestion"] = suggestion
    assert waiting.said() == ({"weak": sentence} if sentence else {})


def suspected(line_note, twin):
    one, other = sorted([line_note, twin])
    Suspicion.objects.create(
        kind=Suspicion.Kind.TWINS, one_id=one, other_id=other, at=factories.NOW
    )
    return one, other


@pytest.mark.parametrize("answered", [False, True])
def test_a_possible_duplicate(waiting, books, preparer, answered):
    note, twin = books.note(), books.note(document_number="CN-TWIN")
    one, other = suspected(note.id, twin.id)
    if answered:
        NotDuplicate.objects.create(
            one_id=one, other_id=other, reason="two", by=preparer, at=factories.NOW
        )
    said = waiting.of(factories.line(preparer, note, books.invoice(), suggestion=CERTAIN))
    sentence = "It may be the same as CN-TWIN. Compare the two and say why it is none."
    assert said == ({} if answered else {"twin": sentence})


def close(books, by, **over):
    fields = {"closed_through": date(2026, 9, 30), "changed_at": factories.NOW, "changed_by": by}
    Months.objects.create(entity_id=books.entity.pk, **fields | over)


@pytest.mark.parametrize(
    ("invoice", "told"),
    [
        ({"state": "IN_DRAFT", "issued_date": date(2026, 9, 30)}, True),
        ({"state": "IN_DRAFT", "issued_date": date(2026, 10, 1)}, False),
        ({"state": "IN_DRAFT", "issued_date": None}, False),
        ({"state": "UNPAID", "issued_date": date(2026, 9, 30)}, False),  # posted already
    ],
)
def test_a_closed_month(waiting, books, controller, invoice, told):
    close(books, controller)
    waiting.invoice = invoice
    sentence = "September 2026 is closed. INV-1 is still to be booked in it."
    assert waiting.said() == ({"closed": sentence} if told else {})


@pytest.mark.parametrize(
    ("kind", "note", "sentence"),
    [
        ("archive", {"posting_date": date(2026, 9, 14)},
         "September 2026 is closed. This reverses a booking of that month."),
        ("archive", {"posting_date": date(2026, 10, 14)}, ""),
        ("post", {"status": "DRAFT"},
         "September 2026 is closed. CN-1 is still to be booked in it."),
        ("post", {"status": "DRAFT", "posting_date": date(2026, 10, 14)}, ""),
    ],
)  # fmt: skip
def test_a_closed_month_of_the_ledger(waiting, books, controller, kind, note, sentence):
    close(books, controller)
    waiting.note, waiting.line = note, {"kind": kind}
    assert waiting.said() == ({"closed": sentence} if sentence else {})


@pytest.mark.parametrize("month", [9, 10])
def test_undoing_a_clearing_of_a_closed_month(waiting, books, preparer, controller, month):
    close(books, controller)
    note, invoice = books.note(status="CLEARED"), books.invoice(state="COMPLETED")
    entry = factories.clearing(invoice, note, 10000, payment_date=date(2026, month, 20))
    line = factories.line(
        preparer, note, invoice, 10000, kind="reverse", clearing_id=entry.accounting_document_id
    )
    assert ("closed" in waiting.of(line)) is (month == 9)


@pytest.mark.parametrize(
    ("of_note", "of_invoice", "sentence"),
    [
        (1900, False, "The credit note carries tax, the invoice does not."),
        (0, True, "The invoice carries tax, the credit note does not."),
        (1900, True, ""),
        (0, False, ""),
        (1900, None, ""),  # not read yet
        (None, True, ""),
    ],
)
def test_different_tax(waiting, books, preparer, of_note, of_invoice, sentence):
    note = books.note(lines_read_at=None if of_note is None else factories.NOW)
    if of_note is not None:
        factories.note_line(note, tax=of_note)
    invoice = books.invoice(has_tax=of_invoice)
    said = waiting.of(factories.line(preparer, note, invoice, suggestion=CERTAIN))
    assert said == ({"tax": sentence} if sentence else {})


@pytest.mark.parametrize(
    ("setting", "note", "invoice", "sentence"),
    [
        ("SMALL_REST", 10000, 4010, "Leaves EUR 0.10 open on INV-1."),
        ("MATCH_TOLERANCE", 4010, 10000, "Leaves EUR 0.10 of CN-1 unused."),
        ("SMALL_REST", 10000, 4011, ""),
        ("SMALL_REST", 4000, 4000, ""),
    ],
)
def test_a_rest_under_the_tolerance(waiting, settings, setting, note, invoice, sentence):
    setattr(settings, setting, {"EUR": 10, "USD": 10_000})
    waiting.note, waiting.invoice = {"amount": note}, {"amount": invoice}
    assert waiting.said() == ({"rest": sentence} if sentence else {})


@pytest.mark.parametrize("who", ["preparer", "another"])
def test_the_note_was_edited_by_its_proposer(waiting, books, preparer, who):
    note = books.note(document_number="CN-1")
    factories.edit(preparer if who == "preparer" else factories.person("preparer", "b"), note)
    said = waiting.of(factories.line(preparer, note, books.invoice(), suggestion=CERTAIN))
    sentence = "Paula Prep, who proposed this, has edited or posted CN-1 here."
    assert said == ({"edited": sentence} if who == "preparer" else {})


@pytest.mark.parametrize(
    ("elsewhere", "here", "told"), [(11, 1, True), (10, 0, True), (9, 1, False), (4, 0, False)]
)
def test_an_unusual_company_entity(waiting, books, preparer, elsewhere, here, told):
    """Other documents of the vendor: of another entity, and of that of the line."""
    other = factories.entity(name="Acme SARL", code="FR")
    for _ in range(elsewhere):
        factories.credit_note(books.vendor, other)
    for _ in range(here):
        books.invoice()
    said = waiting.said()
    assert ("entity" in said) is told
    if told:
        all_, verb = elsewhere + here, "is" if here == 1 else "are"
        assert said["entity"] == (
            f"{here} of {all_} other documents of Nordlicht Logistik {verb} with Acme GmbH."
        )


def test_the_heaviest_comes_first(waiting, books, preparer, settings):
    settings.APPROVAL_LIMITS = {"*": {"EUR": 1}}
    note = books.note(amount=4001)
    settings.SMALL_REST = {"EUR": 1}
    invoice = books.invoice(state="SCHEDULED", payment_at=at(4))
    balances.refresh(notes=[note.id])
    factories.edit(preparer, note)
    assert list(waiting.of(factories.line(preparer, note, invoice))) == [
        "limit", "payment", "edited", "weak", "rest",
    ]  # fmt: skip


def test_few_queries_whatever_their_number(
    books, preparer, approver, django_assert_max_num_queries
):
    lines = [
        factories.line(preparer, books.note(lines_read_at=factories.NOW), books.invoice())
        for _ in range(30)
    ]
    with django_assert_max_num_queries(12):
        assert len(unusual.of_lines(lines, by=approver, locale="en_US")) == 30
