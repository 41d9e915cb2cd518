"""Whose month it is: the company entities to choose from, and how far their months go."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import months
from clearing.models import Entity, MonthTotal
from clearing.models.movement import NO_ENTITY
from clearing.queries.filters import Filters

MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
MOST = 5_000  # entities


@dataclass(frozen=True)
class Place:
    """One entity. `local`: its own currency; `first` and `last`: months with movements, if any;
    `currencies`: theirs.

    `choices`: every entity by its id as text; `id` is all zeros for credit notes that name none.
    """

    id: UUID
    name: str
    local: str
    zone: ZoneInfo
    first: date | None
    last: date | None
    currencies: list[str]
    choices: dict[str, str]
    entity: Entity | None

    @property
    def this_month(self) -> date:
        """The month that it is now where the entity is."""
        return months.first_day(timezone.now().astimezone(self.zone).date())

    @property
    def several(self) -> bool:
        return len(self.choices) > 1

    @property
    def in_movements(self) -> UUID | None:
        """The entity as movements name it."""
        return None if self.id == NO_ENTITY else self.id

    def is_over(self, month: date, now: datetime) -> bool:
        return now >= months.over_at(month, self.zone)


def place_of(filters: Filters) -> Place:
    """The entity that a query string asks for, else the first with movements; two queries.

    Its id stands in the filters' values afterwards, so that every address names it.
    """
    entities = {one.pk: one for one in Entity.objects.order_by("name", "pk")[:MOST]}
    spans = defaultdict(list)
    totals = MonthTotal.objects.order_by("currency").values("entity_id", "currency")
    for row in totals.annotate(first=Min("month"), last=Max("month")):
        spans[row["entity_id"]].append(row)
    choices = {str(id): str(one) for id, one in entities.items()}
    if NO_ENTITY in spans or not choices:
        choices[str(NO_ENTITY)] = _("Without company entity")
    given = filters.choice("entity", _("Company entity"), choices)
    with_some = [id for id in choices if UUID(id) in spans]
    id = UUID(given or [*with_some, *choices][0])
    filters.values["entity"] = str(id)
    filters.words.pop("entity", None)  # a page always is of one entity: no filter to take away
    entity = entities.get(id)
    mine = spans[id]
    return Place(
        id=id,
        name=choices[str(id)],
        local=entity.local_currency if entity else "",
        zone=months.zone(entity),
        first=min((row["first"] for row in mine), default=None),
        last=max((row["last"] for row in mine), default=None),
        currencies=[row["currency"] for row in mine],
        choices=choices,
        entity=entity,
    )


def month_in(code: str) -> date:
    """The first day of a month as an address names it, "2026-10". Raises ValueError."""
    if not MONTH.fullmatch(code):
        raise ValueError(code)
    return date.fromisoformat(f"{code}-01")


def address(name: str, place: Place, month: date, *args: str, **query: str) -> str:
    base = reverse(name, args=[months.code(month), *args])
    return f"{base}?{urlencode({'entity': str(place.id)} | query)}"


@dataclass(frozen=True)
class At:
    """Where figures stand, and how amounts are written. `paper`: of one that is kept, its id."""

    place: Place
    month: date
    locale: str
    paper: str = ""

    def url(self, name: str, *args: str, **query: str) -> str:
        kept = {"paper": self.paper} if self.paper else {}
        return address(name, self.place, self.month, *args, **kept, **query)
