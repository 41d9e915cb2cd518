"""Whom Light pays next although they owe us money, vendor by vendor in the order of payment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import matching
from clearing.models import Balance, Entity, InvoicePayable, Outlook, Vendor
from clearing.queries.documents import workbench_url
from clearing.queries.today.days import working_days_after
from clearing.queries.today.figures import DAY, PAID_ON, PREPARED, Groups, Key, Money, is_soon

MOST = 15  # vendors per currency
SOON = 3  # working days until a payment
STRENGTHS = {
    "certain": matching.CERTAIN,
    "likely": matching.LIKELY,
    "possible": matching.POSSIBLE,
}


@dataclass
class Row:
    """One vendor, entity and currency with credit and something to pay.

    `soon`: paid within a week, and the amounts are of that; else they are of all that is open.
    """

    key: Key
    vendor: str
    entity: str
    soon: bool
    open: int
    held: int  # by our own lines, which are not in Light yet
    invoices: int
    credit: int
    day: date | None
    day_is_due: bool
    being_paid: int  # invoices whose payment is being prepared
    prepared_for: date | None  # the first of these days
    paused: int
    strengths: dict[str, int]  # credit notes by their best suggestion
    today: date
    waiting: int = 0  # lines that wait for review
    waiting_url: str = ""

    @property
    def currency(self) -> str:
        return self.key[2]

    @property
    def to_pay(self) -> int:
        return self.open + self.held

    @property
    def clearable(self) -> int:
        return min(self.open, self.credit)

    @property
    def pay(self) -> int:
        return self.open - self.clearable

    @property
    def url(self) -> str:
        return workbench_url(*self.key)

    @property
    def suggestions(self) -> int:
        return sum(self.strengths.values())

    @property
    def suggested(self) -> str:
        """What the engine says of this vendor's credit: "2 certain, 1 likely"."""
        words = {"certain": _("certain"), "likely": _("likely"), "possible": _("possible")}
        return ", ".join(f"{n} {words[name]}" for name, n in self.strengths.items() if n)

    @property
    def urgent(self) -> bool:
        """Whether an approval may soon come too late: a payment is near, or prepared for soon."""
        near = self.day is not None and self.day <= working_days_after(self.today, SOON)
        return self.soon and (near or self.prepared_for is not None)

    @property
    def warning(self) -> str:
        """What to know about its next payments; empty where there is nothing."""
        if self.being_paid:
            return ngettext(
                "%(n)d payment to be lowered", "%(n)d payments to be lowered", self.being_paid
            ) % {"n": self.being_paid}
        if self.soon and self.day and self.day < self.today:
            return _("Overdue: it may be paid at any time.")
        if self.soon and self.day and self.day <= self.today + timedelta(days=1):
            return _("Pays within a day: have it approved before.")
        if self.paused:
            return ngettext("%(n)d payment is paused", "%(n)d payments are paused", self.paused) % {
                "n": self.paused
            }
        return ""


def rows(found: Groups, day: date) -> list[Row]:
    """Every group that is paid within a week, and of the others those with most to clear.

    In the order of their next payment; one query.
    """
    later, listed = _most(found.both), dict[Key, Row]()
    for one in _invoices(later, day):  # what is soon comes first
        key = (one["vendor_id"], one["entity_id"], one["currency"])
        if key in listed or not (one["is_soon"] or key in later):
            continue
        open_, held = found.soon.get(key, (0, 0)) if one["is_soon"] else (found.both[key][1], 0)
        if held or (open_ and found.credit.get(key)):
            listed[key] = _row(key, one, open_, held, found.credit.get(key, 0), day)
    return sorted(
        listed.values(),
        key=lambda row: (not row.soon, row.day or date.max, row.vendor, row.currency),
    )


def _most(both: dict[Key, tuple[int, int]]) -> set[Key]:
    """The groups of each currency where most can be cleared."""
    by_currency: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(both, key=lambda one: (-min(both[one]), str(one))):
        by_currency[key[2]].append(key)
    return {key for keys in by_currency.values() for key in keys[:MOST]}


