"""Activity: the audit trail with its filters."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.models import AuditEvent
from clearing.services import sealing
from tests import factories


@pytest.fixture
def seen(client, viewer):
    client.force_login(viewer)
    return client


@pytest.fixture
def line(books, preparer, approver):
    """A line that was proposed, and approved by another person a day later."""
    line = factories.line(preparer, books.note(document_number="CR-1"), books.invoice())
    workflow.advance(
        line, "approve", now=factories.NOW + timedelta(days=1), by=approver,
        approved_by=approver, approved_at=factories.NOW, approved_content={},
    )  # fmt: skip
    return line


def verbs(client, **query):
    return [row.verb for row in client.get("/activity/", query).context["listing"].rows]


def test_steps_are_listed_newest_first_with_their_documents(seen, line):
    assert verbs(seen) == ["approved", "proposed"]
    page = seen.get("/activity/").content.decode()
    assert "Anton Appr" in page and "EUR 40.00" in page
    assert f'href="/credit-notes/{line.credit_note_id}/"' in page
    assert f'href="/proposals/{line.proposal_id}/"' in page


def test_filters_by_person_step_and_day(seen, line, preparer, approver):
    assert verbs(seen, person=approver.pk) == ["approved"]
    assert verbs(seen, person="worker") == []
    assert verbs(seen, verb="proposed") == ["proposed"]
    assert verbs(seen, **{"from": "2026-11-03"}) == ["approved"]
    assert verbs(seen, to="2026-11-02") == ["proposed"]
    assert verbs(seen, credit_note=line.credit_note_id) == ["approved", "proposed"]


def test_an_event_about_what_the_copy_does_not_hold_is_shown(seen, line):
    with factories.tampering():
        AuditEvent.objects.update(
            vendor_id=line.credit_note_id, invoice_payable_id=line.credit_note_id
        )
    assert len(verbs(seen)) == 2


def test_a_step_tells_what_it_changed_and_both_balances(books, seen):
    note = books.note()
    workflow.record(
        "edited the draft", None, by=None, now=factories.NOW,
        about={"credit_note_id": note.pk, "kind": "change_note", "currency": "EUR"},
        details={"changes": [{"field": "amount", "was": "EUR 1.00", "now": "EUR 2.00"}],
                 "free_before": 100, "free_after": 200},
    )  # fmt: skip
    page = seen.get("/activity/")
    assert "Change of the draft" in page.text and ">change_note" not in page.text
    assert "Amount: EUR 1.00 → EUR 2.00" in page.text
    assert "Free to use: EUR 1.00 → EUR 2.00" in page.text


def test_the_page_says_how_far_the_trail_is_sealed(seen, line):
    assert "No step is sealed yet" in seen.get("/activity/").text
    sealing.seal(factories.NOW)
    head = sealing.head()
    page = seen.get("/activity/").text
    assert f"{head.seq}:{head.digest[:16]}</code>." in page and str(head) in page
    assert "not sealed yet" not in page
    workflow.record("sending goes on", None, by=None, now=factories.NOW)
    assert "1 step is not sealed yet, since 2 Nov 2026, 12:00 UTC." in seen.get("/activity/").text


def test_each_row_shows_the_state_before_and_after(seen, line):
    page = seen.get("/activity/").text
    assert "State: Waiting for review → Approved" in page
    assert "State: – → Waiting for review" in page


def test_the_page_with_every_filter_needs_few_queries(
    seen, line, preparer, django_assert_max_num_queries
):
    sealing.seal(factories.NOW)
    query = {
        "person": preparer.pk, "verb": "proposed", "kind": "link", "vendor": "nord",
        "document": "CR-1", "from": "2026-11-01", "to": "2026-11-30",
    }  # fmt: skip
    with django_assert_max_num_queries(12):
        assert verbs(seen, **query) == ["proposed"]
    chips = seen.get("/activity/", query).context["listing"].chips
    assert len(chips) == 7
