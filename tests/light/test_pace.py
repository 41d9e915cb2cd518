"""The budget: no 60 seconds above the ceiling, whatever anybody does."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearing.light.pace import Budget, learn, take
from clearing.light.retry_after import seconds_to_wait

NOW = datetime(2025, 5, 1, 10, 0, tzinfo=UTC)
MINUTE = timedelta(seconds=60)


def busiest_minute(sent):
    """The most requests in any closed span of 60 seconds."""
    first, most = 0, 0
    for last, at in enumerate(sent):
        while at - sent[first] > MINUTE:
            first += 1
        most = max(most, last - first + 1)
    return most


@settings(max_examples=150, deadline=None)
@given(
    ceiling=st.integers(1, 400),
    steps=st.lists(
        st.tuples(st.integers(0, 3_000_000) | st.sampled_from([0, 1, 60_000_000]), st.booleans()),
        max_size=120,
    ),
    eager=st.booleans(),
)
def test_any_minute_holds(ceiling, steps, eager):
    budget, now, sent = Budget.fresh(NOW), NOW, []
    for microseconds, write in steps:
        now += timedelta(microseconds=microseconds)
        for _ in range(40 if eager else 1):
            budget, wait = take(budget, now, urgent=write, ceiling_minute=ceiling)
            if wait:
                break
            sent.append(now)
    assert busiest_minute(sent) <= ceiling


@pytest.mark.parametrize("ceiling", [1, 2, 3, 19, 20, 240, 6000])
def test_waiting_as_told_uses_the_ceiling_and_never_more(ceiling):
    budget, now, sent = Budget.fresh(NOW), NOW, []
    while now < NOW + 3 * MINUTE:
        budget, wait = take(budget, now, urgent=True, ceiling_minute=ceiling)
        if wait:
            now += timedelta(seconds=wait)
        else:
            sent.append(now)
    assert busiest_minute(sent) <= ceiling
    assert len(sent) >= 3 * (ceiling - max(ceiling // 20, 1))


def test_reads_leave_the_last_part_of_the_burst_to_writes():
    budget = Budget.fresh(NOW)
    wait, reads = 0.0, 0
    while not wait:
        budget, wait = take(budget, NOW, urgent=False)
        reads += not wait
    writes = 0
    while not take(budget, NOW, urgent=True)[1]:
        budget, _ = take(budget, NOW, urgent=True)
        writes += 1
    assert (reads, writes) == (9, 3)


def test_the_day_stops_reads_first_and_starts_anew_at_midnight_utc():
    budget = Budget(NOW, 0, NOW.date(), 90)
    assert take(budget, NOW, urgent=False, ceiling_day=100)[1] == 14 * 3600
    assert take(budget, NOW, urgent=True, ceiling_day=100)[1] == 0
    full = Budget(NOW, 0, NOW.date(), 100)
    assert take(full, NOW, urgent=True, ceiling_day=100)[1] == 14 * 3600
    after, wait = take(full, NOW + timedelta(hours=14), urgent=False, ceiling_day=100)
    assert (wait, after.day_used) == (0, 1)


def test_a_clock_set_back_forgets_nothing_and_does_not_lock_up():
    budget = Budget.fresh(NOW)
    for _ in range(12):
        budget, wait = take(budget, NOW, urgent=True)
        assert not wait
    back = NOW - timedelta(hours=5)
    budget, wait = take(budget, back, urgent=True)
    assert 0 < wait < 1
    assert take(budget, back + timedelta(seconds=wait), urgent=True)[1] == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 30), ("", 30), ("soon", 30), ("nan", 30), ("5", 5), ("0", 1), ("-9", 1),
        ("1.5", 1.5), ("99999999", 300), ("inf", 300), ("9" * 400, 300),
        ("Thu, 01 May 2025 10:00:20 GMT", 20), ("Thu, 01 May 2020 10:00:00 GMT", 1),
        ("Thu, 01 May 2099 10:00:00 GMT", 300), ("Thu, 99 May 2025 99:00:00 GMT", 30),
    ],
)  # fmt: skip
def test_retry_after(header, seconds):
    assert seconds_to_wait(header, NOW) == seconds
    headers = {} if header is None else {"Retry-After": header}
    paused = learn(Budget.fresh(NOW), NOW, 429, headers)
    assert take(paused, NOW, urgent=True)[1] == seconds
    assert take(paused, NOW + timedelta(seconds=seconds), urgent=True)[1] == 0


def test_a_later_429_does_not_shorten_a_pause():
    budget = learn(Budget.fresh(NOW), NOW, 429, {"retry-after": "100"})
    assert learn(budget, NOW, 429, {"retry-after": "5"}) == budget
    assert learn(budget, NOW, 200, {}) == budget


@pytest.mark.parametrize(
    ("limit", "seen"),
    [("300", 300), ("100, 100;w=60", 100), ("0", None), ("-5", None), ("x", None), ("", None),
     ("٣", None), ("9" * 30, None)],
)  # fmt: skip
def test_lights_limit_is_remembered(limit, seen):
    assert learn(Budget.fresh(NOW), NOW, 200, {"X-RateLimit-Limit": limit}).limit_seen == seen


def test_lights_limit_lowers_the_ceiling_to_80_percent_and_never_raises_it():
    def in_a_minute(limit):
        budget, now, sent = learn(Budget.fresh(NOW), NOW, 200, {"X-RateLimit-Limit": limit}), NOW, 0
        while now <= NOW + MINUTE:
            budget, wait = take(budget, now, urgent=True)
            sent, now = sent + (not wait), now + timedelta(seconds=wait)
        return sent

    assert 70 <= in_a_minute("100") <= 80
    assert in_a_minute("100000") <= 240
    assert in_a_minute("1") == 1


def test_the_budget_survives_json():
    budget = Budget.fresh(NOW)
    for learned in (budget, learn(budget, NOW, 429, {"X-RateLimit-Limit": "300"})):
        stored = json.loads(json.dumps(learned.to_json()))
        assert Budget.from_json(stored, NOW) == learned
    assert Budget.from_json({}, NOW) == budget


def test_what_is_urgent_never_waits_for_reading():
    """However much is read, a write or a look finds room at once."""
    for ceiling in (40, 60, 240, 1200):
        budget, now = Budget.fresh(NOW), NOW
        for step in range(400):
            now += timedelta(milliseconds=37 * (step % 5))
            wait = 0.0
            while not wait:
                budget, wait = take(budget, now, urgent=False, ceiling_minute=ceiling)
        assert take(budget, now, urgent=True, ceiling_minute=ceiling)[1] == 0


def test_the_last_tenth_of_the_day_is_for_what_is_urgent():
    budget, reads, writes = Budget.fresh(NOW), 0, 0
    now = NOW
    while now < NOW + timedelta(hours=1):
        now += timedelta(seconds=1)
        budget, wait = take(budget, now, urgent=False, ceiling_day=200)
        reads += not wait
        if reads == 180:
            budget, wait = take(budget, now, urgent=True, ceiling_day=200)
            writes += not wait
    assert (reads, writes, budget.day_used) == (180, 20, 200)


def test_a_pause_from_a_clock_that_was_ahead_does_not_last_for_hours():
    ahead = NOW + timedelta(hours=5)
    budget = learn(Budget.fresh(ahead), ahead, 429, {"Retry-After": "300"})
    assert budget.is_ahead_of(NOW) and not budget.is_ahead_of(ahead)
    budget, wait = take(budget, NOW, urgent=True)
    assert wait == 300
    assert take(budget, NOW + timedelta(seconds=300), urgent=True)[1] == 0
