"""How much credit can't be used yet: per currency, by cause, and what waits for somebody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import causes
from clearing.models import Outlook
from clearing.queries import sums
from clearing.queries.filters import Filters
from clearing.queries.stuck.which import CAUSES, USABLE, filtered
from clearing.roles import User


@dataclass(frozen=True)
class Facet:
    """A cause with how many there are, and the list of only these."""

    words: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True)
class Counts:
    """What Today says: open credit over 30 days without a decision, follow-ups that are due.

    The only place where they are counted; each address shows exactly these rows.
    """

    undecided: int
    undecided_url: str
    due: int  # mine
    due_url: str
    all_due: int
    all_due_url: str


@dataclass(frozen=True)
class Sums:
    """How many match, what is left of them per currency, and how many there are by cause."""

    totals: sums.Totals
    by_cause: dict[str, int]


def figures(
    chosen: QuerySet[Outlook], rows: QuerySet[Outlook], filters: Filters, *, everything: bool
) -> Sums:
    """One query; two where there are more than sums.MOST in all causes together."""
    matching = rows.order_by().values("pk")
    found = _grouped(matching if everything else matching[: sums.MOST + 1])
    capped = sum(one["n"] for one in found) > sums.MOST and not everything
    cause, currency = filters.values.get("cause", ""), filters.values.get("currency", "")
    codes = sorted({one["currency"] for one in found if one["currency"]} | {currency} - {""})
    by_cause: dict[str, int] = {}
    for one in found:
        if not currency or one["currency"] == currency:
            code = one["cause"] or USABLE
            by_cause[code] = by_cause.get(code, 0) + one["n"]
    if capped:
        n = sums.count(chosen)
        return Sums(sums.Totals(n, n > sums.MOST, [], codes), {})
    fits = [one for one in found if not cause or (one["cause"] or USABLE) == cause]
    fits = [one for one in fits if not currency or one["currency"] == currency]
    return Sums(sums.Totals(sum(one["n"] for one in fits), False, _totals(fits), codes), by_cause)


def _grouped(matching: Any) -> list[Mapping[str, Any]]:
    rows: Any = Outlook.objects.filter(pk__in=matching).order_by().values("cause", "currency")
    return list(rows.annotate(n=Count("pk"), **sums.halves("left")))


def _totals(rows: Iterable[Mapping[str, Any]]) -> list[sums.Total]:
    found: dict[str, sums.Total] = {}
    for one in rows:
        was = found.get(one["currency"], sums.Total(one["currency"], 0, 0, 0, 0))
        unknown = one["n"] if one["cause"] == causes.UNREAD else 0
        found[one["currency"]] = sums.Total(
            was.currency, was.count + one["n"], 0, was.available + sums.whole(one, "left"),
            was.unknown + unknown,
        )  # fmt: skip
    return [found[code] for code in sorted(found)]


def facets(by_cause: Mapping[str, int], filters: Filters, base: str) -> list[Facet]:
    """The causes that occur, in the order of the table of causes, with all of them in front."""
    chosen = filters.values.get("cause", "")
    found = [Facet(_("All"), sum(by_cause.values()), filters.url(base, cause=""), not chosen)]
    for code, words in CAUSES.items():
        if by_cause.get(code) or code == chosen:
            url = filters.url(base, cause=code)
            found.append(Facet(str(words), by_cause.get(code, 0), url, code == chosen))
    return found if by_cause else []


def lists(user: User) -> dict[str, tuple[QuerySet[Outlook], str]]:
    """What waits for somebody: the rows, and their address; no query."""
    base, me = reverse("stuck"), {"me": ""}

    def asked(**query: str) -> tuple[QuerySet[Outlook], str]:
        filters = Filters(query)
        chosen, _rows = filtered(filters, user=user, entities={}, owners=me)
        return chosen, filters.url(base)

    return {
        "undecided": asked(decision="none", age="30"),
        "due": asked(due="1", owner="me"),
        "all_due": asked(due="1"),
    }


def counts(user: User) -> Counts:
    """What waits for somebody; three queries."""
    found = {name: (sums.count(rows), url) for name, (rows, url) in lists(user).items()}
    return Counts(*found["undecided"], *found["due"], *found["all_due"])
