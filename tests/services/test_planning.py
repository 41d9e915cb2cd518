"""Plans are made by the worker, in slices that any worker goes on with; nothing is sent."""

import uuid
from datetime import timedelta

import pytest

from clearing import matching, roles, workflow
from clearing.models import Decision, Instruction, Plan, PlanGroup, PlanLine, Proposal, Suspicion
from clearing.services import grouping, planning
from clearing.services.planning import making
from tests import factories
from tests.services.plan_world import World, rows, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def slowly(monkeypatch):
    """A slice takes one vendor."""
    monkeypatch.setattr(making, "LONGEST", 0)
    monkeypatch.setattr("clearing.services.grouping.streaming.CREDITS", 1)


def test_a_plan_holds_what_the_engine_says_of_every_vendor(world):
    plan = world.plan()
    assert (plan.state, plan.groups_total, plan.groups_done, plan.lines_total) == ("ready", 3, 3, 3)
    assert plan.finished_at and not plan.lease_by
    for group in plan.groups.all():
        said = matching.match(grouping.one(group.vendor_id, group.entity_id, "EUR"))
        (line,), (suggested,) = group.rows.all(), said.suggestions
        assert (line.suggested, line.amount, line.strength) == (10000, 10000, suggested.strength)
        assert line.why == suggested.as_data() and line.why["rule"] == "reference"
        assert (group.lines, group.total, group.problem) == (1, 10000, "")


def test_the_numbers_of_a_vendor_are_those_of_its_lines(world):
    world.pair(world.vendors[0], "X1", amount=500)
    factories.credit_note(world.vendors[1], world.entity, amount=70)
    factories.invoice(world.vendors[1], world.entity, amount=300, state="IN_DRAFT")
    for group in world.plan().groups.all():
        lines = list(group.rows.all())
        assert group.lines == len(lines) and group.total == sum(one.amount for one in lines)
        for name, strength in (("certain", 3), ("likely", 2)):
            mine = [one.amount for one in lines if one.strength == strength]
            assert getattr(group, name) == len(mine)
            assert getattr(group, f"{name}_total") == sum(mine)
        assert [one.strength for one in lines] == sorted(
            (one.strength for one in lines), reverse=True
        )


def test_the_vendor_with_the_most_that_is_certain_comes_first(world):
    for n in range(3):
        world.pair(world.vendors[1], f"INV99{n}00", amount=1000 + n)
    first = world.plan().groups.first()
    assert first.vendor_id == world.vendors[1].id and first.certain == 4


def test_a_killed_worker_s_plan_is_gone_on_with(world, slowly):
    plan = world.start()
    assert planning.make(workflow.now(), worker="first")
    assert Plan.objects.get().groups_done == 1
    assert not planning.make(workflow.now(), worker="second")  # the lease is the first's
    assert run("second", later=1000) >= 2
    assert len(rows(plan)) == len(set(rows(plan))) == 3
    assert Plan.objects.get().state == "ready"


def test_a_slice_that_dies_before_it_is_written_changes_nothing(world, slowly, monkeypatch):
    plan = world.start()
    planning.make(workflow.now(), worker="w")

    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("clearing.services.planning.storing.write", die)
        with pytest.raises(Killed):
            planning.make(workflow.now(), worker="w")
    assert Plan.objects.get().groups_done == PlanGroup.objects.count() == 1
    run()
    assert len(rows(plan)) == 3


def test_a_worker_that_lost_its_lease_writes_nothing(world, monkeypatch):
    """The first worker is slow; meanwhile its lease ends and the second makes the whole plan."""
    plan = world.start()
    match = making._match

    def slow(wish, after):
        found = match(wish, after)
        monkeypatch.setattr(making, "_match", match)
        run("second", later=1000)
        return found

    monkeypatch.setattr(making, "_match", slow)
    assert not planning.make(workflow.now(), worker="first")
    assert len(rows(plan)) == 3 and Plan.objects.get().state == "ready"


