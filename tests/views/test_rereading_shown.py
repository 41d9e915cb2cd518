"""The pages say how far the past is read, and how soon a silent change would be found."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from clearing.models import HistoryReading, InvoicePayable
from clearing.services import booking
from tests import factories
from tests.views.pages import HTMX, words

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _november(settings):
    settings.HISTORY_MONTHS, settings.ROTATION_REQUESTS = 3, 2000
    settings.LIGHT_REQUESTS_PER_MINUTE = 240
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


def reading(kind="first", **over):
    fields = {"day": date(2026, 11, 21), "since": date(2026, 8, 1), "expected": 1900,
              "planned_at": NOW}  # fmt: skip
    return HistoryReading.objects.create(kind=kind, **fields | over)


def sync_page(seen):
    return words(seen.get(reverse("sync")))


def month(seen, code="2026-10", **query):
    return seen.get(reverse("month", args=[code], query=query))


def test_the_estimate_comes_before_the_first_request(seen):
    reading()
    page = sync_page(seen)
    assert "What was cleared since 1 Aug 2026 is read after this: at most 1,900 requests" in page
    assert "about 8 minutes at your Light's pace (240 requests a minute, shared)" in page
    assert "every 2s" not in seen.get(reverse("sync")).text


def test_progress_goes_on_until_it_is_read(seen):
    row = reading(started_at=NOW, requests=412)
    fragment = seen.get(reverse("sync_progress"), **HTMX).text
    assert 'max="1900" value="412"' in fragment and "every 2s" in fragment
    assert "412 of at most 1,900 invoices asked; about 7 minutes left" in sync_page(seen)
    HistoryReading.objects.filter(pk=row.pk).update(finished_at=NOW, requests=1240)
    fragment = seen.get(reverse("sync_progress"), **HTMX).text
    assert "every 2s" not in fragment and "<progress" not in fragment
    assert "was read on 21 Nov 2026: 1,240 requests" in sync_page(seen)


@pytest.mark.parametrize(
    ("expected", "often"), [(0, "every night"), (2000, "every night"), (4001, "every 3 nights")]
)
def test_the_delay_of_what_light_tells_nobody(seen, books, expected, often):
    factories.synced()
    reading("night", expected=expected)
    for page in (sync_page(seen), words(month(seen))):
        assert f"Closed documents since 1 Aug 2026 are read again {often}" in page
        assert "at most 2,000 a night, 22–06 UTC" in page
    assert "Closed documents of July 2026 are not read again any more" in words(
        month(seen, "2026-07")
    )


def test_what_the_last_night_found(seen):
    reading("night", day=date(2026, 11, 20), requests=1900, changed=2)
    reading("night")
    assert "In the night of 20 Nov 2026: 1,900 asked, news of 2." in sync_page(seen)


def test_without_a_budget_the_pages_say_so(seen, books, settings):
    settings.ROTATION_REQUESTS = 0
    for page in (sync_page(seen), words(month(seen))):
        assert "Closed documents are not read again by night: ROTATION_REQUESTS is 0." in page


def test_a_month_says_that_its_clearings_are_still_being_read(seen, books):
    factories.synced()
    row = reading(started_at=NOW, requests=412)
    told = "Clearings before 21 Nov 2026 are still being read: 412 of at most 1,900 invoices"
    assert told in words(month(seen))
    assert told not in words(month(seen, "2026-12"))
    HistoryReading.objects.filter(pk=row.pk).update(finished_at=NOW)
    assert told not in words(month(seen))


def test_a_clearing_on_an_invoice_that_went_is_said_to_be_unknown(seen, books):
    factories.synced()
    note, invoice = books.note(posting_date=date(2026, 10, 3)), books.invoice()
    factories.clearing(invoice, note, 3_000, payment_date=date(2026, 10, 7))
    booking.book([note.id], now=NOW)
    told = "1 clearing is on an invoice that Light no longer shows"
    assert told not in words(month(seen))
    InvoicePayable.objects.update(gone_at=NOW - timedelta(days=1))
    assert told in words(month(seen))
    assert told not in words(month(seen, "2026-11"))


def test_the_page_says_how_many_invoices_did_not_answer(seen, books):
    reading(started_at=NOW, finished_at=NOW)
    assert "did not answer" not in sync_page(seen)
    books.invoice(payments_unanswered_at=NOW)
    books.invoice(payments_unanswered_at=NOW, gone_at=NOW)
    assert "1 invoice did not answer and was left out; it is asked again by night." in (
        sync_page(seen)
    )
    books.invoice(payments_unanswered_at=NOW)
    assert "2 invoices did not answer and were left out" in sync_page(seen)
