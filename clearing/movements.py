"""What a credit note's open amount went through, and what has to be appended to say so. Pure.

The books hold what *stands*: movements that no later one takes back. `facts` tells what should
stand by what Light shows now; `news` what to append so that it does. A movement keeps its day for
ever: what Light shows otherwise is taken back on that day, and stands anew on its own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from clearing import fx, usable

NEW, CLEARED, UNDONE, CANCELLED = "new", "cleared", "undone", "cancelled"


@dataclass(frozen=True)
class Group:
    """Where a movement is counted."""

    entity_id: UUID | None
    vendor_id: UUID | None
    currency: str


@dataclass(frozen=True)
class Fact:
    """One movement that should stand; `amount` in the smallest unit, above 0: more is open."""

    kind: str
    amount: int
    day: date
    assumed: bool = False
    clearing_id: UUID | None = None
    invoice_id: UUID | None = None
    local: int | None = None
    takes_back: int | None = None

    @property
    def key(self) -> tuple[str, UUID | None]:
        """What there is once of each credit note."""
        return self.kind, self.clearing_id


def facts(
    note: Any,
    clearings: Iterable[Any],
    *,
    day_of: Callable[[datetime], date],
    rest_is_cleared: bool,
) -> list[Fact]:
    """What should stand of a credit note that has been in the ledger; [] where it never counted.

    day_of: the day, at the company entity, of a time that stands in for a date which Light does
    not give. rest_is_cleared: no reading is due that would tell by what a cleared credit note was
    cleared, so what is left of it is taken as cleared.
    """
    if note.amount is None or not note.currency or note.adjusts_payables is False:
        return []
    if abs(note.amount) > usable.LARGEST:
        return []
    booked = note.posting_date or note.document_date or day_of(note.first_seen_at)
    found = [Fact(NEW, note.amount, booked, assumed=note.posting_date is None)]
    for one in sorted(clearings, key=lambda one: (one.payment_date or date.min, str(one.id))):
        if one.currency in ("", note.currency) and abs(one.amount) <= usable.LARGEST:
            found += _of_clearing(one, day_of)
    rest = sum(fact.amount for fact in found)
    if note.gone_at is not None or note.status not in usable.IN_LEDGER:
        end = Fact(CANCELLED, -rest, day_of(note.gone_at or note.changed_at), assumed=True)
    elif note.status == "CLEARED" and rest_is_cleared:
        changed = note.updated_in_light_at or note.changed_at
        end = Fact(CLEARED, -rest, day_of(changed), assumed=True)
    else:
        return found
    return [*found, end] if rest else found


def _of_clearing(one: Any, day_of: Callable[[datetime], date]) -> list[Fact]:
    """What it took away and, where Light shows it no more, what came back."""
    about = {"clearing_id": one.id, "invoice_id": one.invoice_payable_id}
    day = one.payment_date or day_of(one.first_seen_at)
    found = [Fact(CLEARED, -one.amount, day, one.payment_date is None, **about)]
    if one.gone_at is not None:
        found.append(Fact(UNDONE, one.amount, max(day, day_of(one.gone_at)), True, **about))
    return found


def news(
    found: Sequence[Fact], standing: Sequence[Any], *, rate: str, group: Group, local: str
) -> list[Fact]:
    """What to append to what stands (rows of Movement), so that it becomes what was found.

    rate: of the credit note; local: the entity's own currency. A value at that rate is rounded
    such that nothing is left of it once nothing is open.
    """
    at = _Rate(rate, group.currency, local)
    days = {(row.kind, row.clearing_id): row.day for row in standing if row.assumed}
    found = [_on_its_day(fact, days) for fact in _undone_by_then(found, days)]
    if _moved(found, standing, group, at):
        back = [_back(row) for row in standing]
        return [*back, *_valued(found, 0, 0, {}, at)]
    wanted = {fact.key: fact for fact in found}
    back, kept = [], {}
    for row in standing:
        fact = wanted.get((row.kind, row.clearing_id))
        if fact is not None and _same(fact, row):
            kept[row.kind, row.clearing_id] = row
        else:
            back.append(_back(row))
    fresh = [fact for fact in found if fact.key not in kept]
    open_ = sum(row.amount for row in kept.values())
    value = sum(row.local or 0 for row in kept.values())
    values = {row.clearing_id: row.local for row in kept.values() if row.kind == CLEARED}
    # What undoes a kept clearing first: the last one brings the value to that of what is open.
    fresh.sort(key=lambda fact: fact.kind != UNDONE or fact.clearing_id not in values)
    return [*back, *_valued(fresh, open_, value, values, at)]


class _Rate:
    """Turns an open amount into the entity's own currency; None where there is no rate."""

    def __init__(self, rate: str, currency: str, local: str) -> None:
        self.rate, self.currency, self.local = rate, currency, local

    def value(self, amount: int) -> int | None:
        return fx.translated(amount, self.currency, self.rate, self.local)


