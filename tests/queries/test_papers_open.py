"""Open credit at a month's end and why, and small rests; one story a test."""

from datetime import UTC, date, datetime

import pytest

from clearing.models import CreditNote
from clearing.queries import papers
from tests import factories
from tests.factories import NOW
from tests.queries.papers_world import OCT, book, told

SEPT = date(2026, 9, 1)
LATER = datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.fixture
def note(books):
    """EUR 100.00 of 14 September."""
    return books.note(document_number="CN-1", posting_date=date(2026, 9, 14))


def why(books, **more):
    return sorted(told(books, "open", "why", "amount", **more))


def test_nobody_has_decided_about_it(books, note):
    book(note)
    assert why(books) == [("No decision", 10_000)]
    assert told(books, "open", "number", "age_days") == [("CN-1", 47)]
    assert told(books, "undecided", "number", "age_days") == [("CN-1", 47)]


def test_a_decision_has_an_owner_and_a_day(books, note, preparer):
    factories.decision(preparer, note, follow_up_on=date(2026, 11, 20), comment="called")
    book(note)
    ((why_, owner, day, words),) = told(books, "open", "why", "owner", "follow_up", "comment")
    assert (why_, day, words) == ("Refund requested", date(2026, 11, 20), "called")
    assert owner and told(books, "undecided", "number") == []


def test_a_decision_that_ended_is_none(books, note, preparer):
    factories.decision(preparer, note, ended_at=NOW)
    book(note)
    assert why(books) == [("No decision", 10_000)]


def test_a_part_is_planned_a_part_is_in_review_and_the_rest_is_open(books, note, preparer):
    factories.link(note, books.invoice(state="IN_DRAFT"), 4_000)
    line = factories.line(preparer, note, books.invoice(), 2_500)
    book(note)
    assert line.state == "proposed"
    assert why(books) == [
        ("In review here", 2_500),
        ("No decision", 3_500),
        ("Planned in Light", 4_000),
    ]


def test_what_cleared_it_in_november_was_open_in_october(books, note):
    factories.clearing(books.invoice(), note, 7_000, payment_date=date(2026, 11, 4))
    book(note, now=LATER)
    assert why(books) == [("No decision", 3_000), ("Settled since the month's end", 7_000)]


def test_the_parts_share_its_value_to_the_last_cent(books):
    note = books.note(currency="USD", amount=1_000, local_fx_rate="0.3333", posting_date=OCT)
    for part, day in ((333, 2), (333, 3)):
        factories.clearing(books.invoice(), note, part, payment_date=date(2026, 11, day),
                           currency="USD")  # fmt: skip
    book(note)
    parts = told(books, "open", "amount", "local")
    assert sorted(parts) == [(334, 112), (666, 221)] and sum(local for _a, local in parts) == 333


def test_a_rate_that_came_later_gives_it_a_value(books):
    note = books.note(currency="USD", amount=1_000, posting_date=OCT)
    book(note)
    assert told(books, "open", "amount", "local") == [(1_000, None)]
    note.local_fx_rate = "0.5"
    note.save()
    book(note)
    assert told(books, "open", "amount", "local") == [(1_000, 500)]


def test_its_age_is_that_on_the_months_last_day(books):
    days = {
        date(2026, 10, 1): "0-30", date(2026, 9, 30): "31-60", date(2026, 9, 1): "31-60",
        date(2026, 8, 31): "61-90", date(2026, 8, 2): "61-90", date(2026, 8, 1): "90+",
    }  # fmt: skip
    for day in days:
        book(books.note(document_date=day, posting_date=day, document_number=f"{day}"))
    scope = papers.Scope.of(books.entity.id, OCT, NOW)
    assert {row.cells[2]: row.age for row in papers.OPEN.rows(scope)} == days


def test_without_any_date_it_grows_old_from_the_day_it_was_booked_on(books):
    seen = datetime(2026, 8, 20, tzinfo=UTC)
    note = books.note(document_date=None, posting_date=None)
    CreditNote.objects.filter(pk=note.pk).update(first_seen_at=seen)
    book(CreditNote.objects.get(pk=note.pk), now=seen)
    assert told(books, "open", "dated", "age_days") == [(None, 72)]
    (row,) = papers.OPEN.rows(papers.Scope.of(books.entity.id, OCT, NOW))
    assert row.age == "61-90" and len(told(books, "undecided", "number")) == 1


def test_a_small_rest_is_what_is_left_of_a_partly_used_note(books, note):
    factories.clearing(books.invoice(), note, 9_600, payment_date=date(2026, 10, 2))
    small = books.note(amount=300, posting_date=OCT)
    book(note, small)
    assert told(books, "rests", "number", "whole", "amount") == [("CN-1", 10_000, 400)]
    assert told(books, "rests", "number", month=SEPT) == []
    assert len(told(books, "open", "number")) == 2


def test_how_small_a_rest_is_can_be_set_per_currency(books, note, settings):
    settings.SMALL_REST = {"EUR": 399}
    factories.clearing(books.invoice(), note, 9_600, payment_date=date(2026, 10, 2))
    book(note)
    assert told(books, "rests", "number") == []
