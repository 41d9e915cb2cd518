"""Next payment first: what is paid soonest is paid less of, whatever is due before."""

from tests.matching.tables import table


@table
def test_the_next_payment_goes_before_the_oldest_due():
    """
    credits:
    A  500  2026-09-14
    payables:
    due   300  2026-10-01  draft
    late  110  2026-11-02  draft  pays=2026-10-20
    soon  120  2026-11-09  draft  pays=2026-10-13
    suggested:
    A  soon  120  next_payment  possible  other=due:no_payment:0
    A  late  110  next_payment  possible  other=due:no_payment:0
    A  due   270  oldest_due    possible
    """


@table
def test_the_runner_up_is_paid_later():
    """
    credits:
    A  100  2026-09-14
    payables:
    due   300  2026-10-01  draft
    late  110  2026-11-02  draft  pays=2026-10-20
    soon  120  2026-11-09  draft  pays=2026-10-13
    suggested:
    A  soon  100  next_payment  possible  other=late:pays_later:7  rivals=2
    """


@table
def test_the_runner_up_of_the_last_payment_has_no_payment():
    """
    credits:
    A  100  2026-09-14
    payables:
    due   300  2026-10-01  draft
    soon  120  2026-11-09  draft  pays=2026-10-13
    suggested:
    A  soon  100  next_payment  possible  other=due:no_payment:0  rivals=1
    """
