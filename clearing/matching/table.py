"""What the rules work on: one group's open documents as columns, and the links found so far.

A credit or a payable is a position in these columns. Credits stand in the order of their day,
payables in the order of their due date, then by id: a rule that walks along a column does not
depend on the order of the input.
"""

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

from clearing.matching.values import (
    OTHER_AMOUNT,
    Group,
    Other,
    Rules,
    Suggestion,
)

ID = attrgetter("id.int")
DAY, DUE = itemgetter(2), itemgetter(2)  # fields of Credit and of Payable
FAR = 32  # how many documents are looked at for a runner-up
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
        self.dates = [day or due for day, due in zip(issued, self.due, strict=True)]
        self.bound = rules.one_posted_per_credit
        self.used = list(taken)  # whether a credit has its one posted payable
        self.without = self._positions(group.without) if group.without else set()
        self.named: dict[int, dict[int, str]] = {}  # by credit: the payables it names, the key
        self.aside: dict[int, tuple[int, UUID]] = {}  # by credit: what is left, a settled invoice
        self.sets: dict[int, int] = {}  # by credit: how many sets would have added up
        self.sets_for: dict[int, int] = {}  # the same by payable
        self.found: list[Suggestion] = []
        self.gave_up = False
        self._first = 0

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
        if self.bound and self.posted[q] and self.used[c] and not self.posted[p]:
            return False
        return not self.without or (c, q) not in self.without

    def is_early(self, c: int, p: int) -> bool:
        """Whether the credit is dated before the invoice."""
        return 0 < self.credit_days[c] < self.dates[p]

    def next_best(self, c: int, p: int) -> int:
        """The first open payable in the order of due dates that this credit may pay but `p`."""
        need, first = self.need, self._first
        while first < len(need) and not need[first]:
            first += 1
        self._first = first
        for q in range(first, min(len(need), first + FAR)):
            if need[q] and q != p and self.may(c, q):
                return q
        return -1

    def other_amount(self, c: int, p: int) -> Other | None:
        """The next best payable as the runner-up that differs in its amount."""
        q = self.next_best(c, p)
        if q < 0:
            return None
        by = abs(self.need[q] - self.free[c])
        return make(Other, (self.payable_ids[q], OTHER_AMOUNT, by))

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
        self.say(c, p, amount, rule, strength, other, rivals, size, rest)

    def say(
        self,
        c: int,
        p: int,
        amount: int,
        rule: str,
        strength: int,
        other: Other | None,
        rivals: int = 0,
        size: int = 0,
        rest: int = 0,
    ) -> None:
        """Write a suggestion down, with what is told of every pair."""
        day, date = self.credit_days[c], self.dates[p]
        early = False
        days = -1
        if day and date:
            early = day < date
            days = date - day if early else day - date
        named = self.named.get(c)
        key = named.get(p, "") if named else ""
        sets = self.sets.get(c) or self.sets_for.get(p, 0)
        same = self.frees[c] == self.needs[p]
        self.found.append(
            make(
                Suggestion,
                (
                    self.credit_ids[c], self.payable_ids[p], amount, rule, strength, key, same,
                    days, early, rivals, size, sets, rest, other,
                ),
            )
        )  # fmt: skip


def _ordered(documents: Iterable[Any], date: Any) -> list[Any]:
    """Those with something open by date, then id; without a date at the end."""
    kept = [one for one in documents if one[1] > 0]
    kept.sort(key=ID)
    kept.sort(key=date)
    undated = bisect_right(kept, 0, key=date)
    return kept[undated:] + kept[:undated] if undated else kept


def _columns(rows: list[Any], count: int) -> Any:
    return tuple(zip(*rows, strict=True)) if rows else ((),) * count
