"""The first page: whom Light pays next, and until when an approval is in time."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from clearing.queries.today.days import end_of, working_day_before, working_days_after
from tests import factories
from tests.views.today.monday import FRIDAY, LATER, MONDAY, in_days, outlook


# --- the sentence ------------------------------------------------------------------------------
def test_one_sentence_says_what_leaves_the_bank(books, look):
    """EUR: invoices of 100.00 and 60.00 this week, 500.00 later; credit of 40.00.

    Of the 100.00 a proposal holds 30.00.
    """
    held = books.note(amount=3000)
    first = books.invoice(due_date=in_days(2))
    books.invoice(due_date=in_days(6), amount=6000), books.invoice(due_date=LATER, amount=50000)
    books.note(amount=4000)
    factories.line(factories.person("preparer", "p2"), held, first, 3000)
    shown = look()
    assert (
        "Light is about to pay one vendor who owes you money. Use EUR 70.00 of credit and "
        "EUR 90.00 leaves the bank instead of EUR 160.00." in shown
    )
    assert "Approving what waits for review keeps in the bank: EUR 30.00." in shown
    assert "EUR 160.00 2 invoices EUR 40.00 held: EUR 30.00 EUR 90.00" in shown


def test_currencies_are_never_added(books, look):
    books.note(amount=4000), books.invoice(due_date=in_days(2))
    books.note(currency="JPY", amount=900)
    books.invoice(currency="JPY", amount=500, due_date=in_days(3))
    books.note(currency="USD", amount=700)
    shown = look()
    assert "Use EUR 40.00 of credit and EUR 60.00 leaves the bank instead of EUR 100.00." in shown
    assert "Use JPY 500 of credit and JPY 0 leaves the bank instead of JPY 500." in shown
    assert "USD 7.00 of credit is free to use. None of it can clear an invoice now." in shown


def test_without_a_payment_ahead_it_says_what_is_free(books, look):
    books.note(amount=15000), books.invoice(due_date=LATER)
    shown = look()
    assert (
        "EUR 150.00 of credit is free to use. EUR 100.00 of it can clear invoices now, "
        "at one vendor." in shown
    )
    assert "about to pay" not in shown


@pytest.mark.parametrize("state", ["PAYMENT_PAUSED", "IN_DRAFT", "APPROVAL_PENDING"])
def test_what_is_stopped_or_not_posted_is_not_about_to_be_paid(books, look, state):
    books.note(), books.invoice(state=state, due_date=in_days(1))
    shown = look()
    assert "Nordlicht Logistik" in shown
    assert "about to pay" not in shown and "Pays within a day" not in shown


def test_the_payment_date_counts_and_the_due_date_only_without_one(books, look):
    books.note()
    books.invoice(state="SCHEDULED", due_date=in_days(1), payment_at=MONDAY + timedelta(days=20))
    assert "about to pay" not in look()
    books.invoice(state="SCHEDULED", due_date=LATER, payment_at=MONDAY + timedelta(days=4))
    shown = look()
    assert "about to pay" in shown
    assert "The next payment is on 20 Nov 2026." in shown and "due date" not in shown


# --- in time -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("due", "words"),
    [
        (4, "due on 20 Nov 2026, and Light has set no day for its payment. An approval is in time "
            "until 19 Nov 2026;"),
        (1, "An approval is in time today;"),
        (0, "The working day before it is over: an approval may come too late."),
    ],
)  # fmt: skip
def test_until_when_an_approval_is_in_time(books, look, due, words):
    books.note(), books.invoice(due_date=in_days(due))
    assert words in look()


def test_a_payment_on_monday_needs_an_approval_on_friday():
    assert working_day_before(in_days(7)) == in_days(4)
    assert working_day_before(in_days(0)) == FRIDAY.date()


@pytest.mark.parametrize(
    ("day", "third"),
    [(date(2026, 11, 16), date(2026, 11, 19)), (date(2026, 11, 19), date(2026, 11, 24)),
     (date(2026, 11, 21), date(2026, 11, 25))],
)  # fmt: skip
def test_weekends_are_no_working_days(day, third):
    assert working_days_after(day, 3) == third


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_the_ends_of_the_calendar_are_days_too(settings, day, zone):
    settings.TIME_ZONE = zone
    assert end_of(day).astimezone(ZoneInfo("UTC"))


def test_who_can_approve_is_named(books, look, approver):
    books.note()
    assert "Who can approve: Anton Appr." in look()
    for n in range(5):
        factories.person("approver", f"a{n}")
    factories.person("approver", "left", is_active=False)
    assert "a0, a1, a2, a3 and 2 more." in look()


def test_where_nobody_can_approve_it_says_so(books, look):
    books.note()
    assert "Nobody can approve yet: no person has the role of an approver." in look()


# --- the vendors -------------------------------------------------------------------------------
def test_vendors_come_in_the_order_of_their_next_payment(books, look):
    other = factories.vendor(name="Early Freight")
    books.note(amount=4000), books.invoice(due_date=in_days(3)), books.invoice(due_date=in_days(5))
    factories.credit_note(other, books.entity, amount=30000)
    factories.invoice(other, books.entity, due_date=in_days(2))
    shown = look()
    assert shown.index("Early Freight") < shown.index("Nordlicht Logistik")
    assert "18 Nov 2026 due date" in shown
    assert "EUR 200.00 2 invoices EUR 40.00 EUR 160.00" in shown
    assert "EUR 100.00 1 invoice EUR 300.00 EUR 0.00" in shown


def test_what_is_paid_later_stands_apart_with_all_that_is_open(books, look):
    later = factories.vendor(name="Late Freight")
    books.note(), books.invoice(due_date=in_days(3)), books.invoice(due_date=LATER)
    factories.credit_note(later, books.entity, amount=4000)
    factories.invoice(later, books.entity, due_date=LATER)
    rows = look().split("Paid later, paused or not posted all that is open")
    assert "Nordlicht Logistik" in rows[0] and "EUR 100.00 1 invoice EUR 100.00" in rows[0]
    assert "Late Freight 20 Dec 2026 due date Acme GmbH EUR 100.00 1 invoice EUR 40.00" in rows[1]
    assert "Nordlicht Logistik" not in rows[1]


def test_a_payment_that_is_near_or_prepared_is_said(books, look):
    books.note(), books.invoice(due_date=in_days(1))
    assert "Pays within a day" in look()
    books.invoice(state="SCHEDULED", payment_at=MONDAY + timedelta(days=6))
    assert "1 payment to be lowered" in look()


def test_an_overdue_invoice_is_said(books, look):
    books.note(), books.invoice(due_date=in_days(-1))
    assert "Overdue" in look()


def test_a_paused_payment_is_said(books, look):
    books.note(), books.invoice(state="PAYMENT_PAUSED", due_date=in_days(30))
    assert "1 payment is paused" in look()


def test_amber_is_for_what_is_near_or_prepared_for_soon(books, html):
    books.note(), books.invoice(due_date=in_days(8))
    assert "warn-row" not in html()
    later = books.invoice(state="SCHEDULED", payment_at=MONDAY + timedelta(days=9))
    assert "warn-row" not in html()
    type(later).objects.filter(pk=later.pk).update(payment_at=MONDAY + timedelta(days=6))
    assert "warn-row" in html()


def test_what_the_engine_suggests_and_what_waits_stand_beside_each_vendor(
    books, look, html, preparer, approver
):
    invoice = books.invoice(due_date=in_days(3), amount=90000)
    notes = [books.note() for _n in range(4)]
    for note, strength in zip(notes, (3, 3, 2, 0), strict=True):
        outlook(note, strength)
    line = factories.line(preparer, notes[0], invoice, 4000)
    shown = look()
    assert "2 certain, 1 likely 1 line waits for review Review 3 : Nordlicht Logistik" in shown
    assert f'href="{reverse("proposal", args=[line.proposal_id])}">1 line waits' in html()
    assert "Review 1 : Nordlicht Logistik" in look(approver)


def test_lines_of_several_proposals_lead_to_the_list(books, html, preparer):
    invoice = books.invoice(due_date=in_days(3), amount=90000)
    for _n in range(2):
        factories.line(preparer, books.note(), invoice, 4000)
    assert f'href="{reverse("proposals")}">2 lines wait for review' in html()


def test_where_all_credit_is_held_the_proposal_is_next(books, html, preparer):
    line = factories.line(preparer, books.note(), books.invoice(due_date=in_days(3)), 10000)
    act = html().split('<td class="act">')[1].split("</td>")[0]
    assert f'href="{reverse("proposal", args=[line.proposal_id])}">See' in act


def test_others_look_and_do_not_clear(books, look, viewer):
    books.note(), books.invoice()
    assert "Clear this vendor" in look()
    assert "Clear this vendor" not in look(viewer) and "See : Nordlicht" in look(viewer)
