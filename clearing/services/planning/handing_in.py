"""A plan becomes proposals: one vendor, or all that are open as one batch.

Each vendor's lines are proposed in a transaction of their own, together with what is said of
them in the plan: nothing is proposed twice, whoever clicks or dies. A line that no longer fits
is left out with its reason.
"""

import logging
import time
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from clearing import roles, usable, workflow
from clearing.models import Batch, InvoicePayable, Plan, PlanGroup, PlanLine, Proposal
from clearing.roles import User
from clearing.services import proposing
from clearing.services.fitting import Cell, Problems, Wanted, bound_pairs
from clearing.services.planning.altering import OPEN, lock

logger = logging.getLogger(__name__)
AT_ONCE = 50  # vendors that are proposed while the person waits
LONGEST = 1.0  # seconds of a slice of the worker's


def propose(group: PlanGroup, *, seen: str, by: User, now: datetime) -> PlanGroup:
    """Propose one vendor's lines; `seen` is what the person saw. Raises NotAllowed, Conflict.

    The group says what became of it: its proposal, or the problem why there is none.
    """
    roles.check_may(by, "propose")
    with transaction.atomic():
        group = lock(group.pk)
        if seen_of_one(group) != seen:
            raise workflow.Conflict(_("Its lines have changed since you looked. Look again."))
        return _hand_in(group, None, by=by, now=now)


def seen_of_one(group: PlanGroup) -> str:
    """What a person sees of a group, as its form sends it."""
    return str(group.version)


def seen_of(plan: Plan) -> str:
    """What a person sees of everything that is open, as the confirmation sends it."""
    groups = plan.groups.filter(OPEN, lines__gt=0)
    counted = groups.aggregate(groups=Count("pk"), lines=Sum("lines"), changes=Sum("version"))
    return ":".join(str(one or 0) for one in counted.values())


def propose_all(plan: Plan, *, note: str, seen: str, by: User, now: datetime) -> Batch:
    """Propose every open vendor of a plan as one batch; many are left to the worker.

    Raises NotAllowed, Conflict, ValueError (the note).
    """
    roles.check_may(by, "propose")
    if len(note) > proposing.LONGEST_NOTE:
        raise ValueError(_("Shorten the note to %(n)d characters.") % {"n": proposing.LONGEST_NOTE})
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=plan.pk)
        open_ = plan.groups.filter(OPEN, lines__gt=0)
        if plan.state != Plan.State.READY or not open_.exists():
            raise workflow.Conflict(_("Nothing of this plan is open any more."))
        if seen_of(plan) != seen:
            raise workflow.Conflict(_("The plan has changed since you looked. Look again."))
        batch = Batch.objects.create(plan=plan, note=note.strip(), created_by=by, created_at=now)
        count = open_.update(batch=batch, tried_at=None, problem="")
    if count <= AT_ONCE:
        while _next(batch):
            pass
    return batch


def hand_in() -> bool:
    """A slice of what the worker proposes for somebody; False where there is nothing."""
    until = time.monotonic() + LONGEST
    done = _next()
    while done and time.monotonic() < until and _next():
        pass
    return done


def _next(batch: Batch | None = None) -> bool:
    """Propose the next vendor that waits (of this batch); False where none does."""
    waiting = PlanGroup.objects.filter(batch__isnull=False, tried_at=None)
    if batch:
        waiting = waiting.filter(batch=batch)
    group = waiting.order_by("batch_id", "position", "pk").select_related("batch").first()
    if group is None:
        return False
    try:
        _one(group.pk)
    except OperationalError:  # the database was away or busy: again with the next slice
        raise
    except Exception:
        logger.exception("proposing group %s failed", group.pk, extra={"plan": group.plan_id})
        problem = _("Proposing it stopped over a mistake of ours; see the log.")
        waiting.filter(pk=group.pk).update(tried_at=workflow.now(), problem=problem)
    _forget_if_empty(group.batch)
    return True


def _forget_if_empty(batch: Batch | None) -> None:
    """A batch of which nothing could be proposed, once all was tried."""
    if batch and not batch.plan_groups.filter(tried_at=None).exists():
        Batch.objects.filter(pk=batch.pk, proposals=None).delete()


def _one(group_id: int) -> None:
    """Propose a group that waits, unless another worker was faster."""
    with transaction.atomic():
        group = PlanGroup.objects.select_for_update().get(pk=group_id)
        if group.batch and group.tried_at is None:
            _hand_in(group, group.batch, by=group.batch.created_by, now=workflow.now())


def _hand_in(group: PlanGroup, batch: Batch | None, *, by: User, now: datetime) -> PlanGroup:
    """Propose what fits of a group that is locked, and keep what became of each line."""
    lines = list(group.rows.filter(amount__gt=0))
    group.proposal, said, group.problem = _fitting(group, lines, batch, by)
    group.tried_at = now
    group.save(update_fields=["proposal", "problem", "tried_at"])
    for line in lines:
        line.problem = said.get((line.credit_note_id, line.invoice_payable_id), "")
    PlanLine.objects.bulk_update(lines, ["problem"], batch_size=200)
    return group


def _fitting(
    group: PlanGroup, lines: list[PlanLine], batch: Batch | None, by: User
) -> tuple[Proposal | None, dict[Cell, str], str]:
    """The proposal of what fits, a sentence for each line left out, one where nothing is left."""
    wanted = _wanted(lines)
    said = {cell: words for cell, words in bound_pairs(wanted).items() if cell in _cells(wanted)}
    while wanted := [one for one in wanted if one.cell not in said]:
        try:
            proposal = proposing.propose(
                vendor_id=group.vendor_id, entity_id=group.entity_id, currency=group.currency,
                wanted=wanted, note=batch.note if batch else "", batch=batch, by=by,
            )  # fmt: skip
        except Problems as problems:
            if not problems.cells:
                return None, said, " ".join(problems.general)
            said |= problems.cells
        except (workflow.Conflict, roles.NotAllowed) as problem:
            return None, said, str(problem)
        else:
            return proposal, said, ""
    return None, said, _("None of its lines can be proposed any more.")


def _wanted(lines: list[PlanLine]) -> list[Wanted]:
    """The links of these lines; those to posted invoices last, as they are sent."""
    ids: list[UUID] = [line.invoice_payable_id for line in lines]
    states = dict(InvoicePayable.objects.filter(id__in=ids).values_list("id", "state"))
    lines = sorted(
        lines, key=lambda line: usable.is_posted(states.get(line.invoice_payable_id, ""))
    )
    return [
        Wanted(line.credit_note_id, line.invoice_payable_id, line.amount, line.why)
        for line in lines
    ]


def _cells(wanted: list[Wanted]) -> set[Cell]:
    return {one.cell for one in wanted}
