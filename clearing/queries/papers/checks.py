"""What stands in the way of a signature: two lists, and a few facts."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clearing import exceptional
from clearing.models import (
    Accepted,
    CreditNote,
    Decision,
    Edit,
    HistoryReading,
    Instruction,
    Paper,
    SyncRun,
)
from clearing.queries.exceptions.kinds import KINDS
from clearing.queries.papers.open_credit import NOTHING, OPEN, UP_TO_30, rows
from clearing.queries.papers.scope import List, Row, Scope, by_name, chunks, invoices, notes, text
from clearing.sheets import MONEY, NUMBER, Column

TITLES = {kind.code: kind.title for kind in KINDS}
EXCEPTIONS = (
    Column("vendor", _("Vendor")),
    Column("number", _("Credit note")),
    Column("invoice", _("Invoice")),
    Column("kind", _("Exception")),
    Column("amount", _("Amount"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("credit_note_id", _("Credit note's id")),
    Column("invoice_id", _("Invoice's id")),
)
OLD = (
    Column("vendor", _("Vendor")),
    Column("number", _("Credit note")),
    Column("age_days", _("Days old"), NUMBER),
    Column("amount", _("Open"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("credit_note_id", _("Credit note's id")),
)


NOTE = [column.key for column in OPEN.columns].index("credit_note_id")


def facts(scope: Scope) -> dict[str, Any]:
    """Whether the month is over and was read since, and how many outcomes are not known."""
    runs = SyncRun.objects.filter(state=SyncRun.State.DONE)
    past = HistoryReading.objects.filter(kind=HistoryReading.Kind.FIRST, finished_at=None)
    lines = Instruction.objects.filter(state__in=Instruction.IN_FLIGHT)
    edits = Edit.objects.filter(state__in=Edit.HOLDING, dealt_at=None)
    unknown = [*lines.values_list("credit_note_id", flat=True),
               *edits.values_list("credit_note_id", flat=True)]  # fmt: skip
    mine = _of_entity(scope, unknown)
    return {
        "over": scope.now >= scope.over_at,
        "read_whole": runs.filter(full=True).exists() and not past.exists(),
        "read_since": runs.filter(started_at__gte=scope.over_at).exists(),
        "unknown": sum(note is None or note in mine for note in unknown),
    }


def facts_to_sign(scope: Scope, paper: Paper) -> dict[str, Any]:
    """The same, with what has come up since the paper was made: exceptions that stand now, and
    credit on it that has lost its decision."""
    ended = Decision.objects.filter(ended_at__gte=paper.made_at).values("credit_note_id")
    held = Decision.objects.filter(ended_at=None, credit_note_id__in=ended)
    lost = set(ended.values_list("credit_note_id", flat=True))
    lost -= set(held.values_list("credit_note_id", flat=True))
    keys = [f"credit:{scope.month:%Y-%m}:{note}" for note in lost]
    old = paper.rows.filter(list=OPEN.key, amount__gt=0, part__in=Decision.Kind.values)
    notes = [str(note) for note in lost]
    left = [
        cells[NOTE]
        for cells in old.exclude(age=UP_TO_30).values_list("cells", flat=True).iterator()
        if notes and cells[NOTE] in notes
    ]
    undecided = paper.figures["lists"]["undecided"]["count"] + len(left) - len(_accepted(keys))
    return facts(scope) | {"exceptions": len(exceptions(scope)), "undecided": undecided}


def exceptions(scope: Scope) -> list[Row]:
    """Of the entity, but for what waits for Light's answer and what somebody has accepted."""
    found: list[Row] = []
    for source, records in _sources():
        for some in chunks(records.iterator()):
            mine = _of_entity(scope, (one.credit_note_id for one in some))
            found += _rows(source, [one for one in some if one.credit_note_id in mine])
    accepted = _accepted(row.key for row in found)
    return sorted((row for row in found if row.key not in accepted), key=by_name)


def _of_entity(scope: Scope, notes: Iterable[Any]) -> set[Any]:
    """Those of these credit notes that are the entity's: asked by id, for an entity has many."""
    found: set[Any] = set()
    for some in chunks(dict.fromkeys(one for one in notes if one)):
        mine = CreditNote.objects.filter(pk__in=some, entity_id=scope.named)
        found |= set(mine.values_list("pk", flat=True))
    return found


def _sources() -> Iterator[tuple[str, QuerySet[Any]]]:
    lines = exceptional.lines().exclude(state__in=Instruction.IN_FLIGHT)
    yield "line", lines
    yield "link", exceptional.links()
    yield "clearing", exceptional.clearings()
    yield "difference", exceptional.differences()
    yield "edit", exceptional.edits().exclude(state__in=Edit.HOLDING)


def _rows(source: str, records: list[Any]) -> Iterator[Row]:
    of_notes = notes(one.credit_note_id for one in records)
    of_invoices = invoices(getattr(one, "invoice_payable_id", None) for one in records)
    for one in records:
        note = of_notes[one.credit_note_id]
        invoice_id = getattr(one, "invoice_payable_id", None)
        invoice = of_invoices.get(invoice_id) if invoice_id else None
        amount = None if source == "edit" else one.amount
        currency = getattr(one, "currency", "") or note.currency
        cells = (
            note.vendor_name,
            str(note),
            str(invoice) if invoice else text(invoice_id)[:8],
            str(TITLES.get(one.code, one.code)),
            amount,
            currency,
            text(note.pk),
            text(invoice_id),
        )
        key = f"exception:{source}:{one.code}:{one.pk}"
        yield Row(currency, amount, one.code, "", cells, key)


def old_credit(scope: Scope, open_credit: Iterable[Row]) -> list[Row]:
    """Of the rows of open credit: over 30 days old, and nobody has decided about it or accepted
    it."""
    found = []
    for row in open_credit:
        if row.part != NOTHING or row.age == UP_TO_30 or (row.amount or 0) <= 0:
            continue
        vendor, number, _dated, days, *_rest = row.cells
        note = row.cells[NOTE]
        cells = (vendor, number, days, row.amount, row.currency, note)
        key = f"credit:{scope.month:%Y-%m}:{note}"
        found.append(Row(row.currency, row.amount, row.part, row.age, cells, key))
    accepted = _accepted(row.key for row in found)
    return [row for row in found if row.key not in accepted]


def _accepted(keys: Iterable[str]) -> set[str]:
    return {
        key
        for some in chunks(keys)
        for key in Accepted.objects.filter(key__in=some).values_list("key", flat=True)
    }


TO_ACCEPT = List(
    key="exceptions",
    title=_("Exceptions to acknowledge"),
    about=_("Exceptions that nobody has dealt with; each has to be acknowledged once."),
    columns=EXCEPTIONS,
    rows=exceptions,
    parts=TITLES,
    none=_("Every exception was dealt with."),
)
TO_DECIDE = List(
    key="undecided",
    title=_("Over 30 days without a decision"),
    about=_("Open credit that is older than 30 days, and that nobody has decided about."),
    columns=OLD,
    rows=lambda scope: old_credit(scope, rows(scope)),
    none=_("All older credit was decided about."),
)
