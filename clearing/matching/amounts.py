"""Exact and nearly exact: one credit and one payable of the same amount."""

from bisect import bisect_left, bisect_right

from clearing.matching.table import Table, make
from clearing.matching.values import (
    EXACT,
    LIKELY,
    NEARLY,
    OTHER_AMOUNT,
    OTHER_DATE,
    POSSIBLE,
    Other,
)

TRIES = 16  # payables that are tried where some may not be linked


def exact(table: Table) -> None:
    """Pairs of the same amount; where several fit, those that are closest in time."""
    both = set(table.free).intersection(table.need)
    both.discard(0)
    if not both:
        return
    credits, payables = _by_amount(table.free, both), _by_amount(table.need, both)
    for amount, some in credits.items():
        others = payables[amount]
        if len(some) == len(others) == 1:
            c, p = some[0], others[0]
            if table.may(c, p):
                strength = POSSIBLE if table.is_early(c, p) else LIKELY
                table.link(c, p, EXACT, strength)
        else:
            _closest(table, some, others)


def _by_amount(amounts: list[int], wanted: set[int]) -> dict[int, list[int]]:
    """The positions of the wanted amounts, in the order of the column."""
    found: dict[int, list[int]] = {}
    for position in [n for n, amount in enumerate(amounts) if amount in wanted]:
        found.setdefault(amounts[position], []).append(position)
    return found


def _closest(table: Table, credits: list[int], payables: list[int]) -> None:
    """Each credit to the last invoice before it that is left, else to the first after it."""
    dates = table.dates
    rivals = max(len(credits), len(payables)) - 1
    after = sorted(payables, key=lambda p: (dates[p], p), reverse=True)
    before: list[int] = []
    for c in credits:
        day = table.credit_days[c]
        while after and (dates[after[-1]] <= day or not day):
            before.append(after.pop())
        for waiting in (before, after):
            chosen = _take(table, c, waiting)
            if chosen is not None:
                rest = before[-1:] + after[-1:]
                table.link(c, chosen, EXACT, POSSIBLE, _further(table, c, chosen, rest), rivals)
                break


def _take(table: Table, c: int, waiting: list[int]) -> int | None:
    """Take the last one that this credit may pay out of those that wait."""
    for back in range(1, min(len(waiting), TRIES) + 1):
        if table.may(c, waiting[-back]):
            return waiting.pop(-back)
    return None


def _further(table: Table, c: int, p: int, rest: list[int]) -> Other | None:
    """The runner-up: the same amount, but further away in time."""
    rest = [q for q in rest if table.may(c, q)]
    if not rest:
        return None
    q = min(rest, key=lambda q: (_apart(table, c, q), q))
    by = _apart(table, c, q) - _apart(table, c, p)
    return make(Other, (table.payable_ids[q], OTHER_DATE, max(by, 0)))


def _apart(table: Table, c: int, p: int) -> int:
    return abs(table.credit_days[c] - table.dates[p])


def nearly(table: Table) -> None:
    """Pairs whose amounts differ by no more than the tolerance, the smallest difference first."""
    tolerance = table.rules.tolerance
    if tolerance <= 0:
        return
    free, need = table.free, table.need
    ladder = sorted((amount, p) for p, amount in enumerate(need) if amount)
    for c, amount in enumerate(free):
        if not amount:
            continue
        low = bisect_left(ladder, (amount - tolerance, -1))
        high = bisect_right(ladder, (amount + tolerance, len(need)))
        near = bisect_left(ladder, (amount, -1))
        window = ladder[max(low, near - TRIES) : min(high, near + TRIES)]
        fits = sorted(
            (abs(open_ - amount), p) for open_, p in window if need[p] and table.may(c, p)
        )
        if fits:
            gap, p = fits[0]
            table.link(c, p, NEARLY, POSSIBLE, _nearest(table, c, p, fits), len(fits) - 1, rest=gap)


def _nearest(table: Table, c: int, p: int, fits: list[tuple[int, int]]) -> Other | None:
    """The runner-up: the next smallest difference."""
    if len(fits) == 1:
        return None
    gap, q = fits[1]
    return make(Other, (table.payable_ids[q], OTHER_AMOUNT, gap))
