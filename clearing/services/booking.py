"""Keeps the sub-ledger: appends what the copy of Light says of each credit note, and its sums.

Called in the transaction that changed the copy, after the balances, whose locks keep two
transactions from appending the same.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from clearing import months, movements, serial, usable
from clearing.models import (
    Clearing,
    CreditNote,
    Entity,
    HistoryReading,
    Instruction,
    Link,
    MonthTotal,
    Movement,
    SyncRun,
)
from clearing.models.movement import NO_ENTITY
from clearing.movements import Fact, Group

SUMS = ("count", "amount", "local", "without_rate", "late_count", "late", "late_local")
CONNECTING = timedelta(days=7)  # then news is late although the past is not read to its end
K, Made = Movement.Kind, Movement.Made
MAKES = [*Instruction.IN_FLIGHT, Instruction.State.DONE]


def book(notes: Iterable[UUID], *, now: datetime, whole: bool = False) -> None:
    """Append what is new of these credit notes; nothing where their movements say it all.

    whole: everything that Light shows of them was read, so what is left of a cleared credit note
    was cleared by something that Light does not tell.
    """
    ids = list(notes)
    rows: dict[UUID, list[Movement]] = defaultdict(list)
    for row in Movement.objects.filter(credit_note_id__in=ids).order_by("pk"):
        rows[row.credit_note_id].append(row)
    counted = Q(status__in=usable.IN_LEDGER) | Q(id__in=list(rows))
    found = list(CreditNote.objects.filter(counted, id__in=ids).order_by("id"))
    if not found:
        return
    entries = defaultdict(list)
    of_notes = Clearing.objects.filter(credit_note_id__in=[one.id for one in found], type="CN")
    for entry in of_notes:
        entries[entry.credit_note_id].append(entry)
    were = {row.entity_id for note in found for row in rows[note.id]}
    places = _Places({note.entity_id for note in found} | were, now)
    fresh = []
    for note in found:
        stands = standing(rows[note.id])
        rest = whole or not rows[note.id] or any(_is_rest(row) for row in stands)
        fresh += _news(note, entries[note.id], stands, places, rest)
    _append(fresh)


def standing(rows: Iterable[Movement]) -> list[Movement]:
    """Those that no other one takes back."""
    rows = list(rows)
    over = {row.takes_back for row in rows}
    return [row for row in rows if row.takes_back is None and row.pk not in over]


def _is_rest(row: Movement) -> bool:
    return row.kind == K.CLEARED and row.clearing_id is None


@dataclass
class _Places:
    """The entities of some credit notes: their currencies, zones, and when a month is over."""

    ids: set[UUID | None]
    now: datetime
    entities: dict[UUID, Entity] = field(init=False)
    began: bool = field(init=False)  # all of the past was read: from then on news can be late

    def __post_init__(self) -> None:
        self.entities = Entity.objects.in_bulk([one for one in self.ids if one])
        reading = HistoryReading.objects.filter(
            kind="first", finished_at=None, planned_at__gt=self.now - CONNECTING
        )
        whole = SyncRun.objects.filter(full=True, state=SyncRun.State.DONE)
        self.began = whole.exists() and not reading.exists()

    def zone(self, entity_id: UUID | None) -> tzinfo:
        return months.zone(self.entities.get(entity_id) if entity_id else None)

    def currency(self, entity_id: UUID | None) -> str:
        entity = self.entities.get(entity_id) if entity_id else None
        return entity.local_currency if entity else ""

    def is_late(self, day: date, entity_id: UUID | None) -> bool:
        return self.began and self.now >= months.over_at(day, self.zone(entity_id))


def _news(
    note: CreditNote, entries: list[Clearing], stands: list[Movement], places: _Places, rest: bool
) -> list[Movement]:
    """The rows to append for one credit note, unsaved."""
    zone = places.zone(note.entity_id)

    def day_of(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    group = Group(note.entity_id, note.vendor_id, note.currency)
    found = movements.facts(note, entries, day_of=day_of, rest_is_cleared=rest)
    fresh = movements.news(
        found, stands, rate=note.local_fx_rate, group=group, local=places.currency(note.entity_id)
    )
    was = {row.pk: row for row in stands}
    return [_row(fact, note, was, places) for fact in fresh]


def _row(fact: Fact, note: CreditNote, was: dict[int, Movement], places: _Places) -> Movement:
    back = was[fact.takes_back] if fact.takes_back else None
    of = back or note
    return Movement(
        kind=fact.kind,
        credit_note_id=note.id,
        invoice_payable_id=fact.invoice_id,
        clearing_id=fact.clearing_id,
        entity_id=of.entity_id,
        vendor_id=of.vendor_id,
        currency=of.currency,
        amount=fact.amount,
        local=fact.local,
        day=fact.day,
        month=months.first_day(fact.day),
        assumed=fact.assumed,
        late=places.is_late(fact.day, of.entity_id),
        takes_back=fact.takes_back,
        made=Made.LIGHT,
        known_at=places.now,
    )


def _append(fresh: list[Movement]) -> None:
    if not fresh:
        return
    _say_who(fresh)
    serial.writing(serial.Rows.MOVEMENTS)
    Movement.objects.bulk_create(fresh, batch_size=500)
    _count(fresh)


def _say_who(fresh: list[Movement]) -> None:
    """Made here, by somebody in Light, or by Light itself; what is taken back, Light shows."""
    news = [row for row in fresh if row.takes_back is None]
    notes = {row.credit_note_id for row in news}
    links: dict[tuple[UUID, UUID | None], str] = {
        (one.credit_note_id, one.invoice_payable_id): Made.HERE if one.made_here else Made.LIGHT
        for one in Link.objects.filter(credit_note_id__in=notes)
    }
    ours = Instruction.objects.filter(credit_note_id__in=notes, state__in=MAKES)
    done = {
        (line.kind, line.credit_note_id, line.invoice_payable_id)
        for line in ours.exclude(kind__in=["link", "amend", "unlink", "reverse"])
    }
    undone = _undone_here(news, ours)
    archives = set(ours.filter(archives=True).values_list("credit_note_id", flat=True))
    for row in news:
        note = row.credit_note_id
        ours_by_kind = {
            K.NEW: ("post", note, None) in done,
            K.UNDONE: row.clearing_id in undone,
            K.CANCELLED: note in archives or ("archive", note, None) in done,
        }
        if row.kind == K.CLEARED and row.clearing_id:
            row.made = links.get((note, row.invoice_payable_id), Made.ITSELF)
        elif ours_by_kind.get(K(row.kind)):
            row.made = Made.HERE


def _undone_here(news: list[Movement], ours: QuerySet[Instruction]) -> set[UUID | None]:
    """Clearings that a reverse of ours has undone: one that was asked for while the clearing was
    shown, and was not done before it was. Another clearing of the same pair is another matter."""
    ids = [row.clearing_id for row in news if row.kind == K.UNDONE and row.clearing_id]
    if not ids:
        return set()
    reverses: dict[tuple[UUID | None, UUID | None], list[Instruction]] = defaultdict(list)
    for line in ours.filter(kind="reverse"):
        reverses[line.credit_note_id, line.invoice_payable_id].append(line)
    return {
        one.pk
        for one in Clearing.objects.filter(pk__in=ids)
        for line in reverses[one.credit_note_id, one.invoice_payable_id]
        if (one.gone_at is None or line.asked_at <= one.gone_at)
        and (line.done_at is None or line.done_at >= one.first_seen_at)
    }


def _count(fresh: Iterable[Movement]) -> None:
    """Add them to the sums of their months, always in the same order."""
    sums: dict[tuple[UUID, str, date, str], list[int]] = defaultdict(lambda: [0] * len(SUMS))
    for row in fresh:
        key = (row.entity_id or NO_ENTITY, row.currency, row.month, str(row.kind))
        one = 1 if row.takes_back is None else -1
        late = row.late
        values = (
            one, row.amount, row.local or 0, one if row.local is None else 0,
            one if late else 0, row.amount if late else 0, (row.local or 0) if late else 0,
        )  # fmt: skip
        sums[key] = [total + value for total, value in zip(sums[key], values, strict=True)]
    quote = connection.ops.quote_name
    table = quote(MonthTotal._meta.db_table)
    names = [quote(name) for name in ("entity_id", "currency", "month", "kind", *SUMS)]
    adds = ", ".join(f"{quote(n)} = {table}.{quote(n)} + excluded.{quote(n)}" for n in SUMS)
    uuid = MonthTotal._meta.get_field("entity_id")
    with connection.cursor() as cursor:
        for (entity, currency, month, kind), total in sorted(sums.items(), key=_order):
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608
                f"VALUES ({', '.join(['%s'] * len(names))}) "
                f"ON CONFLICT (entity_id, currency, month, kind) DO UPDATE SET {adds}",
                [uuid.get_db_prep_value(entity, connection), currency, month, kind, *total],
            )


def _order(item: Any) -> Any:
    key, _values = item
    return tuple(map(str, key))
