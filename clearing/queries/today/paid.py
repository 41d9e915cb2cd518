"""What was paid in the last days to vendors who owe us money, and credit that was not used."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing.models import Balance, Clearing, Entity, Instruction, InvoicePayable, Link, Seen
from clearing.queries.documents import workbench_url
from clearing.queries.today import days
from clearing.queries.today.days import WEEK
from clearing.queries.today.figures import Key

MOST = 200  # invoices that are read
SETTLED = ("PAYMENT_PENDING", "PAID", "COMPLETED")
STATES = (*SETTLED, "PARTIALLY_PAID")
PARTLY = Q(state="PARTIALLY_PAID")
S = Instruction.State


@dataclass
class Row:
    """One vendor, entity and currency: what the bank paid lately, and what that left unused."""

    key: Key
    vendor: str
    entity: str
    day: date
    today: date
    free: int  # credit that is free now
    paid: int = 0
    pending: int = 0  # invoices whose payment is under way
    invoices: list[tuple[str, str]] = field(default_factory=list)  # number, address
    lost: int = 0  # credit that was planned for them and not used

    @property
    def currency(self) -> str:
        return self.key[2]

    @property
    def url(self) -> str:
        return workbench_url(*self.key)

    @property
    def late(self) -> bool:
        """Whether it was paid today, so that its credit came too late."""
        return self.day == self.today

    @property
    def words(self) -> str:
        if self.pending:
            return _("being paid")
        return _("paid today") if self.late else _("paid")


def rows(free: dict[Key, int], day: date) -> list[Row]:
    """The payments of the last week where credit stays free or was lost; two queries.

    What was lost comes first, then the newest.
    """
    found: dict[Key, Row] = {}
    for invoice in _invoices(day):
        key = (invoice.vendor_id, invoice.entity_id, invoice.currency)
        lost = (invoice.lost_links or 0) + (invoice.lost_lines or 0)
        paid = _paid(invoice)
        if not lost and (paid <= 0 or not free.get(key)):
            continue
        row = found.setdefault(
            key,
            Row(key, invoice.vendor_name, invoice.entity or "", invoice.day, day, free.get(key, 0)),
        )
        row.day = max(row.day, invoice.day)
        row.paid += max(paid, 0)
        row.lost += lost
        row.pending += invoice.state == "PAYMENT_PENDING"
        row.invoices.append((str(invoice), reverse("invoice_payable", args=[invoice.pk])))
    return sorted(found.values(), key=lambda row: (not row.lost, -row.day.toordinal(), row.vendor))


def _paid(invoice: Any) -> int:
    """What the bank paid: what Light lists; where that was not read, what no credit cleared."""
    if invoice.by_bank is not None:
        return int(invoice.by_bank)
    if invoice.state == "PAYMENT_PENDING" and invoice.outstanding_balance is not None:
        return int(invoice.outstanding_balance)
    return int(invoice.amount or 0) - int(invoice.by_credit or 0)


def _invoices(day: date) -> QuerySet[Any]:
    """Invoices paid in the last week, each with what the bank paid and what was not used."""
    start = day - WEEK
    bank = _of_invoice(_by_bank(start))
    balance = Balance.objects.filter(document_id=OuterRef("pk"))
    entity = Entity.objects.filter(id=OuterRef("entity_id"))
    return (
        InvoicePayable.objects.filter(id__in=_paid_since(start, day))
        .annotate(
            by_bank=_sum(_by_bank(start)),
            bank_day=_first(bank.order_by("-payment_date"), "payment_date"),
            seen_day=TruncDate(_first(_seen(start).order_by("-at"), "at")),
            by_credit=_first(balance, "cleared"),
            entity=_first(entity, "name"),
            lost_links=_sum(_not_honoured(start)),
            lost_lines=_sum(_not_sent(start)),
        )
        .annotate(day=Coalesce("bank_day", "seen_day", TruncDate("payment_at")))
        .filter(day__range=(start, day))
        .order_by("-day", "pk")
    )


def _paid_since(start: date, day: date) -> list[UUID]:
    """Beside free credit, or although credit was planned; of too many those that changed last."""
    since, until = days.end_of(start - timedelta(days=1)), days.end_of(day + timedelta(days=1))
    free = Balance.objects.filter(
        kind=Balance.Kind.CREDIT_NOTE, available_key__gt=0,
        **{name: OuterRef(name) for name in ("vendor_id", "entity_id", "currency")},
    )  # fmt: skip
    lost = Q(id__in=_not_honoured(start).values("invoice_payable_id"))
    lost |= Q(id__in=_not_sent(start).values("invoice_payable_id"))
    by_bank = Q(id__in=_by_bank(start).values("invoice_payable_id"))
    found = (
        InvoicePayable.objects.filter(state__in=STATES, type="VENDOR_INVOICE", gone_at=None)
        .filter(changed_at__gte=since, amount__gt=0, vendor_id__isnull=False)
        .exclude(Q(entity_id=None) | Q(currency=""))
        .filter(by_bank | (~PARTLY & (Q(payment_at__range=(since, until)) | Exists(_seen(start)))))
        .filter(lost | Exists(free))
    )
    return list(found.order_by("-changed_at", "pk").values_list("id", flat=True)[:MOST])


def _by_bank(start: date) -> QuerySet[Clearing]:
    since = days.end_of(start - timedelta(days=1))
    return Clearing.objects.filter(
        type="BP", gone_at=None, changed_at__gte=since, payment_date__gte=start
    )


def _seen(start: date) -> QuerySet[Seen]:
    """When an invoice was seen to be paid."""
    since = days.end_of(start - timedelta(days=1))
    return Seen.objects.filter(
        document_id=OuterRef("pk"), field="state", after__in=SETTLED, at__gte=since
    )


def _not_honoured(start: date) -> QuerySet[Link]:
    return Link.objects.filter(fate=Link.Fate.NOT_HONOURED, fate_at__date__gte=start)


def _not_sent(start: date) -> QuerySet[Instruction]:
    """Lines that were still to be approved or sent when their invoice was paid."""
    fell = Q(state=S.FALLEN, dealt_at=None, changed_at__date__gte=start)
    return Instruction.objects.filter(
        fell | Q(state__in=[S.PROPOSED, S.READY]), kind=Instruction.Kind.LINK
    )


def _of_invoice(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(invoice_payable_id=OuterRef("pk"))


def _first(rows: QuerySet[Any], column: str) -> Subquery:
    return Subquery(rows.values(column)[:1])


def _sum(rows: QuerySet[Any]) -> Subquery:
    """The sum of their amounts on the invoice; null where there are none."""
    of_invoice = _of_invoice(rows).order_by().values("invoice_payable_id")
    return Subquery(of_invoice.annotate(sum=Sum("amount")).values("sum"))
