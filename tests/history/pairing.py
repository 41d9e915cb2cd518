"""What happens to invoices and pairs in a history: bills, links, payments, and what people do
here."""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.history.company import BY_ID, PLACES, RATES
from tests.history.light import Event, Invoice, Light, Note

Kind = tuple[int, Callable[..., None], list[Any]]
DECISIONS = ("wait", "refund", "reissue", "none")


class Pairing:
    """The part of an author that knows invoices and pairs."""

    random: random.Random
    light: Light
    lines: dict[tuple[UUID, UUID], int]
    decided: set[UUID]
    _add: Callable[..., None]
    _id: Callable[[int], UUID]
    _vendor: Callable[[], UUID | None]

    def note_down(self, event: Event) -> None:
        """What we know of our own lines and decisions."""
        if event.what == "proposed" and event.note and event.invoice:
            self.lines[event.note, event.invoice] = event.amount
        elif event.what == "dropped" or (event.what == "linked" and event.here):
            self.lines.pop((event.note, event.invoice), None)  # type: ignore[arg-type]
        elif event.what == "decided" and event.note:
            self.decided.add(event.note)
        elif event.what == "undecided" and event.note:
            self.decided.discard(event.note)

    def of_pairs(self, usable: list[Note]) -> list[Kind]:
        """What can happen now, with its weight."""
        light = self.light
        drafts = [one for one in self._invoices() if one.draft]
        linked = {invoice for _note, invoice in light.links}
        posted = [one for one in self._invoices() if not one.draft]
        plain = [one for one in posted if not self._used(one)]
        unpaid = [one for one in posted if light.state(one) not in ("PAID", "COMPLETED")]
        can = [pair for note in usable if note.id in light.known for pair in self._pairs(note)]
        known = [one for one in usable if one.id in light.known]
        return [
            (9, self._bill, [None]),
            (40, self._link, can),
            (9, self._link_to_new, [one for one in usable if self._linkable(one)]),
            (16, self._propose, [one for one in can if {*one} <= light.known]),
            (4, self._drop, list(self.lines)),
            (2, self._relink, list(light.links)),
            (3, self._unlink, list(light.links)),
            (14, self._enter, [one for one in drafts if one.id in linked]),
            (6, self._enter, drafts),
            (4, self._pay, unpaid),
            (1, self._bounce, list(light.paid.values())),
            (1, self._end, plain),
            (1, self._end, drafts),
            (6, self._decide, known),
            (3, self._undecide, sorted(self.decided)),
        ]  # fmt: skip

    def _invoices(self) -> list[Invoice]:
        return [one for one in self.light.invoices.values() if not (one.gone or one.cancelled)]

    def _used(self, invoice: Invoice) -> bool:
        light = self.light
        return any(
            one.invoice == invoice.id for one in (*light.entries.values(), *light.paid.values())
        )

    def _linkable(self, note: Note) -> bool:
        return not note.entries and not note.used_up

    def _pairs(self, note: Note) -> Iterable[tuple[UUID, UUID]]:
        """Drafts that this credit note may be linked to."""
        if not self._linkable(note):
            return
        for one in self._invoices():
            pair = (note.id, one.id)
            if one.draft and self._fits(note, one) and pair not in self.light.links:
                yield pair

    def _fits(self, note: Note, one: Invoice) -> bool:
        return (note.entity, note.vendor, note.currency) == (one.entity, one.vendor, one.currency)

    # --- invoices -----------------------------------------------------------------------------
    def _bill(self, at: datetime, _of: None, like: Note | None = None) -> UUID:
        place = BY_ID[like.entity] if like else self.random.choice(PLACES)
        notes = [one for one in self.light.notes.values() if not (one.archived or one.draft)]
        likely = [one for one in notes if self._linkable(one)]
        like = like or (self.random.choice(likely) if likely else None)
        currency = like.currency if like else place.currency
        entity = like.entity if like else place.id
        rate = RATES.get((currency, BY_ID[entity].currency), "")
        if rate and self.random.random() < 0.8:  # booked on another day than the credit note
            rate = f"{float(rate) * self.random.uniform(0.9, 1.1):.6g}"
        issued = BY_ID[entity].day(at) - timedelta(days=self.random.choice([0, 0, 2, 20, 45]))
        invoice = self._id(0x30000)
        self._add(
            at, "invoiced", invoice=invoice, entity=entity,
            vendor=like.vendor if like else self._vendor(), currency=currency, rate=rate,
            amount=self.random.choice([self.random.randint(100, 10**6), 2 * 10**6]),
            day=issued if self.random.random() < 0.9 else None,
            kind="VENDOR_INVOICE" if self.random.random() < 0.9 else "EMPLOYEE_REIMBURSEMENT",
        )  # fmt: skip
        return invoice

    def posted_invoice(self, at: datetime, note: Note) -> UUID:
        """One that this credit note may clear; a new one where there is none."""
        fitting = [one.id for one in self._invoices() if not one.draft and self._fits(note, one)]
        if fitting and self.random.random() < 0.85:
            return self.random.choice(fitting)
        invoice = self._bill(at, None, note)
        self._add(at + timedelta(seconds=1), "entered", invoice=invoice)
        return invoice

    def _enter(self, at: datetime, invoice: Invoice) -> None:
        """Posts an invoice; Light clears with most of what is linked to it, with some only a part,
        and forgets the links."""
        links = [(pair[0], was[0]) for pair, was in self.light.links.items()
                 if pair[1] == invoice.id]  # fmt: skip
        self._add(at, "entered", invoice=invoice.id)
        day = BY_ID[invoice.entity].day(at)
        for id, amount in links:
            left = min(amount, self.light.notes[id].open)
            if left > 0 and self.random.random() < 0.6:
                part = self.random.choice([left, left, max(left // 2, 1)])
                self._add(
                    at + timedelta(seconds=1), "cleared", note=id, entry=self._id(0x20000),
                    amount=part, invoice=invoice.id, day=day,
                )  # fmt: skip

    def _pay(self, at: datetime, invoice: Invoice) -> None:
        part = self.random.choice([invoice.amount, self.random.randint(1, invoice.amount)])
        day = BY_ID[invoice.entity].day(at) - timedelta(days=self.random.choice([0, 0, 1, 5]))
        self._add(
            at, "paid", invoice=invoice.id, entry=self._id(0x40000), amount=part,
            day=self.random.choice([day, day, None]), here=self.random.random() < 0.5,
        )  # fmt: skip

    def _bounce(self, at: datetime, entry: Any) -> None:
        self._add(at, "bounced", invoice=entry.invoice, entry=entry.id)

    def _end(self, at: datetime, invoice: Invoice) -> None:
        self._add(at, self.random.choice(["cancelled", "lost"]), invoice=invoice.id)

    # --- pairs --------------------------------------------------------------------------------
    def _link(self, at: datetime, pair: tuple[UUID, UUID]) -> None:
        amount = self.lines.get(pair) or self._part(pair[0])
        here = {*pair} <= self.light.known and (pair in self.lines or self.random.random() < 0.4)
        self._add(at, "linked", note=pair[0], invoice=pair[1], amount=amount, here=here)

    def _link_to_new(self, at: datetime, note: Note) -> None:
        invoice = self._bill(at, None, note)
        self._link(at + timedelta(seconds=1), (note.id, invoice))

    def _part(self, note: UUID) -> int:
        open_ = max(self.light.notes[note].open, 1)
        return self.random.choice([open_, open_, self.random.randint(1, open_)])

    def _relink(self, at: datetime, pair: tuple[UUID, UUID]) -> None:
        amount = self._part(pair[0]) + self.random.choice([0, 7])
        self._add(at, "relinked", note=pair[0], invoice=pair[1], amount=amount)

    def _unlink(self, at: datetime, pair: tuple[UUID, UUID]) -> None:
        here = {*pair} <= self.light.known and self.random.random() < 0.5
        self._add(at, "unlinked", note=pair[0], invoice=pair[1], here=here)

    def unlink_all(self, at: datetime, note: Note) -> None:
        """As Light wants it before a credit note is archived."""
        for pair in [one for one in self.light.links if one[0] == note.id]:
            self._unlink(at, pair)

    # --- here ---------------------------------------------------------------------------------
    def _propose(self, at: datetime, pair: tuple[UUID, UUID]) -> None:
        if pair not in self.lines:
            self._add(at, "proposed", note=pair[0], invoice=pair[1], amount=self._part(pair[0]))

    def _drop(self, at: datetime, pair: tuple[UUID, UUID]) -> None:
        self._add(at, "dropped", note=pair[0], invoice=pair[1])

    def _decide(self, at: datetime, note: Note) -> None:
        self._add(at, "decided", note=note.id, kind=self.random.choice(DECISIONS))

    def _undecide(self, at: datetime, note: UUID) -> None:
        self._add(at, "undecided", note=note)
