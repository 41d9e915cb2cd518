"""What the lists say of documents: sums that never overflow, filters that agree with sentences."""

import pytest

from clearing.models import Balance, CreditNote, InvoicePayable
from clearing.queries import documents, sums
from tests import factories

INT64 = 2**63 - 1


def test_totals_are_exact_beyond_int64(books):
    for amount in (INT64, INT64, -INT64, 1, None):
        books.note(amount=amount)
    books.note(amount=5, currency="JPY")
    found = sums.totals(CreditNote.objects.all())
    assert (found.count, found.capped, found.codes) == (6, False, ["EUR", "JPY"])
    eur, jpy = found.by_currency
    assert (eur.amount, eur.count, eur.unknown) == (INT64 + 1, 5, 1)
    assert (jpy.amount, jpy.available) == (5, 5)


def test_too_many_rows_are_counted_no_further_unless_asked(books, monkeypatch):
    monkeypatch.setattr(sums, "MOST", 3)
    for _n in range(5):
        books.note(amount=100)
    notes = CreditNote.objects.all()
    capped = sums.totals(notes)
    assert (capped.count, capped.capped, capped.by_currency) == (4, True, [])
    whole = sums.totals(notes, everything=True)
    assert (whole.count, whole.by_currency[0].amount) == (5, 500)
    books.note(amount=7, currency="USD")
    usd = sums.totals_in(notes, "USD")
    assert (usd.count, usd.by_currency[0].amount) == (1, 7)


NOTES = [
    {}, {"status": "DRAFT"}, {"status": "CLEARED"}, {"status": "UNDER_DISPUTE"},
    {"amount": None}, {"currency": ""}, {"adjusts_payables": False}, {"gone_at": factories.NOW},
    {"amount": 2**62}, {"entity_id": None}, {"vendor_id": None},
]  # fmt: skip
INVOICES = [
    {}, {"state": "PAID"}, {"state": "FROZEN"}, {"type": "REIMBURSEMENT"}, {"amount": None},
    {"outstanding_balance": None}, {"outstanding_balance": 0}, {"gone_at": factories.NOW},
    {"state": "SCHEDULED"}, {"state": "IN_DRAFT"},
]  # fmt: skip


@pytest.mark.parametrize("fields", NOTES, ids=repr)
def test_a_credit_note_is_usable_now_or_has_its_sentence(books, fields):
    agree(books.note(**fields), CreditNote, Balance.Kind.CREDIT_NOTE, documents.note_problem)


@pytest.mark.parametrize("fields", INVOICES, ids=repr)
def test_an_invoice_is_usable_now_or_has_its_sentence(books, fields):
    agree(books.invoice(**fields), InvoicePayable, Balance.Kind.INVOICE, documents.invoice_problem)


def agree(document, model, kind, problem):
    """The filter, which asks the stored column, and the sentence, which asks the rules."""
    balance = Balance.objects.filter(pk=document.pk).first()
    said = problem(document, balance)
    now = documents.by_use(model.objects.all(), kind, "now").exists()
    assert now is (said is None)
    assert documents.by_use(model.objects.all(), kind, "not").exists() is not now


def test_a_hold_names_who_and_since_when(books, preparer):
    note = books.note()
    for _n in range(3):
        factories.line(preparer, note, books.invoice(state="IN_DRAFT"), 100)
    words = documents.holds([note.pk])[note.pk].words
    assert words.startswith("Held by Paula Prep since ") and words.endswith("and 2 more lines")
    assert documents.by_use(CreditNote.objects.all(), "credit_note", "held").count() == 1
