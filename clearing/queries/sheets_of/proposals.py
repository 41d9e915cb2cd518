"""The sheet of the review queue: every proposal that matches, also those inside a batch."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clearing.models import Instruction
from clearing.queries import proposals as queue
from clearing.queries.filters import Filters
from clearing.queries.line_states import COUNTED
from clearing.queries.sheets_of import reading
from clearing.sheets import DAY, MOMENT, MONEY, NUMBER, Cells, Column, Sheet
from clearing.workflow import name_of

S = Instruction.State


def proposals(
    found: QuerySet, filters: Filters, *, show: str, sort: str, locale: str
) -> Sheet:  # fmt: skip
    counted = queue.TOTAL_OF.get(show, _("Total"))
    columns = (
        Column("proposal", _("Proposal"), NUMBER), Column("batch", _("Batch"), NUMBER),
        Column("vendor", _("Vendor")), Column("entity", _("Company entity")),
        Column("currency", _("Currency")),
        Column("amount", _("%(counted)s, links") % {"counted": counted}, MONEY, "currency"),
        Column("what", _("What")), Column("states", _("Lines")), Column("pays", _("Pays on"), DAY),
        Column("by", _("Proposed by")), Column("at", _("Proposed at"), MOMENT),
        Column("note", _("Note")), Column("warnings", _("Warnings")),
    )  # fmt: skip
    shown = _("Show: %(part)s") % {"part": queue.SHOWS[show]}
    return Sheet(
        "proposals", _("Review"), columns,
        reading.cells(
            queue.with_names(found), queue.order_of(sort), lambda chunk: _cells(chunk, show, locale)
        ),
        (shown, *reading.words(filters)),
        (_("Each proposal of a batch has a row of its own; the page shows a batch as one row."),),
    )  # fmt: skip


def _cells(chunk: list[Any], show: str, locale: str) -> list[Cells]:
    batches = {one.pk: one.batch_id for one in chunk}
    for one in chunk:
        one.batch_id = None  # a row of its own
    rows, links = queue.rows(chunk, show=show, locale=locale), _links(batches, show)
    return [
        (
            one.pk, batches[one.pk], one.vendor_name or "", one.entity_name or "", one.currency,
            links.get(one.pk, 0), row.what, _states(row), row.pays, name_of(one.created_by),
            one.created_at, one.note, " ".join(row.warnings),
        )
        for one, row in zip(chunk, rows, strict=True)
    ]  # fmt: skip


def _states(row: queue.Row) -> str:
    return ", ".join(f"{n} {label.word}" for label, n in row.states)


def _links(ids: Mapping[int, Any], show: str) -> dict[int, int]:
    """By proposal, the links that this part of the queue adds up."""
    lines = Instruction.objects.filter(proposal_id__in=list(ids), kind=Instruction.Kind.LINK)
    if states := COUNTED.get(show):
        lines = lines.filter(state__in=states)
    found: dict[int, int] = {}
    for proposal, amount in lines.order_by().values_list("proposal_id", "amount"):
        found[proposal] = found.get(proposal, 0) + (amount or 0)
    return found