def test_a_mistake_of_ours_ends_the_plan_with_a_sentence(world, monkeypatch):
    world.start()
    monkeypatch.setattr(matching, "match", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        planning.make(workflow.now(), worker="w")
    plan = Plan.objects.get()
    assert (plan.state, plan.lease_by) == ("failed", "") and "mistake of ours" in plan.problem
    assert not planning.make(workflow.now(), worker="w")


def test_a_plan_proposes_and_sends_nothing(world):
    world.plan()
    assert not Proposal.objects.exists() and not Instruction.objects.exists()


def test_a_scope_says_which_vendors(world):
    vendor = world.vendors[1]
    world.pair(vendor, "US1", currency="USD")
    of = {"vendors": frozenset([vendor.id])}
    assert [row[0] for row in rows(world.plan(**of))] == [2, 2]
    assert [row[0] for row in rows(world.plan(**of, currency="USD"))] == [2]
    assert rows(world.plan(entity_id=uuid.uuid4())) == []
    assert Plan.objects.first().state == "ready"


def test_only_what_is_strong_enough(world):
    factories.credit_note(world.vendors[0], world.entity, amount=70)
    factories.invoice(world.vendors[0], world.entity, amount=300, state="IN_DRAFT")
    assert len(rows(world.plan())) == 4
    assert len(rows(world.plan(strength=matching.LIKELY))) == 3


def test_mine_are_vendors_whose_decisions_i_own_or_for_whom_i_proposed(world):
    now = workflow.now()
    note, invoice = world.pair(world.vendors[0], "M1")
    factories.line(
        world.preparer, note, invoice,
        in_proposal=factories.proposal(world.preparer, note, created_at=now - timedelta(days=89)),
    )  # fmt: skip
    old, _invoice = world.pair(world.vendors[1], "M2")
    factories.proposal(world.preparer, old, created_at=now - timedelta(days=91))
    owned, _invoice = world.pair(world.vendors[2], "M3")
    decision = {"kind": "wait", "by": world.preparer, "at": now, "owner": world.preparer}
    Decision.objects.create(credit_note_id=owned.id, **decision)
    assert {row[0] for row in rows(world.plan(mine=True))} == {1, 3}
    Decision.objects.update(ended_at=now)
    assert {row[0] for row in rows(world.plan(mine=True))} == {1}


def test_nobody_s_vendors_are_told_at_once(world):
    with pytest.raises(ValueError, match="None of these vendors is yours"):
        world.start(mine=True)
    assert not Plan.objects.exists()


def test_only_a_preparer_asks_for_a_plan(world, approver):
    with pytest.raises(roles.NotAllowed):
        world.start(by=approver)


def test_the_same_wish_twice_is_one_plan_while_it_is_made(world):
    assert world.start() == world.start()
    assert world.start(currency="EUR") != world.start()
    run()
    assert world.start().pk not in Plan.objects.filter(state="ready").values_list("pk", flat=True)


def test_a_discarded_plan_is_made_no_further_and_deleted_bit_by_bit(world, slowly, monkeypatch):
    monkeypatch.setattr(making, "GROUPS", 2)
    plan = world.plan()
    other = world.start(currency="EUR")
    planning.make(workflow.now(), worker="w")
    for one in (plan, other):
        planning.discard(one, by=world.preparer, now=workflow.now())
    assert run() == 0
    while planning.tidy():
        pass
    assert not PlanGroup.objects.exists() and not PlanLine.objects.exists()
    with pytest.raises(workflow.Conflict, match="discarded already"):
        planning.discard(plan, by=world.preparer, now=workflow.now())


def test_a_vendor_with_nothing_but_a_possible_duplicate_is_not_counted_as_missing(world):
    """Its credit is usable, but left aside until somebody has compared the two."""
    notes = factories.CreditNote.objects.filter(vendor_id=world.vendors[2].id)
    twin = factories.credit_note(world.vendors[2], world.entity)
    Suspicion.objects.create(kind="twins", one_id=notes[0].id, other_id=twin.id, at=factories.NOW)
    plan = world.plan()
    assert (plan.groups_total, plan.groups_done) == (2, 2)
