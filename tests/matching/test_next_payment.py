"""Next payment first: what leaves the bank next is paid less of; without a payment, when due."""

from tests.matching.tables import table, under


@table
def test_the_next_payment_goes_first_and_the_due_date_stands_in_where_none_is_set():
    """
    credits:
    A  420  2026-09-14
    payables:
    due   300  2026-10-15  draft
    late  110  2026-10-01  draft  pays=2026-10-20
    soon  120  2026-11-09  draft  pays=2026-10-13
    suggested:
    A  soon  120  next_payment  possible  other=late:pays_later:7  rivals=2
    A  due   300  oldest_due    possible  other=late:pays_later:5  rivals=1
    """


@table
def test_the_runner_up_is_due_later_than_this_payment():
    """
    credits:
    A  100  2026-09-14
    payables:
    due   300  2026-10-15  draft
    soon  120  2026-11-09  draft  pays=2026-10-13
    suggested:
    A  soon  100  next_payment  possible  other=due:due_later:2  rivals=1
    """


@table
def test_what_has_neither_comes_last():
    """
    credits:
    A  500  2026-09-14
    B   10  2026-09-15
    payables:
    never  300  -           draft
    soon   120  -           draft  pays=2026-10-13
    also   501  2026-10-13  draft
    suggested:
    A  also  500  oldest_due    possible  other=soon:same:0
    B  also    1  oldest_due    possible  other=never:no_due:0
    B  soon    9  next_payment  possible  other=never:no_due:0
    """


@under(order=("oldest_due",))
def test_a_list_of_rules_without_it_goes_by_due_dates_alone():
    """
    credits:
    A  100  2026-09-14
    payables:
    due   300  2026-10-15  draft
    soon  120  2026-11-09  draft  pays=2026-10-13
    suggested:
    A  due  100  oldest_due  possible
    """
