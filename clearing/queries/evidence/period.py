"""The months of one company entity that evidence is asked for."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from clearing import months
from clearing.queries.filters import Filters
from clearing.queries.month_end.place import Place, month_in

MOST_MONTHS = 36


@dataclass(frozen=True)
class Period:
    """Whole months of one entity; `first` and `last` are their first days."""

    place: Place
    first: date
    last: date

    @property
    def words(self) -> str:
        """ "October 2026", or "August 2026 to October 2026"."""
        return words(self.first, self.last)

    @property
    def first_code(self) -> str:
        return months.code(self.first)

    @property
    def last_code(self) -> str:
        return months.code(self.last)


def words(first: date, last: date) -> str:
    """A period as people read it."""
    if first == last:
        return months.name(first)
    return _("%(first)s to %(last)s") % {"first": months.name(first), "last": months.name(last)}


def period_of(filters: Filters, place: Place) -> Period:
    """The months that a query string asks for, else the last one that is over."""
    default = months.first_day(place.this_month - timedelta(days=1))
    first = _month(filters, "from", _("From")) or _month(filters, "to", _("To")) or default
    last = _month(filters, "to", _("To")) or first
    if last < first:
        filters.notices.append(_("The period ends before it begins, so only its end was taken."))
        first = last
    if (last.year - first.year) * 12 + last.month - first.month >= MOST_MONTHS:
        filters.notices.append(
            _("A period has at most %(n)d months, so only its last month was taken.")
            % {"n": MOST_MONTHS}
        )
        first = last
    return Period(place, first, last)


def _month(filters: Filters, name: str, label: str) -> date | None:
    given = filters.query.get(name, "").replace("\x00", "").strip()
    if not given:
        return None
    try:
        return month_in(given)
    except ValueError:
        notice = _("“%(label)s” has to be a month like 2026-10, so it was left out.")
        if (said := notice % {"label": label}) not in filters.notices:
            filters.notices.append(said)
        return None
