"""What the first page reads: per currency what can be used, whose payment comes next, who waits.

Amounts are in the smallest unit and never summed across currencies. Nine queries and the count
of exceptions, whatever the size of the books.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, DateField, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, usable
from clearing.models import Balance, Entity, Instruction, InvoicePayable, SyncRun, Vendor
from clearing.queries import drafts, duplicates, filed_wrong, reopened
from clearing.queries.documents import workbench_url
from clearing.queries.listing import count_words
from clearing.queries.sums import count, halves, whole

VENDORS_PER_CURRENCY = 15
SOON = 3  # working days until a payment; weekends are not counted, holidays are
PREPARED_SOON = timedelta(days=7)
BACK_FOR = timedelta(days=14)  # how long a line that was sent back stays on this page
SENT_BACK = ("rejected", "fallen", "refused", "not_applied")
Key = tuple[UUID, UUID, str]  # vendor, entity, currency


@dataclass
class Money:
    """One currency: what is free, what of it can clear something now, what waits."""

    currency: str
    free: int = 0
    usable: int = 0
    vendors: set[UUID] = field(default_factory=set)
    waiting: int = 0
    waiting_lines: int = 0


@dataclass(frozen=True)
class Row:
    """One vendor, entity and currency with credit and open invoices."""

    key: Key
    vendor: str
    entity: str
    open: int
    invoices: int
    credit: int
    day: date | None
    day_is_due: bool
    being_paid: int  # invoices whose payment is being prepared
    prepared_for: date | None  # the first day a prepared payment is made
    today: date

    @property
    def currency(self) -> str:
        return self.key[2]

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
    def urgent(self) -> bool:
        """Whether an approval may soon come too late: a payment is near, or prepared for soon."""
        near = self.day is not None and self.day <= working_days_after(self.today, SOON)
        prepared = self.prepared_for
        return near or (prepared is not None and prepared <= self.today + PREPARED_SOON)

    @property
    def warning(self) -> str:
        """What to know about its next payments; empty where there is nothing."""
        if self.being_paid:
            return ngettext(
                "%(n)d payment to be lowered",
                "%(n)d payments to be lowered",
                self.being_paid,
            ) % {"n": self.being_paid}
        if self.day and self.day < self.today:
            return _("Overdue: it may be paid at any time.")
        if self.day and self.day <= self.today + timedelta(days=1):
            return _("Pays within a day: have it approved before.")
        return ""


def working_days_after(day: date, n: int) -> date:
    """The n-th working day after this day; Saturdays and Sundays are none."""
    while n:
        day += timedelta(days=1)
        n -= day.weekday() < 5
    return day


@dataclass(frozen=True)
class Back:
    """Lines of one of my proposals that came back, by what happened."""

    proposal_id: int
    label: labels.Label
    lines: int
    currency: str
    total: int


@dataclass(frozen=True)
class ToDo:
    """A list that is not empty: how much stands on it in words, and where it is."""

    words: str
    url: str


@dataclass
class Today:
    """The first page."""

    moneys: list[Money]
    rows: list[Row]
    more: int  # groups that can be cleared and are not among the rows
    others_lines: int = 0  # waiting for review, proposed by others
    my_lines: int = 0
    back: list[Back] = field(default_factory=list)


def today(user: Any, *, day: date, now: Any) -> Today:
    """Everything on the first page but the exceptions and the state of the first sync."""
    free, groups = _groups()
    moneys = {currency: Money(currency, free=total) for currency, total in free.items()}
    for key, (credit, open_) in groups.items():
        one = moneys.setdefault(key[2], Money(key[2]))
        one.usable += min(credit, open_)
        one.vendors.add(key[0])
    chosen = _most(groups)
    page = Today(
        moneys=sorted(moneys.values(), key=lambda one: (-len(one.vendors), one.currency)),
        rows=_rows(chosen, groups, day),
        more=len(groups) - len(chosen),
    )
    _add_lines(page, moneys, user, now)
    page.moneys = [one for one in page.moneys if one.free or one.waiting_lines]
    return page


def _groups() -> tuple[dict[str, int], dict[Key, tuple[int, int]]]:
    """Free credit per currency; usable credit and open amount of each group that has both."""
    sums: Iterable[Mapping[str, Any]] = (
        Balance.objects.filter(available_key__gt=0)
        .filter(Q(kind=Balance.Kind.CREDIT_NOTE) | Q(usable=True))
        .values("vendor_id", "entity_id", "currency", "kind", "usable")
        .annotate(**halves("available_key"))
        .order_by()
    )
    free: dict[str, int] = defaultdict(int)
    credit: dict[Key, int] = {}
    open_: dict[Key, int] = {}
    for row in sums:
        total, is_credit = whole(row, "available_key"), row["kind"] == Balance.Kind.CREDIT_NOTE
        if is_credit:
            free[row["currency"]] += total
        if row["usable"]:
            side = credit if is_credit else open_
            side[row["vendor_id"], row["entity_id"], row["currency"]] = total
    return free, {key: (credit[key], open_[key]) for key in credit.keys() & open_.keys()}


def _most(groups: dict[Key, tuple[int, int]]) -> list[Key]:
    """The groups of each currency where most can be cleared."""
    by_currency: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(groups, key=lambda one: (-min(groups[one]), str(one))):
        by_currency[key[2]].append(key)
    return [key for keys in by_currency.values() for key in keys[:VENDORS_PER_CURRENCY]]


def _rows(chosen: list[Key], groups: dict[Key, tuple[int, int]], day: date) -> list[Row]:
    """Those groups in the order of their next payment."""
    can_use = Balance.objects.filter(kind=Balance.Kind.INVOICE, usable=True)
    paid_on = TruncDate("payment_at")
    prepared = Q(state__in=usable.USABLE_WITH_WARNING)
    found = (
        InvoicePayable.objects.filter(
            id__in=can_use.filter(vendor_id__in={key[0] for key in chosen}).values("document_id")
        )
        .values("vendor_id", "entity_id", "currency")
        .annotate(
            next=Min(Coalesce(paid_on, F("due_date"), output_field=DateField())),
            next_paid=Min(paid_on),
            n=Count("id"),
            being_paid=Count("id", filter=prepared),
            prepared_for=Min(paid_on, filter=prepared),
            vendor=Coalesce(
                Subquery(Vendor.objects.filter(id=OuterRef("vendor_id")).values("name")),
                Max("vendor_name"),
            ),
            entity=Subquery(Entity.objects.filter(id=OuterRef("entity_id")).values("name")),
        )
        .order_by()
    )
    rows = []
    for one in found:
        key = (one["vendor_id"], one["entity_id"], one["currency"])
        if key not in set(chosen):
            continue
        credit, open_ = groups[key]
        rows.append(
            Row(
                key=key, vendor=one["vendor"], entity=one["entity"] or "", open=open_,
                invoices=one["n"], credit=credit, day=one["next"],
                day_is_due=one["next"] is not None and one["next"] != one["next_paid"],
                being_paid=one["being_paid"], prepared_for=one["prepared_for"], today=day,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row.day or date.max, row.vendor, row.currency))


def _add_lines(page: Today, moneys: dict[str, Money], user: Any, now: Any) -> None:
    """What waits for review, and what came back to this person."""
    came_back = Q(asked_by=user, state__in=SENT_BACK, dealt_at=None, changed_at__gt=now - BACK_FOR)
    sums = (
        Instruction.objects.filter(Q(state=Instruction.State.PROPOSED) | came_back)
        .values("proposal_id", "state", "currency", "asked_by")
        .annotate(n=Count("id"), **halves("amount"))
        .order_by("-proposal_id", "state")
    )
    for row in sums:
        proposal_id, currency, n = row["proposal_id"], row["currency"], row["n"]
        total = whole(row, "amount")
        if row["state"] != Instruction.State.PROPOSED:
            page.back.append(Back(proposal_id, labels.line(row["state"]), n, currency, total))
            continue
        if currency not in moneys:
            moneys[currency] = Money(currency)
            page.moneys.append(moneys[currency])
        moneys[currency].waiting += total
        moneys[currency].waiting_lines += n
        if row["asked_by"] == user.pk:
            page.my_lines += n
        else:
            page.others_lines += n


def to_do(locale: str) -> list[ToDo]:
    """The lists that wait for somebody, with how much stands on each; four queries."""
    found = []
    for name, n, one, many in (
        ("drafts", count(drafts.drafts()), _("%(n)s draft to complete"),
         _("%(n)s drafts to complete")),
        ("duplicates", duplicates.count(), _("%(n)s possible duplicate"),
         _("%(n)s possible duplicates")),
        ("filed_as_invoices", filed_wrong.count(), _("%(n)s invoice that looks like a credit note"),
         _("%(n)s invoices that look like credit notes")),
        ("reopened", reopened.count(), _("%(n)s invoice re-opened"), _("%(n)s invoices re-opened")),
    ):  # fmt: skip
        if n:
            words = (one if n == 1 else many) % {"n": count_words(n, locale)}
            found.append(ToDo(words, reverse(name)))
    return found


def first_sync() -> SyncRun | None:
    """The last sync run; asked only while there is nothing to show."""
    return SyncRun.objects.first()
