"""Possible duplicates: the list, two side by side, the answer, and where it is shown."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from clearing.models import NotDuplicate, Suspicion
from clearing.queries import duplicates as queries
from clearing.services import duplicates, suspecting
from tests import factories
from tests.views.pages import HTMX, words

LIST = "/duplicates/"
REASON = "Two deliveries on one day"


def look():
    while suspecting.look(factories.NOW):
        pass


@pytest.fixture
def pair(books):
    """Two credit notes of EUR 100.00 with one number, three days apart; the first is newer."""
    older = books.note(
        document_number="GS-8213", document_date=date(2026, 9, 11), description="Pallets",
        first_seen_at=factories.NOW - timedelta(days=2), status="CLEARED",
    )  # fmt: skip
    newer = books.note(document_number="gs 8213", document_date=date(2026, 9, 14))
    look()
    return newer, older


def url(pair):
    return reverse("duplicate", args=[note.id for note in pair])


# --- the list ----------------------------------------------------------------------------------
def test_a_pair_says_what_and_why(as_preparer, pair):
    page = as_preparer.get(LIST)
    said = words(page)
    assert re.search(r"gs 8213 Posted 14 Sep 2026 .* GS-8213 Cleared 11 Sep 2026", said)
    assert "EUR 100.00 Same vendor, same number, 3 days apart" in said
    assert "1 pair of 1" in said
    assert url(pair) in page.text


def test_answered_pairs_stand_elsewhere_with_their_words(as_preparer, pair, preparer):
    newer, older = pair
    duplicates.say_not(note_id=older.id, other_id=newer.id, reason=REASON, by=preparer)
    assert "No possible duplicates" in words(as_preparer.get(LIST))
    said = words(as_preparer.get(LIST, {"show": "answered"}))
    assert f"“ {REASON} ”" in said
    assert "Paula Prep, " in said


def test_a_twin_cancelled_as_a_duplicate_is_answered(as_preparer, pair, preparer, approver):
    older = pair[1]
    factories.line(
        preparer, older, None, older.amount, kind="archive", reason_code="duplicate",
        approved_by=approver, state="done",
    )  # fmt: skip
    assert queries.count() == 0
    said = words(as_preparer.get(LIST, {"show": "answered"}))
    assert "Cancelled as a duplicate" in said
    assert "It was entered twice" in words(as_preparer.get(reverse("credit_note", args=[older.id])))


def test_one_vendors_pairs(as_preparer, books, pair):
    other = factories.vendor(name="Other")
    for _ in range(2):
        factories.credit_note(other, books.entity, document_number="77", amount=500)
    Suspicion.objects.all().delete()
    suspecting.Looked.objects.all().delete()
    look()
    assert "2 pairs of 2" in words(as_preparer.get(LIST))
    page = as_preparer.get(LIST, {"vendor": str(other.id)})
    assert "1 pair of 1" in words(page)
    assert "Vendor: Other" in words(page)
    nobody = as_preparer.get(LIST, {"vendor": str(books.entity.id)})
    assert "No pair matches these filters." in words(nobody)


def test_vendor_records_with_one_vat_id(as_preparer, books):
    for name, vat_id in (("B", "DE2"), ("A", "DE1"), ("C", "DE1"), ("D", "DE2"), ("E", "DE3")):
        factories.vendor(name=name, vat_id=vat_id)
    factories.vendor(name="Gone", vat_id="DE3", gone_at=factories.NOW)
    factories.vendor(name="None", vat_id="")
    shown = as_preparer.get(LIST, {"show": "vat"})
    rows = shown.context["listing"].rows
    assert [(row.vat_id, row.first) for row in rows] == [
        ("DE1", True), ("DE1", False), ("DE2", True), ("DE2", False),
    ]  # fmt: skip
    assert {row.name for row in rows} == set("ABCD")
    assert "4 vendor records of 4" in words(shown)


def test_the_list_is_paged_by_key_and_bounded(as_preparer, books, django_assert_max_num_queries):
    for n in range(60):
        books.note(amount=100 + n, document_number="1", status="DRAFT")
        books.note(amount=100 + n, document_number="01", status="DRAFT")
    look()
    with django_assert_max_num_queries(12):
        first = as_preparer.get(LIST)
    assert len(first.context["listing"].rows) == 50
    following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = as_preparer.get(following)
    assert len(second.context["listing"].rows) == 10
    seen = {row.amount for page in (first, second) for row in page.context["listing"].rows}
    assert len(seen) == 60


@pytest.mark.parametrize("query", ["show=nonsense", "show=%00", "vendor=x", "page=junk"])
def test_junk_in_the_query_is_no_error(as_preparer, pair, query):
    assert as_preparer.get(f"{LIST}?{query}").status_code == 200


def test_a_filter_answers_with_the_results(as_preparer, pair):
    part = as_preparer.get(LIST, {"show": "answered"}, **HTMX)
    assert "<html" not in part.text
    assert part["HX-Push-Url"] == f"{LIST}?show=answered"


# --- side by side ---------------------------------------------------------------------------------
def test_side_by_side_what_differs_is_marked(as_preparer, pair):
    page = as_preparer.get(url(pair))
    said = words(page)
    assert "Are gs 8213 and GS-8213 the same?" in said
    facts = {fact.label: fact.differs for fact in page.context["shown"].facts}
    assert facts["Amount"] is False and facts["Vendor"] is False
    assert facts["Document date"] and facts["Status"] and facts["Description"]
    assert said.count("differs") == sum(facts.values())
    for note in pair:
        assert f'src="{reverse("credit_note_document", args=[note.id])}#' in page.text
        cancel = reverse("archive", args=[note.id]) + "?reason=duplicate"
        assert f'href="{cancel}" hx-get="{cancel}"' in page.text


def test_the_answer_is_kept_and_told_everywhere(as_preparer, pair):
    answer = as_preparer.post(url(pair), {"reason": REASON}, follow=True)
    assert "Noted: gs 8213 and GS-8213 are two credits." in words(answer)
    assert NotDuplicate.objects.get().reason == REASON
    page = words(as_preparer.get(url(pair[::-1])))
    assert "Paula Prep has answered: no duplicate." in page
    assert "How do you know?" not in page
    for note, other in (pair, pair[::-1]):
        said = words(as_preparer.get(reverse("credit_note", args=[note.id])))
        assert f"Paula Prep has compared it with {other} : no duplicate." in said
        assert REASON in said
    assert queries.statements([pair[0].id])[pair[0].id][0].reason == REASON


@pytest.mark.parametrize("reason, said", [("", "Say in a few words"), ("x" * 1001, "Shorten")])
def test_an_answer_without_words_keeps_the_page(as_preparer, pair, reason, said):
    answer = as_preparer.post(url(pair), {"reason": reason})
    assert answer.status_code == 422
    assert said in words(answer)
    assert f">{reason}</textarea>" in answer.text
    assert not NotDuplicate.objects.exists()


def test_the_second_answer_is_a_conflict(as_preparer, pair, preparer):
    duplicates.say_not(note_id=pair[0].id, other_id=pair[1].id, reason=REASON, by=preparer)
    answer = as_preparer.post(url(pair), {"reason": "Mine"})
    assert answer.status_code == 409
    assert "Somebody was faster" in words(answer)


def test_two_that_do_not_look_alike_are_only_shown(as_preparer, books):
    pair = books.note(), books.note(amount=1)
    page = as_preparer.get(url(pair))
    assert "do not look alike any more" in words(page)
    assert "Not a duplicate" not in words(page)
    assert as_preparer.post(url(pair), {"reason": REASON}).status_code == 409


def test_a_viewer_sees_why_the_buttons_rest(client, viewer, pair):
    client.force_login(viewer)
    page = client.get(url(pair))
    assert "Only a preparer can do this." in words(page)
    assert page.text.count("disabled") == 3
    assert client.post(url(pair), {"reason": REASON}).status_code == 403


def test_a_suspected_note_says_so_on_its_page(as_preparer, pair):
    newer, older = pair
    page = as_preparer.get(reverse("credit_note", args=[newer.id]))
    assert "May be the same as GS-8213. Same vendor, same number, 3 days apart." in words(
        page
    ).replace("GS-8213 .", "GS-8213.")
    assert reverse("duplicate", args=[newer.id, older.id]) in page.text


# --- cancelling one of them ----------------------------------------------------------------------
def chosen(page):
    return re.findall(r'<input[^>]*value="(\w*)"[^>]* checked', page.text)


@pytest.mark.parametrize("extra", [{}, HTMX])
def test_cancelling_from_there_has_the_reason_chosen(as_preparer, pair, extra):
    address = reverse("archive", args=[pair[0].id])
    assert chosen(as_preparer.get(address, **extra)) == []
    assert chosen(as_preparer.get(f"{address}?reason=duplicate", **extra)) == ["duplicate"]
    typed = {"reason_code": "other", "reason": ""}
    refused = as_preparer.post(f"{address}?reason=duplicate", typed, **extra)
    assert refused.status_code == 422 and chosen(refused) == ["other"]
    refused = as_preparer.post(f"{address}?reason=duplicate", {}, **extra)
    assert refused.status_code == 422 and chosen(refused) == []


@pytest.mark.parametrize("junk", ["", "refund", "x" * 9000, "\x00", "<b>"])
def test_a_reason_that_is_not_listed_is_not_chosen(as_preparer, pair, junk):
    dialog = as_preparer.get(reverse("archive", args=[pair[0].id]), {"reason": junk})
    assert dialog.status_code == 200 and chosen(dialog) == []
