"""The first page: whom Light pays next, what was paid, what came in, and who waits."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from clearing.models import Decision, Outlook, SyncRun
from clearing.queries.today.days import end_of, working_day_before, working_days_after
from clearing.services import suspecting
from tests import factories

MONDAY = datetime(2026, 11, 16, 8, 30, tzinfo=ZoneInfo("UTC"))
FRIDAY = MONDAY - timedelta(days=3)
LATER = date(2026, 12, 20)  # not within a week


@pytest.fixture(autouse=True)
def monday_morning():
    """Sessions are made at that moment, too."""
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def look(client, preparer):
    """The page's text without its tags, as a preparer sees it."""

    def get(by=preparer):
        client.force_login(by)
        answer = client.get(reverse("today"))
        assert answer.status_code == 200
        main = answer.content.decode().split("<main")[1].split("</main>")[0]
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#x27;", "'")
        return re.sub(r" ([.,;])", r"\1", text)

    return get


@pytest.fixture
def html(client, preparer):
    def get(by=preparer):
        client.force_login(by)
        return client.get(reverse("today")).content.decode()

    return get


def in_days(n):
    return MONDAY.date() + timedelta(days=n)


def outlook(note, strength, **over):
    fields = {
        "credit_note_id": note.pk, "vendor_id": note.vendor_id, "entity_id": note.entity_id,
        "currency": note.currency, "day": note.document_day, "strength": strength,
        "since": MONDAY,
    }  # fmt: skip
    return Outlook.objects.create(**fields | over)


def just_changed(invoice):
    """Seen to change this morning."""
    type(invoice).objects.filter(pk=invoice.pk).update(changed_at=MONDAY)
    return invoice


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
