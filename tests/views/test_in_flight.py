"""A line under way: each page says where it is, none says that it is done, no total counts it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clearing.models import Balance, Budget, Instruction, Worker
from clearing.queries import in_flight
from clearing.workflow import now
from tests import factories
from tests.test_access import WANTED, names
from tests.views.pages import words

S = Instruction.State
STATES = (S.READY, S.SENDING, S.UNKNOWN, S.NEEDS_PERSON)
SAID = {
    S.READY: "Approved. It is sent next.",
    S.SENDING: "On its way to Light since",
    S.UNKNOWN: "Light has not confirmed yet. We are checking and will tell you by",
    S.NEEDS_PERSON: "An approver or a controller has to say what became of it.",
}
DONE = re.compile(
    r'tag good">(In Light|Cleared)|EUR 40\.00 (?:cleared|planned|used)|1 of 1 in Light',
    re.IGNORECASE,
)


@pytest.fixture
def line(books, preparer, approver):
    """EUR 40.00 of a credit note of EUR 100.00 for an invoice of EUR 100.00, approved."""
    factories.synced()
    note = books.note(document_number="CN-77", amount=10000)
    invoice = books.invoice(invoice_number="IN-77", amount=10000, state="IN_DRAFT")
    return factories.line(
        preparer, note, invoice, 4000, approved_by=approver, state="ready",
    )  # fmt: skip


def put(line, state, **over):
    """The line as it is a moment after it came into this state."""
    at = now()
    until = at + timedelta(seconds=240) if state in {S.UNKNOWN, S.NEEDS_PERSON} else None
    values = {"state": state, "changed_at": at, "quarantine_until": until} | over
    Instruction.objects.filter(pk=line.pk).update(**values)
    line.refresh_from_db()


def addresses(line):
    """Every page that can be looked at, about the documents of this line."""
    note, invoice, proposal = line.credit_note_id, line.invoice_payable_id, line.proposal_id
    of = {
        "note_id": note, "invoice_id": invoice, "vendor_id": line.proposal.vendor_id,
        "proposal_id": proposal, "line_id": line.pk,
    }  # fmt: skip
    found = []
    for name in names():
        pattern = next(iter(_keys(name)), None)
        if WANTED[name][0] not in {"see", "propose"} or pattern is None or pattern - of.keys():
            continue
        if name not in {"change_line", "delete_line"}:
            found.append(reverse(name, kwargs={key: of[key] for key in pattern}))
    entity = line.proposal.entity_id
    clearing = reverse("workbench", args=[line.proposal.vendor_id])
    return [
        *found, f"{clearing}?entity={entity}&currency=EUR", "/search/?q=CN-7", "/search/?q=77",
        "/proposals/?show=all", "/proposals/?show=sending", "/proposals/?show=done",
    ]  # fmt: skip


def _keys(name):
    from django.urls import get_resolver

    for possibility in get_resolver().reverse_dict.getlist(name):
        yield set(possibility[0][0][1])


@pytest.mark.parametrize("state", STATES)
def test_no_page_shows_it_as_done(as_approver, line, state, monkeypatch):
    put(line, state)
    looked = 0
    for address in addresses(line):
        answer = as_approver.get(address, follow=True)
        if answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html"):
            looked += 1
            assert not DONE.search(answer.text), address
            assert not DONE.search(words(answer)), address
    assert looked > 40


@pytest.mark.parametrize("state", STATES)
def test_each_page_about_it_says_where_it_is(as_approver, line, state):
    put(line, state)
    here = [
        reverse("proposal", args=[line.proposal_id]),
        reverse("credit_note", args=[line.credit_note_id]),
        reverse("invoice_payable", args=[line.invoice_payable_id]),
        reverse("compare_documents", args=[line.pk]),
        f"{reverse('workbench', args=[line.proposal.vendor_id])}"
        f"?entity={line.proposal.entity_id}&currency=EUR",
    ]
    if state in {S.UNKNOWN, S.NEEDS_PERSON}:
        here.append("/exceptions/")
    for address in here:
        assert SAID[state] in words(as_approver.get(address)), address
    hands_off = "Please do not link these two in Light yourself."
    if state in {S.SENDING, S.UNKNOWN}:
        assert hands_off in words(as_approver.get(here[0]))


@pytest.mark.parametrize("state", STATES)
def test_totals_count_it_as_held(as_approver, line, state):
    put(line, state)
    for document in (line.credit_note_id, line.invoice_payable_id):
        row = Balance.objects.get(pk=document)
        assert (row.available, row.held, row.planned, row.cleared) == (6000, 4000, 0, 0)
    found = words(as_approver.get("/search/?q=CN-7"))
    assert "EUR 0.00 used, EUR 60.00 free to use, EUR 40.00 held by proposals." in found
    assert f"No. {line.proposal_id}" not in words(as_approver.get("/proposals/?show=done"))
    assert f"No. {line.proposal_id}" in words(as_approver.get("/proposals/?show=sending"))


TODAY = {
    S.READY: "1 approved line is on its way to Light",
    S.SENDING: "1 approved line is on its way to Light",
    S.UNKNOWN: "1 line: Light has not confirmed it yet. We are checking and will tell you by",
    S.NEEDS_PERSON: "1 line needs a decision",
}


@pytest.mark.parametrize("state", STATES)
def test_today_says_what_is_under_way(as_approver, line, state):
    put(line, state)
    assert TODAY[state] in words(as_approver.get("/"))


def test_review_says_until_when_it_will_be_told(as_approver, line):
    put(line, S.UNKNOWN)
    said = words(as_approver.get("/proposals/?show=sending"))
    assert re.search(
        r"Light has not confirmed 1 line yet\. We will tell you by \d\d:\d\d UTC", said
    )


# --- the sentences --------------------------------------------------------------------------
def told(line):
    return in_flight.told(line, in_flight.Waits.of([line]))


def test_after_the_promised_time_the_sentence_is_another(line):
    past = timezone.now() - timedelta(hours=1)
    put(line, S.UNKNOWN, quarantine_until=past)
    assert "it takes longer than we said. We are still looking." in told(line)
    put(line, S.UNKNOWN, quarantine_until=past, not_before=now() + timedelta(seconds=90))
    assert re.search(r"longer than we said\. We look again at \d\d:\d\d UTC", told(line))
    put(line, S.SENDING, changed_at=past)
    assert "Whoever was sending it has not been heard of since" in told(line)


def test_what_waits_says_for_what(line, books, preparer, approver):
    put(line, S.READY, not_before=now() + timedelta(minutes=2), outcome="Light is away")
    assert re.search(
        r"Not sent yet: Light is away\. It is tried again at \d\d:\d\d UTC", told(line)
    )
    note = type(books.note()).objects.get(pk=line.credit_note_id)
    other = factories.line(
        preparer, note, books.invoice(state="IN_DRAFT"), 1000, approved_by=approver,
        state="sending",
    )  # fmt: skip
    assert told(line) == "Approved. It goes out after another line on the same credit note."
    Instruction.objects.filter(pk=other.pk).update(
        state="unknown", credit_note_id=books.note().id, invoice_payable_id=line.invoice_payable_id
    )
    assert told(line) == "Approved. It goes out after another line on the same invoice."


def test_where_sending_is_stopped_nothing_is_promised(line):
    Budget.objects.create(key_id="k", stopped_at=now(), stopped_because="x")
    Worker.objects.create(name="w", started_at=now(), beat_at=now())
    put(line, S.READY)
    assert told(line).startswith("Approved and not sent yet. Sending is stopped")
    put(line, S.UNKNOWN)
    assert "We check as soon as we can." in told(line) and "tell you by" not in told(line)


def test_a_decision_that_is_read_back_has_its_time(line, approver):
    put(line, S.NEEDS_PERSON, decision="says_absent", dealt_by=approver)
    assert re.search(
        r"Anton Appr: “It is not; release it”\. Light is being read to confirm it; you will know "
        r"by \d\d:\d\d UTC", told(line),
    )  # fmt: skip
    long_ago = now() - timedelta(hours=1)
    put(line, S.NEEDS_PERSON, decision="says_done", dealt_by=approver, changed_at=long_ago)
    assert "it takes longer than we said" in told(line)


def test_many_lines_cost_no_query_each(books, preparer, approver, django_assert_max_num_queries):
    lines = [
        factories.line(preparer, books.note(), books.invoice(), 10, approved_by=approver,
                       state="ready")
        for _ in range(30)
    ]  # fmt: skip
    with django_assert_max_num_queries(2):
        around = in_flight.Waits.of(lines)
        assert {in_flight.told(one, around) for one in lines} == {"Approved. It is sent next."}
