"""A draft on its way to the ledger: looked at, sent once, and told honestly."""

from datetime import date
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from clearing import workflow
from clearing.models import AuditEvent, Balance, CreditNote, CreditNoteLine, Instruction, Months
from clearing.sandbox.server import Sandbox
from clearing.services import correcting, mirroring, reviewing
from tests import factories
from tests.services.mirroring_world import read_all
from tests.services.sending_world import World, state_of

DAY = date(2026, 10, 5)


@pytest.fixture
def world(db, preparer, approver):
    with Sandbox() as sandbox:
        yield World(sandbox, preparer, approver)


def line_of(net, **over):
    """A line as Light holds it, with 19 % VAT, on the credit side."""
    tax = net * 19 // 100
    return {
        "id": str(UUID(int=net)), "description": "Returned goods",
        "netTransactionAmount": {"amount": net, "dcSign": "C"},
        "taxTransactionAmount": {"amount": tax, "dcSign": "C"},
        "grossTransactionAmount": {"amount": net + tax, "dcSign": "C"},
    } | over  # fmt: skip


def draft(world, **over):
    """A complete draft, in Light and in the copy as a read of Light has left it."""
    note = world.note(status="DRAFT", amount=11900, document_date=DAY)
    day = DAY.isoformat()
    in_light(world, note, **{"documentDate": day, "postingDate": day, "lines": [line_of(10000)]}
             | over)  # fmt: skip
    mirroring.take_credit_note(world.client.credit_note(note.id), workflow.now())
    return CreditNote.objects.get(pk=note.id)


def in_light(world, note, **fields):
    """As another user of Light would."""
    world.sandbox.act("edit_credit_note", creditNote=str(note.id), **fields)


def post(note, by, **over):
    return correcting.post(
        **{"credit_note_id": note.id, "seen": correcting.fingerprint(note), "by": by} | over
    )


def posts(world):
    return [one.path for one in world.sandbox.requests if one.is_write]


def test_a_post_is_sent_once_and_stands_in_the_copy(world, approver):
    note = draft(world)
    line = post(note, approver)
    world.send_all()
    assert state_of(line) == "done"
    assert posts(world) == [f"/v1/credit-notes/{note.id}/post"]
    copy = CreditNote.objects.get()
    assert (copy.status, copy.posting_date) == ("POSTED", DAY)
    assert Balance.objects.get(pk=note.id).available == 11900
    assert Balance.objects.get(pk=note.id).usable


def test_the_trail_has_who_why_and_what_is_free(world, preparer, approver):
    line = post(draft(world), preparer, reason="Agreed by phone.")
    reviewing.approve(line, seen_hash=line.content_hash, by=approver)
    world.send_all()
    asked, approved, _began, done = AuditEvent.objects.filter(instruction_id=line.pk).order_by("id")
    assert (asked.by_id, asked.reason) == (preparer.pk, "Agreed by phone.")
    assert (approved.by_id, approved.details["net"], approved.details["tax"]) == (
        approver.pk, 10000, 1900
    )  # fmt: skip
    assert approved.details["gross"] == 11900 and approved.details["posting_day"] == "2026-10-05"
    for event in (asked, approved):
        assert (event.details["free_before"], event.details["free_after"]) == (0, 0)
    assert (done.details["free_before"], done.details["free_after"]) == (0, 11900)


def test_it_is_shown_once_light_was_read_again(world, approver):
    line = post(draft(world), approver)
    world.send_all()
    line.refresh_from_db()
    assert line.shown_at is None
    read_all(world.client, later=1)
    line.refresh_from_db()
    assert line.shown_at is not None


@pytest.mark.parametrize("until", ["page", "approval", "sending"])
def test_what_names_no_day_stays_in_the_month_that_was_seen(
    world, preparer, approver, until, monkeypatch
):
    """Light posts it on the day it is: after midnight that may be another month."""
    monkeypatch.setattr(workflow, "now", timezone.now)  # the database's clock cannot be moved
    with time_machine.travel("2026-11-30 23:30", tick=False) as clock:
        note = draft(world, documentDate=None, postingDate=None)
        seen = correcting.fingerprint(note)
        if until == "page":
            clock.move_to("2026-12-01 00:30")
            with pytest.raises(workflow.Conflict, match="changed since you looked"):
                post(note, approver, seen=seen)
            return
        line = post(note, preparer)
        if until == "approval":
            clock.move_to("2026-12-01 00:30")
            with pytest.raises(workflow.Conflict, match="month"):
                reviewing.approve(line, seen_hash=line.content_hash, by=approver)
        else:
            clock.move_to("2026-11-30 23:45")
            reviewing.approve(line, seen_hash=line.content_hash, by=approver)
            clock.move_to("2026-12-01 00:30")
            world.send_all()
    assert state_of(line) == "fallen" and "month" in line.outcome
    assert posts(world) == []


# --- what changed meanwhile ---------------------------------------------------------------------
CHANGES = {
    "another vendor": ({"businessPartnerId": None}, "vendor"),
    "another entity": ({"companyEntityId": None}, "entity"),
    "another amount": ({"amount": 1}, "amount"),
    "another day": ({"postingDate": "2026-10-06"}, "day it would be posted"),
    "no line": ({"lines": []}, "no line"),
    "another line": ({"lines": [line_of(9999)]}, "lines were changed"),
    "the other side": (
        {"lines": [line_of(10000, netTransactionAmount={"amount": 10000, "dcSign": "D"})]},
        "lines were changed",
    ),
    "a line more": ({"lines": [line_of(10000), line_of(100)]}, "lines were changed"),
    "cancelled": ({"status": "ARCHIVED"}, "no longer a draft"),
    "in approval": ({"status": "APPROVAL_PENDING"}, "no longer a draft"),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES)
