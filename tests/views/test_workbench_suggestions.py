"""Suggestions on the clearing page: their reasons, what a person makes of them, what is kept."""

import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from clearing.matching import numbers
from clearing.models import (
    AuditEvent,
    Citation,
    Declined,
    Entity,
    Instruction,
    Outlook,
    Proposal,
)
from clearing.services import declining
from tests import factories
from tests.views.clearing_page import HTMX, Page, cell, value
from tests.views.pages import words

PAIR = ("credit_note_id", "invoice_payable_id")


@pytest.fixture
def bench(client, books, preparer):
    client.force_login(preparer)
    return Page(client, books)


@pytest.fixture
def two(books):
    """One credit of EUR 150.00 for two drafts of EUR 100.00, the first due first."""
    first = books.invoice(state="IN_DRAFT", due_date=date(2026, 11, 5))
    second = books.invoice(state="IN_DRAFT", due_date=date(2026, 12, 1))
    return books.note(amount=15000), first, second


def cite(note, number, place="pdf", page=1):
    key = numbers.key(number)
    found = [[key, place, page, f"zu Rechnung {number}"]]
    Citation.objects.create(credit_note_id=note.id, keys=key, in_pdf=found, looked_at=factories.NOW)


def line(page, note, invoice):
    """The source of one line's row."""
    return re.search(rf'<tr class="sel" id="row-{cell(note, invoice)}".*?</tr>', page.text, re.S)[0]


def said(source):
    return " ".join(re.sub(r"<[^>]+>", " ", source).split())


def fields(page):
    """What the form of a page sends."""
    kept = re.findall(r'name="(keep-[^"]+)" checked', page.text)
    return dict.fromkeys(kept, "on") | dict(
        re.findall(r'name="((?:amount|filled)-[^"]+)"[^>]*? value="([^"]*)"', page.text)
    )


# --- what is said --------------------------------------------------------------------------
def test_a_line_says_how_sure_it_is_and_why(bench, books):
    note = books.note(amount=4711, document_date=date(2026, 11, 1))
    invoice = books.invoice(amount=4711, invoice_number="4711-22", number_key="471122")
    cite(note, "4711-22")
    books.invoice(amount=99999)
    source = line(bench.get(), note, invoice)
    why = "PDF page 1 says “zu Rechnung 4711-22”. Same amount, 12 days apart, no other candidate."
    assert f"Certain {why}" in said(source)
    assert "<details open" not in source


def test_only_a_possible_one_opens_its_other_possibilities(bench, two, books):
    note, first, _second = two
    third = books.invoice(state="IN_DRAFT", due_date=date(2026, 12, 3))
    source = line(bench.get(), note, first)
    assert "Possible" in source and "<details open" in source
    assert f"Next best is {third}" in said(source)
    assert f"Use instead: {third} EUR 100.00" in said(source)


def test_a_credit_says_that_the_invoice_it_names_is_paid(bench, books):
    note, _open = books.note(), books.invoice(amount=500000)
    paid_at = datetime(2026, 10, 2, 9, tzinfo=UTC)
    books.invoice(invoice_number="INV-0481", number_key="INV0481", state="PAID", payment_at=paid_at)
    cite(note, "INV-0481")
    assert (
        "PDF page 1 says “zu Rechnung INV-0481”. INV-0481 was paid on 2 Oct 2026: ask the vendor "
        "for a refund."
    ) in words(bench.get())


def test_what_is_left_of_a_credit_says_why(bench, books):
    books.note(amount=15000), books.invoice()
    assert "EUR 50.00 is left: other credit covers what is open." in words(bench.get()) or (
        "EUR 50.00 is left" in words(bench.get())
    )


def test_a_credit_without_any_suggestion_says_its_cause_and_the_next_step(bench, books):
    note = books.note()
    assert "EUR 100.00 is left: no invoice is open here." in words(bench.get())
    Outlook.objects.create(
        credit_note_id=note.id, vendor_id=books.vendor.id, entity_id=books.entity.id,
        currency="EUR", left=10000, day=date(2026, 9, 14), cause="no_invoice",
        since=factories.NOW,
    )  # fmt: skip
    assert "Wait for the next one; if none will come, ask for a refund." in words(bench.get())
    other = factories.entity(name="Acme SARL", code="FR")
    details = {"entity": str(other.id), "open": 70000}
    Outlook.objects.update(cause="other_entity", details=details)
    assert "What is open of this vendor, EUR 700.00, stands with Acme SARL" in words(bench.get())


