"""An instruction's row, and the settings of the house, as the deciding core takes them."""

from typing import Literal

from django.conf import settings

from clearing import deciding, known, workflow
from clearing.models import Instruction

State = Instruction.State
CAME_TO: dict[str, Literal["claimed", "unknown", "needs_person"]] = {
    State.READY: "claimed",  # a follower: judged before its first step is sent
    State.SENDING: "claimed",
    State.UNKNOWN: "unknown",
    State.NEEDS_PERSON: "needs_person",
}


def line_of(line: Instruction) -> deciding.Line:
    """The line with its content, its approval, and how far it came.

    Raises KeyError, ValueError, TypeError or AttributeError where its content is none.
    """
    unclear = CAME_TO[line.state] != "claimed"
    attempt = line.attempts.filter(sent_at__isnull=False).last() if unclear else None
    return deciding.Line(
        content=content_of(line),
        approval=approval_of(line),
        state=CAME_TO[line.state],
        said=line.decision,  # type: ignore[arg-type]
        before=attempt.before if attempt else None,
        absent_looks=line.absent_looks,
        quarantine_until=line.quarantine_until,
    )


def approval_of(line: Instruction) -> deciding.Approval:
    """What lets this line be sent, and whether it is still what was approved."""
    content = line.content
    as_columns = {
        "kind": line.kind,
        "credit_note": str(line.credit_note_id),
        "invoice": str(line.invoice_payable_id) if line.invoice_payable_id else None,
        "clearing": str(line.clearing_id) if line.clearing_id else None,
        "amount": line.amount,
        "previous_amount": line.previous_amount,
        "currency": line.currency,
        "of_draft": line.of_draft,
        "archives": line.archives or None,
        "into_closed": line.into_closed or None,
        "trial": line.trial or None,
        "after": str(line.after.invoice_payable_id) if line.after else None,
    }
    agrees = all(content.get(key) == value for key, value in as_columns.items())
    approved = line.approved_content
    if line.approved_by_id is not None:
        seen_by_approver = {k: v for k, v in (approved or {}).items() if k != "seen"}
        agrees = agrees and seen_by_approver == content
    return deciding.Approval(
        asked_by=line.asked_by_id,
        approved_by=line.approved_by_id,
        exempt_rule=line.exempt_rule,
        as_approved=agrees and workflow.content_hash(content) == line.content_hash,
    )


def content_of(line: Instruction) -> deciding.Content:
    """The content of a line with the status that its approver saw."""
    seen = (line.approved_content or {}).get("seen") or {}
    return deciding.Content.read(line.content, status_seen=seen.get("credit_note_status") or "")


def rules() -> deciding.Rules:
    """The settings of the house, and what is known of Light, as the deciding core takes them."""
    answers = known.answers()
    return deciding.Rules(
        partially_cleared_linkable=answers.partly_linkable,
        posted_linkable=answers.posted_linkable,
        unanswered=answers.unanswered,
        second_person_always=settings.SECOND_PERSON_ALWAYS,
        exempt_under=settings.EXEMPT_UNDER,
        look_again=settings.LOOK_AGAIN,
        quarantine=settings.QUARANTINE,
        lease=settings.LEASE,
        answer_within=settings.LIGHT_TIMEOUT,
    )
