"""Which events are about a vendor or a document, named as people know it: by number, name or id."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q, QuerySet, TextField, Value
from django.utils.translation import gettext as _

from clearing.models import CreditNote, InvoicePayable, Vendor
from clearing.queries.filters import Filters

MOST = 50  # documents and vendors that two texts stand for


@dataclass
class _Ids:
    """What the texts stand for."""

    credit_note: set[UUID] = field(default_factory=set)
    invoice: set[UUID] = field(default_factory=set)
    vendor: set[UUID] = field(default_factory=set)


def about(events: QuerySet, filters: Filters) -> QuerySet:
    """Only events about documents with this number or id, and about vendors with this number or
    id, or with this text in their name; one query where a text is no id."""
    document = filters.text("document", _("Document"))
    vendor = filters.text("vendor", _("Vendor"))
    ids = _ids(document, vendor, filters)
    if document:
        events = events.filter(
            Q(credit_note_id__in=ids.credit_note) | Q(invoice_payable_id__in=ids.invoice)
        )
    if vendor:
        events = events.filter(vendor_id__in=ids.vendor)
    return events


def _ids(document: str, vendor: str, filters: Filters) -> _Ids:
    found, asked = _Ids(), []
    if one := _uuid(document):
        found.credit_note, found.invoice = {one}, {one}
    elif document:
        asked += [
            _rows("credit_note", CreditNote.objects.filter(document_number__in=_cases(document))),
            _rows("invoice", InvoicePayable.objects.filter(invoice_number__in=_cases(document))),
        ]
    if one := _uuid(vendor):
        found.vendor = {one}
    elif vendor:
        named = Q(number__in=_cases(vendor)) | Q(name__icontains=vendor)
        asked.append(_rows("vendor", Vendor.objects.filter(named)))
    if asked:
        rows = list(asked[0].union(*asked[1:], all=True)[: MOST + 1])
        for what, pk in rows[:MOST]:
            getattr(found, what).add(pk)
        if len(rows) > MOST:
            filters.notices.append(_too_many())
    return found


def _rows(what: str, rows: QuerySet) -> QuerySet:
    told = Value(what, output_field=TextField())
    return rows.order_by().annotate(what=told).values_list("what", "pk")


def _too_many() -> str:
    return _("More than %(n)d documents and vendors match: not all are shown. Type more of it.") % {
        "n": MOST
    }


def _cases(text: str) -> set[str]:
    return {text, text.upper(), text.lower()}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def names(ids: set[UUID]) -> dict[UUID, str]:
    """What credit notes, invoices and vendors of these ids are called; one query.

    What the copy does not hold, or holds without a number or name, is left out.
    """
    asked = [
        model._default_manager.filter(pk__in=ids).order_by().values_list("pk", column)
        for model, column in (
            (CreditNote, "document_number"), (InvoicePayable, "invoice_number"), (Vendor, "name"),
        )
    ]  # fmt: skip
    return {pk: name for pk, name in asked[0].union(*asked[1:], all=True) if name}
