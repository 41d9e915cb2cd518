"""Ties a month to the ledger: the figure read there, its explanation, and what may stay."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clearing import money, roles, usable, workflow
from clearing.models import Accepted, LedgerFigure
from clearing.reasons import LONGEST
from clearing.roles import User
from clearing.services import papering
from clearing.workflow import Conflict

MOST = 1_000  # accepted at once


def enter(
    *, entity_id: UUID, month: date, currency: str, amount: int, explained: int, words: str,
    by: User,
) -> LedgerFigure:  # fmt: skip
    """What the ledger shows, and how much of the difference to ours is explained, and how.

    Amounts in the smallest unit of `currency`. Raises NotAllowed, ValueError (what to change).
    """
    roles.check_may(by, "tie")
    if explained and not words.strip():
        raise ValueError(_("Say what explains this part of the difference."))
    if len(words) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})
    if max(abs(amount), abs(explained)) > usable.LARGEST:
        raise ValueError(_("This amount is too large."))
    now = workflow.now()
    with transaction.atomic():
        figures = LedgerFigure.objects.filter(entity_id=entity_id, month=month, currency=currency)
        before = figures.order_by("-pk").first()
        row = LedgerFigure.objects.create(
            entity_id=entity_id, month=month, currency=currency, amount=amount,
            explained=explained, words=words.strip(), by=by, by_name=workflow.name_of(by), at=now,
        )  # fmt: skip
        details = {
            "entity": str(entity_id), "month": f"{month:%Y-%m}", "changes": _changes(before, row),
        }  # fmt: skip
        workflow.record(
            "entered the ledger's figure", None, by=by, now=now, reason=words.strip(),
            details=details, about={"amount": amount, "currency": currency},
        )  # fmt: skip
        papering.want(entity_id=entity_id, month=month, now=now)
    return row


def _changes(before: LedgerFigure | None, row: LedgerFigure) -> list[dict[str, str]]:
    """What was entered, for the trail; the figure always, the explanation where it changed."""
    was = (before.amount, before.explained) if before else (None, 0)
    pairs = zip(("ledger_amount", "explained"), was, (row.amount, row.explained), strict=True)
    return [
        {
            "field": name,
            "was": "" if old is None else money.text(old, row.currency),
            "now": money.text(new, row.currency),
        }
        for name, old, new in pairs
        if name == "ledger_amount" or old != new
    ]


def accept(*, entity_id: UUID, month: date, keys: Collection[str], reason: str, by: User) -> int:
    """Let exceptions, or old credit, stay as they are for this signature; how many are new.

    keys: as the paper's lists name them. Raises NotAllowed, Conflict, ValueError (the words).
    """
    roles.check_may(by, "tie")
    if not reason.strip():
        raise ValueError(_("Say why they may stay as they are."))
    if len(reason) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})
    if not keys:
        raise ValueError(_("Choose at least one of them."))
    if len(keys) > MOST:
        raise ValueError(_("Choose at most %(n)d at once.") % {"n": MOST})
    now = workflow.now()
    with transaction.atomic():
        known = set(_listed(entity_id, month, keys))
        if known != set(keys):
            raise Conflict(_("This list has changed. Look at it again."))
        rows = [
            Accepted(
                key=key, entity_id=entity_id, month=month, reason=reason.strip(), by=by,
                by_name=workflow.name_of(by), at=now,
            )
            for key in sorted(known)
        ]  # fmt: skip
        before = Accepted.objects.filter(key__in=known).count()
        Accepted.objects.bulk_create(rows, ignore_conflicts=True)
        details = {
            "entity": str(entity_id), "month": f"{month:%Y-%m}", "keys": sorted(known),
        }  # fmt: skip
        workflow.record(
            "accepted for the month", None, by=by, now=now, reason=reason.strip(), details=details
        )
        papering.want(entity_id=entity_id, month=month, now=now)
    return len(known) - before


def _listed(entity_id: UUID, month: date, keys: Collection[str]) -> set[str]:
    """Those of these keys that the newest paper lists."""
    paper = papering.newest(entity_id, month)
    if paper is None:
        return set()
    rows = paper.rows.filter(list__in=["exceptions", "undecided"]).values_list("cells", flat=True)
    wanted = set(keys)
    return {cell for cells in rows.iterator() for cell in cells if cell in wanted}
