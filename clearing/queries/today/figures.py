"""Per currency: what is free, what of it can clear something now, what is about to be paid.

Amounts are in the smallest unit and never summed across currencies.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, DateField, F, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, TruncDate

from clearing import usable
from clearing.models import Balance, InvoicePayable
from clearing.queries.sums import halves, whole
from clearing.queries.today.days import WEEK

Key = tuple[UUID, UUID, str]  # vendor, entity, currency
PREPARED = tuple(sorted(usable.USABLE_WITH_WARNING - {"PAYMENT_PAUSED"}))
# Posted and not stopped: what is no more than due has to be posted before it is paid.
PAYABLE = (*PREPARED, *sorted(usable.USABLE & usable.POSTED))
PAID_ON = TruncDate("payment_at")
DAY = Coalesce(PAID_ON, F("due_date"), output_field=DateField())


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
    soon: dict[Key, tuple[int, int]]  # of what is paid within a week: open, and held by our lines

    def moneys(self) -> dict[str, Money]:
        """Each currency with credit."""
        found: dict[str, Money] = {}
        for key, total in self.free.items():
            found.setdefault(key[2], Money(key[2])).free += total
        for key, (credit, open_) in self.both.items():
            found[key[2]].usable += min(credit, open_)
            found[key[2]].vendors.add(key[0])
        return found


def is_soon(day: date) -> Q:
    """Invoices that are paid, or due where no payment is set, within a week. Needs `pays`."""
    return Q(
        pays__lte=day + WEEK, state__in=PAYABLE, type="VENDOR_INVOICE", gone_at=None,
        amount__gt=0, amount__lte=usable.LARGEST,
    )  # fmt: skip


def groups(day: date) -> Groups:
    """What is free and what is open in each group; one query."""
    free: dict[Key, int] = defaultdict(int)
    credit: dict[Key, int] = {}
    open_: dict[Key, int] = defaultdict(int)
    soon: dict[Key, tuple[int, int]] = {}
    for row in _sums(day):
        key = (row["vendor_id"], row["entity_id"], row["currency"])
        total, held = whole(row, "left"), whole(row, "held")
        if row["kind"] == Balance.Kind.CREDIT_NOTE:
            free[key] += total
            if row["usable"]:
                credit[key] = total
            continue
        if row["usable"]:
            open_[key] += total
        if row["is_soon"]:
            left, mine = soon.get(key, (0, 0))
            soon[key] = (left + total, mine + held)
    both = {key: (credit[key], open_[key]) for key in credit.keys() & open_.keys()}
    return Groups(free, both, credit, soon)


def _sums(day: date) -> Iterable[Mapping[str, Any]]:
    """What is left of every document, by group: of notes, of invoices paid soon, of others."""
    invoices = InvoicePayable.objects.annotate(pays=DAY).filter(is_soon(day))
    is_credit = Q(kind=Balance.Kind.CREDIT_NOTE)
    soon = Q(kind=Balance.Kind.INVOICE, document_id__in=invoices.values("id"))
    return (
        Balance.objects.filter(Q(available_key__gt=0) | Q(held__gt=0))
        .filter(is_credit | Q(usable=True) | Q(held__gt=0))
        .annotate(
            is_soon=Case(When(soon, then=Value(1)), default=Value(0)),
            left=Greatest("available_key", 0),
        )
        .values("vendor_id", "entity_id", "currency", "kind", "usable", "is_soon")
        .annotate(**halves("left"), **halves("held"))
        .order_by()
    )
