"""Exceptions that no line of ours stands for: what Light did, what somebody did in Light, edits."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clearing.models import Clearing, Edit, Link, Seen
from clearing.queries import exceptions
from clearing.services import suspecting
from tests import factories
from tests.views.pages import HTMX, words

LIST = "/exceptions/"
LATER = factories.NOW + timedelta(minutes=1)


def listed(client, **query):
    """The keys of all rows of the page."""
    return re.findall(
        r'<tr id="((?:line|link|clearing|edit)-[\w-]+)"', client.get(LIST, query).text
    )


@pytest.fixture
def posting(books):
    """An invoice that was seen posted, and its clearing of EUR 40.00 by CN-1, seen later."""
    note = books.note(document_number="CN-1")
    invoice = books.invoice(invoice_number="INV-1", state="UNPAID")
    Seen.objects.create(
        what="invoice_payable", document_id=invoice.id, field="state", before="IN_DRAFT",
        after="UNPAID", at=factories.NOW,
    )  # fmt: skip
    times = {"first_seen_at": LATER, "changed_at": LATER}
    return factories.clearing(invoice, note, 4000, **times), note, invoice


def look(now=LATER):
    while suspecting.look(now):
        pass


# --- what Light did by itself ---------------------------------------------------------------
def test_what_light_did_by_itself_is_listed_until_acknowledged(as_approver, posting):
    entry, _note, _invoice = posting
    look()
    assert listed(as_approver) == [f"clearing-{entry.pk}"]
    said = words(as_approver.get(LIST))
    assert "Light did this by itself" in said
    assert "Nothing was planned for this invoice." in said
    url = reverse("acknowledge", args=[entry.pk])
    dialog = as_approver.get(url, **HTMX)
    assert "Acknowledge that Light used CN-1 for INV-1?" in words(dialog)
    answer = as_approver.post(url, {"reason": "Fine with us"}, follow=True)
    assert "Acknowledged. It stays in the history." in words(answer)
    assert exceptions.count() == len(listed(as_approver)) == 0
    assert as_approver.post(url, {"reason": "Seen"}, **HTMX).status_code == 409


def test_what_was_planned_instead_is_said(as_approver, books, posting):
    _entry, note, invoice = posting
    planned = books.note(document_number="CN-2")
    factories.link(planned, invoice, 2500, fate="checking")
    look()
    assert "Planned was: CN-2 with EUR 25.00 (Being read back)." in words(as_approver.get(LIST))
    factories.link(note, invoice, 1000, fate="cleared", changed_at=LATER)
    assert "Planned were EUR 10.00." in words(as_approver.get(LIST))


def test_a_clearing_that_was_undone_leaves_the_list(as_approver, posting):
    look()
    Clearing.objects.update(gone_at=LATER)
    assert exceptions.count() == len(listed(as_approver)) == 0


def test_its_clearing_can_be_undone_from_the_list(as_approver, posting):
    _entry, note, invoice = posting
    look()
    assert reverse("undo_clearing", args=[note.id, invoice.id]) in as_approver.get(LIST).text


# --- links that were made in Light ------------------------------------------------------------
def foreign(books, **over):
    invoice = books.invoice(state="IN_DRAFT")
    return factories.link(books.note(), invoice, **{"first_seen_at": LATER} | over)


@pytest.mark.parametrize(
    "over, expected",
    [
        ({}, True),
        ({"fate": "cleared"}, True),
        ({"fate": "checking"}, True),
        ({"updated_in_light_at": LATER}, True),
        ({"made_here": True}, False),
        ({"first_seen_at": factories.NOW}, False),  # old history
        ({"updated_in_light_at": factories.NOW - timedelta(days=9)}, False),  # read late
        ({"fate": "removed"}, False),
        ({"fate": "undone"}, False),
    ],
    ids=str,
)
def test_links_made_in_light_since_the_first_sync(as_approver, books, settings, over, expected):
    settings.PLANNED_TOO_LONG_DAYS = 10_000
    factories.synced()
    link = foreign(books, **over)
    assert listed(as_approver) == ([f"link-{link.pk}"] if expected else [])
    assert exceptions.count() == expected
    assert ("Made directly in Light" in words(as_approver.get(LIST))) == expected


def test_before_the_first_sync_has_ended_nothing_is_foreign(as_approver, books):
    factories.synced(state="running", finished_at=None)
    foreign(books, first_seen_at=timezone.now())
    assert listed(as_approver) == []


def test_later_syncs_do_not_make_links_old(as_approver, books, settings):
    settings.PLANNED_TOO_LONG_DAYS = 10_000
    factories.synced()
    factories.synced(finished_at=LATER + timedelta(days=1))
    link = foreign(books)
    assert listed(as_approver) == [f"link-{link.pk}"]


def test_a_link_is_acknowledged_and_then_listed_for_what_comes_of_it(as_approver, books):
    factories.synced()
    link = foreign(books)
    assert "Made directly in Light" in words(as_approver.get(LIST))
    answer = as_approver.post(
        reverse("acknowledge_link", args=[link.pk]), {"reason": "Seen"}, follow=True
    )
    assert "Acknowledged." in words(answer)
    said = words(as_approver.get(LIST))
    assert "Made directly in Light" not in said and "Planned for long" in said
    Link.objects.update(fate="not_honoured", fate_at=timezone.now() + timedelta(minutes=1))
    assert "Not honoured by Light" in words(as_approver.get(LIST))


def test_a_foreign_link_that_was_not_honoured_can_be_acknowledged(as_approver, books):
    link = foreign(books, fate="not_honoured")
    url = reverse("acknowledge_link", args=[link.pk])
    assert url in as_approver.get(LIST).text
    as_approver.post(url, {"reason": "Seen"})
    assert exceptions.count() == len(listed(as_approver)) == 0


def test_words_that_are_too_long_are_kept_and_said(as_approver, books):
    url = reverse("acknowledge_link", args=[foreign(books).pk])
    answer = as_approver.post(url, {"reason": "x" * 1001}, **HTMX)
    assert answer.status_code == 422
    assert "x" * 1001 in answer.text
    assert "Shorten the words" in words(answer)


@pytest.mark.parametrize("linkable", [False, True])
def test_partly_used_credit_cannot_be_used_elsewhere(as_approver, books, settings, linkable):
    settings.PARTIALLY_CLEARED_LINKABLE = linkable
    note = books.note(status="PARTIALLY_CLEARED")
    factories.link(note, books.invoice(state="COMPLETED"), fate="not_honoured")
    said = words(as_approver.get(LIST))
    assert ("Use it elsewhere" in said) == linkable
    assert ("Partly used already" in said) != linkable


# --- edits --------------------------------------------------------------------------------------
def edit(books, by, state, **over):
    fields = {
        "kind": "change_note", "credit_note_id": books.note(status="DRAFT").id, "asked_by": by,
        "asked_at": factories.NOW, "sent_at": factories.NOW, "changed_at": factories.NOW,
    }  # fmt: skip
    return Edit.objects.create(state=state, **fields | over)


@pytest.mark.parametrize("state", Edit.State.values)
def test_which_edits_are_exceptions(as_approver, books, preparer, state):
    one = edit(books, preparer, state)
    wanted = state in {"unknown", "needs_person", "not_applied"}
    assert listed(as_approver) == ([f"edit-{one.pk}"] if wanted else [])
    assert exceptions.count() == wanted
    said = words(as_approver.get(LIST))
    assert ("Nothing to do" in said) == (state == "unknown")
    assert ("Dealt with" in said) == (wanted and state != "unknown")


@pytest.mark.parametrize("state", ["needs_person", "not_applied"])
def test_an_edit_is_dealt_with_once(as_approver, books, preparer, state):
    one = edit(books, preparer, state)
    url = reverse("deal_edit", args=[one.pk])
    assert "Dealt with." in words(as_approver.post(url, follow=True))
    assert exceptions.count() == len(listed(as_approver)) == 0
    assert as_approver.post(url).status_code == 409


def test_the_edit_of_a_new_draft_has_no_note_yet(as_approver, books, preparer):
    invoice = books.invoice()
    edit(
        books, preparer, "needs_person", kind="create", credit_note_id=None,
        invoice_payable_id=invoice.id,
    )  # fmt: skip
    said = words(as_approver.get(LIST))
    assert "new draft" in said and str(invoice) in said


# --- lines about a note alone --------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind, name",
    [("post", "Post credit note"), ("archive", "Cancel credit note"), ("reverse", "Undo clearing")],
)
def test_what_is_no_link_is_named_and_leads_to_its_note(as_approver, books, preparer, kind, name):
    note, invoice = books.note(), books.invoice()
    factories.line(
        preparer, note, invoice if kind == "reverse" else None, kind=kind, state="fallen"
    )
    page = as_approver.get(LIST)
    assert f"{name}:" in words(page)
    assert "See the credit note" in words(page)
    assert "Propose again" not in words(page)


def test_the_page_needs_few_queries(
    as_approver, books, posting, preparer, django_assert_max_num_queries
):
    factories.synced()
    look()
    for _ in range(12):
        foreign(books)
        edit(books, preparer, "needs_person")
    with django_assert_max_num_queries(18):
        page = as_approver.get(LIST)
    assert "Show all 12" in words(page)
    for kind in ("edit", "made_in_light", "by_light"):
        assert listed(as_approver, kind=kind)
