"""The copy against a sandbox: what is read, when, and what it says."""

from datetime import timedelta

import pytest

from clearing import balances, workflow
from clearing.models import (
    Balance,
    Clearing,
    Company,
    CreditNote,
    InvoicePayable,
    Link,
    Seen,
    SyncMark,
    SyncRun,
    Vendor,
)
from clearing.sandbox import records
from clearing.services import mirroring
from clearing.services.mirroring import ids
from tests.services.mirroring_world import Company as World
from tests.services.mirroring_world import client, paths, read_all, sync

pytestmark = pytest.mark.django_db
F = Link.Fate


@pytest.fixture(autouse=True)
def quick(settings):
    settings.LOOK_AGAIN = 0
    settings.FULL_SYNC_INTERVAL = 3600


def fate(note, invoice):
    return Link.objects.get(credit_note_id=note, invoice_payable_id=invoice).fate


def free(document):
    return Balance.objects.get(document_id=document).available


def check_balances():
    """Every stored balance is the one that the formula gives."""
    notes = CreditNote.objects.values_list("id", flat=True)
    invoices = InvoicePayable.objects.values_list("id", flat=True)
    for row in balances.compute(notes, invoices):
        stored = Balance.objects.get(document_id=row.document_id)
        for name in ("available", "held", "planned", "cleared", "usable"):
            assert getattr(stored, name) == getattr(row, name), (row.kind, name)


def test_the_first_run_reads_lists_then_details():
    world = World()
    note, spare = world.note(10000), world.note(5000, status="DRAFT")
    invoice = world.invoice(20000)
    world.link(note, invoice, 4000)
    with world.open() as sandbox:
        run = sync(client(sandbox))
        asked = paths(sandbox)
    assert run.state == SyncRun.State.DONE and run.full and run.problem == ""
    assert run.lists_done_at and run.details_done == run.details_total == 3
    assert run.documents == 5 and SyncMark.objects.count() == 0
    stored = CreditNote.objects.get(id=note)
    assert stored.document_number.startswith("CN-") and stored.adjusts_payables is True
    assert stored.vendor_name == world.vendor["name"] and stored.links_wanted_at is None
    assert Vendor.objects.get().number == "V-7" and Company.objects.get().base_currency == "EUR"
    row = InvoicePayable.objects.get(id=invoice)
    assert row.outstanding_balance == 20000 and row.internal_id and row.vendor_name
    assert fate(note, invoice) == F.PLANNED
    assert (free(note), free(invoice), free(spare)) == (6000, 16000, 0)
    assert asked.count(f"GET /v1/credit-notes/{note}/invoice-payables") == 1
    assert not any(f"/v1/credit-notes/{spare}/" in path for path in asked)
    assert not any(path.endswith("/payments") for path in asked)
    check_balances()


def test_nothing_changed_costs_six_lists_and_on_a_full_sweep_the_links():
    world = World()
    note, invoice = world.note(), world.invoice()
    world.link(note, invoice, 4000)
    with world.open() as sandbox:
        sync(client(sandbox))
        changed = list(CreditNote.objects.values_list("changed_at", flat=True))
        sandbox.forget_requests()
        run = sync(client(sandbox))
        assert not run.full and run.since is not None
        assert len(paths(sandbox)) == 7  # the company and six lists
        sandbox.forget_requests()
        assert sync(client(sandbox), full=True).full
        assert len(paths(sandbox)) == 8
        assert paths(sandbox)[-1] == f"GET /v1/credit-notes/{note}/invoice-payables"
    assert list(CreditNote.objects.values_list("changed_at", flat=True)) == changed
    assert Seen.objects.filter(what="credit_note").count() == 0


def test_largest_open_credit_is_read_first():
    world = World()
    other = records.vendor(name="Small Supplier")
    world.lists["vendors"].append(other)
    small = world.note(100, businessPartnerId=other["vendorId"])
    large = world.note(90000)
    with world.open() as sandbox:
        sync(client(sandbox))
        asked = [path for path in paths(sandbox) if path.endswith("/invoice-payables")]
    asked = [path for path in asked if "/credit-notes/" in path]
    assert [large in asked[0], small in asked[1]] == [True, True]


