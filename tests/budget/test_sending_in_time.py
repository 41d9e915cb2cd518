"""Approved links within the limit: how long, how many requests, and who waits for whom."""

from collections import Counter

import pytest

from clearing import gateway
from clearing.light.errors import LightPaused
from clearing.models import Instruction
from tests.budget.virtual import House

pytestmark = pytest.mark.same_on_each

LEAST = {"look": 4, "write": 1}  # note, its links, invoice, its links; the link itself


def in_a_minute(requests: int) -> float:
    """Seconds that so many requests take at 240 a minute."""
    return requests / 240 * 60


@pytest.mark.parametrize(("notes", "links_of_each", "in_all"), [(30, 1, 240), (3, 10, 185)])
def test_links_take_the_time_that_the_limit_allows(house, notes, links_of_each, in_all):
    house.approve(notes, links_of_each)
    lines = notes * links_of_each
    seconds = house.work(house.all_done)
    requests = len(house.sent_at)
    assert requests == lines * sum(LEAST.values())
    assert seconds <= 1.1 * in_a_minute(requests)
    seconds += house.work(house.all_shown)
    requests = len(house.sent_at)
    assert requests == in_all
    assert seconds <= 1.1 * in_a_minute(requests)
    assert house.refused() == 0 and house.busiest_minute() <= 240
    writes = Counter(asked.path for asked in house.sandbox.requests if asked.is_write)
    assert len(writes) == lines and set(writes.values()) == {1}


def test_sending_does_not_wait_for_reading(house):
    """A reader that takes whatever it may costs the sender nothing."""
    house.approve(20, 1)
    reader = gateway.SharedPace("k", per_minute=240, per_day=60_000)
    greedy = 0

    def read_as_well(_sent):
        nonlocal greedy
        while reader.before(urgent=False) == 0:
            greedy += 1

    house.instead = read_as_well
    read_as_well(None)
    seconds = house.work(house.all_done)
    assert seconds <= 1.1 * in_a_minute(100) and greedy < 20
    assert all(at <= 1.1 * in_a_minute(100) for at in house.sent_at)


def test_the_day_stops_reading_first_and_sending_last_and_loses_nothing(
    db, monkeypatch, preparer, approver
):
    house = House(monkeypatch, (preparer, approver), per_day=100)
    house.approve(30, 1)
    light = house.client()
    for _ in range(50):
        light.company()
    house.work(lambda: len(house.sent_at) >= 90)
    with pytest.raises(LightPaused):
        light.company()
    house.work(lambda: len(house.sent_at) >= 100)
    assert house.states() == {"done": 10, "ready": 20}
    assert house.clock.seconds < 3600  # it was not the night that let them through
    house.clock.sleep(15 * 3600 - house.clock.seconds - 120)  # two minutes before midnight UTC
    house.work(house.all_done)
    assert (house.clock.now().day, house.clock.now().hour) == (22, 0)
    assert all(at >= 15 * 3600 for at in house.sent_at[100:])
    assert len(house.world.amounts()) == 30 and Instruction.objects.count() == 30
    house.close()