def test_the_fx_difference_is_said_and_follows_the_amount(bench, books):
    Entity.objects.update(local_currency="SEK")
    note, invoice = books.note(local_fx_rate="11.2"), books.invoice(local_fx_rate="11.32")
    shown = bench.get()
    assert "Light will book an FX difference of about SEK 12.00." in words(shown)
    sums = bench.post("workbench_sums", fields(shown) | {cell(note, invoice): "50.00"}, **HTMX)
    assert "about SEK 6.00." in words(sums)
    Entity.objects.update(local_currency="EUR")
    assert "FX difference" not in words(bench.get())


# --- what a person makes of it ---------------------------------------------------------------
def test_the_rest_is_rebalanced_only_when_asked(bench, two):
    note, first, second = two
    typed = fields(bench.get()) | {cell(note, first): "30.00"}
    bench.post("workbench_sums", typed, **HTMX)
    shown = bench.get()
    assert (value(shown, cell(note, first)), value(shown, cell(note, second))) == ("30.00", "50.00")
    assert "Suggested: EUR 100.00" in said(line(shown, note, first))
    again = bench.post("workbench_sums", fields(shown) | {"start": "rest"}, **HTMX)
    assert (value(again, cell(note, first)), value(again, cell(note, second))) == (
        "30.00", "100.00",
    )  # fmt: skip
    assert "Suggested" not in said(line(again, note, second))
    twice = bench.post(
        "workbench_sums", fields(again) | {cell(note, first): "80.00", "start": "rest"}, **HTMX
    )
    assert (value(twice, cell(note, first)), value(twice, cell(note, second))) == ("80.00", "70.00")


def test_a_line_that_is_kept_stays_when_the_rest_is_rebalanced(bench, two):
    note, first, second = two
    name = cell(note, second)
    typed = fields(bench.get()) | {name.replace("amount", "keep"): "on"}
    bench.post("workbench_sums", typed, **HTMX)
    kept = bench.get()
    assert "checked" in line(kept, note, second) and "checked" not in line(kept, note, first)
    typed = fields(bench.get()) | {cell(note, first): "20.00", "start": "rest"}
    assert value(bench.post("workbench_sums", typed, **HTMX), name) == "50.00"


def test_what_is_left_out_comes_back_only_with_everything(bench, two):
    note, first, second = two
    out = bench.post("workbench_sums", fields(bench.get()) | {"leave_out": cell(note, first)})
    assert out.status_code == 302
    shown = bench.get()
    assert value(shown, cell(note, first)) is None
    rest = bench.post("workbench_sums", fields(shown) | {"start": "rest"}, **HTMX)
    assert value(rest, cell(note, first)) is None
    assert value(rest, cell(note, second)) == "100.00"
    anew = bench.post("workbench_sums", fields(rest) | {"start": "suggest"}, **HTMX)
    assert value(anew, cell(note, first)) == "100.00"


def test_another_possibility_replaces_the_line(bench, two, books):
    note, first, second = two
    third = books.invoice(state="IN_DRAFT", amount=7000, due_date=date(2026, 12, 24))
    shown = bench.get()
    assert f"{third} EUR 70.00" in said(line(shown, note, first))
    chosen = {"instead": f"{cell(note, first)}:{third.id}"}
    other = bench.post("workbench_sums", fields(shown) | chosen, **HTMX)
    assert value(other, cell(note, first)) is None
    assert value(other, cell(note, second)) == "50.00"
    assert value(other, cell(note, third)) == "70.00"
    assert "Added by hand." in said(line(other, note, third))


@pytest.mark.parametrize(
    "chosen",
    ["{here}:{here}", "x", ":", "{line}:", "{line}:\x00", "{line}:{other}", "{line}:{own}"],
)
def test_junk_instead_of_an_invoice_changes_nothing(bench, two, books, chosen):
    note, first, _second = two
    other = factories.invoice(factories.vendor(name="Other"), books.entity)
    given = chosen.format(
        here=note.id, line=cell(note, first), other=other.id, own=first.id
    )  # fmt: skip
    answer = bench.post("workbench_sums", fields(bench.get()) | {"instead": given}, **HTMX)
    assert answer.status_code == 200 and "Other" not in answer.text.split("Can&#x27;t")[0]
    assert value(bench.get(), cell(note, first)) in ("100.00", None)


