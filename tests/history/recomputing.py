"""The sub-ledger recomputed from the log of events alone: no database, none of clearing's rules.

What Light did and which reading could see it is in the log; on which day it counts is written in
Light's documents: a credit note on its posting date, a clearing on its payment date, everything
that Light gives no date for on the day it was seen at the entity, and there it stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from tests.history.company import BY_ID
from tests.history.light import Event

Key = tuple[str, UUID | None]  # a kind, and which clearing
OF_NOTES = (
    "posted", "drafted", "booked", "amended", "cleared", "corrected", "reversed", "archived",
    "vanished", "returned", "moved", "rated", "used_up", "linked", "relinked", "unlinked",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One movement that stands."""

    note: UUID
    kind: str
    amount: int
    day: date
    entity: UUID
    currency: str
    rate: str
    entry: UUID | None = None
    made: str = "light"


@dataclass
class _Payment:
    """A clearing as it was last seen in Light."""

    note: UUID | None  # once it is known
    amount: int
    day: date | None
    since: datetime  # when it was first seen
    gone: datetime | None = None


@dataclass
class _Paper:
    """A credit note in Light; a frozen copy of it is what was seen."""

    amount: int
    currency: str
    posting: date | None
    document: date | None
    entity: UUID
    rate: str
    touched: datetime
    vendor: UUID | None = None
    draft: bool = False
    made: datetime | None = None
    lines: tuple[int, int] | None = None  # net and VAT
    archived: bool = False
    gone: bool = False
    used_up: bool = False


@dataclass
class _Seen:
    """What was seen of a credit note."""

    paper: _Paper
    first: datetime
    status: str
    changed: datetime
    gone: datetime | None = None
    days: dict[Key, date] = field(default_factory=dict)  # assumed once
    told: list[tuple[Key, int, date]] = field(default_factory=list)
    who: dict[Key, tuple[object, str]] = field(default_factory=dict)  # as told, made by whom
    ever: bool = False  # it was in the ledger when it was seen
    ended: datetime | None = None  # when it was seen last that a draft stands no more

    @property
    def draft(self) -> bool:
        return self.status == "draft" and self.gone is None


