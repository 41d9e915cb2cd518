"""What an answer that went wrong becomes: refused, put back, or unknown; never a second call."""

import json
from datetime import timedelta

import pytest

from clearing import workflow
from clearing.light.errors import LightPaused
from clearing.models import Attempt, AuditEvent, Instruction
from clearing.sandbox.server import Sandbox
from tests.services.sending_world import World, state_of

pytestmark = pytest.mark.same_on_each
POST = {"method": "POST"}


@pytest.fixture
def world(db, preparer, approver):
    with Sandbox() as sandbox:
        yield World(sandbox, preparer, approver)


def body(**over):
    """The body of a link's answer, with something else in it."""
    link = {"creditNote": {"id": None}, "invoicePayable": {"id": None}, "amount": 4000,
            "currency": "EUR"}  # fmt: skip
    return json.dumps(link | over)


# --- nobody knows ------------------------------------------------------------------------------
UNCLEAR = {
    "500": {"status": 500},
    "502": {"status": 502},
    "503": {"status": 503},
    "504": {"status": 504},
    "409": {"status": 409},
    "408": {"status": 408},
    "405": {"status": 405},
    "connection reset": {"kind": "drop"},
    "a web page": {"kind": "html"},
    "half an answer": {"kind": "truncate"},
    "no json": {"kind": "body", "body": "done"},
    "null": {"kind": "body", "body": "null"},
    "nothing": {"kind": "body", "body": ""},
    "a list": {"kind": "body", "body": "[]"},
    "another amount": {"kind": "body", "body": body(amount=4001)},
    "an amount as text": {"kind": "body", "body": body(amount="4000")},
    "no documents": {"kind": "body", "body": body()},
    "redirected": {"kind": "redirect", "status": 302},
    "redirected for good": {"kind": "redirect", "status": 308},
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", UNCLEAR.values(), ids=UNCLEAR)
def test_an_unclear_answer_is_settled_by_reading_and_never_sent_again(world, fault, when):
    """Whether Light had done it or not: one POST, and the truth in the end."""
    if fault.get("kind") == "redirect":
        fault = fault | {"url": f"{world.sandbox.url}/v1/companies/current"}
    world.sandbox.faults.add(**fault, **POST, when=when)
    line = world.ready()
    world.send()
    assert state_of(line) == "unknown"
    assert line.quarantine_until and line.not_before
    assert not world.send(), "nothing else is sent for it"
    made = world.amounts() == [4000]
    assert made == (when == "after")
    world.settle(later=60)
    assert state_of(line) == ("done" if made else "unknown")
    world.settle_late()
    assert state_of(line) == ("done" if made else "not_applied")
    assert world.writes == ["POST"]
    assert world.amounts() == ([4000] if made else [])


def test_a_silent_light_is_unknown_after_our_patience(world):
    world.sandbox.faults.add(kind="stall", seconds=5, when="after", **POST)
    line = world.ready()
    world.send(client=world.new_client(read_timeout=0.3))
    assert state_of(line) == "unknown" and world.amounts() == [4000]
    world.settle(later=60)
    assert state_of(line) == "done" and world.writes == ["POST"]


def test_a_commit_that_comes_late_is_found(world):
    """Nothing is there at first; in the quarantine that proves nothing."""
    world.sandbox.faults.add(status=504, **POST)
    line = world.ready()
    world.send()
    for later in (40, 80, 120):
        world.settle(later=later)
        assert (state_of(line), line.absent_looks) == ("unknown", 0)
    world.sandbox.act(
        "link", creditNote=str(line.credit_note_id),
        invoicePayable=str(line.invoice_payable_id), amount=4000,
    )  # fmt: skip
    world.settle(later=300)
    assert state_of(line) == "done"
    assert world.writes == ["POST"] and world.amounts() == [4000]


KINDS = {
    "amend": {"amount": 6000, "previous_amount": 4000},
    "unlink": {"amount": 4000},
    "archive": {"amount": 10_000},
    "reverse": {"amount": 4000},
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_settled_by_its_own_result(world, kind, when):
    note = world.note()
    invoice = None if kind == "archive" else world.invoice()
    over = dict(KINDS[kind])
    if kind in ("amend", "unlink"):
        world.link(note, invoice)
    if kind == "reverse":
        world.sandbox.act(
            "link", creditNote=str(note.id), invoicePayable=str(invoice.id), amount=4000
        )
        world.sandbox.act("post_invoice", invoicePayable=str(invoice.id))
        over["clearing_id"] = note.id
    line = world.line(note, invoice, over.pop("amount"), kind=kind, **over)
    world.sandbox.faults.add(status=502, method="POST|PATCH|DELETE", when=when)
    world.send()
    assert state_of(line) == "unknown"
    world.settle_late()
    assert state_of(line) == ("done" if when == "after" else "not_applied")
    assert len(world.writes) == 1


# --- Light says no -----------------------------------------------------------------------------
@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refusal_is_told_in_light_s_own_words(world, status):
    words = {"type": "UNPROCESSABLE_CONTENT", "message": "The credit note is locked by an audit."}
    world.sandbox.faults.add(kind="body", status=status, body=json.dumps(words), **POST)
    line = world.ready()
    world.send()
    assert state_of(line) == "refused" and line.outcome == words["message"]
    assert AuditEvent.objects.filter(instruction_id=line.pk).first().details["status"] == status
    assert not world.settle(later=9999) and world.writes == ["POST"]


def test_light_refuses_a_link_to_a_posted_invoice_where_it_does_not_take_them(world):
    world.sandbox.switch(link_on_posted="refuse")
    line = world.line(world.note(), world.invoice(state="UNPAID"))
    world.send()
    assert state_of(line) == "refused" and "already posted" in line.outcome


# --- certainly not sent ------------------------------------------------------------------------
def test_too_many_requests_put_the_line_back_for_as_long_as_light_says(world):
    world.sandbox.faults.add(status=429, headers={"Retry-After": "40"}, **POST)
    line, other = world.ready(), world.ready()
    world.send()
    assert state_of(line) == "ready"
    wait = line.not_before - workflow.now()
    assert timedelta(seconds=35) < wait <= timedelta(seconds=40)
    assert not world.send(), "the key pauses as a whole"
    Instruction.objects.update(not_before=None)
    world.send_all()
    assert [state_of(one) for one in (line, other)] == ["done", "done"]
    assert world.writes == ["POST"] * 3 and world.amounts() == [4000, 4000]


def test_a_pause_while_looking_puts_the_line_back(world):
    world.sandbox.faults.add(status=429, headers={"Retry-After": "7"}, method="GET")
    line = world.ready()
    world.send()
    assert state_of(line) == "ready" and line.not_before > workflow.now()
    assert world.writes == [] and Attempt.objects.get().abandoned_at


def test_our_own_budget_pauses_every_line_but_loses_none(world):
    class Empty:
        def before(self, *, urgent):
            return 90.0

        def after(self, status, headers, *, write):
            raise AssertionError("nothing was asked")

    line, other = world.ready(), world.ready()
    world.send(client=world.new_client(pace=Empty()))
    assert [state_of(one) for one in (line, other)] == ["ready", "ready"]
    assert not world.send(), "nobody claims the next one only to put it back"
    assert world.sandbox.requests == []


def test_a_pause_just_before_the_call_is_not_unknown(world, monkeypatch):
    line = world.ready()

    def paused(*args, **kwargs):
        raise LightPaused(30)

    monkeypatch.setattr(world.client, "link", paused)
    world.send()
    assert state_of(line) == "ready" and world.writes == []


def test_a_light_that_cannot_be_reached_puts_the_line_back(world):
    line = world.ready()
    away = world.new_client()
    world.sandbox.stop()
    world.send(client=away)
    assert state_of(line) == "ready" and line.outcome and line.not_before


TORN = {
    "500": {"status": 500},
    "a web page": {"kind": "html"},
    "half an answer": {"kind": "truncate"},
    "connection reset": {"kind": "drop"},
    "an object without an id": {"kind": "body", "body": "{}"},
    "a number": {"kind": "body", "body": "7"},
}


@pytest.mark.parametrize("fault", TORN.values(), ids=TORN)
@pytest.mark.parametrize(
    "path", ["notes/[^/]+$", "payables/[^/]+$", "/invoice-payables$", "/credit-notes$"]
)
def test_without_a_whole_look_nothing_is_sent(world, fault, path):
    world.sandbox.faults.add(**fault, method="GET", path=path)
    line = world.ready()
    world.send()
    assert state_of(line) == "ready" and world.writes == []


def test_light_answering_with_another_document_sends_nothing(world):
    line, other = world.ready(), world.note()
    note = world.sandbox.books.get("credit_note", str(other.id))
    public = {key: value for key, value in note.items() if key[0] != "_"}
    path = f"credit-notes/{line.credit_note_id}$"
    world.sandbox.faults.add(kind="body", body=json.dumps(public), method="GET", path=path)
    world.send()
    assert state_of(line) == "ready" and world.writes == []


def test_an_error_of_ours_in_the_call_is_unknown_and_not_forgotten(world, monkeypatch):
    line = world.ready()

    def broken(*args, **kwargs):
        raise RuntimeError("a bug")

    monkeypatch.setattr(world.client, "link", broken)
    world.send()
    assert state_of(line) == "unknown"


def test_an_error_of_ours_in_the_look_puts_the_line_back(world, monkeypatch):
    line = world.ready()

    def broken(*args, **kwargs):
        raise RuntimeError("a bug")

    monkeypatch.setattr(world.client, "links_of_invoice", broken)
    world.send()
    assert state_of(line) == "ready" and line.not_before and world.writes == []


def test_each_line_has_its_own_outcome(world):
    lines = [world.ready() for _ in range(4)]
    world.sandbox.faults.add(status=422, path=str(lines[1].credit_note_id), **POST)
    world.sandbox.faults.add(status=502, path=str(lines[2].credit_note_id), **POST)
    world.send_all()
    assert [state_of(line) for line in lines] == ["done", "refused", "unknown", "done"]
