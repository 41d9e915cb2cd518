"""What does not look right is found in slices, replaced when documents change, never twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection

from clearing import twins
from clearing.models import Looked, Seen, Suspicion, Vendor
from clearing.services import suspecting
from tests import factories

LATER = factories.NOW + timedelta(minutes=1)


def look(now=factories.NOW):
    """As many slices as there are."""
    for _ in range(50):
        if not suspecting.look(now):
            return
    raise AssertionError("it never ends")


def found(kind):
    return {(row.one_id, row.other_id): row for row in Suspicion.objects.filter(kind=kind)}


def pair(one, other):
    return tuple(sorted((one.id, other.id)))


def changed(row, at=LATER, **values):
    type(row).objects.filter(pk=row.pk).update(changed_at=at, **values)


# --- twins ------------------------------------------------------------------------------------
def test_twins_are_found_once_and_go_when_they_differ(books):
    one, other = books.note(document_number="8213"), books.note(document_number="GS-8213")
    books.note(document_number="9", document_date=None)
    look()
    rows = found("twins")
    assert list(rows) == [pair(one, other)]
    assert rows[pair(one, other)].why == ["vendor", "number", "dates"]
    changed(other, amount=1)
    look(LATER)
    assert found("twins") == {}


@pytest.mark.parametrize(
    "statuses, expected",
    [(("ARCHIVED", "ARCHIVED"), 0), (("ARCHIVED", "POSTED"), 1), (("CLEARED", "CLEARED"), 1)],
)
def test_two_cancelled_notes_are_nobodys_worry(books, statuses, expected):
    for status in statuses:
        books.note(document_number="8213", status=status)
    look()
    assert len(found("twins")) == expected


def test_a_vat_id_that_is_learned_later_makes_twins(books):
    again = factories.vendor(vat_id="DE1")
    one = books.note(document_number="8213")
    other = factories.credit_note(again, books.entity, document_number="8213")
    look()
    assert found("twins") == {}
    Vendor.objects.filter(pk=books.vendor.pk).update(vat_id="DE1", changed_at=LATER)
    look(LATER)
    assert list(found("twins")) == [pair(one, other)]


def test_slices_find_what_one_look_finds(books, monkeypatch):
    notes = [books.note(amount=100 + n // 2, document_number="8213") for n in range(10)]
    monkeypatch.setattr(suspecting, "SLICE", 3)
    look()
    assert set(found("twins")) == {pair(*notes[n : n + 2]) for n in range(0, 10, 2)}


def test_other_rules_look_at_everything_again(books, settings):
    one = books.note(document_number="1", document_date=date(2026, 9, 1))
    other = books.note(document_number="2", document_date=date(2026, 9, 10))
    look()
    assert found("twins") == {}
    settings.DUPLICATE_DAYS = 9
    look()
    assert list(found("twins")) == [pair(one, other)]


def test_a_thousand_equal_notes_do_not_flood_the_list(books):
    for n in range(60):
        books.note(document_number=f"{n:04}")
    look()
    assert len(found("twins")) <= 60 * suspecting.MOST_TWINS


def test_what_a_slice_compares_grows_with_its_notes_alone(books, monkeypatch):
    """Equal notes are not each held against each: sending waits for a slice."""
    compared = []
    why = twins.why
    monkeypatch.setattr(twins, "why", lambda *a, **k: compared.append(1) or why(*a, **k))
    for n in range(90):
        books.note(document_number=f"{n:04}")
    look()
    assert 0 < len(compared) <= 90 * (suspecting.MOST_TWINS + 1)


def test_nobody_waits_for_a_slice_to_be_compared(books, monkeypatch):
    """What takes long comes before the transaction: on SQLite that is everybody's."""
    search, inside = suspecting.SEARCHES[0], []

    def found_(rows):
        open_ones = [b for b in connection.atomic_blocks if not getattr(b, "_from_testcase", False)]
        inside.append(bool(open_ones))
        return search.found(rows)

    monkeypatch.setattr(suspecting, "SEARCHES", (replace(search, found=found_),))
    books.note()
    look()
    assert inside and not any(inside)


# --- passes -----------------------------------------------------------------------------------
def test_without_changes_there_is_nothing_to_look_at(books, django_assert_max_num_queries):
    books.note()
    look()
    later = factories.NOW + timedelta(hours=1)
    look(later)
    with django_assert_max_num_queries(5):
        assert not suspecting.look(later + timedelta(hours=1))


def test_a_pass_rests_after_it_ended(books):
    books.note(amount=1)
    look()
    books.note(changed_at=LATER, document_number="8213")
    books.note(changed_at=LATER, document_number="8213")
    look(factories.NOW + timedelta(seconds=1))
    assert found("twins") == {}
    look(factories.NOW + suspecting.PAUSE)
    assert len(found("twins")) == 1


def test_a_change_that_was_committed_late_is_not_missed(books):
    books.note(amount=1)
    look(factories.NOW + timedelta(minutes=4))
    books.note(document_number="8213"), books.note(document_number="8213")
    look(factories.NOW + timedelta(minutes=5))
    assert len(found("twins")) == 1


