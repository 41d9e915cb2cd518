"""What both documents of a line have before and after it, for the trail; smallest unit.

Before: as Light showed it in the look before the call. After: what that leaves once the line is
done, or what a later look showed. What is not known is left out.
"""

from typing import Any

from clearing import deciding, usable
from clearing.deciding import Content, Observation


def of_call(content: Content, seen: Observation, record: Any, *, done: bool) -> dict[str, Any]:
    """Around a call; `seen` is the look before it, `record` what Light answered."""
    free, open_ = _free(seen.note, seen), seen.open
    found = {"free_before": free, "open_before": open_}
    if done:
        found |= {"free_after": _left(content, free, record), "open_after": _open(content, open_)}
    return _known(content, found)


def of_look(content: Content, seen: Observation) -> dict[str, Any]:
    """After a line that a look has shown to be done."""
    return _known(content, {"free_after": _free(seen.note, seen), "open_after": seen.open})


def _known(content: Content, found: dict[str, int | None]) -> dict[str, Any]:
    return {"currency": content.currency} | {k: v for k, v in found.items() if v is not None}


def _free(note: deciding.Note | None, seen: Observation) -> int | None:
    """Nothing of a note is free to use that does not stand in the ledger."""
    return 0 if note is not None and note.status not in usable.IN_LEDGER else seen.free


def _takes(content: Content) -> int:
    """What the line takes from both of its documents; negative where it gives back."""
    amount, before = content.amount or 0, content.previous_amount or 0
    return {"link": amount, "amend": amount - before, "unlink": -amount, "reverse": -amount}.get(
        content.kind, 0
    )


def _left(content: Content, free: int | None, record: Any) -> int | None:
    """What of the credit note is free to use afterwards."""
    if content.kind == "archive" or content.archives:
        return 0
    if content.kind == "post":
        return getattr(record, "amount", None)
    return None if free is None else free - _takes(content)


def _open(content: Content, open_: int | None) -> int | None:
    return None if open_ is None else open_ - _takes(content)
