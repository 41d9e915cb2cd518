"""Ten minutes of 429: nothing lost, nothing early, nothing twice."""

from collections import Counter

import pytest

from tests.hostile.net import http

pytestmark = pytest.mark.same_on_each

STORM = 600.0  # seconds
HEADERS = {  # what Light says: the least that we wait
    None: 30, "": 30, "soon": 30, "-5": 1, "0": 1, "7": 7, "3.5": 3.5, "nan": 30,
    "999999999": 300, "inf": 300, "1e300": 300,
    "Sat, 21 Nov 2026 12:00:00 GMT": 300, "Mon, 01 Jan 1990 00:00:00 GMT": 1,
    "Sat, 99 Nov 2026 99:99:99 GMT": 30,
}  # fmt: skip


@pytest.mark.parametrize("header", [None, "999999999"])
def test_one_kind_of_retry_after(house, header):
    _storm(house, [header])


def test_all_kinds_in_turns(house):
    _storm(house, list(HEADERS))


def _storm(house, headers):
    """429 to everything for ten minutes, the headers in turns; then all is well."""
    house.approve(4, 2)
    allowed_from, early, said = 0.0, [], 0

    def storm(sent):
        nonlocal allowed_from, said
        at = house.sent_at[-1]
        if at < allowed_from:
            early.append((at, allowed_from))
        if at >= STORM:
            return None
        header = headers[said % len(headers)]
        said += 1
        allowed_from = at + HEADERS[header]
        return http(429, b"slow down", {} if header is None else {"Retry-After": header})

    house.instead = storm
    seconds = house.work(house.all_done)
    assert early == []
    assert STORM <= seconds <= STORM + 300 + 60
    assert said <= STORM / HEADERS[headers[0]] + 5 or len(headers) > 1
    posts = Counter(asked.path for asked in house.sandbox.requests if asked.is_write)
    assert len(posts) == 8 and set(posts.values()) == {1}
    assert sorted(house.world.amounts()) == [4000] * 8
