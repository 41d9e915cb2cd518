"""The dialogs that ask for a change: what they say, what they refuse, what they start."""

import re
import uuid
from datetime import date

import pytest
from django.test import override_settings
from django.urls import reverse

from clearing.models import Instruction, Link, Months, Preference
from tests import factories
from tests.views.pages import HTMX, words

REASON = {"remove_link": "wrong_invoice", "change_amount": "wrong_amount", "archive": "duplicate"}
DIALOGS = list(REASON)


@pytest.fixture
def link(books):
    """EUR 40.00 of a note of 100.00, planned for a draft invoice of 100.00."""
    note = books.note(document_number="CN-1042")
    return factories.link(note, books.invoice(state="IN_DRAFT", invoice_number="INV-2207"), 4000)


@pytest.fixture
def url(link, books):
    """The address of each dialog; the note to cancel is another one, without links."""
    pair = [link.credit_note_id, link.invoice_payable_id]
    free = books.note(document_number="CN-9")
    return {
        "remove_link": reverse("remove_link", args=pair),
        "change_amount": reverse("change_amount", args=pair),
        "archive": reverse("archive", args=[free.id]),
    }


@pytest.fixture
def signed_in(client, preparer):
    client.force_login(preparer)
    return client


def data(name, **over):
    return {"reason_code": REASON[name], "reason": "", "amount": "10.00"} | over


# --- what the dialogs say ------------------------------------------------------------------------
SAYS = {
    "remove_link": (
        "Remove CN-1042 from INV-2207?", "Keep it", "Remove from invoice", "You can do this alone",
        "EUR 60.00", "EUR 100.00", "To undo it, propose the link again",
    ),
    "change_amount": (
        "Change the amount of CN-1042 on INV-2207?", "Keep it as it is", "Change the amount",
        "You can lower it alone; to raise it, a second person has to approve", "Like 1,234.56",
        "At most EUR 100.00", "EUR 60.00",
    ),
    "archive": (
        "Cancel CN-9 and reverse it in the ledger?", "Keep the credit note", "EUR 100.00",
        "Cancel and reverse in the ledger", "A second person has to approve it", "EUR 0.00",
        "It cannot be undone here",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_says_what_happens(signed_in, url, name):
    dialog = signed_in.get(url[name], **HTMX)
    for part in SAYS[name]:
        assert part in words(dialog)
    assert 'id="dialog-title"' in dialog.text
    assert 'id="dialog-effect"' in dialog.text
    assert "data-close autofocus" in dialog.text
    for never in ("OK<", ">Yes<", "Are you sure", "nvalid"):
        assert never not in dialog.text


@pytest.mark.parametrize("name", DIALOGS)
def test_the_same_address_is_a_page_without_javascript(signed_in, url, name):
    page = signed_in.get(url[name])
    assert '<h1 id="dialog-title">' in page.text
    assert "hx-post" not in page.text
    assert f'action="{url[name]}"' in page.text
    assert "HX-Request" in page["Vary"]


@pytest.mark.parametrize("name", ["remove_link", "change_amount", "archive"])
def test_the_house_may_always_want_two(signed_in, url, name):
    with override_settings(SECOND_PERSON_ALWAYS=True):
        said = words(signed_in.get(url[name]))
        assert "A second person has to approve it" in said
        assert "alone" not in said
        signed_in.post(url[name], data(name))
    assert Instruction.objects.get().state == "proposed"


@pytest.mark.parametrize(
    ("name", "role", "sentence"),
    [
        (name, role, "Only a preparer can do this.")
        for name in ("remove_link", "change_amount")
        for role in ("viewer", "approver", "controller")
    ]
    + [("archive", "viewer", "Only an approver or a controller can cancel a credit note.")],
)
def test_others_see_the_dialog_and_why_it_is_not_for_them(client, url, name, role, sentence):
    client.force_login(factories.person(role))
    dialog = client.get(url[name], **HTMX)
    assert sentence in words(dialog)
    assert re.search(r"<button class=\"btn [a-z]+\" disabled", dialog.text)
    assert client.post(url[name], data(name)).status_code == 403
    assert not Instruction.objects.exists()


# --- what they start ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "over", "kind", "state"),
    [
        ("remove_link", {}, "unlink", "ready"),
        ("change_amount", {}, "amend", "ready"),
        ("change_amount", {"amount": "70"}, "amend", "proposed"),
        ("archive", {}, "archive", "proposed"),
    ],
)
@pytest.mark.parametrize("extra", [{}, HTMX])
def test_a_change_is_asked_for(signed_in, url, name, over, kind, state, extra):
    answer = signed_in.post(url[name], data(name, **over), **extra)
    line = Instruction.objects.get()
    assert (line.kind, line.state) == (kind, state)
    to = reverse("proposal", args=[line.proposal_id])
    if extra:
        assert (answer.status_code, answer["HX-Redirect"]) == (204, to)
    else:
        assert (answer.status_code, answer["Location"]) == (302, to)
    expected = "It is sent to Light next" if state == "ready" else "A second person has to approve"
    assert expected in words(signed_in.get(to))


@pytest.mark.parametrize("name", DIALOGS)
def test_fifty_clicks_make_one_row(signed_in, url, name):
    answers = [signed_in.post(url[name], data(name), **HTMX) for _ in range(50)]
    assert [answer.status_code for answer in answers] == [204] + [409] * 49
    assert Instruction.objects.count() == 1
    assert 'role="alert"' in answers[-1].text


def test_a_change_under_way_is_told_before_one_types(signed_in, url):
    signed_in.post(url["remove_link"], data("remove_link"))
    for name in ("remove_link", "change_amount"):
        dialog = signed_in.get(url[name])
        assert "Paula Prep has asked for a change of this link already" in words(dialog)
        assert "<button class=" not in dialog.text.split('class="dlg"')[1].split("</main>")[0]


# --- what they refuse -----------------------------------------------------------------------------
@pytest.mark.parametrize("name", DIALOGS)
@pytest.mark.parametrize("extra", [{}, HTMX])
@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"reason_code": ""}, "reason_code"),
        ({"reason_code": "nonsense"}, "reason_code"),
        ({"reason_code": "\x00"}, "reason_code"),
        ({"reason_code": "other"}, "reason"),
        ({"reason_code": "other", "reason": "x" * 1001}, "reason"),
    ],
)
def test_the_reason_is_asked_for_at_its_field(signed_in, url, name, extra, over, field):
    answer = signed_in.post(url[name], data(name, **{"reason": ""} | over), **extra)
    assert answer.status_code == 422
    assert f'<a href="#id_{field}">' in answer.text
    assert f'id="id_{field}-error"' in answer.text
    assert not Instruction.objects.exists()


