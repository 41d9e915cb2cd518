"""Reading a list to its end: in its order, a chunk at a time, in constant memory."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clearing import known
from clearing.models import Balance
from clearing.queries import documents, paging
from clearing.queries.filters import Filters
from clearing.sheets import Cells

CHUNK = 900  # rows; with more, SQLite needs two queries for their ids


def chunks(rows: QuerySet, order: list[str]) -> Iterator[list[Any]]:
    """All rows as the list's pages would show them one after another."""
    found = rows.order_by(*paging.with_ties(order)).iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk


def cells(
    rows: QuerySet, order: list[str], cells_of: Callable[[list[Any]], list[Cells]]
) -> Iterator[Cells]:
    """The cells of all rows; `cells_of` makes those of one chunk."""
    for chunk in chunks(rows, order):
        with known.once():
            made = cells_of(chunk)
        yield from made


Balances = Mapping[UUID, Balance]


def of_documents(
    found: QuerySet, kind: str, *, columns: Mapping[str, str], sort: str,
    cells_of: Callable[[list[Any], Balances], list[Cells]],
) -> Iterator[Cells]:  # fmt: skip
    """The cells of documents with their balances, in the order of documents.page_of."""
    sign, name = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    if name in columns:

        def by_column(chunk: list[Any]) -> list[Cells]:
            return cells_of(chunk, documents.balances(one.pk for one in chunk))

        return cells(found, [sign + columns[name]], by_column)

    def by_balance(chunk: list[Balance]) -> list[Cells]:
        by_id = found.model._default_manager.in_bulk([row.pk for row in chunk])
        here = [by_id[row.pk] for row in chunk if row.pk in by_id]
        return cells_of(here, {row.pk: row for row in chunk})

    rows = Balance.objects.filter(kind=kind, document_id__in=found.order_by().values("pk"))
    return cells(rows, ["currency", f"{sign}available_key"], by_balance)


def words(filters: Filters) -> tuple[str, ...]:
    """What was asked for, as the list's chips say it."""
    return tuple(filters.words.values())


def entity_name(entity_id: UUID | None, entities: Mapping[str, str]) -> str:
    return entities.get(str(entity_id), str(entity_id)) if entity_id else ""
