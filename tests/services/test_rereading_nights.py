"""Closed documents are read again by night: what Light undid without a sign of it is found."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clearing import nights, workflow
from clearing.models import Clearing, CreditNote, HistoryReading, InvoicePayable, Movement
from clearing.services import mirroring
from clearing.services.mirroring import rereading
from tests import factories
from tests.services.mirroring_world import client, read_all, sync, uid
from tests.services.past_world import (
    Past,
    later,
    open_of,
    payments_read,
    quietly,
    read_past,
    stands,
)

pytestmark = pytest.mark.django_db
END = 0.95  # of a night, when its whole budget may be spent


@pytest.fixture(autouse=True)
def _a_budget(settings):
    settings.HISTORY_MONTHS, settings.ROTATION_REQUESTS = 3, 100


def connected(world, sandbox):
    """Everything is read once, the past included."""
    light = client(sandbox)
    sync(light)
    read_past(light)
    sandbox.forget_requests()
    return light


def night():
    return HistoryReading.objects.filter(kind="night").latest("day")


def reverse(sandbox, note, invoice):
    document = sandbox.books.get("credit_note", note)["_accountingDocumentId"]
    quietly(
        sandbox, "reverse_clearing",
        invoicePayable=invoice, accountingDocument=document, type="CN",
    )  # fmt: skip


def test_a_reversal_that_moves_no_date_is_found_within_one_rotation():
    world = Past()
    note, invoice = world.cleared(4000)
    with world.open() as sandbox:
        row = sandbox.books.clearing_rows()[0]
        number = sandbox.books.get("credit_note", note)["_accountingDocumentId"]
        sandbox.books.put("clearing", {**row, "accountingDocumentId": number})
        light = connected(world, sandbox)
        reverse(sandbox, note, invoice)
        sync(light)
        assert open_of(note) == 0 and CreditNote.objects.get().status == "CLEARED"
        read_past(light, later(END))
        read_all(light, later=3 * 86_400)
    assert [one[:2] for one in stands(note)] == [
        ("new", 4000), ("cleared", -4000), ("undone", 4000),
    ]  # fmt: skip
    (undone,) = Movement.objects.filter(kind="undone")
    assert undone.invoice_payable_id == uid(invoice) and undone.assumed
    assert CreditNote.objects.get().status == "POSTED"  # the documents themselves were read, too
    assert InvoicePayable.objects.get().state == "UNPAID"
    assert night().changed == 1


def test_credit_that_went_to_another_invoice_is_followed():
    world = Past()
    note, first = world.cleared(4000)
    second = world.old_invoice(timedelta(days=4), amount=4000)
    with world.open() as sandbox:
        light = connected(world, sandbox)
        row = sandbox.books.clearing_rows()[0]
        sandbox.books.put("clearing", {**row, "reversed": True})
        new = {**row, "id": str(UUID(int=7)), "invoicePayableId": second}
        sandbox.books.put("clearing", new)
        for on in (1, 2):
            read_past(light, later(END, on))
            read_all(light, later=5 * 86_400)
    assert [one[0] for one in stands(note)] == ["new", "cleared", "undone", "cleared"]
    assert stands(note)[-1][2] == uid(second) and open_of(note) == 0
    assert {first, second} == {str(one.invoice_payable_id) for one in Clearing.objects.all()}


def test_a_clearing_added_to_partly_used_credit_is_found():
    world = Past()
    note = world.note(4000, status="PARTIALLY_CLEARED")
    open_ = world.old_invoice(timedelta(days=4), amount=9000, state="UNPAID")
    with world.open() as sandbox:
        light = connected(world, sandbox)
        row = {"id": str(UUID(int=7)), "creditNoteId": note, "invoicePayableId": open_}
        sandbox.act("add", kind="clearing", **row, amount=1000)
        sync(light)
        assert open_of(note) == 4000
        read_past(light, later(END))
    assert open_of(note) == 3000 and night().changed == 1


def test_the_budget_is_kept_exactly_and_the_oldest_come_first(settings, monkeypatch):
    settings.ROTATION_REQUESTS = 4
    monkeypatch.setattr(rereading.details, "AT_ONCE", 3)
    world = Past()
    pairs = [world.cleared(ago=timedelta(days=3 + n)) for n in range(10)]
    with world.open() as sandbox:
        light = connected(world, sandbox)
        read: list[str] = []
        for on, number in ((1, 4), (2, 4), (3, 4)):
            for share in (0.01, 0.5, 0.8, END, 0.99):
                read_past(light, later(share, on))
            assert len(payments_read(sandbox)) == number == night().requests
            read += payments_read(sandbox)
            sandbox.forget_requests()
    assert night().expected == 10
    assert sorted(read[:10]) == sorted(invoice for _, invoice in pairs)  # each once a rotation


def test_the_budget_is_spent_evenly_over_the_night(settings, monkeypatch):
    settings.ROTATION_REQUESTS = 10
    monkeypatch.setattr(rereading.details, "AT_ONCE", 2)
    world = Past()
    for n in range(10):
        world.cleared(ago=timedelta(days=3 + n))
    with world.open() as sandbox:
        light, asked = connected(world, sandbox), []
        for share in (0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.91):
            read_past(light, later(share))
            asked.append(len(payments_read(sandbox)))
    assert asked == [0, 0, 2, 4, 6, 8, 10]


def test_each_is_read_once_a_night_however_small_the_company(settings):
    settings.ROTATION_REQUESTS = 100
    world = Past()
    for _ in range(3):
        world.cleared()
    with world.open() as sandbox:
        light = connected(world, sandbox)
        for share in (0.3, 0.6, END):
            read_past(light, later(share))
        assert len(payments_read(sandbox)) == 3 == night().requests
    assert night().finished_at


def test_nothing_is_read_outside_the_hours(settings):
    world = Past()
    world.cleared()
    with world.open() as sandbox:
        light = connected(world, sandbox)
        late = nights.of(workflow.now() + timedelta(days=1))
        for moment in (
            late.opens_at - timedelta(seconds=1),
            late.closes_at,
            late.closes_at + timedelta(hours=6),
        ):  # fmt: skip
            read_past(light, moment)
        assert payments_read(sandbox) == []
        settings.ROTATION_REQUESTS = 0
        read_past(light, later(END, 3))
        assert payments_read(sandbox) == []


def test_what_was_cleared_before_the_watched_months_is_left_alone(settings):
    settings.HISTORY_MONTHS = 12
    world = Past()
    world.cleared(ago=timedelta(days=200))
    with world.open() as sandbox:
        light = connected(world, sandbox)
        assert Clearing.objects.exists()
        read_past(light, later(END))
        assert payments_read(sandbox) == [] and night().expected == 0


def test_an_invoice_that_light_no_longer_shows_is_asked_for_no_more():
    world = Past()
    note, invoice = world.cleared()
    with world.open() as sandbox:
        light = connected(world, sandbox)
        sandbox.act("remove", id=invoice)
        read_past(light, later(END))
        read_past(light, later(END, 2))
        assert payments_read(sandbox) == [invoice]
    assert InvoicePayable.objects.get().gone_at and open_of(note) == 0  # unknown, not undone
    assert not Movement.objects.filter(kind="undone").exists()


def test_two_workers_share_one_budget(settings):
    world = Past()
    world.cleared()
    with world.open() as sandbox:
        light = connected(world, sandbox)
        read_past(light, later(0.01))  # planned
        now = later(END)
        HistoryReading.objects.update(lease_by="other", lease_until=now + timedelta(seconds=9))
        assert not mirroring.read_history(light, worker="test", now=now)
        assert mirroring.read_history(light, worker="test", now=now + timedelta(seconds=10))
        assert len(payments_read(sandbox)) == 1


def test_a_worker_that_comes_late_takes_nothing_twice(monkeypatch):
    world = Past()
    world.cleared()
    with world.open() as sandbox:
        light, now = connected(world, sandbox), later(END)
        read_past(light, later(0.01))  # planned
        real = rereading._next

        def overtaken(*args):
            found = real(*args)
            monkeypatch.setattr(rereading, "_next", real)
            assert mirroring.read_history(light, worker="one", now=now)
            return found

        monkeypatch.setattr(rereading, "_next", overtaken)
        assert not mirroring.read_history(light, worker="two", now=now)
        assert len(payments_read(sandbox)) == 1 == night().requests


@pytest.mark.parametrize(
    ("hours", "now", "opens", "closes"),
    [
        ("22-06", "2026-11-21T21:59", "2026-11-21T22:00", "2026-11-22T06:00"),
        ("22-06", "2026-11-22T05:59", "2026-11-21T22:00", "2026-11-22T06:00"),
        ("22-06", "2026-11-22T06:00", "2026-11-22T22:00", "2026-11-23T06:00"),
        ("1-5", "2026-11-22T00:30", "2026-11-22T01:00", "2026-11-22T05:00"),
        ("1-5", "2026-11-22T05:00", "2026-11-23T01:00", "2026-11-23T05:00"),
    ],
)
def test_the_night_that_is_or_the_next(settings, hours, now, opens, closes):
    settings.ROTATION_HOURS = hours
    found = nights.of(datetime.fromisoformat(now).replace(tzinfo=UTC))
    told = (found.opens_at, found.closes_at)
    assert [f"{one:%Y-%m-%dT%H:%M}" for one in told] == [opens, closes]


def test_the_night_in_which_the_clocks_change_is_as_long_as_it_is(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    found = nights.of(datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert found.closes_at - found.opens_at == timedelta(hours=9)
    assert found.share(found.opens_at + timedelta(hours=4.5)) == 0.5


def test_each_entity_is_watched_from_its_own_months(settings, books):
    """A month begins earlier where the sun does."""
    settings.ENTITY_TIME_ZONES = {"JP": "Asia/Tokyo"}
    settings.ROTATION_MONTHS = 0
    japan = factories.entity(code="JP", name="Beta KK", local_currency="JPY")
    note, here = books.note(), books.invoice()
    there = factories.invoice(books.vendor, japan)
    for invoice in (here, there):
        factories.clearing(invoice, note, 100, payment_date=datetime(2026, 10, 31).date())
    at = datetime(2026, 10, 31, 20, tzinfo=UTC)  # November in Tokyo
    assert set(rereading.history.watched(at).values_list("id", flat=True)) == {here.id}
    assert rereading.history.earliest(at) == datetime(2026, 10, 1).date()
