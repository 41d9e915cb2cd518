"""Reference: the credit names the invoice."""

from collections import defaultdict

from clearing.matching.table import Table, make
from clearing.matching.values import (
    CERTAIN,
    DUE_EARLIER,
    DUE_LATER,
    LIKELY,
    NO_DUE,
    NOT_CITED,
    POSSIBLE,
    REFERENCE,
    SAME,
    Other,
)

SHARED = 8  # a number that more invoices have is no reference

Wishes = dict[int, list[int]]  # by credit: the payables that it alone names, in its order


def referring(table: Table) -> None:
    """Links to cited invoices: where amounts agree first, then as far as the credit goes."""
    if not any(table.cites):
        return
    wishes = _read(table)
    claims: dict[int, list[int]] = defaultdict(list)  # by payable: the credits that name it
    for c, payables in wishes.items():
        for p in payables:
            claims[p].append(c)
    _agreeing(table, wishes, claims)
    _together(table, wishes, claims)
    _as_far_as_it_goes(table, wishes, claims)


def _read(table: Table) -> Wishes:
    """What each credit names; those that name settled invoices only are put aside."""
    owners = _owners(table)
    settled = table.group.settled
    wishes: Wishes = {}
    for c, cites in enumerate(table.cites):
        named: dict[int, str] = {}
        alone = []
        for key in cites:
            known = owners.get(key, ())
            for p in known if len(known) <= SHARED else ():
                if p not in named:
                    named[p] = key
                    if len(known) == 1:
                        alone.append(p)
        if named:
            table.named[c] = named
            wishes[c] = [p for p in alone if table.may(c, p)] or _by_amount(table, c, named)
        elif settled:
            _put_aside(table, c)
    return wishes


def _owners(table: Table) -> dict[str, list[int]]:
    """The payables that have a cited key among theirs."""
    cited = set().union(*table.cites)
    owners: dict[str, list[int]] = {}
    for p, keys in enumerate(table.keys):
        for key in keys:
            if key in cited:
                owners.setdefault(key, []).append(p)
    return owners


def _by_amount(table: Table, c: int, named: dict[int, str]) -> list[int]:
    """Of payables that share a cited number the one with the credit's amount, if only one has."""
    fits = [p for p in named if table.need[p] == table.free[c] and table.may(c, p)]
    return fits if len(fits) == 1 else []


def _put_aside(table: Table, c: int) -> None:
    settled = table.group.settled
    for key in table.cites[c]:
        if key in settled:
            table.aside[c] = table.free[c], settled[key]
            table.free[c] = 0
            return


def _agreeing(table: Table, wishes: Wishes, claims: dict[int, list[int]]) -> None:
    """Credits that name one invoice of their amount, or several that add up to it."""
    free, need = table.free, table.need
    first = dict(zip(reversed(table.needs), range(len(need) - 1, -1, -1), strict=True))
    last = dict(zip(table.needs, range(len(need)), strict=True))
    for c, payables in wishes.items():
        amount = free[c]
        fits = [p for p in payables if need[p] == amount]
        if len(fits) == 1:
            p = fits[0]
            twin = last[amount] if first[amount] == p else first[amount]
            sure = (
                len(payables) == 1 == len(claims[p]) == len(table.named[c])
                and twin == p
                and not table.is_early(c, p)
            )
            rivals = len(table.named[c]) + len(claims[p]) - 2
            other = _other(table, c, p, twin)
            table.link(c, p, REFERENCE, CERTAIN if sure else LIKELY, other, rivals)
        elif not fits and len(payables) > 1:
            _spread_exactly(table, c, payables, claims)


def _spread_exactly(
    table: Table, c: int, payables: list[int], claims: dict[int, list[int]]
) -> None:
    """The credit over all invoices it names, if they add up to it."""
    need = table.need
    if sum(need[p] for p in payables) != table.free[c] or not all(need[p] for p in payables):
        return
    if table.bound and sum(table.posted[p] for p in payables) > 1:
        return
    sure = all(len(claims[p]) == 1 and not table.is_early(c, p) for p in payables)
    for p in payables:
        other = _other(table, c, p, p)
        table.link(c, p, REFERENCE, CERTAIN if sure else LIKELY, other, size=len(payables))


def _together(table: Table, wishes: Wishes, claims: dict[int, list[int]]) -> None:
    """Several credits that name one invoice only and add up to it."""
    free, need = table.free, table.need
    for p, credits in claims.items():
        if len(credits) < 2 or any(wishes[c] != [p] or not free[c] for c in credits):
            continue
        if sum(free[c] for c in credits) != need[p]:
            continue
        amounts = {free[c] for c in credits}
        sure = len(amounts) == len(credits) and not any(table.is_early(c, p) for c in credits)
        for c in credits:
            other = _other(table, c, p, p)
            table.link(c, p, REFERENCE, CERTAIN if sure else LIKELY, other, size=len(credits))


def _as_far_as_it_goes(table: Table, wishes: Wishes, claims: dict[int, list[int]]) -> None:
    """The others pay what they name, in the order of the texts."""
    free, need = table.free, table.need
    crowded = {
        p for p, some in claims.items() if len(some) > 1 and sum(free[c] for c in some) > need[p]
    }
    for c, payables in wishes.items():
        if not free[c]:
            continue
        torn = len(payables) - 1 if sum(need[p] for p in payables) > free[c] else 0
        for p in payables:
            if free[c] and need[p] and table.may(c, p):
                rivals = torn + (len(claims[p]) - 1 if p in crowded else 0)
                strength = POSSIBLE if rivals or table.is_early(c, p) else LIKELY
                table.link(c, p, REFERENCE, strength, _other(table, c, p, p), rivals)


def _other(table: Table, c: int, p: int, twin: int) -> Other | None:
    """The runner-up: one with the same amount that is not named, else the one due first."""
    if twin != p and table.need[twin] and table.may(c, twin):
        return make(Other, (table.payable_ids[twin], NOT_CITED, 0))
    q = table.next_best(c, p)
    if q < 0:
        return None
    return make(Other, (table.payable_ids[q], *by_due(table.due[p], table.due[q])))


def by_due(mine: int, other: int) -> tuple[str, int]:
    """How the other's due date compares with mine."""
    if not other:
        return (NO_DUE, 0) if mine else (SAME, 0)
    if not mine or other < mine:
        return DUE_EARLIER, mine - other if mine else 0
    return (DUE_LATER, other - mine) if other > mine else (SAME, 0)
