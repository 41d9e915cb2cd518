"""Which sets of amounts add up to a target: a search that is bounded whatever the amounts.

Of up to FEW amounts every set is looked at; of more the pairs, and the triples too as long as
there are at most MANY of them. `chance` tells how much a hit is worth.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from math import comb

FEW = 10
MANY = 2_000  # sets of one size: of more, one meets any target by chance
STEPS = (10_000, 1_000, 100, 10)  # round amounts meet each other more often


def cost(count: int) -> int:
    """Steps that it takes to prepare the search among so many amounts."""
    return comb(count, 2)


class Subsets:
    """The sets of at least two of some positive amounts, as places in their ascending list."""

    def __init__(self, ladder: list[int]) -> None:
        count = len(ladder)
        self.ladder, self.every = ladder, count <= FEW
        self.triples = comb(count, 3) <= MANY
        self.step = count if self.triples else 1  # steps for one target
        if self.every:
            half = count // 2
            self.low, self.high = _sums(ladder[:half]), _sums(ladder[half:])
            self.met = set(self.high)
        else:
            self.met = {a + b for n, a in enumerate(ladder, 1) for b in ladder[n:]}

    def may_meet(self, targets: list[int]) -> set[int]:
        """Of these targets those that a set may add up to: a quick look, which may be too kind."""
        met = self.met
        if self.every:
            low = self.low
            return {one for one in targets if not met.isdisjoint([one - sum_ for sum_ in low])}
        found = met.intersection(targets)
        if self.triples and targets:
            lows = self.ladder[: bisect_right(self.ladder, max(targets) // 3)]
            if not met.isdisjoint([one - least for least in lows for one in targets]):
                for least in lows:
                    found.update([one for one in targets if one - least in met])
        return found

    def of(self, target: int) -> Iterator[tuple[int, ...]]:
        """The sets that add up to the target."""
        if self.every:
            yield from self._of_halves(target)
            return
        ladder, found = self.ladder, places_of(self.ladder)
        for one, amount in enumerate(ladder):
            rest = target - amount
            for other in found.get(rest, ()):
                if other > one:
                    yield one, other
            if self.triples:
                for other in range(one + 1, len(ladder)):
                    for last in found.get(rest - ladder[other], ()):
                        if last > other:
                            yield one, other, last

    def _of_halves(self, target: int) -> Iterator[tuple[int, ...]]:
        high = places_of(self.high)
        half = len(self.ladder) // 2
        for mask, one in enumerate(self.low):
            for other in high.get(target - one, ()):
                both = mask | other << half
                if both & (both - 1):
                    yield tuple(n for n in range(len(self.ladder)) if both >> n & 1)

    def chance(self, target: int) -> float:
        """How many sets would meet the target if the amounts had nothing to do with it."""
        count = self._count(bisect_left(self.ladder, target))
        for step in STEPS:
            if target % step == 0:
                even = sum(1 for one in self.ladder if one < target and one % step == 0)
                count += self._count(even) * step
                break
        return count / target

    def _count(self, count: int) -> int:
        """How many sets of so many amounts are looked at."""
        if self.every:
            return 2**count - count - 1
        return comb(count, 2) + (comb(count, 3) if self.triples else 0)


def _sums(amounts: list[int]) -> list[int]:
    """The sums of all sets; the bits of a place in the list are the members of its set."""
    sums = [0]
    for amount in amounts:
        sums += [one + amount for one in sums]
    return sums


def places_of(amounts: list[int]) -> dict[int, list[int]]:
    """By amount, where it stands."""
    found: dict[int, list[int]] = {}
    for place, amount in enumerate(amounts):
        found.setdefault(amount, []).append(place)
    return found
