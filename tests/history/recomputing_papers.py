"""The lists of a month recomputed from the log of events alone, as they are defined for people.

Everything by accounting date, with what is known at the end of the log that was replayed. Each
list is a list of plain tuples, in any order.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from tests.history.company import DECIMALS, Place
from tests.history.knowing import ENDED, Known
from tests.history.recomputing import Told

Rows = list[tuple[Any, ...]]
SMALL = {"JPY": 5, "KWD": 5_000, "USD": 500, "EUR": 500}  # five whole units
NAMES = {
    "open": "why_open", "not-posted": "not_posted", "owing": "owing", "by-light": "by_light",
    "promised": "promised", "not-honoured": "not_honoured", "rests": "rests", "fx": "fx",
    "reopened": "reopened", "undecided": "undecided",
}  # fmt: skip


class MonthOf:
    """One entity's month, by what is known."""

    def __init__(self, known: Known, place: Place, month: date) -> None:
        self.known, self.place = known, place
        self.first = month
        self.last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        following = self.last + timedelta(days=1)
        self.over = datetime(following.year, following.month, 1, tzinfo=place.zone)
        self.told = [one for one in known.standing() if one.entity == place.id]
        self.open: dict[UUID, int] = defaultdict(int)
        self.since: dict[UUID, int] = defaultdict(int)
        self.whole: dict[UUID, int] = defaultdict(int)
        self.booked = {one.note: one.day for one in self.told if one.kind == "new"}
        for one in self.told:
            part = self.open if one.day <= self.last else self.since
            part[one.note] += one.amount
            if one.kind == "new" and one.day <= self.last:
                self.whole[one.note] += one.amount
        self.open = {note: amount for note, amount in self.open.items() if amount}

    def lists(self) -> dict[str, Rows]:
        """All of them, by their keys."""
        return {name: self.rows_of(name) for name in NAMES}

    def rows_of(self, name: str) -> Rows:
        """One of them."""
        make: Callable[[], Rows] = getattr(self, NAMES[name])
        return make()

    def _paper(self, note: UUID) -> Any:
        return self.known.seen[note].paper

    def _age(self, day: date | None) -> str:
        days = (self.last - day).days if day else 0
        return "90+" if days > 90 else "61-90" if days > 60 else "31-60" if days > 30 else "0-30"

    # --- open credit ------------------------------------------------------------------------------
    def why_open(self) -> Rows:
        """Each part of a credit note once: settled since, planned, in review, then the rest."""
        rows = []
        for note, amount in self.open.items():
            paper, left = self._paper(note), amount
            decision = self.known.decided.get(note, "none")
            for why, most in (
                ("settled", -self.since[note]),
                ("planned", self._planned(note)),
                ("in_review", self._held(note)),
                (decision, None),
            ):
                part = left if most is None else max(min(left, most), 0)
                if part:
                    age = self._age(paper.document or paper.posting or self.booked[note])
                    rows.append((note, paper.currency, why, age, part))
                left -= part
        return rows

    def _posted(self, invoice: UUID) -> bool:
        seen = self.known.seen_bills.get(invoice)
        return bool(seen and seen.bill.posted)

    def _planned(self, note: UUID) -> int:
        """Light's links to drafts; what has cleared is no plan any more."""
        return sum(
            one.amount for pair, one in self.known.promises.items()
            if pair[0] == note and one.listed
            and not self._posted(pair[1]) and self.known.cleared(pair) <= 0
        )  # fmt: skip

    def _held(self, note: UUID) -> int:
        """What we have proposed beyond Light's own links."""
        held = 0
        for pair, amount in self.known.lines.items():
            if pair[0] == note and self.known.cleared(pair) <= 0:
                link = self.known.promises.get(pair)
                planned = link.amount if link and link.listed else 0
                held += amount if self._posted(pair[1]) else max(amount - planned, 0)
        return held

    def undecided(self) -> Rows:
        return [
            (note, currency, amount)
            for note, currency, why, age, amount in self.why_open()
            if why == "none" and age != "0-30" and amount > 0
        ]

    def rests(self) -> Rows:
        rows = []
        for note, amount in self.open.items():
            paper = self._paper(note)
            if 0 < amount <= SMALL[paper.currency] and amount < self.whole[note]:
                rows.append((note, paper.currency, self.whole[note], amount))
        return rows

    # --- drafts -----------------------------------------------------------------------------------
    def not_posted(self) -> Rows:
        """Drafts of the month or before it; what came into the ledger only afterwards, or was given
        up afterwards without ever having been in it."""
        new = self.booked
        rows = []
        for id, seen in self.known.seen.items():
            paper = seen.paper
            dated = paper.document or self.place.day(paper.made)
            if paper.entity != self.place.id or dated > self.last:
                continue
            later = id in new and new[id] > self.last
            if seen.status == "draft" and seen.gone is None:
                state, day = "draft", None
            elif later and seen.status != "draft":
                state, day = "posted_since", new[id]
            elif not seen.ever and not seen.draft and seen.ended and seen.ended >= self.over:
                state, day = "discarded_since", None
            else:
                continue
            net, tax = paper.lines or (None, None)
            lacks = ""
            if state == "draft" and not paper.lines:
                lacks = "its lines were not read yet"
            elif state == "draft" and net + tax != paper.amount:
                lacks = "lines and amount differ"
            lacks = ", ".join(
                words for words in ("" if paper.vendor or state != "draft" else "vendor", lacks)
                if words
            )  # fmt: skip
            rows.append((id, paper.currency, state, day, net, tax, paper.amount, lacks))
        return rows

    # --- vendors ----------------------------------------------------------------------------------
    def owing(self) -> Rows:
        """Whose credit is certainly, or may still be, more than what we owed them: an invoice that
        was not asked can only be owed, too. Owed is what is posted, or was until after the end."""
        credit: dict[tuple[UUID, str], int] = defaultdict(int)
        for note, amount in self.open.items():
            paper = self._paper(note)
            if paper.vendor:
                credit[paper.vendor, paper.currency] += amount
        rows = []
        for (vendor, currency), amount in credit.items():
            owed = unasked = 0
            for id, seen in self.known.seen_bills.items():
                bill = seen.bill
                if (bill.entity, bill.vendor, bill.currency) != (self.place.id, vendor, currency):
                    continue
                if bill.kind != "VENDOR_INVOICE" or self._before(seen.gone):
                    continue
                if not (bill.posted or seen.posted_when(self.over)):
                    continue
                if bill.issued and bill.issued > self.last:
                    continue
                if seen.read:
                    owed += bill.amount - self._cleared_by_then(id)
                elif not (
                    bill.posted and bill.settled and self._before(bill.paid_at or bill.touched)
                ):
                    unasked += 1
            if amount > 0 and amount > owed:
                sure = None if unasked else amount - owed
                at_most = amount - owed if unasked else None
                rows.append((vendor, currency, amount, owed, sure, sure, at_most, unasked))
        return rows

    def _before(self, moment: datetime | None) -> bool:
        return moment is not None and moment < self.over

    def _cleared_by_then(self, invoice: UUID) -> int:
        known = self.known
        entries = [
            (one.amount, one.day, one.since, one.gone)
            for id, one in known.payments.items()
            if known.invoice_of[id] == invoice
        ]
        entries += [tuple(one[1:]) for one in known.bank.values() if one[0] == invoice]
        return sum(
            amount for amount, day, first, gone in entries
            if (day <= self.last if day else first < self.over) and not self._before(gone)
        )  # fmt: skip

    # --- links ------------------------------------------------------------------------------------
    def promised(self) -> Rows:
        """Links that stood when the month ended, of credit that was open then."""
        rows = []
        for pair, one in self.known.promises.items():
            left = one.then(self.over) - self._moved_by_then(pair)
            ended = one.fate in ENDED and self._before(one.fate_at) and one.since < self.over
            if left > 0 and not ended and self.open.get(pair[0], 0) > 0:
                currency = self._paper(pair[0]).currency
                rows.append((*pair, currency, one.here, one.then(self.over), left))
        return rows

    def _moved_by_then(self, pair: tuple[UUID, UUID]) -> int:
        return -sum(
            one.amount for one in self.told
            if one.entry and one.day <= self.last
            and (one.note, self.known.invoice_of[one.entry]) == pair
        )  # fmt: skip

    def not_honoured(self) -> Rows:
        return [
            (*pair, self._paper(pair[0]).currency, one.here, one.amount)
            for pair, one in self.known.promises.items()
            if one.fate == "not honoured" and one.fate_at
            and self.first <= self.place.day(one.fate_at) <= self.last
            and self._paper(pair[0]).entity == self.place.id
        ]  # fmt: skip

    # --- what moved -------------------------------------------------------------------------------
    def _moved(self, *kinds: str) -> list[Told]:
        return [
            one for one in self.told
            if one.kind in kinds and self.first <= one.day <= self.last
        ]  # fmt: skip

    def _about(self, one: Told) -> tuple[Any, ...]:
        invoice = self.known.invoice_of[one.entry] if one.entry else None
        return one.note, invoice, one.day, one.currency

    def by_light(self) -> Rows:
        moved = [one for one in self._moved("cleared") if one.made == "itself"]
        return [(*self._about(one), -one.amount) for one in moved]

    def reopened(self) -> Rows:
        return [(*self._about(one), one.amount) for one in self._moved("undone")]

    def fx(self) -> Rows:
        """At the invoice's rate less at the credit note's; what was undone the other way round."""
        rows = []
        for one in self._moved("cleared", "undone"):
            seen = (
                self.known.seen_bills.get(self.known.invoice_of[one.entry]) if one.entry else None
            )
            rates = (one.rate, seen.bill.rate if seen else "")
            if one.currency == self.place.currency or not all(rates):
                continue
            at_note, at_invoice = (self._value(-one.amount, one.currency, rate) for rate in rates)
            if at_note != at_invoice:
                rows.append((*self._about(one), -one.amount, at_invoice - at_note))
        return rows

    def _value(self, amount: int, currency: str, rate: str) -> int:
        scale = Fraction(10) ** (DECIMALS[self.place.currency] - DECIMALS[currency])
        return round(Fraction(rate) * amount * scale)
