"""What sending does when nothing goes wrong, and what never leaves at all."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.models import Attempt, AuditEvent, Budget, Clearing, Instruction, Link
from clearing.sandbox.server import Sandbox
from clearing.services import sending
from clearing.services.sending import claiming
from tests.services.sending_world import World, state_of


@pytest.fixture
def world(db, preparer, approver):
    with Sandbox() as sandbox:
        yield World(sandbox, preparer, approver)


def test_an_approved_link_is_sent_once_and_stands_in_the_copy_at_once(world):
    line = world.ready()
    assert world.send()
    assert state_of(line) == "done"
    assert world.writes == ["POST"] and world.amounts() == [4000]
    link = Link.objects.get(credit_note_id=line.credit_note_id)
    assert link.amount == 4000 and link.made_here and link.fate == "planned"
    assert line.done_at and line.outcome == ""
    assert not world.send() and world.writes == ["POST"]


def test_every_step_stands_in_the_trail_with_what_light_showed(world):
    line = world.ready()
    world.send()
    assert world.verbs(line)[-2:] == ["began to send", "in Light"]
    details = AuditEvent.objects.filter(instruction_id=line.pk).first().details
    assert details["free_before"] == 10_000 and details["open_before"] == 10_000
    attempt = Attempt.objects.get()
    assert attempt.answer == "done" and attempt.sent_at and attempt.answered_at
    assert attempt.before["credit_note"]["status"] == "POSTED"


def test_the_mark_is_committed_before_the_byte_leaves(world):
    line = world.ready()
    client = world.client

    def link(*args, **kwargs):
        attempt = Attempt.objects.get()
        assert attempt.sent_at is not None and attempt.before is not None
        assert state_of(line) == "sending"
        return type(client).link(client, *args, **kwargs)

    client.link = link
    world.send()
    assert state_of(line) == "done"


CHANGES = {
    "amend": ({"amount": 6000, "previous_amount": 4000}, "PATCH", [6000]),
    "unlink": ({"amount": 4000}, "DELETE", []),
}


@pytest.mark.parametrize(("kind", "case"), CHANGES.items(), ids=CHANGES)
def test_a_planned_link_is_changed_or_removed(world, kind, case):
    over, method, left = case
    note, invoice = world.note(), world.invoice()
    world.link(note, invoice)
    line = world.line(note, invoice, kind=kind, **over)
    world.send()
    assert state_of(line) == "done"
    assert world.writes == [method] and world.amounts() == left
    link = Link.objects.get()
    assert (link.gone_at is None, link.amount) == (bool(left), left[0] if left else 4000)


def test_a_credit_note_is_cancelled(world):
    note = world.note()
    line = world.line(note, None, 10_000, kind="archive")
    world.send()
    note.refresh_from_db()
    assert state_of(line) == "done" and note.status == "ARCHIVED"


def test_a_draft_is_discarded_by_one_person(world):
    note = world.note(status="DRAFT")
    line = world.line(
        note, None, 10_000, kind="archive", of_draft=True, exempt="one_person_discards"
    )
    world.send()
    assert state_of(line) == "done" and len(world.writes) == 1


def test_a_clearing_is_undone(world):
    note, invoice = world.note(), world.invoice(state="UNPAID")
    world.sandbox.act("link", creditNote=str(note.id), invoicePayable=str(invoice.id), amount=4000)
    row = world.sandbox.books.clearing_rows()[0]
    line = world.line(
        note, invoice, 4000, kind="reverse", clearing_id=note.id,
    )  # fmt: skip
    world.send()
    assert state_of(line) == "done"
    assert world.sandbox.books.get("clearing", row["id"])["reversed"]


def test_a_link_that_light_shows_already_is_done_without_a_call(world):
    line = world.ready()
    world.sandbox.act(
        "link", creditNote=str(line.credit_note_id),
        invoicePayable=str(line.invoice_payable_id), amount=4000,
    )  # fmt: skip
    world.send()
    assert state_of(line) == "done" and world.writes == []
    assert not Link.objects.get().made_here and "already" in line.outcome


@pytest.mark.parametrize(("ids", "at_first"), [("accounting", "unknown"), ("internal", "done")])
def test_light_may_name_the_documents_by_other_ids(world, ids, at_first):
    """An answer's ids that nobody has seen are settled by reading both sides' links."""
    world.sandbox.switch(ids_in_links=ids)
    note = world.note(accounting_document_id=None)
    line = world.line(note, world.invoice(internal_id=None))
    world.send()
    assert state_of(line) == at_first
    world.settle(later=60)
    assert state_of(line) == "done" and world.writes == ["POST"]
    second = world.line(note, world.invoice(), 1000)
    world.send()
    world.settle(later=60)
    assert state_of(second) == "done", "its first link is not taken for an unknown one"


# --- what falls -------------------------------------------------------------------------------
MEANWHILE = {
    "note changed": ("edit_credit_note", {"amount": 9_000}),
    "note archived": ("archive", {}),
    "invoice declined": ("set_state", {"state": "DECLINED"}),
    "invoice of another vendor": ("edit_invoice", {"vendorId": None}),
    "invoice changed": ("edit_invoice", {"amount": 3_000}),
    "note removed": ("remove", {"of": "note"}),
    "invoice removed": ("remove", {"of": "invoice"}),
    "linked otherwise": ("link", {"amount": 10}),
}


@pytest.mark.parametrize(("action", "given"), MEANWHILE.values(), ids=MEANWHILE)
def test_what_changed_in_light_lets_the_line_fall_unsent(world, action, given):
    line = world.ready()
    note, invoice = str(line.credit_note_id), str(line.invoice_payable_id)
    if action == "remove":
        given = {"id": note if given["of"] == "note" else invoice}
    if action in ("edit_credit_note", "archive", "link"):
        given = given | {"creditNote": note}
    if action in ("set_state", "edit_invoice", "link"):
        given = given | {"invoicePayable": invoice}
    world.sandbox.act(action, **given)
    world.send()
    assert state_of(line) == "fallen" and line.outcome
    assert world.writes == []


@pytest.mark.parametrize("state", ["APPROVAL_PENDING", "UNPAID", "SCHEDULED"])
def test_a_way_from_one_usable_state_to_another_never_drops_an_approval(world, state):
    line = world.ready()
    world.sandbox.act("set_state", invoicePayable=str(line.invoice_payable_id), state=state)
    world.send()
    assert state_of(line) == "done" and world.writes == ["POST"]


# --- what was never approved ------------------------------------------------------------------
def tamper_amount(line):
    return {"amount": 5000}


def tamper_content(line):
    return {"amount": 5000, "content": line.content | {"amount": 5000}}


def tamper_hash(line):
    content = line.content | {"amount": 5000}
    return {"amount": 5000, "content": content, "content_hash": workflow.content_hash(content)}


def tamper_invoice(line):
    return {"invoice_payable_id": line.credit_note_id}


def tamper_unread(line):
    return {"content": {}, "content_hash": workflow.content_hash({})}


@pytest.mark.parametrize(
    "tamper", [tamper_amount, tamper_content, tamper_hash, tamper_invoice, tamper_unread]
)
def test_what_is_not_what_was_approved_is_never_sent(world, tamper):
    line = world.ready()
    Instruction.objects.filter(pk=line.pk).update(**tamper(line))
    world.send()
    assert state_of(line) == "fallen" and line.outcome
    assert world.sandbox.requests == []


def test_an_exemption_that_the_house_has_withdrawn_is_never_sent(world, settings):
    settings.EXEMPT_UNDER = {"EUR": 5000}
    line = world.line(world.note(), world.invoice(), exempt="under_limit")
    settings.EXEMPT_UNDER = {}
    world.send()
    assert state_of(line) == "fallen" and world.sandbox.requests == []


def test_a_rule_for_drafts_never_cancels_a_posted_note(world):
    note = world.note(status="DRAFT")
    line = world.line(
        note, None, 10_000, kind="archive", of_draft=True, exempt="one_person_discards"
    )
    world.sandbox.act("set_status", creditNote=str(note.id), status="POSTED")
    world.send()
    assert state_of(line) == "fallen" and world.writes == []


@pytest.mark.parametrize("kind", ["link", "amend", "archive", "reverse"])
@pytest.mark.parametrize("state", ["proposed", "rejected", "taken_back", "fallen"])
def test_without_an_approval_nothing_is_claimed(world, kind, state):
    note = world.note()
    invoice = None if kind == "archive" else world.invoice()
    over = {"previous_amount": 1} if kind == "amend" else {}
    world.line(note, invoice, kind=kind, state=state, **over)
    assert not world.send() and world.sandbox.requests == []


# --- the order --------------------------------------------------------------------------------
def test_the_oldest_approval_is_sent_first_and_not_before_its_time(world):
    first, second, third = world.ready(), world.ready(), world.ready()
    later = workflow.now() + timedelta(minutes=5)
    Instruction.objects.filter(pk=first.pk).update(not_before=later)
    world.send()
    assert [state_of(line) for line in (first, second, third)] == ["ready", "done", "ready"]


def test_a_link_to_a_posted_invoice_is_sent_last(world):
    """Afterwards the note counts as partly used, and Light would refuse the others."""
    note = world.note()
    posted = world.line(note, world.invoice(state="UNPAID"), 3000)
    drafts = [world.line(note, world.invoice(), 3000) for _ in range(2)]
    world.send()
    assert state_of(posted) == "ready"
    world.send_all()
    assert [state_of(line) for line in (*drafts, posted)] == ["done"] * 3


def test_a_link_whose_invoice_was_posted_meanwhile_lets_the_others_go_first(world):
    note, invoice = world.note(), world.invoice()
    posted = world.line(note, invoice, 3000)
    draft = world.line(note, world.invoice(), 3000)
    world.sandbox.act("set_state", invoicePayable=str(invoice.id), state="UNPAID")
    world.send()
    assert state_of(posted) == "ready" and posted.not_before and posted.outcome
    world.send()
    assert state_of(draft) == "done"
    Instruction.objects.filter(pk=posted.pk).update(not_before=None)
    world.send()
    assert state_of(posted) == "done"


def test_one_line_per_document_is_in_flight(world):
    note, invoice = world.note(), world.invoice()
    held = world.line(note, invoice, 1000, state="unknown", approved_by=world.approver)
    same_note = world.line(note, world.invoice(), 1000)
    same_invoice = world.line(world.note(), invoice, 1000)
    assert not world.send()
    assert [state_of(line) for line in (same_note, same_invoice)] == ["ready", "ready"]
    assert state_of(held) == "unknown"


def test_a_rival_on_the_same_note_leaves_the_line_ready(world, monkeypatch):
    """The constraint decides where two workers chose at the same moment."""
    note = world.note()
    world.line(note, world.invoice(), 1000, state="sending", approved_by=world.approver)
    line = world.line(note, world.invoice(), 1000)
    monkeypatch.setattr(claiming, "candidates", lambda now: [line])
    assert claiming.claim(worker="w2", now=workflow.now()) is None
    assert state_of(line) == "ready" and not Attempt.objects.exists()


def test_the_claim_and_its_attempt_stand_or_fall_together(world, monkeypatch):
    line = world.ready()

    def fail(**columns):
        raise RuntimeError("disk full")

    monkeypatch.setattr(Attempt.objects, "create", fail)
    with pytest.raises(RuntimeError):
        world.send()
    assert state_of(line) == "ready" and "began to send" not in world.verbs(line)


def test_without_its_audit_row_no_outcome_is_written(world, monkeypatch):
    """The link is in Light, the line stays in flight, and reading settles it."""
    line = world.ready()
    record = workflow.record

    def fail(verb, *args, **kwargs):
        if verb == "in Light":
            raise RuntimeError("disk full")
        record(verb, *args, **kwargs)

    monkeypatch.setattr(workflow, "record", fail)
    with pytest.raises(RuntimeError):
        world.send()
    monkeypatch.undo()
    assert state_of(line) == "sending" and not Link.objects.exists()
    world.recover(later=3600)
    world.settle(later=7200)
    assert state_of(line) == "done" and world.writes == ["POST"]


def test_a_link_on_a_posted_invoice_that_light_ignores_is_nowhere_cleared(world):
    world.sandbox.switch(link_on_posted="nothing")
    line = world.line(world.note(), world.invoice(state="UNPAID"))
    world.send()
    assert state_of(line) == "done"
    assert not Clearing.objects.exists()
    assert Link.objects.get().fate not in ("cleared", "cleared_part")


# --- stopped for everybody --------------------------------------------------------------------
def test_a_revoked_key_stops_sending_and_a_working_one_goes_on(world):
    line, other = world.ready(), world.ready()
    Budget.objects.create(key_id="abc")
    world.sandbox.switch(key_valid=False)
    world.send()
    assert state_of(line) == "ready"
    assert Budget.objects.get().stopped_at and Budget.objects.get().stopped_because
    asked = len(world.sandbox.requests)
    assert not world.send() and not world.send()
    assert len(world.sandbox.requests) == asked, "nobody tries while it is stopped"
    in_a_while = workflow.now() + timedelta(seconds=61)
    assert not sending.send_one(world.client, worker="w1", now=in_a_while)
    assert len(world.sandbox.requests) == asked + 1, "one read a minute"
    world.sandbox.switch(key_valid=True)
    Instruction.objects.update(not_before=None)
    much_later = workflow.now() + timedelta(seconds=200)
    assert sending.send_one(world.client, worker="w1", now=much_later)
    world.send_all()
    assert [state_of(one) for one in (line, other)] == ["done", "done"]
    assert Budget.objects.get().stopped_at is None and world.amounts() == [4000, 4000]


@pytest.mark.parametrize("verb", ["sending stopped", "sending goes on"])
def test_without_its_audit_row_sending_neither_stops_nor_goes_on(world, monkeypatch, verb):
    line, record = world.ready(), workflow.record

    def fail(said, *args, **kwargs):
        if said == verb:
            raise RuntimeError("disk full")
        record(said, *args, **kwargs)

    monkeypatch.setattr(workflow, "record", fail)
    world.sandbox.switch(key_valid=False)
    if verb == "sending stopped":
        with pytest.raises(RuntimeError):
            world.send()
        assert not Budget.objects.filter(stopped_at__isnull=False).exists()
        assert state_of(line) == "ready"
        return
    world.send()
    world.sandbox.switch(key_valid=True)
    with pytest.raises(RuntimeError):
        sending.send_one(world.client, worker="w1", now=workflow.now() + timedelta(seconds=61))
    assert Budget.objects.get().stopped_at and state_of(line) == "ready"


def test_a_key_that_may_not_write_puts_the_line_back_and_stops_sending(world):
    line = world.ready()
    world.sandbox.switch(key_may_write=False)
    world.send()
    assert state_of(line) == "ready" and world.amounts() == []
    assert Budget.objects.get().stopped_because == line.outcome != ""
    assert "sending stopped" in AuditEvent.objects.values_list("verb", flat=True)
