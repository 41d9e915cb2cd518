"""SQLite has one writer at a time: the others wait for it, readers never do, nobody is refused."""

import threading
import time

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from clearing.models import Balance, Instruction
from clearing.services import reviewing
from tests.concurrency.at_once import Other, Pause, at_once
from tests.concurrency.people import same, trail

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite"),
]
HELD = 3.0  # seconds for which a writer has the database


def pragma(name):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


def test_the_settings_are_those_of_a_file_that_many_use(world):
    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # full: a commit survives a power cut
    assert pragma("busy_timeout") == 20_000  # a web server gives a page 30 seconds
    assert pragma("foreign_keys") == 1


class Writer:
    """Somebody who has the database for a while: a long sync, a backup, an admin's script."""

    def __enter__(self):
        self._begun, self._end = threading.Event(), threading.Event()
        self._other = Other("writer", self._write)
        assert self._begun.wait(10)
        return self

    def _write(self):
        with transaction.atomic():
            Balance.objects.update(changed_at=None)
            self._begun.set()
            self._end.wait(HELD)

    def __exit__(self, *_):
        self._end.set()
        self._other.join()


def test_a_click_waits_for_a_long_writer_and_then_counts(world):
    line = world.line()
    client = Client()
    client.force_login(world.approver)
    with Writer():
        began = time.monotonic()
        answer = client.post(
            reverse("approve", args=[line.pk]), {"seen": line.content_hash},
            headers={"HX-Request": "true"},
        )  # fmt: skip
        waited = time.monotonic() - began
    assert answer.status_code == 200 and trail(line) == ["proposed", "approved"]
    assert waited >= HELD - 0.5


def test_pages_are_read_while_somebody_writes(world):
    line = world.line()
    client = Client()
    client.force_login(world.approver)
    with Writer():
        began = time.monotonic()
        for url in (reverse("today"), reverse("proposal", args=[line.proposal_id])):
            assert client.get(url).status_code == 200
        assert time.monotonic() - began < HELD


def test_who_reads_first_and_then_writes_waits(world, guard, monkeypatch):
    """With IMMEDIATE a transaction takes its turn when it begins; without, it is refused."""
    if not guard.on:
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")
        connections.close_all()
    line = world.line()
    mine, hers = same(line), world.line()
    read = Pause(reviewing._let_fall, who="page")
    monkeypatch.setattr(reviewing, "_let_fall", read)

    def approve(one, by):
        return lambda: reviewing.approve(one, seen_hash=one.content_hash, by=by)

    page = Other("page", approve(mine, world.approver))
    assert read.reached.wait(10)
    other = Other("other", approve(hers, world.second))
    other.comes(0.3)
    read.go_on.set()
    ended = page.join()
    assert other.join() is None
    assert (ended is None) == guard.on
    assert guard.on or (isinstance(ended, OperationalError) and "locked" in str(ended))


def test_connections_that_come_and_go_are_not_refused(world):
    """The last one that closes folds the journal up: who comes at that moment waits."""
    lines = [world.line() for _ in range(24)]
    connections.close_all()

    def approve(some):
        def work():
            for line in some:
                reviewing.approve(line, seen_hash=line.content_hash, by=world.approver)
                connections.close_all()

        return work

    assert at_once(*(approve(lines[n::6]) for n in range(6))) == [None] * 6
    assert set(Instruction.objects.values_list("state", flat=True)) == {"ready"}
