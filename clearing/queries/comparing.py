"""Two credit notes side by side: what of them differs, and what was said of them."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from clearing import labels, money, twins
from clearing.models import CreditNote, Entity, NotDuplicate, Vendor
from clearing.queries import duplicates
from clearing.queries.duplicates import Side, Statement


@dataclass(frozen=True)
class Fact:
    """One fact of both; `differs` where they are not the same."""

    label: str
    one: str
    other: str
    differs: bool


@dataclass(frozen=True)
class Comparison:
    """Two credit notes side by side. `why` is empty where they do not look alike any more."""

    one: Side
    other: Side
    facts: list[Fact]
    why: str
    statement: Statement | None
    cancelled: bool


def compare(one: CreditNote, other: CreditNote, *, locale: str) -> Comparison:
    """Everything that the page shows of both; ten queries at most."""
    entities = {
        str(row.pk): str(row) for row in Entity.objects.filter(pk__in=_ids(one, other, "entity_id"))
    }
    vendors = Vendor.objects.in_bulk(_ids(one, other, "vendor_id"))
    suspected = {found.id: codes for found, codes in twins.suspected([one]).get(one.id, [])}
    codes = suspected.get(other.id, ())
    pair = twins.pair_of(one.id, other.id)
    said = NotDuplicate.objects.select_related("by").filter(one_id=pair[0], other_id=pair[1])
    row = said.first()
    return Comparison(
        one=duplicates.side_of(one, entities),
        other=duplicates.side_of(other, entities),
        facts=_facts(one, other, vendors, entities, locale),
        why=duplicates.why_words(codes, one, other),
        statement=duplicates.statement_of(one.id, other.id, row, {other.id: other})
        if row
        else None,
        cancelled=row is None and bool(codes) and bool(twins.answered([pair])),
    )


def _ids(one: CreditNote, other: CreditNote, column: str) -> set[UUID]:
    return {value for value in (getattr(one, column), getattr(other, column)) if value}


def _facts(
    one: CreditNote, other: CreditNote, vendors: dict[UUID, Vendor], entities: dict[str, str],
    locale: str,
) -> list[Fact]:  # fmt: skip
    found = []
    of = [_values(note, vendors, entities, locale) for note in (one, other)]
    for label in of[0]:
        first, second = of[0][label], of[1][label]
        if first or second:
            found.append(Fact(label, first, second, differs=first != second))
    return found


def _values(
    note: CreditNote, vendors: dict[UUID, Vendor], entities: dict[str, str], locale: str
) -> dict[str, str]:
    """The facts of one note by their labels; empty where one is missing."""
    vendor = vendors.get(note.vendor_id) if note.vendor_id else None
    return {
        _("Number"): note.document_number,
        _("Amount"): money.text(note.amount, note.currency, locale),
        _("Document date"): labels.day(note.document_date) if note.document_date else "",
        _("Status"): str(labels.credit_note(note.status).word),
        _("Vendor"): str(vendor or note.vendor_name),
        _("Vendor number"): vendor.number if vendor else "",
        _("VAT id"): vendor.vat_id if vendor else "",
        _("Company entity"): entities.get(str(note.entity_id), "") if note.entity_id else "",
        _("Posting date"): labels.day(note.posting_date) if note.posting_date else "",
        _("Description"): note.description,
        _("File"): note.document_name,
        _("First seen"): labels.moment(note.first_seen_at),
    }
