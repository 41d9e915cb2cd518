"""What is locked while a sum is made: with the lock nobody gives a credit twice or waits for ever.

Forced interleavings on PostgreSQL; SQLite has one writer at a time, see test_one_writer.
"""

from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction

from clearing import balances, workflow
from clearing.models import Balance, Instruction, PlanGroup
from clearing.services import proposing
from clearing.services.planning import handing_in, wishing
from clearing.services.sending import durable, stopping
from tests import factories
from tests.concurrency.at_once import Other, Pause, meanwhile
from tests.concurrency.people import available, same
from tests.services import plan_world

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="forced on PostgreSQL only"),
]
SOON = 0.3  # seconds in which somebody who waits for nothing has ended


def unlocked(documents):
    """balances.lock without the lock."""
    return Balance.objects.in_bulk(set(documents))


def overtaking(first, second, pause):
    """`second` comes as far as it can while `first` stops at the pause; what both came to."""
    one = Other("first", first)
    assert pause.reached.wait(10)
    two = Other("second", second)
    two.comes(SOON)
    pause.go_on.set()
    return one.join(), two.join()


def test_a_credit_is_not_given_twice(world, guard, monkeypatch):
    """The first has looked at what is free; then the second one comes."""
    guard.is_function(balances, "lock", unlocked)
    note, one, other = world.note(), world.invoice(), world.invoice()
    pause = Pause(proposing.problems_of, who="first")
    monkeypatch.setattr(proposing, "problems_of", pause)
    ended = overtaking(
        lambda: world.propose(note, one, amount=6000),
        lambda: world.propose(note, other, amount=6000, by=world.other),
        pause,
    )
    assert isinstance(ended[1], proposing.Problems) == guard.on
    assert Instruction.objects.count() == (1 if guard.on else 2)


def test_an_older_sum_is_not_written_last(world, guard, monkeypatch):
    """The first has summed up; then the second one changes what it has summed."""
    guard.is_function(balances, "lock", unlocked)
    note, invoice = world.note(), world.invoice()
    pause = Pause(balances.compute, who="first")
    monkeypatch.setattr(balances, "compute", pause)
    Balance.objects.update(available=1)  # so that the first has something to write
    overtaking(
        lambda: balances.refresh(notes=[note.id]),
        lambda: balances.refresh_lines([_begun(world, note, invoice)]),
        pause,
    )
    (true,) = balances.compute([note.id], [])
    assert (available(note) == true.available == 6000) == guard.on


def _begun(world, note, invoice):
    return factories.line(world.preparer, note, invoice, 4000)


def test_a_line_begun_meanwhile_makes_nobody_wait_in_a_circle(world, guard, monkeypatch):
    """A worker has listed the neighbours of its documents; then somebody proposes a new one."""
    guard.is_function(durable, "_has_grown", lambda *_: False)
    note = world.note()
    begun, known = sorted((world.invoice() for _ in range(2)), key=lambda one: one.id)
    line = world.line(note, known, 1000, approved_by=world.approver)
    proposes = lambda: Other("proposer", lambda: world.propose(note, begun)).join()  # noqa: E731
    meanwhile(monkeypatch, durable, "_other_sides", proposes)
    worker_holds = Pause(balances.lock, who="worker")
    monkeypatch.setattr(balances, "lock", worker_holds)
    page_holds = Pause(lambda: None, who="page")

    def step():
        balances.refresh(notes=[note.id], invoices=[begun.id, known.id])

    def on_a_page():
        """Another credit for both invoices, in everybody's order."""
        with impatient():
            balances.lock([begun.id])
            page_holds()
            balances.lock([known.id])

    worker = Other("worker", lambda: durable.durably(line, step, neighbours=True))
    assert worker_holds.reached.wait(10)
    page = Other("page", on_a_page)
    assert page_holds.reached.wait(10)
    worker_holds.go_on.set()
    worker.comes(SOON)
    page_holds.go_on.set()
    assert isinstance(page.join(), OperationalError) == (not guard.on)
    assert worker.join() is None


@contextmanager
def impatient():
    """A transaction that is the one to be ended where two wait for each other."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL deadlock_timeout = '50ms'")
        yield


def hold_all_in_turn(until):
    """stopping.hold_all, waiting for whoever holds a line."""
    Instruction.objects.filter(state="ready").update(not_before=until)


def test_a_pause_of_the_key_waits_for_nobody(world, guard):
    """Two steps are taken back, the last first, while all that is approved is put off."""
    guard.is_function(stopping, "hold_all", hold_all_in_turn)
    lines = [world.line(approved_by=world.approver) for _ in range(2)]
    taken = Pause(lambda: None, who="page")

    def on_a_page():
        with impatient():
            workflow.advance(same(lines[1]), "take_back", now=workflow.now(), by=world.preparer)
            taken()
            workflow.advance(same(lines[0]), "take_back", now=workflow.now(), by=world.preparer)

    page = Other("page", on_a_page)
    assert taken.reached.wait(10)
    worker = Other("worker", lambda: stopping.hold_all(workflow.now()))
    assert worker.comes(SOON) == guard.on
    taken.go_on.set()
    assert isinstance(page.join(), OperationalError) == (not guard.on)
    assert worker.join() is None


def test_a_vendor_of_a_plan_is_proposed_once(guard, monkeypatch):
    """The first has seen it open; then the second one comes."""

    def unlocked_group(group_id):
        return PlanGroup.objects.get(pk=group_id)

    guard.is_function(handing_in, "lock", unlocked_group)
    plan = plan_world.World()
    group = plan.plan().groups.first()
    pause = Pause(handing_in.seen_of_one, who="first")
    monkeypatch.setattr(handing_in, "seen_of_one", pause)

    def propose():
        return handing_in.propose(group, seen="0", by=plan.preparer, now=workflow.now())

    overtaking(propose, propose, pause)
    group.refresh_from_db()
    assert (group.proposal is not None and not group.problem) == guard.on


def test_two_clicks_start_one_plan(guard, monkeypatch):
    """The first has found none under way; then the second one comes."""
    guard.is_function(wishing, "_take_turn", lambda by: None)
    plan = plan_world.World()
    pause = Pause(wishing._under_way, who="first")
    monkeypatch.setattr(wishing, "_under_way", pause)
    one, other = overtaking(plan.start, plan.start, pause)
    assert (one.pk == other.pk) == guard.on
