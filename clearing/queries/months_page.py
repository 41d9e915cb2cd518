"""What the page of closed months shows: each company entity with both months."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, months
from clearing.models import Entity, Months
from clearing.workflow import name_of

MOST = 500  # entities
BACK = 36  # months that can be chosen, the newest first


@dataclass(frozen=True)
class Row:
    """One entity; a month is empty where none is closed, or filed."""

    id: UUID
    name: str
    closed: str
    filed: str
    changed: str
    url: str


def rows() -> list[Row]:
    """Every entity that Light shows, in the order of their names; two queries."""
    entities = list(Entity.objects.filter(gone_at=None)[:MOST])
    known = Months.objects.select_related("changed_by").in_bulk([one.pk for one in entities])
    return [_row(one, known.get(one.pk)) for one in entities]


def row_of(entity: Entity) -> Row:
    """One entity as its row shows it."""
    return _row(entity, Months.objects.select_related("changed_by").filter(pk=entity.pk).first())


def _row(entity: Entity, row: Months | None) -> Row:
    return Row(
        id=entity.pk,
        name=str(entity),
        closed=_month(row.closed_through if row else None),
        filed=_month(row.vat_filed_through if row else None),
        changed=f"{name_of(row.changed_by)}, {labels.moment(row.changed_at)}" if row else "",
        url=f"{reverse('months')}?entity={entity.pk}",
    )


def _month(through: date | None) -> str:
    return months.name(through) if through else ""


def choices(today: date, also: Iterable[date | None]) -> list[tuple[str, str]]:
    """Months that are over, the newest first, and those of `also`: code and words."""
    ends = [_last_day_before(today + timedelta(days=1))]
    while len(ends) < BACK:
        ends.append(_last_day_before(ends[-1]))
    ends = sorted({*ends, *(day for day in also if day)}, reverse=True)
    return [(code(end), months.name(end)) for end in ends]


def _last_day_before(day: date) -> date:
    """The last day of a month before this day."""
    return day.replace(day=1) - timedelta(days=1)


def code(through: date | None) -> str:
    """A month as a form sends it, "2026-10"; empty for none."""
    return months.code(through) if through else ""


def last_day(given: str) -> date | None:
    """The last day of a month as a form sends it; None for none. Raises ValueError."""
    if not given:
        return None
    try:
        first = date.fromisoformat(f"{given}-01")
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    except ValueError as problem:
        raise ValueError(_("Choose a month from the list.")) from problem
    return following - timedelta(days=1)
