"""The sheets of possible duplicates, and of invoices that look like credit notes."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clearing import labels
from clearing.models import Acknowledged, CreditNote, InvoicePayable, Suspicion, Vendor
from clearing.queries import documents, duplicates, filed_wrong
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import reading
from clearing.sheets import DAY, MOMENT, MONEY, Cells, Column, Sheet
from clearing.workflow import name_of

Entities = Mapping[str, str]


def possible_duplicates(
    found: QuerySet, filters: Filters, *, show: str, entities: Entities
) -> Sheet:
    """The pairs; or, as the list shows them, the vendor records with one VAT id."""
    if show == "vat":
        return _vendors_with_one_vat_id(found, filters)
    columns = (
        Column("newer", _("Credit note")), Column("newer_date", _("Date"), DAY),
        Column("newer_vendor", _("Vendor")), Column("newer_entity", _("Company entity")),
        Column("newer_status", _("Status")), Column("older", _("May be the same as")),
        Column("older_date", _("Its date"), DAY), Column("older_vendor", _("Its vendor")),
        Column("older_entity", _("Its company entity")), Column("older_status", _("Its status")),
        Column("currency", _("Currency")), Column("amount", _("Amount"), MONEY, "currency"),
        Column("why", _("Why")), Column("said", _("Answer")), Column("reason", _("Reason given")),
        Column("newer_id", _("Id in Light")), Column("older_id", _("Id of the other")),
    )  # fmt: skip
    return Sheet(
        "possible-duplicates", _("Possible duplicates"), columns,
        reading.cells(found, duplicates.ORDER[show], lambda chunk: _pairs(chunk, entities)),
        reading.words(filters),
    )  # fmt: skip


def _pairs(chunk: list[Suspicion], entities: Entities) -> list[Cells]:
    notes = CreditNote.objects.in_bulk({one for row in chunk for one in (row.one_id, row.other_id)})
    made: list[Cells] = []
    for row in duplicates.rows(chunk, entities=dict(entities), locale="en_US"):
        one, other = notes.get(row.one.id), notes.get(row.other.id)
        if one and other:  # else it is gone since the rows were made
            made.append((
                *_side(one, entities), *_side(other, entities), one.currency, one.amount, row.why,
                row.said, row.reason, str(one.pk), str(other.pk),
            ))  # fmt: skip
    return made


def _side(note: CreditNote, entities: Entities) -> tuple[Any, ...]:
    return (
        note.document_number, note.document_date, note.vendor_name,
        reading.entity_name(note.entity_id, entities), str(labels.credit_note(note.status).word),
    )  # fmt: skip


def _vendors_with_one_vat_id(found: QuerySet, filters: Filters) -> Sheet:
    columns = (
        Column("vendor", _("Vendor")), Column("vat_id", _("VAT id")),
        Column("number", _("Number")), Column("status", _("Status in Light")),
        Column("id", _("Id in Light")),
    )  # fmt: skip

    def cells_of(chunk: list[Vendor]) -> list[Cells]:
        return [(one.name, one.vat_id, one.number, one.status, str(one.pk)) for one in chunk]

    return Sheet(
        "vendors-with-one-vat-id", _("Vendor records with one VAT id"), columns,
        reading.cells(found, duplicates.ORDER["vat"], cells_of), reading.words(filters),
    )  # fmt: skip


def filed_as_invoices(found: QuerySet, filters: Filters, *, entities: Entities) -> Sheet:
    columns = (
        Column("number", _("Invoice")), Column("vendor", _("Vendor")),
        Column("entity", _("Company entity")), Column("state", _("State")),
        Column("currency", _("Currency")), Column("amount", _("Amount"), MONEY, "currency"),
        Column("due", _("Due"), DAY), Column("pays", _("Light pays on"), DAY),
        Column("why", _("What shows it")), Column("said", _("Dismissed by")),
        Column("said_at", _("Dismissed at"), MOMENT), Column("reason", _("Reason given")),
        Column("description", _("Description")), Column("id", _("Id in Light")),
    )  # fmt: skip
    return Sheet(
        "invoices-that-look-like-credit-notes", _("Invoices that look like credit notes"), columns,
        reading.cells(found, filed_wrong.ORDER, lambda chunk: _filed(chunk, entities)),
        reading.words(filters),
    )  # fmt: skip


def _filed(chunk: list[Suspicion], entities: Entities) -> list[Cells]:
    ids = [row.one_id for row in chunk]
    invoices = InvoicePayable.objects.in_bulk(ids)
    rows = Acknowledged.objects.filter(invoice_payable_id__in=ids).select_related("by")
    said = {row.invoice_payable_id: row for row in rows}
    made: list[Cells] = []
    for row in chunk:
        if one := invoices.get(row.one_id):
            day, by_light = documents.pays_on(one)
            answer = said.get(one.pk)
            made.append((
                one.invoice_number, one.vendor_name, reading.entity_name(one.entity_id, entities),
                str(labels.invoice(one.state).word), one.currency, one.amount, one.due_date,
                day if by_light else None, "; ".join(filed_wrong.why_words(row.why)),
                name_of(answer.by) if answer else "", answer.at if answer else None,
                answer.reason if answer else "", one.description or one.document_name, str(one.pk),
            ))  # fmt: skip
    return made
