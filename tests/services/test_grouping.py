"""What the engine reads: which documents and pairs stand in a group, in whatever portions."""

import uuid
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clearing import matching
from clearing.matching import numbers
from clearing.models import Citation, Declined, NotDuplicate, Suspicion
from clearing.services import grouping
from clearing.services.grouping import Scope, streaming
from clearing.twins import pair_of
from tests import factories

pytestmark = pytest.mark.django_db


def of(books):
    return grouping.one(books.vendor.id, books.entity.id, "EUR")


def cites(note, *keys):
    Citation.objects.create(credit_note_id=note.id, keys=" ".join(keys), looked_at=factories.NOW)


def test_a_group_holds_what_is_usable_with_its_dates_and_keys(books):
    note = books.note(document_date=date(2026, 9, 14))
    cites(note, "4711", "INV4711")
    invoice = books.invoice(
        number_key="INV4711", payment_at=datetime(2026, 11, 5, tzinfo=UTC), state="SCHEDULED"
    )
    books.note(status="DRAFT")
    books.invoice(state="PAID", outstanding_balance=0)
    (credit,), (payable,) = of(books).credits, of(books).payables
    assert credit == (note.id, 10000, date(2026, 9, 14).toordinal(), ("4711", "INV4711"), False)
    assert payable == (
        invoice.id, 10000, date(2026, 11, 23).toordinal(), date(2026, 11, 5).toordinal(),
        date(2026, 10, 20).toordinal(), True, numbers.forms("INV4711"),
    )  # fmt: skip


def test_a_missing_date_is_0(books):
    books.note(document_date=None)
    books.invoice(due_date=None, issued_date=None)
    assert of(books).credits[0].day == 0
    assert of(books).payables[0][2:5] == (0, 0, 0)


