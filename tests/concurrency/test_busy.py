"""Where somebody else has a row for longer than we wait: a sentence, and nothing half done."""

import threading

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from clearing import balances
from clearing.services import reviewing
from tests.concurrency.at_once import Other
from tests.concurrency.people import trail

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def impatient(database, monkeypatch):
    """Connections that wait for a lock no longer than 0.2 seconds."""
    name, value = ("timeout", 0.2)
    if connection.vendor == "postgresql":
        name, value = "options", "-c lock_timeout=200"
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], name, value)
    connections.close_all()
    yield
    connections.close_all()


@pytest.fixture
def button(world):
    """The line, and a click on its button."""
    line, client = world.line(), Client(raise_request_exception=False)
    client.force_login(world.approver)

    def click(**headers):
        data = {"seen": line.content_hash}
        return client.post(reverse("approve", args=[line.pk]), data, headers=headers)

    return line, click


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_a_click_that_waits_too_long_is_told_and_changes_nothing(impatient, button, headers):
    line, click = button
    begun, end = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            balances.lock([line.credit_note_id])
            begun.set()
            end.wait(120)

    other = Other("other", hold)
    assert begun.wait(10)
    answer = click(**headers)
    end.set()
    other.join()
    assert answer.status_code == 503 and "Nothing is half done" in answer.text
    assert trail(line) == ["proposed"]
    assert click(**headers).status_code in {200, 302}
    assert trail(line) == ["proposed", "approved"]


def test_a_database_that_is_away_is_no_busy_one(button, monkeypatch):
    def away(*_, **__):
        raise OperationalError("connection refused")

    _line, click = button
    monkeypatch.setattr(reviewing, "approve", away)
    assert click().status_code == 500
