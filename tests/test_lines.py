"""Net, tax and gross of a line, and what lines add up to."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing import lines

AMOUNT = st.integers(-(10**12), 10**12)
MAYBE = st.none() | AMOUNT


@pytest.mark.parametrize(
    ("typed", "with_tax", "whole"),
    [
        # tax included: gross and tax are typed
        ((None, 1900, 11900), True, (10000, 1900, 11900)),
        ((None, None, 11900), True, (11900, None, 11900)),
        ((None, 0, 11900), True, (11900, 0, 11900)),
        ((10000, 1900, None), True, (10000, 1900, 11900)),
        # tax added: net and tax are typed
        ((10000, 1900, None), False, (10000, 1900, 11900)),
        ((10000, None, None), False, (10000, None, 10000)),
        ((None, 1900, 11900), False, (10000, 1900, 11900)),
        # not said: two of the three decide
        ((10000, None, 11900), None, (10000, 1900, 11900)),
        ((10000, None, None), None, (10000, None, 10000)),
        ((None, None, 11900), None, (11900, None, 11900)),
        # all three, and debit
        ((10000, 1900, 11900), True, (10000, 1900, 11900)),
        ((-10000, -1900, None), False, (-10000, -1900, -11900)),
    ],
)
def test_what_is_left_empty_follows(typed, with_tax, whole):
    assert lines.complete(*typed, with_tax=with_tax) == whole


@pytest.mark.parametrize(
    ("typed", "with_tax", "sentence"),
    [
        ((None, None, None), True, "Enter the gross amount"),
        ((None, 1900, None), False, "Enter the net amount"),
        ((10000, None, None), True, "include tax"),
        ((None, None, 11900), False, "tax is added"),
        ((10000, 1900, 12000), None, "do not make the gross"),
        ((10000, 10**15, None), False, "larger than any invoice"),
    ],
)
def test_what_does_not_agree_is_said(typed, with_tax, sentence):
    with pytest.raises(ValueError, match=sentence):
        lines.complete(*typed, with_tax=with_tax)


@given(MAYBE, MAYBE, MAYBE, st.sampled_from([True, False, None]))
def test_whatever_is_typed_stays_and_adds_up(net, tax, gross, with_tax):
    try:
        found = lines.complete(net, tax, gross, with_tax=with_tax)
    except ValueError:
        return
    assert found[0] is not None and found[2] is not None
    assert found[0] + (found[1] or 0) == found[2]
    for typed, whole in zip((net, tax, gross), found, strict=True):
        assert typed is None or typed == whole


def line(gross, side="C", net=None, tax=None):
    return SimpleNamespace(
        net=net, net_side=side, tax=tax, tax_side=side, gross=gross, gross_side=side
    )


def test_credit_and_debit_lines_are_netted():
    found = lines.totals([line(11900, net=10000, tax=1900), line(1900, "D", net=1900)])
    assert found == lines.Totals(net=8100, tax=1900, gross=10000, count=2, unknown=0)
    assert not found.differs_from(10000)
    assert found.differs_from(10001)


def test_lines_that_are_all_debit_agree_with_the_amount():
    assert not lines.totals([line(11900, "D")]).differs_from(11900)


def test_a_line_without_gross_amount_is_not_said_to_agree():
    found = lines.totals([line(10000), line(None)])
    assert found.unknown == 1 and found.differs_from(10000)


def test_nothing_differs_where_there_is_nothing_to_compare():
    assert not lines.totals([]).differs_from(10000)
    assert not lines.totals([line(1)]).differs_from(None)


def test_the_totals_after_a_deletion():
    kept, gone = line(10000, net=10000), line(1900, "D", tax=1900)
    both = lines.totals([kept, gone])
    assert both.without(gone) == lines.totals([kept])
