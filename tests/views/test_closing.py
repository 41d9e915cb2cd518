"""A controller's month end on the pages: lists, the ledger's figure, signatures, what changed."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearing import workflow
from clearing.models import Accepted, LedgerFigure, MonthEnd, Paper, Reopening, Signature
from clearing.services import booking
from tests import factories
from tests.factories import NOW
from tests.views.pages import HTMX, words

OCT = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-03 09:00", tick=False):
        yield


@pytest.fixture
def month(books):
    """One new note, and one that is old: EUR 120.00 open, of which EUR 70.00 needs a decision."""
    factories.synced(started_at=NOW)
    for day, amount in ((date(2026, 10, 20), 5000), (date(2026, 7, 20), 7000)):
        note = books.note(posting_date=day, document_date=day, amount=amount)
        booking.book([note.id], now=NOW, whole=True)
    return factories.paper(books.entity.id, OCT)


def url(name, *args, **query):
    return reverse(name, args=["2026-10", *args], query=query)


def enter(client, books, **typed):
    address = url("month_ledger", entity=str(books.entity.id), currency="EUR")
    return client.post(address, {"amount": "120.00", "explained": "", "reason": ""} | typed)


def accept_all(client, books):
    address = url("accept_for_month", entity=str(books.entity.id))
    form = {"list": "undecided", "every": "1", "reason": "It is paid back in December"}
    return client.post(address, form | {"paper": Paper.objects.last().pk})


def sign(client, books, user, paper):
    client.force_login(user)
    address = url("sign_month", entity=str(books.entity.id))
    return client.post(address, {"hash": paper.hash})


def signed(client, books, controller, approver):
    """The month, with everything done that a signature needs."""
    client.force_login(controller)
    enter(client, books)
    accept_all(client, books)
    paper = factories.paper(books.entity.id, OCT)
    for one in (approver, controller):
        assert sign(client, books, one, paper).status_code == 302
    return paper


def test_a_first_look_asks_the_worker_for_the_lists(client, books, viewer):
    factories.synced(started_at=NOW)
    note = books.note(posting_date=OCT)
    booking.book([note.id], now=NOW, whole=True)
    client.force_login(viewer)
    answer = client.get(url("month"))
    assert "The lists of this month are being made" in words(answer)
    assert 'hx-trigger="every 2s"' in answer.text
    assert MonthEnd.objects.get().wanted_at is not None
    factories.paper(books.entity.id, OCT)
    part = client.get(url("month"), **HTMX)
    assert part.text.lstrip().startswith('<div id="closing"')
    assert "Lists to hand over" in words(part)


def test_why_it_is_open_adds_up_to_the_closing_figure(client, books, month, viewer):
    client.force_login(viewer)
    answer = client.get(url("month"))
    table = re.search(r"Why is it still open\?.*?</table>", answer.text, re.S)[0]
    assert re.findall(r"EUR [\d.,]+", table) == ["EUR 120.00", "EUR 120.00"]
    assert 'class="neg"' in table, "what nobody has decided about is red"
    assert "1 credit note is open for more than 30 days without a decision" in words(answer)
    assert "Only an approver or a controller can sign a month." in words(answer)


def test_a_month_needs_few_queries(client, books, month, viewer):
    client.force_login(viewer)
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(url("month")).status_code == 200
    assert len(found) <= 32


@pytest.mark.parametrize("key", ["open", "undecided", "owing", "not-posted", "fx", "exceptions"])
def test_a_list_is_shown_page_by_page(client, books, month, viewer, key):
    client.force_login(viewer)
    with CaptureQueriesContext(connection) as found:
        answer = client.get(url("month_list", key, entity=str(books.entity.id)))
    assert answer.status_code == 200 and len(found) <= 16
    rows = month.figures["lists"][key]["count"]
    assert answer.text.count("<tr>") == (rows + 1 if rows else 0)


def test_a_list_is_filtered_by_its_address(client, books, month, viewer):
    client.force_login(viewer)
    old = client.get(url("month_list", "open", age="90+", currency="EUR", part="none"))
    assert "1 row of 1" in words(old) and "EUR 70.00" in words(old)
    odd = client.get(url("month_list", "open", age="tomorrow"))
    assert "2 rows of 2" in words(odd) and "does not know" in words(odd)
    assert client.get(url("month_list", "nothing")).status_code == 404
    assert client.get(url("month_list", "open", paper="999999")).status_code == 404
    assert client.get(url("month_list", "open", paper="x" * 40)).status_code == 200


def test_the_ledgers_figure_is_entered_with_its_explanation(client, books, month, controller):
    client.force_login(controller)
    assert enter(client, books, amount="125.50").status_code == 302
    factories.paper(books.entity.id, OCT)
    said = words(client.get(url("month")))
    assert "EUR 125.50" in said and "EUR 5.50 not explained" in said
    enter(client, books, amount="125.50", explained="5.50", reason="A fee booked by hand")
    factories.paper(books.entity.id, OCT)
    said = words(client.get(url("month")))
    assert "ties" in said and "A fee booked by hand" in said


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"amount": ""}, "Enter an amount, like 1,234,567.89"),
        ({"amount": "1.2.3"}, "Write the amount like"),
        ({"amount": "12" * 40}, "This amount is too large."),
        ({"amount": "99999999999999999.00"}, "larger than any invoice"),
        ({"explained": "1.00"}, "Say what explains this part of the difference."),
        ({"reason": "x" * 3000}, "Shorten the words"),
    ],
)
def test_a_figure_that_is_none_is_told_at_its_field(
    client, books, month, controller, typed, sentence
):
    client.force_login(controller)
    answer = enter(client, books, **typed)
    assert answer.status_code == 422 and sentence in words(answer)
    assert not LedgerFigure.objects.exists()


def test_a_figure_may_be_below_zero(client, books, month, controller):
    client.force_login(controller)
    enter(client, books, amount="−5.00", explained="-125.00", reason="All of it")
    row = LedgerFigure.objects.get()
    assert (row.amount, row.explained) == (-500, -12500)


def test_old_credit_is_accepted_with_one_reason_for_all(client, books, month, controller):
    client.force_login(controller)
    address = url("accept_for_month", entity=str(books.entity.id))
    form = {"list": "undecided", "paper": month.pk}
    empty = client.post(address, form | {"reason": "Why"})
    assert empty.status_code == 422 and "Choose at least one" in words(empty)
    silent = client.post(address, form | {"every": "1", "reason": ""})
    assert silent.status_code == 422 and "Say why" in words(silent)
    assert 'name="every" value="1"' in silent.text, "what was chosen stays"
    assert accept_all(client, books).status_code == 302
    assert Accepted.objects.get().reason == "It is paid back in December"
    gone = client.post(address, form | {"key": "credit:2026-10:x", "reason": "Why"})
    assert gone.status_code == 409 and "This list has changed" in words(gone)


def test_two_people_sign_on_the_page(client, books, month, controller, approver, viewer):
    paper = signed(client, books, controller, approver)
    client.force_login(viewer)
    said = words(client.get(url("month")))
    assert re.search(r"Prepared by Anton Appr ?, \d+ \w+ \d+", said)
    assert re.search(r"Reviewed by Carla Cont ?, \d+ \w+ \d+", said)
    assert "Signed" in words(client.get(reverse("month_end")))
    old = words(client.get(reverse("signed_paper", args=[paper.pk])))
    assert paper.hash in old and "Closing, 31 Oct 2026 EUR 120.00" in old


def test_nobody_signs_what_they_have_not_seen(client, books, month, controller, approver):
    client.force_login(controller)
    enter(client, books)
    accept_all(client, books)
    answer = sign(client, books, approver, month)
    assert answer.status_code == 409 and "The figures have changed" in words(answer)
    assert not Signature.objects.exists()


def test_changed_since_you_signed_appears_by_itself(client, books, month, controller, approver):
    paper = signed(client, books, controller, approver)
    late = books.note(posting_date=date(2026, 10, 30), document_date=OCT, amount=1800)
    booking.book([late.id], now=workflow.now() + timedelta(days=1), whole=True)
    answer = client.get(url("month"))
    said = words(answer)
    assert "Changed since you signed: 1" in said
    assert "Together EUR 18.00. Nothing in your signed figures was altered." in said
    assert "of these back-dated" in said and "Closing, 31 Oct 2026 EUR 138.00" in said
    rows = words(client.get(url("month_changed", paper=str(paper.pk))))
    assert str(late) in rows and "Made in Light" in rows and "EUR 18.00" in rows
    kept = words(client.get(reverse("signed_paper", args=[paper.pk])))
    assert "Closing, 31 Oct 2026 EUR 120.00" in kept and "1 change since" in kept
    then = client.get(url("month_rows", kind="closing", currency="EUR", paper=str(paper.pk)))
    assert "2 credit notes of 2" in words(then)
    assert "as they stood on" in words(then)


def test_a_signed_month_is_opened_again_with_a_reason(client, books, month, controller, approver):
    signed(client, books, controller, approver)
    client.force_login(controller)
    address = url("reopen_month", entity=str(books.entity.id))
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "A note was forgotten"}).status_code == 302
    assert client.post(address, {"reason": "Again"}).status_code == 409
    said = words(client.get(url("month")))
    assert "Opened again by Carla Cont" in said and "A note was forgotten" in said
    assert Reopening.objects.count() == 1 and Paper.objects.count() == 1


def test_dialogs_are_pages_without_javascript(client, books, month, controller, approver):
    client.force_login(controller)
    for name in ("sign_month", "reopen_month", "month_ledger"):
        answer = client.get(url(name, entity=str(books.entity.id)))
        assert answer.status_code == 200 and '<h1 id="dialog-title">' in answer.text


def test_all_that_are_listed_are_those_that_the_filters_leave(client, books, month, controller):
    other = books.note(posting_date=OCT, document_date=date(2026, 9, 15), amount=900)
    booking.book([other.id], now=NOW, whole=True)
    paper = factories.paper(books.entity.id, OCT)
    client.force_login(controller)
    shown = client.get(url("month_list", "undecided", age="31-60"))
    assert "1 row of 1" in words(shown) and 'name="age" value="31-60"' in shown.text
    address = url("accept_for_month", entity=str(books.entity.id))
    form = {"list": "undecided", "every": "1", "reason": "Known", "age": "31-60"}
    old = client.post(address, form | {"paper": month.pk})
    assert old.status_code == 404, "that paper was replaced"
    assert client.post(address, form | {"paper": paper.pk}).status_code == 302
    assert Accepted.objects.get().key == f"credit:2026-10:{other.id}"


def test_a_form_of_another_entity_is_not_taken_for_the_first(client, books, month, controller):
    client.force_login(controller)
    address = url("month_ledger", entity="00000000-0000-0000-0000-00000000000a", currency="EUR")
    assert client.post(address, {"amount": "1.00"}).status_code == 404
    assert client.get(url("month_ledger", currency="CHF")).status_code == 404


def test_a_month_that_has_not_begun_has_no_lists(client, books, month, viewer):
    client.force_login(viewer)
    answer = client.get(reverse("month", args=["2999-01"]))
    assert answer.status_code == 200 and "being made" not in words(answer)
    assert MonthEnd.objects.count() == 1


def test_a_list_that_was_not_made_yet_leads_to_its_month(client, books, viewer):
    client.force_login(viewer)
    answer = client.get(url("month_list", "open", entity=str(books.entity.id)))
    assert answer.status_code == 302
    assert answer["Location"] == url("month", entity=str(books.entity.id))


def test_the_months_file_has_no_total_of_states(client, books, month, viewer):
    client.force_login(viewer)
    said = words(client.get(url("month", **{"as": "print"})))
    assert "Closing" in said and "EUR 120.00" in said
    assert "Totals of all rows" not in said
    assert "Totals of all rows" in words(client.get(url("month_list", "open", **{"as": "print"})))
