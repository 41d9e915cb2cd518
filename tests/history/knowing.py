"""What the log lets us know beside the sub-ledger: invoices, links, and what people did here.

Like recomputing: no database, and none of clearing's rules. A link is a promise; what became of
it is read from Light: see FATES.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from tests.history.light import Event
from tests.history.recomputing import Key, Recomputation

Pair = tuple[UUID, UUID]
ENDED = ("removed", "undone", "not honoured")
FATES = """
cleared: of the pair something is cleared now. undone: something was, since it was promised.
planned, removed: the invoice is no more than a draft, and Light lists the link, or does not.
checking, not honoured: the invoice was posted without it; the latter after two readings of its
payments that are newer than its posting and the promise.
"""


@dataclass
class Bill:
    """An invoice in Light; a copy of it is what was seen."""

    entity: UUID
    vendor: UUID | None
    currency: str
    amount: int
    issued: date | None
    rate: str
    kind: str
    touched: datetime
    draft: bool = True
    cancelled: bool = False
    gone: bool = False
    paid_at: datetime | None = None
    settled: bool = False

    @property
    def posted(self) -> bool:
        return not (self.draft or self.cancelled)


@dataclass
class SeenBill:
    """What was seen of one."""

    bill: Bill
    gone: datetime | None = None
    read: datetime | None = None  # its payments
    readings: int = 0  # that tell what became of its links
    posted: list[tuple[datetime, bool]] = field(default_factory=list)  # as it was seen, each time

    def posted_when(self, over: datetime) -> bool:
        """By what was seen last before this moment, or first of all."""
        before = [posted for at, posted in self.posted if at < over]
        return before[-1] if before else self.posted[0][1]


@dataclass
class Promise:
    """The links of a pair: each amount with its moment, 0 for none; and the last one's fate."""

    here: bool
    since: datetime
    told: list[tuple[datetime, int]] = field(default_factory=list)
    fate: str = "planned"
    fate_at: datetime | None = None

    @property
    def amount(self) -> int:
        """The last one that was promised."""
        return next(amount for _at, amount in reversed(self.told) if amount)

    @property
    def listed(self) -> bool:
        return self.told[-1][1] > 0

    def then(self, before: datetime) -> int:
        """What was promised just before this moment."""
        return next((amount for at, amount in reversed(self.told) if at < before), 0)


