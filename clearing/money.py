"""Amounts as people read and type them: integers in the smallest unit, never a float."""

import re

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol
from django.utils.translation import gettext as _

INT64 = 2**63 - 1
# ISO 4217, which books are kept by. Babel's decimals are those that people like to see: RSD 0.
NO_DECIMALS = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
)
THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
FOUR_DECIMALS = frozenset({"CLF", "UYW"})
SPACES = " \u00a0\u202f\u2009"
NUMBER_FORMATS = ("en_US", "de_DE", "de_CH", "fr_FR")


def decimals(currency: str) -> int:
    """Decimals of a currency: JPY 0, EUR 2, KWD 3; 2 for a code nobody knows."""
    if currency in NO_DECIMALS:
        return 0
    if currency in THREE_DECIMALS:
        return 3
    return 4 if currency in FOUR_DECIMALS else 2


def symbols(locale: str) -> tuple[str, str]:
    """The decimal and the grouping sign of a number format; those of en_US where unknown."""
    try:
        known = Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        known = Locale("en", "US")
    return get_decimal_symbol(known), get_group_symbol(known)


def plain(amount: int, currency: str, locale: str = "en_US") -> str:
    """Write an amount in the smallest unit as a number without its currency: "1,240.00"."""
    point, group = symbols(locale)
    places = decimals(currency)
    digits = str(abs(amount)).rjust(places + 1, "0")
    whole, fraction = (digits[:-places], digits[-places:]) if places else (digits, "")
    whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", group, whole)
    sign = "−" if amount < 0 else ""
    return f"{sign}{whole}{point}{fraction}" if places else f"{sign}{whole}"


def text(amount: int | None, currency: str, locale: str = "en_US") -> str:
    """Write an amount with its currency, "EUR 1,240.00"; a dash where it is missing."""
    if amount is None:
        return "–"
    return f"{currency or '?'} {plain(amount, currency, locale)}"


def parse(typed: str, currency: str, locale: str = "en_US", *, zero: bool = False) -> int:
    """Read what a person typed as an amount in the smallest unit.

    Only ASCII digits, one decimal sign, and correct grouping with the format's sign or, where
    that is a space or an apostrophe, its typed twin. 0 only where `zero` says so. Raises
    ValueError with a sentence.
    """
    point, group = symbols(locale)
    example = plain(123456789, currency, locale)
    shown = typed.strip(SPACES)
    if not shown:
        raise ValueError(_("Enter an amount, like %(example)s.") % {"example": example})
    if shown[0] in "-−+(":
        raise ValueError(_("Enter the amount without a sign."))
    separators = {group} | (set(SPACES) if group in SPACES else set())
    separators |= {"'", "’"} if group in "'’" else set()
    grouping = "[" + re.escape("".join(sorted(separators))) + "]"
    # "0,123" is no grouping: somebody typed the decimal sign of another format.
    whole = rf"(?:[1-9][0-9]{{0,2}}(?:{grouping}[0-9]{{3}})+|[0-9]+)"
    found = re.fullmatch(rf"({whole})(?:{re.escape(point)}([0-9]+))?", shown)
    if found is None:
        raise ValueError(
            _("Write the amount like %(example)s (your number format).") % {"example": example}
        )
    fraction = found[2] or ""
    places = decimals(currency)
    if len(fraction) > places:
        raise ValueError(
            _("%(currency)s has %(places)d decimals, not %(typed)d.")
            % {"currency": currency, "places": places, "typed": len(fraction)}
        )
    digits = re.sub(r"\D", "", found[1]).lstrip("0")
    if len(digits) > 18:
        raise ValueError(_("This amount is larger than any invoice."))
    amount = int((digits or "0") + fraction.ljust(places, "0"))
    if amount == 0 and not zero:
        raise ValueError(_("Enter more than 0."))
    if amount > INT64:
        raise ValueError(_("This amount is larger than any invoice."))
    return amount


def parse_signed(typed: str, currency: str, locale: str = "en_US") -> int:
    """The same, 0 and a minus sign in front allowed."""
    shown = typed.strip(SPACES)
    negative = shown[:1] in ("-", "−")
    found = parse(shown[1:] if negative else shown, currency, locale, zero=True)
    return -found if negative else found
