"""An invoice whose payments are never answered holds up neither the past nor a night."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.light.client import LightClient
from clearing.light.errors import LightUnavailable
from clearing.models import HistoryReading, InvoicePayable
from clearing.services import mirroring
from tests.services.mirroring_world import client, sync, uid
from tests.services.past_world import Past, later, payments_read, read_past

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1, seconds=1)


@pytest.fixture(autouse=True)
def _three_months(settings):
    """And no nights, or what is read would hang on the hour at which the tests run."""
    settings.HISTORY_MONTHS, settings.ROTATION_REQUESTS = 3, 0


@pytest.fixture
def silent(monkeypatch):
    """The invoices whose payments Light answers with 503; with "all" in it, every one."""
    ids, answer = set(), LightClient.payments

    def payments(self, id):
        if "all" in ids or str(id) in ids:
            raise LightUnavailable("down", status=503)
        return answer(self, id)

    monkeypatch.setattr(LightClient, "payments", payments)
    return ids


def minutes(light, number, start=None):
    """A slice a minute; how often Light gave no answer."""
    failed, now = 0, start or workflow.now()
    for _ in range(number):
        try:
            read_past(light, now)
        except LightUnavailable:
            failed += 1
        now += MINUTE
    return failed


def first():
    return HistoryReading.objects.get(kind="first")


def left_out():
    rows = InvoicePayable.objects.filter(payments_unanswered_at__isnull=False)
    return {str(id) for id in rows.values_list("id", flat=True)}


def world_of(*days):
    world = Past()
    return world, [world.cleared(ago=timedelta(days=ago))[1] for ago in days]


def test_one_that_fails_three_times_is_left_out_and_the_others_are_read(silent):
    world, (one, broken, *others) = world_of(3, 4, 5, 6)
    silent.add(broken)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        assert minutes(light, 2) == 2 and left_out() == set() and first().failures == 2
        assert minutes(light, 3, workflow.now() + 2 * MINUTE) == 0
        assert payments_read(sandbox) == [one, *others]  # each once
    assert left_out() == {broken} and first().finished_at and first().requests == 6


def test_two_beside_each_other_are_left_out_one_by_one(silent):
    world, (one, other, last) = world_of(3, 4, 5)
    silent |= {one, other}
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        minutes(light, 10)
        assert payments_read(sandbox) == [last]
    assert left_out() == {one, other} and first().finished_at


def test_while_all_of_light_is_silent_none_is_left_out(silent):
    world, invoices = world_of(3, 4, 5)
    silent.add("all")
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        assert minutes(light, 10) == 10
        assert left_out() == set() and not first().finished_at and first().cursor == ""
        silent.clear()
        read_past(light, workflow.now() + 20 * MINUTE)
        assert payments_read(sandbox) == invoices
    assert left_out() == set() and first().finished_at


def test_the_last_one_is_left_out_after_three_slices_with_waits(silent):
    world, (broken,) = world_of(3)
    silent.add(broken)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        now = workflow.now()
        assert minutes(light, 2, now) == 2
        read_past(light, now + MINUTE + timedelta(seconds=30))  # it waits
        assert left_out() == set()
        assert minutes(light, 2, now + 2 * MINUTE) == 0
    assert left_out() == {broken} and first().finished_at


def test_the_budgets_own_limit_counts_against_no_invoice(silent, monkeypatch):
    world, _ = world_of(3, 4)

    def too_many(self, id):
        raise LightUnavailable("too many requests", status=429)

    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        monkeypatch.setattr(LightClient, "payments", too_many)
        assert minutes(light, 5) == 5
    assert left_out() == set() and first().failures == 0


def test_by_night_it_is_asked_again(silent, settings):
    settings.ROTATION_REQUESTS = 100
    world, (broken, *others) = world_of(3, 4, 5)
    silent.add(broken)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        minutes(light, 6)
        sandbox.forget_requests()
        silent.clear()
        read_past(light, later(0.95))
        asked = payments_read(sandbox)
        assert sorted(asked) == sorted([*others, broken])
    assert left_out() == set()
    assert InvoicePayable.objects.get(pk=uid(broken)).payments_read_at


def test_a_night_is_not_held_up_by_the_oldest(silent, settings):
    settings.ROTATION_REQUESTS = 100
    world, (broken, *others) = world_of(3, 4, 5)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        read_past(light)
        sandbox.forget_requests()
        silent.add(broken)
        minutes(light, 6, later(0.95))
        assert sorted(payments_read(sandbox)) == sorted(others) and left_out() == {broken}
        sandbox.forget_requests()
        minutes(light, 6, later(0.95, 2))
        assert sorted(payments_read(sandbox)) == sorted(others)
        night = HistoryReading.objects.filter(kind="night").latest("day")
        assert night.requests <= 100 and night.finished_at
        assert mirroring.read_history(light, worker="w", now=later(0.96, 2)) is False
