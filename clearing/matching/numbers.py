"""Document numbers as keys: how a number is compared, whoever typed it, and where a text cites one.

What a text cites is found without knowing any invoice: whatever could be a number is a token, and
only those that fit a number of the same vendor count later.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from clearing.matching import number_words as words

SHORT = 4  # a number of fewer significant signs is everybody's
BARE = 5  # figures alone, without a word for them
LONG = 40
MOST = 300  # tokens of one text
MOST_LOOKED_AT = 5_000  # figures of one text
MOST_TEXT = 200_000  # characters of one text
WORDS = 80  # characters of the words around a token
KEEP = re.compile(r"[^0-9A-Z]+")
PLAIN = re.compile(r"([A-Z]*)(0+(?=[1-9])|(?=[14-9]))([1-9][0-9]{3,})")  # no year in front
LONG_ENOUGH = re.compile(r"[1-9][0-9]{3}")
ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
PREFIX = re.compile(r"[A-Z]+(?=[0-9])")
YEAR = re.compile(r"([A-Z]*)(20[0-9]{2})([0-9]{2,}[A-Z]?)")
SHORT_YEAR = re.compile(r"([A-Z]*)([2-3][0-9])00+([1-9][0-9]*)")
TOKEN = re.compile(r"[^\W_]+(?:[-/\\‐‑–][^\W_]+|\.(?=[^\W_]{0,20}\d|[^\W_]{1,3}[-/.])[^\W_]+)*")
PIECES = re.compile(r"[-/.\\‐‑–]")
BEFORE = 40  # characters before a number in which a word for it may stand
LABELLED = re.compile(r"(?:re|rg|inv|invoice|rechnung|facture|faktura)[-.]?[0-9]", re.IGNORECASE)
LABEL = re.compile(rf"(?:{words.LABELS})[-/.\\‐‑–]", re.IGNORECASE)
LOOSE = re.compile(r"(?<![^\W_])([A-Z]{1,6})[.]?[\s_#-]{1,3}\Z")
ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
GAP = re.compile(r"[ _]|[ ]?[-/][ ]?")


def key(number: str) -> str:
    """The number in capitals without separators and accents: "Inv 2026/0481" is INV20260481."""
    if not number.isascii():
        number = "".join(
            one for one in unicodedata.normalize("NFKD", number) if not unicodedata.combining(one)
        )
    return KEEP.sub("", number.upper())[:200]


def forms(whole: str) -> tuple[str, ...]:
    """The keys under which a number with this key may be cited, the whole number first.

    Without leading zeros, without the letters before it, without the zeros behind a year, and
    without the year where the rest is long enough. None for a number too short to cite.
    """
    if most := PLAIN.fullmatch(whole):  # most numbers, at once
        letters, zeros, rest = most.groups()
        found = [whole, letters + rest, zeros + rest, rest]
        return tuple(dict.fromkeys(found))
    if year := YEAR.fullmatch(whole):
        letters, century, counter = year.groups()
        bare = counter.lstrip("0")
        found = [whole, century + counter, letters + century + bare, century + bare]
        if len(bare) >= SHORT:
            rest = (counter, _without_zeros(counter))
            found += [one for one in rest if not _is_short(one)]
        return tuple(dict.fromkeys(found))
    if _is_short(whole):
        return ()
    found = [whole, PREFIX.sub("", whole, count=1)]
    if year := SHORT_YEAR.fullmatch(whole):
        letters, short, counter = year.groups()
        found.append(letters + short + counter)
    both = [form for one in found for form in (one, _without_zeros(one))]
    return tuple(one for one in dict.fromkeys(both) if one == whole or not _is_short(one))


class Token(NamedTuple):
    """One possible number of a text: where it stands, whether a word says what it is, or hints."""

    key: str
    start: int
    end: int
    named: bool
    hinted: bool = False


def found(text: str, own: str = "", bare: int = BARE) -> list[tuple[str, str]]:
    """Possible numbers of a text with the words around them; those with a word for it first.

    own: the number of the document itself, which is no reference; bare: how many significant
    figures a number without letters needs where no word says what it is; one less after a hint.
    """
    text = ODD.sub(" ", unicodedata.normalize("NFKC", text[:MOST_TEXT]))
    hidden = _hidden(text, own)
    first: dict[str, Token] = {}
    for token in _tokens(hidden):
        if len(first) >= 4 * MOST:
            break
        if _counts(token, bare) and (token.named or token.key not in first):
            known = first.get(token.key)
            if known is None or not known.named:
                first[token.key] = token
    best = sorted(first.values(), key=lambda one: (not one.named, one.key.isdigit(), one.start))
    return [(one.key, _words(text, one)) for one in best[:MOST]]


def found_in_number(number: str) -> list[tuple[str, str]]:
    """What a credit note's own number cites: "INV-0481-CN" is made of INV-0481.

    Figures alone are no reference: a vendor counts invoices and credit notes apart.
    """
    pieces = [key(one) for one in PIECES.split(" ".join(number.split()).replace(" ", "-"))]
    while len(pieces) > 1 and pieces[-1] in words.OF_CREDIT:
        pieces.pop()
    while len(pieces) > 1 and pieces[0] in words.OF_CREDIT:
        pieces.pop(0)
    whole = "".join(pieces)
    if whole == key(number) or pieces[0] in words.OF_CREDIT:
        return []
    if whole.isdigit() or _is_short(whole) or len(whole) > LONG:
        return []
    return [(one, number[:WORDS]) for one in dict.fromkeys((whole, _without_zeros(whole)))]


def _is_short(one: str) -> bool:
    if LONG_ENOUGH.search(one):  # most numbers, at once
        return False
    if len(one.lstrip("0")) < SHORT:
        return True
    figures = sum(sign.isdigit() for sign in one)
    return figures < 3 or len(_without_zeros(one).lstrip("0")) < SHORT


def _counts(token: Token, bare: int) -> bool:
    one = token.key
    if len(one) > LONG or _is_short(one):
        return False
    if not one.isdigit():
        return True
    if len(one) == 4 and one.startswith(("19", "20")):  # a year
        return False
    return token.named or len(one.lstrip("0")) >= bare - token.hinted


def _hidden(text: str, own: str) -> str:
    """The text with other figures and its own number blotted out, every sign in its place."""

    def blot(match: re.Match[str]) -> str:
        return "\x00" * len(match[0])

    def blot_unnamed(match: re.Match[str]) -> str:
        before = text[max(0, match.start() - BEFORE) : match.start()]
        return match[0] if words.FOR.search(before) else blot(match)

    if len(own_key := key(own)) > 2:
        spelled = r"[^0-9A-Za-z]{0,2}".join(own_key[:LONG])
        text = re.sub(f"{words.ALONE}{spelled}{words.END}", blot, text, flags=re.IGNORECASE)
    return words.DOUBTFUL.sub(blot_unnamed, words.FIGURES.sub(blot, text))


def _tokens(text: str) -> Iterator[Token]:
    """Everything that holds a figure, alone and with what stands loosely before it."""
    last: Token | None = None
    looked_at = 0
    for match in TOKEN.finditer(text):
        start, end = match.span()
        if end - start > WORDS or not any(sign.isdigit() for sign in match[0]):
            continue
        if (looked_at := looked_at + 1) > MOST_LOOKED_AT:
            return
        before = text[max(0, start - BEFORE) : start]
        between = text[last.end : start] if last else ""
        follows = last and len(between) < 12 and words.AND.fullmatch(between)
        labelled = LABELLED.match(match[0])
        other = words.AGAINST.search(before) or (follows and last and not last.key)
        if other or (not labelled and words.OF_ITSELF.search(before)):
            last = Token("", start, end, False)
            continue
        named = bool(
            labelled
            or LABEL.match(match[0])
            or words.FOR.search(before)
            or (follows and last and last.named)
        )
        hinted = bool(words.HINT.search(before))
        yield from _ways(match[0], start, named, hinted)
        whole = Token(key(match[0]), start, end, named)
        if loose := LOOSE.search(before):
            yield whole._replace(key=loose[1] + whole.key, start=start - len(loose[0]))
        if last and last.key and len(between) < 4 and GAP.fullmatch(between):
            yield Token(last.key + whole.key, last.start, end, last.named)
        last = whole


def _ways(text: str, start: int, named: bool, hinted: bool) -> Iterator[Token]:
    """One coherent token: whole, without a label before it, without zeros, and as a list."""
    pieces = PIECES.split(text)
    keys = [key(text), "".join(map(_without_zeros, map(key, pieces)))]
    while len(pieces) > 1 and len(pieces[-1]) > 2 and pieces[-1].isalpha():  # "4711-Storno"
        pieces = pieces[:-1]
        keys.append(key("".join(pieces)))
    while len(pieces) > 1 and LABEL.match(pieces[0] + "-"):
        pieces = pieces[1:]
        keys.append(key("".join(pieces)))
    if words.FUSED.match(whole := key("".join(pieces))):
        keys.append(words.FUSED.sub("", whole, count=1))
    parts = text.split("/")
    if len(parts) > 1 and all(map(_stands_alone, parts)):
        keys += map(key, parts)
    for one in dict.fromkeys(form for each in keys for form in (each, _without_zeros(each))):
        yield Token(one, start, start + len(text), named, hinted)


def _stands_alone(part: str) -> bool:
    """Whether this part of "4711/4712" can be a number of its own: not a year, not a suffix."""
    figures = re.sub(r"\D", "", part)
    return len(figures) >= SHORT and not re.fullmatch(r"(19|20)\d\d", figures)


def _without_zeros(one: str) -> str:
    return ZEROS.sub("", one) if "0" in one else one


def _words(text: str, token: Token) -> str:
    """The token as written with up to three words before it, of the line before if need be."""
    begin = max(0, token.start - BEFORE)
    before = text[begin : token.start]
    line = before.rpartition("\n")[2]
    line = line if line.strip() else before
    said = re.findall(r"\S+", line)
    if begin and len(line) == BEFORE:  # the first may be cut off
        said = said[1:]
    glue = " " if before[-1:].isspace() or not before else ""
    number = " ".join(text[token.start : token.end].split())
    return (" ".join(said[-3:]) + glue + number).strip()[-WORDS:]
