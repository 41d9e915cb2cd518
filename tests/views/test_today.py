"""The first page: figures per currency, payments in order, what waits, and the first run."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clearing.models import SyncRun
from clearing.queries.today import working_days_after
from clearing.services import suspecting
from tests import factories


@pytest.fixture
def look(client, preparer):
    """The page's text without its tags, as a preparer sees it."""

    def get(by=preparer):
        client.force_login(by)
        answer = client.get(reverse("today"))
        assert answer.status_code == 200
        main = answer.content.decode().split("<main")[1].split("</main>")[0]
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace(" .", ".")

    return get


def test_free_and_usable_are_said_per_currency_and_never_added(books, look):
    books.note(amount=15000), books.invoice()
    books.note(currency="JPY", amount=900)
    shown = look()
    assert "EUR 150.00 of credit is free to use. EUR 100.00 of it can clear invoices now" in shown
    assert "JPY 900 of credit is free to use. None of it can clear an invoice now." in shown


def test_vendors_come_in_the_order_of_their_next_payment(books, look, django_user_model):
    other = factories.vendor(name="Early Freight")
    books.note(amount=4000), books.invoice(due_date=date(2099, 5, 2))
    books.invoice(due_date=date(2099, 6, 1))
    factories.credit_note(other, books.entity, amount=30000)
    factories.invoice(other, books.entity, due_date=date(2099, 5, 1))
    shown = look()
    assert shown.index("Early Freight") < shown.index("Nordlicht Logistik")
    assert "1 May 2099 due date" in shown
    assert "EUR 200.00 2 invoices EUR 40.00 EUR 160.00" in shown
    assert "EUR 100.00 1 invoice EUR 300.00 EUR 0.00" in shown


def test_a_payment_that_is_near_or_prepared_is_said(books, look):
    soon = timezone.localdate() + timedelta(days=1)
    books.note(), books.invoice(due_date=soon)
    assert "Pays within a day" in look()
    books.invoice(state="SCHEDULED", payment_at=timezone.now() + timedelta(days=9))
    assert "1 payment to be lowered" in look()


def test_amber_is_for_what_is_near_or_prepared_for_soon(books, client, preparer):
    def amber():
        client.force_login(preparer)
        return "warn-row" in client.get(reverse("today")).content.decode()

    today = timezone.localdate()
    books.note(), books.invoice(due_date=today + timedelta(days=8))
    assert not amber()
    later = books.invoice(state="SCHEDULED", payment_at=timezone.now() + timedelta(days=9))
    assert not amber()
    type(later).objects.filter(pk=later.pk).update(payment_at=timezone.now() + timedelta(days=6))
    assert amber()


@pytest.mark.parametrize(
    ("day", "third"),
    [(date(2026, 11, 16), date(2026, 11, 19)), (date(2026, 11, 19), date(2026, 11, 24)),
     (date(2026, 11, 21), date(2026, 11, 25))],
)  # fmt: skip
def test_weekends_are_no_working_days(day, third):
    assert working_days_after(day, 3) == third


def test_an_overdue_invoice_is_said(books, look):
    books.note(), books.invoice(due_date=timezone.localdate() - timedelta(days=1))
    assert "Overdue" in look()


def test_what_waits_is_counted_by_who_proposed_it(books, look, preparer, approver):
    note = books.note()
    factories.line(preparer, note, books.invoice(), 4000)
    assert "1 line of yours waits for another person's review" in look().replace("&#x27;", "'")
    shown = look(approver)
    assert "1 line waits for review" in shown
    assert "EUR 40.00 waits for review." in shown
    assert "EUR 60.00 of credit is free to use." in shown


def test_what_was_sent_back_to_me_is_listed_until_dealt_with(books, look, preparer, approver):
    note, invoice = books.note(), books.invoice()
    line = factories.line(
        preparer, note, invoice, 4000, state="rejected", changed_at=timezone.now()
    )
    assert f"Your proposal {line.proposal_id}" in look()
    assert "Rejected" in look()
    assert "Your proposal" not in look(approver)
    line.dealt_at = timezone.now()
    line.save()
    assert "Your proposal" not in look()


def test_others_look_and_do_not_clear(books, look, viewer):
    books.note(), books.invoice()
    assert "Clear this vendor" in look()
    assert "Clear this vendor" not in look(viewer)


def test_before_the_first_sync(look):
    assert "Nothing has been read from Light yet" in look()


def test_while_the_lists_are_read(look):
    SyncRun.objects.create(full=True, started_at=timezone.now(), documents=120, pages=3)
    shown = look()
    assert "Reading Light for the first time" in shown
    assert "120 documents on 3 pages so far" in shown


def test_while_the_details_are_read(look):
    now = timezone.now()
    SyncRun.objects.create(
        full=True, started_at=now, lists_done_at=now, details_total=50, details_done=7
    )
    assert "7 of 50 documents read in full" in look()


def test_when_light_could_not_be_read(look):
    factories.synced(state="failed", problem="The key does not work.")
    assert "The key does not work." in look()


def test_when_no_credit_is_free(look):
    factories.synced()
    assert "No credit is free to use" in look()


def test_the_page_needs_few_queries_whatever_its_size(
    books, client, preparer, django_assert_max_num_queries
):
    for n in range(20):
        vendor = factories.vendor(name=f"Vendor {n}")
        note = factories.credit_note(vendor, books.entity)
        factories.line(preparer, note, factories.invoice(vendor, books.entity), 100)
    client.force_login(preparer)
    with django_assert_max_num_queries(14):
        answer = client.get(reverse("today"))
    assert "5 smaller ones are not listed here." in answer.content.decode()


def test_lists_that_wait_are_one_line_of_links(books, client, preparer):
    books.note(status="DRAFT", amount=1), books.note(status="DRAFT", amount=2)
    books.note(document_number="8213"), books.note(document_number="GS-8213")
    factories.clearing(books.invoice(), books.note(amount=77), 77, gone_at=timezone.now())
    books.invoice(document_name="Gutschrift.pdf")
    for _n in range(12):
        suspecting.look(factories.NOW)
    client.force_login(preparer)
    page = client.get(reverse("today")).content.decode()
    line = re.search(r'<p class="to-do">(.*?)</p>', page)[1]
    assert re.sub(r"<[^>]+>", "", line) == (
        "2 drafts to complete · 1 possible duplicate · 1 invoice that looks like a credit note · "
        "1 invoice re-opened"
    )
    for name in ("drafts", "duplicates", "filed_as_invoices", "reopened"):
        assert f'href="{reverse(name)}"' in line


def test_nothing_waits_where_every_list_is_empty(books, client, preparer):
    books.note()
    client.force_login(preparer)
    assert "to-do" not in client.get(reverse("today")).content.decode()


def test_lists_wait_where_no_credit_is_free_too(books, look):
    factories.synced()
    books.note(status="DRAFT")
    shown = look()
    assert "No credit is free to use" in shown
    assert "1 draft to complete" in shown
