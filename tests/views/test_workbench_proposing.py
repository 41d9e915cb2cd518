"""The clearing page: what it proposes, what it refuses, and how it stays fresh; never a 500."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from clearing.models import CreditNote, Draft, Instruction, Preference, Proposal
from tests import factories
from tests.views.clearing_page import HTMX, Page, cell, text, value


@pytest.fixture
def bench(client, books, preparer):
    client.force_login(preparer)
    return Page(client, books)


# --- proposing -----------------------------------------------------------------------------
def test_proposing_makes_lines_and_ends_the_draft(bench, books, preparer):
    note, draft, posted = books.note(), books.invoice(state="IN_DRAFT"), books.invoice()
    fields = {cell(note, posted): "30.00", cell(note, draft): "40.00", "note": "Both agreed"}
    bench.post("workbench_sums", fields, **HTMX)
    answer = bench.post("propose", fields)
    proposal = Proposal.objects.get()
    assert answer.status_code == 302
    assert answer.url == reverse("proposal", args=[proposal.pk])
    assert (proposal.note, proposal.created_by) == ("Both agreed", preparer)
    assert [(one.invoice_payable_id, one.amount) for one in proposal.lines.all()] == [
        (draft.id, 4000), (posted.id, 3000),
    ]  # fmt: skip
    assert not Draft.objects.exists()


def test_with_htmx_the_browser_is_sent_to_the_proposal(bench, books):
    note, invoice = books.note(), books.invoice()
    answer = bench.post("propose", {cell(note, invoice): "40.00"}, **HTMX)
    assert answer["HX-Redirect"] == reverse("proposal", args=[Proposal.objects.get().pk])


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1e3", "Write the amount like"),
        ("-5", "without a sign"),
        ("0", "more than 0"),
        ("1.234", "EUR has 2 decimals"),
        ("9" * 25, "larger than any invoice"),
        ("9" * 5000, "larger than any invoice"),
        ("１２", "Write the amount like"),
        ("NaN", "Write the amount like"),
        ("<b>1</b>", "Write the amount like"),
        ("100.01", "Only EUR 100.00"),
    ],
)
def test_a_bad_amount_is_refused_at_its_field_and_kept(bench, books, typed, words):
    note, invoice = books.note(), books.invoice()
    answer = bench.post("propose", {cell(note, invoice): typed, "note": "kept"})
    assert answer.status_code == 422
    assert 'class="error-summary"' in text(answer)
    assert words in text(answer).replace("&#x27;", "'")
    from django.utils.html import escape

    assert value(answer, cell(note, invoice)) == escape(typed)
    assert "kept" in text(answer)
    assert not Proposal.objects.exists()


def test_a_point_under_a_comma_format_is_an_error_not_123(bench, books, preparer):
    Preference.objects.create(user=preparer, number_format="de_DE")
    note, invoice = books.note(), books.invoice()
    assert value(bench.get(), cell(note, invoice)) == "100,00"
    assert bench.post("propose", {cell(note, invoice): "1.23"}).status_code == 422
    assert bench.post("propose", {cell(note, invoice): "1,23"}).status_code == 302
    assert Instruction.objects.get().amount == 123


def test_nothing_to_propose_is_said(bench, books):
    note, invoice = books.note(), books.invoice()
    answer = bench.post("propose", {cell(note, invoice): ""})
    assert answer.status_code == 422
    assert "Enter an amount for at least one link." in text(answer)


def test_documents_of_others_smuggled_in_are_refused_in_words(bench, books):
    note = books.note()
    other = factories.invoice(factories.vendor(name="Other"), books.entity)
    strange = type("Strange", (), {"id": uuid.uuid4()})
    for invoice in (other, strange):
        fields = {cell(note, invoice): "1.00"}
        for name in ("propose", "workbench_sums"):
            answer = bench.post(name, fields, **HTMX)
            assert answer.status_code == (422 if name == "propose" else 200)
        answer = bench.post("propose", fields)
        assert answer.status_code == 422
        assert "not of this vendor, entity and currency" in text(answer)
        assert "Other" not in text(answer)
        assert bench.get().status_code == 200
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("name", ["propose", "workbench_sums"])
def test_nul_bytes_junk_and_long_texts_are_no_500(bench, books, name):
    note, invoice = books.note(), books.invoice()
    for fields in (
        {cell(note, invoice): "\x00", "note": "\x00"},
        {"amount-\x00": "1", "amount-x": "1"},
        {"add": "\x00", "leave_out": "\x00", "credit": "\x00", "start": "\x00", "shown_at": "\x00"},
        {"shown_at": "9999-99-99T99:99:99Z", "add": str(uuid.uuid4())},
        {"note": "n" * 900_000},
        {cell(note, invoice): "1" * 900_000},
    ):
        assert bench.post(name, fields).status_code in (302, 422)
        assert bench.get().status_code == 200
    assert bench.post(name, {"note": "n" * 2_000_000}).status_code == 400


def test_somebody_faster_is_409_with_the_inputs_kept(bench, books):
    maria = factories.person("preparer", username="maria", first_name="Maria", last_name="K")
    note, invoice = books.note(), books.invoice()
    factories.line(maria, note, invoice, 1000)
    answer = bench.post("propose", {cell(note, invoice): "40.00"})
    assert answer.status_code == 409
    assert "held by Maria K" in text(answer)
    assert value(answer, cell(note, invoice)) == "40.00"


def test_after_a_lost_session_the_way_back_is_the_page(client, books, preparer):
    note, invoice = books.note(), books.invoice()
    page = Page(client, books)
    assert "/login/" in page.post("propose", {cell(note, invoice): "1.00"}).url
    client.force_login(preparer)
    assert client.get(page.url("propose")).url == page.url()
    assert client.get(page.url("workbench_sums")).url == page.url()


# --- size and freshness --------------------------------------------------------------------
def test_an_old_group_is_read_again_and_a_fresh_one_is_not(bench, books):
    books.note(links_read_at=timezone.now()), books.invoice(outstanding_read_at=timezone.now())
    bench.get()
    assert not CreditNote.objects.filter(links_wanted_at__isnull=False).exists()
    with override_settings(GROUP_REFRESH=0):
        assert "being read from Light again" in text(bench.get())
    assert CreditNote.objects.filter(links_wanted_at__isnull=False).exists()


def test_of_many_documents_a_part_is_shown_and_their_number_costs_no_query(
    bench, books, django_assert_max_num_queries
):
    now = timezone.now()
    for n in range(60):
        books.note(links_read_at=now)
        books.invoice(outstanding_read_at=now, due_date=date(2026, 11, 1) + timedelta(n))
        books.invoice(state="PAID")
    with django_assert_max_num_queries(34):  # PostgreSQL also tells the time
        shown = bench.get()
    assert "50 of 60 that can be used" in text(shown)
    assert "50 of 60, earliest payment first" in text(shown)
    assert "Propose 50 links for EUR 5,000.00" in text(shown)
    later = re.search(r'href="([^"]+)">Later credit notes', text(shown))[1].replace("&amp;", "&")
    rest = bench.client.get(later)
    assert "10 of 60 that can be used" in text(rest)
    assert "Propose 10 links for EUR 1,000.00" in text(rest)
    assert "Earlier credit notes" in text(rest) and "Later credit notes" not in text(rest)
    with django_assert_max_num_queries(39):
        bench.post("workbench_sums", {}, **HTMX)


@pytest.mark.parametrize("start", ["-1", "x", "9" * 30, "٣", "7", "1000"])
def test_any_part_that_an_address_asks_for_is_a_page(bench, books, start):
    books.note(), books.invoice()
    assert bench.get(f"&from={start}").status_code == 200
