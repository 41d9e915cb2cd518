"""Credit notes that may have been entered twice, and what people have said about them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clearing import roles, twins, workflow
from clearing.models import CreditNote, NotDuplicate
from clearing.reasons import LONGEST
from clearing.roles import User


def unanswered(note_ids: Iterable[UUID]) -> dict[UUID, list[CreditNote]]:
    """For each of these notes the possible duplicates that nobody has answered (six queries).

    A twin that was cancelled here as a duplicate is an answer.
    """
    found = twins.suspected(CreditNote.objects.filter(id__in=set(note_ids)))
    pairs = {
        twins.pair_of(note, other.id) for note, others in found.items() for other, _why in others
    }
    done = twins.answered(pairs)
    left = {
        note: [other for other, _why in others if twins.pair_of(note, other.id) not in done]
        for note, others in found.items()
    }
    return {note: others for note, others in left.items() if others}


def say_not(*, note_id: UUID, other_id: UUID, reason: str, by: User) -> NotDuplicate:
    """Remember that these two are not the same. Raises NotAllowed, Conflict, ValueError."""
    roles.check_may(by, "propose")
    reason = reason.strip()
    if not reason:
        raise ValueError(_("Say in a few words how you know that they are two credits."))
    if len(reason) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})
    notes = CreditNote.objects.in_bulk([note_id, other_id])
    if note_id not in notes or other_id not in [
        other.id for other, _why in twins.suspected([notes[note_id]]).get(note_id, [])
    ]:
        raise workflow.Conflict(_("These two do not look like duplicates any more."))
    now, pair = workflow.now(), twins.pair_of(note_id, other_id)
    try:
        with transaction.atomic():
            said = NotDuplicate.objects.create(
                one_id=pair[0], other_id=pair[1], reason=reason, by=by, at=now
            )
            for note, other in (pair, pair[::-1]):
                workflow.record(
                    "said it is no duplicate", None, by=by, now=now, reason=reason,
                    about={"credit_note_id": note, "vendor_id": notes[note].vendor_id},
                    details={"other": str(other), "other_number": str(notes[other])},
                )  # fmt: skip
    except IntegrityError as error:
        if "unique" not in str(error).lower():
            raise
        raise workflow.Conflict(_("Somebody was faster: this pair is answered already.")) from error
    return said
