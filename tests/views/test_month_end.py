"""Month end on the pages: the months, a statement, and the rows that make each figure."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearing.models import CreditNote, Months, Movement
from clearing.queries.documents import SENTINEL
from clearing.services import booking
from tests import factories
from tests.factories import NOW
from tests.views.pages import HTMX, words

OCT = date(2026, 10, 3)


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-21 12:00", tick=False):
        yield


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


def book(*notes, now=NOW):
    booking.book([one.id for one in notes], now=now, whole=True)


def url(name="month", month="2026-10", **query):
    return reverse(name, args=[month], query=query)


def figures(answer):
    """Each figure's address and amount, as the page shows it."""
    found = re.findall(r'<a href="([^"]+)"><span class="money[^"]*">([^<]+)</span>', answer.text)
    return [(unescape(address), amount) for address, amount in found]


@pytest.fixture
def company(books):
    """Two entities and three currencies; something of every kind, in time and late."""
    factories.synced()
    japan = factories.entity(code="JP", name="Beta K.K.", local_currency="JPY")
    old = books.note(posting_date=date(2026, 9, 14), amount=5_000, document_number="CN-OLD")
    new = books.note(posting_date=OCT, amount=10_000, document_number="CN-NEW")
    dinars = books.note(posting_date=OCT, amount=12_345, currency="KWD", local_fx_rate="3")
    dollars = books.note(posting_date=OCT, amount=777, currency="USD")
    yen = factories.credit_note(books.vendor, japan, posting_date=OCT, amount=900, currency="JPY")
    book(old, dinars, dollars, yen, now=datetime(2026, 10, 5, tzinfo=UTC))
    gone = factories.clearing(books.invoice(), new, 2_000, payment_date=date(2026, 10, 9))
    factories.clearing(
        books.invoice(invoice_number="INV-1"), new, 3_000, payment_date=date(2026, 10, 7)
    )
    book(new, now=datetime(2026, 10, 20, tzinfo=UTC))
    gone.gone_at = datetime(2026, 10, 25, tzinfo=UTC)
    gone.save()
    book(new, now=datetime(2026, 10, 25, tzinfo=UTC))
    back_dated = books.note(posting_date=date(2026, 10, 31), amount=4_000)
    book(back_dated)
    end = datetime(2026, 10, 30, tzinfo=UTC)
    CreditNote.objects.filter(pk=old.id).update(status="ARCHIVED", changed_at=end)
    book(old, now=end)
    return books, japan


def test_the_months_newest_first(company, seen):
    books, japan = company
    person = factories.person("controller")
    Months.objects.create(
        entity_id=books.entity.id, closed_through=date(2026, 9, 30), changed_at=NOW,
        changed_by=person,
    )  # fmt: skip
    said = words(seen.get(reverse("month_end")))
    assert "Open in EUR Open in KWD Open in USD" in said
    assert (
        "November 2026 Not over – EUR 110.00 KWD 12.345 USD 7.77 "
        "October 2026 open – EUR 110.00 KWD 12.345 USD 7.77 "
        "September 2026 closed – EUR 50.00 KWD 0.000 USD 0.00" in said
    )
    said = words(seen.get(reverse("month_end"), {"entity": japan.id}))
    assert "October 2026 open – JPY 900" in said and "September 2026" not in said


def test_a_long_history_is_shown_in_two_steps(books, seen):
    book(*(books.note(posting_date=day) for day in (date(1999, 1, 5), date(2021, 3, 1))))
    page = seen.get(reverse("month_end"))
    assert len(page.context["listed"].rows) == 36 and "March 2021" not in words(page)
    page = words(seen.get(reverse("month_end"), {"all": "1"}))
    assert "March 2021" in page and "January 1999" in page and "Earlier months" not in page


def test_a_statement_as_on_paper(company, seen):
    said = words(seen.get(url()))
    assert (
        "Opening, 1 Oct 2026 EUR 50.00 + New 2 in number EUR 140.00 "
        "&emsp;of these back-dated 1 in number EUR 40.00 − Cleared 2 in number EUR 50.00 "
        "+ Clearings undone 1 in number EUR 20.00 − Cancelled 1 in number EUR 50.00 "
        "Closing, 31 Oct 2026 EUR 110.00" in said
    )
    assert "Closing, 31 Oct 2026 KWD 12.345 EUR 37.04" in said
    assert "USD 7.77 – 1 not translated" in said
    assert "All currencies together on 31 Oct 2026: EUR 147.04." in said
    assert "Without what has no rate in USD." in said


