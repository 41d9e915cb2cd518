"""Lines in the order in which an approver works through them: exceptions, the rest, what is done.

What is nothing unusual folds into one group that is approved together; an exception is decided
by itself.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import explaining, labels, matching, money
from clearing.models import Instruction
from clearing.queries.lines import Line

SIZE = 200  # lines of one page
FEW = 20  # lines that need no folding
STRENGTHS = (matching.CERTAIN, matching.LIKELY, matching.POSSIBLE, 0)


@dataclass(frozen=True)
class OfVendor:
    """The lines of one proposal within a group, which is one vendor's."""

    proposal_id: int
    vendor: str
    words: str
    rows: list[Line]


@dataclass(frozen=True)
class Total:
    """What waits in one currency, as text: all of it, and by strength with the number of lines."""

    currency: str
    total: str
    by_strength: list[tuple[str, int]]  # amount and number of lines, as the heads


@dataclass(frozen=True)
class Totals:
    """What waits, a row for each currency and a column for each strength there is."""

    heads: list[labels.Label]
    rows: list[Total]


@dataclass(frozen=True)
class Review:
    """One page of the lines of a proposal or a batch; `left` and `odd` count all that wait."""

    exceptions: list[Line]
    usual: list[Line]
    decided: list[Line]
    left: int
    odd: int
    number: int
    pages: int
    locale: str

    @property
    def mine(self) -> list[Line]:
        """Those of the group that this person may approve."""
        return [row for row in self.usual if not row.never]

    @property
    def group_words(self) -> str:
        """What the group's button approves, else all of the group: "26 lines for EUR 14,210.40"."""
        return words_of(self.mine or self.usual, self.locale)

    @property
    def group_line(self) -> str:
        """ "26 lines, EUR 14,210.40", of all of the group."""
        return words_of(self.usual, self.locale, short=True)

    @property
    def why_not(self) -> str:
        """Why this person may approve nothing of what fits; empty where they may."""
        fitting = [row for row in (*self.usual, *self.exceptions) if not row.problem]
        return fitting[0].never if fitting and all(row.never for row in fitting) else ""

    @property
    def unfolded(self) -> bool:
        """Whether the group stands open: few lines, and nothing that comes first."""
        return not self.odd and len(self.usual) <= FEW

    @property
    def can_pick(self) -> bool:
        return sum(not row.step for row in self.mine) > 1

    @property
    def by_vendor(self) -> list[OfVendor]:
        return [
            OfVendor(proposal_id, rows[0].vendor, words_of(rows, self.locale, short=True), rows)
            for proposal_id, found in groupby(self.usual, lambda row: row.proposal_id)
            if (rows := list(found))
        ]

    @property
    def shown(self) -> str:
        """The lines of this page, for what is asked about them later: "17,18,21"."""
        here = (*self.exceptions, *self.usual, *self.decided)
        return ",".join(sorted(str(row.id) for row in here))

    @property
    def seen(self) -> str:
        """A digest of the group as it is shown, so that its dialog can tell what has changed."""
        return digest(self.mine)

    @property
    def left_words(self) -> str:
        if not self.left:
            return _("Nothing left")
        odd = ngettext("%(n)d exception", "%(n)d exceptions", self.odd) % {"n": self.odd}
        return _("%(n)d left · %(odd)s") % {"n": self.left, "odd": odd}

    @property
    def other_pages(self) -> list[int]:
        return list(range(1, self.pages + 1)) if self.pages > 1 else []


def review(rows: Iterable[Line], *, number: int = 1, locale: str) -> Review:
    """These lines as page `number` shows them; a number beyond the last is the last."""
    rows = ordered(rows)
    waiting = [row for row in rows if row.waiting]
    pages = max(-(-len(rows) // SIZE), 1)
    number = min(max(number, 1), pages)
    here = rows[(number - 1) * SIZE : number * SIZE]
    return Review(
        exceptions=[row for row in here if row.is_exception],
        usual=[row for row in here if row.in_group],
        decided=[row for row in here if not row.waiting],
        left=len(waiting),
        odd=sum(row.is_exception for row in waiting),
        number=number,
        pages=pages,
        locale=locale,
    )


def ordered(rows: Iterable[Line]) -> list[Line]:
    """Exceptions first, the heaviest of them first; then as they were proposed."""

    def place(row: Line) -> tuple[int, int]:
        return (0 if row.is_exception else 1 if row.waiting else 2), row.weight

    return sorted(rows, key=place)


def around(rows: list[Line], line_id: int) -> tuple[Line | None, Line | None]:
    """The lines before and after this one with two documents, in the order of the page."""
    both = [row for row in ordered(rows) if row.invoice]
    here = next((place for place, row in enumerate(both) if row.id == line_id), None)
    if here is None:
        return None, None
    return both[here - 1] if here else None, both[here + 1] if here + 1 < len(both) else None


def following(rows: list[Line], line_id: int) -> Line | None:
    """The line to look at after this one: the next exception, or the next of the group.

    `rows` as they stood before it was decided.
    """
    waiting = [row for row in ordered(rows) if row.waiting]
    here = next((place for place, row in enumerate(waiting) if row.id == line_id), None)
    if here is None:
        return None
    alike = [
        row
        for row in (*waiting[here + 1 :], *waiting[:here])
        if row.is_exception == waiting[here].is_exception and not row.with_first
    ]
    return alike[0] if alike else None


def words_of(rows: list[Line], locale: str, *, short: bool = False) -> str:
    """How many lines, and what they link: "3 lines for EUR 120.00 and USD 5.00"; short: a comma."""
    count = ngettext("%(n)d line", "%(n)d lines", len(rows)) % {"n": len(rows)}
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.kind == Instruction.Kind.LINK:
            sums[row.currency] += row.minor
    amounts = [money.text(sums[code], code, locale) for code in sorted(sums)]
    if not amounts or any(row.kind != Instruction.Kind.LINK for row in rows):
        return count
    if short:
        return f"{count}, {', '.join(amounts)}"
    return _("%(lines)s for %(amounts)s") % {"lines": count, "amounts": _and(amounts)}


def _and(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return _("%(all)s and %(last)s") % {"all": ", ".join(words[:-1]), "last": words[-1]}


def digest(rows: Iterable[Line]) -> str:
    """Two groups agree where they hold the same lines with the same contents."""
    text = " ".join(sorted(f"{row.id}:{row.hash}" for row in rows))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def totals(rows: Iterable[Line], locale: str) -> Totals:
    """What links wait, per currency and strength."""
    links = [row for row in rows if row.waiting and row.kind == Instruction.Kind.LINK]
    strengths = [one for one in STRENGTHS if any(row.strength == one for row in links)]
    return Totals(
        heads=[explaining.strength(one) for one in strengths],
        rows=[
            _total(code, links, strengths, locale) for code in sorted({r.currency for r in links})
        ],
    )


def _total(currency: str, links: list[Line], strengths: list[int], locale: str) -> Total:
    of = [row for row in links if row.currency == currency]
    by_strength = []
    for strength in strengths:
        alike = [row.minor for row in of if row.strength == strength]
        by_strength.append((money.text(sum(alike), currency, locale), len(alike)))
    total = money.text(sum(row.minor for row in of), currency, locale)
    return Total(currency, total, by_strength)
