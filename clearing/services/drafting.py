"""Unfinished clearing pages: what was typed, who else is at work, what is worth suggesting.

A draft never reserves anything. Its cells hold the texts as typed by "<credit note>:<invoice>",
and by "<document>" what was free or open, in the smallest unit, when it was first used.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.conf import settings

from clearing import matching, roles, workflow
from clearing.models import Draft, Proposal
from clearing.roles import User

RECENT = timedelta(minutes=10)
LONGEST_TEXT = 100
Cell = tuple[UUID, UUID]


class Document(Protocol):
    """What a suggestion looks at: what is free or open, the date it goes by, posted or not."""

    @property
    def id(self) -> UUID: ...
    @property
    def free(self) -> int | None: ...
    @property
    def order(self) -> date | None: ...
    @property
    def posted(self) -> bool: ...


@dataclass(frozen=True)
class Unfinished:
    """One person's draft: texts by pair, what was free or open then, the note."""

    typed: dict[Cell, str]
    seen: dict[UUID, int]
    note: str
    saved_at: datetime


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
    seen: dict[UUID, int] = {}
    for key, text in row.cells.items():
        note, colon, invoice = key.partition(":")
        if colon:
            typed[UUID(note), UUID(invoice)] = text
        else:
            seen[UUID(note)] = int(text)
    return Unfinished(typed, seen, row.note, row.updated_at)


def save(
    *,
    vendor_id: UUID,
    entity_id: UUID,
    currency: str,
    typed: Mapping[Cell, str],
    seen: Mapping[UUID, int],
    note: str,
    now: datetime,
    by: User,
) -> None:
    """Keep what was typed. An empty page is kept too: it says that nothing is wanted."""
    roles.check_may(by, "propose")
    cells = {f"{one}:{other}": text[:LONGEST_TEXT] for (one, other), text in typed.items()}
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


def suggestions(
    documents: Iterable[Document],
    invoices: Iterable[Document],
    *,
    taken: Collection[Cell],
    posted_taken: Collection[UUID],
    left: Mapping[UUID, int] | None = None,
) -> list[matching.Suggestion]:
    """What the engine would link; `left` overrides what is free or open of a document."""
    left = left or {}
    credits = [
        matching.Credit(
            one.id, left.get(one.id, one.free or 0), _ordinal(one.order),
            posted_taken=one.id in posted_taken,
        )
        for one in documents
    ]  # fmt: skip
    payables = [
        matching.Payable(
            one.id, left.get(one.id, one.free or 0), _ordinal(one.order), posted=one.posted
        )
        for one in invoices
    ]
    group = matching.Group("page", credits, payables, frozenset(taken))
    rules = matching.Rules(one_posted_per_credit=not settings.PARTIALLY_CLEARED_LINKABLE)
    return matching.match(group, rules).suggestions


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0
