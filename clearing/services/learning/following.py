"""Where an answer changed, the balances that depend on it are computed anew, a slice at a time."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from clearing import balances, known, questions, usable
from clearing.models import CreditNote, InvoicePayable, Known, Looked

SLICE = 500  # documents
# Who computes a balance may have read the answers so long ago: then all of it once more.
SETTLES = timedelta(minutes=2)
OPEN_POSTED = usable.POSTED & (usable.USABLE | usable.USABLE_WITH_WARNING)


class Follows(NamedTuple):
    """What depends on the answer to one question; `usual` needs no look at its documents."""

    question: str
    mark: str
    documents: QuerySet[Any]
    name: str  # of the argument of balances.refresh
    usual: str


def follow(now: datetime) -> bool:
    """One slice; False if there was nothing to do."""
    answers = known.answers()
    return any(_step(one, answers.of(one.question), now) for one in _all())


def _all() -> tuple[Follows, ...]:
    notes = CreditNote.objects.filter(status="PARTIALLY_CLEARED")
    invoices = InvoicePayable.objects.filter(state__in=OPEN_POSTED)
    return (
        Follows(questions.PARTLY, "known_notes", notes, "notes", ""),
        Follows(questions.ON_POSTED, "known_invoices", invoices, "invoices", questions.CLEAR),
    )


def _step(one: Follows, answer: str, now: datetime) -> bool:
    mark, _new = Looked.objects.get_or_create(kind=one.mark)
    if mark.began_at and mark.rules == answer:
        return _slice(one, mark, now)
    same = Looked.objects.filter(kind=one.mark, began_at=mark.began_at, rules=mark.rules)
    if not mark.rules and answer == one.usual:  # the first time
        same.update(rules=answer, looked_at=now)
        return False
    if mark.rules == answer and not _once_more(one, mark, now):
        return False
    return bool(same.update(rules=answer, began_at=now, cursor=None))


def _once_more(one: Follows, mark: Looked, now: datetime) -> bool:
    """Whether the last pass began too soon after the answer for everybody to know it."""
    if mark.since is None or now - mark.since > 10 * SETTLES:
        return False
    newest = Known.objects.filter(question=one.question).order_by("-pk").first()
    return newest is not None and mark.since < newest.at + SETTLES <= now


def _slice(one: Follows, mark: Looked, now: datetime) -> bool:
    rows = one.documents.order_by("pk").values_list("pk", flat=True)
    some = list((rows.filter(pk__gt=mark.cursor) if mark.cursor else rows)[:SLICE])
    ended = len(some) < SLICE
    after: dict[str, Any] = {"cursor": None if ended else some[-1]}
    if ended:
        after |= {"began_at": None, "looked_at": now, "since": mark.began_at}
    with transaction.atomic():
        same = Looked.objects.filter(kind=one.mark, began_at=mark.began_at, cursor=mark.cursor)
        if same.update(**after) == 1:
            balances.refresh(**{one.name: some})
    return True
