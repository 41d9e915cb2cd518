"""Two acts that exclude each other, by kind: each makes its documents anew and says who may win."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from clearing import workflow
from clearing.models import Edit, Instruction
from clearing.services import changing, correcting, declining, following_up, reviewing
from clearing.services.editing import writing
from clearing.services.sending import claiming
from clearing.services.sending.durable import durably
from tests import factories
from tests.concurrency.people import World, same


@dataclass
class Round:
    """Two acts at the same moment, how many of them win, and what they are about."""

    acts: tuple[Callable[[], Any], Callable[[], Any]]
    note: Any
    invoices: tuple[Any, ...] = ()
    wins: int = 1


def _about_one_line(*names: str, approved: bool = False) -> Callable[[World], Round]:
    """Two acts about one line, each by somebody who has loaded it before."""

    def make(world: World) -> Round:
        note, invoice = world.note(), world.invoice()
        fields = {"approved_by": world.approver} if approved else {}
        line = world.line(note, invoice, **fields)
        one, other = (
            ACTS[name](world, same(line), by)
            for name, by in zip(names, (world.approver, world.second), strict=True)
        )
        return Round((one, other), note, (invoice,))

    return make


def _approve(world: World, line: Instruction, by: Any) -> Callable[[], Any]:
    return partial(reviewing.approve, line, seen_hash=line.content_hash, by=by)


def _approve_group(world: World, line: Instruction, by: Any) -> Callable[[], Any]:
    def approve() -> None:
        """As the button for many lines does it: a sentence for each."""
        ((_line, sentence),) = reviewing.approve_lines(
            [line], seen={line.pk: line.content_hash}, by=by
        )
        if sentence:
            raise workflow.Conflict(sentence)

    return approve


def _reject(world: World, line: Instruction, by: Any) -> Callable[[], Any]:
    return partial(reviewing.reject, line, reason_code="disputed", reason="", by=by)


def _take_back(world: World, line: Instruction, by: Any) -> Callable[[], Any]:
    return partial(reviewing.take_back, line, by=world.preparer)


def _claim(world: World, line: Instruction, by: Any) -> Callable[[], Any]:
    return partial(durably, line, lambda: claiming._begin(line, by.username, workflow.now()))


ACTS = {
    "approve": _approve, "approve with others": _approve_group, "reject": _reject,
    "take back": _take_back, "claim": _claim,
}  # fmt: skip


def _same_pair(world: World) -> Round:
    note, invoice = world.note(), world.invoice()
    acts = [partial(world.propose, note, invoice, by=by) for by in (world.preparer, world.other)]
    return Round((acts[0], acts[1]), note, (invoice,))


def _same_credit(world: World) -> Round:
    note, one, other = world.note(), world.invoice(), world.invoice()
    first = partial(world.propose, note, one, amount=6000)
    second = partial(world.propose, note, other, amount=6000, by=world.other)
    return Round((first, second), note, (one, other))


def _raise(world: World, note: Any, linked: Any, amount: int) -> Callable[[], Any]:
    return partial(
        changing.change_amount, credit_note_id=note.id, invoice_payable_id=linked.id,
        amount=amount, reason_code="split", reason="", by=world.other,
    )  # fmt: skip


def _raised_and_proposed(world: World) -> Round:
    """Of 60.00 that are left one wants 50.00 and the other 20.00."""
    note, linked, other = world.note(), world.invoice(), world.invoice()
    factories.link(note, linked, 4000)
    propose = partial(world.propose, note, other, amount=2000)
    return Round((_raise(world, note, linked, 9000), propose), note, (linked, other))


def _raised_and_approved(world: World) -> Round:
    """There is enough for both: neither hinders the other, and both are counted."""
    note, linked, other = world.note(), world.invoice(), world.invoice()
    factories.link(note, linked, 4000)
    line = world.line(note, other, 2000)
    approve = _approve(world, same(line), world.approver)
    return Round((_raise(world, note, linked, 5000), approve), note, (linked, other), wins=2)


def _removed_and_changed(world: World) -> Round:
    note, linked = world.note(), world.invoice()
    factories.link(note, linked, 4000)
    remove = partial(
        changing.remove, credit_note_id=note.id, invoice_payable_id=linked.id,
        reason_code="wrong_invoice", reason="", by=world.preparer,
    )  # fmt: skip
    return Round((remove, _raise(world, note, linked, 3000)), note, (linked,))


def _cancel(world: World, note: Any, by: Any) -> Callable[[], Any]:
    return partial(
        changing.archive, credit_note_id=note.id, reason_code="duplicate", reason="", by=by
    )


def _cancelled_and_proposed(world: World) -> Round:
    note, invoice = world.note(), world.invoice()
    propose = partial(world.propose, note, invoice, by=world.other)
    return Round((_cancel(world, note, world.preparer), propose), note, (invoice,))


def _edit(note: Any, by: Any) -> Callable[[], Any]:
    def edit() -> None:
        now = workflow.now()
        one = Edit(
            kind="change_note", credit_note_id=note.id, asked_by=by, asked_at=now, sent_at=now,
            changed_at=now,
        )  # fmt: skip
        writing.begin(one, about=writing.about_note(note, one))

    return edit


def _draft(world: World) -> Any:
    note = world.note(status="DRAFT", are_lines_with_tax=True, lines_read_at=factories.NOW)
    factories.note_line(note, gross=10000, tax=0)
    return note


def _edited_twice(world: World) -> Round:
    note = _draft(world)
    return Round((_edit(note, world.preparer), _edit(note, world.other)), note)


def _edited_and_posted(world: World) -> Round:
    note = _draft(world)
    post = partial(
        correcting.post, credit_note_id=note.id, seen=correcting.fingerprint(note),
        by=world.approver,
    )  # fmt: skip
    return Round((_edit(note, world.preparer), post), note)


def _edited_and_discarded(world: World) -> Round:
    note = _draft(world)
    return Round((_edit(note, world.preparer), _cancel(world, note, world.approver)), note)


def _edited_and_approved(world: World) -> Round:
    """The draft waits to be posted: it is approved, and nobody edits it under the approver."""
    note = _draft(world)
    line = correcting.post(
        credit_note_id=note.id, seen=correcting.fingerprint(note), by=world.preparer
    )
    return Round((_edit(note, world.other), _approve(world, same(line), world.approver)), note)


def _declined_twice(world: World) -> Round:
    note, invoice = world.note(), world.invoice()
    decline = partial(
        declining.decline, credit_note_id=note.id, invoice_payable_id=invoice.id, reason="no"
    )
    return Round(
        (partial(decline, by=world.preparer), partial(decline, by=world.other)), note, (invoice,)
    )


def _decided_twice(world: World) -> Round:
    note = world.note()
    factories.outlook(note)
    acts = [
        partial(following_up.decide, credit_note_id=note.id, wanted=wanted, seen=None, by=by)
        for by, wanted in (
            (world.approver, following_up.Wanted(kind="refund")),
            (world.second, following_up.Wanted(kind="disputed")),
        )
    ]
    return Round((acts[0], acts[1]), note)


def _said_twice(world: World) -> Round:
    note, invoice = world.note(), world.invoice()
    line = world.line(note, invoice, approved_by=world.approver)
    for step in ("claim", "lose", "ask"):
        workflow.advance(line, step, now=workflow.now())
    one, other = same(line), same(line)
    return Round(
        (
            partial(reviewing.settle, one, decision="says_done", by=world.approver),
            partial(reviewing.settle, other, decision="says_absent", by=world.second),
        ),
        note,
        (invoice,),
    )


KINDS: dict[str, Callable[[World], Round]] = {
    "approve, approve": _about_one_line("approve", "approve"),
    "approve, reject": _about_one_line("approve", "reject"),
    "approve, take back": _about_one_line("approve", "take back"),
    "approve with others, reject": _about_one_line("approve with others", "reject"),
    "approve with others, approve": _about_one_line("approve with others", "approve"),
    "reject, take back": _about_one_line("reject", "take back"),
    "take back, claim": _about_one_line("take back", "claim", approved=True),
    "claim, claim": _about_one_line("claim", "claim", approved=True),
    "propose, propose the same pair": _same_pair,
    "propose, propose the same credit": _same_credit,
    "raise, propose": _raised_and_proposed,
    "raise, approve": _raised_and_approved,
    "remove, lower": _removed_and_changed,
    "cancel, propose": _cancelled_and_proposed,
    "edit, edit": _edited_twice,
    "edit, post": _edited_and_posted,
    "edit, discard": _edited_and_discarded,
    "edit, approve the posting": _edited_and_approved,
    "decline, decline": _declined_twice,
    "decide, decide": _decided_twice,
    "say, say": _said_twice,
}
