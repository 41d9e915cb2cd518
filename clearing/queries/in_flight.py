"""What a line under way says: one sentence with one time. Nothing under way counts as done."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import labels, usable
from clearing.models import Edit, Instruction, InvoicePayable
from clearing.queries import stopped
from clearing.workflow import name_of

S = Instruction.State
UNDER_WAY = (S.READY, *Instruction.IN_FLIGHT)


@dataclass(frozen=True)
class Waits:
    """What keeps lines waiting beside themselves; two queries at most, none where none waits."""

    stop: stopped.Stop | None = None
    after: dict[int, str] = field(default_factory=dict)  # by line: what it goes after

    @classmethod
    def of(cls, lines: Iterable[Instruction | Edit]) -> "Waits":
        """Of the lines, or of the changes to drafts, of one page."""
        under_way = [line for line in lines if line.state in UNDER_WAY]
        if not under_way:
            return cls()
        ready = [
            line for line in under_way if isinstance(line, Instruction) and line.state == S.READY
        ]
        return cls(stopped.now(), _after(ready) if ready else {})


def told(line: Instruction, waits: Waits) -> str:
    """The sentence of a line under way; empty for every other."""
    if line.state == S.READY:
        return _ready(line, waits)
    if line.state == S.SENDING:
        return _sending(line)
    if line.state == S.UNKNOWN:
        return f"{_unknown(line, waits.stop)} {_hands_off(line)}"
    if line.state == S.NEEDS_PERSON:
        return _decided(line, waits.stop) if line.decision else _to_decide(line)
    return ""


def told_of_edit(edit: Edit, waits: Waits) -> str:
    """The sentence of a change to a draft that got no clear answer."""
    return f"{_unknown(edit, waits.stop)} {_('Please do not change it in Light yourself.')}"


def checked_by(one: Instruction | Edit) -> str:
    """When an unknown outcome will be told: the quarantine's end and one sync; "" when past."""
    return told_by(one.quarantine_until)


def told_by(quarantine_until: datetime | None) -> str:
    """The same, of the end of a quarantine."""
    if quarantine_until is None:
        return ""
    return clock(quarantine_until + timedelta(seconds=settings.SYNC_INTERVAL))


def clock(until: datetime | None) -> str:
    """A time to come as people read it, with the day unless it is today; "" when past."""
    if until is None or until <= timezone.now():
        return ""
    return labels.time_of(until)


def promised(quarantine_until: datetime | None, stop: stopped.Stop | None) -> str:
    """The same where it can be promised: not while nothing is sent or read."""
    return "" if stop else told_by(quarantine_until)


# --- approved, not sent yet ---------------------------------------------------------------
def _ready(line: Instruction, waits: Waits) -> str:
    if line.after_id and line.pk in waits.after:
        return waits.after[line.pk]
    if waits.stop:
        return _("Approved and not sent yet. %(why)s It goes out by itself after that.") % {
            "why": waits.stop.short
        }
    if line.pk in waits.after:
        return waits.after[line.pk]
    if at := clock(line.not_before):
        if line.outcome:
            return _("Not sent yet: %(why)s It is tried again at %(time)s.") % {
                "why": _sentence(line.outcome), "time": at
            }  # fmt: skip
        return _("Approved and not sent yet. It is tried at %(time)s.") % {"time": at}
    return _("Approved. It is sent next.")


def _after(ready: list[Instruction]) -> dict[int, str]:
    """Which of these wait for another line on the same documents, or for the step before."""
    notes = {line.credit_note_id for line in ready}
    invoices = {line.invoice_payable_id for line in ready if line.invoice_payable_id}
    steps = {line.after_id for line in ready if line.after_id}
    posted = InvoicePayable.objects.filter(
        id=OuterRef("invoice_payable_id"), state__in=usable.POSTED
    )
    rivals = Instruction.objects.filter(
        Q(credit_note_id__in=notes) | Q(invoice_payable_id__in=invoices), state__in=UNDER_WAY
    ).annotate(posted=Exists(posted))
    found = list(rivals | Instruction.objects.filter(pk__in=steps).annotate(posted=Exists(posted)))
    by_id = {one.pk: one for one in found}
    by_document: dict[UUID | None, list[Any]] = defaultdict(list)
    for one in found:
        if one.state in UNDER_WAY:
            by_document[one.credit_note_id].append(one)
            if one.invoice_payable_id:
                by_document[one.invoice_payable_id].append(one)
    said = {line.pk: _waits_for(line, by_id, by_document) for line in ready}
    return {pk: words for pk, words in said.items() if words}


