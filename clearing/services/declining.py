"""A suggestion that somebody rejected stays away, until somebody wants it again."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clearing import roles, workflow
from clearing.models import CreditNote, Declined
from clearing.reasons import LONGEST
from clearing.roles import User


def decline(*, credit_note_id: UUID, invoice_payable_id: UUID, reason: str, by: User) -> Declined:
    """Never suggest these two again. Raises NotAllowed, Conflict, ValueError (the words)."""
    roles.check_may(by, "propose")
    reason = reason.strip()
    if not reason:
        raise ValueError(_("Say in a few words why these two do not belong together."))
    if len(reason) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})
    now = workflow.now()
    try:
        with transaction.atomic():
            row = Declined.objects.create(
                credit_note_id=credit_note_id, invoice_payable_id=invoice_payable_id,
                reason=reason, by=by, at=now,
            )  # fmt: skip
            workflow.record(
                "rejected a suggestion", None, by=by, now=now, reason=reason, about=_about(row)
            )
    except IntegrityError as error:
        if "unique" not in str(error).lower():
            raise
        raise workflow.Conflict(_("Somebody was faster: these two are rejected already.")) from None
    return row


def suggest_again(*, credit_note_id: UUID, invoice_payable_id: UUID, by: User) -> None:
    """Take a rejection back. Raises NotAllowed, Conflict."""
    roles.check_may(by, "propose")
    now = workflow.now()
    with transaction.atomic():
        rows = Declined.objects.select_for_update().filter(
            credit_note_id=credit_note_id, invoice_payable_id=invoice_payable_id
        )
        row = rows.first()
        if row is None or not rows.delete()[0]:
            raise workflow.Conflict(_("Somebody was faster: they are suggested again already."))
        workflow.record(
            "suggests again", None, by=by, now=now, about=_about(row),
            details={"rejected_by": workflow.name_of(row.by), "rejected_at": row.at.isoformat()},
        )  # fmt: skip


def _about(row: Declined) -> dict[str, UUID | None]:
    vendor = CreditNote.objects.filter(id=row.credit_note_id).values_list("vendor_id", flat=True)
    return {
        "credit_note_id": row.credit_note_id,
        "invoice_payable_id": row.invoice_payable_id,
        "vendor_id": vendor.first(),
    }
