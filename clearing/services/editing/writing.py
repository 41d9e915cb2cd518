"""The rows of an edit: begun before a byte leaves, ended by a compare-and-swap.

Each step is one short transaction with its audit row and what it tells the copy; the credit
note's row is held meanwhile, so that an edit and a posting cannot begin at once.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _

from clearing import balances, workflow
from clearing.models import Balance, CreditNote, Edit, Instruction
from clearing.roles import User
from clearing.services import mirroring

logger = logging.getLogger(__name__)
TRIES = 5
State, Kind = Edit.State, Edit.Kind
DID = {  # verbs of the trail
    Kind.CHANGE_NOTE: "edited the draft",
    Kind.ADD_LINE: "added a line",
    Kind.CHANGE_LINE: "changed a line",
    Kind.DELETE_LINE: "deleted a line",
    Kind.CREATE: "created it from an invoice",
}
CAME_TO = {
    State.DONE: "saw the change in Light",
    State.REFUSED: "was told no by Light",
    State.NOT_APPLIED: "did not find the change in Light",
    State.UNKNOWN: "got no clear answer; it is being checked",
    State.NEEDS_PERSON: "cannot tell; it needs a look in Light",
}
LEDGER = (Instruction.Kind.POST, Instruction.Kind.ARCHIVE)
T = TypeVar("T")


class Overtaken(Exception):
    """Somebody else has ended this edit meanwhile."""


def check_free(note_id: UUID | None, invoice_id: UUID | None) -> None:
    """Raise Conflict where another edit holds the document, or it waits to be posted.

    Of a creation the invoice counts, else the credit note.
    """
    held = Edit.objects.filter(state__in=Edit.HOLDING, dealt_at=None).select_related("asked_by")
    if note_id is None:
        rival = held.filter(invoice_payable_id=invoice_id).first()
    else:
        rival = held.filter(credit_note_id=note_id).first()
    if rival is not None:
        raise workflow.Conflict(_rival(rival))
    if note_id is not None:
        _check_ledger(note_id)


def _check_ledger(note_id: UUID) -> None:
    waiting = Instruction.objects.filter(
        credit_note_id=note_id, kind__in=LEDGER, state__in=Instruction.OPEN
    ).select_related("asked_by")
    if line := waiting.first():
        raise workflow.Conflict(
            _("%(name)s has asked to post or cancel this credit note. Take that back first.")
            % {"name": workflow.name_of(line.asked_by)}
        )


def _rival(edit: Edit) -> str:
    words = {
        State.SENDING: _("%(name)s is just changing it. Try again in a moment."),
        State.UNKNOWN: _("A change by %(name)s is still being checked with Light."),
    }.get(State(edit.state), _("A change by %(name)s needs a look in Light first."))
    return words % {"name": workflow.name_of(edit.asked_by)}


def begin(edit: Edit, *, about: dict[str, Any]) -> None:
    """Commit that the call goes out now, with its audit row; raises Conflict for a rival."""

    def step() -> None:
        _hold(edit.credit_note_id)
        check_free(edit.credit_note_id, edit.invoice_payable_id)
        edit.save(force_insert=True)
        _record(DID[Kind(edit.kind)], edit, by=edit.asked_by, now=edit.sent_at, about=about)

    try:
        _durably(step)
    except IntegrityError as error:
        if "unique" not in str(error).lower():  # a rule of the house broken
            raise
        check_free(edit.credit_note_id, edit.invoice_payable_id)
        raise workflow.Conflict(_("Somebody was faster. Reload the page.")) from error


def end(
    edit: Edit,
    state: str,
    *,
    now: datetime,
    by: User | None,
    about: dict[str, Any],
    show: Callable[[], None] | None = None,
    **columns: Any,
) -> None:
    """Bring an edit to a state: compare-and-swap, audit row and copy in one transaction.

    `show` tells the copy what Light showed. Raises Overtaken where somebody was faster.
    """
    was = edit.state

    def step() -> None:
        _hold(edit.credit_note_id)
        free = _free(edit.credit_note_id)
        swap = {"state": state, "changed_at": now} | columns
        if Edit.objects.filter(pk=edit.pk, state=was).update(**swap) != 1:
            raise Overtaken
        edit.refresh_from_db()
        if show is not None:
            show()
        else:
            _read_soon(edit, now)
        seen = {"free_before": free, "free_after": _free(edit.credit_note_id)}
        _record(CAME_TO[State(state)], edit, by=by, now=now, was=was, about=about, seen=seen)

    _durably(step)


def unclear(now: datetime) -> dict[str, Any]:
    """The columns of an edit whose outcome is unknown from `now` on."""
    return {
        "quarantine_until": now + timedelta(seconds=settings.QUARANTINE),
        "not_before": now + timedelta(seconds=settings.LOOK_AGAIN),
        "absent_looks": 0,
    }


def row_of(edit: Edit) -> CreditNote | None:
    """The copy's row of an edit's credit note."""
    if edit.credit_note_id is None:
        return None
    return CreditNote.objects.filter(pk=edit.credit_note_id).first()


def about_note(note: CreditNote | None, edit: Edit) -> dict[str, Any]:
    """The columns by which the trail finds an edit."""
    found = {
        "kind": edit.kind,
        "credit_note_id": edit.credit_note_id,
        "invoice_payable_id": edit.invoice_payable_id,
    }
    if note is None:
        return found
    return found | {
        "vendor_id": note.vendor_id, "amount": note.amount, "currency": note.currency,
    }  # fmt: skip


def _record(
    verb: str,
    edit: Edit,
    *,
    by: User | None,
    now: datetime,
    about: dict[str, Any],
    was: str = "",
    seen: dict[str, Any] | None = None,
) -> None:
    """One event of the trail, with what was changed and what Light said of it."""
    details = {
        "edit": edit.pk,
        "changes": edit.changes,
        "words": edit.words or edit.outcome,
        "status": edit.status,
        "request_id": edit.request_id,
    } | (seen or {})
    kept = {key: value for key, value in details.items() if value not in ("", None, [])}
    about = about | {"credit_note_id": edit.credit_note_id, "now": edit.state}
    workflow.record(verb, None, by=by, now=now, was=was, details=kept, about=about)


def _read_soon(edit: Edit, now: datetime) -> None:
    if edit.credit_note_id:
        mirroring.want_lines(edit.credit_note_id, now)


def _free(note_id: UUID | None) -> int | None:
    row = Balance.objects.filter(document_id=note_id).first() if note_id else None
    return row.available if row else None


def _hold(note_id: UUID | None) -> None:
    """The note's row and its balance, in the order of sending; asking to post holds the balance."""
    if note_id:
        list(CreditNote.objects.select_for_update().filter(pk=note_id).values_list("pk"))
        balances.lock([note_id])


def _durably(step: Callable[[], T]) -> T:
    """Run in a transaction; again where the database ended one of two that wait for each other."""
    tries_left = TRIES
    while True:
        tries_left -= 1
        try:
            with transaction.atomic():
                return step()
        except OperationalError:
            if not tries_left:
                raise
