"""A move's second step, judged before its first: what Light would show once that is done."""

from dataclasses import replace

from clearing import usable
from clearing.deciding.facts import Content, Observation


def once_undone(seen: Observation, first: Content) -> Observation:
    """A look at the second step's documents as if the clearing were undone already.

    While it is not known what else the note has cleared, it is not taken for partly used: what is
    free stays unknown, so that the steps wait instead of falling.
    """
    note = seen.note
    if note is None or note.status not in usable.IN_LEDGER:
        return seen
    cleared = seen.note_cleared
    left = None if cleared is None else max(cleared - (first.amount or 0), 0)
    status = "PARTIALLY_CLEARED" if left else "POSTED"
    return replace(seen, note=replace(note, status=status), note_cleared=left, goes_first=0)
