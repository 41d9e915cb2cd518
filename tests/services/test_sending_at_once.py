"""Many workers on one PostgreSQL: every line is sent once, and nobody waits for a lock of ours."""

import threading

import pytest
from django.db import connection, connections

from clearing import balances, workflow
from clearing.models import Attempt, Balance, CreditNote, Instruction, InvoicePayable
from clearing.sandbox.server import Sandbox
from clearing.services import sending
from tests.services.sending_world import World

pytestmark = [
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has one writer; see the process tests"
    ),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
WORKERS, LINES = 6, 60


@pytest.fixture
def world(preparer, approver):
    with Sandbox() as sandbox:
        yield World(sandbox, preparer, approver)


def work(world, name, problems, barrier):
    """One worker, until nothing is left to send or settle."""
    client = world.new_client(read_timeout=10)
    try:
        barrier.wait()
        idle = 0
        while idle < 20:
            now = workflow.now()
            busy = sending.send_one(client, worker=name, now=now)
            busy = sending.settle_one(client, worker=name, now=now) or busy
            idle = 0 if busy else idle + 1
            if not busy:
                threading.Event().wait(0.02)
    except Exception as error:
        problems.append(error)
    finally:
        client.close()
        connections.close_all()


def run(world):
    problems, barrier = [], threading.Barrier(WORKERS)
    threads = [
        threading.Thread(target=work, args=(world, f"w{n}", problems, barrier))
        for n in range(WORKERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert problems == []


def lines_on_shared_documents(world):
    """Each credit note on several invoices, each invoice with several credit notes."""
    notes = [world.note() for _ in range(12)]
    invoices = [world.invoice() for _ in range(10)]
    pairs = [(n, i) for n in range(12) for i in range(10) if (n + i) % 2 == 0]
    return [world.line(notes[n], invoices[i], 1000 + n) for n, i in pairs]


def assert_balances_are_true():
    """No worker has overwritten a balance with an older sum."""
    for row in balances.compute(
        CreditNote.objects.values_list("id", flat=True),
        InvoicePayable.objects.values_list("id", flat=True),
    ):
        stored = Balance.objects.get(pk=row.pk)
        assert (stored.available, stored.held, stored.planned) == (
            row.available, row.held, row.planned,
        )  # fmt: skip


def test_each_line_is_sent_once(world):
    lines = lines_on_shared_documents(world)
    assert len(lines) == LINES
    run(world)
    states = set(Instruction.objects.values_list("state", flat=True))
    assert states == {"done"}
    assert world.writes == ["POST"] * LINES
    assert sorted(world.amounts()) == sorted(line.amount for line in lines)
    assert Attempt.objects.filter(sent_at__isnull=False).count() == LINES
    assert_balances_are_true()


def test_each_line_is_sent_once_though_answers_get_lost(world, settings):
    settings.QUARANTINE, settings.LOOK_AGAIN = 0.4, 0.1
    for when in ("before", "after"):
        world.sandbox.faults.add(status=502, method="POST", when=when, times=5)
    lines_on_shared_documents(world)
    run(world)
    states = list(Instruction.objects.values_list("state", flat=True))
    assert states.count("not_applied") == 5 and states.count("done") == LINES - 5
    assert world.writes == ["POST"] * LINES
    done = Instruction.objects.filter(state="done").values_list("amount", flat=True)
    assert sorted(world.amounts()) == sorted(done)
    assert_balances_are_true()
