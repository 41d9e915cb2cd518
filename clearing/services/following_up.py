"""What people decide about credit notes that can't be used yet: with an owner and a follow-up.

A decision is ended, never changed; the next one stands beside it. Nothing is sent to Light, and
no sync touches a decision: it ends when a person says so, or when nothing is left of the note.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clearing import roles, workflow
from clearing.models import Balance, CreditNote, Decision, Outlook
from clearing.reasons import LONGEST
from clearing.roles import User

LONGEST_WAIT = timedelta(days=90)
LONGEST_FOLLOW_UP = timedelta(days=366)
MOST = 200  # notes decided about at once; decisions ended in one step
Kind = Decision.Kind


@dataclass(frozen=True)
class Wanted:
    """What a person decides, checked: `check` raises ValueErrors with the field they are about."""

    kind: str
    owner: User | None = None
    follow_up_on: date | None = None
    comment: str = ""


class FieldError(ValueError):
    """A sentence about one field: kind, owner, follow_up or reason."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def owners() -> QuerySet[Any]:
    """The people who can look after a credit note: those with a role, by name."""
    people = get_user_model()._default_manager.filter(is_active=True)
    with_role = people.filter(groups__name__in=roles.RIGHTS)
    return with_role.distinct().order_by("first_name", "last_name", "username")


def check(wanted: Wanted) -> None:
    """Raise FieldError for the first field that is not right."""
    if wanted.kind not in Kind.values:
        raise FieldError("kind", _("Choose a decision from the list."))
    if wanted.kind == Kind.NONE and not (wanted.owner or wanted.follow_up_on or wanted.comment):
        raise FieldError("kind", _("Choose a decision, or say who looks after it."))
    if wanted.owner and not owners().filter(pk=wanted.owner.pk).exists():
        raise FieldError("owner", _("Choose somebody who has a role here."))
    _check_day(wanted)
    if len(wanted.comment) > LONGEST:
        words = _("Shorten the words to %(longest)d characters.") % {"longest": LONGEST}
        raise FieldError("reason", words)


def _check_day(wanted: Wanted) -> None:
    day, today, waits = wanted.follow_up_on, timezone.localdate(), wanted.kind == Kind.WAIT
    if day is None:
        if waits:
            raise FieldError("follow_up", _("Choose the day on which you look at it again."))
        return
    last = today + (LONGEST_WAIT if waits else LONGEST_FOLLOW_UP)
    if day <= today:
        raise FieldError("follow_up", _("Choose a day after today."))
    if day > last:
        words = _("Choose a day by %(last)s.") if not waits else _(
            "Nobody waits for more than 90 days: choose a day by %(last)s."
        )  # fmt: skip
        raise FieldError("follow_up", words % {"last": date_format(last, "j M Y")})


def decide(
    *, credit_note_id: UUID, wanted: Wanted, by: User, seen: int | None | bool = False
) -> Decision:
    """Decide about one credit note; the decision before it ends.

    seen: the decision that held when the person looked (None: none did), False where nobody
    looked. Raises NotAllowed, FieldError, Conflict where somebody was faster, nothing is left of
    the note, or it is decided so already.
    """
    roles.check_may(by, "decide")
    check(wanted)
    return _decide(credit_note_id, wanted, by, seen)


def decide_many(
    *, credit_note_ids: Iterable[UUID], wanted: Wanted, by: User
) -> tuple[list[Decision], dict[UUID, str]]:
    """The same decision for many: what was decided, and a sentence for each that was not.

    Raises NotAllowed, FieldError.
    """
    roles.check_may(by, "decide")
    check(wanted)
    made, skipped = [], {}
    for note_id in credit_note_ids:
        try:
            made.append(_decide(note_id, wanted, by, False))
        except workflow.Conflict as problem:
            skipped[note_id] = str(problem)
    return made, skipped


def _decide(note_id: UUID, wanted: Wanted, by: User, seen: int | None | bool) -> Decision:
    now = workflow.now()
    note = CreditNote.objects.filter(pk=note_id).first()
    outlook = Outlook.objects.filter(pk=note_id).first()
    if note is None or outlook is None:
        raise workflow.Conflict(_why_not_now(note))
    try:
        with transaction.atomic():
            held = Decision.objects.filter(credit_note_id=note_id, ended_at=None)
            was = held.select_for_update(of=("self",)).select_related("owner", "by").first()
            if seen is not False and seen != (was.pk if was else None):
                raise workflow.Conflict(_faster(was))
            if was and _content(was) == _content_of(wanted):
                raise workflow.Conflict(_("Nothing was changed: it is decided like this already."))
            if was:
                _end(was, Decision.Ended.CHANGED, now, by)
            made = Decision.objects.create(
                credit_note_id=note_id, kind=wanted.kind, owner=wanted.owner,
                follow_up_on=wanted.follow_up_on, comment=wanted.comment.strip(),
                amount=outlook.left, currency=note.currency, by=by, at=now,
            )  # fmt: skip
            _record("decided what becomes of it", note, made, was, by, now)
    except IntegrityError as error:
        if "unique" not in str(error).lower():
            raise
        raise workflow.Conflict(_faster(None)) from error
    return made


