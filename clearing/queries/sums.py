"""Counts and sums of a list, per currency: exact where an int64 would not hold the sum."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from clearing.models import Balance, CreditNote

MOST = 10_000  # rows that are counted and summed without being asked
LOW = 0xFFFFFFFF


@dataclass(frozen=True)
class Total:
    """Sums of one currency in its smallest unit; `unknown` documents are in none.

    `rest`: what is left of partly used credit notes that Light is not known to link; it is not
    `available`.
    """

    currency: str
    count: int
    amount: int
    available: int
    unknown: int
    rest: int = 0


@dataclass(frozen=True)
class Totals:
    """How many rows match (at most MOST + 1 unless asked for all), and their sums."""

    count: int
    capped: bool
    by_currency: list[Total]  # empty where capped
    codes: list[str] = field(default_factory=list)  # currencies among what was counted


def count(rows: QuerySet) -> int:
    """How many match, at most MOST + 1."""
    return rows.order_by().values("pk")[: MOST + 1].count()


def totals(documents: QuerySet, *, everything: bool = False) -> Totals:
    """Count and sums per currency in one query."""
    matching = documents.order_by().values("pk")
    if not everything:
        matching = matching[: MOST + 1]
    grouped = (
        documents.model._default_manager.filter(pk__in=matching)
        .annotate(**_left(documents.model))
        .values("currency")
        .annotate(
            n=Count("pk"),
            unknown=Count("pk", filter=Q(free__isnull=True)),
            **halves("amount"),
            **halves("free"),
            **halves("rest"),
        )
        .order_by("currency")
    )
    found = [
        Total(
            row["currency"],
            row["n"],
            whole(row, "amount"),
            whole(row, "free"),
            row["unknown"],
            whole(row, "rest"),
        )
        for row in grouped
    ]
    count = sum(total.count for total in found)
    capped = count > MOST and not everything
    codes = [total.currency for total in found if total.currency]
    return Totals(count, capped, [] if capped else found, codes)


def _left(model: Any) -> dict[str, Any]:
    """What a document has left: `free`, or `rest` of a credit note that is used in part."""
    balance = Balance.objects.filter(document_id=OuterRef("pk"))
    available, nothing = Subquery(balance.values("available")), Value(0, BigIntegerField())
    if model is not CreditNote:
        return {"free": available, "rest": nothing}
    unusable = Exists(balance.filter(usable=False, available__gt=0))
    is_rest = Q(unusable, status="PARTIALLY_CLEARED")
    return {
        "free": Case(When(is_rest, then=nothing), default=available),
        "rest": Case(When(is_rest, then=available), default=nothing),
    }


def totals_in(documents: QuerySet, currency: str, *, everything: bool = False) -> Totals:
    """The totals of one currency ("" for all), with the codes of every currency to choose from.

    One query, or two where there are more than MOST rows in all currencies together.
    """
    found = totals(documents, everything=everything)
    if not currency:
        return found
    codes = sorted({*found.codes, currency})
    if found.capped:
        one = totals(documents.filter(currency=currency))
        return Totals(one.count, one.capped, one.by_currency, codes)
    mine = [total for total in found.by_currency if total.currency == currency]
    return Totals(sum(total.count for total in mine), False, mine, codes)


def halves(name: str) -> dict[str, Sum]:
    """Sums of the upper and the lower half of a column: a sum of int64 may exceed int64."""
    return {
        f"{name}_high": Sum(F(name).bitrightshift(32)),
        f"{name}_low": Sum(F(name).bitand(LOW)),
    }


def whole(row: Mapping[str, Any], name: str) -> int:
    """The sum that two `halves` make."""
    return (int(row[f"{name}_high"] or 0) << 32) + int(row[f"{name}_low"] or 0)