def _owing() -> QuerySet[Any]:
    """Vendors with credit that can be used, or that open lines of ours use."""
    credit = Balance.objects.filter(kind=Balance.Kind.CREDIT_NOTE)
    return credit.filter(Q(usable=True) | Q(held__gt=0)).values("vendor_id")


def _invoices(later: set[Key], day: date) -> Iterable[Mapping[str, Any]]:
    """The invoices of each group: those paid within a week, then all others to be used."""
    can_use = Balance.objects.filter(
        kind=Balance.Kind.INVOICE, usable=True, vendor_id__in={key[0] for key in later}
    )
    soon = is_soon(day)
    return (
        InvoicePayable.objects.annotate(pays=DAY)
        .filter((soon & Q(vendor_id__in=_owing())) | Q(id__in=can_use.values("document_id")))
        .exclude(Q(vendor_id=None) | Q(entity_id=None) | Q(currency=""))
        .annotate(is_soon=Case(When(soon, then=Value(1)), default=Value(0)))
        .values("vendor_id", "entity_id", "currency", "is_soon")
        .annotate(
            n=Count("id"),
            next=Min("pays"),
            next_paid=Min(PAID_ON),
            being_paid=Count("id", filter=Q(state__in=PREPARED)),
            prepared_for=Min(PAID_ON, filter=Q(state__in=PREPARED)),
            paused=Count("id", filter=Q(state="PAYMENT_PAUSED")),
        )
        .annotate(**_names(), **{name: _notes(n) for name, n in STRENGTHS.items()})
        .order_by("-is_soon")
    )


def _names() -> dict[str, Any]:
    """What vendor and entity are called."""
    vendor = Vendor.objects.filter(id=OuterRef("vendor_id")).values("name")
    entity = Entity.objects.filter(id=OuterRef("entity_id")).values("name")
    return {
        "vendor": Coalesce(Subquery(vendor), Max("vendor_name")),
        "entity": Subquery(entity),
    }


def _notes(strength: int) -> Subquery:
    """How many credit notes of the group have a best suggestion of this strength."""
    group = {name: OuterRef(name) for name in ("vendor_id", "entity_id", "currency")}
    notes = Outlook.objects.filter(**group, strength=strength).order_by().values("strength")
    return Subquery(notes.annotate(n=Count("pk")).values("n"))


def _row(
    key: Key, one: Mapping[str, Any], open_: int, held: int, credit: int, day: date
) -> Row:  # fmt: skip
    return Row(
        key=key,
        vendor=one["vendor"],
        entity=one["entity"] or "",
        soon=bool(one["is_soon"]),
        open=open_,
        held=held,
        invoices=one["n"],
        credit=credit,
        day=one["next"],
        day_is_due=one["next"] is not None and one["next"] != one["next_paid"],
        being_paid=one["being_paid"],
        prepared_for=one["prepared_for"],
        paused=one["paused"],
        strengths={name: one[name] or 0 for name in STRENGTHS},
        today=day,
    )


def add(rows: Iterable[Row], moneys: dict[str, Money]) -> None:
    """Add what is about to be paid to the figures of each currency."""
    for row in rows:
        if row.soon:
            one = moneys.setdefault(row.currency, Money(row.currency))
            one.paying.add(row.key[0])
            one.to_pay += row.to_pay
            one.use += row.held + row.clearable


def shown(rows: Iterable[Row], *, later: int) -> list[Row]:
    """What is paid soon, of each currency at most MOST rows; then so many of the others."""
    seen: dict[str, int] = defaultdict(int)
    soon, others = [], []
    for row in rows:
        seen[row.currency] += row.soon
        if not row.soon:
            others.append(row)
        elif seen[row.currency] <= MOST:
            soon.append(row)
    return soon + others[:later]