class Recomputation:
    """The log, replayed event by event."""

    def __init__(self) -> None:
        self.papers: dict[UUID, _Paper] = {}
        self.shown: dict[UUID, tuple[UUID, UUID, int, date | None]] = {}  # clearings in Light
        self.seen: dict[UUID, _Seen] = {}
        self.payments: dict[UUID, _Payment] = {}
        self.payments_of: dict[UUID, set[UUID]] = defaultdict(set)  # of what notes we know
        self.invoice_of: dict[UUID, UUID] = {}
        self.unlisted: set[UUID] = set()

    def take(self, event: Event) -> None:
        """Let it happen, or see what there is to see."""
        if event.what in ("listed", "listed_all"):
            self._list(event.at, whole=event.what == "listed_all")
        elif event.what == "read":
            self._read(event.invoices, event.at)
        elif event.what == "swept":
            for id in self.seen:
                self._tell(id, whole=True)
        elif event.note and event.what in OF_NOTES:
            self._happen(event, event.note)

    # --- in Light -------------------------------------------------------------------------------
    def _happen(self, event: Event, id: UUID) -> None:
        if event.what in ("posted", "drafted") and event.entity:
            draft = event.what == "drafted"
            self.papers[id] = _Paper(
                event.amount, event.currency, event.day, event.document, event.entity, event.rate,
                event.at, event.vendor, draft, event.at,
                (event.amount - event.tax, event.tax) if draft and event.tax >= 0 else None,
            )  # fmt: skip
        paper = self.papers[id]
        paper.touched = event.at
        self.unlisted.add(id)
        if event.what in ("cleared", "corrected") and event.entry:
            invoice = event.invoice or self.invoice_of[event.entry]
            self.invoice_of[event.entry] = invoice
            self.shown[event.entry] = (id, invoice, event.amount, event.day)
        elif event.what == "reversed" and event.entry:
            del self.shown[event.entry]
            paper.used_up = False
        elif event.what == "booked":
            paper.draft, paper.posting = False, event.day
        elif event.what == "amended":
            paper.amount = event.amount
        elif event.what == "moved" and event.entity:
            paper.entity = event.entity
        elif event.what == "rated":
            paper.rate = event.rate
        elif event.what in ("vanished", "returned"):
            paper.gone = event.what == "vanished"
        paper.archived |= event.what == "archived"
        paper.used_up |= event.what == "used_up"

    def _status(self, id: UUID) -> str:
        paper = self.papers[id]
        used = sum(amount for note, _i, amount, _d in self.shown.values() if note == id)
        if paper.archived or paper.draft:
            return "archived" if paper.archived else "draft"
        return "used up" if paper.used_up or used == paper.amount else "open"

    # --- what is seen of it -----------------------------------------------------------------------
    def _list(self, at: datetime, *, whole: bool) -> None:
        for id, paper in self.papers.items():
            known = self.seen.get(id)
            if paper.gone:
                if whole and known and known.gone is None:
                    known.ended = at if known.draft else known.ended
                    known.gone = at
                    self._tell(id)
            elif whole or id in self.unlisted:
                copy = _Paper(**vars(paper))
                status = self._status(id)
                if known is None:
                    known = self.seen[id] = _Seen(copy, at, status, at)
                if known.status != status:
                    known.changed = at
                if known.draft and status != "draft":
                    known.ended = at
                known.paper, known.status, known.gone = copy, status, None
                self._tell(id)
        self.unlisted.clear()

    def _read(self, invoices: tuple[UUID, ...], at: datetime) -> None:
        touched = set()
        for id, (note, of, amount, day) in self.shown.items():
            if of in invoices:
                one = self.payments.setdefault(id, _Payment(None, amount, day, at))
                one.amount, one.day, one.gone = amount, day, None
                if note in self.seen:  # else Light names a credit note that nobody knows yet
                    one.note = note
                    self.payments_of[note].add(id)
                touched.add(one.note)
        for id, one in self.payments.items():
            if self.invoice_of[id] in invoices and id not in self.shown and one.gone is None:
                one.gone = at
                touched.add(one.note)
        for note in touched:
            if note is not None:
                self._tell(note)

    # --- what is told of it -----------------------------------------------------------------------
    def _tell(self, id: UUID, *, whole: bool = False) -> None:
        """What stands from now on."""
        one = self.seen[id]
        one.ever |= one.gone is None and one.status not in ("archived", "draft")
        if not one.ever:
            return
        known_rest = any(key == ("cleared", None) for key, _amount, _day in one.told)
        assume_rest = whole or known_rest or not one.told
        days = one.days
        one.days = {}
        one.told = list(self._stands(id, one, days, assume_rest))
        one.who = dict(self._who(id, one))

    def _who(self, id: UUID, one: _Seen) -> Iterator[tuple[Key, tuple[object, str]]]:
        """By whom each was made, as it was known when it was told like this for the first time."""
        paper = one.paper
        at_rate = "" if paper.currency == BY_ID[paper.entity].currency else paper.rate
        for key, amount, day in one.told:
            like = (amount, day, key in one.days, paper.entity, paper.amount, at_rate)
            was = one.who.get(key)
            yield key, was if was and was[0] == like else (like, self.made(id, key))

    def made(self, note: UUID, key: Key) -> str:
        """Here, in Light, or by Light itself."""
        return "light"

    def _stands(
        self, id: UUID, one: _Seen, days: dict[Key, date], assume_rest: bool
    ) -> Iterator[tuple[Key, int, date]]:
        here = BY_ID[one.paper.entity]

        def assumed(key: Key, day: date) -> date:
            one.days[key] = days.get(key, day)
            return one.days[key]

        open_ = one.paper.amount
        new = ("new", None)
        posted = one.paper.posting or assumed(new, one.paper.document or here.day(one.first))
        yield new, open_, posted
        ended = one.gone or (one.changed if one.status == "archived" else None)
        last = days.get(("cancelled", None), here.day(ended)) if ended else date.max
        for entry in self.payments_of[id]:
            pay = self.payments[entry]
            cleared = ("cleared", entry)
            day = pay.day or assumed(cleared, here.day(pay.since))
            open_ -= pay.amount
            yield cleared, -pay.amount, day
            if pay.gone:  # what is cancelled has no clearing left: it was undone by then
                undone = ("undone", entry)
                open_ += pay.amount
                seen_on = min(here.day(pay.gone), last)
                yield undone, pay.amount, assumed(undone, max(day, seen_on))
        rest = ("cancelled", None) if ended else ("cleared", None)
        if open_ and (ended or (one.status == "used up" and assume_rest)):
            at = ended or one.paper.touched
            yield rest, -open_, assumed(rest, here.day(at))

    def standing(self) -> list[Told]:
        """Every movement that stands."""
        return [
            Told(
                id, key[0], amount, day, one.paper.entity, one.paper.currency, one.paper.rate,
                key[1], one.who[key][1],
            )
            for id, one in self.seen.items()
            for key, amount, day in one.told
        ]  # fmt: skip


def told_at(log: Sequence[Event], moments: Iterable[datetime]) -> dict[datetime, list[Told]]:
    """What stood at each of these moments."""
    again, found, next_ = Recomputation(), {}, 0
    for moment in sorted(moments):
        while next_ < len(log) and log[next_].at <= moment:
            again.take(log[next_])
            next_ += 1
        found[moment] = again.standing()
    return found


Months = dict[tuple[UUID, str, date, str], int]


def by_month(told: Iterable[Told]) -> Months:
    """Amounts by entity, currency, month and kind."""
    sums: Months = defaultdict(int)
    for one in told:
        sums[one.entity, one.currency, one.day.replace(day=1), one.kind] += one.amount
    return sums
