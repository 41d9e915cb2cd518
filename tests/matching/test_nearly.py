"""Nearly exact: within the tolerance of the currency, and only where a house has set one."""

from tests.matching.tables import table, under


@under(tolerance=5)
def test_within_the_tolerance_and_what_stays_open_is_said():
    """
    credits:
    A  10000  2026-09-14
    B  70003  2026-09-15
    payables:
    old  90000  2026-10-01  draft
    x    10004  2026-11-02  draft
    y    70000  2026-11-03  draft
    suggested:
    A  x  10000  nearly      possible  rest=4  rivals=0  other=old:other_amount:80000
    B  y  70000  nearly      possible  rest=3
    B  old    3  oldest_due  possible
    """


@under(tolerance=5)
def test_the_smallest_difference_wins_and_the_next_is_the_runner_up():
    """
    credits:
    A  10000  2026-09-14
    payables:
    w  10004  2026-10-01  draft
    x   9998  2026-11-02  draft
    y  10006  2026-11-03  draft
    suggested:
    A  x  9998  nearly      possible  rest=2  rivals=1  other=w:other_amount:4
    A  w     2  oldest_due  possible
    """


@table
def test_without_a_tolerance_nothing_is_nearly_the_same():
    """
    credits:
    A  10000  2026-09-14
    payables:
    w  90000  2026-10-01  draft
    x  10001  2026-11-02  draft
    suggested:
    A  w  10000  oldest_due  possible
    """
