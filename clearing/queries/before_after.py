"""What each event of the audit trail found and what it left: states, fields, balances."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import money
from clearing.models import AuditEvent, Edit, Instruction
from clearing.queries import history, trail

Change = tuple[str, str, str]  # of what, before, after
STATES: dict[str, Any] = dict(Edit.State.choices) | dict(Instruction.State.choices)
_ISSUE, _GOES_ON = gettext_lazy("Exception"), gettext_lazy("goes on")
_SUGGESTION, _OPEN = gettext_lazy("Suggestion"), gettext_lazy("open")
STOOD: dict[str, tuple[Any, Any, Any]] = {  # what a verb changes that no column tells
    "acknowledged": (_ISSUE, _OPEN, gettext_lazy("acknowledged")),
    "dealt with": (_ISSUE, _OPEN, gettext_lazy("dealt with")),
    "said it is no duplicate": (
        gettext_lazy("Possible duplicate"), _OPEN, gettext_lazy("no duplicate"),
    ),
    "said it is no credit note": (
        gettext_lazy("Possible credit note"), _OPEN, gettext_lazy("no credit note"),
    ),
    "accepted for the month": (_ISSUE, _OPEN, gettext_lazy("accepted")),
    "signed the month": (gettext_lazy("Month"), _OPEN, gettext_lazy("signed")),
    "opened the month again": (gettext_lazy("Month"), gettext_lazy("signed"), _OPEN),
    "asked for evidence": (gettext_lazy("Evidence"), "", gettext_lazy("asked for")),
    "made the evidence": (
        gettext_lazy("Evidence"), gettext_lazy("asked for"), gettext_lazy("made"),
    ),
    "rejected a suggestion": (_SUGGESTION, gettext_lazy("made"), gettext_lazy("rejected")),
    "suggests again": (_SUGGESTION, gettext_lazy("rejected"), gettext_lazy("made")),
    "sending stopped": (gettext_lazy("Sending"), _GOES_ON, gettext_lazy("stopped")),
    "sending goes on": (gettext_lazy("Sending"), gettext_lazy("stopped"), _GOES_ON),
}  # fmt: skip


def state(event: AuditEvent) -> list[Change]:
    """The state of the line, the edit or the exception; nothing where it stays."""
    if event.verb in STOOD:
        what, was, now = STOOD[event.verb]
        return [(str(what), str(was), str(now))]
    decided = history.reason(event.reason_code)
    if event.verb == "decided":
        return [(_("What became of it"), "", decided)]
    if event.verb == "could not confirm":
        return [(_("What became of it"), decided, "")]
    if not event.now or event.was == event.now:
        return []
    was, now = (str(STATES.get(one, one)) for one in (event.was, event.now))
    return [(_("State"), was, now)]


def state_words(event: AuditEvent) -> str:
    """The same for its row: "State: Proposed → Approved"."""
    return "; ".join(f"{what}: {was or '–'} → {now or '–'}" for what, was, now in state(event))


def sides(event: AuditEvent) -> tuple[str, str]:
    """All that an event says of before and of after, each as "State: …; Amount: …"."""
    changes = [*state(event), *trail.told(event), *_balances(event)]
    return _side((what, was) for what, was, _now in changes), _side(
        (what, now) for what, _was, now in changes
    )


def _side(values: Any) -> str:
    return "; ".join(f"{what.removesuffix(':')}: {value}" for what, value in values if value)


def _balances(event: AuditEvent) -> list[Change]:
    currency = event.currency or str(event.details.get("currency") or "")
    found = []
    for words, (keys, *_more) in trail.BALANCES:
        was, now = (event.details.get(key) for key in keys)
        if isinstance(was, int) or isinstance(now, int):
            found.append((str(words), _money(was, currency), _money(now, currency)))
    return found


def _money(amount: Any, currency: str) -> str:
    return money.text(amount, currency) if isinstance(amount, int) else ""
