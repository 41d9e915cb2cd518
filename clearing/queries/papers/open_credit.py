"""Credit that was open at the end of a month, and why: each row is one part of a credit note."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from clearing import money, workflow
from clearing.models import Balance, CreditNote, Decision, Movement
from clearing.queries.papers.scope import List, Row, Scope, by_name, chunks, notes, text
from clearing.queries.rolling import NO_RATE, STANDS
from clearing.sheets import DAY, MONEY, NUMBER, Column

SETTLED, PLANNED, IN_REVIEW, NOTHING = "settled", "planned", "in_review", "none"
WHY = {
    SETTLED: _("Settled since the month's end"),
    PLANNED: _("Planned in Light"),
    IN_REVIEW: _("In review here"),
    **{kind.value: kind.label for kind in Decision.Kind if kind != Decision.Kind.NONE},
    NOTHING: _("No decision"),
}
UP_TO_30, UP_TO_60, UP_TO_90, OLDER = "0-30", "31-60", "61-90", "90+"
AGES = {
    UP_TO_30: _("Up to 30 days"),
    UP_TO_60: _("31 to 60 days"),
    UP_TO_90: _("61 to 90 days"),
    OLDER: _("Over 90 days"),
}
FEW = 5
COLUMNS = (
    Column("vendor", _("Vendor")),
    Column("number", _("Credit note")),
    Column("dated", _("Dated"), DAY),
    Column("age_days", _("Days old"), NUMBER),
    Column("why", _("Why it is open")),
    Column("owner", _("Owner")),
    Column("follow_up", _("Follow up on"), DAY),
    Column("comment", _("Comment")),
    Column("amount", _("Open"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("local", _("Value at booked rate"), MONEY, currency="local_currency"),
    Column("local_currency", _("Company currency")),
    Column("credit_note_id", _("Credit note's id")),
    Column("vendor_id", _("Vendor's id")),
)
REST_COLUMNS = (
    Column("vendor", _("Vendor")),
    Column("number", _("Credit note")),
    Column("dated", _("Dated"), DAY),
    Column("whole", _("Credit note's amount"), MONEY, currency="currency"),
    Column("amount", _("Open"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("credit_note_id", _("Credit note's id")),
    Column("vendor_id", _("Vendor's id")),
)


@dataclass(frozen=True)
class Open:
    """A credit note's open amount at the end of the month; `since`: what moved after it.

    value: at the booked rate in the entity's own currency; None where that is not known of all.
    """

    note_id: UUID
    currency: str
    amount: int
    value: int | None
    since: int


def open_then(scope: Scope) -> list[Open]:
    """Every credit note with something open at the month's end; two queries."""
    mine = Movement.objects.filter(entity_id=scope.named).order_by()
    then = (
        mine.filter(month__lte=scope.month)
        .values("credit_note_id", "currency")
        .annotate(open=Sum("amount"), value=Sum("local"), lack=Sum(STANDS, filter=NO_RATE))
        .exclude(open=0)
    )
    after = mine.filter(month__gt=scope.month).values("credit_note_id", "currency")
    since = {
        (row["credit_note_id"], row["currency"]): row["moved"]
        for row in after.annotate(moved=Sum("amount")).iterator()
    }
    return [
        Open(
            row["credit_note_id"],
            row["currency"],
            int(row["open"]),
            None if row["lack"] else int(row["value"]),
            int(since.get((row["credit_note_id"], row["currency"]), 0)),
        )
        for row in then.iterator()
    ]


def rows(scope: Scope) -> list[Row]:
    """The parts of all of them: they add up to the month's closing figure."""
    found: list[Row] = []
    for some in chunks(open_then(scope)):
        found += _rows(scope, some)
    return sorted(found, key=by_name)


def _rows(scope: Scope, some: list[Open]) -> Iterator[Row]:
    ids = [one.note_id for one in some]
    of = notes(ids)
    days = dated(scope, of)
    held = {row.document_id: row for row in Balance.objects.filter(document_id__in=ids)}
    decided = {row.credit_note_id: row for row in _holding(ids)}
    for one in some:
        decision = decided.get(one.note_id)
        left = one.value
        parts = list(_parts(one, held.get(one.note_id), decision))
        for number, (why, amount) in enumerate(parts, start=1):
            share = left if number == len(parts) else _share(one, amount)
            left = None if left is None or share is None else left - share
            note, day = of.get(one.note_id), days.get(one.note_id)
            yield _row(scope, one, note, day, why, amount, share, decision)


