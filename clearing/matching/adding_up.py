"""Adds up exactly: one credit for a set of payables, or a set of credits for one payable."""

from bisect import bisect_right
from collections import Counter
from itertools import islice
from typing import NamedTuple

from clearing.matching import subsets
from clearing.matching.table import Table
from clearing.matching.values import ADDS_UP, LIKELY, POSSIBLE

LOOKED = 500  # sets that are looked at for one target
MOST = 20  # sets that are counted
SURE, DOUBTFUL = 0.01, 0.05  # expected chance hits up to which a set is likely, or possible


class Side(NamedTuple):
    """A direction of the search: what is to be made, and of what."""

    targets: list[int]
    wanted: list[int]  # the column of the targets' amounts
    members: list[int]
    amounts: list[int]  # the column of the members' amounts
    turned: bool  # the targets are payables, the members credits


class Hit(NamedTuple):
    """The only set that adds up: its credits, its payables, the chance hits to be expected."""

    credits: tuple[int, ...]
    payables: tuple[int, ...]
    chance: float


def adding_up(table: Table) -> None:
    """Link the sets that add up in one way only; where several do, count them.

    A document that a rule before has used is no part of a set.
    """
    free, need, frees, needs = table.free, table.need, table.frees, table.needs
    credits = [c for c, left in enumerate(free) if left == frees[c]]
    payables = [p for p, left in enumerate(need) if left == needs[p]]
    hits: list[Hit] = []
    if not table.bound or not all(table.posted[p] for p in payables):
        _search(table, hits, Side(credits, free, payables, need, turned=False))
    _search(table, hits, Side(payables, need, credits, free, turned=True))
    if hits:
        _apply(table, hits)


def _search(table: Table, hits: list[Hit], side: Side) -> None:
    """Look for the sets of members that make each target, as far as the work goes."""
    targets, wanted, amounts = side.targets, side.wanted, side.amounts
    if len(side.members) < 2 or not targets:
        return
    members = sorted(side.members, key=amounts.__getitem__)
    ladder = [amounts[one] for one in members]
    # No set holds a member that leaves no room for the smallest one beside it.
    del ladder[bisect_right(ladder, max([wanted[one] for one in targets]) - ladder[0]) :]
    count = len(ladder)
    if count < 2:
        return
    steps = subsets.cost(count)
    if steps > table.work or steps > subsets.MANY:
        table.gave_up = True
        return
    least = ladder[0] + ladder[1]
    search = subsets.Subsets(ladder)
    targets = [one for one in targets if wanted[one] >= least]
    affordable = (table.work - steps) // search.step
    if affordable < len(targets):
        table.gave_up = True
        del targets[affordable:]
    table.work -= steps + len(targets) * search.step
    met = search.may_meet([wanted[one] for one in targets])
    if met:
        for one in targets:
            if wanted[one] in met:
                _judge(table, hits, side, search, members, one)


def _judge(
    table: Table,
    hits: list[Hit],
    side: Side,
    search: subsets.Subsets,
    members: list[int],
    target: int,
) -> None:
    """A hit if one set may be linked and is no chance; several are counted for later rules."""
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    looked = 0
    table.work -= subsets.cost(len(search.ladder))
    for places in islice(search.of(side.wanted[target]), LOOKED):
        looked += 1
        some = tuple(sorted([members[place] for place in places]))
        credits, payables = (some, (target,)) if side.turned else ((target,), some)
        if _is_allowed(table, credits, payables):
            found.append((credits, payables))
            if len(found) == MOST:
                break
    if len(found) > 1:
        (table.sets_for if side.turned else table.sets)[target] = len(found)
    elif looked == LOOKED:
        table.gave_up = True
    elif found and (chance := search.chance(side.wanted[target])) <= DOUBTFUL:
        hits.append(Hit(*found[0], chance))


def _is_allowed(table: Table, credits: tuple[int, ...], payables: tuple[int, ...]) -> bool:
    """Whether all pairs may be linked, and no credit would pay two posted payables."""
    if table.bound and sum(table.posted[p] for p in payables) > 1:
        return False
    return all(table.may(c, p) for c in credits for p in payables)


def _apply(table: Table, hits: list[Hit]) -> None:
    """Link the hits, the surest first; one that shares a document with another is possible."""
    crowd = Counter(one for hit in hits for one in _documents(hit))
    spent: set[int] = set()
    for hit in sorted(hits, key=lambda hit: (hit.chance, hit.credits, hit.payables)):
        documents = _documents(hit)
        if spent.intersection(documents):
            continue
        spent.update(documents)
        pairs = [(c, p) for c in hit.credits for p in hit.payables]
        rivals = max(crowd[one] for one in documents) - 1
        sure = hit.chance <= SURE and not rivals and not any(table.is_early(*one) for one in pairs)
        for c, p in pairs:
            strength = LIKELY if sure else POSSIBLE
            table.link(c, p, ADDS_UP, strength, None, rivals, size=len(pairs))


def _documents(hit: Hit) -> list[int]:
    """The credits and payables of a hit as numbers that do not meet."""
    return [*hit.credits, *(~p for p in hit.payables)]
