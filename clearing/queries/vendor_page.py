"""The page of one vendor: its groups, its latest documents, and why some meet no invoice."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import usable
from clearing.models import Balance, CreditNote, InvoicePayable, Vendor
from clearing.queries import (
    credit_notes,
    details,
    documents,
    invoice_payables,
    rests,
    shield,
    vendors,
)

MOST = 20  # documents of each kind


@dataclass(frozen=True)
class Shown:
    """A vendor with what can be cleared, and its most useful documents."""

    warning: str
    shields: list[shield.Shield]
    facts: list[details.Fact]
    groups: list[vendors.GroupRow]
    reasons: list[str]
    apart: rests.Apart | None
    notes: list[credit_notes.Row]
    invoices: list[invoice_payables.Row]
    notes_url: str
    invoices_url: str


def read(vendor: Vendor, *, locale: str) -> Shown:
    """Everything the page shows; a fixed number of queries."""
    entities = documents.entities()
    found = vendors.groups([vendor.pk]).get(vendor.pk, [])
    notes = CreditNote.objects.filter(vendor_id=vendor.pk)
    invoices = InvoicePayable.objects.filter(vendor_id=vendor.pk)
    return Shown(
        warning=usable.vendor_warning(vendor),
        shields=shield.of_vendor(vendor.pk, entities=entities, locale=locale),
        facts=[
            details.fact(_("Number"), vendor.number),
            details.fact(_("Status in Light"), vendors.STATUSES.get(vendor.status, vendor.status)),
            details.fact(_("Currency"), vendor.currency),
            details.fact(_("Country"), vendor.country),
            details.fact(_("VAT id"), vendor.vat_id),
            details.fact(_("First seen"), vendor.first_seen_at),
        ],
        groups=vendors.group_rows(found, entities=entities, locale=locale),
        reasons=apart(found, entities),
        apart=rests.apart(locale=locale, vendor_id=vendor.pk),
        notes=credit_notes.rows(
            _usable_first(notes, Balance.Kind.CREDIT_NOTE, "-document_day"),
            entities=entities, locale=locale,
        ),
        invoices=invoice_payables.rows(
            _usable_first(invoices, Balance.Kind.INVOICE, "due_day"),
            entities=entities, locale=locale,
        ),
        notes_url=f"{reverse('credit_notes')}?vendor={vendor.pk}",
        invoices_url=f"{reverse('invoice_payables')}?vendor={vendor.pk}",
    )  # fmt: skip


def _usable_first(rows: QuerySet, kind: str, order: str) -> list[Any]:
    """The first MOST documents: those that can be used now before the others."""
    chosen = list(rows.filter(documents.balance(kind, usable=True)).order_by(order, "pk")[:MOST])
    if len(chosen) < MOST:
        others = rows.exclude(pk__in=[row.pk for row in chosen]).order_by(f"-{order.strip('-')}")
        chosen += list(others[: MOST - len(chosen)])
    return chosen


def apart(found: list[vendors.Group], entities: dict[str, str]) -> list[str]:
    """Where credit and invoices exist but do not meet: another entity or another currency."""
    said = []
    for credit in found:
        if credit.usable_credit <= 0 or credit.usable_now > 0:
            continue
        where = _("%(currency)s of %(entity)s") % _names(credit, entities)
        for other in found:
            if other.usable_open <= 0:
                continue
            values = {"where": where, **_names(other, entities)}
            if other.entity_id != credit.entity_id and other.currency == credit.currency:
                said.append(
                    _("Credit in %(where)s meets no invoice there; the open ones in %(currency)s "
                      "belong to %(entity)s. Light links within one company entity only.") % values
                )  # fmt: skip
            elif other.entity_id == credit.entity_id:
                said.append(
                    _("Credit in %(where)s meets no invoice there; the open ones of %(entity)s "
                      "are in %(currency)s. Light links within one currency only.") % values
                )  # fmt: skip
    return said


def _names(group: vendors.Group, entities: dict[str, str]) -> dict[str, str]:
    return {
        "currency": group.currency or "?",
        "entity": entities.get(str(group.entity_id), _("no company entity")),
    }
