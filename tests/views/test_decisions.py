"""Deciding about stuck credit: the dialogs, with and without JavaScript, for one and for many."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from clearing import workflow
from clearing.models import AuditEvent, Decision
from clearing.services import following_up
from tests import factories
from tests.views.pages import HTMX, words


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-21 12:00", tick=False):
        yield


@pytest.fixture
def note(books):
    one = books.note(document_number="CR-8213", amount=125000)
    factories.outlook(one, left=32000)
    return one


def url(note, name="decide"):
    return reverse(name, args=[note.pk])


def send(client, note, extra=None, **over):
    data = {"kind": "refund", "owner": "", "follow_up": "2026-12-05", "reason": "", "seen": ""}
    return client.post(url(note), data | over, **(extra or {}))


def held(note):
    return Decision.objects.filter(credit_note_id=note.pk, ended_at=None).first()


@pytest.mark.parametrize(
    ("cause", "kind", "day"),
    [("no_invoice", "wait", "2026-12-21"), ("other_entity", "reissue", "2026-12-05"),
     ("cites_paid", "refund", "2026-12-05"), ("duplicate", "duplicate", "2026-11-28"),
     ("not_posted", "none", "")],
)  # fmt: skip
def test_the_dialog_begins_with_what_the_cause_proposes(
    as_preparer, books, preparer, cause, kind, day
):
    note = books.note()
    factories.outlook(note, cause, details={"number": "INV-1", "status": "DRAFT"})
    page = as_preparer.get(url(note), **HTMX).text
    assert f'value="{kind}"' in page.split(" checked")[0].rpartition("<input")[2]
    assert f'name="follow_up" value="{day}"' in page
    assert f'<option value="{preparer.pk}" selected>Paula Prep' in page
    assert "<html" not in page and 'hx-target="#dialog"' in page


def test_without_javascript_it_is_a_page(as_preparer, note):
    page = as_preparer.get(url(note))
    said = words(page)
    assert "<html" in page.text and "hx-post" not in page.text.split("<main")[1].split("</main")[0]
    assert "What becomes of CR-8213? EUR 320.00 of EUR 1,250.00" in said
    assert "Please transfer EUR 320.00 to our account and name CR-8213 as the reference." in said
    assert "your credit note CR-8213 of 14 Sep 2026 over EUR 1,250.00 was issued to Acme" in said


def test_of_a_note_that_is_wholly_open_the_texts_name_one_amount(as_preparer, books):
    note = books.note(document_number="CR-1")
    factories.outlook(note)
    said = words(as_preparer.get(url(note)))
    assert "your credit note CR-1 of 14 Sep 2026 over EUR 100.00 is still open in our" in said
    assert "Please transfer EUR 100.00" in said and "of it is still open there" not in said


@pytest.mark.parametrize("extra", [{}, HTMX])
def test_a_decision_is_noted(as_preparer, preparer, note, extra):
    answer = send(
        as_preparer, note, extra, owner=preparer.pk, reason="Mrs Holm", next="/stuck/?age=30"
    )
    assert answer.status_code == (204 if extra else 302)
    assert answer["HX-Redirect" if extra else "Location"] == "/stuck/?age=30"
    row = held(note)
    assert (row.kind, row.owner, row.follow_up_on) == ("refund", preparer, date(2026, 12, 5))
    assert (row.amount, row.comment) == (32000, "Mrs Holm")
    assert "Noted for CR-8213: Refund requested." in words(as_preparer.get("/stuck/"))


def test_the_history_of_the_note_says_it(as_preparer, note):
    send(as_preparer, note)
    send(as_preparer, note, kind="disputed", seen=held(note).pk, reason="They deny it")
    said = words(as_preparer.get(reverse("credit_note", args=[note.pk])))
    assert "Paula Prep decided what becomes of it: EUR 320.00" in said
    assert "Decision: Refund requested → Disputed with the vendor They deny it" in said
    assert "Follow-up: 5 Dec 2026" in said


@pytest.mark.parametrize(
    ("over", "field", "sentence"),
    [
        ({"kind": ""}, "kind", "Choose a decision from the list."),
        ({"kind": "sing\x00"}, "kind", "Choose a decision from the list."),
        ({"kind": "wait", "follow_up": ""}, "follow_up", "Choose the day on which"),
        ({"kind": "wait", "follow_up": "2027-03-01"}, "follow_up", "by 19 Feb 2027."),
        ({"follow_up": "tomorrow"}, "follow_up", "Write the day like 2026-12-31."),
        ({"follow_up": "2026-11-21"}, "follow_up", "Choose a day after today."),
        ({"owner": "99999999999999999999"}, "owner", "Choose somebody who has a role here."),
        ({"reason": "x" * 1001}, "reason", "Shorten the words"),
    ],
)
def test_what_is_refused_stands_at_its_field_and_stays_typed(
    as_preparer, note, over, field, sentence
):
    answer = send(as_preparer, note, HTMX, **{"reason": "as typed"} | over)
    assert answer.status_code == 422
    assert f'<a href="#id_{field}">' in answer.text and sentence in words(answer)
    assert "as typed" in answer.text or "reason" in over
    assert not Decision.objects.exists()


def test_somebody_was_faster(as_preparer, approver, note):
    mine = {"kind": "journal", "reason": "of mine"}
    following_up.decide(
        credit_note_id=note.pk, wanted=following_up.Wanted("disputed", approver), by=approver
    )
    answer = send(as_preparer, note, HTMX, **mine)
    assert answer.status_code == 409
    assert "Somebody was faster: Anton Appr decided “Disputed with the vendor”" in words(answer)
    assert "of mine" in answer.text and f'name="seen" value="{held(note).pk}"' in answer.text
    assert send(as_preparer, note, **mine, seen=held(note).pk).status_code == 302
    assert held(note).kind == "journal"


def test_nothing_left_is_said(as_preparer, books):
    note = books.note(status="ARCHIVED")
    assert "there is nothing to decide" in words(as_preparer.get(url(note)))
    answer = send(as_preparer, note)
    assert answer.status_code == 409 and "Nothing is left" in words(answer)


def test_a_decision_is_taken_back(as_preparer, preparer, note):
    row = factories.decision(preparer, note)
    assert "Take the decision back" in as_preparer.get(url(note)).text
    back = reverse("withdraw_decision", args=[row.pk])
    assert as_preparer.post(back).status_code == 302
    assert held(note) is None
    again = as_preparer.post(back, **HTMX)
    assert again.status_code == 409 and "Somebody was faster" in words(again)


def test_a_viewer_reads_the_dialog_and_is_told_why_not(client, viewer, note):
    client.force_login(viewer)
    assert "Only a preparer, an approver or a controller" in client.get(url(note)).text
    assert send(client, note).status_code == 403


# --- many at once ---------------------------------------------------------------------------------
@pytest.fixture
def three(books):
    notes = [books.note(document_number=f"N{n}") for n in range(3)]
    for one in notes:
        factories.outlook(one)
    return notes


def send_many(client, notes, extra=None, **over):
    data = {"note": [one.pk for one in notes], "kind": "disputed", "owner": "", "follow_up": "",
            "reason": "All of them"}  # fmt: skip
    return client.post(reverse("decide_many"), data | over, **(extra or {}))


def test_one_decision_for_a_selection(as_preparer, three):
    page = as_preparer.get(reverse("decide_many"), {"note": [one.pk for one in three]})
    said = words(page)
    assert "What becomes of these 3 credit notes?" in said and "a text to copy" not in said
    assert send_many(as_preparer, three).status_code == 302
    assert {held(one).kind for one in three} == {"disputed"}
    assert AuditEvent.objects.filter(verb="decided what becomes of it").count() == 3
    assert "Disputed with the vendor: 3 credit notes." in words(as_preparer.get("/stuck/"))


def test_those_that_do_not_fit_are_skipped_and_named(as_preparer, books, three):
    gone = books.note(document_number="GONE", status="CLEARED")
    assert send_many(as_preparer, [*three, gone]).status_code == 302
    said = words(as_preparer.get("/stuck/"))
    assert "3 credit notes. 1 skipped: GONE – Nothing is left of this credit note" in said


@pytest.mark.parametrize(
    ("query", "sentence"),
    [({}, "Nothing is selected."), ({"note": "zz"}, "Nothing is selected."),
     ({"all": "1", "cause": "zz"}, "So nothing is selected.")],
)  # fmt: skip
def test_an_empty_selection_says_so(as_preparer, three, query, sentence):
    assert sentence in words(as_preparer.get(reverse("decide_many"), query))
    assert send_many(as_preparer, []).status_code == 422


def test_all_that_match_are_those_of_the_filters(as_preparer, books, three):
    factories.outlook(books.note(document_number="OTHER"), "taken", details={"open": 1})
    page = as_preparer.get(reverse("decide_many"), {"all": "1", "cause": "no_invoice"})
    assert {row.number for row in page.context["rows"]} == {"N0", "N1", "N2"}


def test_a_refused_form_of_many_keeps_its_notes(as_preparer, three):
    answer = send_many(as_preparer, three, HTMX, kind="wait")
    assert answer.status_code == 422 and "Choose the day on which" in words(answer)
    assert answer.text.count('name="note"') == 3 and "All of them" in answer.text


def test_a_message_never_breaks_on_a_long_tail(as_preparer, books):
    gone = [books.note(document_number=f"G{n}", status="CLEARED") for n in range(9)]
    send_many(as_preparer, gone)
    assert "0 credit notes. 9 skipped: G0 –" in words(as_preparer.get("/stuck/"))
    assert workflow.now()
