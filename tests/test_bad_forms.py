"""Forms with bad amounts, foreign documents and stale pages: a sentence, and nothing is lost."""

import re
import uuid
from html import unescape

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing import balances, money
from clearing.forms import cell_name
from clearing.models import CreditNote, Instruction, InvoicePayable, Link, Preference, Proposal
from tests import factories

pytestmark = pytest.mark.same_on_each

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/"}
TYPED = 'What I typed: <b>"it\'s"</b> שלום 😀'
NEVER = [
    "1e3", "1E3", "-1", "−1", "+1", "(1)", "0", "0.00", "0,00", "00", "1.2345", "1,2345", "1..2",
    "9223372036854775808", "9" * 18 + "9", "9" * 60, "9" * 500, "１２", "١٢", "१२", "NaN", "nan",
    "∞", "Infinity", "0x10", "1_000", "EUR 5", "5 €", "½", "²", "1/2", "--", ".", ",", "1.", ".5",
    "<script>alert(1)</script>", "\"'><b>", "\u202e21", "1\u200b2", "1\n2", "=1+1", "1;2", "1 2",
]  # fmt: skip
SOME = ["1e3", "-1", "0", "9223372036854775808", "１２", "NaN", "∞"]
WRONG = {
    ("EUR", "en_US"): [*NEVER, "1.234", "1,23", "1.240,00", "1'000"],
    ("EUR", "de_DE"): [*SOME, "1.23", "1,234", "1,240.00", "12.34.567"],
    ("EUR", "fr_FR"): [*SOME, "1.23", "1.234"],
    ("JPY", "en_US"): [*SOME, "1.5", "1.0", "1,00"],
    ("KWD", "en_US"): [*SOME, "1.23456", "1,23"],
}


@pytest.fixture
def paula(client, preparer):
    client.force_login(preparer)
    return client


def page(books, name, currency="EUR"):
    place = f"?entity={books.entity.id}&currency={currency}"
    return reverse(name, args=[books.vendor.id]) + place


def cell(note, invoice):
    return cell_name((note.id, invoice.id))


def values(answer):
    """The text of each field by its name, as a browser would show it."""
    found = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', answer.text)
    areas = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', answer.text)
    return {name: unescape(text).lstrip("\r\n") for name, text in found + areas}


def words(answer):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text)))


def same(shown, typed):
    return " ".join((shown or "").split()) == " ".join(typed.split())


# --- amounts -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("currency", "locale", "extra"),
    [*((*key, {}) for key in WRONG), ("EUR", "de_DE", HTMX), ("JPY", "en_US", HTMX)],
)
def test_what_is_no_amount_gets_a_sentence_and_stays(
    paula, preparer, books, currency, locale, extra
):
    Preference.objects.create(user=preparer, number_format=locale)
    note, invoice = books.note(currency=currency), books.invoice(currency=currency)
    linked = books.invoice(currency=currency, state="IN_DRAFT")
    factories.link(note, linked, 1000)
    dialog = reverse("change_amount", args=[note.id, linked.id])
    here = cell(note, invoice)
    for typed in WRONG[currency, locale]:
        sent = {here: typed, "note": TYPED}
        for name in ("propose", "workbench_sums"):
            answer = paula.post(page(books, name, currency), sent | {"update": "1"}, headers=extra)
            if name == "workbench_sums" and not extra:  # keeps the draft, and shows the page
                answer = paula.get(page(books, "workbench", currency))
                typed_here = typed[:100]
            else:
                typed_here = typed
                assert answer.status_code == (422 if name == "propose" else 200), typed
            assert same(values(answer)[here], typed_here), (name, typed)
            assert values(answer)["note"] == TYPED
            said = re.search(rf'id="error-{here}">([^<]+)</p>', answer.text)
            assert said, (name, typed)
            assert said[1].strip().endswith((".", ")."))
        sent = {"amount": typed, "reason_code": "other", "reason": TYPED}
        answer = paula.post(dialog, sent, headers=extra)
        assert answer.status_code == 422, typed
        assert same(values(answer)["amount"], typed), typed
        assert values(answer)["reason"] == TYPED
        assert 'id="id_amount-error"' in answer.text
        assert "<script>alert" not in answer.text
        assert paula.get(dialog, {"amount": typed}, headers=extra).status_code == 200
    assert not Instruction.objects.exists()


