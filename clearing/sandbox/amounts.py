"""Amounts as people read and type them; stored ones are integers in the smallest unit."""

from __future__ import annotations

import re

NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
INT64 = 2**63
TYPED = r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,19})(?:\.([0-9]{1,3}))?"


def decimals(currency: str | None) -> int:
    """By ISO 4217; a currency nobody knows has two."""
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def plain(amount: int | None, currency: str | None) -> str:
    """As an input field takes it, 1234.50; empty where there is none."""
    return "" if amount is None else _written(amount, currency, "")


def text(amount: int | None, currency: str | None) -> str:
    """As a page shows it, 1,234.50 EUR."""
    if amount is None:
        return "no amount"
    return f"{_written(amount, currency, ',')} {currency or '(no currency)'}"


def _written(amount: int, currency: str | None, separator: str) -> str:
    places = decimals(currency)
    whole, part = divmod(abs(amount), 10**places)
    sign = "-" if amount < 0 else ""
    fraction = f".{part:0{places}}" if places else ""
    return sign + (f"{whole:,}" if separator else str(whole)) + fraction


def read(typed: str, currency: str | None) -> int:
    """What `plain` and `text` write, without the currency; else a ValueError with a sentence."""
    places = decimals(currency)
    found = re.fullmatch(TYPED, typed.strip())
    if found is None or len(found[2] or "") > places:
        example = plain(120 * 10**places, currency)
        raise ValueError(f"“{typed[:40]}” is not an amount. Write it like {example}.")
    amount = int(found[1].replace(",", "") + (found[2] or "").ljust(places, "0"))
    if amount >= INT64:
        raise ValueError("The amount is too large.")
    return amount
