"""One outlook per open credit note: its best suggestion, else the first cause that holds."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from clearing import causes, known, matching, usable
from clearing.matching import values
from clearing.models import Balance, CreditNote, Outlook
from clearing.services.diagnosing.around import Around

ENDED = ("CLEARED", "ARCHIVED")
COLUMNS = (
    "id", "vendor_id", "entity_id", "currency", "amount", "status", "document_day", "gone_at",
    "adjusts_payables",
)  # fmt: skip
FIGURES = ("document_id", "available", "held", "usable")


class Said(NamedTuple):
    """What is said of one note: what is left of it, and its suggestion or its cause."""

    left: int
    cause: str = ""
    details: Mapping[str, Any] = {}
    strength: int = 0
    suggested: int = 0


def open_notes(notes: QuerySet[CreditNote]) -> list[Any]:
    """Those that may have something left, as named tuples of COLUMNS."""
    found = notes.filter(gone_at=None).exclude(status__in=ENDED).exclude(adjusts_payables=False)
    return list(found.values_list(*COLUMNS, named=True))


def judge(notes: list[Any], stored: Mapping[UUID, Outlook], now: datetime) -> list[Outlook]:
    """The outlooks of these notes, unsaved; they must be all the open ones of their vendors."""
    rows = Balance.objects.filter(document_id__in=[note.id for note in notes])
    balances = {row.document_id: row for row in rows.values_list(*FIGURES, named=True)}
    around = Around.of(notes)
    said = {note.id: _say(note, balances.get(note.id), around) for note in notes}
    around.add_payments(said)
    return [_row(note, one, stored.get(note.id), now) for note in notes if (one := said[note.id])]


def _say(note: Any, balance: Any, around: Around) -> Said | None:
    """What holds of this note; None where nothing is left of it."""
    if cause := _unfinished(note):
        return Said(max(note.amount or 0, 0), cause, {"status": note.status})
    problem = usable.credit_note_problem(note, partially_cleared_linkable=True)
    if problem:
        ends = note.amount is not None and note.amount <= 0
        return None if ends else Said(0, causes.INCOMPLETE, {"lacks": problem.code})
    if balance is None or balance.available is None:
        return Said(0, causes.UNREAD)
    free = balance.available
    if free <= 0:
        return Said(balance.held, causes.IN_REVIEW) if balance.held > 0 else None
    if not balance.usable:
        partly = note.status == "PARTIALLY_CLEARED" and not known.answers().partly_linkable
        rest = causes.PARTLY_CLEARED if known.answers().rest_is_open else causes.REST_REFUSED
        return Said(free, rest if partly else causes.IN_REVIEW)
    if other := around.twins.get(note.id):
        name = str(other)
        if other.vendor_id != note.vendor_id:
            name = f"{name} ({other.vendor_name})"
        return Said(free, causes.DUPLICATE, {"id": str(other.id), "number": name})
    if best := around.best.get(note.id):
        return Said(free, strength=best.strength, suggested=best.amount)
    cause, details = _without_suggestion(note, free, around)
    return Said(free, cause, details)


def _unfinished(note: Any) -> str:
    """The cause of a note that is not in the ledger yet, or not in a status known here."""
    if note.status not in {"POSTED", "PARTIALLY_CLEARED"} | usable.NOTE_NEVER.keys():
        return causes.UNKNOWN_STATUS
    if note.vendor_id is None:
        return causes.NO_VENDOR
    return "" if note.status in {"POSTED", "PARTIALLY_CLEARED"} else causes.NOT_POSTED


def _without_suggestion(note: Any, free: int, around: Around) -> tuple[str, dict[str, Any]]:
    """Why the engine suggests nothing for a note that could be used."""
    unused = around.unused.get(note.id)
    group = around.groups.get((note.vendor_id, note.entity_id, note.currency))
    if unused and unused.cause == values.CITES_PAID and unused.payable_id:
        return causes.CITES_PAID, {"id": str(unused.payable_id)}
    if group is None or not group.payables:
        return around.elsewhere(note)
    if unused and unused.sets > 1:
        return causes.SEVERAL, {"sets": unused.sets}
    if unused and unused.cause == values.ONE_POSTED:
        return causes.ONE_POSTED, {}
    left = [one for one in group.payables if (note.id, one.id) not in group.without]
    if not left:
        declined = any((note.id, one.id) in around.declined for one in group.payables)
        return (causes.DECLINED if declined else causes.BOUND), {}
    return _taken(free, left)


def _taken(free: int, payables: Iterable[matching.Payable]) -> tuple[str, dict[str, Any]]:
    amounts = [one.open for one in payables]
    if free > max(amounts):
        return causes.LARGER, {"largest": max(amounts)}
    return causes.TAKEN, {"open": sum(amounts)}


def _row(note: Any, said: Said, stored: Outlook | None, now: datetime) -> Outlook:
    """The row; a cause that stays keeps the time since when it is known."""
    limit = settings.SMALL_REST.get(note.currency, 0)
    stays = stored is not None and stored.cause == said.cause
    return Outlook(
        credit_note_id=note.id,
        vendor_id=note.vendor_id,
        entity_id=note.entity_id,
        currency=note.currency,
        left=said.left,
        day=note.document_day,
        strength=said.strength,
        suggested=said.suggested,
        cause=said.cause,
        details=dict(said.details),
        small=0 < said.left <= limit and said.left < (note.amount or 0),
        since=stored.since if stored and stays else now,
    )