def _waits_for(
    line: Instruction, by_id: dict[int, Any], by_document: dict[UUID | None, list[Any]]
) -> str:
    step = by_id.get(line.after_id or 0)
    if step is not None and not (step.state == S.DONE and step.shown_at):
        return _("Waits for step 1 to be done and read back.")
    me = by_id.get(line.pk)
    if me is None:
        return ""
    if any(_goes_first(one, me) for one in by_document[line.credit_note_id]):
        return _("Approved. It goes out after another line on the same credit note.")
    others = by_document[line.invoice_payable_id] if line.invoice_payable_id else []
    if any(_goes_first(one, me) for one in others):
        return _("Approved. It goes out after another line on the same invoice.")
    return ""


def _goes_first(one: Any, me: Any) -> bool:
    """As the worker takes them: what is under way, then by approval; posted invoices last."""
    if one.pk == me.pk:
        return False
    if one.state != S.READY:
        return True
    last = [line.kind == Instruction.Kind.LINK and line.posted for line in (one, me)]
    order = [(line.approved_at or line.asked_at, line.pk) for line in (one, me)]
    return (last[0], order[0]) < (last[1], order[1])


# --- sent, or on its way ------------------------------------------------------------------
def _sending(line: Instruction) -> str:
    lease_ends = line.changed_at + timedelta(seconds=settings.LEASE)
    if clock(lease_ends):
        words = _("On its way to Light since %(time)s.") % {"time": labels.time_of(line.changed_at)}
    else:
        words = _(
            "Whoever was sending it has not been heard of since %(time)s. Another worker finds "
            "out what became of it."
        ) % {"time": labels.time_of(line.changed_at)}
    return f"{words} {_hands_off(line)}"


def _unknown(line: Instruction | Edit, stop: stopped.Stop | None) -> str:
    if stop:
        return _("Light has not confirmed yet. %(why)s We check as soon as we can.") % {
            "why": stop.short
        }
    if by := checked_by(line):
        return _("Light has not confirmed yet. We are checking and will tell you by %(time)s.") % {
            "time": by
        }
    if at := clock(line.not_before):
        return _(
            "Light has not confirmed yet, and it takes longer than we said. We look again at "
            "%(time)s, until it is clear."
        ) % {"time": at}
    return _("Light has not confirmed yet, and it takes longer than we said. We are still looking.")


def _hands_off(line: Instruction) -> str:
    if line.invoice_payable_id:
        return _("Please do not link these two in Light yourself.")
    return _("Please do not change it in Light yourself.")


# --- in front of a person -----------------------------------------------------------------
def _to_decide(line: Instruction) -> str:
    held = (
        _("Until then both documents stay held.")
        if line.invoice_payable_id
        else _("Until then the credit note stays held.")
    )
    words = _("An approver or a controller has to say what became of it.")
    return " ".join(part for part in (_sentence(line.outcome), words, held) if part)


def _decided(line: Instruction, stop: stopped.Stop | None) -> str:
    """A person's answer that is being read back."""
    values = {"who": name_of(line.dealt_by), "what": line.get_decision_display()}
    words = _("%(who)s: “%(what)s”.") % values
    if stop:
        return f"{words} {stop.short} {_('It is checked as soon as we can read Light.')}"
    looks = 1 if line.decision == Instruction.Decision.SAYS_DONE else 3
    first = line.changed_at
    if line.decision == Instruction.Decision.SAYS_ABSENT and line.quarantine_until:
        first = max(first, line.quarantine_until)
    if by := clock(first + timedelta(seconds=looks * settings.LOOK_AGAIN + 60)):
        more = _("Light is being read to confirm it; you will know by %(time)s.") % {"time": by}
    else:
        more = _("Light is being read to confirm it, and it takes longer than we said.")
    return f"{words} {more}"


def _sentence(words: str) -> str:
    """Words of somebody else as a sentence of their own."""
    words = words.strip()
    return words if not words or words[-1] in ".!?…”" else f"{words}."
