"""Says up to which month the books of a company entity are closed, and its VAT is filed.

Nothing of it is sent to Light: it decides who may post a draft here, and what a dialog warns of.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import roles, workflow
from clearing.models import Entity, Months
from clearing.reasons import LONGEST
from clearing.roles import User
from clearing.workflow import Conflict

Through = date | None  # the last day of a month; None: no month


def set_months(
    *,
    entity_id: UUID,
    closed_through: Through,
    vat_filed_through: Through,
    reason: str,
    by: User,
    seen: tuple[Through, Through] | None = None,
) -> Months:
    """Store both months of one entity; taking one back needs a reason.

    seen: both as the person saw them. Raises NotAllowed, Conflict where somebody was faster or
    nothing was changed, ValueError with a sentence about a month, or about the reason.
    """
    roles.check_may(by, "months")
    wanted = (closed_through, vat_filed_through)
    for through in wanted:
        check_month(through)
    now = workflow.now()
    with transaction.atomic():
        entity = Entity.objects.select_for_update().filter(pk=entity_id).first()
        if entity is None:
            raise Conflict(_("The copy from Light does not hold this company entity."))
        was = current(entity_id)
        if seen is not None and seen != was:
            raise Conflict(_("Somebody was faster: these months were changed. Look at them again."))
        if wanted == was:
            raise Conflict(_("Nothing was changed: these are the months it has already."))
        check_why(was, wanted, reason)
        months, _made = Months.objects.update_or_create(
            entity_id=entity_id,
            defaults={
                "closed_through": closed_through,
                "vat_filed_through": vat_filed_through,
                "changed_at": now,
                "changed_by": by,
            },
        )
        workflow.record(
            "closed months", None, by=by, now=now, reason=reason.strip(),
            details=_details(entity, was, wanted),
        )  # fmt: skip
    return months


def current(entity_id: UUID) -> tuple[Through, Through]:
    """Both months of this entity as they are."""
    row = Months.objects.filter(pk=entity_id).first()
    return (row.closed_through, row.vat_filed_through) if row else (None, None)


def check_month(through: Through) -> None:
    """Raise ValueError with a sentence unless this is the last day of a month that is over."""
    if through is None:
        return
    if through.year < 9999 and (through + timedelta(days=1)).day != 1:
        raise ValueError(_("Choose a whole month."))
    if through > timezone.localdate():
        raise ValueError(_("Choose a month that is over."))


def takes_back(was: tuple[Through, Through], wanted: tuple[Through, Through]) -> bool:
    """Whether one of the months becomes open again."""
    return any(
        before is not None and (after is None or after < before)
        for before, after in zip(was, wanted, strict=True)
    )


def check_why(was: tuple[Through, Through], wanted: tuple[Through, Through], reason: str) -> None:
    """Raise ValueError with a sentence about the reason where one is needed and not given."""
    if takes_back(was, wanted) and not reason.strip():
        raise ValueError(_("Say in a few words why a month is taken back."))
    if len(reason) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})


def _details(
    entity: Entity, was: tuple[Through, Through], wanted: tuple[Through, Through]
) -> dict[str, Any]:
    """What the trail keeps: the entity, and each month before and after as ISO dates."""
    names = ("closed_through", "vat_filed_through")
    return {"entity": str(entity.pk), "entity_name": str(entity)} | {
        name: {"was": _iso(before), "now": _iso(after)}
        for name, before, after in zip(names, was, wanted, strict=True)
    }


def _iso(day: Through) -> str | None:
    return day.isoformat() if day else None
