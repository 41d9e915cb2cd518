"""A person goes through a plan and proposes it: what changes, what falls out, what is once."""

import pytest

from clearing import roles, workflow
from clearing.models import Batch, Instruction, Plan, PlanGroup, PlanLine, Proposal
from clearing.services import declining, planning, proposing
from clearing.services.planning import Change, handing_in
from tests import factories
from tests.services.plan_world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def plan(world):
    return world.plan()


def line_of(plan, n=0):
    return plan.groups.all()[n].rows.get()


def propose(group, by, seen=None):
    group.refresh_from_db()
    seen = handing_in.seen_of_one(group) if seen is None else seen
    return planning.propose(group, seen=seen, by=by, now=workflow.now())


def propose_all(plan, by, seen=None, note=""):
    seen = planning.seen_of(plan) if seen is None else seen
    return planning.propose_all(plan, note=note, seen=seen, by=by, now=workflow.now())


# --- lines and vendors -----------------------------------------------------------------------
def test_a_line_is_lowered_dropped_and_restored(world, plan):
    line = line_of(plan)
    planning.change(line, Change(4000, seen=10000), by=world.preparer)
    group = PlanGroup.objects.get(pk=line.group_id)
    assert (group.total, group.lines, group.version) == (4000, 1, 1)
    planning.change(line, Change(0, seen=4000), by=world.preparer)
    group.refresh_from_db()
    assert (group.total, group.lines, group.certain + group.likely) == (0, 0, 0)
    planning.change(line, Change(10000, seen=0), by=world.preparer)
    line.refresh_from_db()
    group.refresh_from_db()
    assert (line.amount, line.suggested, group.total) == (10000, 10000, 10000)


def test_an_amount_stays_within_what_is_free_and_open(world, plan):
    line = line_of(plan)
    with pytest.raises(ValueError, match=r"Only EUR 100.00 of C-INV04711 is free for this line"):
        planning.change(line, Change(10001, seen=10000), by=world.preparer)
    factories.link(
        factories.credit_note(world.vendors[0], world.entity),
        factories.InvoicePayable.objects.get(pk=line.invoice_payable_id), 3000,
    )  # fmt: skip
    planning.change(line, Change(1, seen=10000), by=world.preparer)
    with pytest.raises(ValueError, match=r"Only EUR 70.00 of INV04711 is open for this line"):
        planning.change(line, Change(7001, seen=1), by=world.preparer)
    planning.change(line, Change(7000, seen=1), by=world.preparer)


def test_a_line_that_somebody_changed_meanwhile_is_not_overwritten(world, plan):
    line = line_of(plan)
    planning.change(line, Change(4000, seen=10000), by=world.preparer)
    with pytest.raises(workflow.Conflict, match="changed since you looked"):
        planning.change(line, Change(5000, seen=10000), by=factories.person("preparer", "two"))
    assert line_of(plan).amount == 4000


def test_a_second_click_changes_nothing(world, plan):
    for _click in range(2):
        planning.change(line_of(plan), Change(0, seen=10000), by=world.preparer)
    assert PlanGroup.objects.get(pk=line_of(plan).group_id).version == 1


def test_a_skipped_vendor_is_left_out_until_it_is_taken_in(world, plan):
    group = plan.groups.first()
    planning.skip(group, by=world.preparer, now=workflow.now())
    with pytest.raises(workflow.Conflict, match="skipped"):
        propose(group, world.preparer)
    propose_all(plan, world.preparer)
    assert Proposal.objects.count() == 2
    planning.take_in(group, by=world.preparer)
    assert propose(group, world.preparer).proposal_id


@pytest.mark.parametrize("role", ["approver", "controller", "viewer"])
def test_only_a_preparer_works_on_a_plan(world, plan, role):
    person, group = factories.person(role), plan.groups.first()
    for act in (
        lambda: planning.change(line_of(plan), Change(0, seen=10000), by=person),
        lambda: planning.skip(group, by=person, now=workflow.now()),
        lambda: planning.take_in(group, by=person),
        lambda: planning.discard(plan, by=person, now=workflow.now()),
        lambda: propose(group, person),
        lambda: propose_all(plan, person),
    ):
        with pytest.raises(roles.NotAllowed):
            act()
    assert not Proposal.objects.exists()


