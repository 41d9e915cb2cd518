"""Exceptions: what is listed is what is counted, each with its next step, until dealt with."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clearing.models import CreditNote, Instruction, InvoicePayable, Link
from clearing.queries import exceptions
from tests import factories
from tests.views.pages import HTMX, words

S = Instruction.State
LISTED = ["needs_person", "unknown", "refused", "not_applied", "fallen"]
LIST = "/exceptions/"


@pytest.fixture
def made(books, preparer, approver):
    """Makes a line in a state, with fresh documents."""

    def make(state, **over):
        approved = approver if state in Instruction.APPROVED else None
        return factories.line(
            preparer, books.note(), books.invoice(), approved_by=approved, state=state, **over
        )

    return make


def listed(client, **query):
    """The keys of all rows of the page."""
    return re.findall(r'<tr id="((?:line|link)-\d+)"', client.get(LIST, query).text)


def old_link(books, **over):
    days = {"first_seen_at": timezone.now() - timedelta(days=15)}
    return factories.link(books.note(), books.invoice(state="IN_DRAFT"), **days | over)


@pytest.mark.parametrize("state", S.values)
def test_which_lines_are_exceptions(as_approver, made, state):
    line = made(state)
    expected = [f"line-{line.pk}"] if state in LISTED else []
    assert listed(as_approver) == expected
    assert exceptions.count() == len(expected)


@pytest.mark.parametrize("state", LISTED)
def test_what_was_dealt_with_is_gone(as_approver, made, state):
    made(state, dealt_at=factories.NOW)
    ended = state in {"refused", "not_applied", "fallen"}
    assert exceptions.count() == len(listed(as_approver)) == (0 if ended else 1)


@pytest.mark.parametrize("fate", Link.Fate.values)
@pytest.mark.parametrize("days", [13, 15])
@pytest.mark.parametrize("gone", [False, True])
def test_which_links_are_exceptions(as_approver, books, fate, days, gone):
    now = timezone.now()
    link = old_link(
        books, fate=fate, first_seen_at=now - timedelta(days=days), gone_at=now if gone else None
    )
    wanted = fate == "not_honoured" or (fate == "planned" and days > 14 and not gone)
    assert listed(as_approver) == ([f"link-{link.pk}"] if wanted else [])
    assert exceptions.count() == wanted


def test_how_long_is_too_long_is_a_setting(books, settings):
    old_link(books)
    settings.PLANNED_TOO_LONG_DAYS = 30
    assert exceptions.count() == 0


def test_a_link_that_was_not_honoured_is_listed_until_dealt_with(
    as_approver, books, preparer, approver
):
    note, invoice = books.note(), books.invoice(state="COMPLETED")
    line = factories.line(preparer, note, invoice, approved_by=approver, state="done")
    link = factories.link(note, invoice, fate="not_honoured")
    assert listed(as_approver) == [f"link-{link.pk}"]
    answer = as_approver.post(reverse("deal", args=[line.pk]), follow=True)
    assert "Dealt with. It stays in the history." in words(answer)
    assert exceptions.count() == len(listed(as_approver)) == 0
    Link.objects.update(fate_at=timezone.now() + timedelta(days=1))  # it happened once more
    assert exceptions.count() == 1


def test_each_kind_has_its_next_step(as_approver, books, made):
    for state in LISTED:
        made(state, outcome="Too much.")
    old_link(books)
    note, invoice = books.note(), books.invoice(state="COMPLETED")
    factories.link(note, invoice, fate="not_honoured")
    said = words(as_approver.get(LIST))
    for part in (
        "Need a decision", "Being checked", "Light said no: “Too much.”", "Not in Light",
        "Have to be proposed again", "Not honoured by Light", "Planned for long", "Decide",
        "Nothing to do", "Propose again", "Dealt with", "Use it elsewhere", "Remove from invoice",
        "7 that need somebody",
    ):  # fmt: skip
        assert part in said


def test_a_kind_is_bounded_and_shows_all_page_by_page(as_approver, books):
    made = [old_link(books) for _ in range(60)]
    assert len(listed(as_approver)) == exceptions.FEW
    assert "Show all 60" in words(as_approver.get(LIST))
    first = as_approver.get(LIST, {"kind": "planned"})
    assert len(re.findall(r'<tr id="link-', first.text)) == 50
    following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = as_approver.get(LIST + following)
    assert f'id="link-{made[-1].pk}"' in second.text
    assert exceptions.count() == 60


def test_the_page_needs_few_queries(as_approver, books, made, django_assert_max_num_queries):
    factories.synced()
    for state in LISTED:
        for _ in range(3):
            made(state)
    for _ in range(12):
        old_link(books)
    with django_assert_max_num_queries(17):
        as_approver.get(LIST)


@pytest.mark.parametrize("query", ["kind=nonsense", "kind=%00", "kind=planned&page=junk%00"])
def test_junk_in_the_query_is_no_error(as_approver, books, query):
    old_link(books)
    assert as_approver.get(f"{LIST}?{query}").status_code == 200


def test_when_nothing_is_wrong(as_approver):
    assert "Nothing is wrong" in words(as_approver.get(LIST))
    assert "None of this kind is left." in words(as_approver.get(LIST, {"kind": "refused"}))


def test_documents_that_the_copy_does_not_hold_are_no_error(as_approver, made):
    line = made("refused")
    for document in (CreditNote, InvoicePayable):
        document.objects.all().delete()
    assert listed(as_approver) == [f"line-{line.pk}"]


# --- deciding what became of a line ------------------------------------------------------------
def settle(line):
    return reverse("settle", args=[line.pk])


def test_the_dialog_to_decide(as_approver, made):
    line = made("needs_person", outcome="Somebody may have removed it.")
    dialog = as_approver.get(settle(line), **HTMX)
    assert "<html" not in dialog.text
    for part in ("It is in Light", "It is not; release it", "propose again", "Somebody may have"):
        assert part in words(dialog)
    assert "/clearing/?entity=" in dialog.text
    assert "<html" in as_approver.get(settle(line)).text


@pytest.mark.parametrize("decision", ["says_done", "says_absent"])
def test_a_decision_is_noted_and_being_verified(as_approver, approver, made, decision):
    line = made("needs_person")
    answer = as_approver.post(settle(line), {"decision": decision}, follow=True)
    assert "Light is being read to confirm it; you will know by" in words(answer)
    line.refresh_from_db()
    assert (line.state, line.decision) == (S.NEEDS_PERSON, decision)
    said = words(as_approver.get(LIST))
    assert f"Anton Appr: “{Instruction.Decision(decision).label}”. Light is being read" in said
    assert "decided already" in words(as_approver.get(settle(line)))


@pytest.mark.parametrize("decision", ["", "again", "\x00", "x" * 10_000])
def test_no_decision_is_told(as_approver, made, decision):
    answer = as_approver.post(settle(made("needs_person")), {"decision": decision}, **HTMX)
    assert answer.status_code == 422
    assert "Choose one of the decisions." in words(answer)


def test_a_line_that_was_settled_meanwhile_is_a_conflict(as_approver, made):
    answer = as_approver.post(settle(made("done")), {"decision": "says_done"}, **HTMX)
    assert answer.status_code == 409
    assert "Somebody was faster" in words(answer)


def test_a_preparer_sees_the_dialog_and_cannot_decide(client, preparer, made):
    client.force_login(preparer)
    line = made("needs_person")
    dialog = client.get(settle(line))
    assert "Only an approver or a controller can do this." in words(dialog)
    assert dialog.text.count("disabled") == 2
    assert client.post(settle(line), {"decision": "says_done"}).status_code == 403
    line.refresh_from_db()
    assert line.decision == ""


# --- dealing ---------------------------------------------------------------------------------
def test_dealing_twice_is_a_conflict(as_approver, made):
    line = made("refused")
    url = reverse("deal", args=[line.pk])
    answer = as_approver.post(url, {"next": "/exceptions/?kind=refused"})
    assert (answer.status_code, answer["Location"]) == (302, "/exceptions/?kind=refused")
    assert as_approver.post(url).status_code == 409
    assert exceptions.count() == 0


@pytest.mark.parametrize("back", ["https://example.com/", "//example.com", "\x00", ""])
def test_one_comes_back_to_a_page_of_ours(as_approver, made, back):
    url = reverse("deal", args=[made("fallen").pk])
    assert as_approver.post(url, {"next": back})["Location"] == LIST


@pytest.mark.parametrize("name", ["settle", "deal"])
def test_an_unknown_line_is_not_found(as_approver, name):
    assert as_approver.post(reverse(name, args=[10**20])).status_code == 404
