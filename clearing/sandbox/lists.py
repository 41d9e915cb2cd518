"""Lists: `filter=field:op:value`, `sort=field:direction`, cursors; the same for every list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clearing.sandbox import fields
from clearing.sandbox.errors import bad_request
from clearing.sandbox.records import Record

Get = Callable[[Record], Any]

ORDERINGS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
OPERATORS = {"eq", "ne", "in", "not_in", *ORDERINGS}
DEFAULT_LIMIT, MAX_LIMIT = 50, 200


@dataclass(frozen=True)
class Field:
    """A field one may filter or sort by: how to read it from a row, and its type."""

    get: Get
    kind: str = "text"  # text, uuid, number, day, moment


@dataclass(frozen=True)
class Listing:
    """What one list allows; `order` is the order of rows when nothing is asked for."""

    name: str
    filters: Mapping[str, Field]
    sorts: Mapping[str, Field]
    order: Get
    key: Get


@dataclass(frozen=True)
class Page:
    rows: list[Record]
    has_more: bool
    total: int | None
    next_cursor: str | None
    prev_cursor: str | None

    def body(self, show: Callable[[Record], Record]) -> Record:
        return {
            "records": [show(row) for row in self.rows],
            "hasMore": self.has_more,
            "total": self.total,
            "nextCursor": self.next_cursor,
            "prevCursor": self.prev_cursor,
        }


def page(listing: Listing, rows: list[Record], query: Mapping[str, str]) -> Page:
    """Filter, sort and cut. By cursor, or by the deprecated offset, which also gives a total.

    A cursor holds a position, so a list that moves between two pages repeats or skips rows.
    """
    limit = _whole(query, "limit", DEFAULT_LIMIT)
    if not 1 <= limit <= MAX_LIMIT:
        raise bad_request(f"must be between 1 and {MAX_LIMIT}", "limit")
    tag = _tag(listing, query)
    by_cursor = "cursor" in query
    start = _position(query["cursor"], tag) if by_cursor else _whole(query, "offset", 0)
    found = _sorted(listing, _filtered(listing, rows, query.get("filter", "")), query)
    has_more = start + limit < len(found)
    before = max(0, start - limit)
    return Page(
        rows=found[start : start + limit],
        has_more=has_more,
        total=None if by_cursor else len(found),
        next_cursor=_cursor(tag, start + limit) if by_cursor and has_more else None,
        prev_cursor=_cursor(tag, before) if by_cursor and start else None,
    )


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name)
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise bad_request("must be a whole number", name)
    return int(value)


def _tag(listing: Listing, query: Mapping[str, str]) -> str:
    """What a cursor belongs to: list, filter, sort and search."""
    parts = [listing.name, *(query.get(key, "") for key in ("filter", "sort", "searchTerm"))]
    digest = hashlib.sha256(json.dumps(parts).encode())
    return digest.hexdigest()[:16]


def _cursor(tag: str, position: int) -> str:
    return base64.urlsafe_b64encode(f"{tag}.{position}".encode()).decode()


def _position(cursor: str, tag: str) -> int:
    if cursor == "0":
        return 0
    try:
        given, _, position = base64.urlsafe_b64decode(cursor.encode()).decode().partition(".")
    except (binascii.Error, ValueError) as error:
        raise bad_request("is not a cursor", "cursor") from error
    if given != tag or not re.fullmatch(r"[0-9]{1,9}", position):
        raise bad_request("belongs to another list, filter or sort", "cursor")
    return int(position)


def _filtered(listing: Listing, rows: list[Record], text: str) -> list[Record]:
    for condition in text.split(",") if text else []:
        name, _, rest = condition.partition(":")
        op, colon, value = rest.partition(":")
        if name not in listing.filters:
            raise bad_request(f"Unknown filter field '{name}'", "filter")
        if op not in OPERATORS or not colon:
            raise bad_request(f"Unknown filter operator '{op}'", "filter")
        field = listing.filters[name]
        matches = _condition(field, op, value)
        rows = [row for row in rows if matches(_comparable(field, row))]
    return rows


def _condition(field: Field, op: str, value: str) -> Callable[[Any], bool]:
    """As in SQL, a row without a value matches only `eq:null`."""
    if op in ("in", "not_in"):
        wanted = {_typed(field.kind, part) for part in value.split("|")}
        return lambda have: have is not None and (have in wanted) == (op == "in")
    if value == "null" and op in ("eq", "ne"):
        return lambda have: (have is None) == (op == "eq")
    bound = _typed(field.kind, value)
    if op in ORDERINGS:
        compare = ORDERINGS[op]
        return lambda have: have is not None and compare(have, bound)
    return lambda have: have is not None and (have == bound) == (op == "eq")


def _typed(kind: str, value: str) -> Any:
    if kind == "number":
        if not re.fullmatch(r"-?[0-9]{1,19}", value):
            raise bad_request(f"'{value}' is not a whole number", "filter")
        return int(value)
    if kind == "uuid":
        return fields.uuid(value, "filter")
    if kind == "day":
        return fields.day(value, "filter")
    return _moment(value) if kind == "moment" else value


def _moment(value: str) -> datetime:
    """An ISO date or date-time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad_request(f"'{value}' is not a date-time", "filter") from error


def _comparable(field: Field, row: Record) -> Any:
    value = field.get(row)
    return _moment(value) if field.kind == "moment" and value is not None else value


def _sorted(listing: Listing, rows: list[Record], query: Mapping[str, str]) -> list[Record]:
    """Nulls last whatever the direction; ties by id."""
    text = query.get("sort", "")
    if not text:
        return sorted(rows, key=lambda row: (listing.order(row), listing.key(row)), reverse=True)
    rows = sorted(rows, key=listing.key)
    for part in reversed(text.split(",")):
        name, _, direction = part.partition(":")
        if name not in listing.sorts:
            raise bad_request(f"Unknown sort field '{name}'", "sort")
        if direction not in ("asc", "desc"):
            raise bad_request(f"Unknown sort direction '{direction}'", "sort")
        rows = _by_field(listing.sorts[name], rows, direction == "desc")
    return rows


def _by_field(field: Field, rows: list[Record], descending: bool) -> list[Record]:
    keyed = [(_comparable(field, row), row) for row in rows]
    there = [pair for pair in keyed if pair[0] is not None]
    there.sort(key=lambda pair: pair[0], reverse=descending)
    return [row for _, row in there] + [row for value, row in keyed if value is None]
