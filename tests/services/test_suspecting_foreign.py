"""Suspecting: credit that somebody used in Light on an invoice that was posted already."""

from datetime import timedelta

from django.utils import timezone

from clearing.models import Clearing, Seen, Suspicion
from clearing.services import suspecting
from tests import factories

START = timezone.now()
T1, T2 = START + timedelta(minutes=4), START + timedelta(minutes=9)  # before the looks at 5 and 10


def found(minutes=5):
    now = START + timedelta(minutes=minutes)
    while suspecting.look(now):
        pass
    return set(Suspicion.objects.values_list("kind", flat=True))


def test_it_is_new_where_a_reading_before_did_not_show_it(books):
    factories.synced()
    note, invoice = books.note(), books.invoice(state="UNPAID")
    entry = factories.clearing(invoice, note, 700, first_seen_at=T1, changed_at=T1)
    assert found() == set()  # history that was read for the first time
    Clearing.objects.filter(pk=entry.pk).update(absent_at=T1, changed_at=T2)
    assert found(10) == {"foreign"}


def test_it_is_new_where_the_note_was_seen_wholly_unused(books):
    factories.synced()
    note, invoice = books.note(status="CLEARED"), books.invoice(state="COMPLETED")
    factories.clearing(invoice, note, 10000, first_seen_at=T1, changed_at=T1)
    Seen.objects.create(what="credit_note", document_id=note.id, field="status", before="POSTED",
                        after="CLEARED", at=T1)  # fmt: skip
    assert found() == {"foreign"}


def test_ours_is_not_foreign(books, preparer, approver):
    factories.synced()
    note, invoice = books.note(), books.invoice(state="UNPAID")
    factories.line(preparer, note, invoice, 700, approved_by=approver, state="done",
                   done_at=START, shown_at=START)  # fmt: skip
    factories.clearing(invoice, note, 700, first_seen_at=T1, changed_at=T1, absent_at=START)
    assert found() == set()


def test_what_a_reading_just_after_the_posting_missed_is_still_lights(books):
    factories.synced()
    note, invoice = books.note(), books.invoice(state="UNPAID")
    Seen.objects.create(what="invoice_payable", document_id=invoice.id, field="state",
                        before="IN_DRAFT", after="UNPAID", at=START)  # fmt: skip
    times = {"first_seen_at": T1, "changed_at": T1}
    late = factories.clearing(invoice, note, 700, absent_at=START + timedelta(minutes=1), **times)
    assert found() == {"by_light"}
    Clearing.objects.filter(pk=late.pk).update(absent_at=START + timedelta(hours=1), changed_at=T2)
    assert found(10) == {"foreign"}
