"""Adds up exactly: one credit for a set of payables, a set of credits for one payable."""

import pytest

from clearing.matching import Rules, match
from tests.matching.tables import group_of, table, under


@table
def test_one_credit_pays_a_set_of_invoices():
    """
    credits:
    A  91254  2026-09-14
    payables:
    old  70000  2026-10-01  draft  issued=2026-08-01
    x    60931  2026-11-02  draft  issued=2026-09-02
    y    30323  2026-11-03  draft  issued=2026-09-03
    suggested:
    A  x  60931  adds_up  likely  size=2  rivals=0  other=old:other_amount:21254
    A  y  30323  adds_up  likely  size=2
    """


@table
def test_a_set_of_credits_pays_one_invoice():
    """
    credits:
    A  60931  2026-09-14
    B  30323  2026-09-14
    C  11111  2026-09-13
    payables:
    old  70000  2026-10-01  posted  issued=2026-08-01
    x    91254  2026-11-02  posted  issued=2026-09-02
    suggested:
    A  x    60931  adds_up     likely  size=2
    B  x    30323  adds_up     likely  size=2
    C  old  11111  oldest_due  possible
    """


@table
def test_if_several_sets_add_up_none_is_chosen_and_their_number_is_said():
    """
    credits:
    A  91254  2026-09-14
    payables:
    old  99000  2026-10-01  draft  issued=2026-08-01
    x    60931  2026-11-02  draft  issued=2026-09-02
    y    30323  2026-11-03  draft  issued=2026-09-03
    z    30323  2026-11-04  draft  issued=2026-09-04
    suggested:
    A  old  91254  oldest_due  possible  sets=2
    """


@table
def test_two_posted_invoices_are_no_set_for_one_credit():
    """
    credits:
    A  91254  2026-09-14
    payables:
    w  10000  2026-12-02  draft   issued=2026-09-02
    x  60931  2026-11-02  posted  issued=2026-09-02
    y  30323  2026-11-03  posted  issued=2026-09-03
    suggested:
    A  x  60931  oldest_due  possible
    A  w  10000  oldest_due  possible
    left:
    A  20323  one_posted
    """


@under(one_posted_per_credit=False)
def test_they_are_where_the_rule_is_lifted():
    """
    credits:
    A  91254  2026-09-14
    payables:
    x  60931  2026-11-02  posted  issued=2026-09-02
    y  30323  2026-11-03  posted  issued=2026-09-03
    suggested:
    A  x  60931  adds_up  likely
    A  y  30323  adds_up  likely
    """


@table
def test_a_declined_pair_is_no_part_of_a_set():
    """
    credits:
    A  91254  2026-09-14
    payables:
    old  99000  2026-10-01  draft  issued=2026-08-01
    x    60931  2026-11-02  draft  issued=2026-09-02
    y    30323  2026-11-03  draft  issued=2026-09-03
    without:
    A  y
    suggested:
    A  old  91254  oldest_due  possible
    """


@table
def test_round_amounts_that_add_up_are_only_possible():
    """
    credits:
    A  900000  2026-09-14
    payables:
    old  1200000  2026-10-01  draft  issued=2026-08-01
    x     600000  2026-11-02  draft  issued=2026-09-02
    y     300000  2026-11-03  draft  issued=2026-09-03
    suggested:
    A  x  600000  adds_up  possible
    A  y  300000  adds_up  possible
    """


@table
def test_sets_that_share_a_document_are_only_possible():
    """
    credits:
    A  91254  2026-09-14
    B  80424  2026-09-15
    payables:
    old  99000  2026-10-01  draft  issued=2026-08-01
    x    60931  2026-11-02  draft  issued=2026-09-02
    y    30323  2026-11-03  draft  issued=2026-09-03
    z    50101  2026-11-04  draft  issued=2026-09-04
    suggested:
    A  x    60931  adds_up     possible  rivals=1
    A  y    30323  adds_up     possible  rivals=1
    B  old  80424  oldest_due  possible
    """


def big(count: int) -> str:
    """A table of credits that are twice, and payables that are once, one of the first primes."""
    credits = "\n".join(f"c{n}  {n * 200003 + 7}  2026-09-14" for n in range(1, count))
    payables = "\n".join(f"p{n}  {n * 100003 + 1}  2026-11-02  draft" for n in range(1, count))
    return f"credits:\n{credits}\npayables:\n{payables}"


@pytest.mark.parametrize(("count", "work", "cut"), [(30, 20_000, False), (30, 500, True),
                                                    (150, 20_000, True)])  # fmt: skip
def test_the_search_says_when_it_was_cut_off(count, work, cut):
    assert match(group_of(big(count)), Rules(work=work)).gave_up is cut
