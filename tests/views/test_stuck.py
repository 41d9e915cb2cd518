"""Credit that can't be used yet: the list, its filters, what other pages say of it."""

import uuid
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearing import causes
from clearing.queries import stuck as queries
from tests import factories
from tests.views.pages import HTMX, words

TODAY = date(2026, 11, 21)
URL = "/stuck/"


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-21 12:00", tick=False):
        yield


def note_of(books, number, cause="no_invoice", days=60, *, amount=10000, currency="EUR", **over):
    """A credit note so many days old with its outlook."""
    day = TODAY - timedelta(days=days)
    note = books.note(
        document_number=number, document_date=day, document_day=day, amount=amount,
        currency=currency,
    )  # fmt: skip
    factories.outlook(note, cause, **over)
    return note


def numbers(client, **query):
    answer = client.get(URL, query)
    assert answer.status_code == 200
    return [row.number for row in answer.context["listing"].rows]


# --- the list -----------------------------------------------------------------------------------
def test_the_oldest_first_with_why_what_next_and_what_was_decided(as_preparer, books, preparer):
    note_of(books, "NEW", days=3), note_of(books, "OLD", days=90)
    decided = note_of(books, "MID", days=40, left=4000)
    factories.decision(preparer, decided, follow_up_on=TODAY)
    answer = as_preparer.get(URL)
    assert [row.number for row in answer.context["listing"].rows] == ["OLD", "MID", "NEW"]
    said = words(answer)
    assert "No invoice of this vendor has anything open. Wait for the next one" in said
    assert "EUR 40.00 of EUR 100.00" in said
    assert "Refund requested Paula Prep , due 21 Nov 2026" in said
    assert "Decided at EUR 100.00, now EUR 40.00." in said
    assert "3 credit notes of 3" in said and "EUR 240.00" in said
    assert "warn-row" in answer.text


def test_what_fits_or_is_in_review_is_not_stuck_unless_it_was_decided_about(
    as_preparer, books, preparer
):
    note_of(books, "FITS", "", strength=2), note_of(books, "HELD", causes.IN_REVIEW)
    assert numbers(as_preparer) == []
    waited = note_of(books, "WAITED", "", strength=3, suggested=10000)
    factories.decision(preparer, waited, kind="wait", follow_up_on=TODAY)
    assert numbers(as_preparer) == ["WAITED"]
    said = words(as_preparer.get(URL))
    assert "Can be used now Open invoices fit: EUR 100.00 of it can be used now." in said
    assert numbers(as_preparer, cause="usable") == ["WAITED"]


def test_totals_are_per_currency_and_causes_are_counted(as_preparer, books):
    note_of(books, "A"), note_of(books, "B"), note_of(books, "C", causes.OTHER_ENTITY)
    note_of(books, "D", currency="JPY", amount=900)
    answer = as_preparer.get(URL)
    totals = [(one.available, one.amount) for one in answer.context["listing"].totals]
    assert totals == [("EUR 300.00", ""), ("JPY 900", "")]
    facets = {one.words: one.count for one in answer.context["facets"]}
    assert facets == {"All": 4, "No open invoice": 3, "Invoices of another entity": 1}
    assert numbers(as_preparer, cause="other_entity") == ["C"]
    one = as_preparer.get(URL, {"cause": "no_invoice", "currency": "EUR"})
    assert [total.available for total in one.context["listing"].totals] == ["EUR 200.00"]
    assert one.context["listing"].count == "2"


def test_filters(as_preparer, books, preparer, approver):
    note_of(books, "NONE", days=10)
    mine, theirs = note_of(books, "MINE", days=20), note_of(books, "THEIRS", days=31)
    nobodys, looked = note_of(books, "NOBODYS", days=61), note_of(books, "LOOKED", days=91)
    factories.decision(preparer, mine, follow_up_on=TODAY - timedelta(days=1))
    factories.decision(preparer, theirs, kind="wait", owner=approver,
                       follow_up_on=TODAY + timedelta(days=1))  # fmt: skip
    factories.decision(preparer, nobodys, kind="write_off", owner=None)
    factories.decision(preparer, looked, kind="none")
    ended = factories.decision(preparer, note_of(books, "ENDED", days=5), ended_at=factories.NOW)
    for query, expected in (
        ({"decision": "none"}, ["LOOKED", "NONE", "ENDED"]),
        ({"decision": "refund"}, ["MINE"]),
        ({"decision": "write_off"}, ["NOBODYS"]),
        ({"owner": "me"}, ["LOOKED", "MINE"]),
        ({"owner": str(approver.pk)}, ["THEIRS"]),
        ({"owner": "nobody"}, ["NOBODYS", "NONE", "ENDED"]),
        ({"due": "1"}, ["MINE"]),
        ({"age": "30"}, ["LOOKED", "NOBODYS", "THEIRS"]),
        ({"age": "90"}, ["LOOKED"]),
        ({"q": "theirs"}, ["THEIRS"]),
        ({"vendor": str(uuid.uuid4())}, []),
        ({"entity": str(books.entity.pk), "age": "60"}, ["LOOKED", "NOBODYS"]),
        ({"sort": "-age", "age": "60"}, ["NOBODYS", "LOOKED"]),
    ):
        assert numbers(as_preparer, **query) == expected, query
    assert ended.ended_at


