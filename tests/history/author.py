"""Writes a history of 24 months from a seed: what happens in Light, and when it is read."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.history.company import BY_ID, PLACES, RATES, VENDORS
from tests.history.light import Entry, Event, Light, Note
from tests.history.pairing import Pairing

FIRST, MONTHS = date(2024, 11, 1), 24
A_MONTH = 9  # things that happen in Light, or here


def write(seed: int, length: int = MONTHS) -> list[Event]:
    """The history of this seed and of so many months, in the order of its events."""
    return _Author(seed, months()[: length + 1]).write()


def months(before: int = 0) -> list[date]:
    """The first days of its months, of some before them, and of the one after them."""
    first = FIRST.year * 12 + FIRST.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(first - before, first + MONTHS + 1)]


class _Author(Pairing):
    def __init__(self, seed: int, months: list[date]) -> None:
        self.months = months
        self.random = random.Random(seed)
        self.light = Light()
        self.log: list[Event] = []
        self.last_id = 0
        self.lines: dict[tuple[UUID, UUID], int] = {}  # proposed here, by pair
        self.decided: set[UUID] = set()

    def write(self) -> list[Event]:
        start = self._starts(self.months[0]) + timedelta(days=self.random.randint(20, 70))
        readings = [at for at in self._readings() if at > start]
        for at in sorted([*self._happenings(), *readings, start]):
            if at == start:
                self._read(at, whole=True, most=1.0)
            elif at in readings:
                self._read(at, whole=self.random.random() < 0.25)
            else:
                self._happen(at)
        self._read(self._starts(self.months[-1]) + timedelta(days=2, hours=9), whole=True, most=1.0)
        return self.log

    def _starts(self, month: date) -> datetime:
        return datetime(month.year, month.month, 1, tzinfo=UTC)

    def _within(self, month: date) -> datetime:
        return self._starts(month) + timedelta(minutes=self.random.randrange(28 * 24 * 60))

    def _happenings(self) -> list[datetime]:
        return [self._within(one) for one in self.months[:-1] for _ in range(A_MONTH)]

    def _readings(self) -> list[datetime]:
        """At random, and once within hours of each month's end, where zones differ."""
        random_ones = [self._within(one) for one in self.months[:-1]]
        ends = [self._starts(one) for one in self.months[1:]]
        near = [at + timedelta(minutes=self.random.randint(-840, 540)) for at in ends]
        return [at + timedelta(seconds=n + 1) for n, at in enumerate(random_ones + near)]

    def _add(self, at: datetime, what: str, **fields: object) -> None:
        if self.log:  # no two events share a moment
            at = max(at, self.log[-1].at + timedelta(seconds=1))
        event = Event(at, what, **fields)  # type: ignore[arg-type]
        self.light.take(event)
        self.log.append(event)
        self.note_down(event)

    def _id(self, block: int) -> UUID:
        self.last_id += 1
        return UUID(int=block + self.last_id)

    # --- readings -----------------------------------------------------------------------------
    def _read(self, at: datetime, *, whole: bool, most: float = 0.75) -> None:
        """The list; then details, of which some are left for later, and others moved meanwhile."""
        self._add(at, "listed_all" if whole else "listed")
        if self.random.random() < 0.2 and most < 1:
            self._happen(at + timedelta(seconds=20))
        light = self.light
        due = [
            one
            for one in sorted(light.unread & light.known)
            if self.random.random() < most and not light.invoices[one].gone
        ]
        notes = [
            one
            for one in sorted(light.links_unread & light.known)
            if self.random.random() < most and not light.notes[one].gone
        ]
        if due or notes:
            self._add(at + timedelta(seconds=60), "read", invoices=tuple(due), notes=tuple(notes))
        if whole:
            self._add(at + timedelta(seconds=100), "swept")

    # --- what happens in Light ----------------------------------------------------------------
    def _happen(self, at: datetime) -> None:
        here = [one for one in self.light.notes.values() if not one.gone]
        drafts = [one for one in here if one.draft and not one.archived]
        usable = [one for one in here if not (one.archived or one.draft) and one.open > 0]
        standing = [one for one in self.light.entries.values() if not self._note(one).gone]
        linked = {note for note, _invoice in self.light.links}
        still = [one for one in here if not one.archived and one.id not in linked]
        kinds: list[tuple[int, Callable[..., None], list[Any]]] = [
            (14, self._post, [None]),
            (4, self._draft, [None]),
            (5, self._book, drafts),
            (1, self._archive, drafts),
            (24, self._clear, usable),
            (7, self._reverse, standing),
            (8, self._correct, [one for one in standing if not self._note(one).archived]),
            (3, self._archive, usable),
            (2, self._vanish, here),
            (3, self._return, [one for one in self.light.notes.values() if one.gone]),
            (3, self._move, [one for one in still if not one.draft]),
            (4, self._rate, [one for one in here if one.rate == "" and one.open > 0]),
            (2, self._use_up, [one for one in usable if one.id not in linked]),
            (2, self._amend, [one for one in still if not one.used_up]),
            *self.of_pairs(usable),
        ]
        possible = [one for one in kinds if one[2]]
        (choice,) = self.random.choices(possible, [one[0] for one in possible])
        choice[1](at, self.random.choice(choice[2]))

    def _note(self, entry: Entry) -> Note:
        assert entry.note is not None
        return self.light.notes[entry.note]

    def _post(self, at: datetime, _of: None, what: str = "posted") -> None:
        place = self.random.choice(PLACES)
        currency = self.random.choice([place.currency, place.currency, "EUR", "USD"])
        rate = RATES.get((currency, place.currency), "")
        today = place.day(at)
        earlier = today - timedelta(days=self.random.randint(1, 45))
        day, document = self.random.choice(
            [(today, today)] * 4 + [(today, earlier)] * 3 + [(earlier, earlier)] * 3
            + [(None, earlier), (None, None)]
        )  # fmt: skip
        amount = self.random.choice([self.random.randint(1, 50), self.random.randint(100, 10**6)])
        known = self.random.random() < 0.7
        self._add(
            at, what, note=self._id(0x10000), entity=place.id, vendor=self._vendor(),
            currency=currency, amount=amount, day=day if what == "posted" else None,
            document=document, rate=rate if known else "",
            tax=self.random.choice([-1, 0, amount * 19 // 119]) if what == "drafted" else 0,
        )  # fmt: skip

    def _vendor(self) -> UUID | None:
        return self.random.choice([*VENDORS[:2] * 6, None])

    def _draft(self, at: datetime, _of: None) -> None:
        self._post(at, None, "drafted")

    def _book(self, at: datetime, note: Note) -> None:
        """Posts a draft: today, or on its own earlier date."""
        today = BY_ID[note.entity].day(at)
        self._add(at, "booked", note=note.id, day=self.random.choice([today, note.document]))

    def _paid_on(self, at: datetime, note: Note) -> date | None:
        today = BY_ID[note.entity].day(at)
        back = today - timedelta(days=self.random.randint(1, 40))
        earliest = note.posted_on or note.document or today
        ahead = today + timedelta(days=self.random.randint(1, 12))
        back = max(back, min(earliest, today))
        return self.random.choice([today] * 6 + [back, back, ahead, None])

    def _clear(self, at: datetime, note: Note) -> None:
        part = self.random.choice([note.open, self.random.randint(1, note.open), note.open // 3])
        self._add(
            at + timedelta(seconds=4), "cleared", note=note.id, entry=self._id(0x20000),
            amount=max(part, 1), invoice=self.posted_invoice(at, note),
            day=self._paid_on(at, note),
        )  # fmt: skip

    def _reverse(self, at: datetime, entry: Entry) -> None:
        """Sometimes cleared again at once: by a new entry."""
        self._add(at, "reversed", note=entry.note, entry=entry.id)
        note = self._note(entry)
        if not note.archived and self.random.random() < 0.4:
            self._clear(at + timedelta(seconds=1), note)

    def _correct(self, at: datetime, entry: Entry) -> None:
        note = self._note(entry)
        amount = self.random.choice(
            [entry.amount, self.random.randint(1, entry.amount + note.open)]
        )
        day = self.random.choice([entry.day, self._paid_on(at, note)])
        self._add(at, "corrected", note=note.id, entry=entry.id, amount=amount, day=day)

    def _archive(self, at: datetime, note: Note) -> None:
        """With what was cleared before, or after that was undone."""
        self.unlink_all(at, note)
        if self.random.random() < 0.5:
            for entry in list(note.entries):
                self._add(at, "reversed", note=note.id, entry=entry)
        self._add(at + timedelta(seconds=1), "archived", note=note.id)

    def _amend(self, at: datetime, note: Note) -> None:
        """Another amount, not below what was cleared."""
        cleared = note.amount - note.open
        amount = cleared + self.random.randint(0 if cleared else 1, note.amount)
        self._add(at, "amended", note=note.id, amount=amount)

    def _vanish(self, at: datetime, note: Note) -> None:
        self._add(at, "vanished", note=note.id)

    def _return(self, at: datetime, note: Note) -> None:
        self._add(at, "returned", note=note.id)

    def _move(self, at: datetime, note: Note) -> None:
        place = self.random.choice([one for one in PLACES if one.id != note.entity])
        rate = RATES.get((note.currency, place.currency), "")
        self._add(at, "moved", note=note.id, entity=place.id)
        if rate or note.rate:
            self._add(at + timedelta(seconds=1), "rated", note=note.id, rate=rate)

    def _rate(self, at: datetime, note: Note) -> None:
        rate = RATES.get((note.currency, BY_ID[note.entity].currency), "")
        if rate:
            self._add(at, "rated", note=note.id, rate=rate)

    def _use_up(self, at: datetime, note: Note) -> None:
        self._add(at, "used_up", note=note.id)
