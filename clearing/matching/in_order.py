"""Next payment first, then oldest due first: what is left is paid in an order of dates."""

from collections.abc import Sequence

from clearing.matching.table import Table, make
from clearing.matching.values import (
    DUE_LATER,
    NEXT_PAYMENT,
    NO_DUE,
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
    pays, need = table.pays, table.need
    if any(pays):
        order = [p for p, left in enumerate(need) if left and pays[p]]
        order.sort(key=pays.__getitem__)
        given = _give(table, order)
        order += [p for p, left in enumerate(need) if left and not pays[p]]
        _tell(table, NEXT_PAYMENT, order, given, pays, (PAYS_LATER, NO_PAYMENT))


def oldest_due(table: Table) -> None:
    """The oldest credits to the payables that are due first."""
    order = [p for p, left in enumerate(table.need) if left]
    if order and any(table.free):
        given = _give(table, order)
        _tell(table, OLDEST_DUE, order, given, table.due, (DUE_LATER, NO_DUE))


def _give(table: Table, order: Sequence[int]) -> list[Given]:
    """Walk along the payables with the credits in their order.

    Both kinds of payable have a chain of the credits that can still pay them; a credit that
    cannot any more leaves its chain when it is met, so that nobody is met in vain twice.
    """
    free, need, used, posted = table.free, table.need, table.used, table.posted
    without, bound = table.without, table.bound
    credits = [-1, *(c for c, left in enumerate(free) if left)]
    end = len(credits)
    anyone = list(range(1, end + 1))
    fresh = anyone[:]
    given: list[Given] = []
    for place, p in enumerate(order):
        left, strict = need[p], bound and posted[p]
        chain = fresh if strict else anyone
        before, link = 0, chain[0]
        while left and link < end:
            c = credits[link]
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
        if anyone[0] == end:
            break
    return given


def _tell(
    table: Table,
    rule: str,
    order: Sequence[int],
    given: list[Given],
    dates: Sequence[int],
    words: tuple[str, str],
) -> None:
    """Write down what was given; the runner-up is the next in the order that it does not pay."""
    add, may, ids = table.rows.append, table.may_instead, table.payable_ids
    free = not table.bound and not table.without
    last = {c: place for c, _p, _amount, place in given}
    later, never = words
    count = len(order)
    for c, p, amount, place in given:
        other = None
        ahead = last[c] + 1
        stop = ahead + AHEAD
        while ahead < count and ahead < stop:
            q = order[ahead]
            if free or may(c, p, q):
                by = dates[q] - dates[p]
                why = later if by > 0 else never if by < 0 else SAME
                other = make(Other, (ids[q], why, by if by > 0 else 0))
                break
            ahead += 1
        add((c, p, amount, rule, POSSIBLE, other, count - place - 1, 0, 0))