def test_small_rests_stand_apart_until_they_are_asked_for(as_preparer, books, preparer):
    note_of(books, "BIG"), note_of(books, "REST", small=True, left=3)
    decided = note_of(books, "DECIDED", small=True, left=2)
    factories.decision(preparer, decided)
    assert numbers(as_preparer) == ["BIG", "DECIDED"] or numbers(as_preparer) == ["DECIDED", "BIG"]
    assert set(numbers(as_preparer, rests="only")) == {"REST", "DECIDED"}
    assert set(numbers(as_preparer, rests="with")) == {"BIG", "REST", "DECIDED"}


def test_what_a_filter_does_not_know_is_told(as_preparer, books):
    note_of(books, "A")
    for name in ("cause", "decision", "owner", "due", "age", "entity", "currency", "vendor",
                 "rests", "sort"):  # fmt: skip
        said = words(as_preparer.get(URL, {name: "zz\x00"}))
        assert "does not know “zz”" in said.replace("ZZ", "zz") and "1 credit note of 1" in said, (
            name
        )
    assert as_preparer.get(URL, {"page": "junk", "q": "%_\\'\x00" * 100}).status_code == 200


def test_by_what_is_left_and_every_page_once(as_preparer, books):
    for n in range(120):
        note_of(books, f"N{n:03}", amount=100 + n, days=n % 7)
    for sort in ("age", "-age", "left", "-left"):
        listing = as_preparer.get(URL, {"sort": sort}).context["listing"]
        seen = [row.number for row in listing.rows]
        while listing.next_url:
            listing = as_preparer.get(listing.next_url).context["listing"]
            seen += [row.number for row in listing.rows]
        assert len(seen) == len(set(seen)) == 120
        if sort == "-left":
            assert seen == sorted(seen, reverse=True)


def test_too_many_to_count_are_said_to_be_more(as_preparer, books, monkeypatch):
    for n in range(6):
        note_of(books, f"N{n}", days=n + 1)
    monkeypatch.setattr("clearing.queries.sums.MOST", 3)
    answer = as_preparer.get(URL)
    assert "6 credit notes of more than 3" in words(answer)
    assert "Calculate totals" in answer.text and answer.context["facets"] == []
    assert "EUR 600.00" in words(as_preparer.get(URL, {"totals": "all"}))


@pytest.mark.parametrize("rows", [1, 60])
def test_few_queries_whatever_the_size(as_preparer, books, preparer, rows):
    factories.synced()
    for n in range(rows):
        note = note_of(books, f"N{n:03}", days=n + 1)
        if n % 2:
            factories.decision(preparer, note)
    for query in ({}, {"q": "n", "currency": "EUR", "owner": "me", "age": "30"}):
        with CaptureQueriesContext(connection) as captured:
            as_preparer.get(URL, query)
        assert len(captured) <= 12, "\n".join(one["sql"][:150] for one in captured)


def test_htmx_gets_the_results_and_the_address(as_preparer, books):
    note_of(books, "A")
    answer = as_preparer.get(URL, {"age": "30", "q": ""}, **HTMX)
    assert answer.text.lstrip().startswith('<div id="results">')
    assert answer["HX-Push-Url"] == "/stuck/?age=30"


def test_two_empty_states(as_preparer, books):
    assert "Nothing is stuck yet" in as_preparer.get(URL).text
    assert "matches these filters" in as_preparer.get(URL, {"age": "30"}).text


def test_a_viewer_sees_all_and_decides_nothing(client, viewer, books):
    note_of(books, "A")
    client.force_login(viewer)
    page = client.get(URL).text
    assert "No open invoice" in page and "data-select" not in page and "Decide" not in page


def test_odd_values_are_shown(as_preparer, books):
    bare = factories.credit_note(
        None, None, amount=None, currency="", document_date=None, document_number="",
        document_day="0001-01-01", status="DRAFT",
    )  # fmt: skip
    factories.outlook(bare, "no_vendor", details={"status": "DRAFT"})
    odd = factories.vendor(name="<script>alert(1)</script>")
    factories.outlook(factories.credit_note(odd, books.entity, amount=2**63 - 1), "of tomorrow")
    page = as_preparer.get(URL)
    assert "<script>alert" not in page.text and "missing" in words(page)