def test_the_day_of_a_payment_is_the_house_s(books, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    books.note()
    books.invoice(payment_at=datetime(2026, 11, 5, 23, 30, tzinfo=UTC))
    assert of(books).payables[0].pays == date(2026, 11, 6).toordinal()


def test_pairs_that_are_held_linked_cleared_or_rejected_are_left_out(books, preparer):
    note = books.note(amount=100_000)
    held, linked, removed, cleared, rejected = (
        books.invoice(state="IN_DRAFT") for _each in range(5)
    )
    factories.line(preparer, note, held, 100)
    factories.line(preparer, note, removed, 100, state="rejected")
    factories.link(note, linked, 100)
    factories.link(note, removed, 100, fate="removed", gone_at=factories.NOW)
    factories.clearing(cleared, note, 100)
    Declined.objects.create(
        credit_note_id=note.id, invoice_payable_id=rejected.id, by=preparer, at=factories.NOW
    )
    without = {(note.id, one.id) for one in (held, linked, cleared, rejected)}
    assert of(books).without == without


def test_a_line_to_a_posted_invoice_counts_though_nothing_of_it_is_open(books, preparer):
    """The invoice is held in full, so it is no candidate any more: the credit is bound still."""
    note, invoice = books.note(amount=30000), books.invoice(amount=10000)
    factories.line(preparer, note, invoice, 10000)
    draft = books.note()
    factories.line(preparer, draft, books.invoice(state="IN_DRAFT"), 100)
    taken = {one.id: one.posted_taken for one in of(books).credits}
    assert taken == {note.id: True, draft.id: False}
    assert of(books).payables[0].id != invoice.id


def test_possible_duplicates_wait_for_an_answer(books, preparer):
    one, other, twin, third = (books.note() for _each in range(4))
    for pair in (pair_of(one.id, other.id), pair_of(twin.id, third.id)):
        Suspicion.objects.create(kind="twins", one_id=pair[0], other_id=pair[1], at=factories.NOW)
    assert of(books).credits == []
    first, second = pair_of(one.id, other.id)
    NotDuplicate.objects.create(one_id=first, other_id=second, by=preparer, at=factories.NOW)
    assert {credit.id for credit in of(books).credits} == {one.id, other.id}
    factories.line(
        preparer, third, None, 10000, kind="archive", state="done", exempt="",
        reason_code="duplicate", approved_by=factories.person("approver"),
    )  # fmt: skip
    assert twin.id in {credit.id for credit in of(books).credits}
    assert grouping.suspected() == set()


def test_a_cited_invoice_that_is_settled_is_named(books):
    cites(books.note(), "INV1", "INV2", "INV3")
    paid = books.invoice(state="PAID", number_key="INV1", outstanding_balance=0)
    books.invoice(number_key="INV2")
    factories.invoice(
        factories.vendor(), books.entity, state="PAID", number_key="INV3", outstanding_balance=0
    )
    assert of(books).settled == {"INV1": paid.id}


def test_a_group_without_credit_holds_its_invoices(books):
    invoice = books.invoice()
    assert [one.id for one in of(books).payables] == [invoice.id]
    assert list(grouping.groups(Scope())) == []


def many(n, currencies=("EUR", "USD")):
    """Vendors with a credit and an invoice in each of these currencies."""
    for number in range(n):
        entity = factories.entity(id=uuid.UUID(int=number + 1))
        vendor = factories.vendor(id=uuid.UUID(int=(7 * number) % n * 10**30 + 5))
        for currency in currencies:
            factories.credit_note(vendor, entity, currency=currency)
            factories.invoice(vendor, entity, currency=currency)


@pytest.mark.parametrize("size", [1, 3, 5000])
def test_every_group_once_in_order_whatever_the_portion(db, monkeypatch, size):
    monkeypatch.setattr(streaming, "CREDITS", size)
    monkeypatch.setattr(streaming, "VENDORS", size)
    monkeypatch.setattr(streaming, "AHEAD", size)
    many(5)
    factories.invoice(factories.vendor(), factories.entity())
    keys = [one.key for one in grouping.groups(Scope())]
    assert len(keys) == len(set(keys)) == 10
    assert keys == sorted(keys)
    for place, key in enumerate(keys):
        assert [one.key for one in grouping.groups(Scope(), after=key)] == keys[place + 1 :]
    whole = {one.key: one for one in grouping.groups(Scope())}
    assert all(whole[key] == grouping.one(*key) for key in keys)


def test_a_scope_names_vendors_an_entity_a_currency(db):
    many(3)
    keys = [one.key for one in grouping.groups(Scope())]
    vendor, entity, _currency = keys[0]
    some = [one.key for one in grouping.groups(Scope(frozenset([vendor])))]
    assert some == keys[:2]
    assert [one.key for one in grouping.groups(Scope(currency="USD"))] == keys[1::2]
    only = Scope(entity_id=entity, currency="EUR")
    assert [one.key for one in grouping.groups(only)] == [keys[0]]


def test_a_number_of_queries_that_does_not_grow_with_the_vendors(db):
    counts = []
    for n in (1, 12):
        many(n)
        with CaptureQueriesContext(connection) as captured:
            list(grouping.groups(Scope()))
        counts.append(len(captured))
        for model in (factories.Vendor, factories.Entity):
            model.objects.all().delete()
    assert counts[0] == counts[1] <= 10


def test_ids_as_text_give_the_same_suggestions(db, preparer):
    many(3)
    note = factories.CreditNote.objects.first()
    held = factories.invoice(
        factories.Vendor.objects.get(pk=note.vendor_id),
        factories.Entity.objects.get(pk=note.entity_id),
        state="IN_DRAFT", currency=note.currency,
    )  # fmt: skip
    factories.line(preparer, note, held, 100)
    said = []
    for as_text in (False, True):
        groups = [one for some in grouping.chunks(Scope(), as_text=as_text) for one in some]
        assert {type(one.id) for group in groups for one in group.credits} == {
            str if as_text else uuid.UUID
        }
        said.append(
            [
                (str(uuid.UUID(str(one.credit_id))), str(uuid.UUID(str(one.payable_id))), one[2:7])
                for group in groups
                for one in matching.match(group).suggestions
            ]
        )
    assert said[0] == said[1] and len(said[0]) == 6