# --- rejected ------------------------------------------------------------------------------
def test_a_rejected_suggestion_stays_away_and_can_be_taken_back(bench, two, preparer):
    note, first, second = two
    bench.post("workbench_sums", fields(bench.get()), **HTMX)
    url = reverse("decline", args=[note.id, first.id]) + f"?next={bench.url()}".replace("&", "%26")
    dialog = bench.client.get(url, headers=HTMX)
    assert f"Never suggest {note} for {first} again?" in words(dialog)
    answer = bench.client.post(url, {"reason": "Another delivery", "next": bench.url()})
    assert answer.status_code == 302 and answer.url == bench.url()
    shown = bench.get()
    assert value(shown, cell(note, first)) is None
    assert value(shown, cell(note, second)) == "50.00"
    assert f"{note} {first} “ Another delivery ” Paula Prep" in words(shown)
    anew = bench.post("workbench_sums", fields(shown) | {"start": "suggest"}, **HTMX)
    assert value(anew, cell(note, first)) is None
    back = reverse("suggest_again", args=[note.id, first.id])
    assert bench.client.post(back, {"next": bench.url()}).url == bench.url()
    anew = bench.post("workbench_sums", fields(bench.get()) | {"start": "suggest"}, **HTMX)
    assert value(anew, cell(note, first)) == "100.00"
    assert not Declined.objects.exists() and AuditEvent.objects.count() == 2
    assert "may be suggested" not in bench.client.post(back).text


@pytest.mark.parametrize("reason", ["", " ", "n" * 1001])
def test_a_rejection_asks_for_its_reason(bench, two, reason):
    note, first, _second = two
    answer = bench.client.post(reverse("decline", args=[note.id, first.id]), {"reason": reason})
    assert answer.status_code == 422 and 'class="error-summary"' in answer.text
    assert not Declined.objects.exists()


def test_a_second_rejection_was_slower(bench, two):
    note, first, _second = two
    url = reverse("decline", args=[note.id, first.id])
    assert bench.client.post(url, {"reason": "Another delivery"}).url == bench.url()
    assert bench.client.post(url, {"reason": "Wrong"}).status_code == 409


def test_what_was_rejected_can_still_be_added_by_hand(bench, books, preparer):
    note, invoice = books.note(), books.invoice()
    declining.decline(
        **dict(zip(PAIR, (note.id, invoice.id), strict=True)), reason="No", by=preparer
    )
    assert value(bench.get(), cell(note, invoice)) is None
    added = bench.post("workbench_sums", {"add": invoice.id}, **HTMX)
    assert value(added, cell(note, invoice)) == "100.00"


# --- what is kept with the lines -------------------------------------------------------------
def test_a_proposal_keeps_what_the_engine_said(bench, two, books):
    note, first, second = two
    by_hand = books.invoice(state="IN_DRAFT", amount=1000, due_date=date(2027, 1, 5))
    typed = fields(bench.get()) | {cell(note, first): "30.00", cell(note, by_hand): "5.00"}
    assert bench.post("propose", typed).status_code == 302
    lines = {one.invoice_payable_id: one for one in Instruction.objects.all()}
    assert (lines[first.id].amount, lines[first.id].suggestion["amount"]) == (3000, 10000)
    assert (lines[second.id].amount, lines[second.id].suggestion["amount"]) == (5000, 5000)
    assert lines[second.id].suggestion["strength"] == 1
    assert lines[by_hand.id].suggestion == {}


def test_a_rebalanced_line_is_as_suggested(bench, two):
    note, first, second = two
    typed = fields(bench.get()) | {cell(note, first): "80.00", "start": "rest"}
    again = bench.post("workbench_sums", typed, **HTMX)
    assert bench.post("propose", fields(again)).status_code == 302
    line = Instruction.objects.get(invoice_payable_id=second.id)
    assert (line.amount, line.suggestion["amount"]) == (7000, 7000)


def test_two_at_once_the_second_sees_who_holds_what_and_nothing_is_proposed_twice(
    client, bench, books
):
    maria = factories.person("preparer", username="maria", first_name="Maria", last_name="K")
    note, invoice = books.note(), books.invoice()
    mine = fields(bench.get())
    client.force_login(maria)
    assert bench.post("propose", fields(bench.get())).status_code == 302
    client.force_login(factories.person("preparer", username="late"))
    late = bench.post("propose", mine)
    assert late.status_code == 409 and "held by Maria K" in words(late)
    shown = bench.get()
    assert "Held by Maria K since" in words(shown)
    assert Instruction.objects.count() == Proposal.objects.count() == 1
    assert str(note) in words(shown) and str(invoice) in words(shown)
