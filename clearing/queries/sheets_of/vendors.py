"""The sheet of vendors: a row for each company entity and currency of each."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clearing.models import Vendor
from clearing.queries import vendors as vendors_list
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import reading
from clearing.sheets import DAY, MONEY, Cells, Column, Sheet


def vendors(found: QuerySet, filters: Filters, *, sort: str, entities: Mapping[str, str]) -> Sheet:
    columns = (
        Column("vendor", _("Vendor")), Column("number", _("Number")),
        Column("status", _("Status in Light")), Column("entity", _("Company entity")),
        Column("currency", _("Currency")),
        Column("credit", _("Free to use"), MONEY, "currency"),
        Column("usable", _("Credit that can be used now"), MONEY, "currency"),
        Column("open", _("Open invoices"), MONEY, "currency"),
        Column("now", _("Can be cleared now"), MONEY, "currency"),
        Column("pays", _("Next payment"), DAY), Column("id", _("Id in Light")),
    )  # fmt: skip
    return Sheet(
        "vendors", _("Vendors"), columns,
        reading.cells(found, vendors_list.order_of(sort), lambda chunk: _cells(chunk, entities)),
        reading.words(filters),
        (_("A vendor has a row for each company entity and currency it has something open in."),),
    )  # fmt: skip


def _cells(chunk: list[Vendor], entities: Mapping[str, str]) -> list[Cells]:
    groups = vendors_list.groups([one.pk for one in chunk])
    made: list[Cells] = []
    for one in chunk:
        head = (one.name, one.number, one.status)
        nothing: list[Any] = [(*head, "", "", None, None, None, None, None, str(one.pk))]
        made += [
            (*head, reading.entity_name(group.entity_id, entities), group.currency, group.credit,
             group.usable_credit, group.open, group.usable_now, group.pays, str(one.pk))
            for group in groups.get(one.pk, [])
        ] or nothing  # fmt: skip
    return made
