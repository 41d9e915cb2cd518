"""What became of an edit without a clear answer: numbers, other people, two workers, deal."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.management.commands import worker
from clearing.models import AuditEvent, CreditNote, Edit
from clearing.roles import NotAllowed
from clearing.sandbox.server import Sandbox
from clearing.services import editing, sending
from tests import factories
from tests.services.editing_world import Drafts, state_of, verbs

WRITES = {"method": "POST|PATCH|DELETE"}


@pytest.fixture
def drafts(db, preparer):
    with Sandbox() as sandbox:
        yield Drafts(sandbox, preparer)


# --- a number, which only another list shows ---------------------------------------------------
def test_the_number_of_another_note_is_refused_in_light_s_words(drafts):
    other = CreditNote.objects.get(pk=drafts.draft())
    edit = drafts.change(document_number=other.document_number)
    assert edit.state == "refused" and edit.words.endswith("already exists.")
    assert drafts.note.document_number != other.document_number


def test_a_number_is_looked_for_in_the_list_that_has_it(drafts):
    drafts.sandbox.faults.add(status=502, when="after", **WRITES)
    edit = drafts.change(document_number="GS-9")
    assert (edit.state, drafts.note.document_number) == ("done", "GS-9")
    drafts.sandbox.faults.add(status=502, **WRITES)
    edit = drafts.change(document_number="GS-10")
    assert edit.state == "unknown"
    drafts.settle_late()
    assert (state_of(edit), drafts.note.document_number) == ("not_applied", "GS-9")


def test_what_reading_cannot_show_needs_a_person_once_the_draft_has_moved(drafts):
    properties = [{"groupId": drafts.accounts[0], "valueIds": [drafts.accounts[1]]}]
    drafts.sandbox.faults.add(status=502, when="after", **WRITES)
    edit = drafts.change(custom_properties=properties)
    assert edit.state == "unknown"
    drafts.settle(later=60)
    assert state_of(edit) == "needs_person" and "Look in Light" in edit.outcome
    assert len(drafts.writes) == 1


# --- others change it too ----------------------------------------------------------------------
def lost(drafts, **wanted):
    drafts.sandbox.faults.add(status=502, **WRITES)
    edit = drafts.change(**wanted)
    assert edit.state == "unknown"
    return edit


def test_neither_as_before_nor_as_asked_is_for_a_person(drafts):
    edit = lost(drafts, amount=5)
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), amount=6)
    assert drafts.settle(later=60)
    assert state_of(edit) == "needs_person" and "somebody may have changed it" in edit.outcome
    assert drafts.note.amount == 6, "what was seen is in the copy"
    assert verbs(edit)[-1] == "cannot tell; it needs a look in Light"
    assert not drafts.settle(later=9999), "a person has it now"


def test_a_draft_that_has_gone_is_for_a_person(drafts):
    edit = lost(drafts, amount=5)
    drafts.sandbox.act("remove", id=str(drafts.id))
    drafts.settle(later=60)
    assert state_of(edit) == "needs_person"


def test_two_new_lines_that_are_equal_are_for_a_person(drafts):
    drafts.sandbox.faults.add(status=502, when="before", **WRITES)
    edit = drafts.add_line()
    line = drafts.light()["lines"][0]
    twins = [{**line, **edit.body, "id": f"{n * 8}-0000-4000-8000-000000000000"} for n in "12"]
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), lines=[line, *twins])
    drafts.settle(later=60)
    assert state_of(edit) == "needs_person"


def test_an_exception_is_dealt_with_once_and_frees_the_draft(drafts, viewer, approver):
    edit = lost(drafts, amount=5)
    with pytest.raises(workflow.Conflict):
        editing.deal(edit, by=approver)
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), amount=6)
    drafts.settle(later=60)
    with pytest.raises(workflow.Conflict, match="needs a look"):
        drafts.change(amount=8)
    with pytest.raises(NotAllowed):
        editing.deal(edit, by=viewer)
    edit.refresh_from_db()
    editing.deal(edit, by=approver)
    assert (edit.dealt_by, edit.state) == (approver, "needs_person")
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.verb, event.credit_note_id, event.by_id) == (
        "dealt with", drafts.id, approver.pk,
    )  # fmt: skip
    with pytest.raises(workflow.Conflict, match="already"):
        editing.deal(edit, by=drafts.person)
    assert drafts.change(amount=8).state == "done"


# --- workers -----------------------------------------------------------------------------------
def test_a_look_that_light_does_not_answer_says_nothing(drafts):
    edit = lost(drafts, amount=5)
    for status in (503, 401, 429):
        drafts.sandbox.faults.add(status=status, method="GET")
        drafts.settle(later=300 + status)
        assert (state_of(edit), edit.absent_looks) == ("unknown", 0)


@pytest.mark.parametrize("how", ["unreadable", "an error of ours"])
def test_a_look_that_never_tells_ends_with_a_person(drafts, monkeypatch, how):
    def broken(*_):
        raise OverflowError

    edit = lost(drafts, amount=5)
    if how == "unreadable":
        drafts.sandbox.faults.add(kind="html", method="GET", times=99)
    else:
        monkeypatch.setattr(editing.answering.reading, "look", broken)
    drafts.settle(later=60)
    assert state_of(edit) == "unknown"
    drafts.settle(later=300)
    assert state_of(edit) == "needs_person" and "cannot be read" in edit.outcome


def test_two_workers_at_once_look_once(drafts, monkeypatch):
    """Both found it due; the one that is slower finds its date moved."""
    edit = lost(drafts, amount=5)
    asked = len(drafts.sandbox.requests)
    now = workflow.now() + timedelta(seconds=300)
    take = editing.settling._take

    def slower(one, at):
        assert take(Edit.objects.get(pk=one.pk), at), "the other worker"
        return take(one, at)

    monkeypatch.setattr(editing.settling, "_take", slower)
    assert editing.settle_one(drafts.client, now=now)
    assert state_of(edit) == "unknown" and len(drafts.sandbox.requests) == asked


def test_an_answer_after_the_worker_took_over_moves_nothing(drafts):
    """The process was frozen with the answer in its hands."""
    write = drafts.client._transport.write

    def frozen(*args, **kwargs):
        answer = write(*args, **kwargs)
        editing.recover(workflow.now() + timedelta(seconds=200))
        return answer

    drafts.client._transport.write = frozen
    edit = drafts.change(amount=5)
    assert (edit.state, edit.status) == ("unknown", 200)
    drafts.settle(later=300)
    assert state_of(edit) == "done" and len(drafts.writes) == 1


def test_the_worker_recovers_and_settles_edits(drafts, monkeypatch):
    monkeypatch.setattr(sending, "recover", lambda now: False)
    drafts.sandbox.faults.add(status=502, when="after", **WRITES)
    edit = drafts.change(amount=5)
    Edit.objects.filter(pk=edit.pk).update(
        state=Edit.State.SENDING, sent_at=workflow.now() - timedelta(hours=1)
    )
    worker.step(drafts.client, "w", workflow.now())
    assert state_of(edit) == "unknown" and edit.quarantine_until > workflow.now()
    worker.step(drafts.client, "w", workflow.now() + timedelta(seconds=60))
    assert state_of(edit) == "done"


@pytest.mark.parametrize("answer", [{"status": 422}, {"kind": "body", "body": "<html>"}])
def test_what_light_never_shows_ends_in_front_of_a_person(drafts, answer):
    """Light answers, and reading tells nothing: the draft is not held for ever."""
    edit = lost(drafts, amount=777)
    drafts.sandbox.faults.add(method="GET", times=99, **answer)
    drafts.settle(later=60)
    assert state_of(edit) == "unknown", "a late commit may still come"
    drafts.settle_late()
    assert state_of(edit) == "needs_person" and "Look in Light" in edit.outcome
    editing.deal(edit, by=drafts.person)


def test_while_light_is_away_nobody_is_asked(drafts):
    edit = lost(drafts, amount=777)
    drafts.sandbox.faults.add(method="GET", times=99, status=503)
    drafts.settle_late()
    assert state_of(edit) == "unknown"


def test_of_two_new_drafts_nobody_guesses(drafts):
    invoice = drafts.invoice()
    drafts.sandbox.faults.add(status=502, **WRITES)
    edit = drafts.create(invoice)
    for _ in range(2):
        drafts.draft(amount=25000)
    drafts.settle(later=60)
    assert state_of(edit) == "needs_person" and edit.credit_note_id is None


def test_an_edit_on_somebody_s_own_name_is_what_keeps_them_from_approving(drafts, approver):
    """roles.worked_on counts an edit that may have happened, not one that was refused."""
    from clearing import roles

    drafts.sandbox.faults.add(status=422, **WRITES)
    drafts.change(amount=5)
    assert roles.worked_on(drafts.person, [drafts.id]) == set()
    drafts.change(amount=5)
    assert roles.worked_on(drafts.person, [drafts.id]) == {drafts.id}
    assert roles.worked_on(factories.person("preparer", "x"), [drafts.id]) == set()


@pytest.mark.parametrize("state", ["unknown", "needs_person", "refused", "not_applied"])
def test_who_may_have_created_a_draft_does_not_approve_it(drafts, state):
    """While nobody knows which draft it became, it may be any new one of that vendor."""
    from clearing import roles

    old = drafts.id
    drafts.sandbox.faults.add(status=502, **WRITES)
    edit = drafts.create(drafts.invoice())
    Edit.objects.filter(pk=edit.pk).update(state=state)
    new = drafts.draft(amount=25000)
    elsewhere = drafts.draft(businessPartnerId=str(drafts.vendors[1].id))
    expected = {new} if state in ("unknown", "needs_person") else set()
    assert roles.worked_on(drafts.person, [old, new, elsewhere]) == expected
    assert roles.worked_on(factories.person("preparer", "x"), [new]) == set()
