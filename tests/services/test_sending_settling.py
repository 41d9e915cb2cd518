"""Lines without a clear answer: what reading settles, and what a person has said of them."""

import pytest

from clearing import workflow
from clearing.models import AuditEvent, Instruction, Link
from clearing.sandbox.server import Sandbox
from clearing.services import reviewing
from clearing.services.sending import looking, settling
from tests.services.sending_world import World, state_of


@pytest.fixture
def world(db, preparer, approver):
    with Sandbox() as sandbox:
        yield World(sandbox, preparer, approver)


def ids(line):
    return {"creditNote": str(line.credit_note_id), "invoicePayable": str(line.invoice_payable_id)}


@pytest.fixture
def lost(world):
    """A link that never reached Light, though nobody knows that."""
    world.sandbox.faults.add(status=502, method="POST")
    line = world.ready()
    world.send()
    assert state_of(line) == "unknown"
    return line


def test_it_is_looked_at_only_when_it_is_due(world, lost):
    assert not world.settle() and world.settle(later=31)


def test_absent_needs_two_looks_after_the_quarantine(world, lost):
    for later in (40, 80, 120, 160, 200):
        world.settle(later=later)
    assert (state_of(lost), lost.absent_looks) == ("unknown", 0)
    world.settle(later=300)
    assert (state_of(lost), lost.absent_looks) == ("unknown", 1)
    world.settle(later=310)
    assert lost.absent_looks == 1, "the second look comes a while after the first"
    world.settle(later=340)
    assert state_of(lost) == "not_applied" and lost.outcome
    assert not world.send() and world.writes == ["POST"]


def test_our_pair_with_another_amount_is_a_person_s_case(world, lost):
    world.sandbox.act("link", **ids(lost), amount=1000)
    world.settle(later=40)
    assert state_of(lost) == "needs_person" and "10.00" in lost.outcome


CHANGES = {
    "invoice posted": ("post_invoice", ["invoicePayable"], {}),
    "invoice edited": ("edit_invoice", ["invoicePayable"], {"amount": 9999}),
    "note edited": ("edit_credit_note", ["creditNote"], {"amount": 9999}),
    "note archived": ("archive", ["creditNote"], {}),
}


@pytest.mark.parametrize(("action", "which", "given"), CHANGES.values(), ids=CHANGES)
def test_absent_with_anything_else_changed_is_a_person_s_case(world, lost, action, which, given):
    world.sandbox.act(action, **{name: ids(lost)[name] for name in which}, **given)
    world.settle_late(looks=1)
    assert state_of(lost) == "needs_person" and lost.outcome


def test_a_new_updated_at_alone_changes_nothing(world, lost):
    world.sandbox.act("edit_invoice", invoicePayable=ids(lost)["invoicePayable"], description="x")
    world.settle_late()
    assert state_of(lost) == "not_applied"


def test_an_entry_that_cannot_be_mapped_is_a_person_s_case_after_the_quarantine(world, lost):
    stranger = world.sandbox.act(
        "add", kind="invoice_payable", state="IN_DRAFT", vendorId=str(world.books.vendor.id),
        companyEntityId=str(world.books.entity.id), amount=9000,
    )  # fmt: skip
    world.sandbox.act(
        "link", creditNote=ids(lost)["creditNote"], invoicePayable=stranger["id"], amount=100
    )
    world.settle(later=40)
    assert state_of(lost) == "unknown"
    world.settle_late(looks=1)
    assert state_of(lost) == "needs_person"


def test_a_link_that_was_made_and_used_meanwhile_is_done(world):
    world.sandbox.faults.add(status=502, method="POST", when="after")
    line = world.ready()
    world.send()
    world.sandbox.act("post_invoice", invoicePayable=ids(line)["invoicePayable"])
    world.settle(later=40)
    assert state_of(line) == "done" and world.writes == ["POST"]


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 429, "headers": {"Retry-After": "100"}}, {"kind": "html"},
     {"kind": "truncate"}, {"kind": "drop"}],
    ids=["500", "429", "html", "truncated", "drop"],
)  # fmt: skip
def test_a_look_that_fails_proves_nothing(world, lost, fault):
    world.sandbox.faults.add(**fault, method="GET", times=2)
    world.settle(later=300)
    assert (state_of(lost), lost.absent_looks) == ("unknown", 0)
    for later in (500, 600, 700):
        world.settle(later=later)
    assert state_of(lost) == "not_applied"


def test_answers_that_stay_unreadable_end_with_a_person(world, lost):
    world.sandbox.faults.add(kind="html", method="GET", times=99)
    world.settle(later=900)
    assert state_of(lost) == "unknown"
    world.settle(later=1000)
    assert state_of(lost) == "needs_person" and "cannot be read" in lost.outcome


