"""The sheet of exceptions: every one of every kind, or of the kind that is shown."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from clearing.models import Edit
from clearing.queries import exceptions as exceptions_list
from clearing.queries.exceptions import Kind
from clearing.queries.exceptions.rows import Record
from clearing.queries.sheets_of import reading
from clearing.sheets import MOMENT, MONEY, NUMBER, Cells, Column, Sheet


def exceptions(*, only: str = "", locale: str) -> Sheet:
    columns = (
        Column("kind", _("Kind")), Column("note", _("Credit note")),
        Column("invoice", _("Invoice")), Column("vendor", _("Vendor")),
        Column("currency", _("Currency")), Column("amount", _("Amount"), MONEY, "currency"),
        Column("what", _("What")), Column("why", _("What happened")), Column("who", _("Who")),
        Column("since", _("Since"), MOMENT), Column("proposal", _("Proposal"), NUMBER),
        Column("note_id", _("Id of the credit note")), Column("invoice_id", _("Id of the invoice")),
    )  # fmt: skip
    kinds = [kind for kind in exceptions_list.KINDS if not only or kind.code == only]
    shown = tuple(_("Kind: %(kind)s") % {"kind": kind.title} for kind in kinds if only)
    return Sheet("exceptions", _("Exceptions"), columns, _rows(kinds, locale), shown)


def _rows(kinds: list[Kind], locale: str) -> Iterator[Cells]:
    for kind in kinds:
        yield from _of_kind(kind, locale)


def _of_kind(kind: Kind, locale: str) -> Iterator[Cells]:
    def cells_of(chunk: list[Record]) -> list[Cells]:
        rows = exceptions_list.rows_of(chunk, locale=locale)
        return [_cells(kind, *both) for both in zip(chunk, rows, strict=True)]

    return reading.cells(exceptions_list.of_kind(kind.code), [], cells_of)


def _cells(kind: Kind, record: Record, row: exceptions_list.Row) -> Cells:
    money = ("", None) if isinstance(record, Edit) else (record.currency, record.amount)
    note, invoice = record.credit_note_id, record.invoice_payable_id
    return (
        str(kind.title), row.note, row.invoice, row.vendor, *money, row.what, row.told or row.why,
        row.who, row.at, row.proposal_id, str(note or ""), str(invoice or ""),
    )  # fmt: skip
