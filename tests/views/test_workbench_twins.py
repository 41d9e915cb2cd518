"""The clearing page and a possible duplicate: said on its row, never suggested, until answered."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clearing.models import Draft, Instruction, Proposal
from clearing.services import duplicates, suspecting
from tests import factories
from tests.views.clearing_page import HTMX, Page, cell, value
from tests.views.pages import words

REASON = "Two deliveries on one day"


@pytest.fixture
def bench(client, books, preparer):
    client.force_login(preparer)
    return Page(client, books)


@pytest.fixture
def pair(books):
    """A usable note of EUR 100.00, and the cleared one that it may repeat."""
    older = books.note(document_number="GS-8213", document_date=date(2026, 9, 11), status="CLEARED")
    newer = books.note(document_number="gs 8213", document_date=date(2026, 9, 14))
    while suspecting.look(factories.NOW):
        pass
    return newer, older


def row(page, note):
    """The text of a note's row, and its source."""
    source = re.search(rf'<tr id="credit-{note.id}".*?</tr>', page.text, re.S)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", source).split()), source


def answer(pair, by):
    duplicates.say_not(note_id=pair[0].id, other_id=pair[1].id, reason=REASON, by=by)


def test_it_does_not_count_as_free_until_somebody_has_answered(bench, preparer, pair):
    assert "Credit free to use EUR 0.00" in words(bench.get())
    answer(pair, preparer)
    assert "Credit free to use EUR 100.00" in words(bench.get())


def test_its_row_says_so_and_leads_to_the_comparison(bench, books, pair):
    said, source = row(bench.get(), pair[0])
    assert "May be the same as GS-8213 . Compare gs 8213, GS-8213" in said
    assert f'href="{reverse("duplicate", args=[one.id for one in pair])}?next=' in source
    assert 'type="radio"' not in source and "warn-row" in source


@pytest.mark.parametrize("arrived", [False, True])
def test_it_is_neither_prefilled_nor_suggested(bench, books, pair, arrived):
    invoice = books.invoice(amount=20000)
    if not arrived:
        sound = books.note(amount=7000)
    shown = bench.get(f"&credit_note={pair[0].id}" if arrived else "")
    assert value(shown, cell(pair[0], invoice)) is None
    again = bench.post("workbench_sums", {"start": "suggest"}, **HTMX)
    assert value(again, cell(pair[0], invoice)) is None
    if arrived:
        assert "Propose links" in words(shown) and "0 can be used" in words(shown)
    else:
        assert value(shown, cell(sound, invoice)) == "70.00"
        assert "Propose 1 link for EUR 70.00" in words(again) and "1 can be used" in words(shown)


def test_credit_is_added_from_another_or_the_way_out_is_said(bench, books, pair):
    invoice = books.invoice(amount=20000)
    named = "gs 8213 may be the same as GS-8213. Compare the two first."
    for chosen in ({}, {"credit": pair[0].id}):
        added = bench.post("workbench_sums", {"add": invoice.id} | chosen, **HTMX)
        assert named in words(added)
        assert value(added, cell(pair[0], invoice)) is None
    sound = books.note(amount=7000, document_date=date(2026, 10, 1))
    added = bench.post("workbench_sums", {"add": invoice.id}, **HTMX)
    assert value(added, cell(sound, invoice)) == "70.00"
    more = {cell(sound, invoice): "70.00", "add": invoice.id}
    assert named in words(bench.post("workbench_sums", more, **HTMX))


def test_a_line_of_an_older_draft_says_why_it_waits(bench, books, pair, preparer):
    invoice = books.invoice()
    bench.post("workbench_sums", {cell(pair[0], invoice): "40.00"}, **HTMX)
    shown = bench.get()
    assert value(shown, cell(pair[0], invoice)) == "40.00"
    sentence = "It may be the same as GS-8213. Compare the two and say why it is none."
    assert words(shown).count(sentence) == 1
    refused = bench.post("propose", {cell(pair[0], invoice): "40.00"})
    assert refused.status_code == 422 and sentence in words(refused)
    assert not Proposal.objects.exists() and Draft.objects.exists()


def test_once_answered_it_is_as_any_other_and_the_answer_is_shown(bench, books, pair, preparer):
    answer(pair, preparer)
    invoice = books.invoice()
    shown = bench.get()
    said, source = row(shown, pair[0])
    assert f"Not a duplicate: Paula Prep : “ {REASON} ”" in said
    assert "May be the same" not in said and 'type="radio"' in source and "warn" not in source
    assert value(shown, cell(pair[0], invoice)) == "100.00"
    assert bench.post("propose", {cell(pair[0], invoice): "100.00"}).status_code == 302
    assert Instruction.objects.get().credit_note_id == pair[0].id


def test_one_answer_of_two_is_not_enough(bench, books, pair, preparer):
    third = books.note(document_number="8213", amount=10000, document_date=date(2026, 9, 15))
    while suspecting.look(factories.NOW + timedelta(minutes=1)):
        pass
    answer(pair, preparer)
    said, _source = row(bench.get(), pair[0])
    assert said.index("May be the same as 8213") < said.index("Not a duplicate: Paula Prep")
    answer((pair[0], third), preparer)
    assert "May be the same" not in row(bench.get(), pair[0])[0]


def test_a_twin_that_was_cancelled_as_a_duplicate_is_no_matter(bench, pair, preparer, approver):
    factories.line(
        preparer, pair[1], None, 10000, kind="archive", reason_code="duplicate",
        approved_by=approver, state="done",
    )  # fmt: skip
    said, source = row(bench.get(), pair[0])
    assert "duplicate" not in said and "same as" not in said and 'type="radio"' in source


def test_the_comparison_leads_back_to_the_clearing_page(bench, pair):
    _said, source = row(bench.get(), pair[0])
    compare = re.search(r'href="([^"]+\?next=[^"]+)"', source)[1].replace("&amp;", "&")
    assert bench.client.post(compare, {"reason": REASON}).url == bench.url()


def test_others_read_it_too(client, books, pair, viewer):
    client.force_login(viewer)
    assert "May be the same as GS-8213" in row(Page(client, books).get(), pair[0])[0]


def test_many_of_them_need_few_queries(bench, books, preparer, django_assert_max_num_queries):
    now = timezone.now()
    for n in range(20):
        one, other = (
            books.note(amount=100 + n, document_number="1", links_read_at=now) for _ in range(2)
        )
        books.invoice(outstanding_read_at=now)
        if n == 0:
            first = one, other
    while suspecting.look(factories.NOW):
        pass
    with django_assert_max_num_queries(33):  # PostgreSQL also tells the time
        assert bench.get().text.count("May be the same as") == 40
    answer(first, preparer)
    with django_assert_max_num_queries(34):  # one for the answers
        shown = bench.get()
    assert shown.text.count("May be the same as") == 38
    assert shown.text.count("Not a duplicate:") == 2
    with django_assert_max_num_queries(39):
        bench.post("workbench_sums", {}, **HTMX)