@pytest.mark.parametrize("typed", ["", " ", "\u00a0", "\x00", "\t\n"])
def test_nothing_typed(paula, books, typed):
    note, invoice = books.note(), books.invoice()
    answer = paula.post(page(books, "propose"), {cell(note, invoice): typed, "note": TYPED})
    assert answer.status_code == 422
    assert "Enter an amount for at least one link." in words(answer)
    assert values(answer)["note"] == TYPED


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=70) | st.from_regex(
    r"\A[0-9 .,'\u00a0\u202f]{1,25}\Z"), st.sampled_from(sorted(money.NUMBER_FORMATS)))  # fmt: skip
def test_any_text_is_an_amount_or_stays_as_typed(paula, preparer, books, typed, locale):
    Preference.objects.update_or_create(user=preparer, defaults={"number_format": locale})
    note, invoice = books.note(document_date=None), books.invoice()  # no twin of the one before
    answer = paula.post(page(books, "propose"), {cell(note, invoice): typed, "note": TYPED})
    typed = typed.replace("\x00", "")
    try:
        amount = money.parse(typed.strip(), "EUR", locale)
    except ValueError:
        amount = 0
    if answer.status_code == 302:
        assert Instruction.objects.get(credit_note_id=note.id).amount == amount <= 10000
    else:
        assert answer.status_code == 422
        assert not 0 < amount <= 10000
        assert values(answer)["note"] == TYPED
        if typed.strip():
            assert same(values(answer)[cell(note, invoice)], typed)


def test_long_words_stay_and_are_told(paula, books):
    note, invoice = books.note(), books.invoice()
    long = TYPED + "x" * 3000
    answer = paula.post(page(books, "propose"), {cell(note, invoice): "1.00", "note": long})
    assert answer.status_code == 422
    assert "Shorten the note to 2000 characters." in words(answer)
    assert values(answer)["note"] == long


# --- documents that do not belong or no longer fit ---------------------------------------------
def foreign(books, what):
    """A credit note and an invoice of which one is of another vendor, entity or currency."""
    other = factories.vendor(name="Somebody else", number="V-2")
    note, invoice = books.note(), books.invoice()
    if what == "vendor":
        return note, factories.invoice(other, books.entity)
    if what == "vendor's credit":
        return factories.credit_note(other, books.entity), invoice
    if what == "entity":
        return note, factories.invoice(books.vendor, factories.entity(name="Other", code="X"))
    if what == "currency":
        return note, books.invoice(currency="USD")
    if what == "turned round":
        return invoice, note
    return note, InvoicePayable(id=uuid.uuid4())  # nobody has seen it


@pytest.mark.parametrize(
    "what", ["vendor", "vendor's credit", "entity", "currency", "turned round", "unknown"]
)
def test_a_foreign_document_is_refused_and_the_rest_stays(paula, books, what):
    note, invoice = books.note(), books.invoice()
    smuggled = cell(*foreign(books, what))
    sent = {cell(note, invoice): "12.34", smuggled: "56.78", "note": TYPED}
    answer = paula.post(page(books, "propose"), sent)
    assert answer.status_code == 422
    assert "not of this vendor, entity and currency" in words(answer)
    assert values(answer)[cell(note, invoice)] == "12.34"
    assert values(answer)["note"] == TYPED
    assert "56.78" in answer.text
    assert not Proposal.objects.exists()


