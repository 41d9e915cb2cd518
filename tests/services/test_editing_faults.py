"""Edits whose answer went wrong: refused, not sent, or settled by reading; never a second call."""

import json

import pytest

from clearing.models import AuditEvent, CreditNote, CreditNoteLine
from clearing.sandbox.server import Sandbox
from clearing.services import editing
from clearing.services.editing import writing
from tests.services.editing_world import CALLS, Drafts, state_of, verbs

pytestmark = pytest.mark.same_on_each
WRITES = {"method": "POST|PATCH|DELETE"}


@pytest.fixture
def drafts(db, preparer):
    with Sandbox() as sandbox:
        yield Drafts(sandbox, preparer)


every_call = pytest.mark.parametrize("call", CALLS)


def copied(drafts):
    """Whether the copy shows what Light shows of the draft."""
    light = drafts.light()
    lines = sorted((str(n.id), n.description) for n in _lines(drafts))
    shown = sorted((line["id"], line["description"] or "") for line in light["lines"])
    return drafts.note.amount == light["amount"] and lines == shown


def _lines(drafts):
    return CreditNoteLine.objects.filter(credit_note_id=drafts.id)


# --- Light says no -----------------------------------------------------------------------------
@every_call
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_told_in_light_s_own_words_and_changes_nothing(drafts, call, status):
    """A 409 counts as a no once reading has shown that nothing was done."""
    do, is_done = CALLS[call]
    words = {"type": "T", "message": "The credit note is locked by an audit."}
    drafts.sandbox.faults.add(kind="body", status=status, body=json.dumps(words), **WRITES)
    edit = do(drafts)
    assert (edit.state, edit.words, edit.status) == ("refused", words["message"], status)
    assert not is_done(drafts) and copied(drafts) and len(drafts.writes) == 1
    assert verbs(edit)[1:] == ["was told no by Light"]
    assert AuditEvent.objects.order_by("-id")[0].details["words"] == words["message"]
    assert not drafts.settle(later=9999)
    assert do(drafts).state == "done", "the document is free again"


@every_call
def test_too_many_requests_were_not_taken_by_light(drafts, call):
    do, is_done = CALLS[call]
    drafts.sandbox.faults.add(status=429, headers={"Retry-After": "30"}, **WRITES)
    edit = do(drafts)
    assert edit.state == "not_applied" and "Nothing was changed" in edit.outcome
    assert not is_done(drafts) and len(drafts.writes) == 1
    assert verbs(edit)[1:] == ["did not find the change in Light"]


def test_what_no_connection_took_was_not_sent(drafts):
    shown = editing.note_values(drafts.note)
    client = drafts.new_client()
    read = client.credit_note

    def read_and_go_away(id):
        record = read(id)
        drafts.sandbox.stop()
        return record

    client.credit_note = read_and_go_away
    edit = editing.change_note(
        client, note_id=drafts.id, shown=shown, wanted=shown | {"amount": 5}, by=drafts.person
    )
    assert edit.state == "not_applied" and edit.status is None


# --- nobody knows ------------------------------------------------------------------------------
UNCLEAR = {
    "500": {"status": 500},
    "503": {"status": 503},
    "504": {"status": 504},
    "408": {"status": 408},
    "connection reset": {"kind": "drop"},
    "a web page": {"kind": "html"},
    "half an answer": {"kind": "truncate"},
    "redirected": {"kind": "redirect", "status": 307},
}


@every_call
@pytest.mark.parametrize("fault", UNCLEAR.values(), ids=UNCLEAR)
def test_what_light_has_done_is_seen_at_once(drafts, call, fault):
    if fault.get("kind") == "redirect":
        fault = fault | {"url": f"{drafts.sandbox.url}/v1/companies/current"}
    do, is_done = CALLS[call]
    drafts.sandbox.faults.add(**fault, **WRITES, when="after")
    edit = do(drafts)
    assert edit.state == "done" and is_done(drafts) and len(drafts.writes) == 1
    assert copied(drafts)
    assert CreditNote.objects.filter(pk=edit.credit_note_id, status="DRAFT").exists()


@every_call
@pytest.mark.parametrize("fault", UNCLEAR.values(), ids=UNCLEAR)
def test_what_light_has_not_done_is_being_checked_until_that_is_certain(drafts, call, fault):
    if fault.get("kind") == "redirect":
        fault = fault | {"url": f"{drafts.sandbox.url}/v1/companies/current"}
    do, is_done = CALLS[call]
    drafts.sandbox.faults.add(**fault, **WRITES, when="before")
    edit = do(drafts)
    assert edit.state == "unknown" and "checking" in edit.outcome
    assert edit.quarantine_until > edit.sent_at and edit.not_before
    for later in (40, 80, 120):
        drafts.settle(later=later)
        assert (state_of(edit), edit.absent_looks) == ("unknown", 0)
    drafts.settle_late()
    assert state_of(edit) == "not_applied"
    assert not is_done(drafts) and copied(drafts) and len(drafts.writes) == 1
    assert verbs(edit)[1:] == [
        "got no clear answer; it is being checked", "did not find the change in Light",
    ]  # fmt: skip


