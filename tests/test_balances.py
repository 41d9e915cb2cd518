"""Balances: the stored columns, the formula in Python and the formula in SQL agree."""

import random
from datetime import timedelta

import pytest
from django.db import connection

from clearing import balances, usable
from clearing.models import Balance, CreditNote, InvoicePayable
from tests import factories

PAIRS = """
WITH ours AS (
    SELECT credit_note_id, invoice_payable_id, MAX(amount) AS amount
    FROM clearing_instruction
    WHERE kind IN ('link', 'amend')
      AND (state IN ('proposed', 'ready', 'sending', 'unknown', 'needs_person')
           OR (state = 'done' AND shown_at IS NULL))
    GROUP BY credit_note_id, invoice_payable_id
), cleared AS (
    SELECT credit_note_id, invoice_payable_id, SUM(amount) AS amount
    FROM clearing_clearing
    WHERE type = 'CN' AND gone_at IS NULL AND credit_note_id IS NOT NULL
    GROUP BY credit_note_id, invoice_payable_id
), linked AS (
    SELECT credit_note_id, invoice_payable_id, amount FROM clearing_link WHERE gone_at IS NULL
), keys AS (
    SELECT credit_note_id, invoice_payable_id FROM ours
    UNION SELECT credit_note_id, invoice_payable_id FROM cleared
    UNION SELECT credit_note_id, invoice_payable_id FROM linked
), pairs AS (
    SELECT keys.credit_note_id, keys.invoice_payable_id, invoice.state,
           COALESCE(ours.amount, 0) AS ours, COALESCE(cleared.amount, 0) AS cleared,
           COALESCE(linked.amount, 0) AS linked
    FROM keys
    JOIN clearing_invoicepayable invoice ON invoice.id = keys.invoice_payable_id
    LEFT JOIN ours ON ours.credit_note_id = keys.credit_note_id
                  AND ours.invoice_payable_id = keys.invoice_payable_id
    LEFT JOIN cleared ON cleared.credit_note_id = keys.credit_note_id
                  AND cleared.invoice_payable_id = keys.invoice_payable_id
    LEFT JOIN linked ON linked.credit_note_id = keys.credit_note_id
                  AND linked.invoice_payable_id = keys.invoice_payable_id
)
"""
NOTES = """
SELECT note.id, note.amount - COALESCE(SUM(CASE
    WHEN pairs.cleared > 0 THEN pairs.cleared
    WHEN pairs.state IN ({posted}) THEN pairs.ours
    WHEN pairs.linked > pairs.ours THEN pairs.linked ELSE pairs.ours END), 0)
FROM clearing_creditnote note LEFT JOIN pairs ON pairs.credit_note_id = note.id
WHERE note.status = 'POSTED' GROUP BY note.id, note.amount
"""
INVOICES = """
SELECT invoice.id, invoice.outstanding_balance - COALESCE(SUM(CASE
    WHEN pairs.cleared > 0 AND invoice.state IN ({posted}) THEN 0
    WHEN pairs.cleared > 0 THEN pairs.cleared
    WHEN invoice.state IN ({posted}) THEN pairs.ours
    WHEN pairs.linked > pairs.ours THEN pairs.linked ELSE pairs.ours END), 0)
FROM clearing_invoicepayable invoice LEFT JOIN pairs ON pairs.invoice_payable_id = invoice.id
GROUP BY invoice.id, invoice.outstanding_balance
"""


def by_sql(select):
    posted = ", ".join(f"'{state}'" for state in sorted(usable.POSTED))
    with connection.cursor() as cursor:
        cursor.execute(PAIRS + select.format(posted=posted))
        return {str(key).replace("-", ""): value for key, value in cursor.fetchall()}


def stored(kind):
    rows = Balance.objects.filter(kind=kind).values_list("document_id", "available")
    return {document.hex: available for document, available in rows}


