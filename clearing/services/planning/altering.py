"""A person goes through a plan: drops lines, changes amounts, skips vendors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clearing import balances, money, roles, workflow
from clearing.models import CreditNote, InvoicePayable, Plan, PlanGroup, PlanLine
from clearing.roles import User
from clearing.services.planning import storing

# Neither proposed nor skipped, nor being proposed in the background.
OPEN = Q(proposal=None, skipped_at=None) & (Q(batch=None) | Q(tried_at__isnull=False))


@dataclass(frozen=True)
class Change:
    """What a line's amount becomes, 0 to drop it; `seen` is the amount that the person saw."""

    amount: int
    seen: int


def lock(group_id: int) -> PlanGroup:
    """A group that nobody else changes until the transaction ends. Raises Conflict unless open."""
    group = PlanGroup.objects.select_for_update().get(pk=group_id)
    plan = Plan.objects.get(pk=group.plan_id)
    if plan.state != Plan.State.READY:
        raise workflow.Conflict(_("This plan is not open: %(state)s.") % {
            "state": plan.get_state_display()
        })  # fmt: skip
    if group.proposal_id:
        raise workflow.Conflict(_("This vendor was proposed already, as proposal %(number)s.") % {
            "number": group.proposal_id
        })  # fmt: skip
    if group.skipped_at:
        raise workflow.Conflict(_("This vendor is skipped. Take it in again first."))
    if group.batch_id and not group.tried_at:
        raise workflow.Conflict(_("This vendor is being proposed right now."))
    return group


def change(line: PlanLine, wanted: Change, *, by: User) -> PlanLine:
    """Give a line another amount. Raises NotAllowed, Conflict, ValueError."""
    roles.check_may(by, "propose")
    with transaction.atomic():
        group = lock(line.group_id)
        line = PlanLine.objects.get(pk=line.pk)
        if line.amount == wanted.amount:
            return line
        if line.amount != wanted.seen:
            raise workflow.Conflict(_("Its amount has changed since you looked. Look again."))
        if wanted.amount > line.amount:
            _check_left(line, wanted.amount, group.currency)
        line.amount, line.problem = wanted.amount, ""
        line.save(update_fields=["amount", "problem"])
        storing.recount(group)
    return line


def _check_left(line: PlanLine, amount: int, currency: str) -> None:
    """Raise ValueError where this and the plan's other lines take more than there is."""
    sides: tuple[tuple[str, UUID, Any, str], ...] = (
        ("credit_note_id", line.credit_note_id, CreditNote,
         _("Only %(left)s of %(document)s is free for this line.")),
        ("invoice_payable_id", line.invoice_payable_id, InvoicePayable,
         _("Only %(left)s of %(document)s is open for this line.")),
    )  # fmt: skip
    available = balances.available([line.credit_note_id, line.invoice_payable_id])
    others = PlanLine.objects.filter(group_id=line.group_id).exclude(pk=line.pk)
    for column, document_id, model, words in sides:
        taken = sum(others.filter(**{column: document_id}).values_list("amount", flat=True))
        left = max((available.get(document_id) or 0) - taken, 0)
        if amount > left:
            document = model.objects.filter(pk=document_id).first()
            raise ValueError(
                words % {"left": money.text(left, currency), "document": document or "–"}
            )


def skip(group: PlanGroup, *, by: User, now: datetime) -> None:
    """Leave this vendor out of what is proposed. Raises NotAllowed, Conflict."""
    roles.check_may(by, "propose")
    with transaction.atomic():
        lock(group.pk)
        PlanGroup.objects.filter(pk=group.pk).update(skipped_at=now, problem="")


def take_in(group: PlanGroup, *, by: User) -> None:
    """Undo `skip`. Raises NotAllowed."""
    roles.check_may(by, "propose")
    PlanGroup.objects.filter(pk=group.pk, plan__state=Plan.State.READY).update(skipped_at=None)
