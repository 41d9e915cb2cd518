"""The sheet of drafts: those of one group of the queue, with everything each lacks."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from clearing.models import CreditNote
from clearing.queries import drafts as drafts_list
from clearing.queries import sums
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import reading
from clearing.sheets import DAY, MONEY, Cells, Column, Sheet


def drafts(
    filters: Filters, sorting: drafts_list.Sorting, *, group: str, entities: Mapping[str, str]
) -> Sheet:
    columns = (
        Column("number", _("Number")), Column("date", _("Date"), DAY),
        Column("vendor", _("Vendor")), Column("entity", _("Company entity")),
        Column("currency", _("Currency")), Column("amount", _("Amount"), MONEY, "currency"),
        Column("lacks", _("What it lacks")), Column("description", _("Description")),
        Column("id", _("Id in Light")),
    )  # fmt: skip
    shown = _("Group: %(group)s") % {"group": drafts_list.GROUPS[group][0]}
    capped = _("There are more than %(n)d drafts; these are the oldest. Filter to see others.") % {
        "n": sums.MOST
    }
    return Sheet(
        "drafts", _("Drafts"), columns, _rows(sorting, sorting.groups[group], entities),
        (shown, *reading.words(filters)), (capped,) if sorting.capped else (),
    )  # fmt: skip


def _rows(
    sorting: drafts_list.Sorting, ids: list[UUID], entities: Mapping[str, str]
) -> Iterator[Cells]:
    for start in range(0, len(ids), reading.CHUNK):
        chunk = ids[start : start + reading.CHUNK]
        notes = CreditNote.objects.in_bulk(chunk)
        for one in (notes[id] for id in chunk if id in notes):
            lacks = (str(drafts_list.GROUPS[code][1]) for code in sorting.lacks.get(one.pk, []))
            yield (
                one.document_number, one.document_date, one.vendor_name,
                reading.entity_name(one.entity_id, entities), one.currency, one.amount,
                ", ".join(lacks), one.description or one.document_name, str(one.pk),
            )  # fmt: skip
