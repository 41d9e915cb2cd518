"""The copy's writers give way to sending and to pages."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from clearing import workflow
from clearing.management.commands import worker
from clearing.models import Company, SyncRun
from clearing.services.mirroring import writing
from clearing.services.mirroring.writing import written

COMPANY = "6f1d0a52-5f0e-4b1c-9a39-0d6d6c1f7a10"


@pytest.mark.django_db
def test_what_fails_is_undone():
    def broken():
        Company.objects.create(id=COMPANY, name="Half")
        raise ValueError("a mistake of ours")

    with pytest.raises(ValueError, match="mistake"):
        written(broken)
    assert not Company.objects.exists()


@pytest.mark.django_db
def test_a_database_that_fails_is_said():
    def broken():
        raise OperationalError("the disk is full")

    with pytest.raises(OperationalError, match="disk"):
        written(broken)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_held_row_is_written_later():
    Company.objects.create(id=COMPANY, name="Before")
    held, free, tries = threading.Event(), threading.Event(), []

    def hold():
        try:
            with transaction.atomic():
                Company.objects.select_for_update().get()
                held.set()
                free.wait(10)
        finally:
            connection.close()

    def write():
        tries.append(1)
        if len(tries) == 2:
            free.set()
        return Company.objects.update(name="After")

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    assert written(write) == 1
    holder.join()
    assert len(tries) > 1 and Company.objects.get().name == "After"


class Held(Exception):
    sqlstate = "55P03"


def held():
    raise OperationalError("canceling statement due to lock timeout") from Held()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_rows_that_stay_held_are_a_reason_to_go_on_later(monkeypatch):
    monkeypatch.setattr(writing, "LONGEST", 0.05)
    tries = []
    with pytest.raises(writing.GaveWay):
        written(lambda: tries.append(1) or held())
    assert len(tries) > 1


@pytest.mark.django_db
def test_the_worker_says_so_calmly_and_the_run_goes_on(monkeypatch, caplog):
    def gave_way(*_):
        raise writing.GaveWay("held")

    monkeypatch.setattr("clearing.services.mirroring.phases.step", gave_way)
    caplog.set_level("INFO")
    now = workflow.now()
    assert not worker._try("reading", lambda: worker.read(None, "w", now))
    run = SyncRun.objects.get()
    assert (run.state, run.tries, run.lease_until, run.not_before) == ("running", 0, None, None)
    assert "reading goes on later" in caplog.text
    assert all(one.levelname == "INFO" for one in caplog.records)
