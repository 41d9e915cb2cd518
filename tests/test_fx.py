"""The FX difference of a link: exact, in the local currency's unit, silent where unknown."""

import pytest

from clearing import fx


@pytest.mark.parametrize(
    ("amount", "currency", "rates", "local", "difference"),
    [
        (100000, "USD", ("0.92", "0.932"), "EUR", 1200),
        (100000, "USD", ("0.932", "0.92"), "EUR", 1200),
        (100000, "USD", ("0.92", "0.92"), "EUR", 0),
        (100000, "JPY", ("0.0061", "0.0062"), "EUR", 1000),  # no decimals to two
        (1000, "EUR", ("163.1", "164.2"), "JPY", 11),  # two decimals to none
        (1000, "EUR", ("163", "163.05"), "JPY", 0),  # half a yen, to the even
        (100000, "EUR", ("0.3301", "0.3302"), "KWD", 100),  # two decimals to three
        (10**15, "USD", ("0.1234567890123", "0.1234567890124"), "EUR", 100),
        (100000, "USD", ("9.2E-1", "0.932"), "EUR", 1200),
    ],
)
def test_it_is_exact(amount, currency, rates, local, difference):
    assert fx.difference(amount, currency, rates, local) == difference


@pytest.mark.parametrize(
    ("rates", "local"),
    [
        (("", "0.92"), "EUR"), (("0.92", ""), "EUR"), (("0.92", "0.93"), ""),
        (("1", "1.1"), "USD"), (("nan", "0.92"), "EUR"), (("inf", "0.92"), "EUR"),
        (("0", "0.92"), "EUR"), (("-1", "0.92"), "EUR"), (("1/0", "0.92"), "EUR"),
        (("a", "b"), "EUR"), (("1e999999999", "0.92"), "EUR"), (("٣", "0.92"), "EUR"),
    ],
)  # fmt: skip
def test_it_is_unknown_without_two_rates_or_in_the_local_currency(rates, local):
    assert fx.difference(100000, "USD", rates, local) is None