@every_call
def test_a_silent_light_is_asked_what_became_of_it(drafts, call):
    do, is_done = CALLS[call]
    drafts.sandbox.faults.add(kind="stall", seconds=3, when="after", **WRITES)
    drafts.client = drafts.new_client(read_timeout=1)
    edit = do(drafts)
    assert edit.state == "done" and is_done(drafts) and len(drafts.writes) == 1


@every_call
def test_an_edit_that_comes_late_is_found(drafts, call):
    """Light is away when we ask what became of it, and shows it later."""
    do, is_done = CALLS[call]
    drafts.sandbox.faults.add(status=502, when="after", **WRITES)
    drafts.client.credit_note(drafts.id)
    reads = {"path": "/v1/credit-notes", "method": "GET", "status": 503}
    look = writing.begin

    def begin(*args, **kwargs):  # from here on Light reads nothing
        look(*args, **kwargs)
        drafts.sandbox.faults.add(**reads)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "begin", begin)
        edit = do(drafts)
    assert edit.state == "unknown" and is_done(drafts)
    drafts.settle(later=60)
    assert state_of(edit) == "done" and copied(drafts) and len(drafts.writes) == 1
    assert CreditNote.objects.filter(pk=edit.credit_note_id, status="DRAFT").exists()
    assert verbs(edit)[-1] == "saw the change in Light"


@pytest.mark.parametrize(
    "body",
    [{"id": None}, {"id": "00000000-0000-4000-8000-000000000009", "amount": 777}, {"amount": 778}],
)
def test_a_yes_that_says_something_else_is_no_yes(drafts, body):
    answer = {"id": str(drafts.id), "status": "DRAFT", "amount": 777, "currency": "EUR"} | body
    drafts.sandbox.faults.add(kind="body", body=json.dumps(answer), **WRITES)
    assert drafts.change(amount=777).state == "unknown"
    assert drafts.note.amount == 11900 and len(drafts.writes) == 1


@pytest.mark.parametrize("wanted", ["1.3", None])
def test_a_rate_that_a_draft_shows_proves_nothing(drafts, wanted):
    """It may be Light's own of the day, whatever was typed."""
    light = drafts.light()
    answer = {name: light[name] for name in ("id", "status", "amount", "currency", "lines")}
    answer |= {"businessPartnerId": light["businessPartnerId"], "localCurrencyFxRate": 1.25}
    drafts.sandbox.faults.add(kind="body", body=json.dumps(answer), **WRITES)
    assert drafts.change(local_fx_rate=wanted).state == "done"
    assert drafts.note.local_fx_rate == "1.25", "the copy shows what Light shows"


@pytest.mark.parametrize(
    "body", [{"description": "Other"}, {"id": "00000000-0000-4000-8000-000000000009"}, None]
)
@pytest.mark.parametrize("call", ["add_line", "change_line"])
def test_a_yes_to_a_line_that_says_something_else_is_no_yes(drafts, call, body):
    """Another text, another line; or (None) the line that was there before."""
    known = {"id": str(drafts.line.id), "description": "New"}
    if call == "add_line":
        sent = {"id": "00000000-0000-4000-8000-000000000008", "description": "More"}
        wrong = known | {"description": "More"} if body is None else {"description": "x"} | body
        answer = sent | wrong
    else:
        answer = known | (body or {"id": "00000000-0000-4000-8000-000000000007"})
    drafts.sandbox.faults.add(kind="body", body=json.dumps(answer), **WRITES)
    assert CALLS[call][0](drafts).state == "unknown"
    assert drafts.line.description == "Returned pallets" and len(drafts.writes) == 1


def test_a_yes_to_a_delete_is_held_against_what_light_shows(drafts):
    drafts.sandbox.faults.add(kind="body", body="{}", **WRITES)
    edit = drafts.delete_line()
    assert edit.state == "unknown" and drafts.line.gross == 11900
    drafts.settle_late()
    assert state_of(edit) == "not_applied" and len(drafts.writes) == 1


def test_a_yes_without_the_lines_does_not_lose_them_in_the_copy(drafts):
    light = drafts.light()
    answer = {"id": str(drafts.id), "status": "DRAFT", "amount": 777, "currency": "EUR",
              "businessPartnerId": light["businessPartnerId"], "lines": []}  # fmt: skip
    drafts.sandbox.faults.add(kind="body", body=json.dumps(answer), **WRITES)
    assert drafts.change(amount=777).state == "done"
    assert drafts.line.gross == 11900
    assert drafts.note.lines_wanted_at is not None, "the change may have changed them"