def test_planned_then_posted_then_cleared_then_undone():
    world = World()
    note, invoice = world.note(10000), world.invoice(20000)
    world.link(note, invoice, 4000)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.act("post_invoice", invoicePayable=invoice)
        sync(light)
        read_all(light)
        assert fate(note, invoice) == F.CLEARED
        assert Link.objects.get().gone_at is not None
        assert (free(note), free(invoice)) == (6000, 16000)
        entry = Clearing.objects.get()
        assert str(entry.credit_note_id) == note and entry.amount == 4000
        check_balances()
        sandbox.act("reverse_clearing", invoicePayable=invoice, accountingDocument=note, type="CN")
        sync(light)
        read_all(light)
        assert fate(note, invoice) == F.UNDONE
        assert Clearing.objects.get().gone_at is not None
        assert (free(note), free(invoice)) == (10000, 20000)
        check_balances()
    fields = list(Seen.objects.order_by("id").values_list("what", "field", "before", "after"))
    assert ("link", "link", "", "4000") in fields and ("link", "link", "4000", "") in fields
    assert ("clearing", "clearing", "", "4000") in fields
    assert ("clearing", "clearing", "4000", "") in fields
    assert ("invoice_payable", "state", "IN_DRAFT", "UNPAID") in fields


def test_a_link_that_light_ignores_is_not_honoured_after_two_reads():
    world = World()
    note, invoice = world.note(10000), world.invoice(20000)
    world.link(note, invoice, 4000)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.switch(honour_links=False)
        sandbox.act("post_invoice", invoicePayable=invoice)
        run = mirroring.start(full=False, now=workflow.now())
        while run.phase != "details":
            mirroring.slice(run, light, worker="test", now=workflow.now())
        assert fate(note, invoice) == F.CHECKING
        sandbox.forget_requests()
        sync(light)
        read_all(light)
        reads = [path for path in paths(sandbox) if path.endswith("/payments")]
    assert fate(note, invoice) == F.NOT_HONOURED and len(reads) == 2
    assert InvoicePayable.objects.get(id=invoice).payments_reads_posted == 2
    assert InvoicePayable.objects.get(id=invoice).payments_wanted_at is None
    assert (free(note), free(invoice)) == (10000, 20000)


def test_cleared_in_part():
    world = World()
    first, second = world.note(10000), world.note(10000)
    invoice = world.invoice(12000)
    world.link(first, invoice, 10000)
    world.link(second, invoice, 10000)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.act("post_invoice", invoicePayable=invoice)
        sync(light)
        read_all(light)
    assert sorted([fate(first, invoice), fate(second, invoice)]) == [F.CLEARED, F.CLEARED_PART]
    assert InvoicePayable.objects.get(id=invoice).state == "COMPLETED"


def test_removed_by_somebody_else_stays_removed_after_posting():
    world = World()
    note, invoice = world.note(10000), world.invoice(20000)
    world.link(note, invoice, 4000)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.act("unlink", creditNote=note, invoicePayable=invoice)
        sync(light)
        assert fate(note, invoice) == F.REMOVED and free(note) == 10000
        sandbox.act("post_invoice", invoicePayable=invoice)
        sync(light)
        read_all(light)
        assert fate(note, invoice) == F.REMOVED
        other = sandbox.act("add", kind="invoice_payable", amount=500, state="IN_DRAFT",
                            companyEntityId=world.entity["id"],
                            vendorId=world.vendor["vendorId"])["id"]  # fmt: skip
        sandbox.act("link", creditNote=note, invoicePayable=other, amount=500)
        sync(light)
    assert fate(note, other) == F.PLANNED and free(note) == 9500


def test_posted_while_its_absent_link_is_read():
    """The links say absent and the copy says not posted: the invoice tells which it is."""
    world = World()
    note, invoice = world.note(10000), world.invoice(20000)
    world.link(note, invoice, 4000)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.act("post_invoice", invoicePayable=invoice)
        mirroring.want(credit_notes=[note], now=workflow.now())
        read_all(light)
        assert InvoicePayable.objects.get(id=invoice).state == "UNPAID"
    assert fate(note, invoice) == F.CLEARED


@pytest.mark.parametrize("ids", ["external", "accounting", "internal"])
@pytest.mark.parametrize("listed", [False, True])
def test_whatever_ids_light_shows(ids, listed):
    world = World()
    note, invoice = world.note(10000), world.invoice(20000)
    world.invoice(1000)
    world.link(note, invoice, 4000)
    with world.open() as sandbox:
        sandbox.switch(ids_in_links=ids, posted_link_listed=listed)
        light = client(sandbox)
        sync(light)
        assert fate(note, invoice) == F.PLANNED and free(note) == 6000
        sandbox.act("post_invoice", invoicePayable=invoice)
        sync(light)
        read_all(light)
        assert fate(note, invoice) == F.CLEARED
        check_balances()
        sandbox.act("reverse_clearing", invoicePayable=invoice, accountingDocument=note, type="CN")
        sync(light)
        read_all(light)
    assert fate(note, invoice) == F.UNDONE and free(note) == 10000


