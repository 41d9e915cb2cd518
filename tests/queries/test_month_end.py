"""The roll-forward adds up: of any month, any period, whatever is filtered."""

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing import months
from clearing.models import CreditNote, MonthTotal, Movement
from clearing.queries import month_end
from clearing.queries.documents import SENTINEL
from clearing.queries.filters import Filters
from clearing.services import booking
from tests import factories
from tests.factories import NOW

SEPT, OCT, NOV = (date(2026, month, 1) for month in (9, 10, 11))
FIGURES = ("opening", "new", "cleared", "undone", "cancelled", "closing")


def book(*notes, now=NOW, whole=True):
    booking.book([one.id for one in notes], now=now, whole=whole)


def told(one):
    """The amounts of a roll-forward, as on paper."""
    moved = {kind: figure.amount for kind, figure in one.moved.items()}
    return {"opening": one.opening.amount, **moved, "closing": one.closing.amount}


def october(entity_id):
    return {one.currency: one for one in month_end.roll_forward(entity_id, OCT)}


@pytest.fixture
def life(books):
    """One note from September, one of October that is cleared in part, undone and cancelled."""
    old = books.note(posting_date=date(2026, 9, 14), amount=5_000)
    new = books.note(posting_date=date(2026, 10, 3), amount=10_000)
    factories.clearing(books.invoice(), new, 3_000, payment_date=date(2026, 10, 7))
    gone = factories.clearing(books.invoice(), new, 2_000, payment_date=date(2026, 10, 9))
    book(old, new)
    gone.gone_at = datetime(2026, 10, 20, tzinfo=UTC)
    gone.save()
    end = datetime(2026, 10, 30, tzinfo=UTC)
    CreditNote.objects.filter(pk=new.id).update(status="ARCHIVED", changed_at=end)
    book(new, now=end)
    return old, new


def test_a_month_as_on_paper(books, life):
    (one,) = month_end.roll_forward(books.entity.id, OCT)
    assert told(one) == {
        "opening": 5_000, "new": 10_000, "cleared": 5_000, "undone": 2_000,
        "cancelled": 7_000, "closing": 5_000,
    }  # fmt: skip
    assert [one.moved[kind].number for kind in FIGURES[1:-1]] == [1, 2, 1, 1]
    assert one.closing.local == 5_000 and not one.closing.untranslated


def test_a_month_opens_with_what_was_open_when_the_last_one_closed(books, life):
    for month in (SEPT, OCT, NOV):
        for one in month_end.roll_forward(books.entity.id, months.following(month)):
            (before,) = month_end.roll_forward(books.entity.id, month)
            assert one.opening == before.closing
    assert month_end.roll_forward(books.entity.id, date(2026, 8, 1)) == []


def test_every_currency_and_entity_stands_by_itself(books):
    other = factories.entity(code="JP", local_currency="JPY")
    for entity, currency, amount in (
        (books.entity, "EUR", 100), (books.entity, "KWD", 1_234), (other, "JPY", 900),
        (None, "USD", 77),
    ):  # fmt: skip
        book(factories.credit_note(books.vendor, entity, currency=currency, amount=amount,
                                   posting_date=OCT, local_fx_rate="2.5"))  # fmt: skip
    euros, dinars = october(books.entity.id).values()
    assert (euros.currency, euros.closing.amount, euros.closing.local) == ("EUR", 100, 100)
    assert (dinars.closing.amount, dinars.closing.local) == (1_234, 308)  # KWD 1.234, EUR 3.08
    assert told(october(other.id)["JPY"])["closing"] == 900
    nobody = october(SENTINEL)["USD"].closing
    assert (nobody.amount, nobody.local, nobody.untranslated) == (77, 0, 1)


def test_what_was_known_late_is_a_part_of_each_figure(books):
    factories.synced()
    in_time = books.note(posting_date=NOV, amount=1_000)
    late = books.note(posting_date=date(2026, 10, 31), amount=2_000)
    factories.clearing(books.invoice(), late, 500, payment_date=date(2026, 10, 31))
    book(in_time, late)
    one = october(books.entity.id)["EUR"]
    assert (one.late["new"].amount, one.late["cleared"].amount) == (2_000, 500)
    assert one.late["new"].number == 1
    now = {one.currency: one for one in month_end.roll_forward(books.entity.id, NOV)}["EUR"]
    assert now.late["new"].amount == 0 and now.moved["new"].amount == 1_000


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_at_the_end_of_time_is_booked_and_shown(books, day):
    factories.synced()
    book(books.note(posting_date=day))
    (one,) = month_end.roll_forward(books.entity.id, day.replace(day=1))
    assert one.closing.amount == 10_000


def test_one_query_whatever_the_number(books, life, django_assert_num_queries):
    with django_assert_num_queries(1):
        month_end.roll_forward(books.entity.id, OCT)
    with django_assert_num_queries(1):
        month_end.adding_up(Movement.objects.all(), OCT, months.last_day(OCT))


