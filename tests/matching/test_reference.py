"""Reference: the credit names the invoice's number."""

from tests.matching.tables import table


@table
def test_the_named_invoice_of_the_same_amount_is_certain():
    """
    credits:
    A  10000  2026-09-14  cites=PO77,INV2
    payables:
    old  20000  2026-10-01  draft  issued=2026-08-01  keys=INV1
    x    10000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    suggested:
    A  x  10000  reference  certain  key=INV2  same=True  days=12  other=old:due_earlier:32
    """


@table
def test_a_part_of_the_named_invoice_is_likely():
    """
    credits:
    A  4000  2026-09-14  cites=INV2
    payables:
    old  20000  2026-10-01  draft  issued=2026-08-01  keys=INV1
    x    10000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    suggested:
    A  x  4000  reference  likely  key=INV2  same=False
    """


@table
def test_what_the_named_invoice_does_not_need_pays_others():
    """
    credits:
    A  15000  2026-09-14  cites=INV2
    payables:
    old  20000  2026-10-01  draft  issued=2026-08-01  keys=INV1
    x    10000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    suggested:
    A  x    10000  reference   likely
    A  old   5000  oldest_due  possible  key=
    """


@table
def test_the_same_amount_elsewhere_takes_the_certainty():
    """
    credits:
    A  10000  2026-09-14  cites=INV2
    payables:
    w  10000  2026-10-01  draft  issued=2026-08-01  keys=INV1
    x  10000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    suggested:
    A  x  10000  reference  likely  other=w:not_cited:0
    """


@table
def test_a_credit_from_before_the_invoice_is_not_certain():
    """
    credits:
    A  10000  2026-09-01  cites=INV2
    payables:
    x  10000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    suggested:
    A  x  10000  reference  likely  days=1  early=True
    """


@table
def test_two_credits_that_name_one_invoice_are_not_certain():
    """
    credits:
    A  10000  2026-09-14  cites=INV2
    B  10000  2026-09-15  cites=INV2
    payables:
    x  10000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    y  90000  2026-11-02  draft  issued=2026-09-02  keys=INV3
    suggested:
    A  x  10000  reference   likely    rivals=1
    B  y  10000  oldest_due  possible  key=
    """


@table
def test_several_named_invoices_that_add_up_are_certain():
    """
    credits:
    A  30000  2026-09-14  cites=INV2,INV3
    payables:
    old  70000  2026-10-01  draft  issued=2026-08-01  keys=INV1
    x    10000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    y    20000  2026-11-03  draft  issued=2026-09-03  keys=INV3
    suggested:
    A  x  10000  reference  certain  key=INV2  size=2
    A  y  20000  reference  certain  key=INV3  size=2
    """


@table
def test_two_posted_invoices_are_not_paid_by_one_credit():
    """
    credits:
    A  30000  2026-09-14  cites=INV2,INV3
    payables:
    x  10000  2026-11-02  posted  issued=2026-09-02  keys=INV2
    y  20000  2026-11-03  posted  issued=2026-09-03  keys=INV3
    suggested:
    A  x  10000  reference  likely
    left:
    A  20000  one_posted
    """


@table
def test_of_several_named_invoices_the_one_of_the_same_amount_is_likely():
    """
    credits:
    A  20000  2026-09-14  cites=INV2,INV3
    payables:
    x  15000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    y  20000  2026-11-03  draft  issued=2026-09-03  keys=INV3
    suggested:
    A  y  20000  reference  likely  rivals=1  key=INV3
    """


@table
def test_more_named_than_the_credit_can_pay_is_only_possible():
    """
    credits:
    A  25000  2026-09-14  cites=INV3,INV2
    payables:
    x  15000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    y  20000  2026-11-03  draft  issued=2026-09-03  keys=INV3
    suggested:
    A  y  20000  reference  possible  rivals=1
    A  x   5000  reference  possible  rivals=1
    """


@table
def test_several_credits_that_name_one_invoice_and_add_up_are_certain():
    """
    credits:
    A  12000  2026-09-14  cites=INV2
    B   8000  2026-09-15  cites=INV2
    payables:
    x  20000  2026-11-02  posted  issued=2026-09-02  keys=INV2
    suggested:
    A  x  12000  reference  certain  size=2
    B  x   8000  reference  certain  size=2
    """


@table
def test_credits_that_ask_for_more_than_the_invoice_are_only_possible():
    """
    credits:
    A  12000  2026-09-14  cites=INV2
    B  11000  2026-09-15  cites=INV2
    payables:
    x  20000  2026-11-02  posted  issued=2026-09-02  keys=INV2
    suggested:
    A  x  12000  reference  possible  rivals=1
    B  x   8000  reference  possible  rivals=1
    left:
    B  3000  nothing_left
    """


@table
def test_a_number_that_two_invoices_have_is_no_reference_by_itself():
    """
    credits:
    A  5000  2026-09-14  cites=481
    payables:
    w  40000  2026-10-01  draft  issued=2026-08-01  keys=INV1
    x  10000  2026-11-02  draft  issued=2026-09-02  keys=A481,481
    y  20000  2026-11-03  draft  issued=2026-09-03  keys=B481,481
    suggested:
    A  w  5000  oldest_due  possible  key=
    """


@table
def test_the_amount_tells_apart_who_shares_a_number():
    """
    credits:
    A  20000  2026-09-14  cites=481
    payables:
    w  20000  2026-10-01  draft  issued=2026-08-01  keys=INV1
    x  10000  2026-11-02  draft  issued=2026-09-02  keys=A481,481
    y  20000  2026-11-03  draft  issued=2026-09-03  keys=B481,481
    suggested:
    A  y  20000  reference  likely  key=481  rivals=1  other=w:not_cited:0
    """


@table
def test_a_credit_that_names_a_settled_invoice_only_is_put_aside():
    """
    credits:
    A  20000  2026-09-14  cites=PO7,INV9
    B  20000  2026-09-15  cites=INV9,INV2
    payables:
    x  20000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    settled:
    INV9  paid
    suggested:
    B  x  20000  reference  certain
    left:
    A  20000  cites_paid  about=paid
    """


@table
def test_a_settled_invoice_is_named_even_where_nothing_is_open():
    """
    credits:
    A  20000  2026-09-14  cites=INV9
    settled:
    INV9  paid
    left:
    A  20000  cites_paid  about=paid
    """


@table
def test_a_declined_reference_is_not_suggested():
    """
    credits:
    A  20000  2026-09-14  cites=INV2
    payables:
    x  20000  2026-11-02  draft  issued=2026-09-02  keys=INV2
    y  50000  2026-11-03  draft  issued=2026-09-03  keys=INV3
    without:
    A  x
    suggested:
    A  y  20000  oldest_due  possible
    """
