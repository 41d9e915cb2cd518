"""Oldest due first: the oldest credits pay what is due first, in parts where need be."""

from tests.matching.tables import table, under


@table
def test_one_credit_pays_the_oldest_due_first():
    """
    credits:
    A  500  2026-09-14
    payables:
    late   400  2026-11-23  draft
    early  310  2026-11-02  draft
    suggested:
    A  early  310  oldest_due  possible  other=-  rivals=1
    A  late   190  oldest_due  possible  other=-  rivals=0
    """


@table
def test_the_oldest_credit_goes_first():
    """
    credits:
    new  100  2026-10-01
    old  110  2026-09-01
    payables:
    x  150  2026-11-02  posted
    suggested:
    old  x  110  oldest_due  possible
    new  x   40  oldest_due  possible
    left:
    new  60  nothing_left
    """


@table
def test_a_credit_pays_one_posted_invoice_and_any_number_of_drafts():
    """
    credits:
    A  1000  2026-09-14
    payables:
    first   110  2026-11-01  posted
    second  120  2026-11-02  posted
    third   130  2026-11-03  draft
    fourth  140  2026-11-04  draft
    suggested:
    A  first   110  oldest_due  possible
    A  third   130  oldest_due  possible
    A  fourth  140  oldest_due  possible
    left:
    A  620  one_posted
    """


@under(one_posted_per_credit=False)
def test_the_rule_of_one_posted_invoice_can_be_lifted():
    """
    credits:
    A  300  2026-09-14
    payables:
    first   110  2026-11-01  posted
    second  120  2026-11-02  posted
    suggested:
    A  first   110  oldest_due  possible
    A  second  120  oldest_due  possible
    left:
    A  70  nothing_left
    """


@table
def test_a_credit_that_has_its_posted_invoice_gets_drafts_only():
    """
    credits:
    A  100  2026-09-14  taken
    payables:
    p  60  2026-11-01  posted
    q  61  2026-11-02  draft
    suggested:
    A  q  61  oldest_due  possible
    left:
    A  39  one_posted
    """


@table
def test_documents_without_a_date_come_last():
    """
    credits:
    none   50  -
    dated  51  2026-09-14
    payables:
    nodate  60  -           draft
    due     40  2026-12-01  draft
    suggested:
    dated  due     40  oldest_due  possible  days=78  early=True
    dated  nodate  11  oldest_due  possible  days=-1
    none   nodate  49  oldest_due  possible  days=-1
    left:
    none  1  nothing_left
    """


@table
def test_the_runner_up_is_the_next_that_the_credit_does_not_pay():
    """
    credits:
    A  250  2026-09-14
    B   10  2026-09-15
    payables:
    w  100  2026-11-01  draft
    x  200  2026-11-02  draft
    y  300  2026-11-09  draft
    z  400  -           draft
    suggested:
    A  w  100  oldest_due  possible  rivals=3  other=y:due_later:8
    A  x  150  oldest_due  possible  rivals=2  other=y:due_later:7
    B  x   10  oldest_due  possible  rivals=2  other=y:due_later:7
    """


@table
def test_equal_due_dates_are_ordered_by_id_and_the_runner_up_says_so():
    """
    credits:
    A  10  2026-09-14
    payables:
    y  20  2026-11-02  posted
    x  20  2026-11-02  posted
    suggested:
    A  x  10  oldest_due  possible  other=y:same:0
    """


@table
def test_what_has_nothing_open_is_left_alone():
    """
    credits:
    A  0    2026-09-14
    B  -5   2026-09-14
    C  7    2026-09-14
    payables:
    x  0   2026-11-01  draft
    y  -3  2026-11-01  draft
    z  9   2026-11-02  draft
    suggested:
    C  z  7  oldest_due  possible
    """


@table
def test_a_pair_that_was_declined_is_never_suggested():
    """
    credits:
    A  100  2026-09-14
    payables:
    x  60  2026-11-01  draft
    y  61  2026-11-01  draft
    without:
    A  x
    suggested:
    A  y  61  oldest_due  possible
    left:
    A  39  ruled_out
    """


@table
def test_without_an_invoice_there_is_no_suggestion():
    """
    credits:
    A  100  2026-09-14
    left:
    A  100  no_payable
    """
