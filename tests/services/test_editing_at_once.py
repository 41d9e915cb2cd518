"""Edits that end on the way, and two at once: nothing is lost, nothing is sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clearing import workflow
from clearing.light.errors import LightDenied, LightRefused, LightUnavailable
from clearing.models import Budget, Edit
from clearing.sandbox.server import Sandbox
from clearing.services import editing
from clearing.services.editing import writing
from tests import factories
from tests.services.editing_world import CALLS, Drafts, state_of, verbs
from tests.services.sending_world import Died

WRITES = {"method": "POST|PATCH|DELETE"}
every_call = pytest.mark.parametrize("call", CALLS)


@pytest.fixture
def drafts(db, preparer):
    with Sandbox() as sandbox:
        yield Drafts(sandbox, preparer)


# --- before a byte leaves ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, LightDenied), (403, LightDenied), (404, LightRefused), (429, LightUnavailable),
     (500, LightUnavailable)],
)  # fmt: skip
@every_call
def test_where_light_cannot_be_read_first_nothing_is_sent(drafts, call, status, kind):
    drafts.sandbox.faults.add(status=status, method="GET", times=5)
    with pytest.raises(kind):
        CALLS[call][0](drafts)
    assert drafts.writes == [] and not Edit.objects.exists()


@every_call
def test_where_the_trail_cannot_be_written_nothing_is_sent(drafts, call, monkeypatch):
    def broken(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(workflow, "record", broken)
    with pytest.raises(OSError):
        CALLS[call][0](drafts)
    assert drafts.writes == [] and not Edit.objects.exists()


@every_call
def test_where_the_outcome_cannot_be_written_it_is_found_by_reading(drafts, call, monkeypatch):
    """The answer came and is lost: as if the process had been killed."""
    record, said = workflow.record, []

    def broken(verb, *args, **kwargs):
        said.append(verb)
        if len(said) == 2:
            raise OSError("disk full")
        record(verb, *args, **kwargs)

    monkeypatch.setattr(workflow, "record", broken)
    with pytest.raises(OSError):
        CALLS[call][0](drafts)
    _settled_after_death(drafts, Edit.objects.get())


@every_call
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_on_the_way_leaves_an_edit_that_is_settled(drafts, call, when):
    send = drafts.client._transport.write

    def killed(*args, **kwargs):
        if when == "after":
            send(*args, **kwargs)
        raise Died

    drafts.client._transport.write = killed
    with pytest.raises(Died):
        CALLS[call][0](drafts)
    drafts.client = drafts.new_client()
    edit = Edit.objects.get()
    assert edit.state == "sending" and verbs(edit) and CALLS[call][1](drafts) == (when == "after")
    if when == "after":
        _settled_after_death(drafts, edit)
    else:
        editing.recover(workflow.now() + timedelta(seconds=200))
        edit.refresh_from_db()
        edit.quarantine_until = edit.not_before = timezone.now()
        edit.save()
        for later in (100, 200):
            drafts.settle(later=later)
        assert state_of(edit) == "not_applied" and drafts.writes == []


def _settled_after_death(drafts, edit):
    assert not editing.recover(workflow.now()), "its lease has not ended"
    assert editing.recover(workflow.now() + timedelta(seconds=200))
    assert state_of(edit) == "unknown"
    drafts.settle(later=300)
    assert state_of(edit) == "done" and len(drafts.writes) == 1


def test_the_key_s_banner_is_the_worker_s_affair(drafts):
    drafts.sandbox.faults.add(status=401, **WRITES)
    drafts.change(amount=5)
    assert not Budget.objects.filter(stopped_at__isnull=False).exists()


# --- two at once -------------------------------------------------------------------------------
@every_call
@pytest.mark.parametrize("state", ["sending", "unknown", "needs_person"])
def test_one_edit_at_a_time_holds_a_draft(drafts, call, state):
    rival = factories.person("preparer", "second", first_name="Rita", last_name="Rival")
    invoice = drafts.invoice()
    holder = {"invoice_payable_id": invoice.id} if call == "create" else {
        "credit_note_id": drafts.id
    }  # fmt: skip
    now = workflow.now()
    held = Edit.objects.create(kind="create" if call == "create" else "add_line", state=state,
                               asked_by=rival, asked_at=now, sent_at=now, changed_at=now,
                               **holder)  # fmt: skip
    do = (lambda: drafts.create(invoice)) if call == "create" else (lambda: CALLS[call][0](drafts))
    with pytest.raises(workflow.Conflict, match="Rita Rival"):
        do()
    assert drafts.writes == []
    if state == "needs_person":
        editing.deal(held, by=drafts.person)
        assert do().state == "done"


@every_call
def test_of_two_that_begin_at_the_same_moment_one_wins(drafts, call, monkeypatch):
    """The rival comes between our check and our row: the database decides."""
    begin, invoice = writing.begin, drafts.invoice()
    monkeypatch.setattr(Drafts, "invoice", lambda self: invoice)

    def raced(edit, **kwargs):
        monkeypatch.setattr(writing, "begin", begin)
        other = Edit(**{f.attname: getattr(edit, f.attname) for f in Edit._meta.fields})
        with monkeypatch.context() as patch:
            patch.setattr(writing, "check_free", lambda *_: None)
            begin(other, **kwargs)
        monkeypatch.setattr(writing, "check_free", _not_at_first(writing.check_free))
        begin(edit, **kwargs)

    monkeypatch.setattr(writing, "begin", raced)
    with pytest.raises(workflow.Conflict, match="is just changing it"):
        CALLS[call][0](drafts)
    assert Edit.objects.count() == 1 and drafts.writes == []


def _not_at_first(check):
    """Passes the first time, as if the rival's row could not be seen yet."""
    asked = []

    def checking(*args):
        asked.append(args)
        if len(asked) > 1:
            check(*args)

    return checking