def test_two_workers_share_a_pass(books, monkeypatch):
    """The one that read the mark before the other moved it does nothing."""
    books.note(document_number="8213"), books.note(document_number="8213")
    search = suspecting.SEARCHES[0]
    suspecting.look(factories.NOW)
    stale = Looked.objects.get(pk="twins")
    assert suspecting._slice(search, stale, factories.NOW)
    assert not suspecting._slice(search, stale, factories.NOW)
    assert len(found("twins")) == 1


# --- invoices that may be credit notes ----------------------------------------------------------
@pytest.mark.parametrize(
    "over, why",
    [
        ({"amount": 0}, [["amount", ""]]),
        ({"amount": -500}, [["amount", ""]]),
        ({"document_name": "Gutschrift_8213.pdf"}, [["document_name", "gutschrift"]]),
        ({"description": "Avoir"}, [["description", "avoir"]]),
        ({"invoice_number": "CREDIT NOTE 1", "amount": -1},
         [["amount", ""], ["invoice_number", "credit note"]]),
        ({"amount": None}, None),
        ({"description": "Credit card fee"}, None),
        ({"amount": -1, "state": "PAID"}, None),
        ({"amount": -1, "state": "CANCELLED"}, None),
        ({"amount": -1, "gone_at": factories.NOW}, None),
        ({"amount": -1, "type": "REIMBURSEMENT"}, None),
        ({"amount": -1, "state": "IN_DRAFT"}, [["amount", ""]]),
        ({"amount": -1, "state": "SOMETHING_NEW"}, [["amount", ""]]),
    ],
    ids=str,
)  # fmt: skip
def test_invoices_that_may_be_credit_notes(books, over, why):
    invoice = books.invoice(**over)
    look()
    rows = found("filed_wrong")
    assert [row.why for row in rows.values()] == ([why] if why else [])
    assert set(rows) == ({(invoice.id, invoice.id)} if why else set())


def test_an_invoice_that_was_put_right_leaves_the_list(books, settings):
    invoice = books.invoice(description="Bonus")
    settings.CREDIT_WORDS = {"de": ["Bonus"]}
    look()
    assert len(found("filed_wrong")) == 1
    changed(invoice, description="Rent")
    look(LATER)
    assert found("filed_wrong") == {}


# --- what Light cleared by itself ---------------------------------------------------------------
@pytest.fixture
def posting(books):
    """An invoice that was seen posted, its clearing of EUR 40.00 seen a minute later."""

    def make(before="IN_DRAFT", after="UNPAID", **over):
        note, invoice = books.note(), books.invoice(state=after)
        Seen.objects.create(
            what="invoice_payable", document_id=invoice.id, field="state",
            before=before, after=after, at=factories.NOW,
        )  # fmt: skip
        times = {"first_seen_at": LATER, "changed_at": LATER}
        return factories.clearing(invoice, note, 4000, **times | over), note, invoice

    return make


def test_a_clearing_that_nobody_planned_came_with_the_posting(posting):
    entry, _note, invoice = posting()
    look(LATER)
    assert list(found("by_light")) == [(entry.id, invoice.id)]


@pytest.mark.parametrize("planned, listed", [(4000, False), (5000, False), (3999, True)])
def test_what_was_planned_is_not_by_light_but_more_is(posting, planned, listed):
    entry, note, invoice = posting()
    factories.link(note, invoice, planned, gone_at=LATER, fate="cleared")
    look(LATER)
    assert bool(found("by_light")) == listed


@pytest.mark.parametrize(
    "made",
    [
        {"before": "UNPAID", "after": "PARTIALLY_PAID"},  # it was posted before
        {"first_seen_at": factories.NOW - timedelta(days=1)},  # it had cleared before
        {"type": "BP"},
        {"credit_note_id": None},
        {"gone_at": LATER},
    ],
    ids=str,
)
def test_what_is_no_act_of_light(posting, made):
    posting(**made)
    look(LATER)
    assert found("by_light") == {}


def test_old_history_is_never_by_light(books):
    factories.clearing(books.invoice(), books.note(), 4000)
    look(LATER)
    assert found("by_light") == {}


def test_a_plan_that_is_seen_later_takes_it_off(posting):
    _entry, note, invoice = posting()
    look(LATER)
    later = LATER + timedelta(hours=1)
    factories.link(note, invoice, 4000, fate="cleared", changed_at=later)
    look(later)
    assert found("by_light") == {}


def test_a_link_that_was_removed_here_is_no_plan(posting, preparer):
    _entry, note, invoice = posting()
    factories.link(note, invoice, 4000, fate="cleared")
    factories.line(
        preparer, note, invoice, 4000, kind="unlink", exempt="one_person_removes",
        state="done", done_at=factories.NOW,
    )  # fmt: skip
    look(LATER)
    assert len(found("by_light")) == 1
