"""What is learnt late of a credit note is booked at once, not with the next whole sync."""

from datetime import date, timedelta

import pytest
from django.db.models import Sum

from clearing.light import records
from clearing.models import Clearing, CreditNote, InvoicePayable, Movement
from clearing.services import booking
from clearing.services.mirroring import lists, numbers
from clearing.services.mirroring.details import Found
from tests import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW
LATER, LAST = (NOW + timedelta(minutes=some) for some in (1, 2))


def entry(invoice, document, amount=4_000, **over):
    fields = {
        "id": factories.uuid.uuid4(), "invoice_payable_id": invoice.id, "type": "CN",
        "accounting_document_id": document, "amount": amount, "currency": "EUR",
        "payment_date": date(2026, 10, 20),
    }  # fmt: skip
    return records.Clearing(**fields | over)


def listed(note, other, number="CN-7"):
    return records.AccountingDocument(
        id=other, document_number=number, vendor_id=note.vendor_id, entity_id=note.entity_id,
        currency=note.currency, amount=note.amount, updated_at=note.updated_in_light_at,
    )  # fmt: skip


def open_of(note):
    rows = Movement.objects.filter(credit_note_id=note.id)
    return rows.aggregate(all=Sum("amount"))["all"]


def test_a_clearing_that_waited_for_an_id_is_booked_when_the_list_tells_it(books):
    note = books.note(accounting_document_id=None, updated_in_light_at=NOW)
    booking.book([note.id], now=NOW)
    invoice, other = books.invoice(), factories.uuid.uuid4()
    Found(payments={invoice.id: [entry(invoice, other)]}).store(NOW)
    assert Clearing.objects.get().credit_note_id is None and open_of(note) == 10_000
    assert numbers.take_numbers([listed(note, other)], adjusts=True, now=LATER) == 0
    assert Clearing.objects.get().credit_note_id == note.id and open_of(note) == 6_000


def test_a_note_that_adjusts_payables_after_all_is_booked_at_once(books):
    note = books.note(adjusts_payables=False)
    booking.book([note.id], now=NOW)
    assert open_of(note) is None
    numbers.take_numbers([listed(note, note.id)], adjusts=True, now=LATER)
    assert CreditNote.objects.get().adjusts_payables and open_of(note) == 10_000


def test_a_clearing_that_turns_out_to_be_of_another_note_leaves_the_first(books):
    one, other, invoice = books.note(), books.note(), books.invoice()
    shown = entry(invoice, one.id)
    assert Found(payments={invoice.id: [shown]}).store(NOW) == {invoice.id: {one.id}}
    moved = shown.model_copy(update={"accounting_document_id": other.id})
    news = Found(payments={invoice.id: [moved]}).store(LATER)
    assert news == {invoice.id: {one.id, other.id}}
    assert (open_of(one), open_of(other)) == (10_000, 6_000)
    assert Found(payments={invoice.id: [moved]}).store(LAST) == {}


def test_the_clearings_of_an_invoice_that_went_are_unknown_not_undone(books):
    note, invoice = books.note(), books.invoice()
    Found(payments={invoice.id: [entry(invoice, note.id)]}).store(NOW)
    lists.mark_gone(InvoicePayable, [invoice.id], LATER)
    assert open_of(note) == 6_000
    assert not Movement.objects.filter(kind="undone").exists()
