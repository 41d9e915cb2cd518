"""Reviewing: who decides what in which state, four eyes, what makes a line fall."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from clearing import balances, usable, workflow
from clearing.models import AuditEvent, Balance, Instruction
from clearing.roles import DECIDES, RIGHTS, NotAllowed
from clearing.services import proposing, reviewing
from clearing.workflow import STEPS, Conflict
from tests import factories
from tests.services.deciding_lines import DECIDING, S, act, approve, change, in_state


@pytest.mark.parametrize("role", [*RIGHTS, ""])
@pytest.mark.parametrize("step", DECIDING)
@pytest.mark.parametrize("state", S.values)
def test_every_state_step_and_role(books, preparer, approver, state, step, role):
    """A step goes only from its states, only for its right; a taking back only for the asker."""
    by = factories.person(role, f"the-{role}")
    asker = by if step == "take_back" else preparer
    line = in_state(state, asker, approver, books)
    wanted = STEPS[step]
    needed = {wanted.right} | ({DECIDES["link"]} if step != "take_back" else set())
    if not needed <= RIGHTS.get(role, frozenset()):
        with pytest.raises(NotAllowed):
            act(step, line, by)
    elif state not in wanted.before:
        with pytest.raises(Conflict):
            act(step, line, by)
    else:
        act(step, line, by)
        assert Instruction.objects.get().state == wanted.after
        event = AuditEvent.objects.first()
        assert (event.verb, event.by_id, event.was) == (wanted.verb, by.pk, state)
        return
    line.refresh_from_db()
    assert line.state == state
    assert AuditEvent.objects.count() == 1  # the proposing only


@pytest.mark.parametrize("step", [name for name, step in STEPS.items() if not step.right])
@pytest.mark.parametrize("state", S.values)
def test_the_workers_steps_go_from_their_states_only(books, preparer, approver, state, step):
    line = in_state(state, preparer, approver, books)
    if state in STEPS[step].before:
        workflow.check_step(line, step, None)
        return
    with pytest.raises(Conflict):
        workflow.advance(line, step, now=factories.NOW)
    assert Instruction.objects.get().state == state


# --- four eyes -----------------------------------------------------------------------------
def test_the_proposer_cannot_approve_even_as_an_approver(books, approver):
    line = factories.line(approver, books.note(), books.invoice())
    with pytest.raises(NotAllowed, match="second person"):
        approve(line, approver)
    assert Instruction.objects.get().state == S.PROPOSED


def test_nobody_takes_back_what_another_proposed(books, preparer):
    line = factories.line(preparer, books.note(), books.invoice())
    with pytest.raises(NotAllowed, match="Only the person who proposed"):
        reviewing.take_back(line, by=factories.person("preparer", "another"))


def refused_by_the_database(line, **columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        Instruction.objects.filter(pk=line.pk).update(**columns)


def test_the_database_refuses_an_approver_who_asked(books, preparer):
    line = factories.line(preparer, books.note(), books.invoice())
    refused_by_the_database(line, state="ready", approved_by=preparer)


@pytest.mark.parametrize("state", Instruction.APPROVED)
def test_the_database_wants_exactly_one_approval_or_rule(books, preparer, approver, state):
    line = factories.line(preparer, books.note(), books.invoice())
    refused_by_the_database(line, state=state)
    refused_by_the_database(line, state=state, approved_by=approver, exempt_rule="under_limit")
    Instruction.objects.filter(pk=line.pk).update(state=state, approved_by=approver)
    assert Instruction.objects.get().state == state


RULE_OF = {
    "one_person_removes": ("unlink", {}),
    "one_person_lowers": ("amend", {"previous_amount": 9000}),
    "one_person_discards": ("archive", {"of_draft": True}),
    "one_person_posts": ("post", {}),
    "under_limit": ("link", {}),
}


@pytest.mark.parametrize("rule", Instruction.Exempt.values)
@pytest.mark.parametrize("kind", Instruction.Kind.values)
def test_the_database_holds_each_rule_to_its_kind(books, preparer, kind, rule):
    own, fields = RULE_OF[rule]
    extra = next((more for of, more in RULE_OF.values() if of == kind), {})
    invoice = None if kind in Instruction.OF_NOTE else books.invoice()
    line = factories.line(preparer, books.note(), invoice, 4000, kind=kind, **extra)
    if kind == own:
        Instruction.objects.filter(pk=line.pk).update(state="ready", exempt_rule=rule, **fields)
        assert Instruction.objects.get().exempt_rule == rule
    else:
        refused_by_the_database(line, state="ready", exempt_rule=rule)


@pytest.mark.parametrize("previous", [None, 4000, 3999])
def test_a_raise_is_never_exempt(books, preparer, previous):
    line = factories.line(preparer, books.note(), books.invoice(), 4000, kind="amend")
    refused_by_the_database(
        line, state="ready", exempt_rule="one_person_lowers", previous_amount=previous
    )


def test_a_posted_note_is_never_cancelled_by_one_person(books, preparer):
    line = factories.line(preparer, books.note(), None, kind="archive")
    refused_by_the_database(line, state="ready", exempt_rule="one_person_discards")


# --- what was seen is what is approved -------------------------------------------------------
def test_an_approval_keeps_what_was_seen(books, preparer, approver):
    note, invoice = books.note(), books.invoice(state="SCHEDULED")
    line = factories.line(preparer, note, invoice)
    approve(line, approver)
    assert line.approved_content["seen"] == {
        "credit_note_status": "POSTED",
        "invoice_state": "SCHEDULED",
        "free_to_use": 6000,
        "open_amount": 6000,
        "pays_at": None,
    }
    assert {k: v for k, v in line.approved_content.items() if k != "seen"} == line.content
    assert line.approved_by == approver


@pytest.mark.parametrize("seen", ["", "x", "0" * 64])
def test_another_content_than_the_one_seen_is_not_approved(books, preparer, approver, seen):
    line = factories.line(preparer, books.note(), books.invoice())
    with pytest.raises(Conflict, match="since you opened the page"):
        reviewing.approve(line, seen_hash=seen, by=approver)
    assert Instruction.objects.get().state == S.PROPOSED


@pytest.mark.parametrize(
    ("of", "fields"),
    [
        ("note", {"amount": 20000}),
        ("note", {"vendor_id": uuid.uuid4()}),
        ("note", {"entity_id": None}),
        ("note", {"currency": "USD"}),
        ("note", {"status": "ARCHIVED"}),
        ("note", {"status": "PARTIALLY_CLEARED"}),
        ("note", {"status": "SOMETHING_NEW"}),
        ("note", {"gone_at": factories.NOW}),
        ("invoice", {"amount": 20000}),
        ("invoice", {"vendor_id": None}),
        ("invoice", {"entity_id": uuid.uuid4()}),
        ("invoice", {"currency": "USD"}),
        ("invoice", {"outstanding_balance": 3999}),
        ("invoice", {"state": "PAYMENT_PENDING"}),
        ("invoice", {"gone_at": factories.NOW}),
    ],
)
def test_what_no_longer_fits_falls_with_its_sentence(books, preparer, approver, of, fields):
    note, invoice = books.note(), books.invoice()
    line = factories.line(preparer, note, invoice)
    change(note if of == "note" else invoice, **fields)
    with pytest.raises(Conflict, match="no longer fits"):
        approve(line, approver)
    fallen = Instruction.objects.get()
    assert fallen.state == S.FALLEN
    assert fallen.outcome
    assert AuditEvent.objects.first().verb == "no longer fits"


@pytest.mark.parametrize("which", ["note", "invoice"])
def test_a_document_that_is_gone_from_the_copy_does_not_fit(books, preparer, which):
    note, invoice = books.note(), books.invoice()
    line = factories.line(preparer, note, invoice)
    (note if which == "note" else invoice).delete()
    assert "no longer shows" in reviewing.misfits([line])[line.pk]


@pytest.mark.parametrize(
    ("of", "fields"),
    [
        ("note", {"updated_in_light_at": factories.NOW + timedelta(days=1)}),
        ("note", {"description": "Other words"}),
        ("invoice", {"updated_in_light_at": factories.NOW + timedelta(days=1)}),
        ("invoice", {"due_date": date(2027, 1, 1)}),
        ("invoice", {"state": "SCHEDULED"}),
        ("invoice", {"outstanding_balance": 4000}),
    ],
)
def test_what_does_not_matter_never_drops_a_line(books, preparer, approver, of, fields):
    note, invoice = books.note(), books.invoice()
    line = factories.line(preparer, note, invoice)
    change(note if of == "note" else invoice, **fields)
    approve(line, approver)
    assert line.state == S.READY


def test_our_own_other_lines_never_drop_a_line(books, preparer, approver):
    note = books.note()
    lines = [
        factories.line(preparer, note, books.invoice(state="IN_DRAFT"), amount)
        for amount in (5000, 3000, 2000)
    ]
    for line in lines:
        approve(line, approver)
        Instruction.objects.filter(pk=line.pk).update(state="done", done_at=factories.NOW)
        balances.refresh_lines([line])
    assert {line.state for line in lines} == {S.READY}


def test_a_balance_that_is_being_read_keeps_the_line_waiting(books, preparer, approver):
    note = books.note()
    line = factories.line(preparer, note, books.invoice())
    Balance.objects.filter(pk=note.pk).update(available=None)
    with pytest.raises(Conflict, match="not known right now"):
        approve(line, approver)
    assert Instruction.objects.get().state == S.PROPOSED


def test_an_approval_survives_the_way_of_its_invoice(books, preparer, approver):
    note, invoice = books.note(), books.invoice(state="IN_DRAFT")
    line = factories.line(preparer, note, invoice)
    change(invoice, state="APPROVAL_PENDING")
    approve(line, approver)
    change(invoice, state="UNPAID")
    assert reviewing.misfits([line]) == {}
    assert Instruction.objects.get().state == S.READY


STATES = sorted(usable.USABLE | usable.USABLE_WITH_WARNING | set(usable.NEVER) | {"HELD", ""})


@pytest.mark.parametrize("state", STATES)
def test_the_rule_of_every_invoice_state_holds_when_proposed(books, preparer, state):
    note, invoice = books.note(), books.invoice(state=state)

    def propose():
        proposing.propose(
            vendor_id=books.vendor.id, entity_id=books.entity.id, currency="EUR",
            wanted=[proposing.Wanted(note.id, invoice.id, 4000)], by=preparer,
        )  # fmt: skip

    if state in usable.USABLE | usable.USABLE_WITH_WARNING:
        propose()
        assert Instruction.objects.get().state == S.PROPOSED
    else:
        with pytest.raises(proposing.Problems) as problems:
            propose()
        assert problems.value.cells[note.id, invoice.id]
        assert not Instruction.objects.exists()


@pytest.mark.parametrize("state", STATES)
def test_the_rule_of_every_invoice_state_holds_when_approved(books, preparer, approver, state):
    note, invoice = books.note(), books.invoice()
    line = factories.line(preparer, note, invoice)
    change(invoice, state=state)
    if state in usable.USABLE | usable.USABLE_WITH_WARNING:
        approve(line, approver)
        assert line.state == S.READY
    else:
        with pytest.raises(Conflict):
            approve(line, approver)
        assert Instruction.objects.get().state == S.FALLEN


def test_misfits_of_many_lines_need_few_queries(books, preparer, django_assert_max_num_queries):
    lines = [factories.line(preparer, books.note(), books.invoice()) for _ in range(20)]
    change(books.invoice(), state="PAID")
    with django_assert_max_num_queries(6):
        assert reviewing.misfits(lines) == {}
