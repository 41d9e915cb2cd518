"""The one call of an edit and what its answer means (RELIABILITY: step 5)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from clearing import workflow
from clearing.deciding import edits
from clearing.light import records
from clearing.light.client import LightClient
from clearing.light.errors import (
    LightConflict,
    LightDenied,
    LightError,
    LightNotSent,
    LightRefused,
    LightUncertain,
    LightUnreadable,
)
from clearing.models import Edit
from clearing.services import mirroring
from clearing.services.editing import reading, values, writing

logger = logging.getLogger(__name__)
State, Kind = Edit.State, Edit.Kind
Record = records.CreditNote | records.CreditNoteLine | None


@dataclass(frozen=True)
class Called:
    """Light's answer: a record (None for a DELETE), or the error it came as."""

    record: Record = None
    error: LightError | None = None


def call(send: Callable[..., Record], *, deadline: float) -> Called:
    """Send once; never again. Whatever goes wrong in a way nobody thought of is unclear."""
    try:
        return Called(send(deadline=deadline))
    except LightError as error:
        return Called(error=error)
    except Exception as error:
        logger.exception("A call to Light ended in an error of ours.")
        return Called(error=LightUncertain(f"Our call broke off ({type(error).__name__})."))


def take(
    client: LightClient, edit: Edit, called: Called, before: records.CreditNote | None
) -> None:
    """Write what the answer means; an unclear one is read once now."""
    error = called.error
    if error is None and _names_it(edit, called.record):
        _done(client, edit, called, before)
    elif isinstance(error, LightNotSent) or (error is not None and error.status == 429):
        _end(edit, State.NOT_APPLIED, called, outcome=_not_sent(error))
    elif isinstance(error, LightRefused | LightDenied):
        _end(edit, State.REFUSED, called)
    else:
        _read_now(client, edit, called)


def _names_it(edit: Edit, record: Record) -> bool:
    """Whether a 2xx is about our document and shows nothing else than what was sent."""
    if edit.kind == Kind.DELETE_LINE:
        return True  # Light's documents promise no body
    if isinstance(record, records.CreditNoteLine):
        same = edit.kind == Kind.ADD_LINE or record.id == edit.line_id
        known = str(record.id) in edit.before["lines"]
        fits = edits.fits(edit.body, values.line_facts(record))
        return same and known == (edit.kind == Kind.CHANGE_LINE) and fits
    if not isinstance(record, records.CreditNote):
        return False
    if edit.kind == Kind.CREATE:
        return (
            record.status == "DRAFT"
            and str(record.vendor_id or "") == edit.before["vendor"]
            and str(record.id) not in edit.before["drafts"]
        )
    same_note = record.id == edit.credit_note_id
    return same_note and edits.fits(edit.body, values.facts(record)["note"])


def _done(
    client: LightClient, edit: Edit, called: Called, before: records.CreditNote | None
) -> None:
    """A yes. One without a body, to a DELETE, is held against what Light shows now."""
    note = called.record
    if isinstance(note, records.CreditNote):
        left_out = before is not None and not note.lines
        if before is not None and left_out:
            note = note.model_copy(update={"lines": before.lines})
        _end(edit, State.DONE, called, note=note)
        if left_out:  # and what was changed may change them, like the tax mode
            mirroring.want_lines(note.id, workflow.now())
        return
    became, seen = look(client, edit)
    if edit.kind == Kind.DELETE_LINE and became == "absent":
        _end(edit, State.UNKNOWN, called, outcome=_unclear())
    else:
        _end(edit, State.DONE, called, note=seen)


def _read_now(client: LightClient, edit: Edit, called: Called) -> None:
    """Done where Light shows it; a 409 that changed nothing is a no; else it is being checked."""
    became, note = look(client, edit)
    if became == "done":
        _end(edit, State.DONE, called, note=note)
    elif became == "absent" and isinstance(called.error, LightConflict):
        _end(edit, State.REFUSED, called)
    else:
        _end(edit, State.UNKNOWN, called, outcome=_unclear())


def look(client: LightClient, edit: Edit) -> tuple[edits.Shown | None, records.CreditNote | None]:
    """What Light shows of an edit, and the note where it is done; None: it did not answer."""
    try:
        found = reading.look(client, edit)
        became = edits.shown(
            edit.kind, edit.before, edit.body, found.facts, line_id=str(edit.line_id)
        )
        if became == "done" and edit.kind == Kind.CREATE and found.facts is not None:
            return became, client.credit_note(edits.created(edit.before, found.facts))
        return became, found.record
    except (LightRefused, LightUnreadable) as error:
        logger.warning("cannot be read", extra={"edit": edit.pk, "error": error.in_log})
        return "unclear", None
    except LightError as error:
        logger.info("not looked at", extra={"edit": edit.pk, "error": error.in_log})
        return None, None
    except Exception:
        logger.exception("the look failed", extra={"edit": edit.pk})
        return "unclear", None


def _end(
    edit: Edit,
    state: str,
    called: Called,
    *,
    outcome: str = "",
    note: records.CreditNote | None = None,
) -> None:
    """Bring the edit to its state; where the worker was faster, the answer is kept all the same."""
    now = workflow.now()
    error = called.error
    answer: dict[str, Any] = {
        "answered_at": now,
        "status": error.status if error else 200,
        "words": error.words if error else "",
        "request_id": error.request_id if error else "",
    }
    columns = writing.unclear(now) if state == State.UNKNOWN else {}
    try:
        end(edit, state, now=now, by=edit.asked_by, note=note, outcome=outcome, **answer, **columns)
    except writing.Overtaken:
        Edit.objects.filter(pk=edit.pk, answered_at=None).update(**answer)
        edit.refresh_from_db()


def end(
    edit: Edit, state: str, *, now: Any, by: Any, note: records.CreditNote | None, **columns: Any
) -> None:
    """writing.end(), with what Light showed of the note for the copy and for the trail."""
    if note is not None and edit.kind == Kind.CREATE:
        columns["credit_note_id"] = note.id
    about = writing.about_note(writing.row_of(edit), edit)
    if note is not None:
        about |= {"vendor_id": note.vendor_id, "amount": note.amount, "currency": note.currency}
    show = partial(_show, edit, note, now, done=state == State.DONE) if note is not None else None
    writing.end(edit, state, now=now, by=by, about=about, show=show, **columns)


def _show(edit: Edit, note: records.CreditNote, now: Any, *, done: bool) -> None:
    """What Light showed, into the copy; of a number only its answer tells."""
    mirroring.take_credit_note(note, now)
    number = edit.body.get("documentNumber")
    if done and number and edit.kind == Kind.CHANGE_NOTE:
        mirroring.take_number(note.id, number)


def _not_sent(error: LightError) -> str:
    words = _("Nothing was changed; try again in a moment. (%(words)s)")
    return words % {"words": error.words}


def _unclear() -> str:
    return _(
        "Light has not confirmed this change yet. We are checking; please do not repeat it in "
        "Light."
    )