def test_a_look_that_ends_in_an_error_of_ours_ends_with_a_person(world, lost, monkeypatch):
    def broken(*_, **__):
        raise OverflowError

    monkeypatch.setattr(looking, "look", broken)
    world.settle(later=900)
    assert state_of(lost) == "unknown"
    world.settle(later=1000)
    assert state_of(lost) == "needs_person"


def test_a_line_whose_content_cannot_be_read_any_more_ends_with_a_person(world, lost):
    type(lost).objects.filter(pk=lost.pk).update(content={})
    world.settle(later=900)
    assert state_of(lost) == "needs_person" and "cannot be read" in lost.outcome


def test_a_revoked_key_stops_the_looks_and_settles_nothing(world, lost):
    world.sandbox.switch(key_valid=False)
    world.settle(later=300)
    assert (state_of(lost), lost.absent_looks) == ("unknown", 0)
    asked = len(world.sandbox.requests)
    assert not world.settle(later=340)
    assert len(world.sandbox.requests) <= asked + 1
    world.sandbox.switch(key_valid=True)
    for later in (1000, 1100, 1200):
        world.settle(later=later)
    assert state_of(lost) == "not_applied"


def test_two_workers_share_the_looks(world, lost):
    """Whoever moves the date looks; the other one finds nothing to do."""
    twin = Instruction.objects.get(pk=lost.pk)
    now = workflow.now()
    assert settling._take(lost, now) and not settling._take(twin, now)


def test_two_looks_at_once_count_as_one(world, lost):
    settling._count(lost, 1)
    settling._count(lost, 2)
    lost.refresh_from_db()
    assert lost.absent_looks == 1


# --- a person has decided ---------------------------------------------------------------------
@pytest.fixture
def stuck(world, lost):
    """Nothing of ours is there, but the note was edited: a person has to decide."""
    world.sandbox.act("edit_credit_note", creditNote=ids(lost)["creditNote"], description="y")
    world.sandbox.act("edit_invoice", invoicePayable=ids(lost)["invoicePayable"], amount=9999)
    world.settle_late(looks=1)
    assert state_of(lost) == "needs_person"
    return lost


def test_without_a_decision_it_stays(world, stuck):
    assert not world.settle(later=9999)
    assert state_of(stuck) == "needs_person"


def test_it_is_in_light_needs_the_pair_to_be_there(world, stuck):
    reviewing.settle(stuck, decision="says_done", by=world.approver)
    world.settle(later=300)
    assert state_of(stuck) == "needs_person" and stuck.outcome
    assert stuck.decision == "" and stuck.dealt_by is None
    assert world.verbs(stuck)[-1] == "could not confirm"
    world.sandbox.act("link", **ids(stuck), amount=4000)
    reviewing.settle(stuck, decision="says_done", by=world.approver)
    world.settle(later=300)
    assert state_of(stuck) == "done"
    last = AuditEvent.objects.filter(instruction_id=stuck.pk).first()
    assert last.verb == "settled: in Light" and last.by_id == world.approver.pk
    assert Link.objects.get().amount == 4000


def test_it_is_not_there_needs_two_looks(world, stuck):
    reviewing.settle(stuck, decision="says_absent", by=world.approver)
    world.settle(later=300)
    assert (state_of(stuck), stuck.absent_looks) == ("needs_person", 1)
    world.settle(later=340)
    assert state_of(stuck) == "not_applied"
    last = AuditEvent.objects.filter(instruction_id=stuck.pk).first()
    assert last.verb == "settled: not in Light" and last.by_id == world.approver.pk
    assert world.writes == ["POST"]


def test_it_is_not_there_does_not_hold_when_light_shows_it(world, stuck):
    world.sandbox.act("link", **ids(stuck), amount=4000)
    reviewing.settle(stuck, decision="says_absent", by=world.approver)
    world.settle(later=300)
    assert state_of(stuck) == "needs_person" and stuck.decision == ""


def test_a_decision_is_not_verified_by_somebody_who_lost_the_right(world, stuck):
    reviewing.settle(stuck, decision="says_absent", by=world.approver)
    world.approver.groups.clear()
    for later in (300, 340):
        world.settle(later=later)
    assert state_of(stuck) == "needs_person" and stuck.decision == ""
    assert stuck.outcome


def test_a_settled_line_holds_its_documents_no_longer(world, stuck):
    note, invoice = stuck.credit_note_id, world.invoice()
    reviewing.settle(stuck, decision="says_absent", by=world.approver)
    for later in (300, 340):
        world.settle(later=later)
    from clearing.models import CreditNote

    again = world.line(CreditNote.objects.get(pk=note), invoice, 1000)
    world.send()
    assert state_of(again) == "done"
