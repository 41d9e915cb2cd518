"""Differences among the exceptions: what we believe, what Light shows, and who has seen it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clearing.models import AuditEvent, Clearing, Difference
from clearing.queries import exceptions
from clearing.queries.exceptions import differing
from clearing.services import reconciling
from clearing.services.reconciling import comparing
from tests import factories
from tests.views.pages import HTMX, words

LIST = "/exceptions/"


def listed(client, **query):
    return re.findall(r'<tr id="(difference-\d+)"', client.get(LIST, query).text)


@pytest.fixture
def as_viewer(client, viewer):
    client.force_login(viewer)
    return client


@pytest.fixture
def lost(books, preparer, approver):
    """A link of EUR 40.00 of ours that Light shows no more, as the worker finds it."""
    note = books.note(document_number="CN-1", links_read_at=factories.NOW + timedelta(hours=1))
    invoice = books.invoice(invoice_number="INV-1", state="IN_DRAFT")
    line = factories.line(preparer, note, invoice, 4000, approved_by=approver, state="done",
                          done_at=factories.NOW, shown_at=factories.NOW)  # fmt: skip
    at = factories.NOW + timedelta(minutes=9)
    factories.link(note, invoice, 4000, made_here=True, gone_at=at, fate="removed", fate_at=at)
    while reconciling.look(factories.NOW + timedelta(days=1)):
        pass
    return Difference.objects.get(), line, note, invoice


def test_a_lost_link_says_what_we_believe_what_light_shows_and_whose_line_it_was(as_viewer, lost):
    row, line, note, invoice = lost
    page = as_viewer.get(LIST)
    said = words(page)
    assert listed(as_viewer) == [f"difference-{row.pk}"] and exceptions.count() == 1
    assert "Gone from Light" in said and "EUR 40.00" in said and "12:09" in said
    assert "Linked here with EUR 40.00. Light shows no link any more." in said
    for url in (
        reverse("credit_note", args=[note.pk]), reverse("invoice_payable", args=[invoice.pk]),
        reverse("proposal", args=[line.proposal_id]),
    ):  # fmt: skip
        assert f'href="{url}"' in page.text


def test_it_is_acknowledged_once_with_its_audit_event(as_approver, approver, lost):
    row, line, note, _invoice = lost
    url = reverse("acknowledge_difference", args=[row.pk])
    assert "Acknowledge “Gone from Light” of CN-1?" in words(as_approver.get(url, **HTMX))
    answer = as_approver.post(url, {"reason": "The vendor asked for it"}, follow=True)
    assert "Acknowledged. It stays in the history." in words(answer)
    assert listed(as_approver) == [] and exceptions.count() == 0
    event = AuditEvent.objects.get(verb="acknowledged")
    assert (event.instruction_id, event.credit_note_id, event.amount, event.by_id) == (
        line.pk, note.pk, 4000, approver.pk,
    )  # fmt: skip
    assert event.reason == "The vendor asked for it"
    for name, id in (("proposal", line.proposal_id), ("credit_note", note.pk)):
        assert "The vendor asked for it" in words(as_approver.get(reverse(name, args=[id])))
    again = as_approver.post(url, {"reason": "Seen"}, **HTMX)
    assert again.status_code == 409 and "Somebody was faster" in words(again)


def test_something_new_is_listed_again(as_approver, lost):
    row, _line, note, invoice = lost
    as_approver.post(reverse("acknowledge_difference", args=[row.pk]), {"reason": "Seen"})
    Difference.objects.update(ended_at=factories.NOW)
    new = factories.difference(note, invoice, kind="changed", why="link", shown=100)
    assert listed(as_approver) == [f"difference-{new.pk}"]
    assert "Light shows EUR 1.00." in words(as_approver.get(LIST))


def test_what_has_ended_meanwhile_is_said(as_approver, lost):
    row = lost[0]
    Difference.objects.update(ended_at=factories.NOW)
    answer = as_approver.post(
        reverse("acknowledge_difference", args=[row.pk]), {"reason": "Seen"}, **HTMX
    )
    assert answer.status_code == 409
    assert "Light and we agree again about this." in words(answer)


def test_what_was_read_only_once_is_not_listed_yet(as_approver, lost):
    Difference.objects.update(confirmed=False)
    assert listed(as_approver) == [] and exceptions.count() == 0


def test_a_viewer_sees_it_and_may_not_acknowledge(as_viewer, lost):
    assert as_viewer.post(reverse("acknowledge_difference", args=[lost[0].pk])).status_code == 403


def test_there_is_a_sentence_for_everything_that_can_differ(as_approver, books):
    codes = {value for name, value in vars(comparing).items() if name.isupper() and
             isinstance(value, str)}  # fmt: skip
    assert codes == set(differing.SENTENCES)
    for code in codes:
        factories.difference(books.note(), books.invoice(), why=code, shown=1234)
    said = words(as_approver.get(LIST, {"kind": "lost"}))
    assert "%(" not in said and "Light shows EUR 12.34." in said
    assert "The credit note is now: Posted." in said and "The invoice is now: Unpaid." in said


@pytest.mark.parametrize("kind", [*Difference.Kind.values, "foreign"])
def test_each_kind_has_a_section_and_a_page(as_approver, books, kind):
    for _ in range(12):
        note, invoice = books.note(), books.invoice()
        if kind == "foreign":
            entry = factories.clearing(invoice, note, 700)
            factories.suspicion("foreign", entry.pk, invoice.pk)
        else:
            factories.difference(note, invoice, kind=kind)
    page = as_approver.get(LIST)
    assert "Show all 12" in words(page) and f'id="kind-{kind}"' in page.text
    assert exceptions.count() == 12
    assert as_approver.get(LIST, {"kind": kind}).text.count('class="doc"') == 24


def test_a_foreign_clearing_is_acknowledged_and_can_be_undone(as_approver, books):
    note, invoice = books.note(), books.invoice()
    entry = factories.clearing(invoice, note, 700)
    factories.suspicion("foreign", entry.pk, invoice.pk)
    page = as_approver.get(LIST)
    assert "Cleared directly in Light" in words(page)
    assert reverse("undo_clearing", args=[note.pk, invoice.pk]) in page.text
    as_approver.post(reverse("acknowledge", args=[entry.pk]), {"reason": "Seen"})
    assert exceptions.count() == 0
    assert Clearing.objects.get().gone_at is None


def test_the_page_needs_no_more_queries_for_more_differences(
    as_approver, lost, books, django_assert_max_num_queries
):
    for _ in range(9):
        factories.difference(books.note(), books.invoice(), line_id=lost[1].pk)
    with django_assert_max_num_queries(19):
        assert len(listed(as_approver)) == 10


def test_the_page_says_when_what_others_do_is_seen(as_approver, settings):
    settings.SYNC_INTERVAL, settings.FULL_SYNC_INTERVAL = 300, 86400
    said = words(as_approver.get(LIST))
    assert "when its lists are read, every 5 minutes;" in said
    assert "when Light is read as a whole, every 24 hours." in said
