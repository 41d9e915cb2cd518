"""One list as its page shows it: filters, totals, one page of rows, and the addresses around."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from clearing import money
from clearing.queries import paging, sums
from clearing.queries.filters import Chip, Filters, Header, headers


@dataclass(frozen=True)
class TotalWords:
    """The sums of one currency, as text."""

    currency: str
    available: str
    amount: str
    count: int
    unknown: int
    rest: str  # of partly used credit notes; empty where there is none


@dataclass(frozen=True, kw_only=True)
class Paged:
    """One page of a list at the address `base`, with the addresses around it."""

    base: str
    filters: Filters
    headers: dict[str, Header]
    page: paging.Page
    rows: list[Any]
    count: str  # of all that match, "312" or "more than 10,000"

    @property
    def chips(self) -> list[Chip]:
        return self.filters.chips(self.base)

    @property
    def notices(self) -> list[str]:
        said = list(self.filters.notices)
        if self.page.refused:
            said.append(_("This page link belongs to another list. This is the first page."))
        return said

    @property
    def url(self) -> str:
        return self.filters.url(self.base)

    @property
    def previous_url(self) -> str:
        key = self.page.previous_key
        return self.filters.url(self.base, page=key) if key else ""

    @property
    def next_url(self) -> str:
        key = self.page.next_key
        return self.filters.url(self.base, page=key) if key else ""


@dataclass(frozen=True, kw_only=True)
class Listing(Paged):
    """What a list's template needs besides its own choices."""

    exists: bool  # whether anything matches
    totals: list[TotalWords]
    capped: bool
    locale: str

    @property
    def clear_url(self) -> str:
        """Without filters; the sort stays."""
        sort = self.filters.values.get("sort", "")
        return Filters({}).url(self.base, sort=sort)

    @property
    def totals_url(self) -> str:
        return self.filters.url(self.base, totals="all")


def count_words(count: int, locale: str) -> str:
    """A number of rows, or that there are more than are counted."""
    if count > sums.MOST:
        return _("more than %(n)s") % {"n": money.plain(sums.MOST, "JPY", locale)}
    return money.plain(count, "JPY", locale)


def total_words(totals: sums.Totals, locale: str) -> list[TotalWords]:
    return [
        TotalWords(
            one.currency or _("no currency"),
            money.text(one.available, one.currency, locale),
            money.text(one.amount, one.currency, locale),
            one.count,
            one.unknown,
            money.text(one.rest, one.currency, locale) if one.rest else "",
        )
        for one in totals.by_currency
    ]


def listing_of(
    asked: Filters,
    base: str,
    page: paging.Page,
    rows: list[Any],
    totals: sums.Totals,
    *,
    sort: str,
    sorts: dict[str, str],
    locale: str,
) -> Listing:
    """A list of documents with its totals, in the reader's number format (`locale`)."""
    if rows and "vendor" in asked.values and hasattr(rows[0], "vendor"):
        asked.name_value("vendor", _("Vendor: %(name)s") % {"name": rows[0].vendor})
    return Listing(
        base=base,
        filters=asked,
        headers=headers(asked, base, sort, sorts),
        page=page,
        rows=rows,
        count=count_words(totals.count, locale),
        exists=totals.count > 0,
        totals=total_words(totals, locale),
        capped=totals.capped,
        locale=locale,
    )
