"""Paging by key: fast on any page, because it asks for what comes after a row, not for an offset.

A key names the last (or first) row seen by the values it is sorted by. It is signed for one list
with one sort and one set of filters, so a key of another list is refused and not misread.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet

SIZE = 50


@dataclass(frozen=True)
class Page:
    """One page of rows. `first` and `last` count from 1; a key is empty where nothing follows."""

    rows: list[Any]
    first: int
    last: int
    previous_key: str = ""
    next_key: str = ""
    refused: bool = False  # a key was given that does not belong here: this is the first page


def page(rows: QuerySet, *, order: list[str], key: str, scope: str, size: int = SIZE) -> Page:
    """The page that `key` asks for (empty: the first), sorted by `order` with ties by id.

    `order` holds field names, "-" for descending; none of them may be null. `scope` names the
    list with its sort and filters.
    """
    order = with_ties(order)
    signer = Signer(salt=f"page:{scope}")
    asked = _read(signer, key, order) if key else None
    back, skipped, values = asked or (False, 0, [])
    wanted = _turned(order) if back else order
    found = rows.order_by(*wanted)
    if asked:
        found = found.filter(_after(wanted, values))
    listed = list(found[: size + 1])
    more, listed = len(listed) > size, listed[:size]
    if asked and not listed:
        return page(rows, order=order[:-1], key="", scope=scope, size=size)
    if back:
        listed.reverse()
        skipped = max(skipped - len(listed), 0) if more else 0
    before, after = (more, True) if back else (bool(asked), more)
    return Page(
        rows=listed,
        first=skipped + 1 if listed else 0,
        last=skipped + len(listed),
        previous_key=_write(signer, order, listed[0], True, skipped) if before else "",
        next_key=_write(signer, order, listed[-1], False, skipped + len(listed)) if after else "",
        refused=bool(key) and not asked,
    )


def with_ties(order: list[str]) -> list[str]:
    """An order in which no two rows are alike: ties by id."""
    return [*order, "-pk" if order and order[-1].startswith("-") else "pk"]


def _turned(order: list[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def _after(order: list[str], values: list[Any]) -> Q:
    """Rows behind the one with these values. The first field's bound lets an index be used."""
    behind, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field, compare = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        behind |= equal & Q(**{f"{field}__{compare}": value})
        equal &= Q(**{field: value})
    field, compare = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{field}__{compare}": values[0]}) & behind


def _write(signer: Signer, order: list[str], row: Model, back: bool, skipped: int) -> str:
    values = [getattr(row, name.lstrip("-")) for name in order]
    plain = [value if isinstance(value, int | str) else _text(value) for value in values]
    return signer.sign_object([int(back), skipped, *plain], compress=True)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _read(signer: Signer, key: str, order: list[str]) -> tuple[bool, int, list[Any]] | None:
    """What a key says, or None where it was not signed for this list, sort and filters."""
    try:
        back, skipped, *values = signer.unsign_object(key)
    except (BadSignature, ValueError, TypeError):
        return None
    return (bool(back), skipped, values) if len(values) == len(order) else None
