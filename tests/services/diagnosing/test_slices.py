"""What is left, and the slices in which any worker looks."""

import uuid
from datetime import date, timedelta

from django.utils import timezone

from clearing.models import InvoicePayable, Looked, Outlook
from clearing.services import diagnosing
from clearing.services.diagnosing import passing
from tests import factories
from tests.services.diagnosing.looking import LATER, MUCH_LATER, changed, look, outlook


# --- what is left --------------------------------------------------------------------------------
def test_what_has_nothing_left_has_no_row(books):
    planned, gone, used, cancelled = (books.note(document_date=None) for _ in range(4))
    other = factories.credit_note(books.vendor, books.entity, adjusts_payables=False)
    look()
    assert Outlook.objects.count() == 4
    factories.link(planned, books.invoice(state="IN_DRAFT"), 10000)
    changed(gone, gone_at=LATER)
    changed(used, status="CLEARED")
    changed(cancelled, status="ARCHIVED")
    look(LATER)
    assert not Outlook.objects.exists() and other.pk


def test_a_small_rest_stands_apart(books, settings):
    settings.SMALL_REST = {"EUR": 300}
    rest, little = books.note(), books.note(amount=200)
    factories.link(rest, books.invoice(state="IN_DRAFT"), 9700)
    look()
    assert outlook(rest).small and outlook(rest).left == 300
    assert not outlook(little).small  # a small credit note is no rest


def test_the_time_since_stays_with_its_cause(books):
    note = books.note()
    look()
    changed(note, document_day=date(2026, 9, 1))
    look(LATER)
    assert (outlook(note).since, outlook(note).day) == (factories.NOW, date(2026, 9, 1))
    changed(note, at=MUCH_LATER, status="APPROVED")
    look(MUCH_LATER)
    assert outlook(note).since == MUCH_LATER


# --- slices --------------------------------------------------------------------------------------
def test_slices_say_what_one_look_says(books, monkeypatch):
    vendors = [factories.vendor(name=f"V{n}") for n in range(7)]
    notes = [factories.credit_note(one, books.entity) for one in vendors]
    notes += [factories.credit_note(None, books.entity) for _ in range(5)]
    for one in vendors[:3]:
        factories.invoice(one, books.entity)
    monkeypatch.setattr(passing, "SLICE", 2)
    monkeypatch.setattr(passing, "VENDORS", 3)
    look()
    assert Outlook.objects.count() == len(notes)
    assert Outlook.objects.filter(strength__gt=0).count() == 3


def test_only_vendors_that_changed_are_looked_at_again(books, monkeypatch):
    other = factories.vendor(name="Other")
    one, two = books.note(), factories.credit_note(other, books.entity)
    look()
    changed_at(MUCH_LATER - passing.OVERLAP - timedelta(hours=1))
    look(MUCH_LATER)
    seen = []
    real = passing.judge
    monkeypatch.setattr(passing, "judge", lambda notes, *a: seen.extend(notes) or real(notes, *a))
    later = MUCH_LATER + timedelta(minutes=10)
    changed(two, at=later)
    look(later)
    assert [note.id for note in seen] == [two.pk] and one.pk


def changed_at(at):
    """As if nothing had been written since then."""
    for model in (factories.CreditNote, InvoicePayable, factories.balances.Balance):
        model.objects.update(changed_at=at)


def test_many_changes_are_a_pass_through_everything(books, monkeypatch):
    monkeypatch.setattr(passing, "MANY", 1)
    books.note(), books.note(amount=1)
    look()
    changed(factories.credit_note(books.vendor, books.entity), at=MUCH_LATER)
    assert diagnosing.look(MUCH_LATER)
    assert Looked.objects.get(pk="outlooks").since is None
    look(MUCH_LATER)
    assert Outlook.objects.count() == 3


def test_another_rule_or_day_looks_at_everything(books, settings, monkeypatch):
    note = books.note()
    factories.link(note, books.invoice(state="IN_DRAFT"), 9900)
    look()
    assert not outlook(note).small
    settings.SMALL_REST = {"EUR": 100}
    look()
    assert outlook(note).small
    Outlook.objects.update(cause="of yesterday")
    monkeypatch.setattr(passing.timezone, "localdate", lambda: date(2026, 11, 3))
    look(MUCH_LATER)
    assert outlook(note).cause != "of yesterday"


def test_whoever_moves_the_cursor_first_has_done_the_slice(books, monkeypatch):
    books.note()
    assert diagnosing.look(factories.NOW)  # begins
    real = passing.judge

    def meanwhile(*args):
        Looked.objects.filter(pk="outlooks").update(cursor=uuid.uuid4())
        return real(*args)

    monkeypatch.setattr(passing, "judge", meanwhile)
    mark = Looked.objects.get(pk="outlooks")
    assert not passing._slice(passing.SEARCHES[0], mark, timezone.now())
    assert not Outlook.objects.exists()


def test_a_slice_needs_few_queries(books, django_assert_max_num_queries):
    for _ in range(3):
        books.note(document_date=None), books.invoice(amount=100)
    look()
    changed(books.note(), at=MUCH_LATER)
    with django_assert_max_num_queries(60):
        look(MUCH_LATER)
