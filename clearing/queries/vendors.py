"""What the vendor pages read: per vendor, company entity and currency what can be cleared."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, money
from clearing.models import Balance, InvoicePayable, Vendor
from clearing.queries import documents, paging, rests, sums
from clearing.queries.filters import Filters

SORTS = {"usable": "", "name": ""}
DEFAULT = "usable"
USE = {
    "now": gettext_lazy("With credit and invoices to clear"),
    "credit": gettext_lazy("With credit that can be used"),
    "not": gettext_lazy("Without credit that can be used"),
}
STATUSES = {"ACTIVE": gettext_lazy("Active"), "OTHER": gettext_lazy("Not active")}
Key = tuple[UUID, UUID | None, str]  # vendor, company entity, currency


@dataclass
class Group:
    """Balances of one vendor, entity and currency, in its smallest unit.

    `usable_credit` and `usable_open` count only documents that can be used now. Rests that Light
    is not known to link are in none of them.
    """

    vendor_id: UUID
    entity_id: UUID | None
    currency: str
    credit: int = 0
    open: int = 0
    usable_credit: int = 0
    usable_open: int = 0
    pays: date | None = None

    @property
    def usable_now(self) -> int:
        return min(self.usable_credit, self.usable_open)


@dataclass(frozen=True)
class GroupRow:
    """A group as text; `why_not` where nothing can be cleared in it."""

    entity: str
    currency: str
    credit: str
    open: str
    usable: str
    pays: str
    pays_iso: str
    url: str
    why_not: str


@dataclass(frozen=True)
class Row:
    """A vendor with its groups."""

    id: UUID
    url: str
    vendor: str
    number: str
    warning: str
    groups: list[GroupRow] = field(default_factory=list)

    @property
    def span(self) -> int:
        return max(len(self.groups), 1)


def groups(vendor_ids: Iterable[UUID]) -> dict[UUID, list[Group]]:
    """The groups of these vendors, most useful first; two queries."""
    ids = list(vendor_ids)
    found: dict[Key, Group] = {}
    rows = (
        Balance.objects.filter(vendor_id__in=ids, available__gt=0)
        .order_by()
        .annotate(rest=rests.IS_REST)
        .values("vendor_id", "entity_id", "currency", "kind", "usable", "rest")
        .annotate(**sums.halves("available"))
    )
    for row in rows:
        group = _group(found, row)
        amount = sums.whole(row, "available")
        if row["kind"] == Balance.Kind.CREDIT_NOTE:
            group.credit += 0 if row["rest"] else amount
            group.usable_credit += amount if row["usable"] else 0
        else:
            group.open += amount
            group.usable_open += amount if row["usable"] else 0
    _add_payments(found, ids)
    of: dict[UUID, list[Group]] = defaultdict(list)
    for group in sorted(found.values(), key=_order):
        of[group.vendor_id].append(group)
    return of


def _order(group: Group) -> Any:
    return (group.usable_now <= 0, group.usable_credit <= 0, group.currency, str(group.entity_id))


def _group(found: dict[Key, Group], row: Mapping[str, Any]) -> Group:
    key = (row["vendor_id"], row["entity_id"], row["currency"])
    return found.setdefault(key, Group(*key))


def _add_payments(found: dict[Key, Group], ids: list[UUID]) -> None:
    """The next day on which an invoice that credit can pay is paid, or due."""
    usable = Balance.objects.filter(document_id=OuterRef("pk"), usable=True)
    rows = (
        InvoicePayable.objects.filter(Exists(usable), vendor_id__in=ids)
        .order_by()
        .values("vendor_id", "entity_id", "currency")
        .annotate(pays=Min("payment_at"), due=Min("due_date", filter=Q(payment_at__isnull=True)))
    )
    for row in rows:
        pays = timezone.localtime(row["pays"]).date() if row["pays"] else None
        days = [day for day in (pays, row["due"]) if day]
        _group(found, row).pays = min(days) if days else None


def filtered(filters: Filters) -> QuerySet[Vendor]:
    """The vendors that a query string asks for."""
    vendors = Vendor.objects.annotate(
        rank=Case(
            When(_has("credit_note") & _has("invoice"), then=Value(0)),
            When(_has("credit_note"), then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
    )
    use = filters.choice("use", _("Use"), USE)
    if use:
        vendors = vendors.filter(rank__in={"now": [0], "credit": [0, 1], "not": [2]}[use])
    status = filters.choice("status", _("Status"), STATUSES)
    if status == "ACTIVE":
        vendors = vendors.filter(status="ACTIVE")
    elif status:
        vendors = vendors.exclude(status="ACTIVE")
    if currency := filters.code("currency", _("Currency")):
        held = Balance.objects.filter(vendor_id=OuterRef("pk"), currency=currency)
        vendors = vendors.filter(Exists(held))
    return documents.search(vendors, filters.text("q", _("Text")), "name", "number")


def _has(kind: str) -> Exists:
    return Exists(Balance.objects.filter(kind=kind, usable=True, vendor_id=OuterRef("pk")))


def page(vendors: QuerySet, *, sort: str, key: str, scope: str) -> paging.Page:
    """One page of vendors: those that can be cleared first, or by name."""
    order = order_of(sort)
    return paging.page(vendors, order=order, key=key, scope=f"vendors:{sort}:{scope}")


def order_of(sort: str) -> list[str]:
    sign, name = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    return {"usable": [f"{sign}rank", "name"], "name": [f"{sign}name"]}[name]


def totals(vendors: QuerySet) -> sums.Totals:
    """How many vendors match, and per currency their credit (`amount`) and what of it can be
    used now (`available`), for at most MOST vendors.
    """
    count = sums.count(vendors)
    if count > sums.MOST:
        return sums.Totals(count, True, [])
    rows = (
        Balance.objects.filter(
            kind="credit_note", available__gt=0, vendor_id__in=vendors.order_by().values("pk")
        )
        .exclude(rests.REST)
        .order_by()
        .values("currency", "usable")
        .annotate(**sums.halves("available"))
    )
    by_code: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        amount = sums.whole(row, "available")
        by_code[row["currency"]][0] += amount
        by_code[row["currency"]][1] += amount if row["usable"] else 0
    found = [sums.Total(code, 0, free, now, 0) for code, (free, now) in sorted(by_code.items())]
    return sums.Totals(count, False, found)


def rows(vendors: Iterable[Vendor], *, entities: dict[str, str], locale: str) -> list[Row]:
    """The rows of these vendors; two queries, whatever their number."""
    vendors = list(vendors)
    of = groups([vendor.pk for vendor in vendors])
    url = documents.url_pattern("vendor")
    return [
        Row(
            id=vendor.pk,
            url=url.format(vendor.pk),
            vendor=str(vendor),
            number=vendor.number,
            warning="" if vendor.status == "ACTIVE" else vendor.status or "–",
            groups=group_rows(of.get(vendor.pk, []), entities=entities, locale=locale),
        )
        for vendor in vendors
    ]


def group_rows(found: Iterable[Group], *, entities: dict[str, str], locale: str) -> list[GroupRow]:
    return [
        GroupRow(
            entity=entities.get(str(group.entity_id), "–") if group.entity_id else _("missing"),
            currency=group.currency or _("missing"),
            credit=money.text(group.credit, group.currency, locale),
            open=money.text(group.open, group.currency, locale),
            usable=money.text(group.usable_now, group.currency, locale),
            pays=labels.day(group.pays) if group.pays else "",
            pays_iso=group.pays.isoformat() if group.pays else "",
            url=documents.workbench_url(group.vendor_id, group.entity_id, group.currency)
            if group.entity_id and group.currency and group.usable_now > 0
            else "",
            why_not=_why_not(group),
        )
        for group in found
    ]


def _why_not(group: Group) -> str:
    """Why nothing can be cleared in this group, or nothing."""
    if group.usable_now > 0:
        return ""
    if group.usable_credit > 0:
        return _("No open invoice in this entity and currency.")
    if group.credit > 0:
        return _("Its credit can't be used yet.")
    return _("No credit in this entity and currency.")