def test_a_part_without_all_rates_has_no_value(company, seen):
    books, _japan = company
    book(books.note(posting_date=OCT, amount=100, currency="USD"))
    said = words(seen.get(url()))
    assert "+ New 2 in number USD 8.77 – 2 not translated" in said
    assert "of these back-dated 1 in number USD 1.00 – − Cleared" in said


def test_every_figure_leads_to_rows_that_make_it(company, seen):
    books, japan = company
    checked = 0
    for entity in (books.entity, japan):
        for address, amount in figures(seen.get(url(entity=entity.id))):
            rows = seen.get(address)
            assert rows.status_code == 200
            sums = [one.amount for one in rows.context["listing"].sums]
            assert sums == [amount] or (not sums and re.fullmatch(r"\w{3} [0.]+", amount)), address
            checked += 1
    assert checked == 3 * 7 + 6  # one line of each currency says what was back-dated


def test_rows_of_the_cleared(company, seen):
    said = words(seen.get(url("month_rows", kind="cleared", currency="EUR")))
    assert "2 movements of 2" in said and "Together, all 2 EUR 50.00" in said
    assert (
        "CN-NEW 7 Oct 2026 Nordlicht Logistik Cleared · By Light itself INV-1 "
        "20 Oct 2026, 00:00 UTC EUR 30.00" in said
    )
    said = words(seen.get(url("month_rows", kind="new", late="1")))
    assert "1 movement of 1" in said and "back-dated" in said and "EUR 40.00" in said
    assert "CN-OLD 30 Oct 2026 assumed" in words(seen.get(url("month_rows", kind="cancelled")))


def test_rows_of_a_moment_are_credit_notes(company, seen):
    said = words(seen.get(url("month_rows", kind="opening", currency="EUR", late="1")))
    assert "1 credit note of 1" in said and "CN-OLD" in said and "CN-NEW" not in said
    said = words(seen.get(url("month_rows", kind="closing", currency="EUR")))
    assert "2 credit notes of 2" in said and "CN-OLD" not in said
    assert "Nordlicht Logistik EUR 70.00" in said and "Together, all 2 EUR 110.00" in said


def test_what_is_taken_back_says_so(books, seen):
    note = books.note(posting_date=OCT)
    one = factories.clearing(books.invoice(), note, 3_000, payment_date=OCT)
    book(note, now=datetime(2026, 10, 5, tzinfo=UTC))
    one.amount = 2_500
    one.save()
    book(note)
    answer = seen.get(url("month_rows", kind="cleared"))
    said = words(answer)
    assert "3 movements of 3" in said and "Together, all 3 EUR 25.00" in said
    assert "Taken back on 2 Nov 2026." in said
    assert "Takes back what was known since 5 Oct 2026: Light shows it otherwise now." in said
    assert "− Cleared 1 in number EUR 25.00" in words(seen.get(url()))


def test_more_rows_than_a_page(books, seen):
    book(*(books.note(posting_date=OCT, amount=100) for _ in range(60)))
    for kind in ("new", "closing"):
        first = seen.get(url("month_rows", kind=kind))
        assert "Together, all 60 EUR 60.00" in words(first)
        second = seen.get(first.context["listing"].next_url)
        assert len(second.context["listing"].rows) == 10
        numbers = {row.note for page in (first, second) for row in page.context["listing"].rows}
        assert len(numbers) == 60


@pytest.mark.parametrize("kind", ["", "new", "closing"])
def test_forwards_and_backwards_show_every_row_once(books, seen, kind):
    days = [date(2026, 10, 1 + n % 3) for n in range(120)]
    book(*(books.note(posting_date=day, document_day=day) for day in days))
    shown = seen.get(url("month_rows", kind=kind)).context["listing"]
    forwards = [shown.rows]
    while shown.next_url:
        shown = seen.get(shown.next_url).context["listing"]
        forwards.append(shown.rows)
    assert [len(rows) for rows in forwards] == [50, 50, 20]
    assert len({row.note for rows in forwards for row in rows}) == 120
    backwards = [shown.rows]
    while shown.previous_url:
        shown = seen.get(shown.previous_url).context["listing"]
        backwards.insert(0, shown.rows)
    assert backwards == forwards


def test_a_page_of_another_figure_is_not_misread(books, seen):
    book(*(books.note(posting_date=OCT) for _ in range(60)))
    key = seen.get(url("month_rows", kind="new")).context["listing"].page.next_key
    for query in ({}, {"kind": "closing"}, {"kind": "new", "currency": "EUR"}):
        answer = seen.get(url("month_rows"), query | {"page": key})
        assert "This page link belongs to another list" in words(answer)


