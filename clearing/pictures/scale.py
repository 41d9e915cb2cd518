"""From amounts to places across a picture: whole numbers all the way."""

from collections.abc import Iterable
from dataclasses import dataclass

WHOLE = 10_000  # the width of a picture, in hundredths of a percent
FITS = 36  # letters of a line beside one another, at a width of 320 px
LONGEST = 30  # letters of a label; the table has the whole of it


@dataclass(frozen=True)
class Scale:
    """Amounts from low to high, both in the smallest unit; 0 is always among them."""

    low: int
    high: int

    @classmethod
    def over(cls, amounts: Iterable[int]) -> "Scale":
        found = [0, *amounts]
        return cls(min(found), max(found))

    def place(self, amount: int) -> int:
        """Where this amount stands, in hundredths of a percent from the left."""
        span = self.high - self.low
        return (amount - self.low) * WHOLE // span if span else 0


def percent(hundredths: int) -> str:
    """As SVG reads it, whatever the language: "12.34%"."""
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def short(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1].rstrip() + "…"


def beside(label: str, text: str) -> bool:
    """Whether both have room in one line of a narrow picture."""
    return len(short(label)) + len(text) <= FITS
