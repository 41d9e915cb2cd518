"""Two processes at one sync, one plan or one edit: each guard, on and off."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.models import Edit, Plan, SyncRun
from clearing.sandbox.server import Sandbox
from clearing.services import editing, planning
from clearing.services.editing import comparing, settling, writing
from clearing.services.mirroring import phases, runs
from clearing.services.planning import Change, handing_in, making
from tests import factories
from tests.concurrency.at_once import meanwhile
from tests.services.editing_world import Drafts
from tests.services.plan_world import World, rows

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
LONG_AGO = factories.NOW - timedelta(days=1)


# --- the sync --------------------------------------------------------------------------------
def test_one_sync_runs(guard, monkeypatch):
    """Both have looked when none was running."""
    guard.is_index(SyncRun, "one_running_sync")
    now = workflow.now()
    started = []
    meanwhile(
        monkeypatch, runs, "_full_is_due", lambda: started.append(runs.start(full=True, now=now))
    )
    factories.synced(started_at=now - timedelta(minutes=9))
    started.append(runs.start(full=False, now=now))
    assert len({run.pk for run in started}) == (1 if guard.on else 2)
    assert SyncRun.objects.filter(state="running").count() == (1 if guard.on else 2)


def test_a_slice_of_a_sync_is_read_by_one_worker(guard, monkeypatch):
    """Both have found the run free."""
    guard.is_function(runs, "_claim", lambda run, worker, now: True)
    now, read = workflow.now(), []
    run = runs.start(full=True, now=now)
    other = SyncRun.objects.get(pk=run.pk)
    monkeypatch.setattr(phases, "step", lambda run, client, now: read.append(run.pk))
    runs.slice(run, None, worker="w1", now=now)
    runs.slice(other, None, worker="w2", now=now)
    assert len(read) == (1 if guard.on else 2)


# --- plans -----------------------------------------------------------------------------------
def test_a_worker_whose_lease_of_a_plan_ended_writes_nothing(guard, monkeypatch):
    """It has read and matched; meanwhile another one has made the same slice."""
    guard.is_condition(making, "Plan", "state", "lease_by", "groups_done")
    world = World()
    plan = world.start()

    def other():
        Plan.objects.update(lease_until=LONG_AGO)
        planning.make(workflow.now(), worker="w2")

    meanwhile(monkeypatch, making, "_match", other)
    if guard.on:
        assert planning.make(workflow.now(), worker="w1") is False
        assert len(rows(plan)) == 3
    else:
        with pytest.raises(Exception, match="(?i)unique"):  # the next guard, not a sentence
            planning.make(workflow.now(), worker="w1")


def test_a_vendor_of_a_plan_is_proposed_as_it_was_seen(guard, monkeypatch):
    world = World()
    group = world.plan().groups.first()
    seen = handing_in.seen_of_one(group)
    planning.change(group.rows.get(), Change(4000, seen=10000), by=world.preparer)
    guard.is_function(handing_in, "seen_of_one", lambda group: seen)
    act = {"seen": seen, "by": world.preparer, "now": workflow.now()}
    if guard.on:
        with pytest.raises(workflow.Conflict, match="changed since you looked"):
            planning.propose(group, **act)
    else:
        assert planning.propose(group, **act).proposal.lines.get().amount == 4000


# --- edits of drafts -------------------------------------------------------------------------
@pytest.fixture
def drafts(database):
    with Sandbox() as sandbox:
        yield Drafts(sandbox, factories.person("preparer"))


def test_a_draft_is_edited_by_one_person_at_a_time(drafts, guard, monkeypatch):
    """Both have looked when nobody was editing."""
    guard.is_index(Edit, "one_edit_at_a_time_per_credit_note")
    monkeypatch.setattr(writing, "check_free", lambda *_: None)
    told = []
    for by in (drafts.person, factories.person("preparer", "rival")):
        now = workflow.now()
        edit = Edit(
            kind="change_note", credit_note_id=drafts.id, asked_by=by, asked_at=now,
            sent_at=now, changed_at=now,
        )  # fmt: skip
        try:
            writing.begin(edit, about=writing.about_note(drafts.note, edit))
        except workflow.Conflict as problem:
            told.append(str(problem))
    assert bool(told) == guard.on


def test_an_edit_over_another_one_is_told_what_changed(drafts, guard):
    """The second page still shows what the first one has changed."""
    guard.is_function(comparing, "differences", lambda shown, live, wanted: {
        name: value for name, value in wanted.items() if value != shown.get(name)
    })  # fmt: skip
    shown = editing.note_values(drafts.note)
    drafts.change(description="First")

    def second():
        wanted = shown | {"description": "Second"}
        return editing.change_note(
            drafts.client, note_id=drafts.id, shown=shown, wanted=wanted, by=drafts.person
        )

    if guard.on:
        with pytest.raises(editing.Changed):
            second()
    else:
        second()
    assert drafts.light()["description"] == ("First" if guard.on else "Second")


def test_an_unclear_edit_is_looked_at_by_one_worker(drafts, guard, monkeypatch):
    guard.is_condition(settling, "Edit", "not_before")
    factories.edit(drafts.person, drafts.note, state="unknown", not_before=factories.NOW)
    looked, now = [], workflow.now()
    monkeypatch.setattr(settling, "_settle", lambda edit, client, now: looked.append(edit.pk))
    meanwhile(
        monkeypatch, settling.stopping, "may_go",
        lambda: settling.settle_one(drafts.client, now=now),
    )  # fmt: skip
    settling.settle_one(drafts.client, now=now)
    assert len(looked) == (1 if guard.on else 2)


def test_an_edit_ends_once(drafts, guard):
    guard.is_condition(writing, "Edit", "state")
    edit = factories.edit(drafts.person, drafts.note, state="sending")
    stale = Edit.objects.get(pk=edit.pk)
    end = {"now": workflow.now(), "by": None, "about": {}}
    writing.end(edit, "refused", **end)
    if guard.on:
        with pytest.raises(writing.Overtaken):
            writing.end(stale, "done", **end)
    else:
        writing.end(stale, "done", **end)
    assert Edit.objects.get(pk=edit.pk).state == ("refused" if guard.on else "done")
