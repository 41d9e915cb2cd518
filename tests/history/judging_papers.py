"""Holds the lists of each month end against those that are recomputed from the log."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
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
        if how := different(name, expected, content.lists[name]):
            yield f"{what}, {name}:\n{how}" + _story(expected, content.lists[name], moment, log)
    yield from (f"{what}: {words}" for words in _of_figures(ours["open"], content))


def different(name: str, expected: Rows, rows: Iterable[Any]) -> str:
    """Rows of a list that are missing, or too many; "" if none."""
    found = [SAYS[name](row, _cells(name, row)) for row in rows]
    missing, more = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    lines = [f"  expected {row}" for row in missing] + [f"  found    {row}" for row in more]
    return "\n".join(lines)


def _story(expected: Rows, rows: Any, moment: datetime, log: Sequence[Event]) -> str:
    """What happened to the credit note of the first row."""
    first = next(iter((*expected, *(row.cells for row in rows))), (None,))[0]
    return "\n" + story(log, first, moment) if isinstance(first, UUID) else ""


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
        _id(c["credit_note_id"]), c["currency"], row.part, row.age, c["amount"],
    ),
    "not-posted": lambda row, c: (
        _id(c["credit_note_id"]), c["currency"], row.part, c["posted"], c["net"], c["tax"],
        c["amount"], c["lacks"],
    ),
    "owing": lambda row, c: (
        _id(c["vendor_id"]), c["currency"], c["credit"], c["invoices"], row.amount, c["amount"],
        c["at_most"], c["not_asked"],
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


def _of_figures(parts: Rows, content: Any) -> Iterator[str]:
    """The parts of open credit add up to the closing figure, in both currencies; every list's sums
    are those of its rows."""
    yield from unequal(parts, content.figures["rolled"], content.lists["open"])
    kept: dict[str, int] = defaultdict(int)
    for currency, _why, _age, _count, amount in content.figures["open"]:
        kept[currency] += amount
    rolled = {one["currency"]: one["closing"]["amount"] for one in content.figures["rolled"]}
    if {one: amount for one, amount in rolled.items() if amount} != {
        one: amount for one, amount in kept.items() if amount
    }:
        yield f"closes with {rolled}, its parts make {dict(kept)}"
    for name, rows in content.lists.items():
        sums: dict[str, int] = defaultdict(int)
        for row in rows:
            sums[row.currency] += row.amount or 0
        kept_sums = content.figures["lists"][name]["sums"]
        if {one: amount for one, (_n, amount) in kept_sums.items()} != sums:
            yield f"{name}: sums {kept_sums} of rows that make {dict(sums)}"


def unequal(parts: Rows, rolled: list[dict[str, Any]], rows: Sequence[Any]) -> Iterator[str]:
    """Where the parts, or what they are worth, do not make the closing figure."""
    closing: dict[str, int] = defaultdict(int)
    for _note, currency, _why, _age, amount in parts:
        closing[currency] += amount
    for one in rolled:
        currency, kept = one["currency"], one["closing"]
        if kept["amount"] != closing[currency]:
            yield f"{currency} closes with {kept}: expected {closing[currency]}"
        values = [row.cells[10] for row in rows if row.currency == currency]
        if not kept["untranslated"] and (None in values or sum(values) != kept["local"]):
            yield f"{currency} is worth {kept['local']}, its parts {values}"
