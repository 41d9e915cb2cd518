"""A roll-forward as a waterfall: it opens, steps up and down, and closes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from clearing.pictures.scale import Scale, beside, percent, short

TEXT, BAR, GAP = 18, 18, 10  # px: a line of text, a bar, and what lies between two rows


@dataclass(frozen=True)
class Bar:
    """One figure. amount: what it does to what is open, so that taking off is negative.

    A moment stands on 0; a step goes on from where the last one ended; a part lies within the
    step before it. text: the amount as people read it; number: how many, in words, or empty.
    """

    label: str
    amount: int
    text: str
    url: str
    number: str = ""
    kind: Literal["moment", "step", "part"] = "step"


@dataclass(frozen=True)
class Drawn:
    """A bar where it stands: x and width in percent; y, bar_y, tie_to in px.

    zero: nothing is drawn of it; tie: where it ends, from where the next row goes on.
    """

    bar: Bar
    label: str
    name: str
    look: str
    zero: bool
    x: str
    width: str
    y: int
    text_y: int
    amount_y: int
    bar_y: int
    height: int
    tie: str
    tie_to: int


@dataclass(frozen=True)
class Waterfall:
    """key: begins every id in it, one per page; axis: where 0 is."""

    key: str
    title: str
    bars: list[Drawn]
    axis: str
    height: int


def waterfall(bars: Sequence[Bar], *, key: str, title: str) -> Waterfall:
    """The rows in the order given; what is part of a step is drawn into its bar."""
    spans = _spans(bars)
    scale = Scale.over(end for span in spans for end in span)
    drawn: list[Drawn] = []
    y = 0
    for bar, span in zip(bars, spans, strict=True):
        drawn.append(_drawn(bar, span, scale, y))
        y += drawn[-1].height
    return Waterfall(key, title, drawn, percent(scale.place(0)), y)


def _spans(bars: Sequence[Bar]) -> list[tuple[int, int]]:
    """From where to where each bar goes, in the smallest unit."""
    found: list[tuple[int, int]] = []
    at, of = 0, (0, 0)
    for bar in bars:
        if bar.kind == "part":
            found.append(_within(bar.amount, of))
            continue
        start = 0 if bar.kind == "moment" else at
        at = start + bar.amount
        of = (start, at)
        found.append(of)
    return found


def _within(amount: int, of: tuple[int, int]) -> tuple[int, int]:
    """A part is drawn from where its step begins, and never longer than that.

    Nothing is drawn of what goes the other way: the table has it.
    """
    start, end = of
    if (amount > 0) != (end > start):
        return start, start
    shown = min(amount, end - start) if amount > 0 else max(amount, end - start)
    return start, start + shown


def _drawn(bar: Bar, span: tuple[int, int], scale: Scale, y: int) -> Drawn:
    left, right = sorted(scale.place(end) for end in span)
    lines = 1 if beside(bar.label, bar.text) else 2
    height = TEXT * lines + BAR + GAP
    return Drawn(
        bar=bar,
        label=short(bar.label),
        name=_name(bar),
        look=_look(bar),
        zero=span[0] == span[1],
        x=percent(left),
        width=percent(right - left),
        y=y,
        text_y=y + 13,
        amount_y=y + 13 + TEXT * (lines - 1),
        bar_y=y + TEXT * lines,
        height=height,
        tie=percent(scale.place(span[0 if bar.kind == "part" else 1])),
        tie_to=y + height + TEXT,
    )


def _look(bar: Bar) -> str:
    if bar.kind != "step":
        return bar.kind
    return "less" if bar.amount < 0 else "more"


def _name(bar: Bar) -> str:
    """What a screen reader says: "Cleared: EUR 1,240.00, 12 movements"."""
    words = _("%(label)s: %(amount)s") % {"label": bar.label, "amount": bar.text}
    return f"{words}, {bar.number}" if bar.number else words
