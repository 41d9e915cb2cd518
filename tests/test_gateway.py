"""The budget in the database, the guard, and when sending stops."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from clearing import gateway, workflow
from clearing.light.errors import LightDenied, LightPaused
from clearing.models import Budget
from clearing.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(settings):
    with Sandbox() as one:
        settings.LIGHT_API_URL, settings.LIGHT_API_KEY = one.url, one.key
        yield one


def pace(per_minute=240, per_day=1000):
    return gateway.SharedPace("k", per_minute=per_minute, per_day=per_day)


def test_a_call_uses_the_budget_and_the_row_never_holds_the_key(sandbox):
    assert gateway.client().company().name == "Fjordlys Group"
    row = Budget.objects.get()
    assert row.key_id == gateway.key_id() and sandbox.key not in row.key_id
    assert row.state["day_used"] == 1 and row.version >= 1


def test_another_key_has_another_budget(settings):
    first = gateway.key_id()
    settings.LIGHT_API_KEY = "another"
    assert gateway.key_id() != first


def test_no_call_inside_a_transaction(sandbox):
    light = gateway.client()
    with pytest.raises(RuntimeError, match="inside a database transaction"):
        with transaction.atomic():
            light.company()
    assert sandbox.requests == []


def test_the_minute_is_shared_by_all(settings):
    one, two = pace(per_minute=20), pace(per_minute=20)
    assert one.before(urgent=True) == 0
    assert two.before(urgent=True) > 0


def test_the_day_stops_reading_first():
    one = pace(per_minute=10_000, per_day=10)
    gone = [one.before(urgent=False) for _ in range(10)]
    assert gone[:9] == [0] * 9 and gone[9] > 0
    assert one.before(urgent=True) == 0


def test_a_full_budget_pauses_the_client(sandbox, settings):
    settings.LIGHT_REQUESTS_PER_DAY = 1
    light = gateway.client()
    with pytest.raises(LightPaused):
        light.company()
    assert sandbox.requests == []


def test_429_pauses_everybody():
    one, two = pace(), pace()
    one.before(urgent=False)
    one.after(429, {"Retry-After": "30"}, write=False)
    assert 25 < two.before(urgent=True) <= 30


def test_a_lost_race_is_run_again(monkeypatch):
    one, other = pace(), pace()
    original, calls = one._row, []

    def interleaved():
        found = original()
        if not calls:
            calls.append(1)
            assert other.before(urgent=True) == 0
        return found

    monkeypatch.setattr(one, "_row", interleaved)
    assert one.before(urgent=True) == 0
    assert Budget.objects.get().state["day_used"] == 2


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite's database in memory is one connection's"
)
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_threads_never_take_more_than_there_is():
    took, lock = [], threading.Lock()

    def run():
        try:
            mine = pace(per_minute=60)
            for _ in range(4):
                wait = mine.before(urgent=True)
                with lock:
                    took.append(wait == 0)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = Budget.objects.get()
    assert len(took) == 16 and sum(took) == row.state["day_used"] <= 4


def test_a_refused_key_stops_sending_until_it_works(sandbox):
    light = gateway.client()
    sandbox.switch(key_valid=False)
    with pytest.raises(LightDenied):
        light.company()
    row = Budget.objects.get()
    assert row.stopped_at and row.stopped_because == gateway.KEY_REFUSED
    sandbox.switch(key_valid=True)
    light.company()
    row.refresh_from_db()
    assert row.stopped_at is None and row.stopped_because == ""


def test_a_missing_role_is_not_cured_by_a_read():
    one = pace()
    one.after(403, {}, write=True)
    one.after(200, {}, write=False)
    assert Budget.objects.get().stopped_because == gateway.ROLE_MISSING
    one.after(200, {}, write=True)
    assert Budget.objects.get().stopped_because == ""


def test_a_role_missing_for_one_list_does_not_stop_sending():
    one = pace()
    one.after(403, {}, write=False)
    assert Budget.objects.get().stopped_at is None


def test_a_clock_set_back_does_not_lock_the_budget(monkeypatch):
    one, row, shift = pace(per_minute=60), gateway.SharedPace._row, [timedelta(hours=5)]
    at = workflow.now()
    monkeypatch.setattr(gateway.SharedPace, "_row", lambda pace: (row(pace)[0], at + shift[0]))
    while one.before(urgent=True) == 0:
        pass
    shift[0] = timedelta()
    wait = one.before(urgent=True)
    assert 0 < wait < 3
    shift[0] = timedelta(seconds=wait)
    assert one.before(urgent=True) == 0


def test_a_look_before_sending_is_urgent_and_a_sync_is_not(sandbox, settings, monkeypatch):
    asked = []
    monkeypatch.setattr(
        gateway.SharedPace, "before", lambda pace, *, urgent: asked.append(urgent) or 0.0
    )
    light = gateway.client()
    light.company()
    light.urgently().company()
    light.company()
    assert asked == [False, True, False]
