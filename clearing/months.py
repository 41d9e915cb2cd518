"""Which month a day falls into, and whether its books are closed or its VAT is filed."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clearing.models import Entity, Months, Signature

LONGEST_WATCH = 24  # months


@dataclass(frozen=True)
class Standing:
    """Where a day stands in an entity's books; `words` is empty where its month is open."""

    closed: bool
    filed: bool
    words: str

    @property
    def needs_controller(self) -> bool:
        """Whether only a controller may still post into this month."""
        return self.closed or self.filed


def standing(entity_id: UUID | None, day: date) -> Standing:
    """Whether the month of this day is closed, or its VAT filed, for this company entity."""
    row = Months.objects.filter(pk=entity_id).first() if entity_id else None
    return standing_in(row, day)


def standing_in(row: Months | None, day: date) -> Standing:
    """The same from a row that was read already; None: nothing is closed. No query."""
    closed = bool(row and row.closed_through and day <= row.closed_through)
    filed = bool(row and row.vat_filed_through and day <= row.vat_filed_through)
    return Standing(closed, filed, _words(closed, filed) % {"month": name(day)})


def _words(closed: bool, filed: bool) -> str:
    if closed and filed:
        return _("%(month)s is closed and its VAT is filed.")
    if closed:
        return _("%(month)s is closed.")
    return _("The VAT of %(month)s is filed.") if filed else ""


def name(day: date) -> str:
    """The month of a day as people read it: "October 2026"."""
    return date_format(day, "F Y")


def zone(entity: Entity | None) -> ZoneInfo:
    """The time zone in which this entity's months end: ENTITY_TIME_ZONES, else TIME_ZONE."""
    named: dict[str, str] = settings.ENTITY_TIME_ZONES
    if entity is not None:
        for name in (str(entity.pk), entity.code):
            if name and name in named:
                return ZoneInfo(named[name])
    return ZoneInfo(settings.TIME_ZONE)


def over_at(month: date, where: tzinfo) -> datetime:
    """The midnight at which this month (its first day) is over; the last there is never is."""
    if (month.year, month.month) == (date.max.year, date.max.month):
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(following(month), time.min, tzinfo=where)


def first_day(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def last_day(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def following(month: date) -> date:
    """The first day of the month after this one."""
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1, day=1)


def earlier(month: date, number: int) -> date:
    """The first day of the month so many months before this one; the first of all at the least."""
    months = max(month.year * 12 + month.month - 1 - number, 12)
    return date(months // 12, months % 12 + 1, 1)


def watched(entity: Entity | None, now: datetime) -> date:
    """The first day of the earliest month of this entity whose closed documents are read again by
    night: the last two that are signed, those that were skipped since the first one that ever was,
    and all after them; ROTATION_MONTHS finished ones where none is signed.
    """
    today = first_day(now.astimezone(zone(entity)).date())
    stands = _signed(entity.pk) if entity else {}
    signed = sorted(month for month, still in stands.items() if still)
    if not signed:
        since = earlier(today, settings.ROTATION_MONTHS)
    else:
        since = signed[-2] if len(signed) > 1 else earlier(signed[-1], 1)
    skipped = min(stands, default=today)
    while skipped < today and stands.get(skipped):
        skipped = following(skipped)
    return max(min(since, skipped, today), earlier(today, LONGEST_WATCH))


def _signed(entity_id: UUID) -> dict[date, bool]:
    """The months under which two people have ever signed; whether that still stands. One query."""
    second = Signature.objects.filter(
        place=Signature.REVIEWED, paper__month_end__entity_id=entity_id
    )
    found: dict[date, bool] = {}
    months = second.values_list("paper__month_end__month", "paper__reopening")
    for month, reopening in months:
        found[month] = found.get(month, False) or reopening is None
    return found


def code(day: date) -> str:
    """Its month as an address or a form names it: "2026-10"."""
    return day.isoformat()[:7]


def planned_day(draft: Any) -> date | None:
    """The day that a draft itself names to be posted on; None: the day it is posted."""
    day: date | None = draft.posting_date or draft.document_date
    return day


def posting_day(draft: Any, now: datetime) -> date:
    """The day Light posts a draft on: its posting date, its document date, or today.

    `draft`: anything with both; Light sets the one from the other. Today is today where the
    house is; `now` is aware.
    """
    return planned_day(draft) or timezone.localtime(now, timezone.get_default_timezone()).date()


def month_if_undated(draft: Any, now: datetime) -> str:
    """The month ("2026-10") that a draft without a day of its own would fall into now, else ""."""
    return "" if planned_day(draft) else posting_day(draft, now).isoformat()[:7]
