"""Keeps what each look at an unclear line has shown, for whoever reads its story later."""

from datetime import datetime
from typing import Any

from clearing import deciding
from clearing.models import Attempt, Instruction

MOST = 40  # looks of one attempt; the oldest go first


def looked(line: Instruction, seen: object, decision: Any, *, now: datetime) -> None:
    """Append to the line's last attempt: there, not there, cannot tell, unreadable, no answer."""
    attempt = Attempt.objects.filter(instruction=line).order_by("-pk").first()
    if attempt is None:
        return
    look = {"at": now.isoformat(), "found": _found(seen, decision)}
    Attempt.objects.filter(pk=attempt.pk).update(looks=[*attempt.looks, look][-MOST:])


def _found(seen: object, decision: Any) -> str:
    if seen is None:
        return "no answer" if decision is None else "unreadable"
    if isinstance(decision, deciding.Done):
        return "there"
    if isinstance(decision, deciding.LookAgain | deciding.NotApplied):
        return "not there"
    return "cannot tell"
