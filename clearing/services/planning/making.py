"""The worker makes plans, a slice at a time: it reads, matches, and writes what came of it."""

import gc
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from clearing import matching, workflow
from clearing.models import Plan, PlanGroup
from clearing.services import grouping
from clearing.services.grouping import Key
from clearing.services.planning import storing
from clearing.services.planning.storing import Made
from clearing.services.planning.wishing import Wish

logger = logging.getLogger(__name__)
LONGEST = 0.7  # seconds after which a slice ends; sending waits as long
GROUPS = 200  # of discarded plans, deleted at once with their lines


def make(now: datetime, *, worker: str) -> bool:
    """One slice of the oldest plan under way; False where there is none."""
    free = Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_by=worker)
    under_way = Plan.objects.filter(free, state=Plan.State.RUNNING)
    plan = under_way.order_by("id").first()
    if plan is None:
        return False
    until = now + timedelta(seconds=settings.LEASE)
    if not under_way.filter(pk=plan.pk).update(lease_by=worker, lease_until=until):
        return False
    plan.refresh_from_db()
    try:
        with _without_collecting():
            return _slice(plan, worker)
    except OperationalError:  # the database was away or busy: again when the lease has ended
        raise
    except Exception:
        problem = _("Making this plan stopped over a mistake of ours; see the log.")
        _end(plan, worker, state=Plan.State.FAILED, problem=problem)
        raise


@contextmanager
def _without_collecting() -> Iterator[None]:
    """What a slice makes has no cycles: to look for some took a fifth of its time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _slice(plan: Plan, worker: str) -> bool:
    """Go on behind the last group done. What another worker has done meanwhile is not written."""
    wish = Wish.of(plan.scope)
    total = plan.groups_total or _count(wish)
    made, last, finished = _match(wish, _key(plan.cursor))
    with transaction.atomic():
        cursor = [str(last[0]), str(last[1]), last[2]] if last else plan.cursor
        same = Plan.objects.filter(
            pk=plan.pk, state=Plan.State.RUNNING, lease_by=worker, groups_done=plan.groups_done
        )
        if not same.update(
            cursor=cursor,
            groups_total=max(total, plan.groups_done + len(made)),
            groups_done=F("groups_done") + len(made),
        ):
            return False
        lines = storing.store(plan.pk, made)
        Plan.objects.filter(pk=plan.pk).update(lines_total=F("lines_total") + lines)
        if finished:
            _end(plan, worker, state=Plan.State.READY, groups_total=F("groups_done"))
    return True


def _match(wish: Wish, after: Key | None) -> tuple[list[Made], Key | None, bool]:
    """What the engine says of the next groups; the last of them, and whether it was the last."""
    until, made, last = time.monotonic() + LONGEST, [], None
    for groups in grouping.chunks(wish.scope, after=after, as_text=True):
        for group in groups:
            made.append(_made(group, wish.strength))
            last = made[-1].key
        if time.monotonic() >= until:
            return made, last, False
    return made, last, True


def _made(group: matching.Group, strength: int) -> Made:
    key: Key = group.key  # type: ignore[assignment]
    result = matching.match(group, grouping.rules(key[2]))
    lines = [one for one in result.suggestions if one.strength >= strength]
    lines.sort(key=lambda one: -one.strength)
    return Made(key, lines, result.gave_up)


def _key(cursor: list[Any]) -> Key | None:
    return (UUID(cursor[0]), UUID(cursor[1]), cursor[2]) if cursor else None


def _count(wish: Wish) -> int:
    """How many groups there are to go through."""
    keys = wish.scope.credits.order_by().values("vendor_id", "entity_id", "currency")
    return keys.distinct().count()


def _end(plan: Plan, worker: str, **fields: Any) -> None:
    mine = Plan.objects.filter(pk=plan.pk, state=Plan.State.RUNNING, lease_by=worker)
    mine.update(finished_at=workflow.now(), lease_by="", lease_until=None, **fields)


def tidy() -> bool:
    """Delete some of what was not proposed of discarded plans; False where there is nothing."""
    gone = PlanGroup.objects.filter(plan__state=Plan.State.DISCARDED, proposal=None)
    some = list(gone.values_list("pk", flat=True)[:GROUPS])
    return bool(some and PlanGroup.objects.filter(pk__in=some).delete()[0])