def test_other_ids_in_the_list_of_numbers():
    world = World()
    note = world.note(10000)
    with world.open() as sandbox:
        sandbox.switch(ids_in_documents_list="accounting")
        sync(client(sandbox))
    stored = CreditNote.objects.get(id=note)
    assert stored.document_number == world.lists["credit_notes"][0]["_documentNumber"]
    assert ids.credit_note_of(stored.accounting_document_id) == stored.id


def test_which_notes_adjust_payables():
    world = World()
    ours, theirs = world.note(), world.note(_toBeAdjusted="AR")
    with world.open() as sandbox:
        run = sync(client(sandbox))
        assert run.adjusts_checked
        later = sandbox.act(
            "add",
            kind="credit_note",
            companyEntityId=world.entity["id"],
            businessPartnerId=world.vendor["vendorId"],
            _toBeAdjusted="AR",
        )["id"]
        sync(client(sandbox))
    known = dict(CreditNote.objects.values_list("id", "adjusts_payables"))
    known = {str(id): value for id, value in known.items()}
    assert known == {ours: True, theirs: False, later: False}
    assert free(ours) and not Balance.objects.get(document_id=theirs).usable


def test_light_may_refuse_to_tell_which_adjust_payables():
    world = World()
    note = world.note()
    with world.open() as sandbox:
        sandbox.switch(refuse_cn_adjust_filter=True)
        run = sync(client(sandbox))
    assert run.state == SyncRun.State.DONE and run.adjusts_checked is False
    stored = CreditNote.objects.get(id=note)
    assert stored.adjusts_payables is None and stored.document_number
    assert Balance.objects.get(document_id=note).usable


def test_a_full_sweep_finds_what_has_gone_and_what_came_back():
    world = World()
    note, invoice = world.note(10000), world.invoice(20000)
    world.link(note, invoice, 4000)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        kept = dict(sandbox.books.get("credit_note", note))
        sandbox.act("remove", id=note)
        sync(light)
        assert CreditNote.objects.get(id=note).gone_at is None  # an incremental run cannot know
        sync(light, full=True)
        gone = CreditNote.objects.get(id=note)
        assert gone.gone_at and not Balance.objects.get(document_id=note).usable
        assert Seen.objects.filter(field="gone", document_id=note, after="gone").exists()
        sandbox.books.put("credit_note", kept)
        sync(light, full=True)
    assert CreditNote.objects.get(id=note).gone_at is None
    check_balances()


def test_a_full_sweep_asks_before_it_takes_a_skipped_row_as_gone(monkeypatch):
    world = World()
    note = world.note()
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        run = mirroring.start(full=True, now=workflow.now())
        while run.phase != "gone":
            mirroring.slice(run, light, worker="test", now=workflow.now())
        SyncMark.objects.filter(document_id=note).delete()  # the list moved: the row was skipped
        sync(light)
    assert CreditNote.objects.get(id=note).gone_at is None


def test_a_sweep_that_did_not_finish_takes_nothing_as_gone():
    world = World()
    note = world.note()
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.act("remove", id=note)
        mirroring.start(full=True, now=workflow.now())
        sandbox.switch(key_valid=False)
        run = sync(light)
    assert run.state == SyncRun.State.FAILED and "key" in run.problem
    assert CreditNote.objects.get(id=note).gone_at is None
    assert not mirroring.due(workflow.now())
    assert mirroring.due(workflow.now() + timedelta(seconds=61))


def test_another_company_stops_the_sync():
    with World().open() as sandbox:
        sync(client(sandbox))
    Company.objects.update(id="6f1d0a52-5f0e-4b1c-9a39-000000000000", name="Somebody Else")
    with World().open() as sandbox:
        run = sync(client(sandbox))
    assert run.state == SyncRun.State.FAILED and "Somebody Else" in run.problem
    assert len(Company.objects.all()) == 1


