"""Months: their first and last day, and the midnight at which they are over."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from clearing import months

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
