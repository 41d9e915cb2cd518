"""What the engine reads and says. Amounts are integers in the smallest unit of one currency.

Dates are proleptic ordinals (date.toordinal()), 0 where one is missing: cheap to compare.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

CERTAIN, LIKELY, POSSIBLE = 3, 2, 1  # strengths

# Rules, in the order in which they are tried.
REFERENCE, EXACT, ADDS_UP, NEARLY, NEXT_PAYMENT, OLDEST_DUE = RULES = (
    "reference", "exact", "adds_up", "nearly", "next_payment", "oldest_due",
)  # fmt: skip

# Why a credit is left without a suggestion.
NO_PAYABLE = "no_payable"  # nothing is open in this group
NOTHING_LEFT = "nothing_left"  # what is open is paid by other credits
CITES_PAID = "cites_paid"  # it names an invoice that is settled
ONE_POSTED = "one_posted"  # it may pay one posted invoice only, and does
RULED_OUT = "ruled_out"  # what is open was declined for it, is linked to it or held with it


class Credit(NamedTuple):
    """A credit note of one vendor, entity and currency; `open` is what is free to use of it.

    `cites`: the keys (matching.numbers) that its texts name, the best place first.
    `posted_taken`: an open line of it to a posted invoice exists already.
    """

    id: UUID
    open: int
    day: int = 0
    cites: tuple[str, ...] = ()
    posted_taken: bool = False


class Payable(NamedTuple):
    """An invoice of the same group; `open` is what credit can still pay.

    `pays` is the day its payment is made, 0 where none is set; `keys` are the forms under which
    its number may be cited, the whole number first.
    """

    id: UUID
    open: int
    due: int = 0
    pays: int = 0
    issued: int = 0
    posted: bool = False
    keys: tuple[str, ...] = ()


# Why the runner-up lost.
NOT_CITED = "not_cited"  # it has the same amount, but the credit names another
OTHER_AMOUNT = "other_amount"  # its amount differs
OTHER_DATE = "other_date"  # the same amount, but its date is further away
PAYS_LATER = "pays_later"
DUE_LATER = "due_later"
DUE_EARLIER = "due_earlier"  # though due earlier: another sign was stronger
NO_DUE = "no_due"  # it has no due date, nor a payment
SAME = "same"  # nothing tells them apart but their ids


class Other(NamedTuple):
    """The runner-up: another invoice for the same credit, and why it lost."""

    payable_id: UUID
    why: str
    by: int = 0  # the difference: smallest units of an amount, days of a date


class Suggestion(NamedTuple):
    """One link worth proposing. `why` is data: the template makes the words."""

    credit_id: UUID
    payable_id: UUID
    amount: int
    rule: str
    strength: int
    key: str = ""  # the cited key; also where another rule chose and the texts agree
    same: bool = False  # the same open amount on both sides
    days: int = -1  # between the invoice's date and the credit's; -1: one is missing
    early: bool = False  # the credit is dated before the invoice
    rivals: int = 0  # other candidates that fit as well
    size: int = 0  # documents of the set that adds up exactly
    sets: int = 0  # how many sets would have added up, where none was chosen
    rest: int = 0  # what stays open where it fits nearly
    other: Other | None = None

    def as_data(self) -> dict[str, Any]:
        """What is stored with a line: plain JSON without the documents of the line itself."""
        data = {
            name: value
            for name, value in zip(self._fields[2:-1], self[2:-1], strict=True)
            if value not in ("", False, 0) or name in ("days", "amount")
        }
        if self.other:
            data["other"] = [str(self.other.payable_id), self.other.why, self.other.by]
        return data


class Unused(NamedTuple):
    """A credit that is left, wholly or in part: `left`, the cause, the invoice it is about."""

    credit_id: UUID
    left: int
    cause: str
    payable_id: UUID | None = None
    sets: int = 0


@dataclass(frozen=True)
class Rules:
    """What the house and the books lay down for one group."""

    order: tuple[str, ...] = RULES
    one_posted_per_credit: bool = True
    tolerance: int = 0  # smallest units
    work: int = 20_000  # steps that the search for exact sets may take in one group


@dataclass(frozen=True)
class Group:
    """One vendor, entity and currency: what the engine matches within."""

    key: Hashable  # (vendor id, entity id, currency)
    credits: list[Credit]
    payables: list[Payable]
    without: frozenset[tuple[UUID, UUID]] = frozenset()  # pairs never suggested (again)
    settled: Mapping[str, UUID] = field(default_factory=dict)  # key of a settled invoice: its id


@dataclass(frozen=True)
class Result:
    """What the engine says of one group."""

    suggestions: list[Suggestion]
    unused: list[Unused]
    gave_up: bool = False  # the search for exact sets was cut off
