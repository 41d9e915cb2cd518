"""What the rules work on: one group's open documents as columns, and the links found so far.

A credit or a payable is a position in these columns. Credits stand in the order of their day,
payables in the order of their due date, then by id: a rule that walks along a column does not
depend on the order of the input.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

from clearing.matching.values import (
    ADDS_UP,
    DUE_EARLIER,
    DUE_LATER,
    EXACT,
    NEXT_PAYMENT,
    NO_DUE,
    OLDEST_DUE,
    OTHER_AMOUNT,
    REFERENCE,
    SAME,
    Group,
    Other,
    Rules,
    Suggestion,
)

ID, TEXT_ID = attrgetter("id.int"), itemgetter(0)  # ids may be text: they sort the same
DAY, DUE = itemgetter(2), itemgetter(2)  # fields of Credit and of Payable
SPARES = 3  # payables that are looked at for a runner-up
FITTED = frozenset((REFERENCE, EXACT, ADDS_UP))  # before sets are counted, or one of them
IN_ORDER = frozenset((NEXT_PAYMENT, OLDEST_DUE))
# credit, payable, amount, rule, strength, runner-up, rivals, size, rest
Row = tuple[int, int, int, str, int, Other | None, int, int, int]
make: Any = tuple.__new__  # a NamedTuple without the cost of its constructor


class Table:
    """The columns of one group; `free` and `need` shrink as links are found."""

    def __init__(self, group: Group, rules: Rules) -> None:
        self.group, self.rules = group, rules
        credits, payables = _ordered(group.credits, DAY), _ordered(group.payables, DUE)
        self.credit_ids, self.frees, self.credit_days, self.cites, taken = _columns(credits, 5)
        self.payable_ids, self.needs, self.due, self.pays, issued, self.posted, self.keys = (
            _columns(payables, 7)
        )
        self.free, self.need = list(self.frees), list(self.needs)
        self.dates = issued
        if not all(issued):
            self.dates = [day or due for day, due in zip(issued, self.due, strict=True)]
        self.bound = rules.one_posted_per_credit
        self.used = list(taken)  # whether a credit has its one posted payable
        self.without = self._positions(group.without) if group.without else set()
        self.named: dict[int, tuple[int, ...]] = {}  # by credit: the payables that it names
        self.names: dict[int, list[str]] = {}  # and the keys by which it does
        self.aside: dict[int, tuple[int, UUID]] = {}  # by credit: what is left, a settled invoice
        self.sets: dict[int, int] = {}  # by credit: how many sets would have added up
        self.sets_for: dict[int, int] = {}  # the same by payable
        self.rows: list[Row] = []  # what was found
        self.work = rules.work
        self.gave_up = False

    def _positions(self, pairs: Iterable[tuple[UUID, UUID]]) -> set[tuple[int, int]]:
        """The pairs that are never suggested, as positions."""
        credits = {id: c for c, id in enumerate(self.credit_ids)}
        payables = {id: p for p, id in enumerate(self.payable_ids)}
        return {
            (credits[one], payables[other])
            for one, other in pairs
            if one in credits and other in payables
        }

    def may(self, c: int, p: int) -> bool:
        """Whether this pair may be linked, as far as declined pairs and posted payables go."""
        if self.bound and self.posted[p] and self.used[c]:
            return False
        return not self.without or (c, p) not in self.without

    def may_instead(self, c: int, p: int, q: int) -> bool:
        """Whether the credit may pay `q` in the place of `p`, which it has been given."""
        if self.posted[q] and self.bound and self.used[c] and not self.posted[p]:
            return False
        return not self.without or (c, q) not in self.without

    def is_early(self, c: int, p: int) -> bool:
        """Whether the credit is dated before the invoice."""
        return 0 < self.credit_days[c] < self.dates[p]

    def link(
        self,
        c: int,
        p: int,
        rule: str,
        strength: int,
        other: Other | None = None,
        rivals: int = 0,
        size: int = 0,
        rest: int = 0,
    ) -> None:
        """Suggest this pair with the most that both sides still have."""
        have, lacks = self.free[c], self.need[p]
        amount = have if have < lacks else lacks
        self.free[c] = have - amount
        self.need[p] = lacks - amount
        if self.posted[p]:
            self.used[c] = True
        self.rows.append((c, p, amount, rule, strength, other, rivals, size, rest))

    def suggestions(self) -> list[Suggestion]:
        """What was found, with what is told of every pair."""
        credit_ids, days, frees = self.credit_ids, self.credit_days, self.frees
        named, names = self.named, self.names
        payable_ids, dates, needs = self.payable_ids, self.dates, self.needs
        sets, sets_for, spares = self.sets, self.sets_for, self._spares()
        uncounted = not sets and not sets_for
        found = []
        for c, p, amount, rule, strength, other, rivals, size, rest in self.rows:
            day, date, some = days[c], dates[p], named.get(c, ())
            apart = day - date if day and date else -1
            early = day < date and day > 0
            if other is None and rule not in IN_ORDER:
                other = self._other(c, p, rule, spares)
            found.append(
                make(
                    Suggestion,
                    (
                        credit_ids[c], payable_ids[p], amount, rule, strength,
                        names[c][some.index(p)] if p in some else "",
                        frees[c] == needs[p],
                        -apart if early else apart, early, rivals, size,
                        0 if uncounted or rule in FITTED else sets.get(c) or sets_for.get(p, 0),
                        rest, other,
                    ),
                )
            )  # fmt: skip
        return found

    def _spares(self) -> list[int]:
        """The first by due date that are still open, else the first of all: the runners-up."""
        found = list(islice((p for p, left in enumerate(self.need) if left), SPARES))
        return found or list(range(min(SPARES, len(self.need))))

    def _other(self, c: int, p: int, rule: str, spares: list[int]) -> Other | None:
        """The runner-up of a pair that fitted: the first spare that this credit may pay."""
        due, ids, without = self.due, self.payable_ids, self.without
        for q in spares:
            if q == p or (without and (c, q) in without):
                continue
            if self.posted[q] and not self.may_instead(c, p, q):
                continue
            if rule != REFERENCE:
                return make(Other, (ids[q], OTHER_AMOUNT, abs(self.needs[q] - self.frees[c])))
            mine, its = due[p], due[q]
            if its and its < mine:
                return make(Other, (ids[q], DUE_EARLIER, mine - its))
            return make(Other, (ids[q], *_by_due(mine, its)))
        return None


def _by_due(mine: int, its: int) -> tuple[str, int]:
    """How the runner-up's due date, which is not before mine, compares with it."""
    if mine == its:
        return SAME, 0
    if not its:
        return NO_DUE, 0
    return (DUE_LATER, its - mine) if mine else (DUE_EARLIER, 0)


def _ordered(documents: Iterable[Any], date: Any) -> list[Any]:
    """Those with something open by date, then id; without a date at the end."""
    kept = [one for one in documents if one[1] > 0]
    kept.sort(key=ID if kept and isinstance(kept[0][0], UUID) else TEXT_ID)
    kept.sort(key=date)
    if kept and not date(kept[0]):
        undated = bisect_right(kept, 0, key=date)
        return kept[undated:] + kept[:undated]
    return kept


def _columns(rows: list[Any], count: int) -> Any:
    return tuple(zip(*rows, strict=True)) if rows else ((),) * count
