"""Possible duplicates: found live, answered once, remembered for good."""

from datetime import date, timedelta
from unittest import mock

import pytest

from clearing import twins as rule
from clearing import workflow
from clearing.models import AuditEvent, NotDuplicate
from clearing.roles import NotAllowed
from clearing.services import duplicates
from tests import factories

WORDS = "Two deliveries on one day"


@pytest.fixture
def twins(books):
    """Two credit notes with one number in two spellings, a year apart."""
    early = books.note(document_number="GS-8213", document_date=date(2025, 9, 14))
    return books.note(document_number="gs 8213"), early


def other_ids(found):
    return {note: [other.id for other in others] for note, others in found.items()}


def test_both_of_a_pair_are_named_to_who_asks(twins):
    one, other = twins
    found = duplicates.unanswered([one.id, other.id])
    assert other_ids(found) == {one.id: [other.id], other.id: [one.id]}


@pytest.mark.parametrize("status", ["DRAFT", "PARTIALLY_CLEARED", "CLEARED", "ARCHIVED", "NEW"])
def test_against_all_states_and_across_entities(books, status):
    elsewhere = factories.entity(name="Acme BV")
    used = factories.credit_note(books.vendor, elsewhere, status=status, document_number="8213")
    note = books.note(document_number="GS-8213")
    assert other_ids(duplicates.unanswered([note.id])) == {note.id: [used.id]}


def test_a_second_record_of_the_vendor_counts(books):
    same = {"vat_id": "DE811907980"}
    first = factories.vendor(name="Nord", **same)
    again = factories.vendor(name="Nord Logistik", **same)
    one = factories.credit_note(first, books.entity, document_number="8213")
    other = factories.credit_note(again, books.entity, document_number="GS 8213")
    factories.credit_note(factories.vendor(), books.entity, document_number="8213")
    assert other_ids(duplicates.unanswered([one.id])) == {one.id: [other.id]}


def test_vendors_without_vat_id_are_not_one(books):
    one = books.note(document_number="8213")
    factories.credit_note(factories.vendor(), books.entity, document_number="8213")
    assert duplicates.unanswered([one.id]) == {}


@pytest.mark.parametrize("most", [0, 200])
def test_however_many_parties_are_asked_about(books, monkeypatch, most):
    monkeypatch.setattr(rule, "MOST_PARTIES", most)
    one, other = (books.note(document_number="8213") for _ in range(2))
    elsewhere = factories.vendor()
    third, fourth = (
        factories.credit_note(elsewhere, books.entity, amount=700, document_number="9")
        for _ in range(2)
    )
    books.note(amount=700, document_number="9")
    found = duplicates.unanswered([one.id, third.id])
    assert other_ids(found) == {one.id: [other.id], third.id: [fourth.id]}


def test_many_notes_take_as_many_queries_as_one(books, django_assert_max_num_queries):
    notes = [books.note(amount=1000 + n // 2, document_number="8213") for n in range(40)]
    with django_assert_max_num_queries(6):
        found = duplicates.unanswered([note.id for note in notes])
    assert len(found) == 40
    assert all(len(others) == 1 for others in found.values())


def test_an_answer_is_remembered_for_both_and_told_on_both(twins, books, preparer):
    one, other = twins
    third = books.note(document_number="8213")
    duplicates.say_not(note_id=one.id, other_id=other.id, reason=f" {WORDS} ", by=preparer)
    found = other_ids(duplicates.unanswered([one.id, other.id]))
    assert found == {one.id: [third.id], other.id: [third.id]}
    said = NotDuplicate.objects.get()
    assert (said.reason, said.by) == (WORDS, preparer)
    assert said.one_id < said.other_id
    events = AuditEvent.objects.filter(verb="said it is no duplicate")
    assert {event.credit_note_id for event in events} == {one.id, other.id}
    assert {event.reason for event in events} == {WORDS}
    assert {event.vendor_id for event in events} == {books.vendor.id}


@pytest.mark.parametrize("state, answered", [("done", True), ("proposed", False)])
@pytest.mark.parametrize("code", ["duplicate", "other"])
def test_a_twin_cancelled_as_a_duplicate_is_an_answer(
    twins, preparer, approver, state, answered, code
):
    one, other = twins
    over = {"approved_by": approver} if state == "done" else {}
    factories.line(
        preparer, other, None, other.amount, kind="archive", reason_code=code, state=state, **over
    )
    expected = {} if answered and code == "duplicate" else {one.id: [other.id]}
    assert other_ids(duplicates.unanswered([one.id])) == expected


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
def test_an_answer_needs_a_reason(twins, preparer, reason):
    with pytest.raises(ValueError, match=r"words"):
        duplicates.say_not(note_id=twins[0].id, other_id=twins[1].id, reason=reason, by=preparer)
    assert not NotDuplicate.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "approver", "controller", ""])
def test_only_who_prepares_can_answer(twins, role):
    with pytest.raises(NotAllowed):
        duplicates.say_not(
            note_id=twins[0].id, other_id=twins[1].id, reason=WORDS, by=factories.person(role)
        )
    assert not NotDuplicate.objects.exists()


def test_the_second_answer_is_told_that_somebody_was_faster(twins, preparer):
    one, other = twins
    duplicates.say_not(note_id=one.id, other_id=other.id, reason=WORDS, by=preparer)
    with pytest.raises(workflow.Conflict, match="faster"):
        duplicates.say_not(note_id=other.id, other_id=one.id, reason="Again", by=preparer)
    assert AuditEvent.objects.count() == 2


def test_what_does_not_look_alike_is_not_answered(books, preparer):
    one, other = books.note(), books.note(amount=1)
    with pytest.raises(workflow.Conflict):
        duplicates.say_not(note_id=one.id, other_id=other.id, reason=WORDS, by=preparer)
    with pytest.raises(workflow.Conflict):
        duplicates.say_not(note_id=one.id, other_id=one.id, reason=WORDS, by=preparer)


def test_the_audit_write_fails_so_nothing_was_said(twins, preparer):
    with mock.patch.object(AuditEvent.objects, "create", side_effect=RuntimeError):
        with pytest.raises(RuntimeError):
            duplicates.say_not(note_id=twins[0].id, other_id=twins[1].id, reason=WORDS, by=preparer)
    assert not NotDuplicate.objects.exists()


def test_dates_decide_where_numbers_differ(books, settings):
    settings.DUPLICATE_DAYS = 3
    note = books.note(document_number="1", document_date=date(2026, 9, 14))
    near = books.note(document_number="2", document_date=note.document_date + timedelta(days=3))
    books.note(document_number="3", document_date=note.document_date - timedelta(days=4))
    assert other_ids(duplicates.unanswered([note.id])) == {note.id: [near.id]}
