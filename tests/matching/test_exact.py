"""Exact: one credit, one payable, the same amount."""

from tests.matching.tables import table


@table
def test_the_same_amount_goes_before_the_oldest_due():
    """
    credits:
    A  10000  2026-09-14
    payables:
    old  20000  2026-10-01  draft  issued=2026-08-01
    x    10000  2026-11-02  draft  issued=2026-09-02
    suggested:
    A  x  10000  exact  likely  same=True  days=12  rivals=0  other=old:other_amount:10000
    """


@table
def test_a_credit_from_before_the_invoice_is_only_possible():
    """
    credits:
    A  10000  2026-09-14
    payables:
    x  10000  2026-11-02  draft  issued=2026-09-20
    suggested:
    A  x  10000  exact  possible  days=6  early=True  other=-
    """


@table
def test_of_recurring_invoices_the_last_before_the_credit_is_possible():
    """
    credits:
    A  10000  2026-09-14
    payables:
    july    10000  2026-08-01  draft  issued=2026-07-01
    august  10000  2026-09-01  draft  issued=2026-08-01
    sept    10000  2026-10-01  draft  issued=2026-09-01
    october 10000  2026-11-01  draft  issued=2026-10-01
    suggested:
    A  sept  10000  exact  possible  rivals=3  days=13  other=october:other_date:4
    """


@table
def test_twice_the_same_credit_is_only_possible():
    """
    credits:
    A  10000  2026-09-14
    B  10000  2026-09-15
    payables:
    x     10000  2026-10-01  draft  issued=2026-07-01
    rest  33300  2026-12-01  draft  issued=2026-07-01
    suggested:
    A  x     10000  exact       possible  rivals=1
    B  rest  10000  oldest_due  possible
    """


@table
def test_several_of_each_are_paired_by_date():
    """
    credits:
    A  10000  2026-08-05
    B  10000  2026-09-05
    payables:
    july    10000  2026-08-01  draft  issued=2026-07-31
    august  10000  2026-09-01  draft  issued=2026-08-31
    suggested:
    A  july    10000  exact  possible  rivals=1  days=5
    B  august  10000  exact  possible  rivals=1  days=5
    """


@table
def test_a_declined_pair_leaves_its_invoice_to_the_next_rule():
    """
    credits:
    A  10000  2026-09-14
    payables:
    x  10000  2026-10-01  draft
    y  20000  2026-10-02  draft
    without:
    A  x
    suggested:
    A  y  10000  oldest_due  possible
    """


@table
def test_a_credit_with_a_posted_invoice_is_not_given_another():
    """
    credits:
    A  10000  2026-09-14  taken
    payables:
    x  10000  2026-10-01  posted
    left:
    A  10000  one_posted
    """
