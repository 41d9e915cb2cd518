"""Texts of others, made fit for a file: no formula, nothing that a format cannot hold.

A spreadsheet that splits a CSV at another sign than ours (";" in Germany) sees cells begin in the
middle of a text, so a formula's sign is disarmed there too. See OWASP, "CSV injection".
"""

import re
from typing import Any

# "=", "+", "-" and "@" with everything that is folded to one of them: full-width and small forms,
# super- and subscripts, the Hebrew plus, the minus sign and the hyphens.
STARTS = "=+\\-@＝﹦⁼₌＋﹢⁺₊﬩－﹣⁻₋−‐‑＠﹫"
SEPARATORS = ",;|\\t\\n"
# What programs skip in front of a formula: blanks, controls, invisible signs, quotes.
GAP = (
    "\\s\\x00-\\x20\\x7f-\\xa0\\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2400-\u2421\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffd"
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\"'"
)
_ANY = re.compile(f"[{STARTS}]|^[\\t\\n]")
# Every gap is taken whole, whatever follows it: the time stays linear in the text's length.
_CELL = re.compile(f"(^|[{SEPARATORS}])([{GAP}]*+)([{STARTS}]?)")
_SPLITS = re.compile(f"[{SEPARATORS}]")
# XML knows no control signs: each becomes its picture, as "␀" for NUL, so that it is seen.
_PICTURES = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421}
_LOST = re.compile("[\ud800-\udfff\ufffe\uffff]")  # no file can hold these
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(value: Any) -> str:
    """A text that XML and UTF-8 can hold; line ends are "\\n", what is lost stands as "\ufffd"."""
    text = str(value)
    if not _ODD.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _LOST.sub("\ufffd", text).translate(_PICTURES)


def is_risky(text: str) -> bool:
    """Whether a program might take this cell for a formula, if it were not told otherwise."""
    found = _CELL.match(text)
    return bool(found and (found[3] or text[:1] in ("\t", "\n")))


def disarmed(value: Any) -> str:
    """A text for a CSV: an apostrophe stands wherever a program could see a formula begin."""
    text = clean(value)
    return _CELL.sub(_apostrophe, text) if _ANY.search(text) else text


def _apostrophe(found: re.Match[str]) -> str:
    before, gap, sign = found.groups()
    if found.start():
        return f"{before}{gap}'{sign}" if sign else found[0]
    if not sign:
        return f"'{found[0]}" if (before + gap)[:1] in ("\t", "\n") else found[0]
    inner = "'" if _SPLITS.search(before + gap) else ""
    return f"'{before}{gap}{inner}{sign}"