def stale(books, what, note, invoice):
    """Something happens to the documents after the page was opened."""
    maria = factories.person("preparer", "maria", first_name="Maria")
    if what == "note":
        note.status = "ARCHIVED"
        note.save()
    elif what == "invoice":
        invoice.state = "PAID"
        invoice.save()
    elif what == "gone":
        invoice.gone_at = factories.NOW
        invoice.save()
    elif what == "linked":
        factories.link(note, invoice, 100)
    elif what == "cleared":
        factories.link(note, invoice, 100, fate=Link.Fate.CLEARED)
    elif what == "proposed":
        factories.line(maria, note, invoice, 100)
    elif what == "used":
        factories.line(maria, note, books.invoice(), 9900)
    elif what == "cancelled":
        factories.line(maria, note, None, 10000, kind="archive")
    balances.refresh(notes=[note.id], invoices=[invoice.id])


@pytest.mark.parametrize("extra", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    "what", ["note", "invoice", "gone", "linked", "cleared", "proposed", "used", "cancelled"]
)
def test_a_stale_page_says_why_and_keeps_what_was_typed(paula, books, what, extra):
    note, invoice = books.note(), books.invoice()
    other, third = books.note(), books.invoice()
    stale(books, what, note, invoice)
    sent = {cell(note, invoice): "12.34", cell(other, third): "56.78", "note": TYPED}
    answer = paula.post(page(books, "propose"), sent, headers=extra)
    assert answer.status_code == (409 if what == "proposed" else 422)
    assert "12.34" in answer.text
    assert values(answer)[cell(other, third)] == "56.78"
    assert values(answer)["note"] == TYPED
    assert re.search(r'role="alert"|class="error"', answer.text)
    assert not Instruction.objects.filter(invoice_payable_id=third.id).exists()


def test_fifty_equal_clicks_make_one_proposal(paula, books):
    note, invoice = books.note(), books.invoice()
    sent = {cell(note, invoice): "12.34", "note": TYPED}
    answers = [paula.post(page(books, "propose"), sent, headers=HTMX) for _ in range(50)]
    assert [answer.status_code for answer in answers] == [204] + [409] * 49
    assert Proposal.objects.count() == Instruction.objects.count() == 1
    assert values(answers[-1])["note"] == TYPED
    assert "12.34" in answers[-1].text


# --- dialogs -------------------------------------------------------------------------------
@pytest.fixture
def linked(books):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    return factories.link(note, invoice, 4000)


GONE = {"gone": Link.Fate.REMOVED, "posted": Link.Fate.CLEARED, "undone": Link.Fate.UNDONE}


