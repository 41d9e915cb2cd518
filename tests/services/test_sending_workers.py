"""Workers that die, freeze and come back: nothing lost, nothing doubled."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.models import Attempt, Instruction
from clearing.sandbox.server import Sandbox
from clearing.services import sending
from clearing.services.sending import calling, claiming, looking, outcomes, settling, stopping
from tests.services.sending_world import Died, World, state_of


@pytest.fixture
def world(db, preparer, approver):
    with Sandbox() as sandbox:
        yield World(sandbox, preparer, approver)


def die_before(monkeypatch, module, name):
    def gone(*args, **kwargs):
        raise Died

    monkeypatch.setattr(module, name, gone)


def die_after(monkeypatch, module, name):
    real = getattr(module, name)

    def gone(*args, **kwargs):
        real(*args, **kwargs)
        raise Died

    monkeypatch.setattr(module, name, gone)


DEATHS = {
    # where the worker dies -> the state that recovery finds for the line
    "after the claim": (die_before, looking, "look", "ready"),
    "after the look": (die_after, looking, "look", "ready"),
    "before the mark": (die_before, claiming, "mark_sent", "ready"),
    "after the mark": (die_after, claiming, "mark_sent", "unknown"),
    "before the call": (die_before, calling, "call", "unknown"),
    "after the call": (die_after, calling, "call", "unknown"),
    "before the outcome": (die_before, outcomes, "after_call", "unknown"),
    "after the outcome": (die_after, outcomes, "after_call", "done"),
}


@pytest.mark.parametrize(("how", "module", "name", "found"), DEATHS.values(), ids=DEATHS)
def test_a_worker_may_die_at_any_point(world, monkeypatch, how, module, name, found):
    line = world.ready()
    with monkeypatch.context() as patch:
        how(patch, module, name)
        with pytest.raises(Died):
            world.send()
    assert not world.recover(), "its lease has not ended yet"
    world.recover(later=3600)
    assert state_of(line) == found
    Instruction.objects.filter(state="ready").update(not_before=None)
    world.send(worker="w2")
    for later in (7200, 9000, 9100):
        world.settle(later=later)
    made = len(world.amounts())
    assert state_of(line) == ("done" if made else "not_applied")
    assert len(world.writes) == made <= 1


@pytest.mark.parametrize("made", [False, True], ids=["not in Light", "in Light"])
@pytest.mark.parametrize("how", [die_before, die_after], ids=["before", "after"])
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (settling, "_take"),
        (looking, "look"),
        (outcomes, "settled_done"),
        (settling, "_count"),
        (settling, "_end"),
    ],
    ids=["the claim", "the look", "done", "the count", "the end"],
)
def test_a_worker_may_die_while_it_settles(world, monkeypatch, how, module, name, made):
    """The next look comes when it is due, and finds what the first would have found."""
    world.sandbox.faults.add(status=502, method="POST", when="after" if made else "before")
    line = world.ready()
    world.send()
    assert state_of(line) == "unknown"
    for later in (300, 400, 500, 600):
        with monkeypatch.context() as patch:
            if later < 600:
                how(patch, module, name)
            try:
                world.settle(later=later)
            except Died:
                assert state_of(line) in {"unknown", "done", "not_applied"}
    world.settle_late()
    for later in (700, 800):
        world.settle(later=later)
    assert state_of(line) == ("done" if made else "not_applied")
    assert world.writes == ["POST"] and len(world.amounts()) == made


@pytest.mark.parametrize("dies", [stopping, outcomes], ids=["before stopping", "before the line"])
def test_a_worker_may_die_over_a_refused_key(world, monkeypatch, dies):
    """Light said no to the key: whatever was not written any more, nothing is sent or lost."""
    line = world.ready()
    world.sandbox.switch(key_may_write=False)
    with monkeypatch.context() as patch:
        die_before(patch, dies, "stop" if dies is stopping else "put_back")
        with pytest.raises(Died):
            world.send()
    world.recover(later=3600)
    assert state_of(line) == ("ready" if dies is stopping else "unknown")
    world.sandbox.switch(key_may_write=True)
    world.settle(later=7200)
    world.settle(later=7300)
    Instruction.objects.filter(state="ready").update(not_before=None)
    world.send()
    made = len(world.amounts())
    assert state_of(line) == ("done" if made else "not_applied")
    assert len(world.writes) == 1 + made


def test_recovery_leaves_what_is_alive_and_what_is_settled(world):
    line = world.ready()
    claiming.claim(worker="w1", now=workflow.now())
    assert not world.recover(later=1)
    assert world.recover(later=3600) and state_of(line) == "ready"
    assert not world.recover(later=7200)


def test_one_line_that_cannot_be_recovered_does_not_keep_the_others(world, monkeypatch):
    lines = [world.ready(), world.ready()]
    for _ in lines:
        claiming.claim(worker="w1", now=workflow.now())
    end_lease = claiming._end_lease

    def broken(attempt, now):
        if attempt.instruction_id == lines[0].pk:
            raise OverflowError
        end_lease(attempt, now)

    monkeypatch.setattr(claiming, "_end_lease", broken)
    assert world.recover(later=3600)
    assert [state_of(line) for line in lines] == ["sending", "ready"]


def test_a_worker_that_froze_before_its_mark_sends_nothing_when_it_comes_back(world, monkeypatch):
    """Another one has sent meanwhile; the first finds its attempt closed."""
    line = world.ready()
    real = looking.look
    frozen = []

    def freeze(client, content, **rest):
        seen = real(client, content, **rest)
        if not frozen:
            frozen.append(True)
            assert sending.recover(workflow.now() + timedelta(hours=1))
            Instruction.objects.update(not_before=None)
            assert world.send(worker="w2")
        return seen

    monkeypatch.setattr(looking, "look", freeze)
    world.send(worker="w1")
    assert state_of(line) == "done"
    assert world.writes == ["POST"] and world.amounts() == [4000]
    assert [one.answer for one in Attempt.objects.all()] == ["lease ended", "done"]


def test_a_worker_that_froze_cannot_move_a_line_that_another_is_sending(world, monkeypatch):
    """The first one's look says "fall"; the second one is between its mark and the answer."""
    line = world.ready()
    real_look, real_link = looking.look, world.client.link
    looks = []

    def freeze(client, content, **rest):
        looks.append(True)
        if len(looks) > 1:
            return real_look(client, content, **rest)
        assert sending.recover(workflow.now() + timedelta(hours=1))
        Instruction.objects.update(not_before=None)
        world.send(worker="w2")
        return real_look(client, content, **rest)

    def link(*args, **kwargs):
        answer = real_link(*args, **kwargs)
        stale = Attempt.objects.order_by("id").first()
        stale.instruction.refresh_from_db()
        with pytest.raises(claiming.TakenOver):
            outcomes.fall(stale, "It no longer fits.", now=workflow.now())
        assert state_of(line) == "sending"
        return answer

    monkeypatch.setattr(looking, "look", freeze)
    monkeypatch.setattr(world.client, "link", link)
    world.send(worker="w1")
    assert state_of(line) == "done" and world.writes == ["POST"]


