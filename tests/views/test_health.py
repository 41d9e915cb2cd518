"""Alive and ready, for load balancers."""

import pytest
from django.db import DatabaseError

from clearing.models import SyncRun
from clearing.queries import ages
from tests import factories

pytestmark = pytest.mark.django_db


def test_alive_without_signing_in(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200 and answer.content == b"alive\n"


def test_ready_once_the_lists_are_in(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503 and b"have not been read yet" in answer.content
    run = SyncRun.objects.create(full=True, started_at=factories.NOW)
    assert client.get("/readyz").status_code == 503
    SyncRun.objects.filter(pk=run.pk).update(lists_done_at=factories.NOW)
    assert client.get("/readyz").status_code == 200


def test_not_ready_without_a_database(client, monkeypatch):
    def fails():
        raise DatabaseError("gone: host=secret")

    monkeypatch.setattr(ages, "ready", fails)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and b"secret" not in answer.content
