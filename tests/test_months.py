"""Months: their first and last day, and the midnight at which they are over."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from clearing import months
from clearing.models import MonthEnd, Paper, Reopening, Signature

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("month", "last"),
    [(date(2026, 2, 1), date(2026, 2, 28)), (date(2028, 2, 1), date(2028, 2, 29)),
     (date(2026, 12, 1), date(2026, 12, 31)), (date(9999, 12, 1), date.max)],
)  # fmt: skip
def test_a_month_has_a_last_day(month, last):
    assert months.last_day(month) == last and months.first_day(last) == month


def test_a_month_is_over_at_midnight_there():
    assert months.over_at(date(2026, 12, 1), TOKYO) == datetime(2026, 12, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize("month", [date.min, date(9999, 11, 1), date(9999, 12, 1)])
def test_the_ends_of_time_can_be_compared(month):
    now = datetime(2026, 11, 2, tzinfo=UTC)
    assert (months.over_at(month, TOKYO) < now) is (month == date.min)


def signed(entity, preparer, approver, month, *, reopened=False):
    """Two people sign a month."""
    end = MonthEnd.objects.create(entity_id=entity.pk, month=month)
    paper = Paper.objects.create(month_end=end, made_at=NOW, figures={}, hash="x")
    for place, by in ((1, preparer), (2, approver)):
        Signature.objects.create(paper=paper, place=place, by=by, by_name=str(by), at=NOW)
    if reopened:
        Reopening.objects.create(paper=paper, by=approver, by_name="A", at=NOW, reason="r")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("standing", "reopened", "since"),
    [
        ((), (), date(2026, 7, 1)),  # the last four finished ones
        ((10,), (), date(2026, 9, 1)),
        ((9, 10), (), date(2026, 9, 1)),
        ((7, 8, 9), (), date(2026, 8, 1)),
        ((6, 8, 9), (), date(2026, 7, 1)),  # July was skipped
        ((6, 9), (), date(2026, 6, 1)),
        ((5, 6, 7, 8, 9), (7,), date(2026, 7, 1)),
        ((), (5,), date(2026, 5, 1)),
    ],
)
def test_watched_are_the_last_two_signed_months_and_all_that_are_not(
    standing, reopened, since, books, preparer, approver, settings
):
    settings.ROTATION_MONTHS = 4
    for number in {*standing, *reopened}:
        month = date(2026, number, 1)
        signed(books.entity, preparer, approver, month, reopened=number in reopened)
    assert months.watched(books.entity, NOW) == since


@pytest.mark.django_db
def test_never_more_than_two_years_are_watched(books, preparer, approver):
    for month in (date(2023, 1, 1), date(2023, 3, 1), date(2026, 9, 1), date(2026, 10, 1)):
        signed(books.entity, preparer, approver, month)
    assert months.watched(books.entity, NOW) == date(2024, 11, 1)
