"""What a plan is asked for: it is started here, and discarded."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from clearing import matching, roles, workflow
from clearing.models import CreditNote, Decision, Plan, Proposal
from clearing.roles import User
from clearing.services.grouping import Scope

MINE_FOR = timedelta(days=90)  # since my last proposal for a vendor
MOST_VENDORS = 500  # that are named one by one


@dataclass(frozen=True)
class Wish:
    """Which vendors, and how good a suggestion has to be; empty means all.

    mine: the vendors whose open decisions I own, or for whom I have proposed lately.
    """

    vendors: frozenset[UUID] = field(default_factory=frozenset)
    entity_id: UUID | None = None
    currency: str = ""
    mine: bool = False
    strength: int = matching.POSSIBLE

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Wish":
        """As a plan keeps it."""
        return cls(
            frozenset(map(UUID, data["vendors"])),
            UUID(data["entity"]) if data["entity"] else None,
            data["currency"],
            data["mine"],
            data["strength"],
        )

    def as_data(self) -> dict[str, Any]:
        return {
            "vendors": sorted(map(str, self.vendors)),
            "entity": str(self.entity_id) if self.entity_id else "",
            "currency": self.currency,
            "mine": self.mine,
            "strength": self.strength,
        }

    @property
    def scope(self) -> Scope:
        return Scope(self.vendors, self.entity_id, self.currency)


def start(wish: Wish, *, by: User, now: datetime) -> Plan:
    """Have a plan made, or return the one of theirs under way. Raises NotAllowed, ValueError."""
    roles.check_may(by, "propose")
    if len(wish.vendors) > MOST_VENDORS:
        raise ValueError(_("Choose at most %(n)d vendors.") % {"n": MOST_VENDORS})
    if wish.mine:
        wish = replace(wish, vendors=_mine(wish.vendors, by, now))
    data = wish.as_data()
    with transaction.atomic():
        _take_turn(by)
        return _under_way(data, by) or Plan.objects.create(scope=data, asked_by=by, asked_at=now)


def _take_turn(by: User) -> None:
    """One click of a person after the other; until the transaction ends."""
    people = get_user_model()._default_manager.filter(pk=by.pk)
    list(people.select_for_update(no_key=True).values_list("pk"))


def _under_way(data: dict[str, Any], by: User) -> Plan | None:
    """The plan with the same wish that this person has under way."""
    running = Plan.objects.filter(asked_by=by, state=Plan.State.RUNNING)
    return next((plan for plan in running if plan.scope == data), None)


def _mine(among: frozenset[UUID], by: User, now: datetime) -> frozenset[UUID]:
    """My vendors, of these if there are any. Raises ValueError where there are none."""
    owned = Decision.objects.filter(owner=by, ended_at=None).values("credit_note_id")
    found = set(CreditNote.objects.filter(id__in=owned).values_list("vendor_id", flat=True))
    mine = Proposal.objects.filter(created_by=by, created_at__gte=now - MINE_FOR)
    found |= set(mine.values_list("vendor_id", flat=True))
    vendors = frozenset(one for one in found if one)
    if among:
        vendors &= among
    if not vendors:
        raise ValueError(
            _(
                "None of these vendors is yours: you own no decision about their credit and have "
                "proposed nothing for them in 90 days."
            )
        )
    return vendors


def discard(plan: Plan, *, by: User, now: datetime) -> None:
    """Throw a plan away; what was proposed from it stays. Raises NotAllowed, Conflict."""
    roles.check_may(by, "propose")
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=plan.pk)
        if plan.state == Plan.State.DISCARDED:
            raise workflow.Conflict(_("This plan has been discarded already."))
        if plan.groups.filter(batch__isnull=False, tried_at=None).exists():
            raise workflow.Conflict(_("It is being proposed right now. Wait until that is done."))
        plan.state, plan.finished_at, plan.lease_by = Plan.State.DISCARDED, now, ""
        plan.save(update_fields=["state", "finished_at", "lease_by"])
