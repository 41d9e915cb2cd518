"""Our own lines in the copy: an answer is newer than a read that began before it."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.light import records
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable, Link, Seen
from clearing.services import mirroring
from clearing.services.mirroring import ids
from clearing.services.mirroring.clearings import take_payments
from clearing.services.mirroring.links import take_links
from clearing.services.mirroring.settling import settle
from tests import factories
from tests.services.mirroring_world import Company as World
from tests.services.mirroring_world import client, read_all, sync

pytestmark = pytest.mark.django_db
NOW = factories.NOW
F = Link.Fate


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def shown(note, invoice, amount=4000):
    return records.Link(
        credit_note_id=note.id, invoice_payable_id=invoice.id, amount=amount, currency="EUR",
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def entry(note, invoice, amount=4000, **over):
    fields = {
        "id": factories.uuid.uuid4(), "invoice_payable_id": invoice.id, "type": "CN",
        "accounting_document_id": note.id, "amount": amount, "currency": "EUR",
    }  # fmt: skip
    return records.Clearing(**fields | over)


def done(note, invoice, by, approver, at, amount=4000, kind="link"):
    line = factories.line(by, note, invoice, amount, kind=kind, approved_by=approver)
    Instruction.objects.filter(pk=line.pk).update(state="done", done_at=at)
    mirroring.take_link(
        shown(note, invoice, amount), credit_note_id=note.id, invoice_payable_id=invoice.id,
        made_here=True, now=at,
    )  # fmt: skip
    line.refresh_from_db()
    return line


def read_links(note, found, at):
    took = take_links(note.id, found, began=at)
    settle(notes=[note.id], now=at)
    return took


def read_payments(invoice, found, at):
    InvoicePayable.objects.filter(id=invoice.id).update(payments_wanted_at=None)
    took = take_payments(invoice.id, found, began=at)
    settle(payments_of=[invoice.id], now=at)
    return took is not None


def free(note):
    return Balance.objects.get(document_id=note.id).available


def test_an_answer_makes_a_planned_link_and_asks_to_read_both(books, preparer, approver):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    line = done(note, invoice, preparer, approver, after(10))
    link = Link.objects.get()
    assert (link.fate, link.made_here, link.amount) == (F.PLANNED, True, 4000)
    assert free(note) == 6000 and line.shown_at is None
    assert CreditNote.objects.get().links_wanted_at == after(10)
    assert Seen.objects.get().after == "4000"


def test_a_read_that_began_before_the_line_was_done_changes_nothing(books, preparer, approver):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    line = done(note, invoice, preparer, approver, after(10))
    assert read_links(note, [], after(5))
    line.refresh_from_db()
    assert Link.objects.get().gone_at is None and line.shown_at is None and free(note) == 6000


def test_an_older_amount_does_not_overwrite_a_newer_one(books, preparer, approver):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    done(note, invoice, preparer, approver, after(10), amount=5000)
    read_links(note, [shown(note, invoice, 4000)], after(5))
    assert Link.objects.get().amount == 5000


def test_a_later_read_shows_the_line_or_that_somebody_removed_it(books, preparer, approver):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    line = done(note, invoice, preparer, approver, after(10))
    read_links(note, [shown(note, invoice)], after(20))
    line.refresh_from_db()
    assert line.shown_at == after(20) and free(note) == 6000
    read_links(note, [], after(30))
    assert Link.objects.get().fate == F.REMOVED and free(note) == 10000


def test_reads_are_written_in_the_order_they_began(books):
    note, invoice = books.note(links_read_at=None), books.invoice(state="IN_DRAFT")
    assert read_links(note, [shown(note, invoice)], after(20))
    assert not read_links(note, [], after(10))
    assert Link.objects.get().gone_at is None


def test_our_unlink_is_not_undone_by_an_older_read(books, preparer, approver):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    factories.link(note, invoice, 4000)
    line = factories.line(preparer, note, invoice, 4000, kind="unlink", approved_by=approver)
    Instruction.objects.filter(pk=line.pk).update(state="done", done_at=after(10))
    mirroring.take_link_gone(note.id, invoice.id, after(10))
    assert Link.objects.get().fate == F.REMOVED and free(note) == 10000
    read_links(note, [shown(note, invoice)], after(5))
    assert Link.objects.get().gone_at == after(10)
    read_links(note, [], after(20))
    line.refresh_from_db()
    assert line.shown_at == after(20)


def test_a_link_to_a_posted_invoice_is_cleared_once_payments_show_it(books, preparer, approver):
    note, invoice = books.note(), books.invoice(payments_reads_posted=7)
    line = done(note, invoice, preparer, approver, after(10))
    stored = InvoicePayable.objects.get()
    assert (stored.payments_reads_posted, stored.payments_wanted_at) == (0, after(10))
    assert Link.objects.get().fate == F.CHECKING and free(note) == 6000
    read_links(note, [], after(20))  # Light no longer lists it: it has been used
    assert Link.objects.get().fate == F.CHECKING
    read_payments(invoice, [entry(note, invoice)], after(20))
    line.refresh_from_db()
    assert Link.objects.get().fate == F.CLEARED and line.shown_at == after(20)
    assert free(note) == 6000


def test_a_link_that_does_nothing_ends_as_not_honoured(books, preparer, approver):
    note, invoice = books.note(), books.invoice(payments_reads_posted=7)
    line = done(note, invoice, preparer, approver, after(10))
    read_payments(invoice, [], after(5))  # began before
    assert InvoicePayable.objects.get().payments_reads_posted == 0
    read_payments(invoice, [], after(20))
    read_payments(invoice, [], after(20))  # the same read again
    line.refresh_from_db()
    assert Link.objects.get().fate == F.CHECKING and line.shown_at is None and free(note) == 6000
    read_payments(invoice, [], after(60))
    line.refresh_from_db()
    assert Link.objects.get().fate == F.NOT_HONOURED and line.shown_at == after(60)
    assert free(note) == 10000


def test_an_entry_nobody_can_map_is_no_proof_of_absence(books, preparer, approver):
    note, invoice = books.note(), books.invoice()
    done(note, invoice, preparer, approver, after(10))
    foreign = entry(note, invoice, accounting_document_id=factories.uuid.uuid4())
    for seconds in (20, 40, 60):
        read_payments(invoice, [foreign], after(seconds))
    assert Link.objects.get().fate == F.CHECKING and free(note) == 6000
    planned = books.invoice(state="IN_DRAFT")
    factories.link(note, planned, 500)
    unknown = records.Link(invoice_payable_id=factories.uuid.uuid4(), amount=1, currency="EUR")
    read_links(note, [unknown], after(30))
    assert Link.objects.get(invoice_payable_id=planned.id).gone_at is None


def test_a_pair_linked_again_is_a_new_promise(books):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    read_links(note, [shown(note, invoice)], after(10))
    InvoicePayable.objects.update(state="UNPAID")
    read_payments(invoice, [entry(note, invoice)], after(20))
    read_links(note, [], after(20))
    read_payments(invoice, [], after(30))
    assert Link.objects.get().fate == F.UNDONE
    InvoicePayable.objects.update(state="IN_DRAFT")
    read_links(note, [shown(note, invoice, 100)], after(40))
    assert Link.objects.get().fate == F.PLANNED and Link.objects.get().first_seen_at == after(40)
    InvoicePayable.objects.update(state="UNPAID")
    for seconds in (50, 60):
        read_payments(invoice, [], after(seconds))
    assert Link.objects.get().fate == F.NOT_HONOURED


def test_a_clearing_that_waited_for_its_note_is_mapped_when_its_id_is_learnt(books):
    note, invoice = books.note(accounting_document_id=None), books.invoice()
    other = factories.uuid.uuid4()
    read_payments(invoice, [entry(note, invoice, accounting_document_id=other)], after(10))
    assert free(note) == 10000
    named = shown(note, invoice).model_copy(update={"credit_note_id": other})
    read_links(note, [named], after(20))
    assert Link.objects.get().fate == F.CLEARED and free(note) == 6000
    assert ids.credit_note_of(other) == note.id
    assert ids.invoice_of(factories.uuid.uuid4()) is None


def test_a_clearing_is_mapped_by_its_document_number(books):
    note = books.note(document_number="CN-1", accounting_document_id=None)
    books.note(document_number="CN-2")
    invoice = books.invoice()
    found = entry(
        note, invoice, accounting_document_id=factories.uuid.uuid4(), document_number="CN-1"
    )
    read_payments(invoice, [found], after(10))
    assert free(note) == 6000


def test_the_worker_reads_what_sending_asks_for(settings, preparer, approver):
    settings.LOOK_AGAIN = 0
    world = World()
    note, invoice = world.note(10000), world.invoice(20000, state="UNPAID")
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        row = CreditNote.objects.get()
        line = factories.line(
            preparer, row, InvoicePayable.objects.get(), 4000, approved_by=approver
        )
        answer = light.link(note, invoice, 4000)
        at = workflow.now()
        Instruction.objects.filter(pk=line.pk).update(state="done", done_at=at)
        mirroring.take_link(
            answer, credit_note_id=row.id, invoice_payable_id=InvoicePayable.objects.get().id,
            made_here=True, now=at,
        )  # fmt: skip
        read_all(light)
        line.refresh_from_db()
        assert Link.objects.get().fate == F.CLEARED and line.shown_at
        assert CreditNote.objects.get().status == "PARTIALLY_CLEARED"
        assert Balance.objects.get(document_id=invoice).available == 16000
    assert Balance.objects.get(document_id=note).available == 6000
