"""Reconciling: what our lines did against what Light shows, until the two agree again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clearing import workflow
from clearing.models import CreditNote, Difference, InvoicePayable, Link
from clearing.services import reconciling
from clearing.services.reconciling import keeping
from tests import factories

START = timezone.now()
DONE_AT, SHOWN_AT = START - timedelta(minutes=2), START - timedelta(minutes=1)
# Each lies between two looks: look() is at five minutes, look(10) at ten.
T1, T2, T3 = (START + timedelta(minutes=minutes) for minutes in (4, 9, 14))
SECOND = timedelta(seconds=1)


def look(minutes=5):
    now = START + timedelta(minutes=minutes)
    while reconciling.look(now):
        pass


def found():
    rows = Difference.objects.filter(ended_at=None, confirmed=True)
    return {(row.kind, row.why): (row.amount, row.shown) for row in rows}


def line(books, by, note, invoice, amount=4000, **over):
    """A line of ours that is done and shown."""
    over = {"done_at": DONE_AT, "shown_at": SHOWN_AT, "changed_at": DONE_AT} | over
    return factories.line(by, note, invoice, amount, state="done", exempt=over.pop("exempt", ""),
                          **over)  # fmt: skip


@pytest.fixture
def planned(books, preparer, approver):
    """A link of EUR 40.00 that our line made: (link, note, invoice, line)."""
    note, invoice = books.note(links_read_at=SHOWN_AT), books.invoice(state="IN_DRAFT")
    link = factories.link(note, invoice, 4000, made_here=True)
    one = line(books, preparer, note, invoice, approved_by=approver)
    return link, note, invoice, one


def change(row, at=T1, **fields):
    type(row).objects.filter(pk=row.pk).update(changed_at=at, **fields)


def remove(link, at=T1, read_at=T1 + SECOND):
    change(link, at, gone_at=at, fate="removed", fate_at=at)
    CreditNote.objects.filter(pk=link.credit_note_id).update(links_read_at=read_at)


def test_while_light_and_we_agree_there_is_nothing(planned):
    look()
    assert not Difference.objects.exists()


# --- lost --------------------------------------------------------------------------------------
def test_a_link_that_somebody_removed_is_lost_and_ends_when_it_is_back(planned):
    link, note, invoice, one = planned
    remove(link)
    look()
    row = Difference.objects.get()
    assert found() == {("lost", "removed"): (4000, None)}
    assert (row.credit_note_id, row.invoice_payable_id, row.line_id) == (
        note.pk,
        invoice.pk,
        one.pk,
    )
    assert row.at == T1
    change(link, T2, gone_at=None, fate="planned", first_seen_at=T2)
    look(10)
    assert found() == {} and Difference.objects.get().ended_at
    remove(link, T3, T3 + SECOND)
    look(15)
    assert found() and Difference.objects.count() == 2  # the same once more is something new


def test_what_one_reading_misses_is_read_again_before_it_is_said(planned):
    link, note, _invoice, _line = planned
    remove(link, T1, T1)
    CreditNote.objects.update(links_wanted_at=None)
    look()
    assert found() == {} and Difference.objects.get().confirmed is False
    assert CreditNote.objects.get(pk=note.pk).links_wanted_at  # that is the second reading
    CreditNote.objects.update(links_wanted_at=None, links_read_at=T2)
    look(10)
    assert found() == {("lost", "removed"): (4000, None)}


def test_second_readings_are_bounded(books, preparer, approver, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_READS", 3)
    for _ in range(8):
        note, invoice = books.note(), books.invoice(state="IN_DRAFT")
        link = factories.link(note, invoice, 4000, made_here=True)
        line(books, preparer, note, invoice, approved_by=approver)
        remove(link, T1, T1)

    def waiting():
        return CreditNote.objects.exclude(links_wanted_at=None).count()

    look()
    assert waiting() == 3
    look(10)
    assert waiting() == 3  # and not three more with each pass
    CreditNote.objects.exclude(links_wanted_at=None).update(links_wanted_at=None, links_read_at=T2)
    look(15)
    assert len(Difference.objects.filter(confirmed=True)) == 3 and waiting() == 3


@pytest.mark.parametrize("kind", ["unlink", "archive"])
def test_what_we_removed_ourselves_is_not_lost(books, planned, preparer, kind):
    link, note, invoice, _line = planned
    later = {"done_at": T1, "shown_at": T2, "changed_at": T1}
    if kind == "unlink":
        line(books, preparer, note, invoice, kind="unlink", exempt="one_person_removes", **later)
    else:
        line(books, preparer, note, None, kind="archive", of_draft=True,
             exempt="one_person_discards", **later)  # fmt: skip
        change(note, T1, status="ARCHIVED")
    remove(link)
    look()
    assert found() == {}


@pytest.mark.parametrize("state", ["sending", "unknown", "needs_person"])
def test_while_a_line_is_in_flight_nothing_is_said(planned, books, preparer, state):
    link, note, invoice, _line = planned
    ours = factories.line(
        preparer, note, invoice, kind="unlink", exempt="one_person_removes", state=state
    )
    remove(link)
    look()
    assert not Difference.objects.exists()
    type(ours).objects.filter(pk=ours.pk).update(state="refused", changed_at=T2)
    look(10)
    assert found() == {("lost", "removed"): (4000, None)}


def test_a_line_that_no_reading_has_shown_yet_is_waited_for(planned):
    link, _note, _invoice, one = planned
    type(one).objects.filter(pk=one.pk).update(shown_at=None)
    remove(link)
    look()
    assert not Difference.objects.exists()


# --- changed -----------------------------------------------------------------------------------
def test_another_amount_in_light(books, planned, preparer):
    link, note, invoice, _line = planned
    change(link, amount=3000)
    look()
    assert found() == {("changed", "link"): (4000, 3000)}
    change(link, T2, amount=2500)
    look(10)
    assert found() == {("changed", "link"): (4000, 2500)}
    line(books, preparer, note, invoice, 2500, kind="amend", previous_amount=4000,
         exempt="one_person_lowers", done_at=T3, shown_at=T3, changed_at=T3)  # fmt: skip
    look(15)
    assert found() == {}


@pytest.mark.parametrize("cleared", [4000, 2500, 6000])
def test_another_amount_cleared(planned, cleared):
    link, note, invoice, _line = planned
    factories.clearing(invoice, note, cleared, changed_at=T1)
    change(invoice, state="UNPAID")
    change(link, gone_at=T1, fate="cleared", fate_at=T1)
    look()
    assert found() == ({} if cleared == 4000 else {("changed", "cleared"): (4000, cleared)})


def test_not_honoured_and_being_read_have_lists_of_their_own(planned):
    link, _note, invoice, _line = planned
    change(invoice, state="UNPAID")
    for at, fate in ((T1, "checking"), (T2, "not_honoured")):
        change(link, at, gone_at=T1, fate=fate, fate_at=at)
        look(5 if at == T1 else 10)
        assert not Difference.objects.exists()


# --- undone ------------------------------------------------------------------------------------
def undo(entry, at=T1, read_at=T1 + SECOND):
    change(entry, at, gone_at=at)
    Link.objects.update(fate="undone", fate_at=at)
    InvoicePayable.objects.filter(pk=entry.invoice_payable_id).update(payments_read_at=read_at)


@pytest.fixture
def cleared(planned):
    link, note, invoice, _line = planned
    change(invoice, SHOWN_AT, state="COMPLETED")
    change(link, SHOWN_AT, gone_at=SHOWN_AT, fate="cleared", fate_at=SHOWN_AT)
    return factories.clearing(invoice, note, 4000, first_seen_at=SHOWN_AT, changed_at=SHOWN_AT)


def test_a_clearing_undone_elsewhere(cleared):
    undo(cleared)
    look()
    assert found() == {("undone", "reversed"): (4000, None)}
    change(cleared, T2, gone_at=None)
    look(10)
    assert found() == {}


def test_a_clearing_that_was_never_ours_and_went(books):
    entry = factories.clearing(books.invoice(), books.note(), 700)
    undo(entry)
    look()
    assert found() == {("undone", "reversed"): (700, None)}
    assert Difference.objects.get().line_id is None


def test_an_undoing_is_read_twice_before_it_is_said(cleared):
    undo(cleared, T1, T1)
    look()
    assert found() == {}
    invoice = InvoicePayable.objects.get(pk=cleared.invoice_payable_id)
    assert invoice.payments_wanted_at


def test_our_own_undoing_is_none(cleared, planned, books, preparer, approver):
    _link, note, invoice, _line = planned
    line(books, preparer, note, invoice, kind="reverse", clearing_id=cleared.pk,
         approved_by=approver, done_at=T1, shown_at=T2, changed_at=T1)  # fmt: skip
    undo(cleared)
    look()
    assert found() == {}


@pytest.mark.parametrize(
    "kind, now, expected",
    [
        ("archive", "ARCHIVED", {}),
        ("archive", "POSTED", {("undone", "unarchived"): (10000, None)}),
        ("post", "CLEARED", {}),
        ("post", "DRAFT", {("undone", "unposted"): (10000, None)}),
    ],
)
def test_a_cancellation_or_a_posting_taken_back(books, preparer, kind, now, expected):
    note = books.note()
    exempt = "one_person_discards" if kind == "archive" else "one_person_posts"
    line(books, preparer, note, None, 10000, kind=kind, of_draft=kind == "archive", exempt=exempt)
    change(note, T1, status=now, lines_read_at=T2)
    look()
    assert found() == expected


# --- documents under planned links -------------------------------------------------------------
@pytest.mark.parametrize(
    "of_note, fields, expected",
    [
        (True, {"status": "ARCHIVED"}, ("status", 4000, None)),
        (True, {"status": "CLEARED"}, ("status", 4000, None)),
        (True, {"status": "PARTIALLY_CLEARED"}, None),
        (True, {"amount": 3000}, ("note_amount", 10000, 3000)),
        (True, {"currency": "USD"}, ("moved", 4000, None)),
        (True, {"gone_at": T1}, ("note_gone", 4000, None)),
        (True, {"description": "other words"}, None),
        (False, {"gone_at": T1}, ("invoice_gone", 4000, None)),
        (False, {"state": "CANCELLED"}, ("invoice_dead", 4000, None)),
        (False, {"amount": 9000}, None),
        (False, {"state": "APPROVAL_PENDING"}, None),
    ],
)
def test_a_document_changes_under_a_planned_link(planned, of_note, fields, expected):
    _link, note, invoice, _line = planned
    before = {name: getattr(note if of_note else invoice, name) for name in fields}
    change(note if of_note else invoice, **fields)
    look()
    assert found() == ({("document", expected[0]): expected[1:]} if expected else {})
    change(note if of_note else invoice, T2, **before)
    look(10)
    assert found() == {}


def test_once_a_day_all_is_compared_anew(planned, monkeypatch):
    link, _note, _invoice, _line = planned
    look()
    Link.objects.filter(pk=link.pk).update(amount=3000)  # as if the change had not been noticed
    look()
    assert found() == {}
    later = workflow.now() + timedelta(days=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    look(24 * 60 + 5)
    assert found() == {("changed", "link"): (4000, 3000)}
