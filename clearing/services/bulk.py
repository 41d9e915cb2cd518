"""The same change for many: asked for one by one, each with its own outcome."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from clearing import reasons, roles, workflow
from clearing.models import CreditNote, Instruction, Link
from clearing.roles import User
from clearing.services import changing, correcting

MOST = 200  # items at once
Pair = tuple[UUID, UUID]


@dataclass(frozen=True)
class Item:
    """One item of a selection as the person saw it: a note in a status, or a pair's amount."""

    credit_note_id: UUID
    invoice_payable_id: UUID | None = None
    seen: str = ""  # the note's status, or the link's amount in the smallest unit


@dataclass(frozen=True)
class Outcome:
    """What became of one item: the line that asks for it, or the sentence why there is none."""

    item: Item
    line: Instruction | None = None
    sentence: str = ""


def check_size(n: int) -> None:
    """Raise ValueError with a sentence unless there is something, and not too much of it."""
    if n == 0:
        raise ValueError(_("Nothing is selected. Go back and select at least one row."))
    if n > MOST:
        raise ValueError(
            _("These are %(n)d. At most %(most)d go at once: select fewer.")
            % {"n": n, "most": MOST}
        )


# --- what would happen -------------------------------------------------------------------------
def why_not_archived(notes: Iterable[CreditNote]) -> dict[UUID, str]:
    """For each credit note why it cannot be cancelled now; those that can are left out."""
    said = {note.pk: changing.archive_problem(note) for note in notes}
    return {key: sentence for key, sentence in said.items() if sentence}


def archived_alone(note: CreditNote, *, by: User) -> bool:
    """Whether this person discards it alone, so that it is sent at once."""
    draft = note.status == "DRAFT"
    return not changing.needs_second_person(Instruction.Kind.ARCHIVE, of_draft=draft, by=by)


def why_not_removed(links: Iterable[Link]) -> dict[Pair, str]:
    """For each link why it cannot be removed now; those that can are left out."""
    links = list(links)
    held = Instruction.objects.filter(
        credit_note_id__in={link.credit_note_id for link in links}, state__in=Instruction.OPEN
    ).select_related("asked_by")
    by_pair = {(line.credit_note_id, line.invoice_payable_id): line for line in held}
    said = {}
    for link in links:
        pair = link.credit_note_id, link.invoice_payable_id
        if sentence := _why_not_planned(link) or _held(by_pair.get(pair)):
            said[pair] = sentence
    return said


def _why_not_planned(link: Link) -> str:
    try:
        changing.planned_link(link.credit_note_id, link.invoice_payable_id)
    except workflow.Conflict as problem:
        return str(problem)
    return ""


def _held(line: Instruction | None) -> str:
    if line is None:
        return ""
    return _("%(name)s has asked for a change of this link already: %(state)s.") % {
        "name": workflow.name_of(line.asked_by),
        "state": line.get_state_display(),
    }


# --- ask for it ----------------------------------------------------------------------------------
def archive(items: list[Item], *, reason_code: str, reason: str, by: User) -> list[Outcome]:
    """Ask to discard or cancel each of these notes. Raises NotAllowed, ValueError (the reason).

    A note whose status is no longer the one that was seen is left as it is.
    """
    roles.check_may_ask(by, Instruction.Kind.ARCHIVE)
    _check("archive", items, reason_code, reason)
    notes = CreditNote.objects.in_bulk([item.credit_note_id for item in items])

    def ask(item: Item) -> Instruction:
        note = notes.get(item.credit_note_id)
        if note is not None and note.status != item.seen:
            raise workflow.Conflict(_("Its status has changed since you looked. Look again."))
        return changing.archive(
            credit_note_id=item.credit_note_id, reason_code=reason_code, reason=reason, by=by
        )

    return _one_by_one(items, ask)


def remove(items: list[Item], *, reason_code: str, reason: str, by: User) -> list[Outcome]:
    """Ask to remove each of these links. Raises NotAllowed, ValueError (the reason).

    A link whose amount is no longer the one that was seen is left as it is.
    """
    roles.check_may_ask(by, Instruction.Kind.UNLINK)
    _check("remove", items, reason_code, reason)

    def ask(item: Item) -> Instruction:
        note_id, invoice_id = item.credit_note_id, item.invoice_payable_id
        if invoice_id is None:
            raise workflow.Conflict(_("These two are not linked in Light any more."))
        if str(changing.planned_link(note_id, invoice_id).amount) != item.seen:
            raise workflow.Conflict(_("The amount of this link has changed since you looked."))
        return changing.remove(
            credit_note_id=note_id, invoice_payable_id=invoice_id,
            reason_code=reason_code, reason=reason, by=by,
        )  # fmt: skip

    return _one_by_one(items, ask)


def post(items: list[Item], *, reason_code: str, reason: str, by: User) -> list[Outcome]:
    """Ask to post each of these drafts; `seen` is the fingerprint of what was looked at.

    The reason goes with those whose month is closed. Raises NotAllowed, ValueError (too many).
    """
    roles.check_may_ask(by, Instruction.Kind.POST)
    check_size(len(items))
    notes = CreditNote.objects.in_bulk([item.credit_note_id for item in items])

    def ask(item: Item) -> Instruction:
        note = notes.get(item.credit_note_id)
        closed = note is not None and correcting.posting_of(note).standing.needs_controller
        why = {"reason_code": reason_code, "reason": reason} if closed else {}
        return correcting.post(credit_note_id=item.credit_note_id, seen=item.seen, by=by, **why)

    return _one_by_one(items, ask)


def _check(what: str, items: list[Item], reason_code: str, reason: str) -> None:
    check_size(len(items))
    reasons.check_reason(what, reason_code, reason)


def _one_by_one(items: list[Item], ask: Callable[[Item], Instruction]) -> list[Outcome]:
    """Each in a transaction of its own, so that a refusal of one takes nothing from the others."""
    found = []
    for item in items:
        try:
            found.append(Outcome(item, line=ask(item)))
        except (workflow.Conflict, roles.NotAllowed, ValueError) as problem:
            found.append(Outcome(item, sentence=str(problem)))
    return found