@pytest.mark.parametrize("name", DIALOGS)
def test_what_was_typed_is_kept(signed_in, url, name):
    typed = {"reason_code": "", "reason": "Words <b>typed</b>", "amount": "12.3.4"}
    answer = signed_in.post(url[name], typed)
    assert "Words &lt;b&gt;typed&lt;/b&gt;</textarea>" in answer.text
    if name == "change_amount":
        assert 'value="12.3.4"' in answer.text
        assert "2 things to correct" in words(answer)
    chosen = signed_in.post(url[name], data(name, reason_code="other", reason=" "))
    assert 'value="other" checked' in chosen.text


@pytest.mark.parametrize(
    ("locale", "typed", "sentence"),
    [
        ("en_US", "", "Enter an amount"),
        ("en_US", "0", "more than 0"),
        ("en_US", "-5", "without a sign"),
        ("en_US", "1e3", "Write the amount like"),
        ("en_US", "NaN", "Write the amount like"),
        ("en_US", "1.234", "decimals"),
        ("en_US", "40.00", "has already"),
        ("en_US", "100.01", "At most EUR 100.00"),
        ("en_US", "9" * 12, "At most EUR 100.00"),
        ("en_US", "9" * 40, "larger than any invoice"),
        ("en_US", "9" * 5000, "larger than any invoice"),
        ("en_US", "1\x000", None),
        ("en_US", "١٢", "Write the amount like"),
        ("de_DE", "1.23", "Write the amount like"),
        ("de_DE", "12,34", None),
    ],
)
def test_an_amount_has_its_sentence_at_its_field(signed_in, preparer, url, locale, typed, sentence):
    Preference.objects.create(user=preparer, number_format=locale)
    answer = signed_in.post(url["change_amount"], data("change_amount", amount=typed))
    if sentence is None:
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    assert '<a href="#id_amount">' in answer.text
    assert sentence in answer.text.split('id="id_amount-error"')[1].split("</p>")[0]
    assert not Instruction.objects.exists()


def test_the_balances_follow_what_is_typed(signed_in, url):
    dialog = signed_in.get(url["change_amount"], {"amount": "70.00"}, **HTMX)
    assert "EUR 70.00" in words(dialog)
    assert words(dialog).count("EUR 30.00") == 2
    for junk in ("x", "\x00", "9" * 5000, "-1"):
        assert signed_in.get(url["change_amount"], {"amount": junk}).status_code == 200


