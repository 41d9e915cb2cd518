"""Keeps the paper of a month: made by the worker when it is wanted, and replaced until signed.

What it says is read by queries.papers, which the worker passes in.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clearing import serial
from clearing.models import (
    AuditEvent,
    MonthEnd,
    Movement,
    Paper,
    PaperRow,
    Reopening,
    Signature,
)
from clearing.sheets import Tally, plain
from clearing.workflow import content_hash

KEPT = ("currency", "amount", "part", "age", "key")  # beside the cells, as they are hashed
REST = 10  # times as long as a paper took it is not made again
BATCH = 1_000  # rows in one statement
LEASE = timedelta(minutes=10)  # longer than any paper takes
AFTER_A_MISTAKE = 6  # seconds that it is said to have taken: again in a minute at the earliest
KEEP = timedelta(days=60)


class Content(Protocol):
    """What a paper is to say: see queries.papers.reading.Content."""

    @property
    def figures(self) -> dict[str, Any]: ...

    @property
    def lists(self) -> Mapping[str, Iterable[Any]]: ...

    @property
    def movements_to(self) -> int: ...


Read = Callable[[UUID, date, datetime], Content]


def want(*, entity_id: UUID, month: date, now: datetime) -> MonthEnd:
    """Have the paper of this month made soon; not at once where making it takes long."""
    row, _made = MonthEnd.objects.get_or_create(entity_id=entity_id, month=month)
    if row.wanted_at is None:
        rested = timedelta(seconds=REST * row.seconds)
        at = max(now, row.checked_at + rested) if row.checked_at else now
        MonthEnd.objects.filter(pk=row.pk, wanted_at=None).update(wanted_at=at)
        row.wanted_at = at
    return row


def make(now: datetime, *, read: Read, basis: Callable[[], str]) -> bool:
    """The paper that is wanted longest; False where none is. Reads at one moment, then keeps."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    wanted = MonthEnd.objects.filter(free, wanted_at__lte=now)
    row = wanted.order_by("wanted_at").first()
    if row is None:
        return False
    until = now + LEASE
    if not wanted.filter(pk=row.pk).update(lease_until=until):
        return False
    ours = MonthEnd.objects.filter(pk=row.pk, lease_until=until)
    began, over = time.monotonic(), False
    try:
        with _one_moment() as still:
            if not still:
                return False
            known = basis()
            content = read(row.entity_id, row.month, now)
        with transaction.atomic():
            if ours.select_for_update().first() is not None:  # else another worker has it by now
                _keep(row, content, now)
                ours.update(basis=known, checked_at=now, seconds=time.monotonic() - began,
                            problem="")  # fmt: skip
        over = True
    except Exception:
        over = True
        problem = _("The lists of this month were not made over a mistake of ours; see the log.")
        ours.update(problem=problem, checked_at=now, seconds=AFTER_A_MISTAKE)
        raise
    finally:
        if over:  # what was wanted again meanwhile stays so
            ours.filter(wanted_at=row.wanted_at).update(wanted_at=None)
        ours.update(lease_until=None)
    return True


def tidy(now: datetime) -> bool:
    """Forget a paper that nobody has signed or asked for in KEEP; False where there is none."""
    old = Paper.objects.filter(signatures=None, month_end__checked_at__lt=now - KEEP)
    paper = old.order_by("pk").first()
    if paper is None:
        return False
    paper.delete()
    return True


@contextmanager
def _one_moment() -> Iterator[bool]:
    """Everything inside is read as of the same moment, and keeps nobody from writing.

    False, and nothing of the kind, where somebody is just booking: a movement that they commit
    later could have a lower id than the last one that is seen now.
    """
    if connection.in_atomic_block:  # a test
        yield True
        return
    kind = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else ""
    with serial.quiet(serial.Rows.MOVEMENTS) as quiet, connection.cursor() as cursor:
        if quiet:
            cursor.execute(f"BEGIN{kind}")
            try:
                Movement.objects.order_by().first()  # the moment begins with the first query
            except Exception:
                cursor.execute("ROLLBACK")  # or the lock could not be given back
                raise
    if not quiet:
        yield False
        return
    try:
        yield True
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def _keep_rows(paper: Paper, key: str, found: Iterable[Any]) -> None:
    rows = (
        PaperRow(
            paper=paper, list=key, position=place, currency=one.currency, amount=one.amount,
            part=one.part, age=one.age, key=one.key, cells=plain(one.cells),
        )
        for place, one in enumerate(found, start=1)
    )  # fmt: skip
    while some := list(islice(rows, BATCH)):
        PaperRow.objects.bulk_create(some)


def _ties(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the figures of the period agree; why something is open may have changed."""
    kept = json.loads(json.dumps(other))
    return all(one[part] == kept[part] for part in ("rolled", "movements", "ledger"))


def altered(paper: Paper) -> list[str]:
    """What of a signed paper is not as it was: "figures", or the lists whose rows differ.

    The sealed trail holds the hash that each of its people has signed.
    """
    told = AuditEvent.objects.filter(verb="signed the month", details__hash=paper.hash)
    is_so = content_hash(paper.figures) == paper.hash and told.count() >= paper.signatures.count()
    found = [] if is_so else ["figures"]
    rows = paper.rows.order_by("position").values_list(*KEPT, "cells")
    for key, known in paper.figures["lists"].items():
        tally = Tally(())
        for _row in tally.over((*row, *cells) for *row, cells in rows.filter(list=key).iterator()):
            pass
        if (tally.count, tally.digest) != (known["count"], known["digest"]):
            found.append(key)
    return found


def is_signed(entity_id: UUID, month: date) -> bool:
    """Whether two people have signed the month, and nobody has opened it again."""
    paper = newest(entity_id, month)
    if paper is None or Reopening.objects.filter(paper=paper).exists():
        return False
    return paper.signatures.count() == len(Signature.PLACES)


def newest(entity_id: UUID, month: date) -> Paper | None:
    """The paper that counts, if one was made."""
    papers = Paper.objects.filter(month_end__entity_id=entity_id, month_end__month=month)
    return papers.order_by("-pk").first()


def _keep(row: MonthEnd, content: Content, now: datetime) -> None:
    """A new paper where it says something else than the newest; unsigned ones are replaced.

    One that two people have signed stands until it is opened again; one that waits for the second
    of them, as long as the figures are what the first has signed.
    """
    MonthEnd.objects.select_for_update().get(pk=row.pk)
    said = content_hash(content.figures)
    last = row.papers.order_by("-pk").first()
    if last is not None and not Reopening.objects.filter(paper=last).exists():
        signed = last.signatures.count()
        if signed == len(Signature.PLACES) or (signed and _ties(last.figures, content.figures)):
            return
        if not signed and last.hash == said:
            row.papers.filter(pk=last.pk).update(movements_to=content.movements_to)
            return
    paper = Paper.objects.create(
        month_end=row, made_at=now, movements_to=content.movements_to, figures=content.figures,
        hash=said,
    )  # fmt: skip
    for key, found in content.lists.items():
        _keep_rows(paper, key, found)
    row.papers.filter(pk__lt=paper.pk, signatures=None).delete()
