"""Who may do what: action × author × editor × approver, by what Light has received in the end.

P, Q prepare · A, B approve · C, D control · V views. "worked": who has edited the credit note
here, or posted it (marked *). "by": who approves it; "–" nobody, so that only a rule for one
person can send it.
"""

from datetime import date

import pytest
from django.test import override_settings

from clearing import workflow
from clearing.models import CreditNote, Edit, Instruction, Months
from clearing.roles import NotAllowed
from clearing.sandbox.server import Sandbox
from clearing.services import changing, correcting, mirroring, proposing, reviewing
from tests import factories
from tests.services.mirroring_world import read_all
from tests.services.moving_world import Moving
from tests.services.sending_world import World

pytestmark = pytest.mark.same_on_each

TABLE = """
action    author  worked  by   in Light
link      P       –       A    yes
link      P       –       C    no
link      P       –       Q    no
link      P       –       P    no
link      P       –       V    no
link      P       –       –    no
link      P       P       A    yes
link      P       A       A    no
link      P       A       B    yes
link      P       A*      A    no
link      P       A*      B    yes
link      A       –       B    no
link      C       –       A    no
raise     P       –       A    yes
raise     P       –       C    no
raise     P       –       –    no
raise     P       A       A    no
raise     P       A       B    yes
raise     A       –       B    no
lower     P       –       –    yes
lower     P       P       –    yes
lower     A       –       –    no
remove    P       –       –    yes
remove    C       –       –    no
discard   P       –       –    no
discard   P       –       Q    no
discard   P       –       A    yes
discard   P       –       C    yes
discard   P       A       A    no
discard   P       A       C    yes
discard   A       –       –    yes
discard   C       –       –    yes
discard   V       –       –    no
cancel    P       –       –    no
cancel    P       –       A    yes
cancel    P       –       C    yes
cancel    P       –       Q    no
cancel    P       A       A    no
cancel    P       A*      A    no
cancel    P       A*      C    yes
cancel    A       –       –    no
cancel    A       –       A    no
cancel    A       –       B    yes
cancel    C       –       A    yes
cancel    V       –       A    no
post      P       –       –    no
post      P       –       A    yes
post      P       –       C    yes
post      P       –       Q    no
post      P       P       A    yes
post      P       A       A    no
post      P       A       C    yes
post      A       –       –    yes
post      A       A       –    no
post      A       A       A    no
post      A       A       B    yes
post      A       B       –    yes
post      C       –       –    yes
post      C       C       –    no
post      C       C       A    yes
post      V       –       A    no
undo      P       –       –    no
undo      P       –       A    yes
undo      P       –       C    yes
undo      P       –       Q    no
undo      P       A       A    no
undo      P       A       C    yes
undo      P       C*      C    no
undo      A       –       –    no
undo      A       –       A    no
undo      A       –       C    yes
undo      C       –       A    yes
undo      V       –       A    no
undo all  P       –       A    yes
undo all  P       –       C    yes
undo all  C       –       C    no
move      P       –       –    no
move      P       –       A    yes
move      P       –       C    no
move      P       A       A    no
move      P       A*      A    no
move      P       A       B    yes
move      A       –       B    no
move      C       –       A    no
"""
ROWS = [line.rsplit(maxsplit=4) for line in TABLE.strip().splitlines()[1:]]
RECEIVED = {  # what Light has received where the answer is yes
    "link": ["POST invoice-payables"], "raise": ["PATCH invoice-payables"],
    "lower": ["PATCH invoice-payables"], "remove": ["DELETE invoice-payables"],
    "discard": ["POST archive"], "cancel": ["POST archive"], "post": ["POST post"],
    "undo": ["POST reverse-clearing"], "undo all": ["POST reverse-clearing"],
    "move": ["POST reverse-clearing", "POST invoice-payables"],
}  # fmt: skip
ROLES = {"P": "preparer", "Q": "preparer", "A": "approver", "B": "approver", "C": "controller",
         "D": "controller", "V": "viewer"}  # fmt: skip
