"""Invoices that may be credit notes: what shows it, and where to put it right."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels
from clearing.models import Acknowledged, InvoicePayable, Suspicion, Vendor
from clearing.queries import documents, invoice_payables, paging, sums
from clearing.queries.filters import Filters
from clearing.queries.listing import Paged
from clearing.workflow import name_of

SHOW = {"dismissed": gettext_lazy("Dismissed")}
ORDER = ["-at"]


@dataclass(frozen=True)
class Row:
    """An invoice with the reasons why it may be a credit note; `said`: who says it is none."""

    invoice: invoice_payables.Row
    why: list[str]
    light_url: str  # its page in Light; empty where the house has not said where that is
    said: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class List(Paged):
    """The list."""

    @property
    def clear_url(self) -> str:
        return self.base


def matching(*, dismissed: bool = False) -> QuerySet[Suspicion]:
    """Invoices that look like credit notes, until somebody says that they are none; or those."""
    said = Exists(Acknowledged.objects.filter(invoice_payable_id=OuterRef("one_id")))
    return Suspicion.objects.filter(said if dismissed else ~said, kind=Suspicion.Kind.FILED_WRONG)


def count() -> int:
    """How many there are, at most sums.MOST + 1."""
    return sums.count(matching())


def filtered(filters: Filters, entities: dict[str, str]) -> QuerySet[Suspicion]:
    """Those that a query string asks for."""
    invoices = InvoicePayable.objects.all()
    if entity := filters.choice("entity", _("Entity"), entities):
        invoices = invoices.filter(entity_id=entity)
    if vendor := filters.uuid("vendor", _("Vendor")):
        invoices = invoices.filter(vendor_id=vendor)
        name = Vendor.objects.filter(pk=vendor).values_list("name", flat=True).first()
        filters.name_value("vendor", _("Vendor: %(name)s") % {"name": name} if name else "")
    invoices = documents.search(
        invoices, filters.text("q", _("Text")), "invoice_number", "vendor_name"
    )
    show = filters.choice("show", _("Show"), SHOW)
    found = matching(dismissed=show == "dismissed")
    if not filters.active:
        return found
    return found.filter(one_id__in=invoices.values("id"))


def page(found: QuerySet, *, key: str, scope: str) -> paging.Page:
    """One page, what was seen last first."""
    return paging.page(found, order=ORDER, key=key, scope=f"filed-wrong:{scope}")


def rows(found: Iterable[Suspicion], *, entities: dict[str, str], locale: str) -> list[Row]:
    """The rows of these suspicions; at most four queries, whatever their number."""
    found = list(found)
    why = {row.one_id: row.why for row in found}
    by_id = InvoicePayable.objects.in_bulk(list(why))
    invoices = [by_id[one] for one in why if one in by_id]
    said = {
        row.invoice_payable_id: row
        for row in Acknowledged.objects.filter(invoice_payable_id__in=why).select_related("by")
    }
    return [
        Row(
            row, why_words(why[row.id]), documents.light_url(by_id[row.id]),
            *_answer(said.get(row.id)),
        )
        for row in invoice_payables.rows(invoices, entities=entities, locale=locale)
    ]  # fmt: skip


def _answer(row: Acknowledged | None) -> tuple[str, str]:
    """Who said when that it is no credit note, and why."""
    if row is None:
        return "", ""
    values = {"who": name_of(row.by), "when": labels.moment(row.at)}
    return _("%(who)s, %(when)s") % values, row.reason


def why_words(why: Iterable[Any]) -> list[str]:
    """What shows that an invoice may be a credit note, from what its suspicion keeps."""
    return [_words(*one) for one in why]


def _words(place: str, word: str) -> str:
    """Why one invoice is on the list: where what was found."""
    return {
        "amount": _("Its amount is not above zero"),
        "invoice_number": _("“%(word)s” in its number"),
        "document_name": _("“%(word)s” in its file’s name"),
        "description": _("“%(word)s” in its description"),
    }.get(place, "%(word)s") % {"word": word}


def why_of(invoice: InvoicePayable) -> list[str]:
    """Why this invoice may be a credit note; empty where it may not. One query."""
    found: Any = matching().filter(one_id=invoice.pk).first()
    return why_words(found.why) if found else []
