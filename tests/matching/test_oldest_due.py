"""Each example is a table: credits (name, free, day), payables (name, open, due, kind), links."""

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.matching import Credit, Payable, suggest


def name(word: str) -> uuid.UUID:
    """A stable id for a word; ids order as the words do."""
    return uuid.UUID(bytes=word.encode().ljust(16, b"\0"))


def rows(table: str, title: str) -> list[list[str]]:
    """The rows under a title of a table, split into words."""
    found, here = [], False
    for text in table.splitlines():
        words = text.split()
        if len(words) == 1 and words[0].endswith(":"):
            here = words[0] == f"{title}:"
        elif words and here:
            found.append(words)
    return found


def day(word: str) -> date | None:
    return None if word == "-" else date.fromisoformat(word)


def check(table: str, **options: object) -> None:
    """Run the engine on a table, forwards and backwards, and compare with its links."""
    credits = [Credit(name(w), int(free), day(d)) for w, free, d in rows(table, "credits")]
    payables = [
        Payable(name(w), int(open_), day(due), kind == "posted")
        for w, open_, due, kind in rows(table, "payables")
    ]
    wanted = [(name(c), name(p), int(amount)) for c, p, amount in rows(table, "links")]
    for turned in (list, lambda some: list(reversed(some))):
        found = suggest(turned(credits), turned(payables), **options)
        assert [(one.credit_id, one.payable_id, one.amount) for one in found] == wanted


EXAMPLES = {}


def example(function):
    """Register a function whose docstring is its table."""
    EXAMPLES[function.__name__] = function
    return function


@example
def one_credit_pays_the_oldest_due_first():
    """
    credits:
    A  500  2026-09-14
    payables:
    late   400  2026-11-23  draft
    early  300  2026-11-02  draft
    links:
    A  early  300
    A  late   200
    """


@example
def the_oldest_credit_goes_first():
    """
    credits:
    new  100  2026-10-01
    old  100  2026-09-01
    payables:
    x  150  2026-11-02  posted
    links:
    old  x  100
    new  x   50
    """


@example
def a_credit_pays_one_posted_invoice_and_any_number_of_drafts():
    """
    credits:
    A  1000  2026-09-14
    payables:
    first   100  2026-11-01  posted
    second  100  2026-11-02  posted
    third   100  2026-11-03  draft
    fourth  100  2026-11-04  draft
    links:
    A  first   100
    A  third   100
    A  fourth  100
    """


@example
def documents_without_a_date_come_last():
    """
    credits:
    none   50  -
    dated  50  2026-09-14
    payables:
    nodate  60  -           draft
    due     40  2026-12-01  draft
    links:
    dated  due     40
    dated  nodate  10
    none   nodate  50
    """


@example
def equal_dates_are_ordered_by_id():
    """
    credits:
    B  10  2026-09-14
    A  10  2026-09-14
    payables:
    y  10  2026-11-02  posted
    x  10  2026-11-02  posted
    links:
    A  x  10
    B  y  10
    """


@example
def what_has_nothing_open_is_left_alone():
    """
    credits:
    A  0    2026-09-14
    B  -5   2026-09-14
    C  7    2026-09-14
    payables:
    x  0   2026-11-01  draft
    y  -3  2026-11-01  draft
    z  9   2026-11-02  draft
    links:
    C  z  7
    """


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_table_holds(title):
    check(EXAMPLES[title].__doc__)


def test_the_rule_of_one_posted_invoice_can_be_lifted():
    table = """
    credits:
    A  300  2026-09-14
    payables:
    first   100  2026-11-01  posted
    second  100  2026-11-02  posted
    links:
    A  first   100
    A  second  100
    """
    check(table, one_posted_per_credit=False)


def test_a_credit_that_holds_a_posted_invoice_already_gets_drafts_only():
    credit = Credit(name("A"), 100, None, posted_taken=True)
    posted = Payable(name("p"), 60, date(2026, 11, 1), posted=True)
    draft = Payable(name("q"), 60, date(2026, 11, 2), posted=False)
    (only,) = suggest([credit], [posted, draft])
    assert (only.payable_id, only.amount) == (draft.id, 60)


def test_a_linked_pair_is_not_suggested_again_and_the_reason_is_named():
    credit = Credit(name("A"), 100, date(2026, 9, 14))
    one, two = (Payable(name(w), 60, date(2026, 11, 1), posted=False) for w in "xy")
    (only,) = suggest([credit], [one, two], without={(credit.id, one.id)})
    assert only.payable_id == two.id
    assert (only.rule, only.due, only.day) == ("oldest_due", date(2026, 11, 1), credit.day)


DAYS = st.none() | st.integers(0, 60).map(lambda n: date(2026, 9, 1) + timedelta(n))
CREDITS = st.lists(
    st.builds(Credit, st.uuids(), st.integers(-5, 10**15), DAYS, st.booleans()),
    max_size=12,
    unique_by=lambda c: c.id,
)
PAYABLES = st.lists(
    st.builds(Payable, st.uuids(), st.integers(-5, 10**15), DAYS, st.booleans()),
    max_size=12,
    unique_by=lambda p: p.id,
)


@given(CREDITS, PAYABLES, st.booleans(), st.randoms())
def test_never_over_a_balance_never_two_posted_never_by_chance(credits, payables, bound, random):
    found = suggest(credits, payables, one_posted_per_credit=bound)
    assert all(one.amount > 0 for one in found)
    pairs = [(one.credit_id, one.payable_id) for one in found]
    assert len(set(pairs)) == len(pairs)
    posted = {p.id for p in payables if p.posted}
    for credit in credits:
        mine = [one for one in found if one.credit_id == credit.id]
        assert sum(one.amount for one in mine) <= max(credit.open, 0)
        if bound:
            held = sum(one.payable_id in posted for one in mine) + credit.posted_taken
            assert held <= 1 or not any(one.payable_id in posted for one in mine)
    for payable in payables:
        paid = sum(one.amount for one in found if one.payable_id == payable.id)
        assert paid <= max(payable.open, 0)
    random.shuffle(credits)
    random.shuffle(payables)
    assert suggest(credits, payables, one_posted_per_credit=bound) == found


@given(CREDITS, PAYABLES)
def test_without_posted_invoices_all_that_can_be_cleared_is(credits, payables):
    payables = [Payable(p.id, p.open, p.due, posted=False) for p in payables]
    found = suggest(credits, payables)
    credit = sum(max(c.open, 0) for c in credits)
    needed = sum(max(p.open, 0) for p in payables)
    assert sum(one.amount for one in found) == min(credit, needed)
