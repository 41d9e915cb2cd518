"""Two people sign the paper of a month; opening it again needs a reason.

Nothing of it is sent to Light. A signed paper is never changed: what changes the month later is
told beside it (queries.month_end.changed).
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clearing import roles, sealed, signable, workflow
from clearing.models import LedgerFigure, MonthEnd, Movement, Paper, Reopening, Signature
from clearing.models.movement import NO_ENTITY
from clearing.reasons import LONGEST
from clearing.roles import User
from clearing.workflow import Conflict

PLACES = len(Signature.PLACES)


def sign(*, paper_id: int, hash: str, facts: Mapping[str, Any], by: User) -> Signature:
    """Sign the newest paper of a month, as it was seen (its `hash`).

    facts: of the month as they are now (queries.papers.facts_to_sign). Raises NotAllowed; Conflict
    with a sentence where the figures have changed, something stands in the way, or somebody was
    faster.
    """
    roles.check_may(by, "sign")
    now = workflow.now()
    with transaction.atomic():
        paper = _locked(paper_id)
        if paper is None or paper.hash != hash or changed(paper):
            raise Conflict(_("The figures have changed. Look at them again, then sign."))
        if Reopening.objects.filter(paper=paper).exists():
            raise Conflict(_("This month was opened again. Its figures are being made anew."))
        signed = list(paper.signatures.all())
        check(paper, signed, facts, by)
        try:
            with transaction.atomic():
                row = Signature.objects.create(
                    paper=paper, place=Signature.PLACES[len(signed)], by=by,
                    by_name=workflow.name_of(by), at=now,
                    head=str(sealed.head() or ""),
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict(_("Somebody was faster: this month was signed. Reload it.")) from error
        _record("signed the month", paper, by=by, now=now, place=row.place)
    return row


def check(paper: Paper, signed: list[Signature], facts: Mapping[str, Any], by: User) -> None:
    """Raise Conflict with a sentence unless this person can put the next signature there."""
    if len(signed) >= PLACES:
        raise Conflict(_("Two people have signed this month already."))
    if any(one.by_id == by.pk for one in signed):
        raise Conflict(_("You have signed this month yourself. A second person has to sign it."))
    if found := signable.obstacles(paper.figures, facts):
        raise Conflict(" ".join(found))


def reopen(*, paper_id: int, reason: str, by: User) -> Reopening:
    """Take back what was signed, with the reason; the paper and its signatures stay as they are.

    Raises NotAllowed, Conflict, ValueError (the words).
    """
    roles.check_may(by, "tie")
    if not reason.strip():
        raise ValueError(_("Say why this month has to be opened again."))
    if len(reason) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})
    now = workflow.now()
    with transaction.atomic():
        paper = _locked(paper_id)
        if paper is None or not paper.signatures.exists():
            raise Conflict(_("Nobody has signed this month. Reload the page."))
        row, made = Reopening.objects.get_or_create(
            paper=paper,
            defaults={
                "by": by,
                "by_name": workflow.name_of(by),
                "at": now,
                "reason": reason.strip(),
            },
        )
        if not made:
            raise Conflict(_("Somebody was faster: this month was opened again. Reload the page."))
        MonthEnd.objects.filter(pk=paper.month_end_id).update(wanted_at=now)
        _record("opened the month again", paper, by=by, now=now, reason=reason.strip())
    return row


def changed(paper: Paper) -> bool:
    """Whether movements up to its month, or the ledger's figures, are newer than the paper."""
    end = paper.month_end
    named = None if end.entity_id == NO_ENTITY else end.entity_id
    newer = Movement.objects.filter(
        entity_id=named, month__lte=end.month, late=True, id__gt=paper.movements_to
    )
    return newer.exists() or _ledger(end) != {
        currency: entry["at"] for currency, entry in paper.figures["ledger"].items()
    }


def _ledger(end: MonthEnd) -> dict[str, str]:
    """When the ledger's figure of each currency was entered last, as a paper says it."""
    figures = LedgerFigure.objects.filter(entity_id=end.entity_id, month=end.month)
    return {
        row.currency: row.at.isoformat(timespec="microseconds") for row in figures.order_by("pk")
    }


def _locked(paper_id: int) -> Paper | None:
    """The paper, if it is the newest of its month; its month is locked."""
    paper = Paper.objects.filter(pk=paper_id).select_related("month_end").first()
    if paper is None:
        return None
    MonthEnd.objects.select_for_update().get(pk=paper.month_end_id)
    newer = Paper.objects.filter(month_end=paper.month_end_id, pk__gt=paper.pk)
    return None if newer.exists() or not Paper.objects.filter(pk=paper.pk).exists() else paper


def _record(verb: str, paper: Paper, *, by: User, now: Any, reason: str = "", **more: Any) -> None:
    end = paper.month_end
    details = {
        "entity": str(end.entity_id), "month": f"{end.month:%Y-%m}", "hash": paper.hash,
    }  # fmt: skip
    workflow.record(verb, None, by=by, now=now, reason=reason, details=details | more)
