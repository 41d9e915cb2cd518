"""What a paper is of, and what one row of its lists holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from clearing import months
from clearing.models import CreditNote, Entity, InvoicePayable
from clearing.models.movement import NO_ENTITY
from clearing.sheets import Cells, Column

CHUNK = 500  # ids in one query


@dataclass(frozen=True)
class Scope:
    """One entity's month, looked at now. `local`: the entity's own currency, empty for none."""

    entity_id: UUID  # NO_ENTITY for credit notes that name none
    month: date
    now: datetime
    local: str = ""
    zone: ZoneInfo = field(default_factory=lambda: months.zone(None))

    @classmethod
    def of(cls, entity_id: UUID, month: date, now: datetime) -> "Scope":
        entity = Entity.objects.filter(pk=entity_id).first()
        local = entity.local_currency if entity else ""
        return cls(entity_id, month, now, local, months.zone(entity))

    @property
    def named(self) -> UUID | None:
        """The entity as documents and movements name it."""
        return None if self.entity_id == NO_ENTITY else self.entity_id

    @property
    def last(self) -> date:
        return months.last_day(self.month)

    @property
    def over_at(self) -> datetime:
        return months.over_at(self.month, self.zone)

    def day_of(self, moment: datetime) -> date:
        """The day at the entity."""
        return moment.astimezone(self.zone).date()


class Row(NamedTuple):
    """One row. Beside its cells what lists are filtered and added up by, as of PaperRow."""

    currency: str
    amount: int | None
    part: str
    age: str
    cells: Cells
    key: str = ""

    @property
    def kept(self) -> Cells:
        """All of it, as it is hashed."""
        return (self.currency, self.amount, self.part, self.age, self.key, *self.cells)


Words = str | Promise


@dataclass(frozen=True)
class List:
    """One list that a controller hands over. `parts`: the words of each code in `Row.part`."""

    key: str
    title: Words
    about: Words  # one sentence: what stands in it
    columns: tuple[Column, ...]
    rows: Callable[[Scope], Iterable[Row]]
    parts: Mapping[str, Words] = field(default_factory=dict)
    none: Words = ""  # said where it is empty


def chunks(ids: Iterable[Any]) -> Iterator[list[Any]]:
    """In lists that fit into one query."""
    left = iter(ids)
    while found := list(islice(left, CHUNK)):
        yield found


def notes(ids: Iterable[UUID]) -> dict[UUID, CreditNote]:
    """The credit notes with these ids, without the columns that no list shows."""
    found: dict[UUID, CreditNote] = {}
    for some in chunks(dict.fromkeys(ids)):
        rows = CreditNote.objects.defer("description", "document_name").filter(pk__in=some)
        found |= {row.pk: row for row in rows}
    return found


def invoices(ids: Iterable[UUID | None]) -> dict[UUID, InvoicePayable]:
    """The invoices with these ids, the same way."""
    found: dict[UUID, InvoicePayable] = {}
    for some in chunks(one for one in dict.fromkeys(ids) if one):
        rows = InvoicePayable.objects.defer("description", "document_name").filter(pk__in=some)
        found |= {row.pk: row for row in rows}
    return found


def text(id: UUID | None) -> str:
    return str(id) if id else ""


def by_name(row: Row) -> tuple[str, ...]:
    """Lists are in the order of their first two columns (vendor, number), then of all others."""
    return tuple("" if cell is None else str(cell) for cell in row.cells)
