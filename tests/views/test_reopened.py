"""Invoices that a correction opened again: which are listed, what a row says."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from clearing.queries import reopened
from tests import factories
from tests.views.pages import HTMX, words

LATER = factories.NOW + timedelta(days=1)


@pytest.fixture
def undone(books, preparer, approver):
    """EUR 40.00 of CN-1 on INV-1, undone here; 100.00 of it is unpaid again."""
    note = books.note(document_number="CN-1")
    invoice = books.invoice(
        invoice_number="INV-1", state="UNPAID", payment_at=datetime(2026, 11, 5, 12, tzinfo=UTC)
    )
    factories.clearing(invoice, note, 4000, gone_at=LATER)
    factories.line(
        preparer, note, invoice, 4000, kind="reverse", approved_by=approver, state="done",
        done_at=LATER, shown_at=LATER,
    )  # fmt: skip
    return invoice


@pytest.mark.parametrize(
    ("today", "words_"), [("2026-11-04", "5 Nov 2026 pays"), ("2026-11-21", "5 Nov 2026 last pay")]
)
def test_a_payment_day_that_is_over_pays_nothing_any_more(as_preparer, undone, today, words_):
    with time_machine.travel(today, tick=False):
        assert words_ in words(as_preparer.get(reverse("reopened")))


def listed(client, **query):
    return [row.number for row in client.get(reverse("reopened"), query).context["listing"].rows]


def test_a_row_says_who_opened_it_and_what_is_unpaid(as_preparer, undone):
    said = words(as_preparer.get(reverse("reopened")))
    for part in (
        "INV-1", "Nordlicht Logistik", "Acme GmbH", "EUR 40.00 CN-1", "Paula Prep, approved by "
        "Anton Appr 3 Nov 2026", "EUR 100.00 nothing", "5 Nov 2026", "1 invoice of 1",
    ):  # fmt: skip
        assert part in said
    assert "in Light" not in said.split("INV-1")[1].split("<")[0].split("nothing")[0]


def test_what_is_planned_on_it_now_is_told(as_preparer, books, undone, preparer):
    factories.line(preparer, books.note(), undone, 2500)
    said = words(as_preparer.get(reverse("reopened")))
    assert "EUR 25.00 Held by Paula Prep" in said


@pytest.mark.parametrize(
    ("over", "shown"),
    [
        ({"state": "PARTIALLY_PAID", "outstanding_balance": 1}, True),
        ({"outstanding_balance": None}, True),
        ({"state": "SCHEDULED"}, True),
        ({"state": "PAID", "outstanding_balance": 1}, False),
        ({"state": "COMPLETED", "outstanding_balance": 1}, False),
        ({"outstanding_balance": 0}, False),
        ({"state": "IN_DRAFT"}, False),
        ({"gone_at": LATER}, False),
    ],
)
def test_it_stays_until_it_is_settled(as_preparer, undone, over, shown):
    type(undone).objects.filter(pk=undone.pk).update(**over)
    assert bool(listed(as_preparer)) is shown
    assert reopened.count() == int(shown)


def test_what_was_undone_in_light_is_listed_too(as_preparer, books):
    by_clearing, by_link, neither = (
        books.invoice(state="UNPAID", invoice_number=name) for name in ("A", "B", "C")
    )
    factories.clearing(by_clearing, books.note(), 4000, gone_at=LATER)
    factories.link(books.note(), by_link, fate="undone", fate_at=LATER, gone_at=LATER)
    factories.clearing(neither, None, 4000, gone_at=LATER)  # a bank payment
    factories.clearing(neither, books.note(), 1000)
    factories.link(books.note(), neither, fate="removed", gone_at=LATER)
    assert sorted(listed(as_preparer)) == ["A", "B"]
    assert words(as_preparer.get(reverse("reopened"))).count("in Light 3 Nov 2026") == 2


@pytest.mark.parametrize("state", ["proposed", "ready", "refused", "unknown", "not_applied"])
def test_an_undoing_that_did_not_happen_opens_nothing(
    as_preparer, books, preparer, approver, state
):
    factories.line(
        preparer, books.note(), books.invoice(), 4000, kind="reverse", state=state,
        **({} if state == "proposed" else {"approved_by": approver}),
    )  # fmt: skip
    assert listed(as_preparer) == []


def test_filters_and_the_address(as_preparer, books, undone):
    other = factories.entity(name="Acme BV")
    elsewhere = factories.invoice(books.vendor, other, invoice_number="NL-1")
    factories.clearing(elsewhere, books.note(), 100, gone_at=LATER)
    assert listed(as_preparer, entity=other.pk) == ["NL-1"]
    assert listed(as_preparer, q="inv-1") == ["INV-1"]
    assert listed(as_preparer, currency="USD") == []
    answer = as_preparer.get(reverse("reopened"), {"entity": other.pk}, **HTMX)
    assert answer.text.strip().startswith('<div id="results">')
    assert answer["HX-Push-Url"].endswith(f"?entity={other.pk}")


def test_two_ways_of_being_empty(as_preparer, db):
    assert "No invoice is open again" in words(as_preparer.get(reverse("reopened")))
    none = as_preparer.get(reverse("reopened"), {"q": "zzz"})
    assert "No re-opened invoice matches" in words(none)


@pytest.mark.parametrize("query", ["page=junk", "entity=x", "sort=nonsense", "q=%00", "currency=1"])
def test_junk_in_the_query_is_no_error(as_preparer, undone, query):
    assert as_preparer.get(f"{reverse('reopened')}?{query}").status_code == 200


@pytest.mark.parametrize("sort", ["due", "-due", "vendor"])
def test_it_needs_few_queries_and_pages_by_key(
    as_preparer, books, preparer, approver, sort, django_assert_max_num_queries
):
    factories.synced()
    for _ in range(51):
        note, invoice = books.note(), books.invoice()
        factories.line(
            preparer, note, invoice, 100, kind="reverse", approved_by=approver, state="done"
        )
    with django_assert_max_num_queries(15):
        answer = as_preparer.get(reverse("reopened"), {"sort": sort})
    assert "50 invoices of 51" in words(answer)
    assert 'rel="next"' in answer.text
