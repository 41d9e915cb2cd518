"""The first page: what was paid, what came in, who waits; and before the first sync."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clearing.models import Decision, SyncRun
from clearing.services import suspecting
from tests import factories
from tests.views.today.monday import FRIDAY, LATER, MONDAY, in_days, just_changed, outlook


# --- what was paid -----------------------------------------------------------------------------
def test_what_was_paid_beside_free_credit_is_said_afterwards(books, look, html):
    invoice = just_changed(books.invoice(state="PAID", invoice_number="INV-1"))
    books.note(amount=31000)
    factories.clearing(invoice, None, 10000, payment_date=MONDAY.date(),
                       changed_at=MONDAY)  # fmt: skip
    shown = look().split("Paid in the last 7 days")[1]
    assert "16 Nov 2026 paid today Acme GmbH INV-1 EUR 100.00 EUR 310.00" in shown
    assert "warn-row" in html() and "alert-row" not in html()


def test_what_is_with_the_bank_counts_and_what_was_paid_long_ago_does_not(books, look):
    books.note(amount=31000)
    long_ago = MONDAY - timedelta(days=8)
    just_changed(books.invoice(state="PAID", payment_at=long_ago, invoice_number="OLD"))
    assert "Paid in the last 7 days" not in look()
    just_changed(books.invoice(state="PAYMENT_PENDING", payment_at=MONDAY))
    assert "being paid" in look() and "OLD" not in look()


def test_a_payment_without_free_credit_is_not_told(books, look):
    invoice = just_changed(books.invoice(state="PAID"))
    factories.clearing(invoice, None, 10000, payment_date=MONDAY.date(),
                       changed_at=MONDAY)  # fmt: skip
    books.note(currency="USD")
    assert "Paid in the last 7 days" not in look()


@pytest.mark.parametrize("how", ["not honoured", "fallen", "waiting"])
def test_red_where_credit_was_planned_and_not_used(books, look, html, preparer, how):
    note, invoice = books.note(amount=31000), books.invoice(amount=40000)
    if how == "not honoured":
        factories.link(note, invoice, 31000, fate="not_honoured", fate_at=MONDAY)
    else:
        state = "fallen" if how == "fallen" else "proposed"
        factories.line(preparer, note, invoice, 31000, state=state, changed_at=MONDAY)
    type(invoice).objects.update(state="PAID", changed_at=MONDAY)
    factories.clearing(invoice, None, 40000, payment_date=in_days(-1), changed_at=MONDAY)
    shown = look().split("Paid in the last 7 days")[1]
    assert "Not used EUR 310.00 of credit was planned for it." in shown
    assert "15 Nov 2026 paid" in shown
    assert "alert-row" in html()
    assert "Credit that was planned for 1 vendor was not used when it was paid" in look()


# --- what came in ------------------------------------------------------------------------------
def arrived(shown):
    """The parts of the bar, by name."""
    text = re.search(r"since Friday 17:00 (.*?) Waiting", shown)[1]
    return {name.strip(): int(n) for name, n in re.findall(r"([A-Z][^0-9]+) (\d+)", text)}


def test_what_came_in_since_friday_is_one_bar_whose_parts_add_up(books, look, client):
    evening = {"created_in_light_at": FRIDAY.replace(hour=17, minute=20), "changed_at": MONDAY}
    books.note(created_in_light_at=FRIDAY.replace(hour=16), changed_at=MONDAY)
    for strength in (3, 3, 2, 1, 0):
        outlook(books.note(**evening, amount=100 + strength), strength)
    books.note(**evening, status="DRAFT"), books.note(**evening, status="CLEARED")
    books.note(**evening, amount=7)
    books.note(**evening, gone_at=MONDAY), books.note(**evening, adjusts_payables=False)
    shown = look()
    assert "8 new credit notes" in shown
    parts = arrived(shown)
    assert parts == {
        "Certain match": 2, "Likely match": 1, "Possible match": 1, "Drafts to complete": 1,
        "Can't be used yet": 1, "Planned, held or used": 1, "Still being looked at": 1,
    }  # fmt: skip
    page = client.get(reverse("today")).content.decode()
    urls = re.findall(r'</span><a href="(/credit-notes/[^"]+)">', page)
    listed = [client.get(url.replace("&amp;", "&")).content.decode() for url in urls]
    counts = [len(re.findall(r'<th scope="row"', one)) for one in listed]
    assert sorted(counts) == sorted(parts.values())


def test_new_duplicates_and_credit_filed_as_invoices_are_parts_of_it(books, look):
    new = {"created_in_light_at": MONDAY, "changed_at": MONDAY, "first_seen_at": MONDAY}
    books.note(document_number="8213", **new), books.note(document_number="GS-8213", **new)
    filed = just_changed(books.invoice(document_name="Gutschrift.pdf"))
    type(filed).objects.filter(pk=filed.pk).update(first_seen_at=MONDAY)
    for _n in range(8):
        suspecting.look(MONDAY)
    shown = look()
    assert "3 new credit notes since Friday 17:00" in shown
    assert arrived(shown) == {"Possible duplicates": 2, "Filed as invoices": 1}


def test_nothing_new_is_said(books, look):
    books.note()
    assert "No new credit notes since Friday 17:00" in look()


# --- who waits ---------------------------------------------------------------------------------
def test_what_waits_is_counted_by_who_proposed_it(books, look, preparer, approver):
    note = books.note()
    factories.line(preparer, note, books.invoice(due_date=LATER), 4000)
    assert "1 line of yours waits for another person's review" in look()
    shown = look(approver)
    assert "1 line waits for review" in shown
    assert "EUR 40.00 waits for review." in shown
    assert "EUR 60.00 of credit is free to use." in shown


def test_what_was_sent_back_to_me_is_listed_until_dealt_with(books, look, preparer, approver):
    note, invoice = books.note(), books.invoice()
    line = factories.line(preparer, note, invoice, 4000, state="rejected", changed_at=MONDAY)
    assert f"Your proposal {line.proposal_id}" in look()
    assert "Rejected" in look()
    assert "Your proposal" not in look(approver)
    line.dealt_at = MONDAY
    line.save()
    assert "Your proposal" not in look()


def test_what_was_sent_back_is_listed_five_times_at_most(books, look, preparer):
    for _n in range(7):
        note, invoice = books.note(), books.invoice()
        factories.line(preparer, note, invoice, 100, state="rejected", changed_at=MONDAY)
    shown = look()
    assert shown.count("Your proposal") == 5 and "2 more came back to you" in shown


def test_exceptions_and_lists_that_wait_are_counted(books, html, approver):
    books.note(status="DRAFT", amount=1), books.note(status="DRAFT", amount=2)
    books.note(document_number="8213"), books.note(document_number="GS-8213")
    factories.clearing(books.invoice(), books.note(amount=77), 77, gone_at=MONDAY)
    books.invoice(document_name="Gutschrift.pdf")
    other = factories.person("preparer", "other")
    factories.line(other, books.note(amount=9), books.invoice(), 9, approved_by=approver,
                   state="refused")  # fmt: skip
    for _n in range(12):
        suspecting.look(factories.NOW)
    shown = html()
    items = re.search(r'<ul class="groups to-do">(.*?)</ul>', shown, re.DOTALL)[1]
    words = [" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in items.split("</li>")]
    assert words == [
        "Exceptions 1 exception needs a look",
        "2 drafts to complete",
        "1 possible duplicate",
        "1 invoice that looks like a credit note",
        "1 invoice re-opened",
        "",
    ]
    for name in ("exceptions", "drafts", "duplicates", "filed_as_invoices", "reopened"):
        assert f'href="{reverse(name)}"' in items


def test_follow_ups_and_credit_without_a_decision_are_counted(
    books, look, html, preparer, approver
):
    old = books.note(document_day=in_days(-31))
    fresh, other = (books.note(amount=n, document_day=in_days(-29)) for n in (7, 8))
    for note in (old, fresh, other):
        outlook(note, 0, cause="no_payable")
    due = {"follow_up_on": in_days(0), "by": preparer, "at": MONDAY}
    Decision.objects.create(credit_note_id=old.pk, kind="none", owner=preparer, **due)
    assert "1 follow-up of yours is due 1 credit open over 30 days without a decision" in look()
    Decision.objects.create(credit_note_id=fresh.pk, kind="wait", owner=approver, **due)
    shown = look()
    assert "1 follow-up of yours is due 2 follow-ups of anybody are due" in shown
    assert f'href="{reverse("stuck")}?owner=me&amp;due=1"' in html()


def test_lists_wait_where_no_credit_is_free_too(books, look):
    factories.synced()
    books.note(status="DRAFT")
    shown = look()
    assert "No credit is free to use" in shown
    assert "1 draft to complete" in shown


# --- the first sync ----------------------------------------------------------------------------
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
    for n in range(40):
        vendor = factories.vendor(name=f"Vendor {n}")
        note = factories.credit_note(vendor, books.entity, created_in_light_at=MONDAY,
                                     changed_at=MONDAY)  # fmt: skip
        due = in_days(n % 20)
        factories.line(preparer, note, factories.invoice(vendor, books.entity, due_date=due), 100)
        paid = factories.invoice(vendor, books.entity, state="PAID", payment_at=MONDAY)
        factories.clearing(just_changed(paid), None, 100, payment_date=MONDAY.date(),
                       changed_at=MONDAY)  # fmt: skip
    client.force_login(preparer)
    with django_assert_max_num_queries(14):
        answer = client.get(reverse("today"))
    shown = answer.content.decode()
    assert "Credit of 20 more vendors can clear" in shown
    assert "35 more vendors were paid." in shown
