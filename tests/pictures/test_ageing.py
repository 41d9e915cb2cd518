"""The ageing: stacks from 0, each part its share, its pattern and its link."""

import re
from html import unescape

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from clearing import pictures
from clearing.pictures.ageing import WHY


def part(why, amount, **more):
    more = {"text": f"EUR {amount}", "url": f"/open/?why={why}&currency=EUR"} | more
    return pictures.Part(why, amount, **more)


def age(label, *parts):
    return pictures.Age(label, f"EUR {sum(one.amount for one in parts)}", parts)


def drawn(*ages):
    return pictures.ageing(ages, key="a", title="Open credit by age on 31 Oct 2026")


def places(row):
    return [
        tuple(int(one.rstrip("%").replace(".", "")) for one in (seg.x, seg.width))
        for seg in row.segments
    ]


AGES = [
    age("Up to 30 days", part("none", 100), part("planned", 300), part("settled", 400)),
    age("31–60 days", part("review", 200, number="2 credit notes")),
    age("61–90 days"),
    age("Over 90 days", part("decided", 50), part("none", 150)),
]


def test_stacks_start_at_nothing_and_follow_one_another():
    shown = drawn(*AGES)
    assert [places(row) for row in shown.rows] == [
        [(0, 5000), (5000, 3750), (8750, 1250)], [(0, 2500)], [], [(0, 625), (625, 1875)],
    ]  # fmt: skip
    order = [seg.part.why for seg in shown.rows[0].segments]
    assert order == ["settled", "planned", "none"], "what nobody decided is last"
    assert [why for why, _words in shown.legend] == list(WHY)
    assert shown.axis == "0.00%"


def test_only_what_is_there_is_in_the_legend():
    shown = drawn(age("Up to 30 days", part("planned", 5), part("none", 0)))
    assert shown.legend == [("planned", "Planned")]
    assert [seg.zero for seg in shown.rows[0].segments] == [False, True]
    assert drawn().legend == []


def test_less_than_nothing_goes_the_other_way():
    shown = drawn(age("Up to 30 days", part("planned", 300), part("none", -100)))
    assert places(shown.rows[0]) == [(2500, 7500), (0, 2500)]
    assert shown.axis == "25.00%"


def test_a_why_that_is_none_is_a_mistake():
    with pytest.raises(ValueError):
        drawn(age("Up to 30 days", part("forgotten", 5)))


@given(st.lists(st.lists(st.tuples(st.sampled_from(sorted(WHY)), st.integers(0, 2**63)),
                         max_size=5), min_size=1, max_size=4))  # fmt: skip
def test_a_row_is_as_long_as_its_parts(raw):
    shown = drawn(*(age("x", *(part(why, amount) for why, amount in row)) for row in raw))
    most = max(sum(amount for _why, amount in row) for row in raw)
    for row, given_ in zip(shown.rows, raw, strict=True):
        at = 0
        for x, width in places(row):
            assert x == at, "no gap, nothing twice"
            at += width
        total = sum(amount for _why, amount in given_)
        assert at == (total * 10_000 // most if most else 0)


def page(shown):
    return render_to_string("clearing/pictures/_ageing.html", {"picture": shown})


def test_each_segment_is_a_link_with_its_name_and_its_own_pattern():
    html = page(drawn(*AGES))
    svg = html.split('<ul class="legend">')[0]
    links = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', svg)
    parts = [seg for row in drawn(*AGES).rows for seg in row.segments]
    assert [unescape(url) for url, _name in links] == [seg.part.url for seg in parts]
    assert "31–60 days, In review: EUR 200, 2 credit notes" in [name for _url, name in links]
    fills = re.findall(r'class="shape (\w+)"[^>]+fill="url\(#a-(\w+)\)"', html)
    assert len(fills) == len(parts) + 5, "the legend shows each of them, too"
    assert all(why == pattern for why, pattern in fills)
    patterns = re.findall(r"<pattern.*?</pattern>", html)
    assert len({re.sub(r' id="[^"]+"', "", one) for one in patterns}) == 5
    table = html.split("<tbody>")[1]
    cells = re.findall(r'<a href="([^"]+)"><span class="money">([^<]+)', table)
    assert cells == [(one.part.url.replace("&", "&amp;"), one.part.text) for one in parts]
    assert "style" not in html
