"""What two booked rates make of one amount in a company's own currency. Pure: integers, Fractions.

Light calls localCurrencyFxRate the rate *to* the ledger's local currency: one unit of the
document's currency times the rate is that many units of the local one.
"""

import re
from fractions import Fraction

from clearing import money

RATE = re.compile(r"[0-9]{1,20}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,2})?")


def difference(amount: int, currency: str, rates: tuple[str, str], local: str) -> int | None:
    """By how much the two booked values of an amount differ, in the local smallest unit.

    None where a rate is missing or is no number above 0, or where the currency is the local one.
    Without a sign: who gains by it depends on how Light books it.
    """
    one, other = (_rate(text) for text in rates)
    if not local or currency == local or one is None or other is None:
        return None
    scale = Fraction(10) ** (money.decimals(local) - money.decimals(currency))
    return round(abs(one - other) * amount * scale)


def translated(amount: int, currency: str, rate: str, local: str) -> int | None:
    """An amount in the local smallest unit at a booked rate; None where there is no rate.

    The amount itself where its currency is the local one.
    """
    if not local or not currency:
        return None
    if currency == local:
        return amount
    known = _rate(rate)
    if known is None:
        return None
    scale = Fraction(10) ** (money.decimals(local) - money.decimals(currency))
    return round(amount * known * scale)


def _rate(text: str) -> Fraction | None:
    rate = Fraction(text) if RATE.fullmatch(text) else Fraction(0)
    return rate or None