# --- any movements, any period, any filter ---------------------------------------------------
ENTITIES = [uuid.UUID(int=1), uuid.UUID(int=2), None]
VENDORS = [uuid.UUID(int=8), uuid.UUID(int=9), None]
CURRENCIES = ["EUR", "JPY", "KWD"]
DAYS = st.dates(date(2026, 8, 20), date(2026, 12, 10))
ROWS = st.lists(
    st.builds(
        Movement,
        kind=st.sampled_from(Movement.Kind.values),
        credit_note_id=st.sampled_from([uuid.UUID(int=n) for n in range(20, 25)]),
        entity_id=st.sampled_from(ENTITIES),
        vendor_id=st.sampled_from(VENDORS),
        currency=st.sampled_from(CURRENCIES),
        amount=st.integers(-(10**15), 10**15),
        local=st.none() | st.integers(-(10**15), 10**15),
        day=DAYS,
        late=st.booleans(),
        assumed=st.booleans(),
        made=st.sampled_from(Movement.Made.values),
        known_at=st.just(NOW),
    ),
    max_size=25,
)

FILTERS = st.fixed_dictionaries(  # any of them, or several
    {},
    optional={
        "entity_id": st.sampled_from(ENTITIES), "vendor_id": st.sampled_from(VENDORS),
        "currency": st.sampled_from(CURRENCIES), "late": st.booleans(),
        "assumed": st.booleans(), "made": st.sampled_from(Movement.Made.values),
        "credit_note_id": st.sampled_from([uuid.UUID(int=n) for n in range(20, 25)]),
    },
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, DAYS, DAYS, st.sampled_from(ENTITIES), FILTERS)
def test_any_period_of_any_filter_adds_up(rows, start, end, entity, where):
    MonthTotal.objects.all().delete()
    with factories.tampering():
        Movement.objects.all().delete()
    for pk, row in enumerate(rows, 1):
        row.pk, row.month = pk, row.day.replace(day=1)
        if pk > 1 and pk % 3 == 0:  # takes back the one before, as booking does: on its own day
            was = rows[pk - 2]
            row.takes_back, row.amount, row.day, row.month = was.pk, -was.amount, was.day, was.month
            row.local = None if was.local is None else -was.local
            row.kind, row.entity_id, row.currency = was.kind, was.entity_id, was.currency
    Movement.objects.bulk_create(rows)
    booking._count(rows)
    start, end = min(start, end), max(start, end)
    kept = Movement.objects.filter(**where)
    for one in month_end.adding_up(kept, start, end):
        mine = kept.filter(currency=one.currency)
        for name, figure in (("lt", one.opening), ("lte", one.closing)):
            until = mine.filter(**{f"day__{name}": start if name == "lt" else end})
            assert figure.amount == (until.aggregate(n=Sum("amount"))["n"] or 0)
            assert figure.local == (until.aggregate(n=Sum("local"))["n"] or 0)
        got = Counter(told(one))
        assert got["opening"] + got["new"] + got["undone"] == (
            got["cleared"] + got["cancelled"] + got["closing"]
        )
    for month in (SEPT, OCT, NOV):
        whole = month_end.adding_up(
            Movement.objects.filter(entity_id=entity), month, months.last_day(month)
        )
        assert whole == month_end.roll_forward(entity or SENTINEL, month)


# --- which entity, which month ------------------------------------------------------------
def test_the_first_entity_with_movements_is_shown_unless_another_is_asked_for(books):
    other = factories.entity(code="ZZ", name="Zeta")
    assert month_end.place_of(Filters({})).name == "Acme GmbH"
    book(factories.credit_note(books.vendor, other, posting_date=OCT))
    asked = Filters({})
    place = month_end.place_of(asked)
    assert (place.name, place.first, place.last) == ("Zeta", OCT, OCT)
    assert asked.values == {"entity": str(other.id)} and not asked.active
    assert month_end.place_of(Filters({"entity": str(books.entity.id)})).name == "Acme GmbH"


def test_without_any_entity_there_is_a_place_to_look_at(db):
    assert month_end.place_of(Filters({})).id == SENTINEL


def test_a_month_is_over_at_midnight_where_the_entity_is(books, settings):
    settings.ENTITY_TIME_ZONES = {books.entity.code: "Asia/Tokyo"}
    place = month_end.place_of(Filters({}))
    over = datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert place.is_over(OCT, over) and not place.is_over(OCT, over - timedelta(seconds=1))


@pytest.mark.parametrize(
    "code", ["2026-13", "2026", "2026-1", "0000-01", "２０２６-10", "2026-10-01"]
)
def test_a_month_is_named_in_one_way_only(code):
    with pytest.raises(ValueError):
        month_end.month_in(code)
