"""What moved in a month, and what was not posted when it ended; one story a test."""

from datetime import UTC, date, datetime

import pytest

from clearing.light import records
from clearing.models import CreditNote
from clearing.services.mirroring.lists import mark_gone, take_credit_notes
from tests import factories
from tests.factories import NOW
from tests.queries.papers_world import OCT, book, told

NOV = date(2026, 11, 1)
LAST = date(2026, 10, 31)
LATER = datetime(2026, 11, 9, tzinfo=UTC)


def undo(entry, note, at):
    entry.gone_at = at
    entry.save()
    book(note, now=at)


# --- clearings --------------------------------------------------------------------------------
def test_what_nobody_had_linked_light_did_by_itself(books):
    note, linked = books.note(posting_date=OCT), books.invoice()
    factories.link(note, linked, 1_000)
    factories.clearing(linked, note, 1_000, payment_date=LAST)
    factories.clearing(books.invoice(invoice_number="INV-2"), note, 2_000, payment_date=LAST)
    factories.clearing(books.invoice(), note, 4_000, payment_date=NOV)
    book(note)
    assert told(books, "by-light", "invoice", "day", "amount") == [("INV-2", LAST, 2_000)]


def test_an_invoice_is_open_again_when_its_clearing_is_undone(books, preparer, approver):
    note, invoice = books.note(posting_date=OCT), books.invoice(invoice_number="INV-1")
    entry = factories.clearing(invoice, note, 3_000, payment_date=OCT)
    book(note)
    factories.line(preparer, note, invoice, 3_000, kind="reverse", approved_by=approver,
                   clearing_id=entry.accounting_document_id, state="done",
                   asked_at=datetime(2026, 10, 31, 9, tzinfo=UTC), done_at=NOW)  # fmt: skip
    undo(entry, note, datetime(2026, 10, 31, 23, tzinfo=UTC))
    assert told(books, "reopened", "invoice", "day", "made", "amount") == [
        ("INV-1", LAST, "Made here", 3_000)
    ]
    assert told(books, "reopened", "invoice", month=NOV) == []


def test_what_was_undone_in_light_is_not_ours(books):
    note, invoice = books.note(posting_date=OCT), books.invoice()
    entry = factories.clearing(invoice, note, 3_000, payment_date=OCT)
    book(note)
    undo(entry, note, LATER)
    assert told(books, "reopened", "made", month=NOV) == [("Made in Light",)]


def test_the_fx_difference_is_the_invoices_value_less_the_credit_notes(books):
    note = books.note(currency="USD", local_fx_rate="0.90", posting_date=OCT)
    invoice = books.invoice(currency="USD", local_fx_rate="0.95")
    entry = factories.clearing(invoice, note, 10_000, payment_date=LAST, currency="USD")
    book(note)
    assert told(books, "fx", "cleared", "amount", "local_currency") == [(10_000, 500, "EUR")]
    undo(entry, note, LATER)
    assert told(books, "fx", "amount") == [(500,)]
    assert told(books, "fx", "cleared", "amount", month=NOV) == [(-10_000, -500)]


@pytest.mark.parametrize("rates", [("0.9", "0.9"), ("", "0.9"), ("0.9", "")])
def test_without_two_rates_there_is_no_fx_difference(books, rates):
    note = books.note(currency="USD", local_fx_rate=rates[0], posting_date=OCT)
    invoice = books.invoice(currency="USD", local_fx_rate=rates[1])
    factories.clearing(invoice, note, 10_000, payment_date=LAST, currency="USD")
    book(note)
    assert told(books, "fx", "amount") == []


# --- not posted -------------------------------------------------------------------------------
def unposted(books, **more):
    return told(books, "not-posted", "number", "still", "posted", "net", "tax", "amount", **more)


