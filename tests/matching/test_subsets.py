"""The search for sets beside a brute force, and its bounds."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.matching.subsets import FEW, MANY, Subsets, cost

AMOUNTS = st.integers(1, 30) | st.integers(10**14, 10**15)


def by_force(ladder: list[int], target: int, most: int) -> set[tuple[int, ...]]:
    """All sets of two and more places, up to a size, whose amounts add up."""
    return {
        places
        for size in range(2, most + 1)
        for places in combinations(range(len(ladder)), size)
        if sum(ladder[one] for one in places) == target
    }


@given(st.lists(AMOUNTS, min_size=2, max_size=FEW).map(sorted), st.integers(2, 200))
def test_of_few_amounts_every_set_is_found(ladder, target):
    search = Subsets(ladder)
    for one in (target, sum(ladder), ladder[0] + ladder[-1]):
        found = list(search.of(one))
        assert set(found) == by_force(ladder, one, len(ladder)) and len(set(found)) == len(found)
        assert not found or one in search.may_meet([one])


@given(st.lists(AMOUNTS, min_size=FEW + 1, max_size=16).map(sorted), st.integers(2, 90))
def test_of_more_amounts_pairs_and_triples_are_found(ladder, target):
    search = Subsets(ladder)
    for one in (target, sum(ladder[:3]), ladder[0] + ladder[-1]):
        found = list(search.of(one))
        assert set(found) == by_force(ladder, one, 3) and len(set(found)) == len(found)
        assert not found or one in search.may_meet([one])


def test_of_many_amounts_only_pairs_are_looked_at():
    ladder = [2**n for n in range(30)]
    assert list(Subsets(ladder).of(2**3 + 2**7)) == [(3, 7)]
    assert list(Subsets(ladder).of(2**3 + 2**7 + 2**9)) == []
    assert cost(63) <= MANY < cost(64)


@pytest.mark.parametrize(
    ("ladder", "target", "low", "high"),
    [
        ([30323, 60931], 91254, 0, 0.001),  # two odd amounts that meet are no chance
        ([30000, 60000], 90000, 0.1, 0.2),  # round amounts meet more often
        ([1001 + n for n in range(60)], 2050, 0.5, 2),  # some of many small ones always meet
    ],
)
def test_the_chance_of_a_hit(ladder, target, low, high):
    assert low <= Subsets(ladder).chance(target) <= high