def test_a_worker_that_froze_after_its_mark_does_not_send_late(world, monkeypatch):
    """The line is unknown by then; the deadline keeps the old call from going out."""
    line = world.ready()
    real = calling.call

    def freeze(client, content, *, deadline):
        assert sending.recover(workflow.now() + timedelta(hours=1))
        return real(client, content, deadline=deadline - 10_000)

    monkeypatch.setattr(calling, "call", freeze)
    world.send()
    assert state_of(line) == "unknown" and world.writes == []
    for later in (9000, 9100):
        world.settle(later=later)
    assert state_of(line) == "not_applied"


def test_an_answer_after_the_lease_is_kept_but_reading_decides(world, monkeypatch):
    line = world.ready()
    real = calling.call

    def slow(client, content, **rest):
        called = real(client, content, **rest)
        assert sending.recover(workflow.now() + timedelta(hours=1))
        return called

    monkeypatch.setattr(calling, "call", slow)
    world.send()
    assert state_of(line) == "unknown" and world.amounts() == [4000]
    assert Attempt.objects.get().answered_at
    world.settle(later=7200)
    assert state_of(line) == "done" and world.writes == ["POST"]


def test_the_deadline_ends_before_the_lease(world, monkeypatch, settings):
    """Not a byte leaves in the last part of the lease: its answer has to fit in, too."""
    import time

    settings.LEASE, settings.LIGHT_TIMEOUT = 100, 30
    deadlines = []
    real = calling.call

    def note(client, content, *, deadline):
        deadlines.append(deadline - time.monotonic())
        return real(client, content, deadline=deadline)

    monkeypatch.setattr(calling, "call", note)
    world.ready()
    world.send()
    assert 60 < deadlines[0] <= 70


def test_two_workers_never_take_the_same_line(world):
    world.ready()
    first = claiming.claim(worker="w1", now=workflow.now())
    assert first is not None and claiming.claim(worker="w2", now=workflow.now()) is None


def test_a_look_that_used_up_the_lease_sends_nothing_and_says_so(world, settings):
    settings.LEASE = 0.001
    line = world.ready()
    assert world.send()
    assert state_of(line) == "ready" and world.writes == []
    assert "too slowly" in line.outcome and line.not_before > workflow.now()
    settings.LEASE = 120
    Instruction.objects.update(not_before=None)
    assert world.send() and state_of(line) == "done" and world.writes == ["POST"]
