"""The sheet of credit that can't be used yet."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clearing import causes
from clearing.models import CreditNote, Decision, Outlook
from clearing.queries import decisions
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import reading
from clearing.queries.stuck import rows as stuck_rows
from clearing.sheets import DAY, MOMENT, MONEY, NUMBER, Cells, Column, Sheet
from clearing.workflow import name_of

Entities = Mapping[str, str]


def stuck(
    found: QuerySet, filters: Filters, *, sort: str, entities: Entities, locale: str
) -> Sheet:
    columns = (
        Column("number", _("Number")), Column("date", _("Date"), DAY),
        Column("vendor", _("Vendor")), Column("entity", _("Company entity")),
        Column("currency", _("Currency")), Column("left", _("Left"), MONEY, "currency"),
        Column("amount", _("Amount"), MONEY, "currency"), Column("cause", _("Why")),
        Column("sentence", _("Why, in words")), Column("step", _("What next")),
        Column("since", _("Known since"), MOMENT), Column("decision", _("Decision")),
        Column("owner", _("Looked after by")), Column("follow_up", _("Follow-up"), DAY),
        Column("decided", _("Decided at an amount of"), MONEY, "currency"),
        Column("by", _("Decided by")), Column("decided_at", _("Decided at"), MOMENT),
        Column("comment", _("Comment")), Column("small", _("Small rest"), NUMBER),
        Column("id", _("Id in Light")),
    )  # fmt: skip
    return Sheet(
        "cannot-be-used-yet", _("Can't be used yet"), columns,
        reading.cells(
            found, stuck_rows.ORDER[sort], lambda chunk: _cells(chunk, entities, locale)
        ),
        reading.words(filters),
    )  # fmt: skip


def _cells(chunk: list[Outlook], entities: Entities, locale: str) -> list[Cells]:
    ids = [one.pk for one in chunk]
    notes, decided = CreditNote.objects.in_bulk(ids), decisions.held(ids)
    return [
        _row(notes[one.pk], one, decided.get(one.pk), entities, locale)
        for one in chunk
        if one.pk in notes
    ]


def _row(
    note: CreditNote, outlook: Outlook, decided: Decision | None, entities: Entities, locale: str
) -> Cells:
    why = stuck_rows.told(outlook, entities=entities, locale=locale)
    known = outlook.cause != causes.UNREAD
    said: tuple[Any, ...] = ("", "", None, None, "", None, "")
    if decided:
        said = (
            str(Decision.Kind(decided.kind).label),
            name_of(decided.owner) if decided.owner else "", decided.follow_up_on, decided.amount,
            name_of(decided.by), decided.at, decided.comment,
        )  # fmt: skip
    return (
        note.document_number, note.document_date, note.vendor_name,
        reading.entity_name(note.entity_id, entities), outlook.currency,
        outlook.left if known and note.amount is not None else None, note.amount,
        why.label, why.sentence, why.step, outlook.since, *said, int(outlook.small), str(note.pk),
    )  # fmt: skip
