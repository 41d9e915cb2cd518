"""Open credit by age: one bar for each age, stacked by why it is still open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing.pictures.scale import Scale, beside, percent, short

TEXT, BAR, GAP = 18, 24, 12  # px

# Why it is still open, in the order of the stack; each has its pattern in the template.
WHY = {
    "settled": gettext_lazy("Settled since"),
    "planned": gettext_lazy("Planned"),
    "review": gettext_lazy("In review"),
    "decided": gettext_lazy("By decision"),
    "none": gettext_lazy("No decision"),
}


@dataclass(frozen=True)
class Part:
    """Some credit of one age. amount: the smallest unit; number: how many, in words, or empty."""

    why: str  # of WHY
    amount: int
    text: str
    url: str
    number: str = ""


@dataclass(frozen=True)
class Age:
    """One age, as "31–60 days", with its parts in any order; text: all of it as people read it."""

    label: str
    text: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Segment:
    """A part where it stands: x and width in percent. zero: nothing is drawn of it."""

    part: Part
    words: str
    name: str
    zero: bool
    x: str
    width: str


@dataclass(frozen=True)
class Row:
    label: str
    whole: Age
    segments: list[Segment]
    text_y: int
    amount_y: int
    bar_y: int


@dataclass(frozen=True)
class Ageing:
    """key: begins every id in it, one per page; legend: the whys there are, key and words."""

    key: str
    title: str
    rows: list[Row]
    legend: list[tuple[str, str]]
    axis: str
    height: int


def ageing(ages: Sequence[Age], *, key: str, title: str) -> Ageing:
    """The rows in the order given; each stack starts at 0, credit less than 0 goes the other way.

    Raises ValueError for a why that is not one of WHY.
    """
    stacks = [_stack(age) for age in ages]
    scale = Scale.over(end for stack in stacks for _part, *ends in stack for end in ends)
    rows, y = [], 0
    for age, stack in zip(ages, stacks, strict=True):
        lines = 1 if beside(age.label, age.text) else 2
        segments = [_segment(age, part, (start, end), scale) for part, start, end in stack]
        bar_y = y + TEXT * lines
        amount_y = y + 13 + TEXT * (lines - 1)
        rows.append(Row(short(age.label), age, segments, y + 13, amount_y, bar_y))
        y = bar_y + BAR + GAP
    there = {part.why for age in ages for part in age.parts if part.amount}
    legend = [(why, str(words)) for why, words in WHY.items() if why in there]
    return Ageing(key, title, rows, legend, percent(scale.place(0)), y)


def _stack(age: Age) -> list[tuple[Part, int, int]]:
    """Each part with where it starts and ends, in the order of WHY."""
    order: Mapping[str, int] = {why: n for n, why in enumerate(WHY)}
    if unknown := {part.why for part in age.parts} - set(order):
        raise ValueError(f"no such why: {unknown}")
    found, up, down = [], 0, 0
    for part in sorted(age.parts, key=lambda one: order[one.why]):
        if part.amount < 0:
            found.append((part, down, down := down + part.amount))
        else:
            found.append((part, up, up := up + part.amount))
    return found


def _segment(age: Age, part: Part, span: tuple[int, int], scale: Scale) -> Segment:
    left, right = sorted(scale.place(end) for end in span)
    words = str(WHY[part.why])
    name = _("%(age)s, %(why)s: %(amount)s") % {
        "age": age.label, "why": words, "amount": part.text,
    }  # fmt: skip
    return Segment(
        part=part,
        words=words,
        name=f"{name}, {part.number}" if part.number else name,
        zero=not part.amount,
        x=percent(left),
        width=percent(right - left),
    )
