"""Document numbers as keys: how a number is compared, whoever typed it."""

import re

KEEP = re.compile(r"[^0-9A-Z]+")


def key(number: str) -> str:
    """The number in capitals without separators: "Inv 2026/0481" is INV20260481."""
    return KEEP.sub("", number.upper())


def forms(whole: str) -> tuple[str, ...]:
    """The keys under which a number with this key may be cited, the whole number first."""
    return (whole,) if whole else ()