LINE = {
    "id": "00000000-0000-0000-0000-000000000001", "description": "Returned goods",
    "netTransactionAmount": {"amount": 10000, "dcSign": "C"},
    "taxTransactionAmount": {"amount": 0, "dcSign": "C"},
    "grossTransactionAmount": {"amount": 10000, "dcSign": "C"},
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def people(db):
    return {name: factories.person(role, name) for name, role in ROLES.items()}


def make(action, sandbox, people):
    """The books that an action needs, and its documents."""
    if action in ("undo", "undo all", "move"):
        world = Moving(sandbox, people["Q"], people["D"])
        return world, world.used, world.first
    world = World(sandbox, people["Q"], people["D"])
    world.before = len(sandbox.requests)
    if action in ("discard", "post"):
        return world, draft(world), None
    note, invoice = world.note(), world.invoice()
    if action in ("raise", "lower", "remove"):
        world.link(note, invoice, 4000)
    return world, note, invoice


def draft(world, day="2026-10-05"):
    note = world.note(status="DRAFT")
    world.sandbox.act(
        "edit_credit_note", creditNote=str(note.id), lines=[LINE], documentDate=day,
        postingDate=day,
    )  # fmt: skip
    mirroring.take_credit_note(world.client.credit_note(note.id), workflow.now())
    return CreditNote.objects.get(pk=note.id)


def work(worked, note, people):
    """Somebody has edited the note here, or posted it."""
    if worked == "–":
        return
    by = people[worked[0]]
    if worked.endswith("*"):
        line = factories.line(people["D"], note, None, kind="post", approved_by=by, state="done")
        Instruction.objects.filter(pk=line.pk).update(shown_at=factories.NOW)
        return
    Edit.objects.create(
        kind="change_note", credit_note_id=note.id, state="done", asked_by=by,
        asked_at=factories.NOW, sent_at=factories.NOW, changed_at=factories.NOW,
    )  # fmt: skip


def ask(action, world, note, invoice, by):
    """The line to approve."""
    pair = {"credit_note_id": note.id, "invoice_payable_id": invoice.id if invoice else None}
    why = {"reason_code": "other", "reason": "As agreed.", "by": by}
    if action == "link":
        group = {"vendor_id": note.vendor_id, "entity_id": note.entity_id, "currency": "EUR"}
        wanted = [proposing.Wanted(note.id, invoice.id, 4000)]
        return proposing.propose(wanted=wanted, by=by, **group).lines.get()
    if action in ("raise", "lower"):
        return changing.change_amount(amount=5000 if action == "raise" else 3000, **pair, **why)
    if action == "remove":
        return changing.remove(**pair, **why)
    if action in ("discard", "cancel"):
        return changing.archive(credit_note_id=note.id, **why)
    if action == "post":
        seen = correcting.fingerprint(note)
        return correcting.post(credit_note_id=note.id, seen=seen, by=by)
    if action == "move":
        return correcting.move(
            credit_note_id=note.id, from_invoice_id=invoice.id, amount=10000,
            to_invoice_id=world.target.id, **why,
        ).lines.first()  # fmt: skip
    return correcting.undo(archive=action == "undo all", **pair, **why)


def go(action, world, note, invoice, author, approver):
    """Ask, approve, send, read back, send again."""
    try:
        line = ask(action, world, note, invoice, author)
        if approver is not None:
            reviewing.approve(line, seen_hash=line.content_hash, by=approver)
    except (NotAllowed, workflow.Conflict) as problem:
        assert str(problem)
    world.send_all()
    read_all(world.client, later=100)
    world.send_all()


def received(world):
    """The writes since the books were made, by their call."""
    words = ("reverse-clearing", "archive", "post", "invoice-payables")
    asked = [one for one in world.sandbox.requests[world.before :] if one.is_write]
    return [
        f"{one.method} {next(word for word in words if f'/{word}' in one.path)}" for one in asked
    ]


@pytest.mark.parametrize("row", ROWS, ids=[" ".join(row) for row in ROWS])
def test_who_may_do_what(sandbox, people, row):
    action, author, worked, by, answer = row
    world, note, invoice = make(action, sandbox, people)
    work(worked, note, people)
    go(action, world, note, invoice, people[author], people.get(by))
    assert received(world) == (RECEIVED[action] if answer == "yes" else [])


@override_settings(SECOND_PERSON_ALWAYS=True)
@pytest.mark.parametrize("action", ["lower", "remove", "discard", "post"])
def test_where_a_second_person_is_always_wanted_nobody_is_alone(sandbox, people, action):
    author = people["P" if action in ("lower", "remove") else "C"]
    world, note, invoice = make(action, sandbox, people)
    go(action, world, note, invoice, author, None)
    assert received(world) == []
    line = Instruction.objects.get()
    reviewing.approve(line, seen_hash=line.content_hash, by=people["A"])
    world.send_all()
    assert received(world) == RECEIVED[action]


@override_settings(EDITOR_CANNOT_APPROVE=False)
@pytest.mark.parametrize("action", ["link", "cancel", "post", "undo", "move"])
def test_a_house_may_let_editors_approve(sandbox, people, action):
    world, note, invoice = make(action, sandbox, people)
    work("A", note, people)
    go(action, world, note, invoice, people["P"], people["A"])
    assert received(world) == RECEIVED[action]


@override_settings(EXTRA_RIGHTS={"preparer": ["post"], "viewer": ["everything"]})
@pytest.mark.parametrize(("author", "worked", "answer"), [("P", "–", True), ("P", "P", False),
                                                          ("V", "–", False)])  # fmt: skip
def test_a_house_may_let_preparers_post_what_others_entered(
    sandbox, people, author, worked, answer
):
    world, note, invoice = make("post", sandbox, people)
    work(worked, note, people)
    go("post", world, note, invoice, people[author], None)
    assert received(world) == (["POST post"] if answer else [])


# --- a draft in an open, closed and filed month --------------------------------------------------
MONTHS = """
month   role        reason  alone  in Light
open    preparer    no      no     no
open    approver    no      yes    yes
open    controller  no      yes    yes
closed  preparer    yes     no     no
closed  approver    yes     no     no
closed  controller  no      no     no
closed  controller  yes     yes    yes
filed   preparer    yes     no     no
filed   approver    yes     no     no
filed   controller  no      no     no
filed   controller  yes     yes    yes
both    approver    yes     no     no
both    controller  yes     yes    yes
"""
IN_MONTHS = [line.split() for line in MONTHS.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", IN_MONTHS, ids=[" ".join(row) for row in IN_MONTHS])
def test_a_draft_in_an_open_closed_or_filed_month(sandbox, people, row):
    month, role, reason, alone, answer = row
    world, note, _invoice = make("post", sandbox, people)
    end = date(2026, 10, 31)
    Months.objects.create(
        entity_id=note.entity_id, changed_at=factories.NOW, changed_by=people["D"],
        closed_through=end if month in ("closed", "both") else None,
        vat_filed_through=end if month in ("filed", "both") else date(2026, 9, 30),
    )  # fmt: skip
    by = next(person for name, person in people.items() if ROLES[name] == role)
    why = {"reason_code": "came_late", "reason": "It came late."} if reason == "yes" else {}
    try:
        line = correcting.post(
            credit_note_id=note.id, seen=correcting.fingerprint(note), by=by, **why
        )
        assert (line.state == "ready") == (alone == "yes")
    except (NotAllowed, ValueError) as problem:
        assert alone == "no" and str(problem)
    world.send_all()
    assert received(world) == (["POST post"] if answer == "yes" else [])


@override_settings(SECOND_PERSON_ALWAYS=True)
@pytest.mark.parametrize(("by", "answer"), [("A", False), ("D", True), ("C", False), ("P", False)])
def test_into_a_closed_month_a_second_controller_decides(sandbox, people, by, answer):
    world, note, _invoice = make("post", sandbox, people)
    Months.objects.create(
        entity_id=note.entity_id, changed_at=factories.NOW, changed_by=people["D"],
        closed_through=date(2026, 10, 31),
    )  # fmt: skip
    line = correcting.post(
        credit_note_id=note.id, seen=correcting.fingerprint(note), reason="Late.", by=people["C"]
    )
    if answer:
        reviewing.approve(line, seen_hash=line.content_hash, by=people[by])
    else:
        with pytest.raises(NotAllowed):
            reviewing.approve(line, seen_hash=line.content_hash, by=people[by])
    world.send_all()
    assert received(world) == (["POST post"] if answer else [])
