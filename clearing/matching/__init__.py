"""Pure: open credits and payables in, suggestions with their reasons out. No Django, no I/O."""

from clearing.matching.engine import match
from clearing.matching.values import (
    CERTAIN,
    LIKELY,
    POSSIBLE,
    Credit,
    Group,
    Other,
    Payable,
    Result,
    Rules,
    Suggestion,
    Unused,
)

__all__ = [
    "CERTAIN",
    "LIKELY",
    "POSSIBLE",
    "Credit",
    "Group",
    "Other",
    "Payable",
    "Result",
    "Rules",
    "Suggestion",
    "Unused",
    "match",
]
