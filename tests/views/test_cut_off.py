"""What touches a closed or VAT-filed month says so before it is made; nothing is held up by it."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearing import balances
from clearing.models import CreditNote, Instruction, Months
from clearing.queries import cut_off
from tests import factories
from tests.views.clearing_page import Page
from tests.views.pages import words

SEPTEMBER, OCTOBER = date(2026, 9, 14), date(2026, 10, 14)
CLOSED = "September 2026 is closed."
TO_BOOK = f"{CLOSED} INV-1 is still to be booked in it."
REVERSES = f"{CLOSED} This reverses a booking of that month."


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-21 12:00", tick=False):
        yield


@pytest.fixture
def closed(books, controller):
    """September is closed; INV-1 is a draft of it."""
    Months.objects.create(
        entity_id=books.entity.pk, closed_through=date(2026, 9, 30), changed_at=factories.NOW,
        changed_by=controller,
    )  # fmt: skip
    return books.entity


@pytest.fixture
def invoice(books):
    return books.invoice(invoice_number="INV-1", state="IN_DRAFT", issued_date=SEPTEMBER)


def october(document, name="issued_date"):
    """The same document, dated in a month that is open."""
    setattr(document, name, OCTOBER)
    document.save()


def said_of(client, document, url, sentence, name="issued_date"):
    """The page says it, and no longer once the document is of an open month."""
    assert sentence in words(client.get(url))
    october(document, name)
    assert "September 2026 is closed" not in words(client.get(url))


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"issued_date": SEPTEMBER}, True),
        ({"issued_date": OCTOBER}, False),
        ({"issued_date": None}, False),
        ({"issued_date": SEPTEMBER, "state": "UNPAID"}, False),  # posted: nothing is booked there
        ({"issued_date": SEPTEMBER, "state": "NEW_STATE"}, True),
    ],
)
def test_an_invoice_that_is_still_to_be_booked(books, closed, document, told):
    one = books.invoice(**{"invoice_number": "INV-1", "state": "IN_DRAFT"} | document)
    assert cut_off.booking(one, cut_off.books_of([one.entity_id])) == (TO_BOOK if told else "")
    assert cut_off.booking(one, {}) == "" and cut_off.booking(None, {}) == ""


def test_filed_counts_as_much_as_closed(books, closed, invoice):
    Months.objects.update(closed_through=None, vat_filed_through=date(2026, 9, 30))
    found = cut_off.booking(invoice, cut_off.books_of([closed.pk]))
    assert found == "The VAT of September 2026 is filed. INV-1 is still to be booked in it."


def test_the_clearing_page(client, books, preparer, closed, invoice):
    client.force_login(preparer)
    books.note()
    bench = Page(client, books)
    shown = words(bench.get())
    assert TO_BOOK in shown and "Propose 1 link" in shown, "said, and not held up"
    october(invoice)
    assert CLOSED not in words(bench.get())


def test_a_credit_note_of_a_closed_month_may_be_linked(client, books, preparer, closed, invoice):
    """Linking it books nothing into its own month."""
    october(invoice)
    books.note(posting_date=SEPTEMBER)
    client.force_login(preparer)
    assert CLOSED not in words(Page(client, books).get())


def test_a_plan_says_it_of_the_link_and_of_all(as_preparer, books, preparer, closed, invoice):
    plan = factories.plan_line(preparer, books.note(), invoice).group.plan
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = words(as_preparer.get(reverse("plan", args=[plan.pk])))
    assert TO_BOOK in page
    assert len(asked) <= 15
    url = reverse("propose_plan", args=[plan.pk])
    sentence = (
        "1 link goes to an invoice that is still to be booked in a month that is closed or whose "
        "VAT is filed."
    )
    assert sentence in words(as_preparer.get(url))
    october(invoice)
    assert "still to be booked" not in words(as_preparer.get(url))


@pytest.mark.parametrize("but", ["posted", "dropped", "skipped", "another entity's"])
def test_a_plan_counts_open_links_to_unbooked_invoices_alone(
    books, preparer, controller, closed, invoice, but
):
    line = factories.plan_line(preparer, books.note(), invoice)
    if but == "posted":
        invoice.state = "UNPAID"
        invoice.save()
    elif but == "dropped":
        line.amount = 0
        line.save()
    elif but == "skipped":
        line.group.skipped_at = factories.NOW
        line.group.save()
    else:
        Months.objects.all().delete()
    assert cut_off.of_plan(line.group.plan) == ""


def test_changing_a_links_amount(as_preparer, books, closed, invoice):
    link = factories.link(books.note(), invoice, 4000)
    url = reverse("change_amount", args=[link.credit_note_id, invoice.pk])
    said_of(as_preparer, invoice, url, TO_BOOK)


def test_moving_a_clearing_to_it(as_preparer, books, closed, invoice):
    note = books.note(status="CLEARED")
    old = books.invoice(invoice_number="INV-A", state="COMPLETED", outstanding_balance=0)
    entry = factories.clearing(old, note, 10000, payment_date=OCTOBER)
    balances.refresh(notes=[note.id], invoices=[old.id])
    url = reverse("move_clearing", args=[note.pk, old.pk])
    said_of(as_preparer, invoice, url, TO_BOOK)
    entry.payment_date = SEPTEMBER
    entry.save()
    assert CLOSED in words(as_preparer.get(url)), "what is undone, too"


def test_undoing_a_clearing(as_preparer, books, closed):
    note, paid = books.note(status="CLEARED"), books.invoice(state="COMPLETED")
    entry = factories.clearing(paid, note, 10000, payment_date=SEPTEMBER)
    url = reverse("undo_clearing", args=[note.pk, paid.pk])
    said_of(as_preparer, entry, url, CLOSED, "payment_date")


def test_cancelling_a_posted_credit_note(as_preparer, books, closed):
    note = books.note(posting_date=SEPTEMBER)
    said_of(as_preparer, note, reverse("archive", args=[note.pk]), CLOSED, "posting_date")


def test_cancelling_many(as_preparer, books, closed):
    note = books.note(posting_date=SEPTEMBER)
    draft = books.note(status="DRAFT", posting_date=SEPTEMBER, document_number="CN-D")
    url = f"{reverse('archive_many')}?note={note.pk}&note={draft.pk}"
    page = words(as_preparer.get(url))
    assert page.count(REVERSES) == 1, "a draft was never booked"
    october(note, "posting_date")
    assert CLOSED not in words(as_preparer.get(url))


@pytest.mark.parametrize("many", [False, True])
def test_posting_a_draft(client, controller, draft, books, closed, many):
    client.force_login(controller)
    CreditNote.objects.filter(pk=draft.pk).update(document_date=SEPTEMBER)
    draft.refresh_from_db()
    one = reverse("post_note", args=[draft.pk])
    url = f"{reverse('post_drafts')}?note={draft.pk}" if many else one
    said_of(client, draft, url, CLOSED, "document_date")


def test_a_draft_made_from_its_invoice(as_preparer, invoice, closed):
    sentence = (
        f"{CLOSED} If the draft takes over the invoice's date, change it before it is posted."
    )
    said_of(as_preparer, invoice, reverse("create_credit_note", args=[invoice.pk]), sentence)


# --- for who approves ---
KINDS = {
    "link": TO_BOOK, "raise": TO_BOOK, "lower": "", "unlink": "", "archive": REVERSES,
    "reverse": REVERSES, "reverse and cancel": REVERSES, "post": f"{CLOSED} CN-1 is still",
}  # fmt: skip


@pytest.mark.parametrize("what", KINDS)
def test_the_page_of_review(client, books, preparer, approver, closed, invoice, what):
    note = books.note(document_number="CN-1", posting_date=SEPTEMBER)
    kind, more, to = what.split(" ")[0], {}, invoice
    if what in {"raise", "lower"}:
        kind, more = "amend", {"previous_amount": 3000 if what == "raise" else 9000}
    elif kind in {"archive", "post"}:
        to = None
    elif kind == "reverse":
        to = books.invoice(state="COMPLETED")
        day = OCTOBER if "cancel" in what else SEPTEMBER
        entry = factories.clearing(to, note, 5000, payment_date=day)
        more = {"clearing_id": entry.accounting_document_id, "archives": "cancel" in what}
    if kind == "post":
        CreditNote.objects.filter(pk=note.pk).update(status="DRAFT")
    line = factories.line(preparer, note, to, 5000, kind=kind, **more)
    client.force_login(approver)
    page = words(client.get(reverse("proposal", args=[line.proposal_id])))
    assert KINDS[what] in page
    if not KINDS[what]:
        assert CLOSED not in page
    assert Instruction.objects.get().state == "proposed"
