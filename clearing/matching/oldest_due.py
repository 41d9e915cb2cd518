"""The oldest due date first, paid by the oldest credit first."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from clearing.matching.values import Credit, Payable, Suggestion

RULE = "oldest_due"


def suggest(
    credits: Iterable[Credit],
    payables: Iterable[Payable],
    *,
    one_posted_per_credit: bool = True,
    without: Collection[tuple[UUID, UUID]] = (),
) -> list[Suggestion]:
    """Spread the credits over the payables; no balance is exceeded, no pair named twice.

    Documents without a date come last; equal dates are ordered by id, so that the order of the
    input does not matter. Light takes a credit note that paid a posted invoice as partly used
    and refuses it from then on: hence at most one posted payable per credit. `without` names
    pairs (credit, payable) that are linked already.
    """
    sources = sorted((one for one in credits if one.open > 0), key=lambda c: _order(c.day, c.id))
    remaining = {one.id: one.open for one in sources}
    used_up = {one.id for one in sources if one.posted_taken}
    found = []
    for payable in sorted(payables, key=lambda p: _order(p.due, p.id)):
        need = payable.open
        for credit in sources:
            if need <= 0:
                break
            bound = payable.posted and one_posted_per_credit
            if (bound and credit.id in used_up) or (credit.id, payable.id) in without:
                continue
            amount = min(need, remaining[credit.id])
            if amount <= 0:
                continue
            found.append(
                Suggestion(credit.id, payable.id, amount, RULE, due=payable.due, day=credit.day)
            )
            need -= amount
            remaining[credit.id] -= amount
            if payable.posted:
                used_up.add(credit.id)
    return found


def _order(day: date | None, key: UUID) -> tuple[bool, date, UUID]:
    return day is None, day or date.min, key
