"""Reference: the credit names the invoice."""

from collections.abc import Sequence

from clearing.matching.table import Table, make
from clearing.matching.values import CERTAIN, LIKELY, NOT_CITED, POSSIBLE, REFERENCE, Other

SHARED = 8  # a number that more invoices have is no reference

Wishes = dict[int, tuple[int, ...]]  # by credit: the payables that it alone names, in its order
Crowds = dict[int, list[int]]  # by payable that several credits name: those credits


def referring(table: Table) -> None:
    """Links to cited invoices: where amounts agree first, then as far as the credit goes."""
    wishes = _read(table) if any(table.cites) else {}
    if not wishes:
        return
    crowds = _crowds(wishes)
    _agreeing(table, wishes, crowds)
    _together(table, wishes, crowds)
    _as_far_as_it_goes(table, wishes, crowds)


def _read(table: Table) -> Wishes:
    """What each credit names; those that name settled invoices only are put aside."""
    owner, shared = _owners(table)
    settled, named, names = table.group.settled, table.named, table.names
    barred = bool(table.without) or (table.bound and any(table.used))
    wishes: Wishes = {}
    for c, cites in enumerate(table.cites):
        keys = [key for key in cites if key in owner]
        if not keys and not shared:
            if settled and cites:
                _put_aside(table, c)
            continue
        if len(keys) == 1 and not shared:
            payables: tuple[int, ...] = (owner[keys[0]],)
            alone = payables
        else:
            alone, payables, keys = _several(cites, keys, owner, shared)
        if payables:
            named[c], names[c] = payables, keys
            if barred:
                alone = tuple([p for p in alone if table.may(c, p)])
            wishes[c] = alone or _by_amount(table, c, payables)
        elif settled:
            _put_aside(table, c)
    return wishes


def _several(
    cites: Sequence[str], keys: list[str], owner: dict[str, int], shared: dict[str, list[int]]
) -> tuple[tuple[int, ...], tuple[int, ...], list[str]]:
    """The payables that alone have one of these keys; all that have one, each with its key."""
    payables = [owner[key] for key in keys]
    named = dict(zip(reversed(payables), reversed(keys), strict=True))
    for key in cites:
        named.update((p, key) for p in shared.get(key, ()) if p not in named)
    return tuple(dict.fromkeys(payables)), tuple(named), list(named.values())


def _crowds(wishes: Wishes) -> Crowds:
    claimed: dict[int, int] = {}
    crowds: Crowds = {}
    for c, payables in wishes.items():
        for p in payables:
            if p in claimed:
                crowds.setdefault(p, [claimed[p]]).append(c)
            else:
                claimed[p] = c
    return crowds


def _owners(table: Table) -> tuple[dict[str, int], dict[str, list[int]]]:
    """By key: the payable that alone has it; the payables that share it."""
    owner = {key: p for p, keys in enumerate(table.keys) for key in keys}
    if len(owner) == sum(map(len, table.keys)):
        return owner, {}
    several: dict[str, list[int]] = {}
    for p, keys in enumerate(table.keys):
        for key in keys:
            if owner[key] != p:
                several.setdefault(key, []).append(p)
    shared = {key: [*some, owner.pop(key)] for key, some in several.items()}
    return owner, {key: some for key, some in shared.items() if len(some) <= SHARED}


def _by_amount(table: Table, c: int, named: tuple[int, ...]) -> tuple[int, ...]:
    """Of payables that share a cited number the one with the credit's amount, if only one has."""
    fits = [p for p in named if table.need[p] == table.free[c] and table.may(c, p)]
    return (fits[0],) if len(fits) == 1 else ()


def _put_aside(table: Table, c: int) -> None:
    settled = table.group.settled
    for key in table.cites[c]:
        if key in settled:
            table.aside[c] = table.free[c], settled[key]
            table.free[c] = 0
            return


def _agreeing(table: Table, wishes: Wishes, crowds: Crowds) -> None:
    """Credits that name one invoice of their amount, or several that add up to it."""
    free, need, needs, named = table.free, table.need, table.needs, table.named
    last = dict(zip(needs, range(len(needs)), strict=True))
    first = last
    if len(last) < len(needs):
        first = dict(zip(reversed(needs), range(len(needs) - 1, -1, -1), strict=True))
    days, dates = table.credit_days, table.dates
    for c, payables in wishes.items():
        amount, count = free[c], len(payables)
        p = payables[0] if payables else -1
        if count > 1:
            fits = [one for one in payables if need[one] == amount]
            p = fits[0] if len(fits) == 1 else -1
            if not fits:
                _spread_exactly(table, c, payables, crowds)
        if p >= 0 and need[p] == amount:
            twin = last[amount] if first[amount] == p else first[amount]
            rivals = len(named[c]) - 1 + (len(crowds[p]) - 1 if p in crowds else 0)
            sure = not rivals and twin == p and not 0 < days[c] < dates[p]
            other = None if twin == p else _twin(table, c, twin)
            table.link(c, p, REFERENCE, CERTAIN if sure else LIKELY, other, rivals)


def _twin(table: Table, c: int, twin: int) -> Other | None:
    """The runner-up with the same amount, which is not named."""
    if not table.need[twin] or not table.may(c, twin):
        return None
    return make(Other, (table.payable_ids[twin], NOT_CITED, 0))


def _spread_exactly(table: Table, c: int, payables: Sequence[int], crowds: Crowds) -> None:
    """The credit over all invoices it names, if they add up to it."""
    need = table.need
    if sum(need[p] for p in payables) != table.free[c] or not all(need[p] for p in payables):
        return
    if table.bound and sum(table.posted[p] for p in payables) > 1:
        return
    sure = all(p not in crowds and not table.is_early(c, p) for p in payables)
    for p in payables:
        table.link(c, p, REFERENCE, CERTAIN if sure else LIKELY, size=len(payables))


def _together(table: Table, wishes: Wishes, crowds: Crowds) -> None:
    """Several credits that name one invoice only and add up to it."""
    free, need = table.free, table.need
    for p, credits in crowds.items():
        if any(len(wishes[c]) > 1 or not free[c] for c in credits):
            continue
        if sum(free[c] for c in credits) != need[p]:
            continue
        amounts = {free[c] for c in credits}
        sure = len(amounts) == len(credits) and not any(table.is_early(c, p) for c in credits)
        for c in credits:
            table.link(c, p, REFERENCE, CERTAIN if sure else LIKELY, size=len(credits))


def _as_far_as_it_goes(table: Table, wishes: Wishes, crowds: Crowds) -> None:
    """The others pay what they name, in the order of the texts."""
    free, need = table.free, table.need
    crowded = {
        p: len(some) - 1 for p, some in crowds.items() if sum(free[c] for c in some) > need[p]
    }
    days, dates = table.credit_days, table.dates
    for c, payables in wishes.items():
        if not free[c]:
            continue
        torn = len(payables) - 1
        if torn > 0 and sum(need[p] for p in payables) <= free[c]:
            torn = 0
        for p in payables:
            if free[c] and need[p] and table.may(c, p):
                rivals = torn + crowded.get(p, 0)
                doubtful = rivals or 0 < days[c] < dates[p]
                table.link(c, p, REFERENCE, POSSIBLE if doubtful else LIKELY, None, rivals)