def test_what_was_changed_in_light_is_not_posted(world, approver, change, words):
    note = draft(world)
    line = post(note, approver)
    in_light(world, note, **change)
    world.send_all()
    assert state_of(line) == "fallen" and words in line.outcome
    assert posts(world) == []
    read_all(world.client, later=1)
    assert reviewing.misfits([line]), "the draft was read again, so the next one sees what is there"


def test_a_line_in_another_order_is_the_same_draft(world, approver):
    """And what nobody sees in a line may change: its id, its times."""
    note = draft(world, lines=[line_of(10000), line_of(500)])
    line = post(note, approver)
    in_light(world, note, lines=[line_of(500) | {"updatedAt": "2026-11-01T00:00:00Z"},
                                 line_of(10000)])  # fmt: skip
    world.send_all()
    assert state_of(line) == "done"


@pytest.mark.parametrize("into_closed", [False, True])
def test_a_month_that_was_closed_meanwhile(world, approver, controller, into_closed):
    note = draft(world)
    closed = {"closed_through": date(2026, 10, 31), "changed_at": factories.NOW,
              "changed_by": controller}  # fmt: skip
    if into_closed:
        Months.objects.create(entity_id=note.entity_id, **closed)
        line = post(note, controller, reason="It came late.")
    else:
        line = post(note, approver)
        Months.objects.create(entity_id=note.entity_id, **closed)
    world.send_all()
    if into_closed:
        assert state_of(line) == "done" and len(posts(world)) == 1
    else:
        assert state_of(line) == "fallen" and "October 2026 is closed" in line.outcome
        assert posts(world) == []


@pytest.mark.parametrize("what", ["lines", "day", "month"])
def test_an_approval_falls_with_what_was_changed_in_the_copy(world, preparer, approver, what):
    note = draft(world)
    line = post(note, preparer)
    if what == "lines":
        CreditNoteLine.objects.update(net=1)
    elif what == "day":
        CreditNote.objects.update(posting_date=date(2026, 9, 5))
    else:
        Months.objects.create(entity_id=note.entity_id, vat_filed_through=date(2026, 10, 31),
                              changed_at=factories.NOW, changed_by=approver)  # fmt: skip
    assert reviewing.misfits([line])[line.pk]
    with pytest.raises(reviewing.Conflict):
        reviewing.approve(line, seen_hash=line.content_hash, by=approver)
    assert state_of(line) == "fallen"


def test_posted_by_somebody_else_is_adopted(world, approver):
    note = draft(world)
    line = post(note, approver)
    world.sandbox.act("post_credit_note", creditNote=str(note.id))
    world.send_all()
    assert state_of(line) == "done" and "already" in line.outcome and posts(world) == []
    assert CreditNote.objects.get().status == "POSTED"


# --- answers -------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refusal_has_lights_words(world, approver, status):
    world.sandbox.faults.add(status=status, method="POST")
    line = post(draft(world), approver)
    world.send_all()
    assert state_of(line) == "refused" and line.outcome
    assert CreditNote.objects.get().status == "DRAFT"


@pytest.mark.parametrize("status", [401, 403, 429])
def test_what_was_not_taken_waits(world, approver, status):
    world.sandbox.faults.add(status=status, method="POST")
    line = post(draft(world), approver)
    world.send_all()
    assert state_of(line) == "ready"


FAULTS = {"409": {"status": 409}, "500": {"status": 500}, "503": {"status": 503},
          "drop": {"kind": "drop"}, "html": {"kind": "html"}}  # fmt: skip


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_without_a_clear_answer_reading_decides_and_nothing_is_sent_twice(
    world, approver, fault, when
):
    world.sandbox.faults.add(**fault, method="POST", when=when)
    line = post(draft(world), approver)
    world.send_all()
    assert state_of(line) == "unknown"
    world.settle_late(looks=3)
    assert state_of(line) == ("done" if when == "after" else "not_applied")
    assert CreditNote.objects.get().status == ("POSTED" if when == "after" else "DRAFT")
    assert len(posts(world)) == 1


def test_a_post_that_was_not_applied_can_be_asked_for_again(world, approver):
    world.sandbox.faults.add(status=502, method="POST")
    note = draft(world)
    first = post(note, approver)
    world.send_all()
    assert [one.code for one in correcting.post_problems(note)] == ["open_line"]
    world.settle_late(looks=3)
    assert state_of(first) == "not_applied"
    again = post(CreditNote.objects.get(), approver)
    world.send_all()
    assert state_of(again) == "done"


def test_a_cancelled_note_is_a_person_s_case(world, approver):
    world.sandbox.faults.add(status=502, method="POST")
    note = draft(world)
    line = post(note, approver)
    world.send_all()
    world.sandbox.act("archive", creditNote=str(note.id))
    world.settle(later=40)
    assert state_of(line) == "needs_person" and "ARCHIVED" in line.outcome


def test_an_approval_without_its_content_is_never_sent(world, preparer, approver):
    line = post(draft(world), approver)
    content = line.content | {"lines": "another"}
    Instruction.objects.filter(pk=line.pk).update(content=content)
    world.send_all()
    assert state_of(line) == "fallen" and posts(world) == []
