"""Whatever the documents: never over a balance, never twice, never by chance, always explained."""

import json
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from clearing.matching import CERTAIN, POSSIBLE, Credit, Group, Payable, Rules, match
from clearing.matching.values import (
    CITES_PAID,
    NO_PAYABLE,
    NOTHING_LEFT,
    ONE_POSTED,
    RULED_OUT,
    RULES,
)

DAYS = st.just(0) | st.integers(739_500, 739_560)
# Few small amounts, so that they meet and add up; large ones, so that nothing overflows.
AMOUNTS = st.integers(-5, 12) | st.sampled_from([100, 200, 300, 60931, 30323, 91254, 10**15])
KEYS = st.lists(st.sampled_from(["A1", "A2", "A3", "1"]), max_size=3, unique=True).map(tuple)
CREDITS = st.lists(
    st.builds(Credit, st.uuids(), AMOUNTS, DAYS, KEYS, st.booleans()),
    max_size=10,
    unique_by=lambda one: one.id,
)
PAYABLES = st.lists(
    st.builds(Payable, st.uuids(), AMOUNTS, DAYS, DAYS, DAYS, st.booleans(), KEYS),
    max_size=14,
    unique_by=lambda one: one.id,
)
HOUSES = st.builds(
    Rules,
    one_posted_per_credit=st.booleans(),
    tolerance=st.sampled_from([0, 2]),
    work=st.sampled_from([0, 40, 20_000]),
)


@st.composite
def groups(draw):
    """A group of documents, some of its pairs declined, one number settled."""
    credits, payables = draw(CREDITS), draw(PAYABLES)
    pairs = [(c.id, p.id) for c in credits for p in payables]
    without = draw(st.frozensets(st.sampled_from(pairs), max_size=4)) if pairs else frozenset()
    settled = {"A3": draw(st.uuids())} if draw(st.booleans()) else {}
    return Group("v", credits, payables, without, settled)


@given(groups(), HOUSES)
def test_never_over_a_balance_never_negative_never_a_pair_twice(group, rules):
    found = match(group, rules).suggestions
    assert all(one.amount > 0 for one in found)
    pairs = [(one.credit_id, one.payable_id) for one in found]
    assert len(set(pairs)) == len(pairs) and not group.without.intersection(pairs)
    given_, paid = Counter(), Counter()
    for one in found:
        given_[one.credit_id] += one.amount
        paid[one.payable_id] += one.amount
    assert all(given_[one.id] <= max(one.open, 0) for one in group.credits)
    assert all(paid[one.id] <= max(one.open, 0) for one in group.payables)


@given(groups(), HOUSES)
def test_no_credit_pays_two_posted_invoices_where_that_is_refused(group, rules):
    posted = {one.id for one in group.payables if one.posted}
    held = Counter(
        one.credit_id for one in match(group, rules).suggestions if one.payable_id in posted
    )
    if rules.one_posted_per_credit:
        assert all(held[one.id] + one.posted_taken <= 1 or not held[one.id]
                   for one in group.credits)  # fmt: skip


@given(groups(), HOUSES, st.randoms())
def test_the_order_of_the_input_and_chance_play_no_part(group, rules, random):
    before = match(group, rules)
    credits, payables = group.credits[:], group.payables[:]
    random.shuffle(credits)
    random.shuffle(payables)
    assert match(replace(group, credits=credits, payables=payables), rules) == before
    assert match(group, rules) == before


@given(groups(), HOUSES)
def test_everything_is_explained(group, rules):
    result = match(group, rules)
    ids = {one.id for one in group.payables}
    for one in result.suggestions:
        assert one.rule in RULES and POSSIBLE <= one.strength <= CERTAIN
        data = one.as_data()
        assert json.loads(json.dumps(data)) == data
        assert one.days >= -1 and one.rivals >= 0
        if one.other:
            assert one.other.payable_id in ids - {one.payable_id} and one.other.by >= 0
    used = Counter()
    for one in result.suggestions:
        used[one.credit_id] += one.amount
    left = {one.credit_id: one.left for one in result.unused}
    assert left == {
        one.id: one.open - used[one.id] for one in group.credits if one.open > used[one.id]
    }
    causes = {NO_PAYABLE, NOTHING_LEFT, CITES_PAID, ONE_POSTED, RULED_OUT}
    assert {one.cause for one in result.unused} <= causes


@given(groups(), HOUSES)
def test_a_certain_suggestion_has_a_number_and_no_rival(group, rules):
    for one in match(group, rules).suggestions:
        if one.strength == CERTAIN:
            assert one.key and (one.same or one.size > 1) and not one.rivals


@given(CREDITS, PAYABLES)
def test_without_posted_invoices_all_that_can_be_cleared_is(credits, payables):
    payables = [one._replace(posted=False) for one in payables]
    found = match(Group("v", credits, payables)).suggestions
    credit = sum(max(one.open, 0) for one in credits)
    needed = sum(max(one.open, 0) for one in payables)
    assert sum(one.amount for one in found) == min(credit, needed)
