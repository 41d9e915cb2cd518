"""Mistakes planted into the booking; the recomputation has to find each of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Any

from clearing import months, movements
from clearing.models import SyncRun
from clearing.services import booking

Patch = Any  # pytest's monkeypatch
FACTS, NEWS = movements.facts, movements.news


def undone_on_the_clearings_own_day(patch: Patch) -> None:
    of_clearing = movements._of_clearing

    def bug(one: Any, day_of: Any) -> Any:
        found = of_clearing(one, day_of)
        return [replace(fact, day=found[0].day) for fact in found]

    patch.setattr(movements, "_of_clearing", bug)


def undone_never(patch: Patch) -> None:
    of_clearing = movements._of_clearing
    patch.setattr(movements, "_of_clearing", lambda one, day_of: of_clearing(one, day_of)[:1])


def undone_after_the_end(patch: Patch) -> None:
    patch.setattr(movements, "_undone_by_then", lambda found, days: found)


def taken_back_rows_are_not_counted(patch: Patch) -> None:
    count = booking._count
    patch.setattr(
        booking, "_count", lambda rows: count(row for row in rows if row.takes_back is None)
    )


def what_light_shows_otherwise_is_not_taken_back(patch: Patch) -> None:
    def bug(*args: Any, **more: Any) -> Any:
        return [fact for fact in NEWS(*args, **more) if fact.takes_back is None]

    patch.setattr(movements, "news", bug)


def taken_back_on_the_day_of_what_stands_anew(patch: Patch) -> None:
    def bug(*args: Any, **more: Any) -> Any:
        found = NEWS(*args, **more)
        days = {fact.key: fact.day for fact in found if fact.takes_back is None}
        return [replace(fact, day=days.get(fact.key, fact.day)) for fact in found]

    patch.setattr(movements, "news", bug)


def another_payment_date_is_not_seen(patch: Patch) -> None:
    patch.setattr(movements, "_same", lambda fact, row: fact.amount == row.amount)


def the_assumed_day_wanders(patch: Patch) -> None:
    patch.setattr(movements, "_on_its_day", lambda fact, days: fact)


def late_in_utc(patch: Patch) -> None:
    patch.setattr(
        booking._Places, "is_late",
        lambda self, day, entity: self.began and self.now >= months.over_at(day, UTC),
    )  # fmt: skip


def late_by_the_zone_of_where_the_note_is_now(patch: Patch) -> None:
    row_of = booking._row

    def bug(fact: Any, note: Any, was: Any, places: Any) -> Any:
        row = row_of(fact, note, was, places)
        row.late = places.is_late(row.day, note.entity_id)
        return row

    patch.setattr(booking, "_row", bug)


def the_first_runs_details_are_late(patch: Patch) -> None:
    post_init = booking._Places.__post_init__

    def bug(self: Any) -> None:
        post_init(self)
        self.began = SyncRun.objects.filter(lists_done_at__isnull=False).exists()

    patch.setattr(booking._Places, "__post_init__", bug)


def days_in_utc(patch: Patch) -> None:
    def bug(note: Any, entries: Any, *, day_of: Any, rest_is_cleared: bool) -> Any:
        return FACTS(
            note, entries, rest_is_cleared=rest_is_cleared,
            day_of=lambda moment: moment.astimezone(UTC).date(),
        )  # fmt: skip

    patch.setattr(movements, "facts", bug)


def the_rest_of_a_cleared_note_is_booked_again(patch: Patch) -> None:
    standing = booking.standing

    def bug(rows: Any) -> Any:
        return [row for row in standing(rows) if not booking._is_rest(row)]

    patch.setattr(booking, "standing", bug)


def the_rest_of_a_cleared_note_does_not_wait(patch: Patch) -> None:
    def bug(note: Any, entries: Any, *, day_of: Any, rest_is_cleared: bool) -> Any:
        return FACTS(note, entries, rest_is_cleared=True, day_of=day_of)

    patch.setattr(movements, "facts", bug)


def a_note_that_vanished_stays_open(patch: Patch) -> None:
    def bug(note: Any, *args: Any, **more: Any) -> Any:
        return [fact for fact in FACTS(note, *args, **more) if not (note.gone_at and _ends(fact))]

    patch.setattr(movements, "facts", bug)


def _ends(fact: movements.Fact) -> bool:
    return fact.kind == movements.CANCELLED


def cancelled_whole(patch: Patch) -> None:
    def bug(note: Any, *args: Any, **more: Any) -> Any:
        found = FACTS(note, *args, **more)
        return [replace(fact, amount=-note.amount) if _ends(fact) else fact for fact in found]

    patch.setattr(movements, "facts", bug)


def a_move_to_another_entity_is_not_seen(patch: Patch) -> None:
    patch.setattr(movements, "_moved", lambda *args: False)


def booked_on_the_document_date(patch: Patch) -> None:
    def bug(note: Any, *args: Any, **more: Any) -> Any:
        first, *rest = FACTS(note, *args, **more)
        return [replace(first, day=note.document_date or first.day, assumed=False), *rest]

    patch.setattr(movements, "facts", bug)


def a_rest_of_a_cent_is_left_in_the_entitys_currency(patch: Patch) -> None:
    valued = movements._valued

    def bug(fresh: Any, open_: int, value: int, values: Any, at: Any) -> Any:
        found = valued(fresh, open_, value, values, at)
        return [replace(fact, local=at.value(fact.amount)) for fact in found]

    patch.setattr(movements, "_valued", bug)


BUGS: list[Callable[[Patch], None]] = [
    one
    for name, one in list(globals().items())
    if callable(one) and getattr(one, "__module__", "") == __name__ and not name.startswith("_")
]
