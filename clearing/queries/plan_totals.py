"""What is open of a plan, by currency and strength, and what became of the rest."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Q, Sum, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import money
from clearing.models import Plan
from clearing.queries import sums

OPEN, LEFT_OUT, WAITING, PROPOSED, SKIPPED = STATES = (
    "open", "left_out", "waiting", "proposed", "skipped",
)  # fmt: skip
STATUS = Case(
    When(proposal__isnull=False, then=Value(PROPOSED)),
    When(skipped_at__isnull=False, then=Value(SKIPPED)),
    When(batch__isnull=False, tried_at=None, then=Value(WAITING)),
    When(~Q(problem=""), then=Value(LEFT_OUT)),
    default=Value(OPEN),
)


@dataclass(frozen=True)
class Total:
    """What is open in one currency, as text; numbers of links with their amounts."""

    currency: str
    vendors: int
    lines: int
    total: str
    certain: tuple[int, str]
    likely: tuple[int, str]
    possible: tuple[int, str]


@dataclass(frozen=True)
class Totals:
    """What is open by currency, and how many vendor accounts there are of each status."""

    open: list[Total]
    counts: Mapping[str, int]
    vendors: int

    @property
    def waiting(self) -> int:
        """How many are being proposed in the background."""
        return self.counts.get(WAITING, 0)

    @property
    def tried(self) -> int:
        return self.counts.get(PROPOSED, 0) + self.counts.get(LEFT_OUT, 0)

    @property
    def left_out(self) -> int:
        return self.counts.get(LEFT_OUT, 0)

    @property
    def skipped(self) -> int:
        return self.counts.get(SKIPPED, 0)

    @property
    def words(self) -> str:
        """How many vendors for which amounts; more than two currencies are only counted."""
        amounts = [one.total for one in self.open]
        if amounts[2:]:
            words = _("%(n)d vendors in %(m)d currencies") % {"n": self.vendors, "m": len(amounts)}
            return str(words)
        words = ngettext("%(n)d vendor for %(sum)s", "%(n)d vendors for %(sum)s", self.vendors)
        return str(words % {"n": self.vendors, "sum": f" {_('and')} ".join(amounts)})


def totals(plan: Plan, *, locale: str) -> Totals:
    """What is open of a plan, by currency and strength (one query, two for some currencies)."""
    columns = [sums.halves(name) for name in ("total", "certain_total", "likely_total")]
    rows = (
        plan.groups.annotate(status=STATUS)
        .order_by("currency")
        .values("currency", "status")
        .annotate(
            n=Count("pk"),
            with_lines=Count("vendor_id", distinct=True, filter=Q(lines__gt=0)),
            links=Sum("lines"), sure=Sum("certain"), fair=Sum("likely"),
            **columns[0], **columns[1], **columns[2],
        )
    )  # fmt: skip
    counts: dict[str, int] = defaultdict(int)
    open_: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        counts[row["status"]] += row["n"]
        if row["status"] in (OPEN, LEFT_OUT) and row["links"]:
            _add(open_[row["currency"]], row)
    found = [_total(currency, row, locale) for currency, row in sorted(open_.items())]
    vendors = found[0].vendors if len(found) == 1 else 0
    if found[1:]:
        some = plan.groups.annotate(status=STATUS).filter(status__in=[OPEN, LEFT_OUT], lines__gt=0)
        vendors = some.aggregate(n=Count("vendor_id", distinct=True))["n"]
    return Totals(found, counts, vendors)


def _add(sum_: dict[str, int], row: Mapping[str, Any]) -> None:
    for name in ("with_lines", "links", "sure", "fair"):
        sum_[name] += row[name]
    for name in ("total", "certain_total", "likely_total"):
        sum_[name] += sums.whole(row, name)


def _total(currency: str, row: Mapping[str, int], locale: str) -> Total:
    rest = row["total"] - row["certain_total"] - row["likely_total"]
    possible = row["links"] - row["sure"] - row["fair"]
    return Total(
        currency,
        row["with_lines"],
        row["links"],
        money.text(row["total"], currency, locale),
        (row["sure"], money.text(row["certain_total"], currency, locale)),
        (row["fair"], money.text(row["likely_total"], currency, locale)),
        (possible, money.text(rest, currency, locale)),
    )
