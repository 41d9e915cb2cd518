"""Amounts are integers in the currency's smallest unit; only exchange rates are JSON numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

DECIMALS = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0, "KWD": 3}
UNITS_FOR_ONE_EURO = {"EUR": 100, "USD": 108, "GBP": 86, "JPY": 162, "KWD": 333}
MILLIONTHS_OF_EURO = {
    "EUR": 1_000_000,
    "USD": 926_000,
    "GBP": 1_163_000,
    "JPY": 6_173,
    "KWD": 3_003_000,
}


def tax_on(net: int, percent: int) -> int:
    """Rounded half up, in the smallest unit."""
    return (net * percent + 50) // 100


def from_euro_cents(cents: int, currency: str) -> int:
    """About the same money in another currency, in its smallest unit."""
    return cents * UNITS_FOR_ONE_EURO[currency] // 100


class Line(NamedTuple):
    """One line of a document. A credit note's line is a credit (C), or a charge against it (D)."""

    description: str
    net: int
    percent: int = 0
    sign: str = "C"

    @property
    def tax(self) -> int:
        return tax_on(self.net, self.percent)

    @property
    def gross(self) -> int:
        return self.net + self.tax


def total(lines: Iterable[Line]) -> int:
    """What the header must say: credits less charges, tax included."""
    return sum(line.gross if line.sign == "C" else -line.gross for line in lines)


def rate(currency: str, into: str, on: date) -> float:
    """The booked exchange rate, with a little movement from month to month."""
    if currency == into:
        return 1.0
    drift = 1000 + (on.year * 12 + on.month) * 7 % 31 - 15
    return round(MILLIONTHS_OF_EURO[currency] * drift / (MILLIONTHS_OF_EURO[into] * 1000), 6)


def in_words(amount: int, currency: str, german: bool = False) -> str:
    """As printed on paper: '1.250,00 EUR' or '1,250.00 EUR'."""
    decimals = DECIMALS[currency]
    digits = str(amount).rjust(decimals + 1, "0")
    whole, rest = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    grouped = f"{int(whole):,}"
    if german:
        grouped = grouped.replace(",", ".")
    point = "," if german else "."
    return f"{grouped}{point if rest else ''}{rest} {currency}"
