"""What a factory stores beside a fresh document is what the rules would store."""

import pytest

from clearing import balances, usable
from clearing.models import Balance
from tests import factories

STATUSES = [*usable.NOTE_NEVER, "POSTED", "", "NEW_IN_LIGHT"]
STATES = sorted(usable.NEVER | dict.fromkeys(usable.USABLE | usable.USABLE_WITH_WARNING))
ODD = [
    {}, {"amount": 0}, {"amount": None}, {"amount": -5}, {"amount": 10**15 + 1},
    {"currency": ""}, {"entity_id": None}, {"vendor_id": None}, {"gone_at": factories.NOW},
]  # fmt: skip


def same(document, **which):
    (row,) = balances.compute(**{"notes": [], "invoices": []} | which)
    stored = Balance.objects.get(document_id=document.pk)
    assert [getattr(row, name) for name in balances.FIGURES] == [
        getattr(stored, name) for name in balances.FIGURES
    ]


@pytest.mark.parametrize("status", STATUSES)
def test_a_credit_note(books, status):
    for odd in [*ODD, {"adjusts_payables": False}]:
        note = books.note(status=status, **odd)
        same(note, notes=[note.id])


@pytest.mark.parametrize("state", [*STATES, "", "NEW_IN_LIGHT"])
def test_an_invoice(books, state):
    for odd in [*ODD, {"type": "REIMBURSEMENT"}, {"type": ""}, {"outstanding_balance": None}]:
        invoice = books.invoice(state=state, **odd)
        same(invoice, invoices=[invoice.id])
