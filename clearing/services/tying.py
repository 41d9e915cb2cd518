"""Ties a month to the ledger: the figure read there, its explanation, and what may stay."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clearing import money, roles, usable, workflow
from clearing.models import Accepted, LedgerFigure, Paper
from clearing.reasons import LONGEST
from clearing.roles import User
from clearing.services import papering
from clearing.workflow import Conflict

NAMED = 100  # keys in the trail; the rows hold all of them


def enter(
    *, entity_id: UUID, month: date, currency: str, amount: int, explained: int, words: str,
    by: User,
) -> LedgerFigure:  # fmt: skip
    """What the ledger shows, and how much of the difference to ours is explained, and how.

    Amounts in the smallest unit of `currency`. Raises NotAllowed, Conflict where the month is
    signed, ValueError (what to change).
    """
    roles.check_may(by, "tie")
    _check_not_signed(entity_id, month)
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


def _check_not_signed(entity_id: UUID, month: date) -> None:
    if papering.is_signed(entity_id, month):
        raise Conflict(_("Two people have signed this month. Open it again first."))


def accept(
    *, entity_id: UUID, month: date, paper_id: int, keys: Collection[str], reason: str, by: User
) -> int:
    """Let exceptions, or old credit, stay as they are for this signature; how many are new.

    keys: as the lists of this paper name them, which has to be the newest. Raises NotAllowed,
    Conflict, ValueError (the words).
    """
    roles.check_may(by, "tie")
    _check_not_signed(entity_id, month)
    if not reason.strip():
        raise ValueError(_("Say why they may stay as they are."))
    if len(reason) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})
    if not keys:
        raise ValueError(_("Choose at least one of them."))
    now = workflow.now()
    with transaction.atomic():
        paper = papering.newest(entity_id, month)
        if paper is None or paper.pk != paper_id or not set(keys) <= _listed(paper):
            raise Conflict(_("This list has changed. Look at it again."))
        rows = [
            Accepted(
                key=key, entity_id=entity_id, month=month, reason=reason.strip(), by=by,
                by_name=workflow.name_of(by), at=now,
            )
            for key in sorted(keys)
        ]  # fmt: skip
        before = Accepted.objects.count()
        Accepted.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        details = {
            "entity": str(entity_id), "month": f"{month:%Y-%m}", "number": len(rows),
            "keys": sorted(keys)[:NAMED],
        }  # fmt: skip
        workflow.record(
            "accepted for the month", None, by=by, now=now, reason=reason.strip(), details=details
        )
        papering.want(entity_id=entity_id, month=month, now=now)
    return Accepted.objects.count() - before


def _listed(paper: Paper) -> set[str]:
    """What can be accepted on this paper."""
    return set(paper.rows.exclude(key="").order_by().values_list("key", flat=True).iterator())