@pytest.mark.parametrize("seed", range(12))
def test_stored_python_and_sql_agree(books, preparer, approver, seed):
    luck = random.Random(seed)
    notes = [books.note(amount=luck.randint(5000, 90000)) for _ in range(4)]
    states = ["IN_DRAFT", "APPROVAL_PENDING", "UNPAID", "SCHEDULED", "PARTIALLY_PAID", "ODD"]
    invoices = [
        books.invoice(amount=luck.randint(5000, 90000), state=luck.choice(states)) for _ in range(5)
    ]
    for note in notes:
        for invoice in invoices:
            amount = luck.randint(1, 2000)
            if luck.random() < 0.3:
                gone = factories.NOW if luck.random() < 0.2 else None
                factories.link(note, invoice, amount, gone_at=gone)
            if luck.random() < 0.3:
                state = luck.choice(["proposed", "ready", "done", "rejected", "refused", "fallen"])
                factories.line(
                    preparer, note, invoice, luck.randint(1, 2000), approved_by=approver,
                    state=state, done_at=factories.NOW if state == "done" else None,
                    shown_at=factories.NOW if luck.random() < 0.5 else None,
                )  # fmt: skip
            if luck.random() < 0.3 and invoice.state in usable.POSTED:
                factories.clearing(invoice, note, luck.randint(1, 2000))
    assert stored("credit_note") == by_sql(NOTES)
    assert stored("invoice") == by_sql(INVOICES)
    everything = balances.compute(
        CreditNote.objects.values_list("id", flat=True),
        InvoicePayable.objects.values_list("id", flat=True),
    )
    kept = {row.document_id: row for row in Balance.objects.all()}
    fields = ("available", "available_key", "held", "planned", "cleared", "usable")
    for row in everything:
        assert [getattr(row, f) for f in fields] == [
            getattr(kept[row.document_id], f) for f in fields
        ]


@pytest.mark.parametrize(
    ("status", "free"),
    [
        ("POSTED", 10000), ("DRAFT", 0), ("APPROVED", 0), ("CLEARED", 0), ("ARCHIVED", 0),
        ("UNDER_DISPUTE", 0), ("PARTIALLY_CLEARED", 10000),
    ],
)  # fmt: skip
def test_free_to_use_by_status(books, status, free):
    note = books.note(status=status)
    assert Balance.objects.get(pk=note.id).available == free


def test_a_partly_cleared_note_is_unknown_until_payments_were_read(books):
    invoice = books.invoice(payments_read_at=None)
    note = books.note(status="PARTIALLY_CLEARED")
    row = Balance.objects.get(pk=note.id)
    assert (row.available, row.available_key, row.usable) == (None, -1, False)
    InvoicePayable.objects.filter(pk=invoice.id).update(payments_read_at=factories.NOW)
    factories.clearing(invoice, note, 7000)
    assert Balance.objects.get(pk=note.id).available == 3000


def test_a_link_of_a_posted_invoice_is_not_counted(books):
    note, invoice = books.note(), books.invoice(state="UNPAID")
    factories.link(note, invoice, 4000, fate="not_honoured")
    assert Balance.objects.get(pk=note.id).available == 10000
    assert Balance.objects.get(pk=invoice.id).available == 10000


def test_a_link_counts_while_what_its_posted_invoice_cleared_is_being_read(books):
    """Light stops listing it at once; until its clearing was read, the credit is not free."""
    note, invoice = books.note(), books.invoice(state="UNPAID")
    factories.link(note, invoice, 4000, fate="checking", gone_at=factories.NOW)
    assert Balance.objects.get(pk=note.id).available == 6000
    factories.clearing(invoice, note, 4000)
    assert Balance.objects.get(pk=note.id).available == 6000


def test_a_done_line_counts_until_a_later_read_settled_it(books, preparer, approver):
    note, invoice = books.note(), books.invoice()
    line = factories.line(
        preparer, note, invoice, 4000, approved_by=approver, state="done", done_at=factories.NOW
    )
    assert Balance.objects.get(pk=note.id).available == 6000
    assert Balance.objects.get(pk=invoice.id).available == 6000
    line.shown_at = factories.NOW + timedelta(seconds=5)
    line.save()
    balances.refresh_lines([line])
    assert Balance.objects.get(pk=invoice.id).available == 10000


def test_a_note_about_to_be_cancelled_is_not_usable(books, preparer):
    note = books.note()
    factories.line(preparer, note, None, kind="archive", amount=10000)
    assert not Balance.objects.get(pk=note.id).usable


def test_extremes_are_shown_and_never_usable(books):
    note = books.note(amount=2**63 - 1)
    invoice = books.invoice(amount=-(2**63), outstanding_balance=-(2**63), state="IN_DRAFT")
    factories.link(note, invoice, 2**63 - 1)
    rows = Balance.objects.filter(document_id__in=[note.id, invoice.id])
    assert [row.usable for row in rows] == [False, False]
