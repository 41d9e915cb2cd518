"""The audit trail as a sheet: each event with before and after, exactly what the page lists."""

import json
import tracemalloc
from datetime import timedelta

import pytest
from django.test import RequestFactory

from clearing import sealed, sheets, workflow
from clearing.models import AuditEvent
from clearing.queries import activity, activity_sheet, before_after
from clearing.queries.filters import Filters
from clearing.services import sealing
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def sheet(**query):
    return activity_sheet.sheet(Filters(RequestFactory().get("/", query).GET))


def rows(**query):
    """Each row by its columns' keys."""
    made = sheet(**query)
    keys = [one.key for one in made.columns]
    return [dict(zip(keys, row, strict=True)) for row in made.rows]


@pytest.fixture
def line(books, preparer, approver):
    line = factories.line(
        preparer, books.note(document_number="CR-1"), books.invoice(invoice_number="IN-9"),
        kind="amend", previous_amount=7000,
    )  # fmt: skip
    workflow.advance(
        line, "approve", now=NOW + timedelta(days=1), by=approver, reason="looks right",
        approved_by=approver, approved_at=NOW, approved_content={},
    )  # fmt: skip
    return line


def test_an_event_is_told_in_typed_cells(line, books, preparer):
    sealing.seal(NOW)
    proposed, approved = rows()
    event = AuditEvent.objects.get(verb="approved")
    assert approved["event"] == event.pk and approved["at"] == NOW + timedelta(days=1)
    assert (approved["person"], approved["step"], approved["kind"]) == (
        "Anton Appr", "approved", "Change of amount",
    )  # fmt: skip
    assert (approved["credit_note"], approved["invoice"]) == ("CR-1", "IN-9")
    assert approved["credit_note_id"] == str(line.credit_note_id)
    assert (approved["vendor"], approved["amount"], approved["currency"]) == (
        "Nordlicht Logistik", 4000, "EUR",
    )  # fmt: skip
    assert (approved["state_before"], approved["state_after"]) == ("proposed", "ready")
    assert approved["before"].startswith("State: Waiting for review")
    assert approved["reason"] == "looks right" and approved["line"] == line.pk
    assert (approved["seal"], approved["digest"]) == (2, sealing.head().digest)
    assert "Amount: EUR 70.00" in proposed["before"] and "Amount: EUR 40.00" in proposed["after"]
    assert "Free to use: EUR 100.00" in proposed["before"]
    assert json.loads(proposed["details"])["previous_amount"] == 7000
    assert proposed["person_id"] == preparer.pk


def test_what_is_not_sealed_or_not_in_the_copy_has_empty_cells(books):
    workflow.record("sending stopped", None, by=None, now=NOW, details={"because": "the key"})
    (row,) = rows()
    assert row["seal"] is None and row["digest"] is None and row["credit_note_id"] is None
    assert (row["before"], row["after"], row["reason"]) == (
        "Sending: goes on", "Sending: stopped", "the key",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ({}, ["proposed", "approved", "proposed"]),
        ({"verb": "proposed"}, ["proposed", "proposed"]),
        ({"kind": "amend"}, ["proposed", "approved"]),
        ({"document": "cr-1"}, ["proposed", "approved"]),
        ({"document": "IN-9"}, ["proposed", "approved"]),
        ({"document": "CR-2", "vendor": "süd"}, ["proposed"]),
        ({"document": "CR-2", "vendor": "nordlicht"}, []),
        ({"vendor": "v-100"}, ["proposed", "approved"]),
        ({"vendor": "LICHT"}, ["proposed", "approved"]),
        ({"vendor": "nobody"}, []),
        ({"document": "0000"}, []),
        ({"from": "2026-11-03"}, ["approved"]),
        ({"kind": "rubbish"}, ["proposed", "approved", "proposed"]),
    ],
)
def test_page_and_sheet_show_the_same_events(line, books, preparer, client, viewer, query, steps):
    south = factories.vendor(name="Süd Spedition", number="V-200")
    note = factories.credit_note(south, books.entity, document_number="CR-2")
    factories.line(preparer, note, factories.invoice(south, books.entity))
    client.force_login(viewer)
    listing = client.get("/activity/", query).context["listing"]
    assert sorted(row.verb for row in listing.rows) == sorted(steps)
    assert [row["step"] for row in rows(**query)] == steps
    assert len(sheet(**query).filters) == (0 if query.get("kind") == "rubbish" else len(query))