# --- one vendor ---------------------------------------------------------------------------------
def test_one_vendor_is_proposed_with_what_the_engine_said(world, plan):
    group = plan.groups.first()
    planning.change(line_of(plan), Change(4000, seen=10000), by=world.preparer)
    done = propose(group, world.preparer)
    line = Instruction.objects.get()
    assert (line.amount, line.suggestion["amount"], line.state) == (4000, 10000, "proposed")
    assert line.suggestion["rule"] == "reference"
    assert (done.proposal, done.problem) == (line.proposal, "") and line.proposal.batch is None


def test_one_vendor_is_proposed_once(world, plan):
    group = plan.groups.first()
    seen = handing_in.seen_of_one(group)
    propose(group, world.preparer, seen)
    with pytest.raises(workflow.Conflict, match="proposed already, as proposal"):
        propose(group, factories.person("preparer", "two"), seen)
    assert Proposal.objects.count() == 1


def test_what_changed_since_the_look_is_not_proposed_unseen(world, plan):
    group = plan.groups.first()
    seen = handing_in.seen_of_one(group)
    planning.change(line_of(plan), Change(4000, seen=10000), by=world.preparer)
    with pytest.raises(workflow.Conflict, match="changed since you looked"):
        propose(group, world.preparer, seen)


def test_a_line_that_no_longer_fits_is_left_out_and_the_rest_proposed(world):
    vendor = world.vendors[0]
    note, invoice = world.pair(vendor, "INV550011", amount=500)
    gone, _invoice = world.pair(vendor, "INV550022", amount=700)
    world.pair(vendor, "INV550033", amount=900)
    plan = world.plan()
    group = plan.groups.get(vendor_id=vendor.id)
    held = factories.line(factories.person("preparer", "maria"), note, invoice, 500)
    type(gone).objects.filter(pk=gone.pk).update(status="ARCHIVED")
    done = propose(group, world.preparer)
    assert done.proposal.lines.count() == 2 and not done.problem
    said = {one.credit_note_id: one.problem for one in group.rows.all() if one.problem}
    whose = f"maria’s proposal {held.proposal_id}"
    assert said[note.id] == f"{note} and {invoice} are held by {whose} already."
    assert "cancelled in Light" in said[gone.id]
    assert len(said) == 2


def test_a_balance_that_no_longer_covers_the_line_leaves_it_out(world, plan):
    line = line_of(plan)
    note = factories.CreditNote.objects.get(pk=line.credit_note_id)
    factories.link(note, factories.invoice(world.vendors[0], world.entity, state="IN_DRAFT"), 6000)
    group = PlanGroup.objects.get(pk=line.group_id)
    done = propose(group, world.preparer)
    assert done.proposal is None and done.problem == "None of its lines can be proposed any more."
    assert "Only EUR 40.00" in line_of(plan).problem
    planning.change(line_of(plan), Change(4000, seen=10000), by=world.preparer)
    assert propose(group, world.preparer).proposal and line_of(plan).problem == ""


def test_a_discarded_plan_is_not_proposed(world, plan):
    planning.discard(plan, by=world.preparer, now=workflow.now())
    with pytest.raises(workflow.Conflict, match="not open: Discarded"):
        propose(plan.groups.first(), world.preparer)
    with pytest.raises(workflow.Conflict, match="Nothing of this plan is open"):
        propose_all(plan, world.preparer)