def test_a_draft_of_the_month_is_not_posted(books):
    note = books.note(status="DRAFT", document_date=LAST, document_number="CN-1", amount=11_900)
    factories.note_line(note)
    CreditNote.objects.filter(pk=note.pk).update(lines_read_at=LATER)
    books.note(status="DRAFT", document_date=NOV)
    assert unposted(books) == [("CN-1", "Still not posted", None, 10_000, 1_900, 11_900)]
    assert told(books, "not-posted", "lacks") == [("",)]


def test_what_a_draft_lacks_is_said(books):
    factories.credit_note(None, books.entity, status="DRAFT", amount=None, lines_read_at=LATER)
    assert told(books, "not-posted", "lacks") == [("vendor, amount, line",)]


def test_without_a_date_it_belongs_to_the_day_it_was_made_on(books):
    made = datetime(2026, 10, 31, 12, tzinfo=UTC)
    books.note(status="DRAFT", document_date=None, created_in_light_at=made, document_number="A")
    books.note(status="DRAFT", document_date=None, created_in_light_at=LATER)
    assert [row[0] for row in unposted(books)] == ["A"]


def test_what_was_posted_in_november_was_not_in_october(books):
    note = books.note(document_date=LAST, posting_date=NOV, document_number="CN-1")
    dated_back = books.note(document_date=LAST, posting_date=LAST)
    book(note, dated_back, now=LATER)
    assert unposted(books) == [("CN-1", "Posted since", NOV, None, None, 10_000)]
    assert unposted(books, month=NOV) == []


BEFORE = datetime(2026, 10, 31, 22, tzinfo=UTC)  # the entity is in UTC


def shown(note, at, **changes):
    """Light's list shows the draft otherwise."""
    fields = {"status": note.status, "entity_id": note.entity_id, "document_date": LAST}
    fields |= {"amount": 10_000, "currency": "EUR", "updated_at": at}
    take_credit_notes([records.CreditNote(id=note.id, **fields | changes)], at)


@pytest.mark.parametrize("archived", [True, False])
def test_a_draft_that_was_discarded_in_november_was_there_in_october(books, archived):
    note = books.note(status="DRAFT", document_date=LAST, document_number="CN-1")
    if archived:
        shown(note, LATER, status="ARCHIVED")
    else:
        mark_gone(CreditNote, [note.id], LATER)
    assert unposted(books) == [("CN-1", "Discarded since", None, None, None, 10_000)]
    assert told(books, "not-posted", "lacks") == [("",)]
    assert unposted(books, month=date(2026, 9, 1)) == []  # dated later
    assert len(unposted(books, month=NOV)) == 0


@pytest.mark.parametrize("archived", [True, False])
def test_one_that_was_discarded_in_october_is_none(books, archived):
    note = books.note(status="DRAFT", document_date=LAST)
    if archived:
        shown(note, BEFORE, status="ARCHIVED")
        shown(note, LATER, status="ARCHIVED", amount=9_000)
    else:
        mark_gone(CreditNote, [note.id], BEFORE)
    assert unposted(books) == []


def test_one_that_came_back_only_to_be_archived_was_discarded_when_it_went(books):
    note = books.note(status="DRAFT", document_date=LAST)
    mark_gone(CreditNote, [note.id], BEFORE)
    shown(note, LATER, status="ARCHIVED")
    assert unposted(books) == []


def test_what_was_posted_before_it_was_archived_is_no_discarded_draft(books):
    note = books.note(status="DRAFT", document_date=LAST)
    shown(note, BEFORE, status="POSTED", posting_date=LAST)
    shown(note, LATER, status="ARCHIVED", posting_date=LAST)
    assert unposted(books) == []


def test_one_that_was_never_seen_as_a_draft_is_none(books):
    books.note(status="ARCHIVED", document_date=LAST)
    assert unposted(books) == []


def test_one_that_light_calls_a_draft_again_stands_there_once(books):
    note = books.note(document_date=LAST, posting_date=NOV)
    book(note, now=LATER)
    CreditNote.objects.filter(pk=note.pk).update(status="DRAFT")
    assert [row[1] for row in unposted(books)] == ["Still not posted"]
