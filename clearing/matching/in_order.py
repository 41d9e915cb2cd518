"""Next payment first, oldest due first: what is left goes to what leaves the bank next."""

from collections.abc import Sequence

from clearing.matching.table import Table, make
from clearing.matching.values import (
    DUE_LATER,
    NEXT_PAYMENT,
    NO_DUE,
    OLDEST_DUE,
    PAYS_LATER,
    POSSIBLE,
    SAME,
    Other,
)

Given = tuple[int, int, int, int]  # credit, payable, amount, place in the order
AHEAD = 4  # payables that are looked at for a runner-up
NEVER = 10**9  # later than any day


def next_payment(table: Table) -> None:
    """By the day of the payment, or the due date of a payable for which none is set."""
    _soonest_first(table, table.pays)


def oldest_due(table: Table) -> None:
    """By the due date, whatever the payments: what a list of rules without them leaves."""
    _soonest_first(table, (0,) * len(table.pays))


def _soonest_first(table: Table, pays: Sequence[int]) -> None:
    if any(table.free) and any(table.need):
        order = [p for p, left in enumerate(table.need) if left]
        days = [one or due or NEVER for one, due in zip(pays, table.due, strict=True)]
        order.sort(key=days.__getitem__)
        _tell(table, order, _give(table, order), days, pays)


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
    order: Sequence[int],
    given: list[Given],
    days: Sequence[int],
    pays: Sequence[int],
) -> None:
    """Write down what was given; the runner-up is the next in the order that it does not pay."""
    add, may, ids = table.rows.append, table.may_instead, table.payable_ids
    posted, declined = table.posted, bool(table.without)
    last = {c: place for c, _p, _amount, place in given}
    count = len(order)
    for c, p, amount, place in given:
        other = None
        ahead = last[c] + 1
        stop = ahead + AHEAD
        while ahead < count and ahead < stop:
            q = order[ahead]
            if not (posted[q] or declined) or may(c, p, q):
                why, by = PAYS_LATER if pays[q] else DUE_LATER, days[q] - days[p]
                if not by:
                    why = SAME
                elif days[q] == NEVER:
                    why, by = NO_DUE, 0
                other = make(Other, (ids[q], why, by))
                break
            ahead += 1
        rule = NEXT_PAYMENT if pays[p] else OLDEST_DUE
        add((c, p, amount, rule, POSSIBLE, other, count - place - 1, 0, 0))
