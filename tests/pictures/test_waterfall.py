"""The waterfall: bars add up, stand where they should, and are never longer than their share."""

import re
from dataclasses import replace
from html import unescape

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from clearing import pictures
from clearing.pictures.scale import WHOLE


def bar(label, amount, kind="step", **more):
    more = {"text": f"EUR {amount}", "url": f"/rows/?kind={label}&currency=EUR"} | more
    return pictures.Bar(label, amount, kind=kind, **more)


def drawn(*bars):
    return pictures.waterfall(bars, key="w", title="Roll-forward in EUR")


def place(shown):
    """From where to where a bar goes, in hundredths of a percent."""
    x, width = (int(one.rstrip("%").replace(".", "")) for one in (shown.x, shown.width))
    return x, x + width


MONTH = [
    bar("opening", 1000, "moment"), bar("new", 600), bar("late", 150, "part"),
    bar("cleared", -1200), bar("undone", 0), bar("cancelled", -100), bar("closing", 300, "moment"),
]  # fmt: skip


def test_a_month_on_paper():
    shown = drawn(*MONTH)
    assert [one.bar.label for one in shown.bars] == [one.label for one in MONTH]
    assert [place(one) for one in shown.bars] == [
        (0, 6250), (6250, 10000), (6250, 7187), (2500, 10000), (2500, 2500), (1875, 2500),
        (0, 1875),
    ]  # fmt: skip
    assert shown.axis == "0.00%"
    looks = ["moment", "more", "part", "less", "more", "less", "moment"]
    assert [one.look for one in shown.bars] == looks
    assert [one.zero for one in shown.bars] == [False] * 4 + [True] + [False] * 2
    ys = [one.y for one in shown.bars]
    assert ys == sorted(set(ys)) and shown.bars[-1].y + shown.bars[-1].height == shown.height


def test_less_than_nothing_lies_left_of_the_axis():
    shown = drawn(bar("opening", -100, "moment"), bar("new", 400), bar("closing", 300, "moment"))
    assert shown.axis == "25.00%"
    assert [place(one) for one in shown.bars] == [(0, 2500), (0, 10000), (2500, 10000)]


def test_nothing_at_all():
    shown = drawn(bar("opening", 0, "moment"), bar("closing", 0, "moment"))
    assert all(one.zero and place(one) == (0, 0) for one in shown.bars)
    assert drawn().height == 0


@pytest.mark.parametrize(("amount", "end"), [(150, 1500), (5000, 10000), (-5, 0), (0, 0)])
def test_a_part_stays_within_its_step(amount, end):
    """What is known late may be more than the figure, where something was taken back in time."""
    shown = drawn(bar("new", 1000), bar("late", amount, "part"))
    assert place(shown.bars[1]) == (0, end)
    assert shown.bars[1].bar.text == f"EUR {amount}"


def test_a_tiny_bar_beside_a_giant_is_drawn():
    """Its outline of 1 px is there whatever its width."""
    shown = drawn(bar("opening", 1, "moment"), bar("new", 2**62))
    assert (place(shown.bars[0]), shown.bars[0].zero) == ((0, 0), False)
    assert place(shown.bars[1]) == (0, WHOLE)
    assert page(shown).count('<rect class="shape ') == 2


def test_long_words_are_cut_in_the_picture_alone_and_long_amounts_get_a_line():
    shown = drawn(
        bar("x" * 50, 5, text="EUR 5.00"), bar("new", 5, text="EUR 92,233,720,368,547,758.07")
    )
    first, second = shown.bars
    assert first.label == "x" * 29 + "…" and "x" * 50 in first.name and first.amount_y == 13 + 18
    assert second.amount_y == second.text_y, "both fit beside one another"
    assert second.y == first.height == 64


AMOUNTS = st.integers(-(2**63), 2**63)


@given(AMOUNTS, st.lists(AMOUNTS, max_size=6))
def test_bars_add_up_whatever_the_amounts(opening, steps):
    closing = opening + sum(steps)
    shown = drawn(
        bar("opening", opening, "moment"), *(bar("step", one) for one in steps),
        bar("closing", closing, "moment"),
    ).bars  # fmt: skip
    ends = [opening]
    for one in steps:
        ends.append(ends[-1] + one)
    span = max(0, *ends) - min(0, *ends)
    for one in shown:
        start, end = place(one)
        assert 0 <= start <= end <= WHOLE
        share = abs(one.bar.amount) * WHOLE // span if span else 0
        assert abs((end - start) - share) <= 1, "as long as its share"
    for before, after in zip(shown[:-1], shown[1:-1], strict=False):
        assert set(place(before)) & set(place(after)), "goes on where the last one ended"
    assert shown[-1].tie in {shown[-2].tie, shown[-2].x} or not steps


# --- as drawn ---------------------------------------------------------------------------------
def page(shown):
    return render_to_string("clearing/pictures/_waterfall.html", {"picture": shown})


def test_each_bar_is_a_link_with_its_name():
    month = [replace(one, number="12 movements") if one.amount == -1200 else one for one in MONTH]
    html = page(drawn(*month))
    svg, table = html.split("</svg>")
    links = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', svg)
    assert [unescape(url) for url, _name in links] == [one.url for one in month]
    assert ("cleared: EUR -1200, 12 movements") in [name for _url, name in links]
    assert "new: EUR 600" in [name for _url, name in links]
    cells = re.findall(r'<a href="([^"]+)"><span class="money">([^<]+)', table)
    assert [(unescape(url), text) for url, text in cells] == [(one.url, one.text) for one in month]
    assert "12 movements" in table


def test_nothing_in_it_needs_a_style_or_can_become_markup():
    html = page(drawn(bar("<script>alert(1)</script>", 5, url='/"><b>')))
    assert "<script" not in html and "<b>" not in html
    assert "style" not in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids)) and all(one.startswith("w") for one in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids)