def _moved(found: Sequence[Fact], standing: Sequence[Any], group: Group, at: _Rate) -> bool:
    """Whether all of it is to stand elsewhere now, at another rate or of another amount."""
    if any((row.entity_id, row.vendor_id, row.currency) != _place(group) for row in standing):
        return True
    first = next((row for row in standing if row.kind == NEW), None)
    if first is None or not found:
        return False
    return first.amount != found[0].amount or first.local != at.value(first.amount)


def _place(group: Group) -> tuple[UUID | None, UUID | None, str]:
    return group.entity_id, group.vendor_id, group.currency


def _same(fact: Fact, row: Any) -> bool:
    """Of two assumed days the first one stays."""
    same_day = fact.day == row.day and fact.assumed == row.assumed
    return (
        fact.amount == row.amount
        and fact.invoice_id == row.invoice_payable_id
        and (same_day or (fact.assumed and row.assumed))
    )


def _back(row: Any) -> Fact:
    local = None if row.local is None else -row.local
    return Fact(
        row.kind, -row.amount, row.day, row.assumed, row.clearing_id, row.invoice_payable_id,
        local, takes_back=row.pk,
    )  # fmt: skip


def _undone_by_then(
    found: Sequence[Fact], days: dict[tuple[str, UUID | None], date]
) -> Sequence[Fact]:
    """What Light cancels has no clearing left: one that is seen undone later was undone by then."""
    end = next((_on_its_day(fact, days).day for fact in found if fact.kind == CANCELLED), None)
    if end is None:
        return found
    made = {fact.clearing_id: fact.day for fact in found if fact.kind == CLEARED}
    return [
        replace(fact, day=max(made[fact.clearing_id], min(fact.day, end)))
        if fact.kind == UNDONE
        else fact
        for fact in found
    ]


def _on_its_day(fact: Fact, days: dict[tuple[str, UUID | None], date]) -> Fact:
    """With the day that was assumed first, where Light still gives none."""
    return replace(fact, day=days.get(fact.key, fact.day)) if fact.assumed else fact


def _valued(
    fresh: Iterable[Fact], open_: int, value: int, values: dict[UUID | None, int | None], at: _Rate
) -> list[Fact]:
    """With their values: a new credit note at its rate; what undoes a clearing is worth what that
    was worth; everything else brings the value to that of what is open."""
    found = []
    for fact in fresh:
        open_ += fact.amount
        total = at.value(open_)
        local = None if total is None else total - value
        if fact.kind == NEW:
            local = at.value(fact.amount)
        elif fact.kind == UNDONE and local is not None and values.get(fact.clearing_id) is not None:
            local = -(values[fact.clearing_id] or 0)
        value += local or 0
        if fact.kind == CLEARED:
            values = values | {fact.clearing_id: local}
        found.append(replace(fact, local=local))
    return found
