"""One durable step: a short transaction that many workers can take at the same time.

Every step writes balances, and a balance depends on all lines and links of its document. So a
step first locks the documents, then all balances it may write in everybody's order: nobody
overwrites a balance with an older sum, and nobody waits in a circle. Where a line began on one
more document meanwhile, the step begins anew, or it would lock that one out of turn.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet

from clearing import balances
from clearing.models import Clearing, CreditNote, Instruction, InvoicePayable, Link

TRIES = 5
T = TypeVar("T")


class _Grown(OperationalError):
    """A line began meanwhile between a document that is held and one that is not."""


def durably(line: Instruction, step: Callable[[], T], *, neighbours: bool = False) -> T:
    """Run `step` in a transaction that holds the line's documents; again where it was ended.

    neighbours: the step changes what Light shows, so documents on the other side follow.
    """
    tries_left = TRIES
    while True:
        tries_left -= 1
        try:
            with transaction.atomic():
                _hold(line, neighbours)
                return step()
        except OperationalError:
            if not tries_left:
                raise
            line.refresh_from_db()


def _hold(line: Instruction, neighbours: bool) -> None:
    named = {line.credit_note_id, line.invoice_payable_id}
    named |= set(line.followers.values_list("invoice_payable_id", flat=True))  # they fall with it
    documents = {one for one in named if one}
    locked: tuple[tuple[QuerySet[Any], set[Any]], ...] = (
        (CreditNote.objects.order_by("id"), documents),
        (InvoicePayable.objects.order_by("id"), documents),
    )
    for rows, ids in locked:
        list(rows.select_for_update().filter(pk__in=ids).values_list("pk"))
    held = documents | _other_sides(line) if neighbours else documents
    balances.lock(held)  # from here on nobody begins a line on them
    if neighbours and _has_grown(line, held):
        raise _Grown


def _has_grown(line: Instruction, held: set[UUID]) -> bool:
    return not _other_sides(line) <= held


def _other_sides(line: Instruction) -> set[UUID]:
    """Every document that is linked, cleared or in a line with one of these two."""
    touches = Q(credit_note_id=line.credit_note_id)
    if line.invoice_payable_id:
        touches |= Q(invoice_payable_id=line.invoice_payable_id)
    found: set[UUID | None] = set()
    for model in (Link, Clearing, Instruction):
        pairs = model._default_manager.filter(touches)
        for pair in pairs.values_list("credit_note_id", "invoice_payable_id"):
            found |= set(pair)
    return {one for one in found if one}
