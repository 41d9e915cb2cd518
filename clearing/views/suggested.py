"""What the engine suggests for one clearing page, and what it would do with the rest of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from clearing import matching
from clearing.forms import Cell
from clearing.models import Entity, Vendor
from clearing.services import grouping

Found = dict[Cell, matching.Suggestion]


class Suggested:
    """The suggestions of one vendor, entity and currency; with `wanted` documents, only of them.

    The same group and rules as a plan's.
    """

    def __init__(
        self, vendor: Vendor, entity: Entity, currency: str, wanted: Collection[UUID] = ()
    ) -> None:
        self.whole = grouping.one(vendor.id, entity.id, currency)
        self.rules = grouping.rules(currency)
        self.group = _only(self.whole, wanted)
        self.result = matching.match(self.group, self.rules)
        self.found = _by_cell(self.result.suggestions)

    def everything(self) -> Found:
        """Without regard to the documents that one came from."""
        return _by_cell(matching.match(self.whole, self.rules).suggestions)

    def partners(self) -> dict[UUID, set[UUID]]:
        """By document, the others that belong on its page."""
        found: dict[UUID, set[UUID]] = defaultdict(set)
        for credit, payable in self.found:
            found[credit].add(payable)
        return found

    def rest(self, fixed: Mapping[Cell, int], without: Collection[Cell] = ()) -> Found:
        """What it suggests beside these amounts, which stay as they are, and without pairs."""
        used: dict[UUID, int] = defaultdict(int)
        for cell, amount in fixed.items():
            for document in cell:
                used[document] += amount
        posted = {one.id for one in self.whole.payables if one.posted}
        bound = {note for note, invoice in fixed if invoice in posted}
        credits = [
            one._replace(
                open=one.open - used[one.id], posted_taken=one.posted_taken or one.id in bound
            )
            for one in self.group.credits
            if one.open > used[one.id]
        ]
        payables = [
            one._replace(open=one.open - used[one.id])
            for one in self.group.payables
            if one.open > used[one.id]
        ]
        pairs = self.group.without | fixed.keys() | set(without)
        left = replace(self.group, credits=credits, payables=payables, without=pairs)
        return _by_cell(matching.match(left, self.rules).suggestions)


def _only(group: matching.Group, wanted: Collection[UUID]) -> matching.Group:
    """Only the credits and invoices that are wanted; all of a side where none of it is."""
    credits = [one for one in group.credits if one.id in wanted] or group.credits
    payables = [one for one in group.payables if one.id in wanted] or group.payables
    return replace(group, credits=credits, payables=payables)


def _by_cell(suggestions: list[matching.Suggestion]) -> Found:
    return {(one.credit_id, one.payable_id): one for one in suggestions}
