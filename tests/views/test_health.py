"""Alive and ready, for load balancers; what a monitor should look at."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from clearing import workflow
from clearing.models import Attempt, Budget, SyncRun, Worker
from clearing.views import health
from tests import factories

pytestmark = pytest.mark.django_db
LATE = timedelta(minutes=20)


@pytest.fixture
def running():
    """The lists are in, and a worker is alive."""
    now = workflow.now()
    SyncRun.objects.create(full=True, state="done", started_at=now, lists_done_at=now)
    Worker.objects.create(name="w", started_at=now, beat_at=now)


def of(client, status=200):
    answer = client.get("/readyz")
    assert answer.status_code == status
    return answer.json()


def approved(books, preparer, approver):
    return factories.line(
        preparer, books.note(), books.invoice(), state="ready", approved_by=approver
    )


def test_alive_without_signing_in(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200 and answer.content == b"alive\n"


def test_ready_once_the_lists_are_in(client):
    found = of(client, 503)
    assert found["last_sync_seconds"] is None and found["worker_seconds"] is None
    run = SyncRun.objects.create(full=True, started_at=factories.NOW)
    assert "the lists of Light have not been read yet" in of(client, 503)["problems"]
    SyncRun.objects.filter(pk=run.pk).update(lists_done_at=factories.NOW)
    assert of(client)["problems"] == ["the copy of Light is old", "no worker is running"]


def test_not_ready_without_a_database(client, monkeypatch):
    def fails():
        raise DatabaseError("gone: host=secret")

    monkeypatch.setattr(health, "readiness", fails)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and b"secret" not in answer.content


def test_it_knows_the_age_of_the_sync_and_of_the_workers_heartbeat(client, running):
    assert of(client)["problems"] == []
    SyncRun.objects.update(started_at=workflow.now() - timedelta(seconds=40))
    Worker.objects.update(beat_at=workflow.now() - timedelta(seconds=90))
    found = of(client)
    assert 40 <= found["last_sync_seconds"] < 50 and 90 <= found["worker_seconds"] < 100
    assert found["problems"] == ["no worker is running"]
    Budget.objects.create(key_id="k", stopped_at=workflow.now(), stopped_because="No.")
    assert "sending is stopped" in of(client)["problems"]


@pytest.mark.parametrize(
    "columns",
    [{"state": "ready"}, {"state": "sending"}, {"state": "unknown"}],
    ids=["ready", "sending", "unknown"],
)
def test_a_line_that_should_have_gone_on_is_stuck(
    client, running, books, preparer, approver, columns
):
    line = approved(books, preparer, approver)
    of_line = type(line).objects.filter(pk=line.pk)
    now = workflow.now()
    of_line.update(**columns, changed_at=now, quarantine_until=now, not_before=None)
    assert of(client)["stuck"] == 0
    of_line.update(changed_at=now - LATE, quarantine_until=now - LATE)
    found = of(client)
    assert found["stuck"] == 1 and found["problems"] == ["instructions are stuck"]
    assert found["unclear"] == (columns["state"] == "unknown")


def test_a_line_that_never_gets_as_far_as_its_call_is_stuck(
    client, running, books, preparer, approver
):
    line, now = approved(books, preparer, approver), workflow.now()
    type(line).objects.filter(pk=line.pk).update(changed_at=now, not_before=now + LATE)
    for count in range(1, 11):
        Attempt.objects.create(
            instruction=line, worker="w", claimed_at=now, lease_until=now, abandoned_at=now
        )
        assert of(client)["stuck"] == (count == 10)


def test_what_waits_for_something_is_not_stuck(client, running, books, preparer, approver):
    line = approved(books, preparer, approver)
    of_line = type(line).objects.filter(pk=line.pk)
    old = workflow.now() - LATE
    of_line.update(changed_at=old, not_before=workflow.now() + LATE)  # Light asked us to wait
    assert of(client)["stuck"] == 0
    of_line.update(state="sending", not_before=None)
    Attempt.objects.create(
        instruction=line, worker="w", claimed_at=old, lease_until=workflow.now() + LATE
    )
    assert of(client)["stuck"] == 0
    of_line.update(state="needs_person")
    found = of(client)
    assert (found["stuck"], found["need_a_person"]) == (0, 1)
