"""The sub-ledger in the database: kept with the copy of Light, with the sums of its months."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum

from clearing.models import CreditNote, MonthTotal, Movement
from clearing.services import booking
from clearing.services.mirroring import settling
from tests import factories
from tests.factories import NOW

K, Made = Movement.Kind, Movement.Made
OCT, NOV = date(2026, 10, 1), date(2026, 11, 1)


def rows(note):
    return list(Movement.objects.filter(credit_note_id=note.id).order_by("pk"))


def book(*notes, now=NOW, whole=False):
    booking.book([one.id for one in notes], now=now, whole=whole)


def totals_agree():
    """The sums of the months are those of the movements."""
    told = {
        (row.entity_id, row.currency, row.month, row.kind): (
            row.amount, row.local, row.late, row.late_local,
        )
        for row in MonthTotal.objects.all()
    }  # fmt: skip
    key = ("entity_id", "currency", "month", "kind")
    every = Movement.objects.values(*key).annotate(all=Sum("amount"), value=Sum("local"))
    late = {
        tuple(row[name] for name in key): (row["all"], row["value"] or 0)
        for row in every.filter(late=True)
    }
    counted = {
        tuple(row[name] for name in key): (row["all"], row["value"] or 0)
        + late.get(tuple(row[name] for name in key), (0, 0))
        for row in Movement.objects.values(*key).annotate(all=Sum("amount"), value=Sum("local"))
    }
    assert told == {
        ((entity or booking.NO_ENTITY), *rest): values
        for (entity, *rest), values in counted.items()
    }


@pytest.fixture
def note(books):
    return books.note(posting_date=date(2026, 10, 14))


def test_a_posted_credit_note_is_booked_once(note):
    book(note)
    book(note)
    (row,) = rows(note)
    assert (row.kind, row.amount, row.local, row.day, row.month) == (
        K.NEW, 10_000, 10_000, date(2026, 10, 14), OCT,
    )  # fmt: skip
    assert not row.assumed and row.known_at == NOW and row.made == Made.LIGHT
    totals_agree()


def test_a_draft_is_not_booked_and_neither_is_one_that_was_discarded(books):
    for status in ("DRAFT", "APPROVAL_PENDING", "ARCHIVED"):
        book(books.note(status=status))
    assert not Movement.objects.exists()


def test_what_settles_the_copy_books_it(note, books):
    settling.settle(notes=[note.id], now=NOW)
    CreditNote.objects.filter(pk=note.id).update(status="ARCHIVED", changed_at=NOW)
    settling.settle(notes=[note.id], now=NOW)
    assert [(row.kind, row.amount) for row in rows(note)] == [
        (K.NEW, 10_000),
        (K.CANCELLED, -10_000),
    ]
    totals_agree()


@pytest.mark.parametrize(
    ("link", "made"), [(None, Made.ITSELF), (False, Made.LIGHT), (True, Made.HERE)]
)
def test_a_clearing_says_who_made_it(note, books, link, made):
    invoice = books.invoice()
    if link is not None:
        factories.link(note, invoice, 3_000, made_here=link)
    factories.clearing(invoice, note, 3_000, payment_date=date(2026, 11, 1))
    book(note)
    row = rows(note)[1]
    assert (row.kind, row.amount, row.invoice_payable_id, row.made) == (
        K.CLEARED, -3_000, invoice.id, made,
    )  # fmt: skip
    totals_agree()


def test_the_rest_of_a_cleared_note_waits_until_all_was_read(note):
    book(note)
    CreditNote.objects.filter(pk=note.id).update(status="CLEARED")
    book(note)
    assert len(rows(note)) == 1
    book(note, whole=True)
    assert [(row.kind, row.amount, row.clearing_id) for row in rows(note)[1:]] == [
        (K.CLEARED, -10_000, None)
    ]


def test_a_cleared_note_seen_for_the_first_time_was_cleared_by_what_we_do_not_know(books):
    note = books.note(status="CLEARED", posting_date=date(2026, 10, 14))
    book(note)
    assert sum(row.amount for row in rows(note)) == 0
    invoice = books.invoice(state="PAID")
    factories.clearing(invoice, note, 10_000, payment_date=date(2026, 10, 20))
    book(note)
    assert [(r.amount, r.clearing_id is None) for r in booking.standing(rows(note))] == [
        (10_000, True), (-10_000, False),
    ]  # fmt: skip
    totals_agree()


def test_what_is_known_after_its_month_is_late_once_the_first_lists_are_in(books):
    first = books.note(posting_date=date(2026, 10, 14))
    book(first)  # 2 November: but nothing was read before
    factories.synced()
    second, third = (books.note(posting_date=day) for day in (date(2026, 10, 31), NOV))
    book(second, third)
    assert [row.late for one in (first, second, third) for row in rows(one)] == [
        False, True, False,
    ]  # fmt: skip
    totals_agree()


def test_a_month_ends_at_midnight_where_the_entity_is(books, settings):
    settings.ENTITY_TIME_ZONES = {books.entity.code: "Asia/Tokyo"}
    factories.synced()
    before = datetime(2026, 10, 31, 14, 59, tzinfo=UTC)  # 23:59 in Tokyo
    for now, late in ((before, False), (before + timedelta(minutes=1), True)):
        note = books.note(posting_date=date(2026, 10, 31))
        book(note, now=now)
        assert rows(note)[0].late is late


def test_what_leaves_an_entity_is_late_by_the_zone_there(books, settings):
    settings.ENTITY_TIME_ZONES = {books.entity.code: "America/Los_Angeles", "JP": "Asia/Tokyo"}
    factories.synced()
    note = books.note(posting_date=date(2026, 10, 14))
    book(note, now=datetime(2026, 10, 20, tzinfo=UTC))
    there = factories.entity(code="JP", name="Acme KK")
    CreditNote.objects.filter(pk=note.id).update(entity_id=there.id)
    book(note, now=datetime(2026, 11, 1, 3, tzinfo=UTC))  # 31 October in Los Angeles
    assert [(row.amount, row.late) for row in rows(note)] == [
        (10_000, False), (-10_000, False), (10_000, True),
    ]  # fmt: skip
    totals_agree()


def test_what_the_first_run_reads_is_not_late_its_details_included(note):
    run = factories.synced(state="running", finished_at=None)
    book(note)
    assert not rows(note)[0].late
    run.state = "done"
    run.save()
    other = factories.credit_note(None, None, posting_date=date(2026, 10, 14))
    book(other)
    assert rows(other)[0].late


@pytest.mark.parametrize(("days", "late"), [(6, False), (8, True)])
def test_nothing_is_late_while_the_past_is_read_for_the_first_time(note, days, late):
    factories.synced()
    factories.past_read(planned_at=NOW, finished_at=None)
    book(note, now=NOW + timedelta(days=days))
    assert rows(note)[0].late is late


def test_a_note_without_entity_and_rate_is_counted_by_itself(books):
    note = factories.credit_note(books.vendor, None, currency="USD", posting_date=OCT)
    book(note)
    (total,) = MonthTotal.objects.all()
    assert (total.entity_id, total.local, total.without_rate) == (booking.NO_ENTITY, 0, 1)
    assert total.amount == 10_000


def test_a_note_that_moves_to_another_entity_leaves_nothing_behind(note, books):
    book(note)
    other = factories.entity(code="FR", name="Acme SARL")
    CreditNote.objects.filter(pk=note.id).update(entity_id=other.id)
    book(note)
    totals = dict(MonthTotal.objects.values_list("entity_id", "amount"))
    assert totals == {books.entity.id: 0, other.id: 10_000}
    counts = dict(MonthTotal.objects.values_list("entity_id", "count"))
    assert counts == {books.entity.id: 0, other.id: 1}
    totals_agree()


def test_an_impossible_amount_stops_nothing(books):
    book(books.note(amount=2**63 - 1), books.note(amount=-(2**62)))
    assert not Movement.objects.exists()


def test_many_notes_need_the_same_queries(books, django_assert_max_num_queries):
    notes = [books.note(posting_date=date(2026, 10, 14)) for _ in range(30)]
    with django_assert_max_num_queries(11):  # one is a lock of PostgreSQL
        book(*notes)
    with django_assert_max_num_queries(5):
        book(*notes)


def test_an_undoing_is_ours_only_where_our_reverse_fits_it(note, books, preparer, approver):
    invoice, hour = books.invoice(), timedelta(hours=1)

    def cleared_and_undone(seen, gone):
        one = factories.clearing(
            invoice, note, 3_000, payment_date=date(2026, 10, 20), first_seen_at=seen
        )
        book(note, now=seen)
        one.gone_at = gone
        one.save()
        return one

    def asked(at):
        factories.line(
            preparer, note, invoice, 3_000, kind="reverse", approved_by=approver, state="done",
            clearing_id=note.accounting_document_id, asked_at=at, done_at=at + hour / 4,
        )  # fmt: skip

    first = cleared_and_undone(NOW, NOW + hour)
    book(note, now=NOW + hour)  # somebody in Light
    second = cleared_and_undone(NOW + 2 * hour, NOW + 3 * hour)
    asked(NOW + 2.5 * hour)
    book(note, now=NOW + 3 * hour)  # we
    third = cleared_and_undone(NOW + 4 * hour, NOW + 5 * hour)
    book(note, now=NOW + 5 * hour)  # in Light again
    made = {row.clearing_id: row.made for row in rows(note) if row.kind == K.UNDONE}
    assert made == {first.pk: Made.LIGHT, second.pk: Made.HERE, third.pk: Made.LIGHT}
    CreditNote.objects.filter(pk=note.pk).update(vendor_id=None)
    book(note, now=NOW + 9 * hour)  # all of it stands anew
    anew = {
        row.clearing_id: row.made for row in booking.standing(rows(note)) if row.kind == K.UNDONE
    }
    assert anew == made
