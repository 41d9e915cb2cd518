"""What was cleared before the connection: read once, with an estimate before it starts."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.light.errors import LightUnavailable
from clearing.models import HistoryReading, InvoicePayable, Movement, SyncRun
from clearing.sandbox import records
from clearing.services import mirroring
from clearing.services.mirroring import rereading
from tests.services.mirroring_world import client, sync, uid
from tests.services.past_world import (
    Past,
    later,
    open_of,
    payments_read,
    read_past,
    stands,
)

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=300)


@pytest.fixture(autouse=True)
def _three_months(settings):
    settings.HISTORY_MONTHS = 3


def first():
    return HistoryReading.objects.get(kind="first")


def test_clearings_of_used_up_credit_get_their_days_and_invoices():
    world = Past()
    note, invoice = world.cleared(4000, ago=timedelta(days=40))
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        assert [one[2] for one in stands(note)] == [None, None]  # the rest is assumed
        read_past(light)
        assert payments_read(sandbox) == [invoice]
    assert stands(note) == [("new", 4000, None), ("cleared", -4000, uid(invoice))]
    assert not Movement.objects.filter(late=True).exists()  # the past is not back-dated
    row = first()
    assert (row.expected, row.requests, row.changed) == (1, 1, 1) and row.finished_at


def test_the_estimate_stands_before_the_first_request_and_is_not_exceeded():
    world = Past()
    pairs = [world.cleared() for _ in range(3)]
    beside = [world.old_invoice() for _ in range(4)]
    with world.open() as sandbox:
        light = client(sandbox)
        run = mirroring.start(full=True, now=workflow.now())
        while not run.lists_done_at:
            mirroring.slice(run, light, worker="test", now=workflow.now())
        assert first().expected == 7 and not first().started_at
        assert not read_past(light)  # the sync comes first
        sync(light)
        read_past(light)
        asked = payments_read(sandbox)
    assert len(asked) == len(set(asked)) == first().requests <= 7
    assert {invoice for _, invoice in pairs} <= set(asked) <= {
        *beside, *(invoice for _, invoice in pairs)
    }  # fmt: skip


def test_once_all_credit_is_accounted_for_nothing_more_is_asked(monkeypatch):
    monkeypatch.setattr(rereading.details, "AT_ONCE", 1)
    world = Past()
    note = world.note(4000, status="CLEARED", updatedAt="2026-11-10T10:00:00.000000Z")
    newest = world.old_invoice(timedelta(days=3))
    world.lists["clearings"].append(
        records.clearing(invoicePayableId=newest, creditNoteId=note, amount=4000)
    )
    for ago in (5, 6, 7):
        world.old_invoice(timedelta(days=ago))
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        read_past(light)
        assert payments_read(sandbox) == [newest]
    assert (first().expected, first().requests) == (4, 1)


def test_what_no_credit_has_cleared_lately_costs_no_request():
    world = Past()
    world.cleared(ago=LONG_AGO)  # before the window
    alone = records.vendor(name="No credit used")
    world.lists["vendors"].append(alone)
    world.old_invoice(vendorId=alone["vendorId"])
    world.note(5000, businessPartnerId=alone["vendorId"])  # posted: has cleared nothing
    expense = world.old_invoice(type="REIMBURSEMENT")
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        read_past(light)
        assert payments_read(sandbox) == []
    assert first().expected == 0 and first().finished_at
    assert InvoicePayable.objects.get(id=expense).payments_read_at is None


def test_a_worker_that_is_killed_in_between_is_followed_by_the_next(monkeypatch, settings):
    monkeypatch.setattr(rereading.details, "AT_ONCE", 2)
    world = Past()
    pairs = [world.cleared(ago=timedelta(days=3 + n)) for n in range(5)]
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        now = workflow.now()
        assert mirroring.read_history(light, worker="one", now=now)
        with monkeypatch.context() as patch:
            patch.setattr(rereading, "written", lambda do: None)  # before anything is written
            mirroring.read_history(light, worker="one", now=now)
        assert not mirroring.read_history(light, worker="two", now=now)
        after = now + timedelta(seconds=settings.LEASE + 1)
        read_past(light, after)
        asked = payments_read(sandbox)
    assert set(asked) == {invoice for _, invoice in pairs}
    assert len(asked) == 5 + 2 == first().requests  # what may have been asked for counts
    assert [open_of(note) for note, _ in pairs] == [0] * 5


def test_what_cannot_be_read_of_one_invoice_keeps_nobody_from_the_next():
    world = Past()
    (_, broken), (note, whole) = world.cleared(), world.cleared(ago=timedelta(days=20))
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        row = sandbox.books.clearing_rows()[0]
        sandbox.books.put("clearing", {**row, "amount": None})
        read_past(light)
        assert payments_read(sandbox) == [broken, whole]
    assert first().finished_at and stands(note)[1] == ("cleared", -4000, uid(whole))


def test_when_light_gives_no_answer_it_goes_on_a_minute_later(monkeypatch):
    world = Past()
    note, invoice = world.cleared()
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        with monkeypatch.context() as patch:
            patch.setattr(type(light), "payments", _silent)
            with pytest.raises(LightUnavailable):
                mirroring.read_history(light, worker="w", now=workflow.now())
        assert first().requests == 1 and first().not_before
        assert not read_past(light)
        read_past(light, workflow.now() + timedelta(minutes=2))
        assert payments_read(sandbox) == [invoice]
    assert len(stands(note)) == 2 and first().finished_at


def _silent(*_):
    raise LightUnavailable("no answer")


def test_ordinary_details_go_first():
    world = Past()
    world.cleared()
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        SyncRun.objects.create(full=False, started_at=workflow.now())
        assert not read_past(light)


def test_without_months_nothing_is_read(settings):
    settings.HISTORY_MONTHS = 0
    world = Past()
    world.cleared()
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        read_past(light, later(0.5))
        assert payments_read(sandbox) == []
    assert not HistoryReading.objects.exists()
