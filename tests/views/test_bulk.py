"""The same change for many: what is asked first, what each item becomes, what is left as it was."""

import re

import pytest
from django.test import override_settings
from django.urls import reverse

from clearing.models import AuditEvent, CreditNote, Instruction, InvoicePayable
from clearing.services import bulk
from tests import factories
from tests.views.pages import HTMX, words

REASON = {"reason_code": "duplicate", "reason": ""}
ARCHIVE, REMOVE = reverse("archive_many"), reverse("remove_links")


def key(link):
    return f"{link.credit_note_id}:{link.invoice_payable_id}"


def seen(*items):
    """What the confirmation's form sends for these notes and links."""
    return [
        f"{one.pk}:{one.status}" if hasattr(one, "status") else f"{key(one)}:{one.amount}"
        for one in items
    ]


def lines(kind):
    return Instruction.objects.filter(kind=kind)


@pytest.fixture
def draft(books):
    return books.note(document_number="CN-DRAFT", status="DRAFT")


@pytest.fixture
def posted(books):
    return books.note(document_number="CN-POSTED")


@pytest.fixture
def linked(books):
    """A posted note that still has an active link, so it cannot be cancelled."""
    note = books.note(document_number="CN-LINKED")
    factories.link(note, books.invoice(state="IN_DRAFT"), 4000)
    return note


# --- cancel or discard: the confirmation --------------------------------------------------------
def test_the_confirmation_says_what_happens_to_each(as_approver, draft, posted, linked):
    ids = [str(one.pk) for one in (linked, draft, posted)]
    answer = as_approver.get(ARCHIVE, {"note": ids})
    said = words(answer)
    assert "Cancel or discard 2 credit notes?" in said
    assert "posting and archiving do" in said
    assert "Discarded; sent to Light at once." in said
    assert "Cancelled and reversed in the ledger once a second person approves." in said
    assert "Is left out. It is still linked to 1 invoice. Remove that link first." in said
    assert said.index("CN-DRAFT") < said.index("CN-POSTED") < said.index("CN-LINKED")
    assert re.findall(r'name="seen" value="([^"]+)"', answer.text) == seen(draft, posted)


def test_a_preparer_discards_with_a_second_person(as_preparer, draft):
    said = words(as_preparer.get(ARCHIVE, {"note": str(draft.pk)}))
    assert "Discard 1 draft?" in said
    assert "Discarded once a second person approves." in said
    assert "at once" not in said
    assert "the ledger stays as it is" in said and "VAT" not in said


def test_balances_before_and_after(as_approver, books, posted, linked):
    said = words(as_approver.get(ARCHIVE, {"note": [str(posted.pk), str(linked.pk)]}))
    assert "EUR 100.00 → becomes EUR 0.00 Cancelled" in said
    assert "EUR 60.00 Is left out." in said  # what cannot be cancelled keeps what it has


def test_htmx_gets_the_dialog_and_everybody_else_a_page(as_approver, draft):
    fragment = as_approver.get(ARCHIVE, {"note": str(draft.pk)}, **HTMX)
    assert "<html" not in fragment.text
    assert f'hx-post="{ARCHIVE}"' in fragment.text
    page = as_approver.get(ARCHIVE, {"note": str(draft.pk)})
    assert "<html" in page.text
    assert "hx-post" not in page.text.split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({}, "Nothing is selected."),
        ({"note": "no-id"}, "Nothing is selected."),
        ({"note": "00000000-0000-4000-8000-000000000000"}, "1 of them is not in the copy"),
        ({"all": "1", "status": "WHAT"}, "So nothing is selected."),
        ({"all": "1", "status": "CLEARED"}, "Nothing is selected."),
    ],
)
def test_nothing_to_confirm(as_approver, draft, query, sentence):
    answer = as_approver.get(ARCHIVE, query)
    assert answer.status_code == 200
    assert sentence in words(answer)
    assert "<button" not in answer.text.split('class="dlg"')[1].split("</main>")[0]


def test_all_that_match_are_those_that_a_filter_shows(as_approver, books, draft, posted, linked):
    books.note(status="ARCHIVED", document_number="CN-OLD")
    said = words(as_approver.get(ARCHIVE, {"all": "1", "q": "CN-"}))
    assert "CN-DRAFT" in said and "CN-POSTED" in said and "CN-OLD" not in said
    said = words(as_approver.get(ARCHIVE, {"all": "1", "status": "DRAFT"}))
    assert "CN-DRAFT" in said and "CN-POSTED" not in said


