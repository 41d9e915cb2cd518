"""Two transactions at once on PostgreSQL: no credit is given twice, nobody waits in a circle."""

import threading
import time
import uuid

import pytest
from django.db import OperationalError, connection, transaction

from clearing import balances, workflow
from clearing.models import Balance, Instruction
from clearing.services import changing, proposing, reviewing
from clearing.services.proposing import Problems, Wanted
from tests import factories

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has one writer at a time (DATABASE_URL)"
    ),
]
EXPECTED = (Problems, workflow.Conflict, ValueError, OperationalError)
WHILE = 0.4  # seconds for the second transaction to come as far as it can


@pytest.fixture
def world():
    books = factories.Books()
    books.preparer, books.approver = factories.person("preparer"), factories.person("approver")
    books.other = factories.person("preparer", "other")
    return books


def during(first, second):
    """Run `second` in a thread while the transaction of `first` is open; what each ended with."""
    ended = {}

    def attempt(name, act):
        try:
            ended[name] = act()
        except EXPECTED as error:
            ended[name] = error

    def in_thread():
        try:
            attempt("second", second)
        finally:
            connection.close()

    thread = threading.Thread(target=in_thread)
    with transaction.atomic():
        attempt("first", first)
        thread.start()
        time.sleep(WHILE)
    thread.join(20)
    assert not thread.is_alive()
    assert not isinstance(ended["first"], EXPECTED), ended
    return ended["first"], ended["second"]


def draft(world, **fields):
    """An invoice that is not posted: a credit may pay many of them."""
    return world.invoice(state="IN_DRAFT", **fields)


def propose(world, by, note, invoice, amount):
    return proposing.propose(
        vendor_id=world.vendor.id, entity_id=world.entity.id, currency="EUR", by=by,
        wanted=[Wanted(note.id, invoice.id, amount)],
    )  # fmt: skip


def available(document):
    return Balance.objects.get(pk=document.id).available


def test_a_balance_is_never_overwritten_by_an_older_sum(world):
    note, invoice = world.note(), draft(world)
    during(
        lambda: propose(world, world.preparer, note, invoice, 6000),
        lambda: balances.refresh(notes=[note.id], invoices=[invoice.id]),
    )
    assert (available(note), available(invoice)) == (4000, 4000)


def test_an_approval_beside_a_proposal_counts_both(world):
    note = world.note()
    line = factories.line(world.other, note, draft(world), 3000)
    during(
        lambda: propose(world, world.preparer, note, draft(world), 6000),
        lambda: reviewing.approve(line, seen_hash=line.content_hash, by=world.approver),
    )
    assert available(note) == 1000
    with pytest.raises(Problems):
        propose(world, world.preparer, note, draft(world), 1001)


def test_two_proposals_do_not_share_a_credit(world):
    note = world.note()
    one, other = draft(world), draft(world)
    _first, second = during(
        lambda: propose(world, world.preparer, note, one, 6000),
        lambda: propose(world, world.other, note, other, 6000),
    )
    assert isinstance(second, Problems)
    assert Instruction.objects.count() == 1


def test_a_raised_amount_and_a_proposal_do_not_share_a_credit(world):
    note = world.note()
    planned, other = draft(world), draft(world)
    factories.link(note, planned, 4000)
    _first, second = during(
        lambda: changing.change_amount(
            credit_note_id=note.id, invoice_payable_id=planned.id, amount=9000,
            reason_code="split", reason="", by=world.preparer,
        ),
        lambda: propose(world, world.other, note, other, 2000),
    )  # fmt: skip
    assert isinstance(second, Problems)


def archive(world, note):
    return changing.archive(
        credit_note_id=note.id, reason_code="duplicate", reason="", by=world.preparer
    )


def test_a_credit_is_not_cancelled_while_it_is_proposed(world):
    note, invoice = world.note(), draft(world)
    _first, second = during(
        lambda: propose(world, world.other, note, invoice, 2000), lambda: archive(world, note)
    )
    assert isinstance(second, workflow.Conflict)


def test_a_credit_is_not_proposed_while_it_is_cancelled(world):
    note, invoice = world.note(), draft(world)
    _first, second = during(
        lambda: archive(world, note), lambda: propose(world, world.other, note, invoice, 2000)
    )
    assert isinstance(second, Problems)


def test_one_pair_is_proposed_once(world):
    note, invoice = world.note(), draft(world)
    _first, second = during(
        lambda: propose(world, world.preparer, note, invoice, 2000),
        lambda: propose(world, world.other, note, invoice, 2000),
    )
    assert isinstance(second, workflow.Conflict)
    assert "preparer’s proposal" in str(second)


def test_approve_and_take_back_have_one_winner(world):
    line = factories.line(world.preparer, world.note(), draft(world))
    same = Instruction.objects.get(pk=line.pk)
    _first, second = during(
        lambda: reviewing.take_back(line, by=world.preparer),
        lambda: reviewing.approve(same, seen_hash=same.content_hash, by=world.approver),
    )
    assert isinstance(second, workflow.Conflict)
    assert (line.state, same.state) == ("taken_back", "taken_back")


def test_balances_are_locked_in_one_order(world):
    """The sync writes notes before invoices, whatever their ids: proposing must do the same."""
    note = world.note(id=uuid.UUID(int=2**128 - 1))
    invoice = world.invoice(id=uuid.UUID(int=1))
    locked = threading.Event()

    def sync():
        with transaction.atomic():
            balances.refresh(notes=[note.id])
            locked.set()
            time.sleep(WHILE)
            balances.refresh(invoices=[invoice.id])

    def in_thread():
        try:
            sync()
        except OperationalError as error:
            failed.append(error)
        finally:
            connection.close()

    failed = []
    thread = threading.Thread(target=in_thread)
    thread.start()
    assert locked.wait(5)
    propose(world, world.preparer, note, invoice, 2000)
    thread.join(20)
    assert not failed
    assert available(note) == 8000