def test_without_an_audit_row_nothing_is_proposed(world, plan, monkeypatch):
    monkeypatch.setattr(workflow, "record", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        propose(plan.groups.first(), world.preparer)
    assert not Proposal.objects.exists() and not plan.groups.exclude(tried_at=None).exists()


# --- all of them ---------------------------------------------------------------------------------
def test_all_that_is_open_becomes_one_batch(world, plan):
    world_wide = propose_all(plan, world.preparer, note="Autumn round")
    assert (world_wide.plan, world_wide.note) == (plan, "Autumn round")
    proposals = world_wide.proposals.all()
    assert len(proposals) == 3 and {one.note for one in proposals} == {"Autumn round"}
    assert {one.vendor_id for one in proposals} == {one.id for one in world.vendors}
    assert all(group.proposal_id and group.tried_at for group in plan.groups.all())


def test_a_vendor_of_which_nothing_fits_does_not_stop_the_others(world, plan):
    vendor = world.vendors[1]
    factories.CreditNote.objects.filter(vendor_id=vendor.id).update(status="ARCHIVED")
    batch = propose_all(plan, world.preparer)
    assert batch.proposals.count() == 2
    group = plan.groups.get(vendor_id=vendor.id)
    assert group.problem == "None of its lines can be proposed any more."
    assert "cancelled in Light" in group.rows.get().problem


def test_a_batch_of_nothing_is_forgotten(world, plan):
    factories.CreditNote.objects.update(**{"status": "ARCHIVED"})
    propose_all(plan, world.preparer)
    assert not Batch.objects.exists()
    assert plan.groups.filter(problem="").count() == 0


def test_all_are_proposed_once_on_a_double_click(world, plan):
    seen = planning.seen_of(plan)
    propose_all(plan, world.preparer, seen)
    with pytest.raises(workflow.Conflict):
        propose_all(plan, world.preparer, seen)
    assert Batch.objects.count() == 1 and Proposal.objects.count() == 3


def test_a_plan_that_changed_since_the_look_is_not_proposed(world, plan):
    seen = planning.seen_of(plan)
    planning.change(line_of(plan), Change(9000, seen=10000), by=world.preparer)
    with pytest.raises(workflow.Conflict, match="changed since you looked"):
        propose_all(plan, world.preparer, seen)
    assert not Batch.objects.exists()


def test_a_note_that_is_too_long_is_told(world, plan):
    with pytest.raises(ValueError, match="Shorten the note"):
        propose_all(plan, world.preparer, note="x" * 2001)


def test_many_are_left_to_the_worker(world, plan, monkeypatch):
    monkeypatch.setattr(handing_in, "AT_ONCE", 2)
    batch = propose_all(plan, world.preparer)
    assert not Proposal.objects.exists()
    with pytest.raises(workflow.Conflict, match="being proposed right now"):
        propose(plan.groups.first(), world.preparer)
    with pytest.raises(workflow.Conflict, match="being proposed right now"):
        planning.discard(plan, by=world.preparer, now=workflow.now())
    monkeypatch.setattr(handing_in, "LONGEST", 0)
    slices = 0
    while planning.hand_in():
        slices += 1
    assert slices == 3 and batch.proposals.count() == 3
    assert {one.created_by for one in batch.proposals.all()} == {world.preparer}


def test_a_killed_worker_s_vendor_is_proposed_by_the_next(world, plan, monkeypatch):
    monkeypatch.setattr(handing_in, "AT_ONCE", 0)
    propose_all(plan, world.preparer)

    class Killed(BaseException):
        pass

    begin = workflow.begin

    def die(*given, **named):
        begin(*given, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(workflow, "begin", die)
        with pytest.raises(Killed):
            planning.hand_in()
    assert not Proposal.objects.exists()
    while planning.hand_in():
        pass
    assert Proposal.objects.count() == 3


def test_a_mistake_of_ours_at_one_vendor_is_told_and_the_others_go_on(world, plan, monkeypatch):
    real, vendor = proposing.propose, world.vendors[1]

    def broken(**given):
        return 1 / 0 if given["vendor_id"] == vendor.id else real(**given)

    monkeypatch.setattr(proposing, "propose", broken)
    assert propose_all(plan, world.preparer).proposals.count() == 2
    assert "mistake of ours" in plan.groups.get(vendor_id=vendor.id).problem


def test_whoever_lost_the_right_meanwhile_proposes_nothing(world, plan, monkeypatch):
    monkeypatch.setattr(handing_in, "AT_ONCE", 0)
    propose_all(plan, world.preparer)
    world.preparer.groups.clear()
    planning.hand_in()
    assert not Proposal.objects.exists()
    assert {one.problem for one in plan.groups.all()} == {"Only a preparer can do this."}


def test_a_rejected_suggestion_is_in_no_later_plan(world, plan):
    line = line_of(plan)
    declining.decline(
        credit_note_id=line.credit_note_id, invoice_payable_id=line.invoice_payable_id,
        reason="Not ours", by=world.preparer,
    )  # fmt: skip
    assert not PlanLine.objects.filter(
        group__plan=world.plan(), credit_note_id=line.credit_note_id
    ).exists()
    assert Plan.objects.count() == 2
