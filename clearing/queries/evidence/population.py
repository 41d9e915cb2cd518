"""The population of a period: every clearing that stands in it, with its control totals.

What stands and what was taken back leave, added up, what the roll-forward shows as "cleared".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    QuerySet,
    Sum,
    TextField,
    Value,
    When,
)
from django.utils.translation import gettext_lazy

from clearing import sampling
from clearing.models import MonthTotal, Movement
from clearing.models.movement import NO_ENTITY

K, Made = Movement.Kind, Movement.Made
UNKNOWN = "unknown"  # Light does not tell by what it was cleared, and so not by whom
MAKERS = {one.value: one.label for one in Made} | {UNKNOWN: gettext_lazy("Not told by Light")}
MOST = 50_000  # clearings of one population: the index is written in one slice, in ten seconds


@dataclass(frozen=True)
class Scope:
    """Whose clearings, of which months (their first days), by the movements up to `upto`."""

    entity_id: UUID
    first: date
    last: date
    upto: int


@dataclass
class Control:
    """One currency: number and amount (smallest unit) by who made the clearing (MAKERS).

    `rolled`: what the roll-forward shows as cleared; `since`: what was booked after the population
    was taken.
    """

    currency: str
    made: dict[str, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(MAKERS, (0, 0)))
    rolled: int = 0
    since: int = 0

    @property
    def count(self) -> int:
        return sum(count for count, _amount in self.made.values())

    @property
    def amount(self) -> int:
        return sum(amount for _count, amount in self.made.values())

    @property
    def difference(self) -> int:
        """Between population and roll-forward; 0, or something is wrong with the books."""
        return self.amount + self.since - self.rolled


def scope(entity_id: UUID, first: date, last: date) -> Scope:
    """The scope as it is now."""
    upto = Movement.objects.aggregate(last=Max("pk"))["last"] or 0
    return Scope(entity_id, first, last, upto)


def standing(of: Scope) -> QuerySet[Movement]:
    """The clearings of the scope that nothing had taken back by then, in the order of their ids."""
    back = Movement.objects.filter(takes_back=OuterRef("pk"), pk__lte=of.upto)
    return _cleared(of).filter(~Exists(back), pk__lte=of.upto, takes_back=None).order_by("pk")


def ids(of: Scope) -> list[int]:
    """The population, as a sample is drawn from it."""
    return list(standing(of).values_list("pk", flat=True))


def digest(of: Scope) -> str:
    return sampling.digest(ids(of))


def controls(of: Scope) -> list[Control]:
    """The control totals, a currency each; two queries."""
    found: dict[str, Control] = {}
    maker = Case(
        When(clearing_id=None, then=Value(UNKNOWN)), default=F("made"), output_field=TextField()
    )
    sums = standing(of).annotate(maker=maker).order_by("currency", "maker")
    rows = sums.values("currency", "maker").annotate(n=Count("pk"), total=Sum("amount"))
    for row in rows:
        one = found.setdefault(row["currency"], Control(row["currency"]))
        one.made[row["maker"]] = (row["n"], -row["total"])
    for what, currency, total in _as_rolled(of):
        one = found.setdefault(currency, Control(currency))
        if what == "rolled":
            one.rolled -= total
        else:
            one.since -= total
    return sorted(found.values(), key=lambda one: one.currency)


def _as_rolled(of: Scope) -> Iterable[tuple[str, str, int]]:
    """The roll-forward's figure and what is newer than the scope: one statement, one moment."""
    totals = MonthTotal.objects.filter(
        entity_id=of.entity_id, month__gte=of.first, month__lte=of.last, kind=K.CLEARED
    )
    rolled = totals.order_by().values("currency").annotate(what=Value("rolled"), n=Sum("amount"))
    newer = _cleared(of).filter(pk__gt=of.upto).order_by().values("currency")
    since = newer.annotate(what=Value("since"), n=Sum("amount"))
    names = ("what", "currency", "n")
    rows = rolled.values_list(*names).union(since.values_list(*names), all=True)
    return [(what, currency, int(total)) for what, currency, total in rows]


def _cleared(of: Scope) -> QuerySet[Movement]:
    """Every movement of the roll-forward's line "cleared"."""
    entity = None if of.entity_id == NO_ENTITY else of.entity_id
    return Movement.objects.filter(
        entity_id=entity, kind=K.CLEARED, month__gte=of.first, month__lte=of.last
    )


def maker(row: Movement) -> str:
    """Who made a clearing, in words."""
    return str(MAKERS[UNKNOWN if row.clearing_id is None else row.made])
