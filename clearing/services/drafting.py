"""Unfinished clearing pages: what was typed, and who else is at work.

A draft never reserves anything. Its cells hold the texts as typed by "<credit note>:<invoice>",
those that were suggested by the same with "=" behind, and by "<document>" what was free or open,
in the smallest unit, when it was first used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from clearing import roles, workflow
from clearing.models import Draft, Proposal
from clearing.roles import User

RECENT = timedelta(minutes=10)
LONGEST_TEXT = 100
Cell = tuple[UUID, UUID]


@dataclass(frozen=True)
class Unfinished:
    """One person's draft: texts by pair, typed and suggested, what was free or open, the note."""

    typed: dict[Cell, str]
    seen: dict[UUID, int]
    note: str
    saved_at: datetime
    filled: dict[Cell, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AtWork:
    """Somebody else whose draft of the same page is fresh."""

    name: str
    since: datetime


def load(
    *, vendor_id: UUID, entity_id: UUID, currency: str, now: datetime, by: User
) -> tuple[Unfinished | None, list[AtWork]]:
    """This person's draft of one page, and who else touched theirs within ten minutes."""
    mine, others = None, []
    rows = Draft.objects.filter(vendor_id=vendor_id, entity_id=entity_id, currency=currency)
    for row in rows.select_related("user").order_by("-updated_at"):
        if row.user_id == by.pk:
            mine = _read(row)
        elif row.updated_at > now - RECENT:
            others.append(AtWork(workflow.name_of(row.user), row.updated_at))
    return mine, others


def _read(row: Draft) -> Unfinished:
    typed: dict[Cell, str] = {}
    filled: dict[Cell, str] = {}
    seen: dict[UUID, int] = {}
    for key, text in row.cells.items():
        note, colon, invoice = key.partition(":")
        if colon:
            texts = filled if invoice.endswith("=") else typed
            texts[UUID(note), UUID(invoice.rstrip("="))] = text
        else:
            seen[UUID(note)] = int(text)
    return Unfinished(typed, seen, row.note, row.updated_at, filled)


def save(
    *,
    vendor_id: UUID,
    entity_id: UUID,
    currency: str,
    typed: Mapping[Cell, str],
    seen: Mapping[UUID, int],
    note: str,
    filled: Mapping[Cell, str] | None = None,
    now: datetime,
    by: User,
) -> None:
    """Keep what was typed. An empty page is kept too: it says that nothing is wanted."""
    roles.check_may(by, "propose")
    cells = {f"{one}:{other}": text[:LONGEST_TEXT] for (one, other), text in typed.items()}
    for (one, other), text in (filled or {}).items():
        cells[f"{one}:{other}="] = text[:LONGEST_TEXT]
    cells |= {str(document): str(amount) for document, amount in seen.items()}
    Draft.objects.update_or_create(
        user=by,
        vendor_id=vendor_id,
        entity_id=entity_id,
        currency=currency,
        defaults={"cells": cells, "note": note, "updated_at": now},
    )


def discard(*, vendor_id: UUID, entity_id: UUID, currency: str, by: User) -> None:
    """Forget this person's draft of one page."""
    Draft.objects.filter(
        user=by, vendor_id=vendor_id, entity_id=entity_id, currency=currency
    ).delete()


def drop(*, pair: Cell, by: User) -> None:
    """Forget one line of this person's drafts: its suggestion was rejected."""
    key = f"{pair[0]}:{pair[1]}"
    for row in Draft.objects.filter(user=by, cells__has_any_keys=[key, f"{key}="]):
        row.cells = {name: text for name, text in row.cells.items() if name.rstrip("=") != key}
        row.save(update_fields=["cells"])


def is_overtaken(
    *, vendor_id: UUID, entity_id: UUID, currency: str, shown_at: datetime, by: User
) -> bool:
    """Whether this person has proposed here since the page was shown: what it sends is old."""
    return Proposal.objects.filter(
        created_by=by,
        vendor_id=vendor_id,
        entity_id=entity_id,
        currency=currency,
        created_at__gt=shown_at,
    ).exists()
