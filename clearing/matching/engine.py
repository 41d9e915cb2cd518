"""One group's credits and payables to suggestions: the rules, one after the other."""

from uuid import UUID

from clearing.matching.values import (
    NO_PAYABLE,
    NOTHING_LEFT,
    OLDEST_DUE,
    POSSIBLE,
    Group,
    Result,
    Rules,
    Suggestion,
    Unused,
)


def match(group: Group, rules: Rules | None = None) -> Result:
    """Suggestions for this group; no balance is exceeded, no pair named twice.

    The result does not depend on the order of the input. Light takes a credit note that paid a
    posted invoice as partly used and refuses it from then on: hence at most one posted payable
    per credit.
    """
    rules = rules or Rules()
    sources = sorted(
        (one for one in group.credits if one.open > 0), key=lambda c: _order(c.day, c.id)
    )
    remaining = {one.id: one.open for one in sources}
    used_up = {one.id for one in sources if one.posted_taken}
    found = []
    for payable in sorted(group.payables, key=lambda one: _order(one.due, one.id)):
        need = payable.open
        for credit in sources:
            if need <= 0:
                break
            bound = payable.posted and rules.one_posted_per_credit
            if (bound and credit.id in used_up) or (credit.id, payable.id) in group.without:
                continue
            amount = min(need, remaining[credit.id])
            if amount <= 0:
                continue
            found.append(Suggestion(credit.id, payable.id, amount, OLDEST_DUE, POSSIBLE))
            need -= amount
            remaining[credit.id] -= amount
            if payable.posted:
                used_up.add(credit.id)
    cause = NOTHING_LEFT if group.payables else NO_PAYABLE
    unused = [Unused(one.id, remaining[one.id], cause) for one in sources if remaining[one.id]]
    return Result(found, unused)


def _order(day: int, key: UUID) -> tuple[bool, int, UUID]:
    return not day, day, key
