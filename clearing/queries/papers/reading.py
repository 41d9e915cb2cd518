"""Reads everything that a paper says, at one moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from clearing.models import (
    AuditEvent,
    Difference,
    LedgerFigure,
    Movement,
    Seen,
    Suspicion,
    SyncRun,
)
from clearing.queries.papers import checks
from clearing.queries.papers.moved import BY_LIGHT, FX, REOPENED
from clearing.queries.papers.not_posted import NOT_POSTED
from clearing.queries.papers.open_credit import OPEN, RESTS
from clearing.queries.papers.owing import OWING
from clearing.queries.papers.promised import NOT_HONOURED, PROMISED
from clearing.queries.papers.scope import List, Row, Scope
from clearing.queries.rolling import RollForward, roll_forward
from clearing.sheets import Tally

COLUMNS = ("id", "kind", "credit_note_id", "clearing_id", "currency", "amount", "local", "day")


@dataclass(frozen=True)
class Content:
    """A paper before it is kept. `movements_to`: the last movement that was seen."""

    figures: dict[str, Any]
    lists: Mapping[str, list[Row]]
    movements_to: int


def basis() -> str:
    """What a paper depends on, in short: it changes with whatever may change a paper."""
    parts = (
        Movement.objects.aggregate(last=Max("pk")),
        Seen.objects.aggregate(last=Max("pk")),
        Suspicion.objects.aggregate(last=Max("pk")),
        Difference.objects.aggregate(last=Max("pk")),
        AuditEvent.objects.aggregate(last=Max("pk")),
        SyncRun.objects.filter(state=SyncRun.State.DONE).aggregate(last=Max("pk")),
    )
    return ".".join(str(part["last"] or 0) for part in parts)


def read_month(entity_id: UUID, month: date, now: datetime) -> Content:
    """The same as `read`, of what a MonthEnd names."""
    return read(Scope.of(entity_id, month, now))


def read(scope: Scope) -> Content:
    """Figures and lists of one month. Figures are plain data, for JSON:

    rolled: of each currency opening, moved and late by kind, closing; open: its closing by why
    and age; lists: rows and amount of each list per currency, with the digest of its rows;
    ledger: what people have read in Light's ledger; facts: see checks.facts; movements: how many
    stand behind the month, and their digest.
    """
    last = Movement.objects.aggregate(last=Max("pk"))["last"] or 0
    kept: tuple[List, ...] = (
        NOT_POSTED, OWING, BY_LIGHT, PROMISED, NOT_HONOURED, RESTS, FX, REOPENED, checks.TO_ACCEPT,
    )  # fmt: skip
    lists = {one.key: list(one.rows(scope)) for one in (OPEN, *kept)}
    lists[checks.TO_DECIDE.key] = checks.old_credit(scope, lists[OPEN.key])
    figures = {
        "rolled": [_plain(one) for one in roll_forward(scope.entity_id, scope.month)],
        "open": _by_part(lists[OPEN.key]),
        "lists": {key: _sums(rows) for key, rows in lists.items()},
        "ledger": ledger(scope),
        "facts": checks.facts(scope),
        "movements": _movements(scope),
        "local": scope.local,
        "entity": str(scope.entity_id),
        "month": f"{scope.month:%Y-%m}",
    }
    return Content(figures, lists, last)


def _plain(one: RollForward) -> dict[str, Any]:
    return {
        "currency": one.currency,
        "opening": asdict(one.opening),
        "moved": {kind: asdict(figure) for kind, figure in one.moved.items()},
        "late": {kind: asdict(figure) for kind, figure in one.late.items()},
        "closing": asdict(one.closing),
    }


def _by_part(rows: Iterable[Row]) -> list[list[Any]]:
    """Currency, why, age, how many rows, their amount; in order."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        group = found[row.currency, row.part, row.age]
        group[0] += 1
        group[1] += row.amount or 0
    return [[*key, *found[key]] for key in sorted(found)]


def _sums(rows: list[Row]) -> dict[str, Any]:
    tally = Tally(())
    by_currency: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row, _kept in zip(rows, tally.over(row.kept for row in rows), strict=True):
        group = by_currency[row.currency]
        group[0] += 1
        group[1] += row.amount or 0
    sums = {currency: by_currency[currency] for currency in sorted(by_currency)}
    return {"count": len(rows), "sums": sums, "digest": tally.digest}


def ledger(scope: Scope) -> dict[str, dict[str, Any]]:
    """The newest figure of each currency."""
    found = {}
    rows = LedgerFigure.objects.filter(entity_id=scope.entity_id, month=scope.month)
    for row in rows.order_by("pk"):
        found[row.currency] = {
            "amount": row.amount,
            "explained": row.explained,
            "words": row.words,
            "by": row.by_name,
            "at": row.at.isoformat(timespec="microseconds"),
        }
    return dict(sorted(found.items()))


def _movements(scope: Scope) -> dict[str, Any]:
    tally = Tally(())
    mine = Movement.objects.filter(entity_id=scope.named, month=scope.month).order_by("pk")
    rows = ((str(cell) for cell in row) for row in mine.values_list(*COLUMNS).iterator())
    for _row in tally.over(tuple(row) for row in rows):
        pass
    return {"count": tally.count, "digest": tally.digest}