def test_too_many_at_once(as_approver, books, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    notes = [books.note(status="DRAFT") for _n in range(3)]
    assert "These are 3. At most 2 go at once" in words(as_approver.get(ARCHIVE, {"all": "1"}))
    answer = as_approver.post(ARCHIVE, REASON | {"seen": seen(*notes)})
    assert answer.status_code == 422
    assert "At most 2 go at once" in words(answer)
    assert not lines("archive").exists()


# --- cancel or discard: what becomes of each -------------------------------------------------
def test_each_item_has_its_own_outcome(as_approver, draft, posted, linked):
    given = REASON | {"seen": seen(draft, posted, linked), "next": "/credit-notes/?status=DRAFT"}
    answer = as_approver.post(ARCHIVE, given, follow=True)
    said = words(answer)
    assert "2 asked for, 1 skipped" in said
    assert "It is still linked to 1 invoice. Remove that link first." in said
    assert 'href="/credit-notes/?status=DRAFT"' in answer.text
    states = {one.credit_note_id: one.state for one in lines("archive")}
    assert states == {draft.pk: "ready", posted.pk: "proposed"}
    for one in lines("archive"):
        assert (one.reason_code, one.asked_by.username) == ("duplicate", "approver")
        assert reverse("proposal", args=[one.proposal_id]) in answer.text
        assert AuditEvent.objects.filter(instruction_id=one.pk, reason_code="duplicate").exists()


def test_the_result_shows_how_far_each_is_and_asks_again(as_approver, draft):
    answer = as_approver.post(ARCHIVE, REASON | {"seen": seen(draft)}, follow=True)
    result = answer.redirect_chain[0][0]
    assert 'hx-trigger="every 2s"' in answer.text
    lines("archive").update(**{"state": "refused", "outcome": "The document is locked"})
    later = as_approver.get(result, **HTMX)
    assert "Light said no: “The document is locked”" in words(later)
    assert "hx-trigger" not in later.text
    assert "<html" not in later.text


def test_a_second_click_asks_for_nothing_twice(as_approver, draft):
    as_approver.post(ARCHIVE, REASON | {"seen": seen(draft)})
    again = as_approver.post(ARCHIVE, REASON | {"seen": seen(draft)}, follow=True)
    assert "0 asked for, 1 skipped" in words(again)
    assert lines("archive").count() == 1


def test_a_note_that_changed_since_the_look_is_skipped(as_approver, draft, posted):
    """A draft was confirmed; meanwhile it was posted: reversing it is another question."""
    given = REASON | {"seen": [f"{posted.pk}:DRAFT", *seen(draft)]}
    said = words(as_approver.post(ARCHIVE, given, follow=True))
    assert "Its status has changed since you looked." in said
    assert [one.credit_note_id for one in lines("archive")] == [draft.pk]


def test_without_a_reason_nothing_is_asked_and_the_selection_stays(as_approver, draft, posted):
    answer = as_approver.post(ARCHIVE, {"seen": seen(draft, posted)}, **HTMX)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text and "Choose a reason from the list." in answer.text
    assert re.findall(r'name="seen" value="([^"]+)"', answer.text) == seen(draft, posted)
    assert not lines("archive").exists()


def test_with_two_persons_always_nothing_is_sent_at_once(as_approver, draft):
    with override_settings(SECOND_PERSON_ALWAYS=True):
        said = words(as_approver.get(ARCHIVE, {"note": str(draft.pk)}))
        assert "Discarded once a second person approves." in said
        as_approver.post(ARCHIVE, REASON | {"seen": seen(draft)})
    assert [one.state for one in lines("archive")] == ["proposed"]


def test_somebody_elses_result_is_not_shown(as_approver, draft):
    answer = as_approver.get(ARCHIVE, {"result": "0" * 32})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("credit_notes")


def test_htmx_is_led_to_the_result(as_approver, draft):
    answer = as_approver.post(ARCHIVE, REASON | {"seen": seen(draft)}, **HTMX)
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith(f"{ARCHIVE}?result=")


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_the_way_back_stays_here(as_approver, draft, back):
    answer = as_approver.get(ARCHIVE, {"note": str(draft.pk), "next": back})
    asked = answer.text.split('class="dlg"')[1].split("</main>")[0]
    assert 'name="next" value="/credit-notes/"' in asked
    assert "evil" not in asked and "javascript:" not in asked


# --- remove links -----------------------------------------------------------------------------
@pytest.fixture
def links(books):
    """Two planned links of one note of EUR 100.00, of 30.00 and 20.00."""
    note = books.note(document_number="CN-1")
    return [
        factories.link(note, books.invoice(state="IN_DRAFT", invoice_number=number), amount)
        for number, amount in (("INV-1", 3000), ("INV-2", 2000))
    ]


def test_the_balances_run_on_from_link_to_link(as_preparer, links):
    said = words(as_preparer.get(REMOVE, {"link": [key(one) for one in links]}))
    assert "Remove 2 links?" in said
    assert "EUR 50.00 → becomes EUR 80.00" in said
    assert "EUR 80.00 → becomes EUR 100.00" in said
    assert said.count("EUR 100.00 Removed; sent to Light at once") == 0
    assert said.count("Removed; sent to Light at once.") == 2


def test_links_are_removed_one_by_one(as_preparer, links, books):
    cleared = factories.link(
        books.note(), books.invoice(state="COMPLETED"), 1000, fate="cleared"
    )  # fmt: skip
    given = {"reason_code": "refund", "seen": seen(*links, cleared)}
    said = words(as_preparer.post(REMOVE, given, follow=True))
    assert "2 asked for, 1 skipped" in said
    assert "CN-1 → INV-1" in said
    assert "would have to be undone" in said
    found = {(one.invoice_payable_id, one.amount, one.state) for one in lines("unlink")}
    assert found == {(one.invoice_payable_id, one.amount, "ready") for one in links}


def test_a_link_of_another_amount_is_skipped(as_preparer, links):
    given = {"reason_code": "refund", "seen": [f"{key(links[0])}:9999", *seen(links[1])]}
    said = words(as_preparer.post(REMOVE, given, follow=True))
    assert "The amount of this link has changed since you looked." in said
    assert [one.invoice_payable_id for one in lines("unlink")] == [links[1].invoice_payable_id]


def test_a_link_somebody_works_on_is_left_out(as_preparer, approver, links, books):
    factories.line(
        approver, CreditNote.objects.get(pk=links[0].credit_note_id),
        InvoicePayable.objects.get(pk=links[0].invoice_payable_id), 1000, kind="unlink",
    )  # fmt: skip
    said = words(as_preparer.get(REMOVE, {"link": [key(one) for one in links]}))
    assert "Remove 1 link?" in said
    assert "Anton Appr has asked for a change of this link already" in said


def test_an_approver_cannot_ask_to_remove(as_approver, links):
    answer = as_approver.get(REMOVE, {"link": [key(one) for one in links]})
    assert "Only a preparer can do this." in answer.text
    assert as_approver.post(REMOVE, REASON | {"seen": seen(*links)}).status_code == 403
    assert not lines("unlink").exists()


# --- where it begins ---------------------------------------------------------------------------
def test_the_list_offers_what_can_be_chosen(as_preparer, books, draft, posted):
    factories.synced()
    books.note(document_number="CN-OLD", status="ARCHIVED")
    answer = as_preparer.get(reverse("credit_notes"))
    chosen = re.findall(r'name="note" value="([^"]+)" data-select data-amount="(\d+)"', answer.text)
    assert set(chosen) == {(str(draft.pk), "10000"), (str(posted.pk), "10000")}
    assert "Cancel or discard…" in answer.text


def test_a_viewer_is_offered_nothing(client, viewer, draft):
    client.force_login(viewer)
    answer = client.get(reverse("credit_notes"))
    assert "data-select" not in answer.text
    assert "Cancel or discard" not in answer.text


def test_all_that_match_is_offered_where_a_page_does_not_show_them(as_preparer, books):
    for _n in range(51):
        books.note(status="DRAFT")
    answer = as_preparer.get(reverse("credit_notes"), {"status": "DRAFT"})
    address = re.search(r'href="([^"]+)"[^>]*>All 51 that match…', answer.text)[1]
    said = words(as_preparer.get(address.replace("&amp;", "&")))
    assert "Discard 51 drafts?" in said


def test_links_can_be_chosen_on_both_pages(as_preparer, links):
    note = as_preparer.get(reverse("credit_note", args=[links[0].credit_note_id]))
    assert set(re.findall(r'name="link" value="([^"]+)"', note.text)) == set(map(key, links))
    invoice = as_preparer.get(reverse("invoice_payable", args=[links[0].invoice_payable_id]))
    assert 'name="link"' not in invoice.text  # one alone has its own button
