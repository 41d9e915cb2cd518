"""Working days, as far as the first page needs them; weekends are none, holidays are."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

WEEK = timedelta(days=7)  # what is paid within it is "about to be paid", or was paid lately
DAY_ENDS = time(17)
EARLIEST, LATEST = date(1970, 1, 1), date(9000, 1, 1)  # every zone's calendar holds these


def working_days_after(day: date, n: int) -> date:
    """The n-th working day after this day; Saturdays and Sundays are none."""
    while n:
        day += timedelta(days=1)
        n -= day.weekday() < 5
    return day


def working_day_before(day: date) -> date:
    """The last working day before this day."""
    day -= timedelta(days=1)
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return day


def end_of(day: date) -> datetime:
    """When the working hours of this day end, in the house's zone."""
    day = min(max(day, EARLIEST), LATEST)
    return timezone.make_aware(datetime.combine(day, DAY_ENDS))