def test_pages_and_a_run_that_another_worker_goes_on_with():
    world = World()
    for _ in range(230):
        world.note()
    with world.open() as sandbox:
        light = client(sandbox)
        run = mirroring.start(full=False, now=workflow.now())
        assert mirroring.start(full=False, now=workflow.now()).pk == run.pk
        for number in range(200):
            if run.state != SyncRun.State.RUNNING:
                break
            mirroring.slice(run, light, worker=f"worker {number}", now=workflow.now())
    assert run.state == SyncRun.State.DONE and CreditNote.objects.count() == 230
    assert run.pages == 8 and run.details_done == 230
    assert not CreditNote.objects.filter(links_read_at=None).exists()


def test_a_leased_run_is_left_alone_until_the_lease_ends(settings):
    with World().open() as sandbox:
        light, now = client(sandbox), workflow.now()
        run = mirroring.start(full=False, now=now)
        lease = now + timedelta(seconds=settings.LEASE)
        SyncRun.objects.update(lease_by="frozen", lease_until=lease)
        assert mirroring.running(now) is None
        assert not mirroring.slice(run, light, worker="other", now=now)
        assert mirroring.slice(run, light, worker="other", now=lease)
    assert run.phase == "entities"


def test_an_answer_that_cannot_be_read_fails_the_run_after_five_tries():
    class Broken:
        def company(self):
            from clearing.light.errors import LightUnreadable

            raise LightUnreadable("Light's answer is not JSON.")

    run = mirroring.start(full=False, now=workflow.now())
    for number in range(5):
        assert run.state == SyncRun.State.RUNNING and run.tries == number
        SyncRun.objects.update(not_before=None)
        mirroring.slice(run, Broken(), worker="test", now=workflow.now())
    assert run.state == SyncRun.State.FAILED and "not JSON" in run.problem


def test_light_away_waits_and_goes_on():
    world = World()
    world.note()
    with world.open() as sandbox:
        url_gone = client(sandbox)
        light = client(sandbox)
    run = mirroring.start(full=False, now=workflow.now())
    mirroring.slice(run, url_gone, worker="test", now=workflow.now())
    assert run.state == SyncRun.State.RUNNING and run.not_before and "Waiting" in run.problem
    assert not mirroring.slice(run, light, worker="test", now=workflow.now())
    with world.open() as sandbox:
        run = sync(client(sandbox))
    assert run.state == SyncRun.State.DONE and run.problem == ""


def test_one_unreadable_record_does_not_lose_the_others():
    world = World()
    good, bad = world.note(), world.note(amount=1.5)
    with world.open() as sandbox:
        run = sync(client(sandbox))
    assert run.state == SyncRun.State.DONE and "cannot be read" in run.problem
    assert CreditNote.objects.filter(id=good).exists()
    assert not CreditNote.objects.filter(id=bad).exists()


def test_nulls_and_values_nobody_knows_are_kept_and_never_usable():
    world = World()
    note = world.note(amount=None, companyEntityId=None, currency=None, status="SHINY")
    invoice = world.invoice(amount=None, state="SHINY", dueDate=None, currency=None)
    big = world.note(2**63 - 1)
    with world.open() as sandbox:
        run = sync(client(sandbox))
    assert run.state == SyncRun.State.DONE
    assert CreditNote.objects.get(id=note).amount is None
    assert str(CreditNote.objects.get(id=note).status) == "SHINY"
    assert InvoicePayable.objects.get(id=invoice).due_date is None
    assert Balance.objects.filter(document_id__in=[note, invoice, big], usable=True).count() == 0


def test_a_refreshed_group_is_read_by_the_worker_without_a_run(settings):
    world = World()
    note, invoice = world.note(10000), world.invoice(20000)
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        row = CreditNote.objects.get(id=note)
        group = (row.vendor_id, row.entity_id, "EUR")
        assert mirroring.refresh_group(*group, workflow.now()) == 0  # read a moment ago
        settings.GROUP_REFRESH = 0
        sandbox.act("link", creditNote=note, invoicePayable=invoice, amount=700)
        assert mirroring.refresh_group(*group, workflow.now()) == 2
        assert read_all(light) == 2
    assert fate(note, invoice) == F.PLANNED and free(note) == 9300


def test_details_of_a_lost_document_and_of_one_that_cannot_be_read():
    world = World()
    note, other = world.note(), world.note()
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.act("remove", id=note)
        mirroring.want(credit_notes=[note, other], now=workflow.now())
        read_all(light)
    assert CreditNote.objects.get(id=note).gone_at
    assert CreditNote.objects.get(id=other).gone_at is None
    assert mirroring.waiting() == 0
