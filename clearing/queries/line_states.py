"""States of lines in numbers: which a list adds up, and how many lines are in which."""

from collections import Counter
from collections.abc import Iterable

from clearing import labels
from clearing.models import Instruction

S = Instruction.State
BEING_SENT = (S.READY, *Instruction.IN_FLIGHT)
COUNTED: dict[str, tuple[str, ...]] = {  # the lines whose amounts a list adds up
    "waiting": (S.PROPOSED,),
    "sending": BEING_SENT,
    "done": (S.DONE,),
}


def state_counts(states: Iterable[str]) -> list[tuple[labels.Label, int]]:
    """How many lines are in which state, in the order of the workflow."""
    counts = Counter(states)
    return [(labels.line(state), counts[state]) for state in S.values if counts[state]]
