"""Links that were promised by a month's end, and those that Light did not honour."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clearing.light import records
from clearing.models import Link
from clearing.services.mirroring.links import take_link, take_link_gone
from tests import factories
from tests.queries.papers_world import OCT, book, told

NOV = date(2026, 11, 1)
SEEN = datetime(2026, 10, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 9, tzinfo=UTC)


@pytest.fixture
def note(books):
    note = books.note(posting_date=OCT, document_number="CN-1")
    book(note)
    return note


def link(note, invoice, amount, at, here=True):
    """As the answer to a write shows it."""
    one = records.Link(amount=amount, currency="EUR", updated_at=at)
    pair = {"credit_note_id": note.id, "invoice_payable_id": invoice.id}
    take_link(one, **pair, made_here=here, now=at)


def promised(books, **more):
    return told(books, "promised", "number", "promised_on", "promised", "amount", **more)


def test_a_link_that_stands_is_a_promise(books, note):
    link(note, books.invoice(state="IN_DRAFT"), 4_000, SEEN)
    assert promised(books) == [("CN-1", date(2026, 10, 12), 4_000, 4_000)]
    assert told(books, "promised", "made", "fate") == [("Made here", "Planned")]


def test_it_is_told_as_it_was_then(books, note):
    invoice = books.invoice(state="IN_DRAFT")
    link(note, invoice, 4_000, SEEN)
    link(note, invoice, 9_000, LATER)
    assert promised(books) == [("CN-1", date(2026, 10, 12), 4_000, 4_000)]
    assert promised(books, month=NOV)[0][2] == 9_000
    take_link_gone(note.id, invoice.id, LATER + timedelta(days=1))
    assert promised(books)[0][2] == 4_000 and promised(books, month=NOV) == []


def test_a_link_made_again_in_november_had_ended_in_october(books, note):
    invoice = books.invoice(state="IN_DRAFT")
    link(note, invoice, 4_000, SEEN)
    take_link_gone(note.id, invoice.id, SEEN + timedelta(days=3))
    link(note, invoice, 4_000, LATER)
    assert promised(books) == []
    assert promised(books, month=NOV) == [("CN-1", LATER.date(), 4_000, 4_000)]


def test_what_has_cleared_by_then_is_no_promise_any_more(books, note):
    invoice = books.invoice()
    link(note, invoice, 4_000, SEEN)
    factories.clearing(invoice, note, 1_500, payment_date=date(2026, 10, 20))
    factories.clearing(invoice, note, 2_500, payment_date=date(2026, 11, 2))
    book(note)
    assert promised(books) == [("CN-1", date(2026, 10, 12), 4_000, 2_500)]


def test_a_credit_note_of_which_nothing_is_open_promises_nothing(books, note):
    link(note, books.invoice(state="IN_DRAFT"), 4_000, SEEN)
    note.status, note.changed_at = "ARCHIVED", datetime(2026, 10, 30, tzinfo=UTC)
    note.save()
    book(note)
    assert promised(books) == []


def test_not_honoured_stands_in_the_month_in_which_it_was_seen(books, note, settings):
    invoice = books.invoice()
    seen = datetime(2026, 10, 31, 16, tzinfo=UTC)
    factories.link(note, invoice, 4_000, fate=Link.Fate.NOT_HONOURED, fate_at=seen,
                   first_seen_at=SEEN, changed_at=SEEN)  # fmt: skip
    rows = ("number", "fate_on", "promised", "amount")
    assert told(books, "not-honoured", *rows) == [("CN-1", date(2026, 10, 31), 4_000, 4_000)]
    assert promised(books) == [] and told(books, "not-honoured", *rows, month=NOV) == []
    settings.ENTITY_TIME_ZONES = {books.entity.code: "Asia/Tokyo"}
    assert told(books, "not-honoured", *rows) == []
    assert told(books, "not-honoured", "fate_on", month=NOV) == [(NOV,)]
