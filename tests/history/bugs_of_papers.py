"""Mistakes planted into the lists of a month; the recomputation has to find each of them.

Each is about one list: the name in front of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, timedelta
from types import SimpleNamespace
from typing import Any

from django.db.models import Value

from clearing import months
from clearing.models import Clearing, Decision, Movement
from clearing.queries.papers import moved, not_posted, open_credit, owing, promised
from clearing.queries.papers.scope import Scope

Patch = Any  # pytest's monkeypatch


def _last_day_left_out(patch: Patch) -> None:
    last = property(lambda self: months.last_day(self.month) - timedelta(days=1))
    patch.setattr(Scope, "last", last)


def _over_in_utc(patch: Patch) -> None:
    patch.setattr(Scope, "over_at", property(lambda self: months.over_at(self.month, UTC)))


def _without(patch: Patch, module: Any, model: Any, **left_out: Any) -> None:
    """A list that does not see some rows of a model."""
    stub = SimpleNamespace(objects=model.objects.exclude(**left_out), Kind=Movement.Kind)
    patch.setattr(module, model.__name__, stub)


def not_posted__the_last_day_is_left_out(patch: Patch) -> None:
    _last_day_left_out(patch)


def not_posted__what_was_posted_since_is_forgotten(patch: Patch) -> None:
    patch.setattr(not_posted, "_posted_after", lambda scope: {})


def not_posted__a_discarded_draft_is_one(patch: Patch) -> None:
    patch.setattr(not_posted, "BEFORE_LEDGER", (*not_posted.BEFORE_LEDGER, "ARCHIVED"))


def not_posted__what_was_discarded_since_is_forgotten(patch: Patch) -> None:
    patch.setattr(not_posted, "_discarded_since", lambda scope, mine: iter(()))


def not_posted__what_was_discarded_before_too(patch: Patch) -> None:
    since = not_posted._discarded_since

    def bug(scope: Scope, mine: Any) -> Any:
        return since(replace(scope, month=months.earlier(scope.month, 2)), mine)

    patch.setattr(not_posted, "_discarded_since", bug)


def not_posted__the_vat_is_lost(patch: Patch) -> None:
    totals = not_posted.lines.totals
    patch.setattr(not_posted.lines, "totals", lambda some: replace(totals(some), tax=0))


def owing__payments_that_were_not_read_are_open(patch: Patch) -> None:
    issued = owing._issued

    def bug(scope: Scope, vendors: Any) -> Iterable[Any]:
        return [row | {"unasked": 0} for row in issued(scope, vendors)]

    patch.setattr(owing, "_issued", bug)


def owing__what_is_cancelled_was_always_owed(patch: Patch) -> None:
    patch.setattr(owing, "_state_then", lambda scope: Value("UNPAID"))


def owing__what_the_bank_paid_is_open(patch: Patch) -> None:
    _without(patch, owing, Clearing, type="BP")


def owing__what_was_undone_since_was_never_cleared(patch: Patch) -> None:
    _without(patch, owing, Clearing, gone_at__isnull=False)


def owing__the_last_day_is_left_out(patch: Patch) -> None:
    _last_day_left_out(patch)


def open__settled_since_is_not_told(patch: Patch) -> None:
    then = open_credit.open_then
    bug = lambda scope: [replace(one, since=0) for one in then(scope)]  # noqa: E731
    patch.setattr(open_credit, "open_then", bug)


def open__what_is_planned_has_no_decision(patch: Patch) -> None:
    parts = open_credit._parts
    patch.setattr(open_credit, "_parts", lambda one, _balance, said: parts(one, None, said))


def open__decided_for_another_credit_note(patch: Patch) -> None:
    def bug(ids: Iterable[Any]) -> list[Decision]:
        ids = sorted(ids)
        rows = list(Decision.objects.filter(credit_note_id__in=ids, ended_at=None))
        for row in rows:
            row.credit_note_id = ids[ids.index(row.credit_note_id) - 1]
        return rows

    patch.setattr(open_credit, "_holding", bug)


def open__a_decision_that_ended_holds(patch: Patch) -> None:
    bug = lambda ids: Decision.objects.filter(credit_note_id__in=ids)  # noqa: E731
    patch.setattr(open_credit, "_holding", bug)


def open__a_rate_that_came_later_is_none(patch: Patch) -> None:
    patch.setattr(open_credit, "STANDS", Value(1))


def open__each_part_is_worth_one_less(patch: Patch) -> None:
    row = open_credit._row

    def bug(*of: Any) -> Any:
        *first, value, said = of
        return row(*first, value and value - 1, said)

    patch.setattr(open_credit, "_row", bug)


def open__what_has_no_date_is_new(patch: Patch) -> None:
    def bug(scope: Scope, of: Any) -> Any:
        return {id: note.document_date or note.posting_date for id, note in of.items()}

    patch.setattr(open_credit, "dated", bug)


def open__thirty_days_are_old(patch: Patch) -> None:
    age = open_credit.age
    patch.setattr(open_credit, "age", lambda day, on: age(day, on + timedelta(days=1)))


def promised__over_in_utc(patch: Patch) -> None:
    _over_in_utc(patch)


def promised__as_it_is_now(patch: Patch) -> None:
    def bug(scope: Scope, links: Any) -> Any:
        return {
            promised._pair(one): promised.Then(one.amount, scope.day_of(one.first_seen_at))
            for one in links
        }

    patch.setattr(promised, "_then", bug)


def promised__what_was_undone_is_cleared(patch: Patch) -> None:
    _without(patch, promised, Movement, kind="undone")


def promised__by_a_credit_note_that_is_used_up(patch: Patch) -> None:
    then = promised._moved

    def bug(scope: Scope, links: Any) -> Any:
        pairs, open_ = then(scope, links)
        return pairs, {link.credit_note_id: open_[link.credit_note_id] or 1 for link in links}

    patch.setattr(promised, "_moved", bug)


def not_honoured__in_every_month_since(patch: Patch) -> None:
    day_of = Scope.day_of
    patch.setattr(Scope, "day_of", lambda self, at: max(day_of(self, at), self.month))


def by_light__what_light_shows_no_more_too(patch: Patch) -> None:
    def bug(scope: Scope, *kinds: str) -> Any:
        return Movement.objects.filter(
            entity_id=scope.named, month=scope.month, kind__in=kinds, amount__lt=0
        )

    patch.setattr(moved, "standing", bug)


def reopened__what_light_shows_no_more_too(patch: Patch) -> None:
    def bug(scope: Scope, *kinds: str) -> Any:
        return Movement.objects.filter(entity_id=scope.named, month=scope.month, kind__in=kinds)

    patch.setattr(moved, "standing", bug)


def fx__the_wrong_sign(patch: Patch) -> None:
    translated = moved.fx.translated

    def bug(amount: int, *more: Any) -> int | None:
        return translated(-amount, *more)

    patch.setattr(moved, "fx", SimpleNamespace(translated=bug))


def fx__what_was_undone_stays(patch: Patch) -> None:
    standing = moved.standing
    patch.setattr(moved, "standing", lambda scope, *kinds: standing(scope, kinds[0]))


def rests__fifty_units(patch: Patch) -> None:
    patch.setattr(open_credit, "FEW", 50)


BUGS: list[Callable[[Patch], None]] = [
    one
    for name, one in list(globals().items())
    if callable(one) and getattr(one, "__module__", "") == __name__ and not name.startswith("_")
]


def list_of(bug: Callable[[Patch], None]) -> str:
    """The key of the list that it is about."""
    return bug.__name__.split("__")[0].replace("_", "-")
