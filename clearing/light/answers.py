"""From parsed JSON to records; what does not fit is LightUnreadable."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from clearing.light.errors import LightUnreadable
from clearing.light.records import Page, Record, Unreadable

R = TypeVar("R", bound=Record)
CURSOR = re.compile(r"[\x20-\x7e]{1,2000}")  # it is stored, and goes into an address


def page_of(model: type[R], raw: Any, cursor: str) -> Page[R]:
    """A page's envelope; an endless or torn list is an error, not a shorter list."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("records"), list):
        raise LightUnreadable("Light's answer is not a page of a list.")
    following = raw.get("nextCursor") or None
    more = raw.get("hasMore")
    if more is False:
        following = None
    elif more and following is None:
        raise LightUnreadable("Light says that there is more, but not where.")
    if following is not None and not (isinstance(following, str) and CURSOR.fullmatch(following)):
        raise LightUnreadable("Light's list does not go on: its cursor is none.")
    if following is not None and following == cursor:
        raise LightUnreadable("Light's list does not go on: its cursor repeats.")
    good, bad = [], []
    for one in raw["records"]:
        try:
            good.append(record_of(model, one))
        except LightUnreadable as error:
            bad.append(Unreadable(_id_in(one), error.words))
    return Page(tuple(good), following, tuple(bad))


def record_of(model: type[R], raw: Any) -> R:
    """One record; the sentence names the field, never its value."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        of = f" {_id_in(raw)}" if _id_in(raw) else ""
        raise LightUnreadable(
            f"Light's answer cannot be read: {model.__name__}{of}, {first or 'as a whole'}."
        ) from None


def records_of(model: type[R], raw: Any) -> tuple[R, ...]:
    """All of a plain array or none: an entry left out would look like an absent one."""
    if not isinstance(raw, list):
        raise LightUnreadable("Light's answer is not a list.")
    return tuple(record_of(model, one) for one in raw)


def _id_in(raw: Any) -> UUID | None:
    """The id of a record that may be unreadable otherwise."""
    value = (raw.get("id") or raw.get("vendorId")) if isinstance(raw, Mapping) else None
    try:
        return UUID(value) if type(value) is str else None
    except ValueError:
        return None
