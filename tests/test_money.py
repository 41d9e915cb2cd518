"""Amounts as typed and as shown: nothing is guessed, nothing is rounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing import money

FORMATS = st.sampled_from(money.NUMBER_FORMATS)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (124000, "EUR", "EUR 1,240.00"),
        (5, "EUR", "EUR 0.05"),
        (0, "EUR", "EUR 0.00"),
        (-1234, "EUR", "EUR −12.34"),
        (123456789, "JPY", "JPY 123,456,789"),
        (1234567, "KWD", "KWD 1,234.567"),
        (None, "EUR", "–"),
        (100, "", "? 1.00"),
    ],
)
def test_an_amount_is_shown_with_the_decimals_of_its_currency(amount, currency, shown):
    assert money.text(amount, currency) == shown


@pytest.mark.parametrize(
    ("typed", "currency", "locale", "amount"),
    [
        ("1,240.00", "EUR", "en_US", 124000),
        ("1240", "EUR", "en_US", 124000),
        ("1240.5", "EUR", "en_US", 124050),
        (" 1,240.00 ", "EUR", "en_US", 124000),
        ("1.240,00", "EUR", "de_DE", 124000),
        ("1 240,00", "EUR", "fr_FR", 124000),
        ("1\u202f240,00", "EUR", "fr_FR", 124000),
        ("1'240.00", "EUR", "de_CH", 124000),
        ("1’240.00", "EUR", "de_CH", 124000),
        ("0007", "JPY", "en_US", 7),
        ("1,234.567", "KWD", "en_US", 1234567),
        ("0.01", "EUR", "en_US", 1),
    ],
)
def test_what_people_type_is_read(typed, currency, locale, amount):
    assert money.parse(typed, currency, locale) == amount


@pytest.mark.parametrize(
    ("typed", "currency", "locale", "words"),
    [
        ("1.23", "EUR", "de_DE", "like 1.234.567,89"),
        ("1,23", "EUR", "en_US", "like 1,234,567.89"),
        ("12,34.00", "EUR", "en_US", "like"),
        ("1,2345", "EUR", "en_US", "like"),
        ("1.2.3", "EUR", "en_US", "like"),
        ("1e3", "EUR", "en_US", "like"),
        ("NaN", "EUR", "en_US", "like"),
        ("Infinity", "EUR", "en_US", "like"),
        ("0x10", "EUR", "en_US", "like"),
        ("１２", "EUR", "en_US", "like"),
        ("١٢", "EUR", "en_US", "like"),
        ("1_000", "EUR", "en_US", "like"),
        ("1\x002", "EUR", "en_US", "like"),
        ("EUR 5", "EUR", "en_US", "like"),
        ("5.", "EUR", "en_US", "like"),
        (".5", "EUR", "en_US", "like"),
        ("1 240.00", "EUR", "en_US", "like"),
        ("-5", "EUR", "en_US", "without a sign"),
        ("−5", "EUR", "en_US", "without a sign"),
        ("+5", "EUR", "en_US", "without a sign"),
        ("(5)", "EUR", "en_US", "without a sign"),
        ("0", "EUR", "en_US", "more than 0"),
        ("0.00", "EUR", "en_US", "more than 0"),
        ("1.234", "EUR", "en_US", "EUR has 2 decimals, not 3"),
        ("1.0", "JPY", "en_US", "JPY has 0 decimals, not 1"),
        ("1.2345", "KWD", "en_US", "KWD has 3 decimals, not 4"),
        ("92233720368547758.08", "EUR", "en_US", "larger"),
        ("9223372036854775808", "JPY", "en_US", "larger"),
        ("9" * 1000, "JPY", "en_US", "larger"),
        ("", "EUR", "en_US", "Enter an amount"),
        ("   ", "EUR", "en_US", "Enter an amount"),
    ],
)
def test_what_is_no_amount_gets_a_sentence(typed, currency, locale, words):
    with pytest.raises(ValueError, match=".") as problem:
        money.parse(typed, currency, locale)
    assert words in str(problem.value)


@given(st.integers(1, 10**15), CURRENCIES, FORMATS)
def test_what_is_shown_can_be_typed_again(amount, currency, locale):
    assert money.parse(money.plain(amount, currency, locale), currency, locale) == amount


@given(st.text(max_size=40), CURRENCIES, FORMATS)
def test_any_text_is_an_amount_or_gets_a_sentence(typed, currency, locale):
    try:
        amount = money.parse(typed, currency, locale)
    except ValueError as problem:
        assert str(problem)
        assert "_" not in str(problem)
    else:
        assert 0 < amount <= money.INT64
        assert set(typed) <= set("0123456789.,'’ \u00a0\u202f\u2009")


def test_nothing_is_an_amount_only_where_it_may_be():
    assert money.parse("0,00", "EUR", "de_DE", zero=True) == 0
    with pytest.raises(ValueError, match="more than 0"):
        money.parse("0,00", "EUR", "de_DE")