@pytest.mark.parametrize("name", ["remove_link", "change_amount"])
@pytest.mark.parametrize("fate", [one for one in Link.Fate.values if one != "planned"])
def test_a_link_that_is_not_planned_any_more(signed_in, link, url, name, fate):
    Link.objects.filter(pk=link.pk).update(fate=fate)
    dialog = signed_in.get(url[name])
    assert "any more" in words(dialog) or "can no longer be changed" in words(dialog)
    assert 'name="reason"' not in dialog.text
    answer = signed_in.post(url[name], data(name), **HTMX)
    assert answer.status_code == 409
    assert not Instruction.objects.exists()


# --- cancelling -----------------------------------------------------------------------------------
def test_a_linked_note_lists_its_links_with_their_removal(signed_in, link):
    answer = signed_in.get(reverse("archive", args=[link.credit_note_id]), **HTMX)
    assert "It is still linked to 1 invoice. Remove that link first." in words(answer)
    assert "Remove from INV-2207" in words(answer)
    pair = [link.credit_note_id, link.invoice_payable_id]
    assert f'href="{reverse("remove_link", args=pair)}"' in answer.text
    assert "<form" not in answer.text
    refused = signed_in.post(reverse("archive", args=[link.credit_note_id]), data("archive"))
    assert refused.status_code == 409


@pytest.fixture
def draft(db):
    return factories.credit_note(None, None, status="DRAFT", amount=None, currency="")


def test_a_preparers_discard_waits_for_a_second_person(signed_in, draft):
    url = reverse("archive", args=[draft.id])
    assert "A second person has to approve it" in words(signed_in.get(url))
    signed_in.post(url, data("archive"))
    assert Instruction.objects.get().state == "proposed"


@pytest.mark.parametrize("role", ["approver", "controller"])
def test_whoever_may_cancel_asks_for_it_too(client, url, role):
    client.force_login(factories.person(role))
    assert client.post(url["archive"], data("archive")).status_code == 302
    assert Instruction.objects.get().state == "proposed"


@pytest.mark.parametrize("role", ["approver", "controller"])
def test_a_draft_is_discarded_by_one_person(client, draft, role):
    client.force_login(factories.person(role))
    url = reverse("archive", args=[draft.id])
    said = words(client.get(url))
    assert "Discard the draft" in said
    assert "Keep the draft" in said
    assert "You can do this alone" in said
    assert client.post(url, data("archive")).status_code == 302
    line = Instruction.objects.get()
    assert line.state == "ready"
    page = client.get(reverse("proposal", args=[line.proposal_id]))
    assert "One person may discard a draft" in words(page)
    assert client.get(reverse("proposals"), {"show": "all"}).status_code == 200


def test_a_note_that_is_not_posted_touches_no_ledger(signed_in, books):
    note = books.note(status="APPROVED", document_number="CN-7")
    said = words(signed_in.get(reverse("archive", args=[note.id])))
    assert "Cancel CN-7?" in said
    assert "the ledger stays as it is" in said
    assert "A second person has to approve it" in said


def test_cancelling_says_what_it_does_to_vat_and_which_month(signed_in, books, preparer):
    note = books.note(posting_date=date(2026, 9, 14))
    Months.objects.create(
        entity_id=books.entity.pk, closed_through=date(2026, 9, 30), changed_at=factories.NOW,
        changed_by=preparer,
    )  # fmt: skip
    said = words(signed_in.get(reverse("archive", args=[note.id])))
    assert "Linking does not change VAT; posting and archiving do." in said
    assert "It was posted on 14 Sep 2026. September 2026 is closed." in said


def test_a_note_that_has_cleared_leads_to_undoing(signed_in, books):
    note, invoice = books.note(status="CLEARED"), books.invoice(invoice_number="INV-A")
    factories.clearing(invoice, note, 4000)
    factories.link(note, invoice, 4000, fate="cleared")
    pair = [note.id, invoice.id]
    dialog = signed_in.get(reverse("archive", args=[note.id]), **HTMX)
    assert "Undo the clearing of INV-A" in words(dialog)
    assert dialog.text.count('id="dialog-effect"') == 1
    undo = reverse("undo_clearing", args=pair)
    assert f'hx-get="{undo}"' in dialog.text
    for name in ("remove_link", "change_amount"):
        assert f'href="{undo}"' in signed_in.get(reverse(name, args=pair)).text


@pytest.mark.parametrize("name", DIALOGS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_documents_are_not_found(signed_in, books, name, method):
    unknown = [uuid.uuid4()] if name == "archive" else [uuid.uuid4(), uuid.uuid4()]
    assert getattr(signed_in, method)(reverse(name, args=unknown)).status_code == 404
    if name != "archive":
        pair = [books.note().id, books.invoice().id]  # both are known, but not linked
        assert getattr(signed_in, method)(reverse(name, args=pair)).status_code == 404
