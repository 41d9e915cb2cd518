"""Sealing while others write: nothing is left out, whatever is committed late."""

import threading

import pytest
from django.db import connection, transaction

from clearing import append_only, chain, sealed, serial, workflow
from clearing.models import AuditEvent, AuditSeal
from clearing.services import sealing
from tests.concurrency.at_once import Hands, Other
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time"
)


def write(verb="decided"):
    with transaction.atomic():
        workflow.record(verb, None, by=None, now=NOW)


class Late:
    """A step whose event has its id, and is committed only when it is told to."""

    def __enter__(self):
        self._written, self.go_on = threading.Event(), threading.Event()
        self._other = Other("late", self._write)
        assert self._written.wait(10)
        return self

    def _write(self):
        with transaction.atomic():
            workflow.record("proposed", None, by=None, now=NOW)
            self._written.set()
            self.go_on.wait(10)

    def __exit__(self, *_):
        self.go_on.set()
        self._other.join()


def verbs():
    """What is sealed, in the order of the seals."""
    ids = AuditSeal.objects.order_by("seq").values_list("event_id", flat=True)
    told = dict(AuditEvent.objects.values_list("pk", "verb"))
    return [told[one] for one in ids]


@on_postgresql
def test_an_event_that_is_committed_after_a_later_one_is_sealed_before_it():
    with Late():
        write("approved")
        assert AuditEvent.objects.get().verb == "approved"  # its id is the higher one
        assert sealing.seal(NOW) is False and not AuditSeal.objects.exists()
    sealing.seal(NOW)
    assert verbs() == ["proposed", "approved"]
    assert not list(sealed.wrong(chain.Walk()))


@on_postgresql
def test_without_the_lock_a_late_event_would_look_inserted(monkeypatch):
    """The test above can fail: this is the mistake that it guards against."""
    monkeypatch.setattr(serial, "writing", lambda rows: None)
    with Late():
        write("approved")
        sealing.seal(NOW)
    sealing.seal(NOW)
    assert [one.what for one in sealed.wrong(chain.Walk())] == ["inserted"]


@on_postgresql
def test_who_writes_does_not_wait_for_who_writes_and_waits_only_while_it_is_looked():
    with Late():
        assert Other("second", write).comes(5)
    with transaction.atomic():
        assert serial.settled(serial.Rows.AUDIT)
        assert serial.settled(serial.Rows.MOVEMENTS)
        third = Other("third", write)
        assert not third.comes(0.3)
    assert third.comes(5) and third.ended is None


def test_a_named_lock_needs_a_transaction():
    for ask in (serial.writing, serial.settled):
        with pytest.raises(transaction.TransactionManagementError):
            ask(serial.Rows.AUDIT)


def test_two_sealers_among_four_writers_leave_one_whole_chain(monkeypatch):
    assert append_only.unprotected(connection) == []  # after the flushes of the tests before
    monkeypatch.setattr(sealing, "AT_ONCE", 3)
    with Hands(6) as hands:
        for _ in range(10):
            ended = hands.together(*[write] * 4, *[lambda: sealing.seal(NOW)] * 2)
            assert not [one for one in ended if isinstance(one, Exception)]
    while sealed.unsealed().exists():
        sealing.seal(NOW)
    assert AuditSeal.objects.count() == 40
    assert not list(sealed.wrong(chain.Walk()))
