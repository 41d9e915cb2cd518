"""Two at once on PostgreSQL: a vendor of a plan is proposed once, a plan is made once."""

import threading

import pytest
from django.db import connection

from clearing import workflow
from clearing.models import Batch, Proposal
from clearing.services import planning
from clearing.services.planning import Change, handing_in, making
from tests import factories
from tests.services.plan_world import World, rows
from tests.services.test_races import during

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has one writer at a time (DATABASE_URL)"
    ),
]


@pytest.fixture
def world():
    return World()


def at_once(*acts):
    """Each in a thread of its own, all from the same moment on."""
    start, failed = threading.Barrier(len(acts)), []

    def run(act):
        try:
            start.wait(5)
            act()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not failed


def propose(group, by):
    return planning.propose(group, seen="0", by=by, now=workflow.now())


def test_two_people_propose_a_vendor_once(world):
    group, other = world.plan().groups.first(), factories.person("preparer", "other")
    _first, second = during(lambda: propose(group, world.preparer), lambda: propose(group, other))
    assert isinstance(second, workflow.Conflict) and "proposed already" in str(second)
    assert Proposal.objects.count() == 1


def test_a_vendor_is_not_changed_while_it_is_proposed(world):
    group = world.plan().groups.first()
    line = group.rows.get()
    _first, second = during(
        lambda: propose(group, world.preparer),
        lambda: planning.change(line, Change(1, seen=10000), by=world.preparer),
    )
    assert isinstance(second, workflow.Conflict)


def test_two_clicks_make_one_batch(world):
    plan = world.plan()

    def click():
        given = {"note": "", "seen": planning.seen_of(plan), "now": workflow.now()}
        return planning.propose_all(plan, **given, by=world.preparer)

    _first, second = during(click, click)
    assert isinstance(second, workflow.Conflict)
    assert Batch.objects.count() == 1 and Proposal.objects.count() == 3


def test_two_workers_propose_every_vendor_once(world, monkeypatch):
    monkeypatch.setattr(handing_in, "AT_ONCE", 0)
    for n in range(3, 9):
        world.vendor(n)
    plan = world.plan()
    planning.propose_all(
        plan, note="", seen=planning.seen_of(plan), by=world.preparer, now=workflow.now()
    )

    def work():
        while planning.hand_in():
            pass

    at_once(work, work)
    assert Proposal.objects.count() == 9 and not plan.groups.exclude(problem="").exists()


def test_two_workers_make_a_plan_once(world, monkeypatch):
    monkeypatch.setattr(making, "LONGEST", 0)
    monkeypatch.setattr("clearing.services.grouping.streaming.CREDITS", 1)
    plan = world.start()

    def work(name):
        def slices():
            for _slice in range(20):
                planning.make(workflow.now(), worker=name)

        return slices

    at_once(work("one"), work("two"))
    plan.refresh_from_db()
    assert plan.state == "ready" and len(rows(plan)) == len(set(rows(plan))) == 3
