"""An invoice seen to be posted: what Light has used on it, planned or not."""

import pytest

from clearing.models import Balance, Clearing, CreditNote, InvoicePayable
from clearing.sandbox import records
from clearing.sandbox.switches import Switches
from tests.services.mirroring_world import Company as World
from tests.services.mirroring_world import client, paths, read_all, sync

pytestmark = pytest.mark.django_db


def reads(sandbox):
    return [path for path in paths(sandbox) if path.endswith("/payments")]


@pytest.mark.parametrize(("credit", "status"), [(4000, "CLEARED"), (30000, "PARTIALLY_CLEARED")])
def test_what_light_takes_by_itself_is_read_once(credit, status):
    world = World()
    note, invoice = world.note(credit), world.invoice(20000)
    with world.open(switches=Switches(auto_allocation=True)) as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.act("post_invoice", invoicePayable=invoice)
        sandbox.forget_requests()
        sync(light)
        read_all(light)
        assert len(reads(sandbox)) == 1
    entry = Clearing.objects.get()
    used = min(credit, 20000)
    assert (str(entry.credit_note_id), str(entry.invoice_payable_id)) == (note, invoice)
    assert entry.amount == used and CreditNote.objects.get().status == status
    assert Balance.objects.get(document_id=invoice).available == 20000 - used
    assert Balance.objects.get(document_id=note).cleared == used


def test_the_posting_is_seen_before_the_credit_is_used_up():
    """The list of credit notes was read before the posting, the list of invoices after it."""
    world = World()
    note, invoice = world.note(4000), world.invoice(20000)
    with world.open(switches=Switches(auto_allocation=True)) as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.act("post_invoice", invoicePayable=invoice)
        same = sandbox.books.get("credit_note", note)
        sandbox.books.put("credit_note", {**same, "status": "POSTED"})
        sync(light)
        read_all(light)
    assert Clearing.objects.get().amount == 4000


def test_postings_without_credit_beside_them_cost_no_call():
    world = World()
    other = records.vendor(name="No credit")
    world.lists["vendors"].append(other)
    alone = world.invoice(20000, vendorId=other["vendorId"])
    dollars = world.invoice(20000, currency="USD")
    expenses = world.invoice(20000, type="REIMBURSEMENT")
    world.note(4000)
    world.note(4000, currency="USD", _toBeAdjusted="AR")
    world.note(4000, status="DRAFT", businessPartnerId=other["vendorId"])
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        for invoice in (alone, dollars, expenses):
            sandbox.act("post_invoice", invoicePayable=invoice)
        sync(light)
        read_all(light)
        assert reads(sandbox) == []


def test_the_history_of_the_first_sync_costs_no_call():
    world = World()
    note, invoice = world.note(4000, status="CLEARED"), world.invoice(20000, state="UNPAID")
    world.note(5000)
    world.lists["clearings"].append(
        records.clearing(invoicePayableId=invoice, creditNoteId=note, amount=4000)
    )
    with world.open() as sandbox:
        sync(client(sandbox))
        assert reads(sandbox) == []
    assert InvoicePayable.objects.get().payments_wanted_at is None
