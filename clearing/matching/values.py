"""What the engine reads and says. Amounts are integers in the smallest unit of one currency."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class Credit:
    """A credit note of one vendor, entity and currency; `open` is what is free to use of it.

    `posted_taken`: an open line of it to a posted invoice exists already.
    """

    id: UUID
    open: int
    day: date | None
    posted_taken: bool = False


@dataclass(frozen=True)
class Payable:
    """An invoice of the same vendor, entity and currency; `open` is what credit can still pay."""

    id: UUID
    open: int
    due: date | None
    posted: bool


@dataclass(frozen=True)
class Suggestion:
    """One link worth proposing; `due` and `day` are the dates that the rule looked at."""

    credit_id: UUID
    payable_id: UUID
    amount: int
    rule: str
    due: date | None
    day: date | None