def test_ids_find_documents_and_vendors_that_the_copy_does_not_hold(line, books):
    for name, one in (("document", line.credit_note_id), ("document", line.invoice_payable_id),
                      ("vendor", books.vendor.pk)):  # fmt: skip
        assert len(rows(**{name: str(one)})) == 2
    other = {"document": "11111111-1111-1111-1111-111111111111"}
    assert rows(**other) == []


def test_a_text_for_too_many_vendors_is_told_and_not_cut_in_silence(books):
    for number in range(60):
        factories.vendor(name=f"Many {number}", number=f"M-{number}")
    made = sheet(vendor="many")
    assert list(made.rows) == [] and "not all are shown" in made.notes[0]


def test_the_sheet_names_the_head_of_the_chain(line):
    assert "No event" in sheet().notes[-1]
    sealing.seal(NOW)
    assert str(sealed.head()) in sheet().notes[-1]


def test_what_happens_while_it_is_written_is_not_in_it(line):
    made = sheet()
    workflow.record("sending goes on", None, by=None, now=NOW)
    assert len(list(made.rows)) == 2


def test_many_events_need_little_memory_and_few_queries(books, django_assert_max_num_queries):
    note = books.note()
    AuditEvent.objects.bulk_create(
        AuditEvent(at=NOW, by_name="Worker", verb="decided", credit_note_id=note.pk,
                   details={"words": "x" * 500})
        for _ in range(3_000)
    )  # fmt: skip
    tally = sheets.Tally(sheet().columns)
    tracemalloc.start()
    with django_assert_max_num_queries(3 + 3 * 7):
        for _ in tally.over(sheet().rows):
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert tally.count == 3_000 and peak < 8_000_000  # all of them would be above 10


@pytest.mark.parametrize("verb", [one for one in workflow.VERBS if one not in workflow.EDIT_ENDED])
def test_each_verb_says_before_and_after(verb):
    """With what its service keeps: states, fields, or what the verb itself changes."""
    keeps = {
        "closed months": {"closed_through": {"was": "2026-08-31", "now": "2026-09-30"}},
        "entered the ledger's figure": {"changes": [
            {"field": "ledger_amount", "was": "EUR 1", "now": "EUR 2"},
        ]},
        "edited the draft": {"changes": [{"field": "amount", "was": "EUR 1", "now": "EUR 2"}]},
    }  # fmt: skip
    fields = {"field": "decision", "was": "Refund", "now": "Use it"}
    details = keeps.get(verb, {"changes": [fields]} if " decision" in verb or "decided what" in verb
                        or "Light behaves" in verb or "about Light" in verb else {})  # fmt: skip
    steps = {step.verb: step for step in workflow.STEPS.values()}
    states = {"was": "", "now": "proposed"} if verb == "proposed" else {}
    if verb in steps:
        states = {"was": min(steps[verb].before), "now": steps[verb].after}
    if verb in ("added a line", "changed a line", "deleted a line", "created it from an invoice"):
        states = {"was": "", "now": "sending"}
    code = "in_light" if verb in ("decided", "could not confirm") else ""
    event = AuditEvent(
        at=NOW, by_name="P", verb=verb, kind="link", reason_code=code, details=details, **states
    )
    before, after = before_after.sides(event)
    assert (before or after) and before != after


def test_unknown_filters_leave_a_notice_in_the_sheet(line):
    assert "rubbish" in sheet(kind="rubbish").notes[0]
    assert activity.kinds()["link"] == "Link"
