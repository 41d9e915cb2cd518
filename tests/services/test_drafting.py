"""Drafts: what was typed survives, nothing is reserved, others are seen for ten minutes."""

import uuid
from datetime import timedelta

import pytest

from clearing import roles
from clearing.models import Balance, Draft
from clearing.services import drafting
from tests import factories
from tests.factories import NOW

CELL = (uuid.uuid4(), uuid.uuid4())


@pytest.fixture
def place(books):
    return {"vendor_id": books.vendor.id, "entity_id": books.entity.id, "currency": "EUR"}


def save(place, by, now=NOW, **over):
    fields = {"typed": {CELL: "12,5x"}, "seen": {CELL[0]: 5000}, "note": "Call me"}
    drafting.save(**place, now=now, by=by, **fields | over)


def test_texts_come_back_as_typed(place, preparer):
    save(place, preparer)
    mine, others = drafting.load(**place, now=NOW, by=preparer)
    assert mine.typed == {CELL: "12,5x"}
    assert mine.seen == {CELL[0]: 5000}
    assert (mine.note, mine.saved_at, others) == ("Call me", NOW, [])


def test_saving_again_replaces_and_an_empty_page_is_kept(place, preparer):
    save(place, preparer)
    save(place, preparer, typed={}, note="", now=NOW + timedelta(minutes=1))
    assert Draft.objects.count() == 1
    assert drafting.load(**place, now=NOW, by=preparer)[0].typed == {}


def test_a_draft_is_of_one_vendor_entity_and_currency(place, preparer):
    save(place, preparer)
    other = place | {"currency": "USD"}
    assert drafting.load(**other, now=NOW, by=preparer)[0] is None
    drafting.discard(**other, by=preparer)
    assert Draft.objects.exists()
    drafting.discard(**place, by=preparer)
    assert not Draft.objects.exists()


def test_a_draft_reserves_nothing(books, place, preparer):
    note = books.note()
    save(place, preparer, typed={(note.id, books.invoice().id): "100.00"})
    assert Balance.objects.get(pk=note.id).available == 10000


def test_who_else_is_at_work_is_seen_for_ten_minutes(place, preparer):
    other = factories.person("preparer", username="second", first_name="Maria", last_name="K")
    save(place, other)
    for minutes, names in ((0, ["Maria K"]), (9, ["Maria K"]), (11, [])):
        mine, others = drafting.load(**place, now=NOW + timedelta(minutes=minutes), by=preparer)
        assert mine is None
        assert [one.name for one in others] == names


def test_only_a_preparer_keeps_a_draft(place, approver, viewer, controller):
    for person in (approver, viewer, controller):
        with pytest.raises(roles.NotAllowed):
            save(place, person)
    assert not Draft.objects.exists()


def test_an_endless_text_is_cut(place, preparer):
    save(place, preparer, typed={CELL: "9" * 100_000})
    assert len(drafting.load(**place, now=NOW, by=preparer)[0].typed[CELL]) == 100


def test_a_page_is_overtaken_by_a_proposal_made_after_it_was_shown(books, place, preparer):
    note, invoice = books.note(), books.invoice()
    factories.line(preparer, note, invoice)
    before, after = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)
    assert drafting.is_overtaken(**place, shown_at=before, by=preparer)
    assert not drafting.is_overtaken(**place, shown_at=after, by=preparer)
