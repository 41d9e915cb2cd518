"""The documents of a vendor whose truth is known, as the engine gets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from uuid import UUID

from clearing.matching import Credit, Group, Payable, numbers

PDF_BARE = 6  # as in clearing.pdf_text


@dataclass
class Bill:
    """An invoice; `left` is what no credit of the truth has taken yet."""

    id: UUID
    number: str
    amount: int
    issued: date
    due: date
    posted: bool
    settled: bool = False
    left: int = 0


@dataclass
class Note:
    """A credit note, its texts, and the truth: amounts by invoice; empty where it has none."""

    id: UUID
    kind: str
    own: str
    amount: int
    day: date
    truth: dict[UUID, int] = field(default_factory=dict)
    also: frozenset[UUID] = frozenset()  # invoices that are as right: nobody can tell
    description: str = ""
    line: str = ""
    pdf: str = ""

    def cites(self, with_pdf: bool) -> tuple[str, ...]:
        """What the tokeniser finds, the best place first."""
        found = [
            *numbers.found(self.description, self.own),
            *numbers.found(self.line, self.own),
            *numbers.found_in_number(self.own),
            *(numbers.found(self.pdf, self.own, PDF_BARE) if with_pdf else ()),
        ]
        mine = {numbers.key(self.own), *numbers.forms(numbers.key(self.own))}
        return tuple(dict.fromkeys(key for key, _ in found if key not in mine))


@dataclass
class Vendor:
    """One vendor, entity and currency."""

    chance: Random
    bills: list[Bill] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def group(self, with_pdf: bool = True) -> Group:
        """As the engine gets it."""
        return Group(
            key=0,
            credits=[
                Credit(one.id, one.amount, one.day.toordinal(), one.cites(with_pdf))
                for one in self.notes
            ],
            payables=[
                Payable(
                    one.id, one.amount, one.due.toordinal(), 0, one.issued.toordinal(), one.posted,
                    numbers.forms(numbers.key(one.number)),
                )
                for one in self.bills if not one.settled
            ],
            settled={numbers.key(one.number): one.id for one in self.bills if one.settled},
        )  # fmt: skip
