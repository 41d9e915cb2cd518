"""A move counts each amount once at every moment between its two steps."""

import pytest
from django.test import override_settings

from clearing import balances
from clearing.models import Clearing, CreditNote, Instruction
from clearing.services import proposing
from tests import factories
from tests.services.moving_world import Cleared, approve, available, step


@override_settings(PARTIALLY_CLEARED_LINKABLE=True)
@pytest.mark.parametrize(("cleared_amount", "amount"), [(10000, 10000), (6000, 6000), (6000, 8000),
                                                        (6000, 3000)])  # fmt: skip
def test_what_is_free_at_every_moment_of_a_move(books, preparer, approver, cleared_amount, amount):
    """Free is never more than what is left beside the larger of the clearing and the new link."""
    move = Cleared(books, cleared_amount)
    during = 10000 - max(cleared_amount, amount)
    after = 10000 - amount
    proposal = move.move(preparer, amount=amount)
    first, second = proposal.lines.all()
    assert (available(move.note), available(move.target)) == (during, 50000 - amount)
    approve(first, approver)
    for name in ("claim", "done"):
        step(first, name, **({"done_at": factories.NOW} if name == "done" else {}))
        assert (available(move.note), available(move.target)) == (during, 50000 - amount)
    Clearing.objects.update(gone_at=factories.NOW)
    CreditNote.objects.filter(pk=move.note.id).update(status="POSTED")
    balances.refresh(notes=[move.note.id], invoices=[move.target.id])
    assert available(move.note) == after, "gone, though not settled by a later read"
    Instruction.objects.filter(pk=first.pk).update(shown_at=factories.NOW)
    balances.refresh(notes=[move.note.id], invoices=[move.target.id])
    for name in ("claim", "done"):
        step(second, name, **({"done_at": factories.NOW} if name == "done" else {}))
        assert (available(move.note), available(move.target)) == (after, 50000 - amount)


@override_settings(PARTIALLY_CLEARED_LINKABLE=True)
def test_what_a_move_holds_cannot_be_proposed_elsewhere(books, preparer):
    move = Cleared(books, 6000)
    move.move(preparer, amount=9000)
    wanted = [proposing.Wanted(move.note.id, books.invoice(amount=99999).id, 1001)]
    group = {"vendor_id": move.note.vendor_id, "entity_id": move.note.entity_id, "currency": "EUR"}
    with pytest.raises(proposing.Problems) as problems:
        proposing.propose(wanted=wanted, by=preparer, **group)
    assert "Only EUR 10.00" in problems.value.cells[wanted[0].cell]
