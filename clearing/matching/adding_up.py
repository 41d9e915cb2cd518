"""Adds up exactly: one credit for a set of payables, or a set of credits for one payable."""

from collections import Counter
from itertools import islice
from typing import NamedTuple

from clearing.matching import subsets
from clearing.matching.table import Table
from clearing.matching.values import ADDS_UP, LIKELY, POSSIBLE

LOOKED = 500  # sets that are looked at for one target
MOST = 20  # sets that are counted
SURE, DOUBTFUL = 0.01, 0.2  # expected chance hits up to which a set is likely, or possible


class Hit(NamedTuple):
    """The only set that adds up: its credits, its payables, the chance hits to be expected."""

    credits: tuple[int, ...]
    payables: tuple[int, ...]
    chance: float


def adding_up(table: Table) -> None:
    """Link the sets that add up in one way only; where several do, count them."""
    credits = [c for c, left in enumerate(table.free) if left]
    payables = [p for p, left in enumerate(table.need) if left]
    work, hits = table.rules.work, []
    if table.bound and all(table.posted[p] for p in payables):
        pass  # no credit may pay two of them
    elif credits and len(payables) > 1:
        work = _search(table, hits, work, credits, payables, turned=False)
    if payables and len(credits) > 1:
        _search(table, hits, work, payables, credits, turned=True)
    if hits:
        _apply(table, hits)


def _search(
    table: Table, hits: list[Hit], work: int, targets: list[int], members: list[int], turned: bool
) -> int:
    """Look for the sets of members that make each target; answers what is left of the work."""
    wanted, amounts = (table.need, table.free) if turned else (table.free, table.need)
    given = [amounts[one] for one in members]
    least = sum(sorted(given)[:2])
    targets = [one for one in targets if wanted[one] >= least]
    steps = subsets.cost(len(given))
    if targets and (steps > work or subsets.is_too_much(len(given))):
        table.gave_up = True
    elif targets:
        search = subsets.Subsets(given)
        work -= steps
        for one in targets:
            work -= len(given)
            if work < 0:
                table.gave_up = True
                break
            if search.may_meet(wanted[one]):
                work -= steps
                _judge(table, hits, search, one, members, turned)
    return work


def _judge(
    table: Table,
    hits: list[Hit],
    search: subsets.Subsets,
    target: int,
    members: list[int],
    turned: bool,
) -> None:
    """A hit if one set may be linked and is no chance; several are counted for later rules."""
    wanted = table.need[target] if turned else table.free[target]
    found = []
    looked = 0
    for some in islice(search.of(wanted), LOOKED):
        looked += 1
        names = tuple(sorted(members[place] for place in some))
        hit = (names, (target,)) if turned else ((target,), names)
        if _is_allowed(table, *hit):
            found.append(hit)
            if len(found) == MOST:
                break
    if len(found) > 1:
        (table.sets_for if turned else table.sets)[target] = len(found)
    elif looked == LOOKED:
        table.gave_up = True
    elif found and (chance := search.chance(wanted)) <= DOUBTFUL:
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
            other = table.other_amount(c, p)
            strength = LIKELY if sure else POSSIBLE
            table.link(c, p, ADDS_UP, strength, other, rivals, size=len(pairs))


def _documents(hit: Hit) -> list[int]:
    """The credits and payables of a hit as numbers that do not meet."""
    return [*hit.credits, *(~p for p in hit.payables)]
