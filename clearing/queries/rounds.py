"""The round through the vendors: which clearing page comes next, or came before.

In the order of a plan where one is named; else, as on Today, by the day of the next payment.
"""

from datetime import date
from uuid import UUID

from django.db.models import DateField, F, Max, Min
from django.db.models.functions import Coalesce, TruncDate

from clearing.models import Balance, InvoicePayable, PlanGroup

Key = tuple[UUID, UUID, str]  # vendor, entity, currency


def beside(here: Key, *, step: int, plan_id: int | None = None) -> Key | None:
    """The clearing page `step` places further; None where the round ends."""
    keys = _of_plan(plan_id, here) if plan_id else _by_payment(here)
    at = keys.index(here) if here in keys else -1 if step > 0 else len(keys)
    there = at + step
    return keys[there] if 0 <= there < len(keys) else None


def _of_plan(plan_id: int, here: Key) -> list[Key]:
    """The groups of a plan that wait to be proposed, and the one that one stands on."""
    rows = PlanGroup.objects.filter(plan_id=plan_id).order_by("position", "id")
    columns = rows.values_list("vendor_id", "entity_id", "currency", "proposal", "skipped_at")
    return [key for *ids, proposal, skipped in columns if (key := (ids[0], ids[1], ids[2])) == here
            or (proposal is None and skipped is None)]  # fmt: skip


def _by_payment(here: Key) -> list[Key]:
    """Every group with credit and invoices to use, and the one that one stands on."""
    columns = ("vendor_id", "entity_id", "currency")
    can_use = Balance.objects.filter(usable=True)
    credit = set(
        can_use.filter(kind=Balance.Kind.CREDIT_NOTE).values_list(*columns).distinct().order_by()
    )
    open_ones = can_use.filter(kind=Balance.Kind.INVOICE).values("document_id")
    rows = (
        InvoicePayable.objects.filter(id__in=open_ones)
        .values_list(*columns)
        .annotate(
            next=Min(Coalesce(TruncDate("payment_at"), F("due_date"), output_field=DateField())),
            name=Max("vendor_name"),
        )
        .order_by()
    )
    found = {
        (v, e, c): (day or date.max, name) for v, e, c, day, name in rows if (v, e, c) in credit
    }
    found.setdefault(here, (date.min, ""))
    return sorted(found, key=lambda key: (*found[key], key[2], str(key)))