def _why_not_now(note: CreditNote | None) -> str:
    if note is None or used_up(note):
        return _("Nothing is left of this credit note, so there is nothing to decide.")
    return _("All of it is planned, or it was read just now. Try again in a minute.")


def _faster(was: Decision | None) -> str:
    if was is None:
        return _("Somebody was faster: the decision has changed. Look at it again.")
    return _("Somebody was faster: %(who)s decided “%(what)s”. Look at it again.") % {
        "who": workflow.name_of(was.by), "what": was.get_kind_display(),
    }  # fmt: skip


def withdraw(*, decision_id: int, by: User) -> Decision:
    """Take a decision back: nothing is decided any more. Raises NotAllowed, Conflict."""
    roles.check_may(by, "decide")
    now = workflow.now()
    with transaction.atomic():
        was = Decision.objects.select_related("owner").filter(pk=decision_id).first()
        if was is None or not _end(was, Decision.Ended.WITHDRAWN, now, by):
            raise workflow.Conflict(_faster(None))
        note = CreditNote.objects.filter(pk=was.credit_note_id).first()
        _record("took back the decision", note, None, was, by, now)
    return was


def _end(was: Decision, because: str, now: datetime, by: User | None) -> bool:
    """End this decision if nobody has; the row keeps everything else."""
    held = Decision.objects.filter(pk=was.pk, ended_at=None)
    return bool(held.update(ended_at=now, ended_by=by, ended_because=because))


def end_used_up(now: datetime) -> int:
    """End the decisions on credit notes of which nothing is left; how many there were."""
    outlook = Outlook.objects.filter(pk=OuterRef("credit_note_id"))
    held = Decision.objects.filter(~Exists(outlook), ended_at=None).select_related("owner")
    ended = 0
    for was in held.order_by("pk")[: MOST * 10]:
        note = CreditNote.objects.filter(pk=was.credit_note_id).first()
        if note is None or not used_up(note):
            continue
        with transaction.atomic():
            if _end(was, Decision.Ended.USED_UP, now, None):
                _record("closed the decision: nothing is left", note, None, was, None, now)
                ended += 1
    return ended


def used_up(note: CreditNote) -> bool:
    """Whether nothing is left of it for good: what is only planned or held may come back."""
    if note.gone_at or note.status in {"CLEARED", "ARCHIVED"}:
        return True
    if note.status not in {"POSTED", "PARTIALLY_CLEARED"}:
        return False
    row = Balance.objects.filter(pk=note.pk).first()
    if row is None or row.available is None:
        return False
    return row.available <= 0 and not (row.held or row.planned)


# --- the trail -----------------------------------------------------------------------------------
def _content(row: Decision) -> tuple[Any, ...]:
    return row.kind, row.owner_id, row.follow_up_on, row.comment


def _content_of(wanted: Wanted) -> tuple[Any, ...]:
    owner = wanted.owner.pk if wanted.owner else None
    return wanted.kind, owner, wanted.follow_up_on, wanted.comment.strip()


def _record(
    verb: str, note: CreditNote | None, made: Decision | None, was: Decision | None,
    by: User | None, now: datetime,
) -> None:  # fmt: skip
    """What was decided, before and after, with what was left of the note."""
    row = made or was
    assert row is not None  # noqa: S101  (one of them is given)
    before, after = _words(was), _words(made)
    changes = [
        {"field": name, "was": before[name], "now": after[name]}
        for name in before
        if before[name] != after[name]
    ]
    about = {
        "credit_note_id": row.credit_note_id, "vendor_id": note.vendor_id if note else None,
        "amount": row.amount, "currency": row.currency,
    }  # fmt: skip
    workflow.record(
        verb, None, by=by, now=now, reason=made.comment if made else "", about=about,
        details={"decision": row.pk, "changes": changes},
    )  # fmt: skip


def _words(row: Decision | None) -> dict[str, str]:
    """A decision for the trail: English words and ISO dates."""
    if row is None:
        return {"decision": "", "owner": "", "follow_up_date": ""}
    return {
        "decision": str(row.get_kind_display()),
        "owner": workflow.name_of(row.owner) if row.owner else "",
        "follow_up_date": row.follow_up_on.isoformat() if row.follow_up_on else "",
    }