class Known(Recomputation):
    """The log, replayed with all that the papers of a month tell."""

    def __init__(self) -> None:
        super().__init__()
        self.bills: dict[UUID, Bill] = {}
        self.paid: dict[UUID, tuple[UUID, int, date | None]] = {}  # by the bank, in Light
        self.links: dict[Pair, int] = {}  # in Light
        self.new: set[UUID] = set()  # invoices that changed since they were listed
        self.seen_bills: dict[UUID, SeenBill] = {}
        self.bank: dict[UUID, list] = {}  # invoice, amount, day, first seen, gone
        self.promises: dict[Pair, Promise] = {}
        self.unnamed: dict[UUID, set[UUID]] = {}
        self.lines: dict[Pair, int] = {}
        self.decided: dict[UUID, str] = {}

    def take(self, event: Event) -> None:
        if event.what in ("listed", "listed_all"):
            self._list_bills(event.at, whole=event.what == "listed_all")
        elif event.what == "read":
            self._read_links(event.notes, event.at)
            for id in event.invoices:
                self._read_payments(id, event.at)
        super().take(event)
        if event.what == "read":
            for id in event.invoices:
                self._count(self.seen_bills[id], id, event.at)
        elif event.note and event.invoice:
            self._do((event.note, event.invoice), event)
        elif event.what in ("decided", "undecided") and event.note:
            self.decided.pop(event.note, None)
            self.decided |= {event.note: event.kind} if event.what == "decided" else {}
        if event.invoice:
            self._happen_to(event.invoice, event)
        if event.what in ("vanished", "returned"):
            self._unlink(note=event.note)
        if event.here or event.what in ("listed", "listed_all", "read"):
            self._judge_promises(event.at)

    # --- in Light -------------------------------------------------------------------------------
    def _happen_to(self, id: UUID, event: Event) -> None:
        if event.what == "invoiced" and event.entity:
            self.bills[id] = Bill(
                event.entity, event.vendor, event.currency, event.amount, event.day, event.rate,
                event.kind, event.at,
            )  # fmt: skip
        if event.what in ("proposed", "dropped"):
            return
        bill = self.bills[id]
        bill.touched = event.at
        self.new.add(id)
        if event.what in ("entered", "cancelled", "lost"):
            bill.draft &= event.what != "entered"
            bill.cancelled |= event.what == "cancelled"
            bill.gone |= event.what == "lost"
            self._unlink(invoice=id)
        elif event.what == "paid" and event.entry:
            self.paid[event.entry] = (id, event.amount, event.day)
            bill.paid_at = event.at if event.here else None
        elif event.what == "bounced" and event.entry:
            del self.paid[event.entry]

    def _unlink(self, note: UUID | None = None, invoice: UUID | None = None) -> None:
        kept = self.links.items()
        self.links = {one: n for one, n in kept if one[0] != note and one[1] != invoice}

    def _do(self, pair: Pair, event: Event) -> None:
        """A link in Light, made here or there; a line of ours."""
        if event.what in ("linked", "relinked"):
            self.links[pair] = event.amount
            if event.here:
                self.lines.pop(pair, None)
                self._promise(pair, event.amount, event.at, here=True)
        elif event.what == "unlinked":
            del self.links[pair]
            if event.here and pair in self.promises and self.promises[pair].listed:
                self.promises[pair].told.append((event.at, 0))
        elif event.what == "proposed":
            self.lines[pair] = event.amount
        elif event.what == "dropped":
            del self.lines[pair]

    # --- what is seen of it -----------------------------------------------------------------------
    def _list_bills(self, at: datetime, *, whole: bool) -> None:
        for id, bill in self.bills.items():
            known = self.seen_bills.get(id)
            if bill.gone:
                if whole and known and known.gone is None:
                    known.gone = at
            elif whole or id in self.new:
                self._see(id, at)
        self.new.clear()

    def _see(self, id: UUID, at: datetime) -> None:
        bill = Bill(**vars(self.bills[id]))
        used = sum(amount for _n, of, amount, _d in self.shown.values() if of == id)
        used += sum(amount for of, amount, _day in self.paid.values() if of == id)
        bill.settled = used >= bill.amount
        known = self.seen_bills.get(id)
        if known is None or known.bill.posted != bill.posted:
            readings = 0
        else:
            readings = known.readings
        read = known.read if known else None
        posted = [*(known.posted if known else ()), (at, bill.posted)]
        self.seen_bills[id] = SeenBill(bill, None, read, readings, posted)

    def _read_links(self, notes: Iterable[UUID], at: datetime) -> None:
        for note in notes:
            found = {pair: amount for pair, amount in self.links.items() if pair[0] == note}
            known = {one for one in found if one[1] in self.seen_bills}
            stood = [one for one in self.promises if one[0] == note and self.promises[one].listed]
            missing = [one for one in stood if one not in found]
            for _note, invoice in missing:
                seen = self.seen_bills[invoice]
                if not seen.bill.posted:
                    if self.bills[invoice].gone:
                        seen.gone = seen.gone or at
                    else:
                        self._see(invoice, at)
            for pair in sorted(known):
                self._promise(pair, found[pair], at, here=False)
            if len(known) == len(found):  # else one that is missing may be the unknown one
                for pair in missing:
                    self.promises[pair].told.append((at, 0))

    def _promise(self, pair: Pair, amount: int, at: datetime, *, here: bool) -> None:
        known = self.promises.get(pair)
        if known is None or not known.listed:
            told = known.told if known else []
            fate_at = at
            self.promises[pair] = Promise(here, at, told, "planned", fate_at)
            self.seen_bills[pair[1]].readings = 0
            self.promises[pair].told.append((at, amount))
        elif known.told[-1][1] != amount:
            known.told.append((at, amount))

    def _read_payments(self, id: UUID, at: datetime) -> None:
        """Those of the bank; what credit notes have cleared, Recomputation reads."""
        for entry, (invoice, amount, day) in self.paid.items():
            if invoice == id:
                one = self.bank.setdefault(entry, [id, amount, day, at, None])
                one[4] = None
        for entry, one in self.bank.items():
            if one[0] == id and entry not in self.paid and one[4] is None:
                one[4] = at
        shown = {note for note, of, _amount, _day in self.shown.values() if of == id}
        self.unnamed[id] = shown - self.seen.keys()

    def _count(self, seen: SeenBill, id: UUID, at: datetime) -> None:
        """A reading that is newer than the posting and than every promise on this invoice."""
        promised = [p.since for pair, p in self.promises.items()
                    if pair[1] == id and p.fate != "removed"]  # fmt: skip
        if seen.bill.posted and all(since < at for since in promised):
            seen.readings += 1
        seen.read = at

    # --- what became of promises ------------------------------------------------------------------
    def cleared(self, pair: Pair) -> int:
        """What of this pair is cleared now."""
        return sum(
            one.amount for id, one in self.payments.items()
            if one.gone is None and (one.note, self.invoice_of[id]) == pair
        )  # fmt: skip

    def _judge_promises(self, at: datetime) -> None:
        for pair, one in self.promises.items():
            fate = self._fate(pair, one)
            if fate != one.fate:
                one.fate, one.fate_at = fate, at

    def _fate(self, pair: Pair, one: Promise) -> str:
        seen = self.seen_bills[pair[1]]
        if self.cleared(pair) > 0:
            return "cleared"
        gone = [
            pay.gone for id, pay in self.payments.items()
            if pay.gone and (pay.note, self.invoice_of[id]) == pair
        ]  # fmt: skip
        if any(when > one.since for when in gone):
            return "undone"
        if not seen.bill.posted:
            return "planned" if one.listed else "removed"
        if one.fate == "removed" and not one.listed:
            return "removed"
        enough = seen.readings >= 2 and not self.unnamed.get(pair[1])
        return "not honoured" if enough else "checking"

    def made(self, note: UUID, key: Key) -> str:
        kind, entry = key
        if kind != "cleared" or entry is None:
            return "light"
        promise = self.promises.get((note, self.invoice_of[entry]))
        return "itself" if promise is None else "here" if promise.here else "light"