# --- what other pages say -----------------------------------------------------------------------
def test_open_credit_over_30_days_without_decision_is_counted_in_one_place(
    as_preparer, books, preparer
):
    """The number of Today is the number of rows behind it, whatever else there is."""
    for n in range(3):
        note_of(books, f"OLD{n}", days=31)
    note_of(books, "DRAFT", causes.NOT_POSTED, days=400)
    note_of(books, "YOUNG", days=30), note_of(books, "REST", days=99, small=True)
    note_of(books, "FITS", "", days=99, strength=3), note_of(books, "HELD", "in_review", days=99)
    decided, looked = note_of(books, "DECIDED", days=99), note_of(books, "LOOKED", days=99)
    factories.decision(preparer, decided)
    factories.decision(preparer, looked, kind="none")
    found = queries.counts(preparer)
    assert found.undecided_url == "/stuck/?decision=none&age=30"
    rows = as_preparer.get(found.undecided_url).context["listing"].rows
    assert {row.number for row in rows} == {"OLD0", "OLD1", "OLD2", "DRAFT", "LOOKED"}
    assert found.undecided == len(rows)


def test_no_other_page_counts_it(as_preparer, books):
    """Today alone links to those rows, with their number."""
    factories.synced()
    for n in range(3):
        note = note_of(books, f"OLD{n}", days=31)
    paths = ["/", "/credit-notes/", "/vendors/", "/exceptions/", "/drafts/", "/stuck/", "/search/"]
    paths += [f"/credit-notes/{note.pk}/", f"/vendors/{books.vendor.pk}/"]
    link = 'href="/stuck/?decision=none&amp;age=30"'
    found = {path: as_preparer.get(path).text.count(link) for path in paths}
    assert {path: n for path, n in found.items() if n} == {"/": 1}
    today = as_preparer.get("/").text
    assert today.split(link)[1].startswith(">3 credits open over 30 days without a decision<")


def test_follow_ups_that_are_due_lead_to_their_rows(as_preparer, books, preparer, approver):
    for n, (owner, day) in enumerate(
        [(preparer, TODAY), (approver, TODAY), (None, TODAY - timedelta(days=5)),
         (preparer, TODAY + timedelta(days=1)), (preparer, None)]
    ):  # fmt: skip
        factories.decision(preparer, note_of(books, f"N{n}"), owner=owner, follow_up_on=day)
    found = queries.counts(preparer)
    assert (found.due, found.all_due) == (1, 3)
    for n, url in ((found.due, found.due_url), (found.all_due, found.all_due_url)):
        assert len(as_preparer.get(url).context["listing"].rows) == n


def test_the_page_of_a_credit_note_says_why_and_what_was_decided(as_preparer, books, preparer):
    note = note_of(books, "CN-7", causes.OTHER_ENTITY, details={"open": 5000, "entity": ""})
    factories.decision(preparer, note, kind="wait", ended_at=factories.NOW, ended_by=preparer,
                       ended_because="changed")  # fmt: skip
    factories.decision(preparer, note, kind="reissue", comment="Mrs Holm knows")
    said = words(as_preparer.get(reverse("credit_note", args=[note.pk])))
    assert "What is open of this vendor, EUR 50.00, stands with another company entity" in said
    assert "Re-issue requested Paula Prep looks after it" in said and "“ Mrs Holm knows ”" in said
    assert "Text that asks to issue it again Dear Sir or Madam" in said
    assert "asks for a refund" not in said
    assert "1 earlier decision" in said and "Changed, Paula Prep" in said


def test_a_step_leads_where_it_is_done(as_preparer, books):
    paid = books.invoice(state="PAID")
    note_of(books, "PAID", causes.CITES_PAID, details={"id": str(paid.pk), "number": "INV-1"})
    note_of(books, "TAKEN", causes.TAKEN, details={"open": 5})
    page = as_preparer.get(URL).text
    assert f'Ask the vendor for a refund. <a href="/invoice-payables/{paid.pk}/">See the' in page
    assert f'<a href="/vendors/{books.vendor.pk}/clearing/?' in page
    assert ">See what is suggested, or wait for the next invoice.</a>" in page


def test_what_the_page_says_already_is_not_said_twice(as_preparer, books):
    note = books.note(status="PARTIALLY_CLEARED")
    factories.outlook(note, causes.PARTLY_CLEARED)
    said = words(as_preparer.get(reverse("credit_note", args=[note.pk])))
    assert said.count("Partly used") == 1  # in the notice
    assert "Usable if your Light allows it" in said  # over the decision
    assert "Whether your Light links the rest" not in said and "Nothing is decided yet." in said


def test_a_note_that_fits_has_no_such_section(as_preparer, books):
    note = note_of(books, "A", "", strength=3)
    page = as_preparer.get(reverse("credit_note", args=[note.pk])).text
    assert "Decide what becomes of it" not in page and "earlier decision" not in page


def test_the_page_of_a_vendor_leads_to_its_rows(as_preparer, books):
    note_of(books, "A"), note_of(books, "B", small=True), note_of(books, "C", causes.TAKEN)
    page = as_preparer.get(reverse("vendor", args=[books.vendor.pk]))
    assert "No open invoice : 2 credit notes, EUR 200.00" in words(page)
    for group in page.context["stuck"]:
        shown = as_preparer.get(group.url)
        assert urlsplit(group.url).path == URL
        assert f"Vendor: {books.vendor.name}" in words(shown)
        assert group.notes.startswith(shown.context["listing"].count)