def dated(scope: Scope, of: Mapping[UUID, CreditNote]) -> dict[UUID, date]:
    """The day from which each is counted as open: its own, else that on which it came into the
    ledger."""
    days = {id: note.document_date or note.posting_date for id, note in of.items()}
    without = [id for id, day in days.items() if day is None]
    new = Movement.objects.filter(
        credit_note_id__in=without, entity_id=scope.named, kind=Movement.Kind.NEW, takes_back=None
    )
    back = Movement.objects.filter(takes_back=OuterRef("pk"))
    booked = new.filter(~Exists(back)).values_list("credit_note_id", "day") if without else ()
    return {id: day for id, day in days.items() if day} | dict(booked)


def _holding(ids: Iterable[UUID]) -> QuerySet[Decision]:
    return Decision.objects.filter(credit_note_id__in=ids, ended_at=None).select_related("owner")


def _parts(
    one: Open, balance: Balance | None, decision: Decision | None
) -> Iterator[tuple[str, int]]:
    """Why, and how much of it: what is settled since, then planned, in review, decided."""
    left = one.amount
    decided = decision.kind if decision and decision.kind != Decision.Kind.NONE else NOTHING
    for why, most in (
        (SETTLED, -one.since),
        (PLANNED, balance.planned if balance else 0),
        (IN_REVIEW, balance.held if balance else 0),
    ):
        part = min(left, most)
        if part > 0:
            yield why, part
            left -= part
    if left:
        yield decided, left


def _share(one: Open, amount: int) -> int | None:
    """The value of a part; the last part of a credit note gets what is left."""
    return None if one.value is None else one.value * amount // one.amount


def _row(
    scope: Scope, one: Open, note: CreditNote | None, day: date | None, why: str, amount: int,
    value: int | None, decision: Decision | None,
) -> Row:  # fmt: skip
    days = (scope.last - day).days if day else None
    of_decision = decision if why not in (SETTLED, PLANNED, IN_REVIEW) else None
    owner = of_decision.owner if of_decision else None
    cells = (
        note.vendor_name if note else "",
        str(note) if note else text(one.note_id)[:8],
        (note.document_date or note.posting_date) if note else None,
        days,
        str(WHY[why]),
        workflow.name_of(owner) if owner else "",
        of_decision.follow_up_on if of_decision else None,
        of_decision.comment if of_decision else "",
        amount,
        one.currency,
        value,
        scope.local,
        text(one.note_id),
        text(note.vendor_id) if note else "",
    )
    return Row(one.currency, amount, why, age(day, scope.last), cells)


def age(day: date | None, on: date) -> str:
    """The bucket of a date on another one; what has no date is new."""
    days = (on - day).days if day else 0
    return next((code for most, code in ((30, UP_TO_30), (60, UP_TO_60), (90, UP_TO_90))
                 if days <= most), OLDER)  # fmt: skip


def rest_rows(scope: Scope) -> list[Row]:
    """Small rests: of what was partly cleared by then not more than SMALL_REST is open."""
    found: list[Row] = []
    for some in chunks(one for one in open_then(scope) if 0 < one.amount <= _small(one.currency)):
        found += _small_rests(scope, some)
    return sorted(found, key=by_name)


def _small(currency: str) -> int:
    """The setting where it names this currency, else FEW whole units of it."""
    most: int = settings.SMALL_REST.get(currency, FEW * 10 ** money.decimals(currency))
    return most


def _small_rests(scope: Scope, some: list[Open]) -> Iterator[Row]:
    ids = [one.note_id for one in some]
    mine = Movement.objects.filter(credit_note_id__in=ids, month__lte=scope.month)
    moved: dict[Any, int] = dict(
        mine.filter(kind=Movement.Kind.NEW)
        .order_by()
        .values_list("credit_note_id")
        .annotate(whole=Sum("amount"))
    )
    of = notes(ids)
    days = dated(scope, of)
    for one in some:
        note, whole = of.get(one.note_id), moved.get(one.note_id, 0)
        if note is None or one.amount >= whole:
            continue
        cells = (
            note.vendor_name, str(note), note.document_date, whole, one.amount, one.currency,
            text(note.pk), text(note.vendor_id),
        )  # fmt: skip
        bucket = age(days.get(note.pk), scope.last)
        yield Row(one.currency, one.amount, "", bucket, cells)


OPEN = List(
    key="open",
    title=_("Open credit"),
    about=_("Each credit note that was open at the end of the month, by decision, owner and age."),
    columns=COLUMNS,
    rows=rows,
    parts=WHY,
    none=_("No credit was open."),
)
RESTS = List(
    key="rests",
    title=_("Small rests"),
    about=_("Partly used credit notes of which very little is left."),
    columns=REST_COLUMNS,
    rows=rest_rows,
    none=_("No small rest was open."),
)
