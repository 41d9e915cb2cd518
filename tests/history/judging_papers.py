"""Holds the lists of each month end against those that are recomputed from the log."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from clearing.queries import papers
from tests.history.author import months
from tests.history.company import PLACES, Place
from tests.history.judge import story
from tests.history.knowing import Known
from tests.history.light import Event
from tests.history.recomputing_papers import MonthOf, Rows

Said = dict[tuple[datetime, UUID, date], Any]
LATER = timedelta(days=3)


def moments(log: Sequence[Event]) -> dict[datetime, list[date]]:
    """Some days after a month's end, at which its paper is made, and the months it is made of."""
    began = next(event.at for event in log if event.what == "swept")
    ends = [one for one in months()[1::4] if _utc(one, began) + LATER > began]
    return {
        _utc(end, began) + LATER: [(end - timedelta(days=1)).replace(day=1)]
        for end in ends
        if _utc(end, began) + LATER < log[-1].at
    }


def _utc(day: date, like: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=like.tzinfo)


def look(said: Said, at: datetime, of: Sequence[date]) -> None:
    """Make the papers of these months at this moment."""
    for place in PLACES:
        for month in of:
            said[at, place.id, month] = papers.read_month(place.id, month, at)


def judge(log: Sequence[Event], said: Said) -> str:
    """The first difference, "" if none. said: the papers as they were made, by moment."""
    return next(_differences(log, said), "")


def _differences(log: Sequence[Event], said: Said) -> Iterator[str]:
    known, at = Known(), iter(log)
    event = next(at, None)
    for moment in sorted({key[0] for key in said}):
        while event is not None and event.at < moment:
            known.take(event)
            event = next(at, None)
        for (when, place, month), content in said.items():
            if when == moment:
                (where,) = (one for one in PLACES if one.id == place)
                yield from _of_paper(known, where, month, content, moment, log)


def _of_paper(
    known: Known, place: Place, month: date, content: Any, moment: datetime, log: Sequence[Event]
) -> Iterator[str]:
    what = f"{place.code} {month:%Y-%m} known on {moment:%Y-%m-%d}"
    ours = MonthOf(known, place, month).lists()
    for name, expected in ours.items():
        found = [SAYS[name](row, _cells(name, row)) for row in content.lists[name]]
        if Counter(expected) != Counter(found):
            yield f"{what}, {name}:\n" + _how(expected, found, moment, log)
    yield from (f"{what}: {words}" for words in _of_figures(ours["open"], content))


def _how(expected: Rows, found: Rows, moment: datetime, log: Sequence[Event]) -> str:
    missing, more = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    lines = [f"  expected {row}" for row in missing] + [f"  found    {row}" for row in more]
    note = next(iter((*missing, *more)))[0]
    return "\n".join(map(str, lines)) + "\n" + story(log, note, moment)


def _cells(name: str, row: Any) -> dict[str, Any]:
    return dict(zip((one.key for one in papers.LISTS[name].columns), row.cells, strict=True))


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None


def _moved(row: Any, cells: dict[str, Any]) -> tuple[Any, ...]:
    return _id(cells["credit_note_id"]), _id(cells["invoice_id"]), cells["day"], cells["currency"]


def _linked(row: Any, cells: dict[str, Any]) -> tuple[Any, ...]:
    pair = _id(cells["credit_note_id"]), _id(cells["invoice_id"])
    return (*pair, cells["currency"], row.part == "here")


SAYS: dict[str, Callable[[Any, dict[str, Any]], tuple[Any, ...]]] = {
    "open": lambda row, c: (
        _id(c["credit_note_id"]), c["currency"], _why(row), row.age, c["amount"],
    ),
    "not-posted": lambda row, c: (
        _id(c["credit_note_id"]), c["currency"], row.part, c["posted"], c["net"], c["tax"],
        c["amount"], c["lacks"],
    ),
    "owing": lambda row, c: (
        _id(c["vendor_id"]), c["currency"], c["credit"], c["invoices"], c["amount"],
        c["not_asked"],
    ),
    "by-light": lambda row, c: (*_moved(row, c), c["amount"]),
    "promised": lambda row, c: (*_linked(row, c), c["promised"], c["amount"]),
    "not-honoured": lambda row, c: (*_linked(row, c), c["amount"]),
    "rests": lambda row, c: (
        _id(c["credit_note_id"]), c["currency"], c["whole"], c["amount"],
    ),
    "fx": lambda row, c: (*_moved(row, c), c["cleared"], c["amount"]),
    "reopened": lambda row, c: (*_moved(row, c), c["amount"]),
    "undecided": lambda row, c: (_id(c["credit_note_id"]), c["currency"], c["amount"]),
}  # fmt: skip


def _why(row: Any) -> str:
    return str(row.part)


def _of_figures(parts: Rows, content: Any) -> Iterator[str]:
    """The parts of open credit add up to the closing figure, in both currencies; every list's sums
    are those of its rows."""
    closing: dict[str, int] = defaultdict(int)
    for _note, currency, _why, _age, amount in parts:
        closing[currency] += amount
    kept: dict[str, int] = defaultdict(int)
    for currency, _why, _age, _count, amount in content.figures["open"]:
        kept[currency] += amount
    for one in content.figures["rolled"]:
        currency, rolled = one["currency"], one["closing"]
        if not rolled["amount"] == closing[currency] == kept[currency]:
            yield f"{currency} closes with {rolled}: expected {closing[currency]}, kept {kept[currency]}"
        values = [row.cells[10] for row in content.lists["open"] if row.currency == currency]
        if not rolled["untranslated"] and sum(values) != rolled["local"]:
            yield f"{currency} is worth {rolled['local']}, its parts {values}"
    for name, rows in content.lists.items():
        sums: dict[str, int] = defaultdict(int)
        for row in rows:
            sums[row.currency] += row.amount or 0
        kept_sums = content.figures["lists"][name]["sums"]
        if {one: amount for one, (_n, amount) in kept_sums.items()} != sums:
            yield f"{name}: sums {kept_sums} of rows that make {dict(sums)}"
