"""Texts of single fields as values of Light; each raises ValueError with a sentence."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from clearing import money
from clearing.forms import LONGEST_AMOUNT

LONGEST_TEXT = 2000
LONGEST_NUMBER = 200
RATE_DIGITS = 15  # more do not survive the way through a JSON number


def same(one: str, other: str, *, one_line: bool = False) -> bool:
    """Whether two texts of a field say the same.

    Browsers send line breaks their own way, and none from a field of one line.
    """
    as_line = "" if one_line else "\n"
    texts = (re.sub(r"\r\n|\r|\n", as_line, text).strip() for text in (one, other))
    return len(set(texts)) == 1


def amount(text: str, currency: str, locale: str, *, zero: bool = False) -> int:
    """An amount in the smallest unit."""
    if len(text) > LONGEST_AMOUNT:
        raise ValueError(_("This amount is larger than any invoice."))
    return money.parse(text, currency, locale, zero=zero)


def short(text: str, longest: int = LONGEST_TEXT) -> str:
    if len(text) > longest:
        raise ValueError(_("Shorten it to %(n)d characters.") % {"n": longest})
    return text.replace("\r\n", "\n")


def number(text: str) -> str:
    """A document's number."""
    return short(text, LONGEST_NUMBER)


def id_of(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise ValueError(_("This is no id of Light's: 32 digits with dashes.")) from None


def day(text: str) -> str:
    """A date as browsers send it: 2026-10-31."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("Enter a date, like 2026-10-31.")) from None
    if not 1990 <= found.year <= 2100:
        raise ValueError(_("Check the year of this date."))
    return found.isoformat()


def currency(text: str) -> str:
    code = text.upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError(_("Enter the three letters of the currency, like EUR."))
    return code


def rate(text: str, locale: str) -> str:
    """An exact decimal in the person's number format, as Light takes it: with a point."""
    point = money.symbols(locale)[0]
    found = re.fullmatch(rf"([0-9]+)(?:{re.escape(point)}([0-9]+))?", text)
    if found is None or not text.strip(f"0{point}"):
        raise ValueError(_("Write the rate like %(example)s.") % {"example": f"1{point}0837"})
    whole, fraction = found[1].lstrip("0") or "0", found[2] or ""
    if len((whole + fraction).lstrip("0")) > RATE_DIGITS:
        raise ValueError(_("A rate has at most %(n)d digits.") % {"n": RATE_DIGITS})
    return f"{whole}.{fraction}" if fraction else whole


def custom_property(row: Mapping[str, str]) -> dict[str, Any]:
    """One group: `values` are ids, `inline` is one text a line."""
    if not row["group"]:
        raise ValueError(_("Enter the id of the group."))
    found: dict[str, Any] = {
        "groupId": id_of(row["group"]),
        "valueIds": [id_of(one) for one in re.split(r"[\s,;]+", row["values"]) if one],
    }
    if row["inline"]:
        found["inlineValues"] = [one.strip() for one in row["inline"].splitlines() if one.strip()]
    return found
