"""A harness that catches nothing proves nothing: each planted bug is caught, and how soon."""

import pytest
from django.db import connection

from clearing.sandbox.server import Sandbox
from tests.interleaving import bugs
from tests.interleaving.schedule import Schedule
from tests.services import test_sending, test_sending_settling, test_sending_workers
from tests.services.sending_world import World

MOST = 60  # schedules within which a bug has to show


@pytest.mark.skipif(connection.vendor != "sqlite", reason="planted bugs are looked for on SQLite")
@pytest.mark.parametrize("name", bugs.BUGS)
def test_the_schedules_catch(name, people):
    bug = bugs.BUGS[name]
    with bugs.with_bug(bug):
        for seed in range(MOST):
            if Schedule(seed, people, bug.fates).run():
                return
    pytest.fail(f"{MOST} schedules have not caught: {name}")


# --- what only one moment shows: the test of that moment fails --------------------------------


def two_looks(world, monkeypatch):
    world.sandbox.faults.add(status=502, method="POST")
    line = world.ready()
    world.send()
    test_sending_settling.test_absent_needs_two_looks_after_the_quarantine(world, line)


def a_frozen_worker_comes_back(world, monkeypatch):
    test_sending_workers.test_a_worker_that_froze_cannot_move_a_line_that_another_is_sending(
        world, monkeypatch
    )


def a_changed_row(world, monkeypatch):
    test_sending.test_what_is_not_what_was_approved_is_never_sent(world, test_sending.tamper_hash)


@pytest.mark.parametrize(
    ("patches", "moment"),
    [
        (bugs.one_absent_look, two_looks),
        (bugs.a_close_without_compare_and_swap, a_frozen_worker_comes_back),
        (bugs.an_approval_that_nobody_compares, a_changed_row),
    ],
)
def test_the_test_of_its_moment_catches(patches, moment, preparer, approver, monkeypatch):
    with Sandbox() as sandbox, bugs.with_bug(bugs.Bug(patches)):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            moment(World(sandbox, preparer, approver), monkeypatch)
    with Sandbox() as sandbox:
        moment(World(sandbox, preparer, approver), monkeypatch)
