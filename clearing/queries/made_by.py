"""Which line made a movement: the one that was in Light when the movement came to be known."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min

from clearing.models import Instruction, Movement

K, Kind = Movement.Kind, Instruction.Kind
KINDS = {
    K.NEW: [Kind.POST],
    K.CLEARED: [Kind.LINK],
    K.UNDONE: [Kind.REVERSE],
    K.CANCELLED: [Kind.ARCHIVE],
}
Known = dict[tuple[Any, ...], datetime]
FACT = ("kind", "credit_note_id", "invoice_payable_id", "clearing_id")


def lines(rows: Iterable[Movement], *, amended: bool = False) -> dict[int, Instruction]:
    """By movement that was made here, the last line of its pair that was done by then.

    amended: of a link, the line that changed its amount last. Three queries.
    """
    ours = [row for row in rows if row.made == Movement.Made.HERE and row.takes_back is None]
    if not ours:
        return {}
    done, known = _done(ours), _known(ours)
    found = {}
    for row in ours:
        kinds = [*KINDS[K(row.kind)], *([Kind.AMEND] if amended and row.kind == K.CLEARED else [])]
        for line in done[row.credit_note_id, row.invoice_payable_id]:
            if line.kind in kinds and line.done_at and line.done_at <= known[_fact(row)]:
                found[row.pk] = line
    return found


def _done(rows: list[Movement]) -> dict[tuple[UUID, UUID | None], list[Instruction]]:
    """By pair, what was done, in the order of its doing."""
    found = defaultdict(list)
    every = Instruction.objects.filter(
        credit_note_id__in=[row.credit_note_id for row in rows],
        state=Instruction.State.DONE,
        done_at__isnull=False,
    )
    people = every.select_related("asked_by", "approved_by").prefetch_related("attempts")
    for line in people.order_by("done_at", "pk"):
        found[line.credit_note_id, line.invoice_payable_id].append(line)
    return found


def _known(rows: list[Movement]) -> Known:
    """When each fact was first known: one that was taken back and stands anew is the same."""
    notes = {row.credit_note_id for row in rows}
    every = Movement.objects.filter(credit_note_id__in=notes, takes_back=None)
    first = every.order_by().values_list(*FACT).annotate(Min("known_at"))
    return {tuple(fact): at for *fact, at in first}


def _fact(row: Movement) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in FACT)