@pytest.mark.parametrize("extra", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("name", ["change_amount", "remove_link"])
@pytest.mark.parametrize("what", [*GONE, "held"])
def test_a_link_that_is_gone_keeps_what_was_typed(paula, linked, name, what, extra, approver):
    pair = [linked.credit_note_id, linked.invoice_payable_id]
    if what == "held":
        reason = {"amount": "1.00", "reason_code": "wrong_amount"}
        assert paula.post(reverse(name, args=pair), reason).status_code == 302
    else:
        Link.objects.update(fate=GONE[what])
    sent = {"amount": "20.00", "reason_code": "other", "reason": TYPED}
    answer = paula.post(reverse(name, args=pair), sent, headers=extra)
    assert answer.status_code == 409
    assert values(answer)["reason"] == TYPED
    assert name == "remove_link" or values(answer)["amount"] == "20.00"
    assert 'role="alert"' in answer.text
    assert Instruction.objects.count() == (what == "held")


@pytest.mark.parametrize("amount", ["100.01", "40.00", "92233720368547758.07", "0.001"])
def test_an_amount_that_does_not_fit_the_link_stays(paula, linked, amount):
    url = reverse("change_amount", args=[linked.credit_note_id, linked.invoice_payable_id])
    answer = paula.post(url, {"amount": amount, "reason_code": "other", "reason": TYPED})
    assert answer.status_code == 422
    assert (values(answer)["amount"], values(answer)["reason"]) == (amount, TYPED)
    assert 'id="id_amount-error"' in answer.text


BAD_REASONS = [("", TYPED), ("unknown", TYPED), ("other", " "), ("other", TYPED + "x" * 1000),
               ("wrong_invoice\x00", TYPED + "y" * 5000), ("OTHER", TYPED)]  # fmt: skip


@pytest.mark.parametrize(("code", "reason"), BAD_REASONS)
def test_a_reason_that_is_none_is_told_and_stays(client, preparer, approver, linked, code, reason):
    pair = [linked.credit_note_id, linked.invoice_payable_id]
    line = factories.line(preparer, books_note(linked), None, 10000, kind="archive")
    for person, name, args in (
        (preparer, "change_amount", pair), (preparer, "remove_link", pair),
        (preparer, "archive", pair[:1]), (approver, "reject", [line.pk]),
    ):  # fmt: skip
        client.force_login(person)
        sent = {"amount": "10.00", "reason_code": code, "reason": reason}
        for extra in ({}, HTMX):
            answer = client.post(reverse(name, args=args), sent, headers=extra)
            assert answer.status_code in {422, 409}, name
            if answer.status_code == 422:
                assert same(values(answer)["reason"], reason), name
                assert re.search(r'id="id_reason(_code)?-error"', answer.text), name
    assert Instruction.objects.get().state == "proposed"


def books_note(link):
    return CreditNote.objects.get(pk=link.credit_note_id)


@pytest.mark.parametrize("state", ["ready", "rejected", "taken_back", "fallen", "done"])
@pytest.mark.parametrize("extra", [{}, HTMX], ids=["page", "htmx"])
def test_a_line_that_is_decided_already(client, preparer, approver, books, state, extra):
    other = factories.person("approver", "other")
    line = factories.line(preparer, books.note(), books.invoice(), approved_by=other, state=state)
    client.force_login(approver)
    sent = {"reason_code": "other", "reason": TYPED, "seen": line.content_hash}
    answer = client.post(reverse("reject", args=[line.pk]), sent, headers=extra)
    assert answer.status_code == 409
    assert values(answer)["reason"] == TYPED
    assert client.post(reverse("approve", args=[line.pk]), sent, headers=extra).status_code == 409
    every = {"line": [line.pk, line.pk, "x", "9" * 99], f"seen_{line.pk}": line.content_hash}
    url = reverse("approve_all", args=[line.proposal_id])
    assert client.post(url, every, headers=extra).status_code == 409
    settle = reverse("settle", args=[line.pk])
    assert client.post(settle, {"decision": "says_done"}).status_code == 409
    if state != "fallen":
        assert client.post(reverse("deal", args=[line.pk])).status_code == 409
    assert Instruction.objects.get().state == state


@pytest.mark.parametrize("seen", ["", "\x00", "x" * 100_000, "0" * 64])
def test_a_line_that_was_not_seen_as_it_is_is_not_approved(client, preparer, approver, books, seen):
    line = factories.line(preparer, books.note(), books.invoice())
    client.force_login(approver)
    assert client.post(reverse("approve", args=[line.pk]), {"seen": seen}).status_code == 409
    every = {"line": line.pk, f"seen_{line.pk}": seen}
    url = reverse("approve_all", args=[line.proposal_id])
    assert client.post(url, every).status_code == 409
    assert Instruction.objects.get().state == "proposed"


# --- the way back ------------------------------------------------------------------------------
@pytest.mark.parametrize("back", [
    "today", "exceptions", "a:b", "", "\x00", "//evil.example/", "https://evil.example/", "///x",
    "/\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: b=c", "/שלום/", "/?q=\u202e",
    "http://[", "/" + "x" * 100_000, "http://testserver/exceptions/", "//[", "..",
])  # fmt: skip
@pytest.mark.parametrize("extra", [{}, HTMX], ids=["page", "htmx"])
def test_a_form_leads_to_a_path_of_ours(client, preparer, books, back, extra):
    line = factories.line(preparer, books.note(), books.invoice(), state="fallen")
    client.force_login(preparer)
    for url in (reverse("deal", args=[line.pk]), reverse("theme")):
        answer = client.post(url, {"next": back, "theme": "dark"}, headers=extra)
        assert answer.status_code in {204, 302}
        to = answer.headers.get("Location") or answer.headers.get("HX-Redirect", "/")
        assert re.match(r"/(?![/\\])[\x21-\x7e]*$", to)
