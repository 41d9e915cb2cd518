"""The sheets of credit notes, of invoices, and of invoices that are open again."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clearing import labels
from clearing.models import Balance, CreditNote, InvoicePayable
from clearing.queries import credit_notes as notes_list
from clearing.queries import documents, reopened
from clearing.queries import invoice_payables as invoices_list
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import reading
from clearing.queries.sheets_of.reading import Balances
from clearing.sheets import DAY, MOMENT, MONEY, Cells, Column, Sheet

Entities = Mapping[str, str]


def _money(key: str, words: str) -> Column:
    return Column(key, words, MONEY, "currency")


def credit_notes(notes: QuerySet, filters: Filters, *, sort: str, entities: Entities) -> Sheet:
    columns = (
        Column("number", _("Number")), Column("date", _("Date"), DAY),
        Column("vendor", _("Vendor")), Column("entity", _("Company entity")),
        Column("status", _("Status")), Column("currency", _("Currency")),
        _money("amount", _("Amount")), _money("free", _("Free to use")),
        _money("rest", _("Left of partly used ones")), _money("planned", _("Planned")),
        _money("held", _("Held by proposals")), _money("cleared", _("Cleared")),
        Column("problem", _("Why it can't be used")), Column("description", _("Description")),
        Column("id", _("Id in Light")),
    )  # fmt: skip
    rest_words = _(
        "“Free to use” leaves out what is left of partly used credit notes, as long as Light is "
        "not known to link it; that stands in a column of its own."
    )
    return Sheet(
        "credit-notes", _("Credit notes"), columns,
        reading.of_documents(
            notes, notes_list.KIND, columns=notes_list.COLUMNS, sort=sort,
            cells_of=_each(lambda one, balance: _note(one, balance, entities)),
        ),
        reading.words(filters), (rest_words,),
    )  # fmt: skip


def _each(
    cells_of: Callable[[Any, Balance | None], Cells],
) -> Callable[[list[Any], Balances], list[Cells]]:
    return lambda found, balances: [cells_of(one, balances.get(one.pk)) for one in found]


def _note(note: CreditNote, balance: Balance | None, entities: Entities) -> Cells:
    problem = documents.note_problem(note, balance)
    free = balance.available if balance else None
    rest = (
        free is not None and free > 0 and balance is not None and not balance.usable
        and note.status == "PARTIALLY_CLEARED"
    )  # fmt: skip
    return (
        note.document_number, note.document_date, note.vendor_name,
        reading.entity_name(note.entity_id, entities), str(labels.credit_note(note.status).word),
        note.currency, note.amount, 0 if rest else free, free if rest else None,
        *_used(balance), problem.sentence if problem else "",
        note.description or note.document_name, str(note.pk),
    )  # fmt: skip


def _used(balance: Balance | None) -> tuple[int | None, ...]:
    return (balance.planned, balance.held, balance.cleared) if balance else (None, None, None)


def invoice_payables(
    invoices: QuerySet, filters: Filters, *, sort: str, entities: Entities
) -> Sheet:
    columns = (
        Column("number", _("Number")), Column("due", _("Due"), DAY),
        Column("pays", _("Light pays on"), DAY), Column("vendor", _("Vendor")),
        Column("entity", _("Company entity")), Column("state", _("State")),
        Column("currency", _("Currency")), _money("amount", _("Amount")),
        _money("open", _("Open amount")), _money("outstanding", _("Outstanding in Light")),
        _money("planned", _("Planned")), _money("held", _("Held by proposals")),
        _money("cleared", _("Cleared by credit")),
        Column("problem", _("Why no credit can be used")), Column("description", _("Description")),
        Column("id", _("Id in Light")),
    )  # fmt: skip
    return Sheet(
        "invoices", _("Invoices"), columns,
        reading.of_documents(
            invoices, invoices_list.KIND, columns=invoices_list.COLUMNS, sort=sort,
            cells_of=_each(lambda one, balance: _invoice(one, balance, entities)),
        ),
        reading.words(filters),
    )  # fmt: skip


def _invoice(invoice: InvoicePayable, balance: Balance | None, entities: Entities) -> Cells:
    problem = documents.invoice_problem(invoice, balance)
    day, by_light = documents.pays_on(invoice)
    return (
        invoice.invoice_number, invoice.due_date, day if by_light else None, invoice.vendor_name,
        reading.entity_name(invoice.entity_id, entities), str(labels.invoice(invoice.state).word),
        invoice.currency, invoice.amount, balance.available if balance else None,
        invoice.outstanding_balance, *_used(balance), problem.sentence if problem else "",
        invoice.description or invoice.document_name, str(invoice.pk),
    )  # fmt: skip


def reopened_invoices(
    invoices: QuerySet, filters: Filters, *, sort: str, entities: Entities
) -> Sheet:
    columns = (
        Column("number", _("Invoice")), Column("due", _("Due"), DAY),
        Column("pays", _("Light pays on"), DAY), Column("vendor", _("Vendor")),
        Column("entity", _("Company entity")), Column("state", _("State")),
        Column("currency", _("Currency")), _money("amount", _("Amount")),
        _money("open", _("Open amount")), _money("outstanding", _("Unpaid again")),
        _money("planned", _("Planned")), _money("held", _("Held by proposals")),
        _money("undone", _("Last undone")), Column("note", _("Credit note of that")),
        Column("who", _("Undone by")), Column("undone_at", _("Undone at"), MOMENT),
        Column("id", _("Id in Light")),
    )  # fmt: skip
    return Sheet(
        "re-opened-invoices", _("Re-opened invoices"), columns,
        reading.of_documents(
            invoices, reopened.KIND, columns=reopened.COLUMNS, sort=sort,
            cells_of=lambda found, balances: _reopened(found, balances, entities),
        ),
        reading.words(filters),
    )  # fmt: skip


def _reopened(found: list[InvoicePayable], balances: Balances, entities: Entities) -> list[Cells]:
    undone = reopened.undone_on([one.pk for one in found])
    ids: set[UUID | None] = {one.note_id for events in undone.values() for one in events}
    names = CreditNote.objects.in_bulk({one for one in ids if one})
    made: list[Cells] = []
    for one in found:
        balance, events = balances.get(one.pk), undone[one.pk]
        last = events[0] if events else None
        day, by_light = documents.pays_on(one)
        made.append((
            one.invoice_number, one.due_date, day if by_light else None, one.vendor_name,
            reading.entity_name(one.entity_id, entities), str(labels.invoice(one.state).word),
            one.currency, one.amount, balance.available if balance else None,
            one.outstanding_balance, *_used(balance)[:2], last.amount if last else None,
            documents.name_of_document(names, last.note_id) if last else "",
            last.who if last else "", last.at if last else None, str(one.pk),
        ))  # fmt: skip
    return made
