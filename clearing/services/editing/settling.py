"""Settles by reading what got no clear answer, and lets go of what a person has looked at."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clearing import deciding, roles, tracing, workflow
from clearing.deciding import edits
from clearing.light import records
from clearing.light.client import LightClient
from clearing.models import Edit
from clearing.roles import User
from clearing.services.editing import answering, writing
from clearing.services.sending import stopping

logger = logging.getLogger(__name__)
State = Edit.State


def recover(now: datetime) -> bool:
    """Edits whose process ended before Light's answer came: now they are unclear."""
    lost = Edit.objects.filter(
        state=State.SENDING, sent_at__lt=now - timedelta(seconds=settings.LEASE)
    )
    recovered = 0
    for edit in lost[:100]:
        words = _("Our program ended before Light's answer came. We are checking.")
        try:
            recovered += _end(edit, State.UNKNOWN, now=now, outcome=words, **writing.unclear(now))
        except Exception:  # one edit's trouble must not keep the others waiting
            logger.exception("not recovered", extra={"edit": edit.pk})
    return recovered > 0


def settle_one(client: LightClient, *, now: datetime) -> bool:
    """Look at one unclear edit that is due. False if there was none."""
    due = Edit.objects.filter(Q(not_before=None) | Q(not_before__lte=now), state=State.UNKNOWN)
    edit = due.order_by("not_before", "pk").first()
    if edit is None or not stopping.may_go(client, now=now):
        return False
    if _take(edit, now):  # else another worker is faster; there may be more
        with tracing.of(edit.trace):
            _settle(edit, client, now)
    return True


def deal(edit: Edit, *, by: User) -> None:
    """A person has looked in Light: the edit no longer holds its document.

    Raises NotAllowed, or Conflict where it does not wait for a person.
    """
    roles.check_may(by, "deal")
    now = workflow.now()
    with transaction.atomic():
        looked_at = [State.NEEDS_PERSON, State.NOT_APPLIED]
        waiting = Edit.objects.filter(pk=edit.pk, state__in=looked_at, dealt_at=None)
        if waiting.update(dealt_at=now, dealt_by=by, changed_at=now) != 1:
            raise workflow.Conflict(_("Somebody has dealt with this already. Reload the page."))
        row = writing.row_of(edit)
        workflow.record(
            "dealt with", None, by=by, now=now, was=edit.state, details={"edit": edit.pk},
            about=writing.about_note(row, edit),
        )  # fmt: skip
        edit.refresh_from_db()


def _take(edit: Edit, now: datetime) -> bool:
    """Nobody else looks at this edit for a while; its date is the compare-and-swap."""
    until = now + timedelta(seconds=settings.LOOK_AGAIN)
    mine = Edit.objects.filter(pk=edit.pk, state=State.UNKNOWN, not_before=edit.not_before)
    return bool(mine.update(not_before=until))


def _settle(edit: Edit, client: LightClient, now: datetime) -> None:
    """UNKNOWN: done, not applied, a person's look, or another look of ours."""
    became, note = answering.look(client, edit)
    if became is None:
        return
    decision = edits.settle(
        became,
        absent_looks=edit.absent_looks,
        quarantine_over=edit.quarantine_until is None or edit.quarantine_until <= now,
    )
    if isinstance(decision, deciding.LookAgain):
        mine = Edit.objects.filter(pk=edit.pk, state=State.UNKNOWN, absent_looks=edit.absent_looks)
        mine.update(absent_looks=decision.absent_looks)
    elif isinstance(decision, deciding.Done):
        _end(edit, State.DONE, note=note)
    elif isinstance(decision, deciding.NotApplied):
        _end(edit, State.NOT_APPLIED, note=note, outcome=decision.words)
    else:
        _end(edit, State.NEEDS_PERSON, note=note, outcome=decision.words)


def _end(
    edit: Edit,
    state: str,
    *,
    now: datetime | None = None,
    note: records.CreditNote | None = None,
    **columns: Any,
) -> bool:
    """Bring it to its state; False where somebody else was faster."""
    if state != State.UNKNOWN:
        columns |= {"not_before": None}
    columns.setdefault("outcome", "")
    try:
        answering.end(edit, state, now=now or workflow.now(), by=None, note=note, **columns)
    except writing.Overtaken:
        logger.info("somebody else settled it", extra={"edit": edit.pk})
        return False
    return True
