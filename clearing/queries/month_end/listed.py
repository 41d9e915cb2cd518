"""The months of an entity, newest first, with what was open at the end of each."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Sum
from django.utils.translation import gettext as _

from clearing import money, months
from clearing.models import Months, MonthTotal, Paper
from clearing.queries.month_end.place import Place
from clearing.queries.month_end.statement import running, url_of

SHOWN = 36  # months, unless all are asked for


@dataclass(frozen=True)
class Open:
    """What was open in one currency."""

    text: str
    zero: bool


@dataclass(frozen=True)
class Row:
    """One month; `closing`: one for each of the list's currencies."""

    name: str
    url: str
    closing: list[Open]
    closed: bool
    filed: bool
    signed: str
    running: str


@dataclass(frozen=True)
class Listed:
    """The newest months of an entity; `more`: there are earlier ones."""

    currencies: list[str]
    rows: list[Row]
    more: bool


def months_of(place: Place, *, everything: bool, locale: str) -> Listed:
    """Every month since the first movement, or the newest; three queries."""
    changes: dict[date, dict[str, int]] = defaultdict(dict)
    totals = MonthTotal.objects.filter(entity_id=place.id).values("month", "currency")
    for row in totals.order_by("month").annotate(change=Sum("amount")):
        changes[row["month"]][row["currency"]] = row["change"]
    codes = {currency for found in changes.values() for currency in found}
    currencies = sorted(codes, key=lambda one: (one != place.local, one))
    shown, more = _shown(place, set(changes), everything)
    open_, left = dict.fromkeys(currencies, 0), sorted(changes)
    known, rows = Months.objects.filter(pk=place.id).first(), []
    signed = _signed(place)
    for month in sorted(shown):
        while left and left[0] <= month:
            for currency, change in changes[left.pop(0)].items():
                open_[currency] += change
        standing = months.standing_in(known, months.last_day(month))
        rows.append(
            Row(
                name=months.name(month),
                url=url_of(place, month),
                closing=[
                    Open(money.text(open_[one], one, locale), not open_[one]) for one in currencies
                ],
                closed=standing.closed,
                filed=standing.filed,
                signed=signed.get(month, ""),
                running=running(place, month),
            )
        )
    return Listed(currencies, rows[::-1], more)


def _signed(place: Place) -> dict[date, str]:
    """By month how many of two have signed it, as long as nobody opened it again."""
    newer = Paper.objects.filter(month_end=OuterRef("month_end"), pk__gt=OuterRef("pk"))
    under = Paper.objects.filter(~Exists(newer), month_end__entity_id=place.id, reopening=None)
    counted = under.annotate(n=Count("signatures")).filter(n__gt=0)
    words = {1: _("1 of 2 signatures"), 2: _("Signed")}
    return {month: words[n] for month, n in counted.values_list("month_end__month", "n")}


def _shown(place: Place, moved: set[date], everything: bool) -> tuple[set[date], bool]:
    """The months to show: the last SHOWN up to this one, without gaps, and those to come in
    which something is dated; with `everything` also all others in which something moved."""
    if place.first is None:
        return set(), False
    found, month = {one for one in moved if one > place.this_month}, place.this_month
    while len(found) < SHOWN and month >= place.first:
        found.add(month)
        if month == date.min:
            break
        month = months.first_day(month - timedelta(days=1))
    earlier = moved - found
    return (found | earlier, False) if everything else (found, bool(earlier))
