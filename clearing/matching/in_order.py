"""Next payment first, then oldest due first: what is left is paid in an order of dates."""

from collections.abc import Sequence

from clearing.matching.referring import by_due
from clearing.matching.table import Table, make
from clearing.matching.values import (
    NEXT_PAYMENT,
    NO_PAYMENT,
    OLDEST_DUE,
    PAYS_LATER,
    POSSIBLE,
    SAME,
    Other,
)

Given = tuple[int, int, int, int]  # credit, payable, amount, place in the order
AHEAD = 4  # payables that are looked at for a runner-up


def next_payment(table: Table) -> None:
    """The oldest credits to the payables that are paid next."""
    pays = table.pays
    if any(pays):
        order = [p for p, left in enumerate(table.need) if left and pays[p]]
        order.sort(key=pays.__getitem__)
        given = _give(table, order)
        others = [p for p, left in enumerate(table.need) if left and not pays[p]]
        _tell(table, NEXT_PAYMENT, order + others, given)


def oldest_due(table: Table) -> None:
    """The oldest credits to the payables that are due first."""
    order = [p for p, left in enumerate(table.need) if left]
    if order and any(table.free):
        _tell(table, OLDEST_DUE, order, _give(table, order))


def _give(table: Table, order: Sequence[int]) -> list[Given]:
    """Walk along the payables with the credits in their order.

    Both kinds of payable have a chain of the credits that can still pay them; a credit that
    cannot any more leaves its chain when it is met, so that nobody is met in vain twice.
    """
    free, need, used, posted = table.free, table.need, table.used, table.posted
    without, bound, end = table.without, table.bound, len(table.free)
    chains = [range(1, end + 2)] if not bound else [range(1, end + 2)] * 2
    anyone, fresh = (list(chain) for chain in (chains * 2)[:2])
    given: list[Given] = []
    for place, p in enumerate(order):
        left, strict = need[p], bound and posted[p]
        chain = fresh if strict else anyone
        before, link = 0, chain[0]
        while left and link <= end:
            c = link - 1
            have = free[c]
            if not have or (strict and used[c]):
                link = chain[before] = chain[link]
            elif without and (c, p) in without:
                before, link = link, chain[link]
            else:
                amount = have if have < left else left
                left -= amount
                free[c] = have - amount
                if posted[p]:
                    used[c] = True
                given.append((c, p, amount, place))
                before, link = link, chain[link]
        need[p] = left
    return given


def _tell(table: Table, rule: str, order: Sequence[int], given: list[Given]) -> None:
    """Write down what was given, each with the next in the order as its runner-up."""
    last = {c: place for c, _p, _amount, place in given}
    count = len(order)
    for c, p, amount, place in given:
        other = None
        for ahead in range(last[c] + 1, min(count, last[c] + AHEAD)):
            if table.may_instead(c, p, order[ahead]):
                other = _other(table, rule, p, order[ahead])
                break
        table.say(c, p, amount, rule, POSSIBLE, other, count - place - 1)


def _other(table: Table, rule: str, p: int, q: int) -> Other:
    """Why this one lost: its date is later, or nothing tells the two apart."""
    if rule == OLDEST_DUE:
        return make(Other, (table.payable_ids[q], *by_due(table.due[p], table.due[q])))
    if not table.pays[q]:
        return make(Other, (table.payable_ids[q], NO_PAYMENT, 0))
    by = table.pays[q] - table.pays[p]
    return make(Other, (table.payable_ids[q], PAYS_LATER if by else SAME, by))
