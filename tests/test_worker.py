"""The worker's loop: what comes first, and that nothing ends it."""

import threading
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from clearing import workflow
from clearing.management.commands import worker
from clearing.models import CreditNote, Outlook, SyncRun, Worker
from clearing.sandbox.server import Sandbox
from clearing.services import editing, mirroring, sending
from tests.services.mirroring_world import Company as World
from tests.services.mirroring_world import client

pytestmark = pytest.mark.django_db
LIGHT = SimpleNamespace(urgently=lambda: None)  # for steps that do not reach Light


@pytest.fixture
def quiet(monkeypatch):
    """Nothing to send, settle or recover, and nothing to learn."""
    monkeypatch.setattr(sending, "recover", lambda now: False)
    monkeypatch.setattr(sending, "send_one", lambda *_, **__: False)
    monkeypatch.setattr(sending, "settle_one", lambda *_, **__: False)
    monkeypatch.setattr(worker.learning, "look", lambda now: False)


def test_steps_read_light_until_there_is_nothing_to_do(quiet):
    world = World()
    note = world.note()
    with world.open() as sandbox:
        light, steps = client(sandbox), 0
        while worker.step(light, "w", workflow.now()):
            steps += 1
            assert steps < 50
    assert SyncRun.objects.get().state == "done" and steps > 8
    assert CreditNote.objects.get(id=note).links_read_at
    assert Outlook.objects.get(pk=note).cause == "no_invoice"


@pytest.mark.parametrize(("fails", "other"), [(sending, editing), (editing, sending)])
def test_lines_and_edits_are_recovered_though_one_of_them_fails(quiet, monkeypatch, fails, other):
    def broken(now):
        raise RuntimeError("broken")

    recovered = []
    monkeypatch.setattr(fails, "recover", broken)
    monkeypatch.setattr(other, "recover", lambda now: recovered.append(now))
    worker.step(LIGHT, "w", workflow.now())
    assert recovered


def test_a_sync_without_end_does_not_keep_the_worker_from_thinking(quiet, monkeypatch):
    monkeypatch.setattr(worker, "read", lambda *_: True)
    monkeypatch.setattr(worker.reconciling, "look", lambda now: False)
    monkeypatch.setattr(worker.suspecting, "look", lambda now: False)
    monkeypatch.setattr(worker.citing, "look", lambda now: False)
    looked = []
    monkeypatch.setattr(worker.diagnosing, "look", lambda now: looked.append(now))
    assert worker.step(LIGHT, "w", workflow.now()) and looked


def test_sending_comes_before_settling_and_reading(monkeypatch):
    done = []
    monkeypatch.setattr(sending, "recover", lambda now: bool(done.append("recover")))
    monkeypatch.setattr(sending, "send_one", lambda *_, **__: not done.append("send"))
    monkeypatch.setattr(sending, "settle_one", lambda *_, **__: not done.append("settle"))
    assert worker.step(LIGHT, "w", workflow.now())
    assert done == ["recover", "send"]
    monkeypatch.setattr(sending, "send_one", lambda *_, **__: bool(done.append("none")))
    assert worker.step(LIGHT, "w", workflow.now())
    assert done[-1] == "settle" and not SyncRun.objects.exists()


def test_whatever_goes_wrong_the_next_part_is_tried(quiet, monkeypatch, caplog):
    def broken(*_, **__):
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(sending, "send_one", broken)
    with World().open() as sandbox:
        assert worker.step(client(sandbox), "w", workflow.now())
    assert "a mistake of ours" in caplog.text
    assert SyncRun.objects.get().phase == "entities"


def test_a_mistake_in_a_slice_is_kept_in_the_run(quiet, monkeypatch, caplog):
    monkeypatch.setattr("clearing.services.mirroring.phases.step", lambda *_: 1 / 0)
    assert not worker.step(LIGHT, "w", workflow.now())
    run = SyncRun.objects.get()
    assert run.state == "running" and "mistake" in run.problem and run.lease_until is None
    assert run.tries == 1 and run.not_before and "ZeroDivisionError" in caplog.text


def test_details_are_read_when_no_sync_runs(quiet):
    world = World()
    note = world.note()
    with world.open() as sandbox:
        light = client(sandbox)
        while worker.step(light, "w", workflow.now()):
            pass
        before = CreditNote.objects.get(id=note).links_read_at
        mirroring.want(credit_notes=[note], now=workflow.now())
        assert worker.step(light, "w", workflow.now())
        assert not worker.step(light, "w", workflow.now())
    assert CreditNote.objects.get(id=note).links_read_at > before
    assert SyncRun.objects.count() == 1


def test_the_loop_beats_and_ends_between_steps(quiet, settings, monkeypatch):
    settings.WORKER_IDLE = 0.01
    loop, steps = worker.Loop(None), []

    def one(light, name, now):
        steps.append(Worker.objects.get(name=name).beat_at)
        if len(steps) == 3:
            loop.end()
        return False

    monkeypatch.setattr(worker, "step", one)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    loop.run()
    assert len(steps) == 3 and not Worker.objects.exists()
    assert loop.name.count(":") == 2 and isinstance(loop.ending, threading.Event)


@pytest.fixture
def served(settings):
    world = World()
    world.link(world.note(), world.invoice(), 100)
    with world.open() as sandbox:
        settings.LIGHT_API_URL, settings.LIGHT_API_KEY = sandbox.url, sandbox.key
        settings.LIGHT_REQUESTS_PER_MINUTE = 100_000
        yield sandbox


def test_the_sync_command(served: Sandbox, capsys):
    call_command("sync")
    assert SyncRun.objects.get().full
    call_command("sync")
    call_command("sync", "--full")
    assert list(SyncRun.objects.order_by("id").values_list("full", flat=True)) == [
        True, False, True,
    ]  # fmt: skip
    said = capsys.readouterr().out
    assert "Lists: 4 documents" in said and "Done: 4 documents" in said


def test_the_sync_command_says_why_it_failed(served: Sandbox):
    served.switch(key_valid=False)
    with pytest.raises(CommandError, match="refuses our key"):
        call_command("sync")


def test_a_full_sync_asked_for_while_another_runs_is_done_afterwards(served: Sandbox):
    call_command("sync")
    mirroring.start(full=False, now=workflow.now())
    call_command("sync", "--full")
    assert SyncRun.objects.order_by("id").values_list("full", flat=True).last() is True
    assert SyncRun.objects.count() == 3
