"""Holds the sub-ledger that was kept against the one that is recomputed from the log."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction
from uuid import UUID

from clearing.models import MonthTotal, Movement
from tests.history.author import months
from tests.history.company import BY_ID, DECIMALS, PLACES
from tests.history.light import Event
from tests.history.recomputing import Months, Recomputation, Told, by_month, told_at

AN_INSTANT = timedelta(microseconds=1)
SINCE, UNTIL = date(2000, 1, 1), date(2100, 1, 1)


def judge(log: Sequence[Event]) -> str:
    """The first difference with the story of a credit note that it is about; "" if none."""
    return next(_differences(log), "")


def _differences(log: Sequence[Event]) -> Iterator[str]:
    rows = list(Movement.objects.order_by("pk"))
    for moment, told in told_at(log, [*_moments(log), log[-1].at]).items():
        known = [row for row in rows if row.known_at <= moment]
        yield from _of_figures(by_month(told), _sums(known), f"known on {moment:%Y-%m-%d}", log)
        yield from _of_notes(told, known, moment, log)
    yield from _of_totals(log, told, rows)
    yield from _of_values(told, rows, log)


def _moments(log: Sequence[Event]) -> list[datetime]:
    """Some moments of the past at which the figures are told once more."""
    return [log[len(log) * part // 6].at for part in range(1, 6)]


def _sums(rows: Iterable[Movement]) -> Months:
    sums: Months = defaultdict(int)
    for row in rows:
        assert row.entity_id is not None
        sums[row.entity_id, row.currency, row.month, row.kind] += row.amount
    return sums


def roll_forward(sums: Months) -> dict[tuple[UUID, str, date], tuple[int, ...]]:
    """Opening, new, cleared, undone, cancelled, closing of every month, entity and currency."""
    found = {}
    for entity, currency in {key[:2] for key in sums}:
        every = sorted({key[2] for key in sums} | set(months()))
        closing = 0
        for month in every:
            opening = closing
            parts = [
                sums.get((entity, currency, month, kind), 0)
                for kind in ("new", "cleared", "undone", "cancelled")
            ]
            closing = opening + sum(parts)
            found[entity, currency, month] = (opening, *parts, closing)
    return found


def _of_figures(ours: Months, kept: Months, when: str, log: Sequence[Event]) -> Iterator[str]:
    expected, found = roll_forward(ours), roll_forward(kept)
    for key in sorted({*expected, *found}, key=str):
        if expected.get(key, (0,) * 6) != found.get(key, (0,) * 6):
            entity, currency, month = key
            yield (
                f"{when}: {BY_ID[entity].code} {currency} {month:%Y-%m}: expected opening, new, "
                f"cleared, undone, cancelled, closing {expected.get(key)}, kept {found.get(key)}\n"
                + _culprit(log)
            )


def _standing(rows: Iterable[Movement]) -> list[Movement]:
    rows = list(rows)
    over = {row.takes_back for row in rows}
    return [row for row in rows if row.takes_back is None and row.pk not in over]


def _plain(row: Movement | Told) -> tuple[object, ...]:
    place = row.entity if isinstance(row, Told) else row.entity_id
    return row.kind, row.amount, row.day, BY_ID[place].code if place else "", row.currency


def _by_note(told: Iterable[Told], rows: Iterable[Movement]) -> Iterator[tuple[UUID, str]]:
    """Credit notes that differ, and how."""
    expected, found = defaultdict(list), defaultdict(list)
    for one in told:
        expected[one.note].append(_plain(one))
    for row in _standing(rows):
        found[row.credit_note_id].append(_plain(row))
    for note in sorted({*expected, *found}):
        one, other = sorted(expected[note], key=str), sorted(found[note], key=str)
        if one != other:
            lines = [f"  expected {x}" for x in one if x not in other or one.count(x) > 1]
            lines += [f"  kept     {x}" for x in other if x not in one or other.count(x) > 1]
            yield note, "\n".join(lines)


def _of_notes(
    told: list[Told], known: list[Movement], moment: datetime, log: Sequence[Event]
) -> Iterator[str]:
    """The open amount of each credit note is the sum of its movements: these are compared."""
    for note, how in _by_note(told, known):
        yield f"known on {moment:%Y-%m-%d}, note {note.int:x}:\n{how}\n{story(log, note, moment)}"


def _culprit(log: Sequence[Event]) -> str:
    """The credit note that differs first, as its readings go by."""
    rows = list(Movement.objects.order_by("pk"))
    again = Recomputation()
    for event in log:
        again.take(event)
        if event.what in ("listed", "listed_all", "read", "swept"):
            known = [row for row in rows if row.known_at <= event.at]
            for note, how in _by_note(again.standing(), known):
                return f"note {note.int:x} on {event.at}:\n{how}\n{story(log, note, event.at)}"
    return "no single credit note differs"


def story(log: Sequence[Event], note: UUID, until: datetime) -> str:
    """What happened to a credit note, and every reading of it."""
    invoices = {event.invoice for event in log if event.note == note}
    lines = [
        f"    {event}"
        for event in log
        if event.at <= until and (event.note == note or _reads(event, invoices))
    ]
    return "\n".join(lines)


def _reads(event: Event, invoices: set[UUID | None]) -> bool:
    return event.what in ("listed_all", "swept") or (
        event.what == "read" and not invoices.isdisjoint(event.invoices)
    )


def _of_totals(log: Sequence[Event], told: list[Told], rows: list[Movement]) -> Iterator[str]:
    """The sums of each month: now, and the part that was not known when it was over."""
    amounts, late = by_month(told), _late(log, told)
    counts: Months = defaultdict(int)
    for one in told:
        counts[one.entity, one.currency, one.day.replace(day=1), one.kind] += 1
    worth: Months = defaultdict(int)
    for row in _standing(rows):
        assert row.entity_id is not None
        worth[row.entity_id, row.currency, row.month, row.kind] += row.local or 0
    kept = {
        (one.entity_id, one.currency, one.month, one.kind): one for one in MonthTotal.objects.all()
    }
    for key in sorted({*amounts, *kept}, key=str):
        one = kept.get(key)
        found = (one.count, one.amount, one.late, one.local) if one else (0, 0, 0, 0)
        ours = (counts[key], amounts[key], late[key], worth[key])
        if ours != found:
            entity, *rest = key
            yield (
                f"sums of {BY_ID[entity].code} {rest}: expected count, amount, late, local {ours}, "
                f"kept {found}\n" + _culprit(log)
            )


def _late(log: Sequence[Event], told: list[Told]) -> Months:
    """What each month's figure is more now than when the month was over at its entity.

    Nothing is late that the first run has read.
    """
    began = next(event.at for event in log if event.what == "swept")
    over = {
        (place.id, month): max(_over(month, place.zone), began)
        for place in PLACES
        for month in months(before=3)
    }
    past = {at: by_month(some) for at, some in told_at(log, {*over.values()}).items()}
    now, late = by_month(told), defaultdict(int)
    for (place, month), at in over.items():
        for key in {*now, *past[at]}:
            if (key[0], key[2]) == (place, month):
                late[key] = now.get(key, 0) - past[at].get(key, 0)
    return late


def _over(month: date, zone: tzinfo) -> datetime:
    """The last instant of a month."""
    following = (month + timedelta(days=31)).replace(day=1)
    return datetime(following.year, following.month, 1, tzinfo=zone) - AN_INSTANT


def _of_values(told: list[Told], rows: list[Movement], log: Sequence[Event]) -> Iterator[str]:
    """In the entity's currency: nothing where nothing is open, and at every month end the open
    amount at the booked rate but for a unit per movement."""
    standing = defaultdict(list)
    for row in _standing(rows):
        standing[row.credit_note_id].append(row)
    for note in {one.note for one in told}:
        mine = [one for one in told if one.note == note]
        rate = _rate(mine[0])
        for month in [*months(), UNTIL]:
            open_ = sum(one.amount for one in mine if one.day < month)
            some = [row for row in standing[note] if row.day < month]
            if rate is None:
                wrong = any(row.local is not None for row in some)
            else:
                off = abs(sum(row.local or 0 for row in some) - rate * open_)
                wrong = off > len(some) or any(row.local is None for row in some)
                wrong |= month == UNTIL and open_ == 0 and off != 0
            if wrong:
                values = [(row.kind, row.amount, row.local, row.day) for row in some]
                yield (
                    f"value of note {note.int:x} before {month}: {open_} at {rate}: {values}\n"
                    + story(log, note, log[-1].at)
                )


def _rate(one: Told) -> Fraction | None:
    """Local smallest units for one of the note's."""
    local = BY_ID[one.entity].currency
    if one.currency == local:
        return Fraction(1)
    if not one.rate:
        return None
    return Fraction(one.rate) * Fraction(10) ** (DECIMALS[local] - DECIMALS[one.currency])
