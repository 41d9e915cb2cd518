"""Vendors who owed us net when a month ended: more open credit than open posted invoices."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from clearing import usable
from clearing.models import Clearing, InvoicePayable, Movement, Seen, Vendor
from clearing.queries.papers.scope import List, Row, Scope, by_name, chunks, text
from clearing.sheets import MONEY, NUMBER, Column

COMPLETE, INCOMPLETE = "complete", "incomplete"
PARTS = {
    COMPLETE: _("Every invoice was asked for its payments"),
    INCOMPLETE: _("Incomplete: not every invoice was asked for its payments"),
}
COLUMNS = (
    Column("vendor", _("Vendor")),
    Column("credit", _("Open credit"), MONEY, currency="currency"),
    Column("invoices", _("Open posted invoices"), MONEY, currency="currency"),
    Column("amount", _("Owes us"), MONEY, currency="currency"),
    Column("at_most", _("Owes us at most"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("not_asked", _("Invoices not asked"), NUMBER),
    Column("known", _("Known")),
    Column("vendor_id", _("Vendor's id")),
)
SETTLED = ("PAID", "COMPLETED")
Key = tuple[UUID, str]  # vendor and currency


@dataclass
class Owed:
    """What was open on the posted invoices of one vendor and currency. Not in it: those that Light
    was not asked about (`unasked`)."""

    amount: int = 0
    unasked: int = 0


def rows(scope: Scope) -> list[Row]:
    """Those of one currency of one vendor whose open credit is more than they get from us.

    What was not asked can only add to that: then the difference is the most that it can be, and
    stands beside the column that is added up.
    """
    credit = _credit(scope)
    owed = _owed(scope, {vendor for vendor, _currency in credit})
    names = {
        id: str(vendor)
        for some in chunks({vendor for vendor, _currency in credit})
        for id, vendor in Vendor.objects.in_bulk(some).items()
    }
    found = []
    for (vendor, currency), amount in credit.items():
        to_pay = owed.get((vendor, currency), Owed())
        if amount <= to_pay.amount:
            continue
        part = INCOMPLETE if to_pay.unasked else COMPLETE
        net = amount - to_pay.amount
        owes, at_most = (None, net) if to_pay.unasked else (net, None)
        cells = (
            names.get(vendor, ""), amount, to_pay.amount, owes, at_most, currency, to_pay.unasked,
            str(PARTS[part]), text(vendor),
        )  # fmt: skip
        found.append(Row(currency, owes, part, "", cells))
    return sorted(found, key=by_name)


def _credit(scope: Scope) -> dict[Key, int]:
    """Open credit per vendor and currency at the month's end."""
    mine = Movement.objects.filter(
        entity_id=scope.named, month__lte=scope.month, vendor_id__isnull=False
    )
    sums = mine.order_by().values("vendor_id", "currency").annotate(open=Sum("amount"))
    rows: Iterator[Any] = sums.filter(open__gt=0).iterator()
    return {(row["vendor_id"], row["currency"]): int(row["open"]) for row in rows}


def _owed(scope: Scope, vendors: set[UUID]) -> dict[Key, Owed]:
    """Of invoices that were issued by then and stand in the ledger: what was not cleared by then.

    A clearing counts from its payment date until Light shows it no more, an invoice until it is
    cancelled or Light shows it no more. One that was paid by then needs no asking.
    """
    found: dict[Key, Owed] = defaultdict(Owed)
    for some in chunks(vendors):
        for row in _issued(scope, some):
            one = found[row["vendor_id"], row["currency"]]
            one.amount += int(row["amount"] or 0)
            one.unasked += row["unasked"]
        for row in _cleared(scope, some):
            found[row["vendor_id"], row["currency"]].amount -= int(row["paid"] or 0)
    return found


def _posted(scope: Scope, vendors: list[UUID]) -> Any:
    """In the ledger now, or until a change that was seen only after the month's end."""
    return InvoicePayable.objects.alias(then=_state_then(scope)).filter(
        Q(state__in=usable.POSTED) | Q(changed_at__gte=scope.over_at, then__in=usable.POSTED),
        Q(issued_date=None) | Q(issued_date__lte=scope.last),
        Q(gone_at=None) | Q(gone_at__gte=scope.over_at),
        entity_id=scope.named, vendor_id__in=vendors, type="VENDOR_INVOICE",
        amount__gt=0, amount__lte=usable.LARGEST,
    ).exclude(
        Q(payment_at__lt=scope.over_at)
        | Q(payment_at=None, updated_in_light_at__lt=scope.over_at),
        state__in=SETTLED, payments_read_at=None,
    )  # fmt: skip


def _state_then(scope: Scope) -> Subquery:
    """What the first change since the month's end has changed; null where none was seen."""
    since = Seen.objects.filter(
        document_id=OuterRef("pk"), at__gte=scope.over_at, what="invoice_payable", field="state"
    )
    return Subquery(since.order_by("at", "pk").values("before")[:1])


def _issued(scope: Scope, vendors: list[UUID]) -> Iterator[Any]:
    yield from (
        _posted(scope, vendors)
        .order_by()
        .values("vendor_id", "currency")
        .annotate(
            amount=Sum("amount", filter=Q(payments_read_at__isnull=False)),
            unasked=Count("pk", filter=Q(payments_read_at=None)),
        )
    )


def _cleared(scope: Scope, vendors: list[UUID]) -> Iterator[Any]:
    asked = _posted(scope, vendors).filter(payments_read_at__isnull=False)
    of = {pk: key for pk, *key in asked.values_list("pk", "vendor_id", "currency").iterator()}
    entries = Clearing.objects.filter(
        Q(payment_date__lte=scope.last) | Q(payment_date=None, first_seen_at__lt=scope.over_at),
        Q(gone_at=None) | Q(gone_at__gte=scope.over_at),
        invoice_payable_id__in=asked.values("pk"), amount__lte=usable.LARGEST,
    )  # fmt: skip
    paid = entries.order_by().values_list("invoice_payable_id", "currency")
    for invoice, code, amount in paid.annotate(paid=Sum("amount")).iterator():
        vendor, currency = of.get(invoice, ("", None))
        if code in ("", currency):
            yield {"vendor_id": vendor, "currency": currency, "paid": amount}


OWING = List(
    key="owing",
    title=_("Vendors who owe us net"),
    about=_(
        "Vendors whose open credit was more than what was open on their posted invoices. Where an "
        "invoice was not asked for its payments, only the most that it can be is known: the total "
        "leaves it out."
    ),
    columns=COLUMNS,
    rows=rows,
    parts=PARTS,
    none=_("No vendor owed us more than we owed them."),
)
