"""Per currency: what is free, what of it can clear something now, what is about to be paid.

Amounts are in the smallest unit and never summed across currencies.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from clearing.models import Balance
from clearing.queries.sums import halves, whole

Key = tuple[UUID, UUID, str]  # vendor, entity, currency


@dataclass
class Money:
    """One currency."""

    currency: str
    free: int = 0
    usable: int = 0
    vendors: set[UUID] = field(default_factory=set)  # whose credit can clear something now
    paying: set[UUID] = field(default_factory=set)  # who owe us, and are about to be paid
    to_pay: int = 0
    use: int = 0  # credit for these payments: held by open lines, or free
    waiting: int = 0  # for review
    waiting_lines: int = 0
    keeps: int = 0  # what approving keeps in the bank: of `waiting`, on what is about to be paid

    @property
    def pay(self) -> int:
        return self.to_pay - self.use


@dataclass
class Groups:
    """Every group with credit or something open, as the balances have it."""

    free: dict[Key, int]  # also what cannot be used yet
    both: dict[Key, tuple[int, int]]  # usable credit and open amount, where there are both
    credit: dict[Key, int]  # what can be used

    def moneys(self) -> dict[str, Money]:
        """Each currency with credit."""
        found: dict[str, Money] = {}
        for key, total in self.free.items():
            found.setdefault(key[2], Money(key[2])).free += total
        for key, (credit, open_) in self.both.items():
            found[key[2]].usable += min(credit, open_)
            found[key[2]].vendors.add(key[0])
        return found


def groups() -> Groups:
    """What is free and what is open in each group; one query."""
    sums: Iterable[Mapping[str, Any]] = (
        Balance.objects.filter(available_key__gt=0)
        .filter(Q(kind=Balance.Kind.CREDIT_NOTE) | Q(usable=True))
        .values("vendor_id", "entity_id", "currency", "kind", "usable")
        .annotate(**halves("available_key"))
        .order_by()
    )
    free: dict[Key, int] = defaultdict(int)
    credit: dict[Key, int] = {}
    open_: dict[Key, int] = {}
    for row in sums:
        key = (row["vendor_id"], row["entity_id"], row["currency"])
        total, is_credit = whole(row, "available_key"), row["kind"] == Balance.Kind.CREDIT_NOTE
        if is_credit:
            free[key] += total
        if row["usable"]:
            (credit if is_credit else open_)[key] = total
    both = {key: (credit[key], open_[key]) for key in credit.keys() & open_.keys()}
    return Groups(free, both, credit)
