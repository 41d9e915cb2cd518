"""The copy equals the truth after two sweeps, although the lists move while they are read."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.light import records as light_records
from clearing.models import Link, SyncRun
from clearing.sandbox import records
from clearing.services import mirroring
from tests.services.mirroring_world import Company, read_all, sync
from tests.services.moving_light import Mover, differences

pytestmark = pytest.mark.django_db
SWITCHES = [
    {},
    {"link_touches_updated_at": False},
    {"link_touches_updated_at": False, "link_reduces_outstanding": True},
    {"lines_in_list": True, "posted_link_listed": True},
    {"ids_in_links": "accounting", "auto_allocation": True},
    {"ids_in_links": "internal", "link_on_posted": "nothing", "link_touches_updated_at": False},
]


def pytest_generate_tests(metafunc):
    if "sweep_seed" in metafunc.fixturenames:
        metafunc.parametrize("sweep_seed", range(metafunc.config.getoption("--sweep-seeds")))


@pytest.fixture(autouse=True)
def quick(settings):
    settings.LOOK_AGAIN = 0


def world():
    """Two vendors with a dozen notes and invoices each, in several states."""
    company = Company()
    company.lists["vendors"].append(records.vendor(name="Small Supplier"))
    for place in range(24):
        vendor = company.lists["vendors"][place % 2]
        company.note(
            5000 + 100 * place, businessPartnerId=vendor["vendorId"],
            businessPartnerName=vendor["name"], status=("POSTED", "POSTED", "DRAFT")[place % 3],
            createdAt=f"2026-10-{1 + place:02}T09:00:00Z",
        )  # fmt: skip
        company.invoice(
            9000, vendorId=vendor["vendorId"], state=("IN_DRAFT", "UNPAID")[place // 2 % 2],
            invoiceCreatedAt=f"2026-10-{1 + place:02}T09:00:00Z",
        )  # fmt: skip
    return company


def test_two_sweeps_after_everything_moved(sweep_seed):
    """More of them: pytest tests/services/test_mirroring_truth.py --sweep-seeds 100"""
    company = world()
    with company.open() as sandbox:
        sandbox.switch(**SWITCHES[sweep_seed % len(SWITCHES)])
        mover = Mover(sandbox, company, sweep_seed)
        light = mover.client()
        sync(light, full=True)
        mover.moving = True
        sync(light, full=False, most=2000)
        sync(light, full=True, most=2000)
        mover.moving = False
        assert len(mover.done) > 15
        sync(light, full=True, most=2000)
        sync(light, full=True, most=2000)
        read_all(light)
        assert differences(sandbox, light) == []


# --- how late a link is seen that moves nothing else -------------------------------------------
def test_a_foreign_link_without_any_sign_is_seen_by_the_next_full_sweep(settings):
    """Light may leave updatedAt as it is: the lists show nothing, so each link list is read."""
    settings.FULL_SYNC_INTERVAL = 3600
    company = Company()
    note, invoice = company.note(10000), company.invoice(20000)
    with company.open() as sandbox:
        sandbox.switch(link_touches_updated_at=False)
        light = Mover(sandbox, company, 0).client()
        sync(light)
        sandbox.act("link", creditNote=note, invoicePayable=invoice, amount=700)
        sync(light)
        assert not Link.objects.exists()
        assert mirroring.start(full=False, now=workflow.now() + timedelta(seconds=3601)).full
        sync(light)
        assert Link.objects.get().amount == 700
        sandbox.act("unlink", creditNote=note, invoicePayable=invoice)
        SyncRun.objects.update(started_at=workflow.now() - timedelta(seconds=3601))
        sync(light)
        assert Link.objects.get().fate == "removed"


# --- lists that do not end -----------------------------------------------------------------------
class Circles:
    """A Light whose list of entities names these cursors in turn, for ever."""

    def __init__(self, *cursors):
        self.cursors, self.asked = cursors, []

    def company(self):
        return light_records.Company(id=records.COMPANY_ID, name="Acme")

    def page(self, name, cursor, *args, **more):
        self.asked.append(cursor)
        known = self.cursors.index(cursor) if cursor in self.cursors else -1
        return light_records.Page((), self.cursors[(known + 1) % len(self.cursors)])


@pytest.mark.parametrize("cursors", ["AB", "0AB", "ABC", "ABCDEFGHIJK"])
def test_a_list_in_circles_ends_with_a_sentence(cursors):
    light = Circles(*cursors)
    run = sync(light)
    assert run.state == SyncRun.State.FAILED
    assert run.problem.endswith("“Its list goes in circles: a page that was read already is next.”")
    assert len(light.asked) <= 3 * len(cursors) + 5


def test_many_pages_are_no_circle():
    company = Company()
    for _ in range(40):
        company.note()
    with company.open() as sandbox:
        run = sync(Mover(sandbox, company, 0).client())
    assert run.state == SyncRun.State.DONE and run.pages_of_list == 0