def test_without_entity_and_without_anything(books, seen):
    assert "No vendor credit yet" in words(seen.get(reverse("month_end")))
    assert "No vendor credit until then" in words(seen.get(url()))
    assert "Nothing moved in October 2026" in words(seen.get(url("month_rows")))
    assert "Nothing of this in October 2026" in words(seen.get(url("month_rows", kind="new")))
    book(factories.credit_note(books.vendor, None, posting_date=OCT))
    said = words(seen.get(url("month_rows", kind="new", entity=SENTINEL)))
    assert "Without company entity" in said and "Together, all 1 EUR 100.00" in said


def test_what_is_not_over_or_not_read(books, seen):
    note = books.note(status="CLEARED", posting_date=OCT, updated_in_light_at=NOW)
    book(note)
    assert "history was not read to its end yet" in words(seen.get(url(month="2026-11")))
    factories.synced()
    said = words(seen.get(url(month="2026-11")))
    assert "November 2026 is not over." in said and "history was not read" not in said
    assert "What cleared 1 credit note was not read from Light: its day is assumed." in said
    assert "By what, was not read from Light." in words(seen.get(url("month_rows", "2026-11")))
    assert "December 2026 has not begun." in words(seen.get(url(month="2026-12")))
    said = words(seen.get(url()))
    assert "is not over" not in said and "What cleared" not in said


def test_the_months_beside(books, seen):
    book(books.note(posting_date=OCT))
    page = seen.get(url())
    assert 'rel="prev"' not in page.text and "November 2026 →" in words(page)
    page = seen.get(url(month="2026-11"))
    assert "← October 2026" in words(page) and 'rel="next"' not in page.text
    assert f'href="{url(entity=books.entity.id)}"' in page.text


@pytest.mark.parametrize("month", ["2026-13", "2026", "0000-01", "today"])
def test_a_month_that_is_none_is_not_found(books, seen, month):
    assert seen.get(f"/month-end/{month}/").status_code == 404
    assert seen.get(f"/month-end/{month}/rows/").status_code == 404


@pytest.mark.parametrize(
    ("query", "label"),
    [({"entity": "x"}, "Company entity"), ({"entity": "\x00y"}, "Company entity"),
     ({"kind": "x"}, "Figure"), ({"currency": "US$"}, "Currency"), ({"late": "x"}, "Known")],
)  # fmt: skip
def test_what_a_filter_does_not_know_is_told(company, seen, query, label):
    said = words(seen.get(url("month_rows"), query))
    assert f"The filter “{label}” does not know" in said and "movements of" in said
    if "entity" in query:
        for address in (reverse("month_end"), url()):
            assert "does not know" in words(seen.get(address, query))


@pytest.mark.parametrize("rows", [1, 60])
def test_few_queries_whatever_the_size(books, seen, rows):
    factories.synced()
    factories.past_read()
    notes = [books.note(posting_date=OCT, amount=1_000 + n) for n in range(rows)]
    for note in notes:
        factories.clearing(books.invoice(), note, 100, payment_date=OCT)
    book(*notes)
    for address in (
        reverse("month_end"), url(), url("month_rows"), url("month_rows", kind="closing"),
        url("month_rows", kind="cleared", currency="EUR"),
    ):  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            assert seen.get(address).status_code == 200
        most = 22 if address == url() else 12  # the month itself is no list
        assert len(captured) <= most, f"{address}: {len(captured)}"


def test_htmx_gets_the_rows_and_their_address(company, seen):
    books, _japan = company
    answer = seen.get(url("month_rows"), {"kind": "new"}, **HTMX)
    assert answer.text.lstrip().startswith('<div id="results">')
    assert answer["HX-Push-Url"] == url("month_rows", entity=books.entity.id, kind="new")


def test_the_navigation_says_where_one_is(books, seen):
    for address in (reverse("month_end"), url(), reverse("months")):
        page = seen.get(address)
        assert 'href="/month-end/" aria-current="page"' in page.text
    said = words(seen.get(reverse("today")))
    assert "Today Vendors Review Month end Search" in said
    assert not Movement.objects.exists()


def test_each_statement_has_its_picture_with_the_same_links(company, seen):
    answer = seen.get(url(entity=company[0].entity.id))
    drawn = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', answer.text)
    assert [unescape(address) for address, _name in drawn] == [one for one, _ in figures(answer)]
    said = [unescape(name) for _address, name in drawn]
    assert "Cleared: EUR 50.00, 2 movements" in said and "Opening, 1 Oct 2026: EUR 50.00" in said
    assert "of these back-dated: EUR 40.00, 1 movement" in said
    assert answer.text.count("<figure") == 3 and "pictures.css" in answer.text
