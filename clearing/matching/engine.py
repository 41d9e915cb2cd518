"""One group's credits and payables to suggestions: the rules, one after the other."""

from collections.abc import Callable

from clearing.matching.adding_up import adding_up
from clearing.matching.amounts import exact, nearly
from clearing.matching.in_order import next_payment, oldest_due
from clearing.matching.referring import referring
from clearing.matching.table import Table
from clearing.matching.values import (
    ADDS_UP,
    CITES_PAID,
    EXACT,
    NEARLY,
    NEXT_PAYMENT,
    NO_PAYABLE,
    NOTHING_LEFT,
    OLDEST_DUE,
    ONE_POSTED,
    REFERENCE,
    RULED_OUT,
    Group,
    Result,
    Rules,
    Unused,
)

DOES: dict[str, Callable[[Table], None]] = {
    REFERENCE: referring,
    EXACT: exact,
    ADDS_UP: adding_up,
    NEARLY: nearly,
    NEXT_PAYMENT: next_payment,
    OLDEST_DUE: oldest_due,
}
HOUSE = Rules()


def match(group: Group, rules: Rules = HOUSE) -> Result:
    """Suggestions for this group; no balance is exceeded, no pair named twice.

    The result does not depend on the order of the input. Light takes a credit note that paid a
    posted invoice as partly used and refuses it from then on: hence at most one posted payable
    per credit.
    """
    table = Table(group, rules)
    if table.free:
        for rule in rules.order:
            DOES[rule](table)
    return Result(table.suggestions(), _unused(table), table.gave_up)


def _unused(table: Table) -> list[Unused]:
    """The credits that are left, wholly or in part, each with its cause."""
    if not any(table.free) and not table.aside:
        return []
    unused = []
    open_ = any(table.need)
    ruled_out = {c for c, p in table.without if table.need[p]}
    for c, left in enumerate(table.free):
        if c in table.aside:
            left, settled = table.aside[c]
            unused.append(Unused(table.credit_ids[c], left, CITES_PAID, settled))
        elif left:
            cause = NOTHING_LEFT if table.need else NO_PAYABLE
            if open_:
                cause = RULED_OUT if c in ruled_out else ONE_POSTED
            unused.append(Unused(table.credit_ids[c], left, cause, sets=table.sets.get(c, 0)))
    return unused
