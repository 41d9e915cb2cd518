"""The sealed audit trail as the database holds it: its head, and a walk along it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce

from clearing.chain import COLUMNS, Event, Seal, Walk, Wrong
from clearing.models import AuditEvent, AuditSeal, Evidence, Signature

AT_ONCE = 2_000
UNREADABLE = (ValueError, TypeError, AttributeError)  # what SQLite keeps in any column


@dataclass(frozen=True)
class Head:
    """The end of the chain: print it as "seq:digest" where it must be proven later."""

    seq: int
    digest: str
    at: datetime
    event_id: int

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"


def head() -> Head | None:
    """The newest seal; None where nothing is sealed yet."""
    row = AuditSeal.objects.order_by("-seq").first()
    return Head(row.seq, row.digest, row.sealed_at, row.event_id) if row else None


def heads() -> Iterable[tuple[int, str]]:
    """Every head that this database knows to have been printed: seq and digest.

    On evidence files, and under the months that people have signed.
    """
    for kept in (Evidence.objects, Signature.objects):
        for text in kept.exclude(head="").order_by().values_list("head", flat=True).iterator():
            seq, _colon, digest = text.partition(":")
            if seq.isdigit() and digest:
                yield int(seq), digest


def unsealed() -> QuerySet[AuditEvent]:
    """The events after the last sealed one, oldest first."""
    last = AuditSeal.objects.order_by("-seq").values("event_id")[:1]
    return AuditEvent.objects.filter(pk__gt=Coalesce(last, 0)).order_by("pk")


def wrong(walk: Walk) -> Iterator[Wrong]:
    """What is not as it was sealed, with every head that this database knows."""
    for seq, digest in heads():
        walk.printed.setdefault(seq, set()).add(digest)
    # What is sealed while we walk is left for the next time: its events may be unseen by now.
    top = AuditSeal.objects.aggregate(top=Max("seq"))["top"] or 0
    return walk.wrong(events(), seals(top))


def events() -> Iterator[Event]:
    """Every event in the order of ids, in constant memory."""
    return _stream(AuditEvent.objects.all(), "id", COLUMNS)


def seals(top: int) -> Iterator[Seal]:
    """Every seal up to `top`, in their order."""
    rows = AuditSeal.objects.filter(seq__lte=top)
    columns = ("seq", "event_id", "digest", "sealed_at")
    return ((*row, *[None] * (4 - len(row))) for row in _stream(rows, "seq", columns))


def _stream(rows: QuerySet, key: str, columns: tuple[str, ...]) -> Iterator[Any]:
    """Rows by their key, in slices; (key, None) for one that cannot be read."""
    last, ordered = None, rows.order_by(key)
    while True:
        asked = ordered if last is None else ordered.filter(**{f"{key}__gt": last})
        try:
            found = list(asked.values_list(*columns)[:AT_ONCE])
        except UNREADABLE:
            keys = list(asked.values_list(key, flat=True)[:AT_ONCE])
            found = [_one(rows.filter(**{key: one}), one, columns) for one in keys]
        if not found:
            return
        yield from found
        last = found[-1][0]


def _one(row: QuerySet, key: int, columns: tuple[str, ...]) -> tuple[Any, ...]:
    try:
        return row.values_list(*columns).first() or (key, None)
    except UNREADABLE:
        return (key, None)
