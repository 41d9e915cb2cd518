"""Which sets of amounts add up to a target: a search that is bounded whatever the amounts.

Of up to FEW amounts every set is looked at; of more the pairs, and the triples too as long as
there are at most MANY of them. `chance` tells how much a hit is worth.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from math import comb

FEW = 12
MANY = 10_000  # sets of one size
STEPS = (10_000, 1_000, 100, 10)  # round amounts meet each other more often


def cost(count: int) -> int:
    """Steps that it takes to prepare the search among so many amounts."""
    return comb(count, 2)


def is_too_much(count: int) -> bool:
    """Whether even the pairs are too many: one of them meets any target by chance."""
    return cost(count) > MANY


class Subsets:
    """The sets of at least two of some positive amounts, as positions in their list."""

    def __init__(self, amounts: list[int]) -> None:
        count = len(amounts)
        self.amounts, self.ladder = amounts, sorted(amounts)
        self.every = count <= FEW
        self.triples = self.every or comb(count, 3) <= MANY
        half = count // 2 if self.every else 0
        self.low, self.high = _sums(amounts[:half]), _sums(amounts[half:] if self.every else [])
        if self.every:
            self.met = set(self.high)
        else:
            self.met = {one + other for one, other in combinations(amounts, 2)}

    def may_meet(self, target: int) -> bool:
        """Whether a set adds up to the target; a quick look that may say yes too often."""
        if self.every:
            return not self.met.isdisjoint([target - one for one in self.low])
        if target in self.met:
            return True
        return self.triples and not self.met.isdisjoint([target - one for one in self.amounts])

    def of(self, target: int) -> Iterator[tuple[int, ...]]:
        """The sets that add up to the target."""
        if self.every:
            yield from self._of_halves(target)
            return
        places: dict[int, list[int]] = defaultdict(list)
        for place, amount in enumerate(self.amounts):
            places[amount].append(place)
        for size in (1, 2) if self.triples else (1,):
            for some in combinations(range(len(self.amounts)), size):
                rest = target - sum(self.amounts[one] for one in some)
                for last in places.get(rest, ()):
                    if last > some[-1]:
                        yield (*some, last)

    def _of_halves(self, target: int) -> Iterator[tuple[int, ...]]:
        high: dict[int, list[int]] = defaultdict(list)
        for mask, one in enumerate(self.high):
            high[one].append(mask)
        half = len(self.amounts) // 2
        for mask, one in enumerate(self.low):
            for other in high.get(target - one, ()):
                both = mask | other << half
                if both & (both - 1):
                    yield tuple(n for n in range(len(self.amounts)) if both >> n & 1)

    def chance(self, target: int) -> float:
        """How many sets would meet the target if the amounts had nothing to do with it."""
        count = self._count(bisect_left(self.ladder, target))
        for step in STEPS:
            if target % step == 0:
                even = sum(1 for one in self.amounts if one < target and one % step == 0)
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
