"""The page of one proposal: its head, how far it is, and its history."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, money, usable
from clearing.models import AuditEvent, Entity, Instruction, Proposal, Vendor
from clearing.queries import history, line_states, proposals
from clearing.queries.lines import Line
from clearing.workflow import name_of

S = Instruction.State
MOST = 200  # events on one page
FAST, SLOW = 2, 10  # seconds between two looks at what is under way
OUTCOMES = (
    (S.REFUSED, lambda n: ngettext("%(n)d refused", "%(n)d refused", n)),
    (S.FALLEN, lambda n: ngettext("%(n)d no longer fits", "%(n)d no longer fit", n)),
    (S.NOT_APPLIED, lambda n: ngettext("%(n)d not in Light", "%(n)d not in Light", n)),
    (S.UNKNOWN, lambda n: ngettext("%(n)d being checked", "%(n)d being checked", n)),
    (S.NEEDS_PERSON, lambda n: ngettext("%(n)d needs a decision", "%(n)d need a decision", n)),
)


@dataclass(frozen=True)
class Head:
    """What stands above the lines."""

    vendor: Vendor | None
    entity: str
    what: str
    vendor_warning: str


@dataclass(frozen=True)
class Step:
    """Proposed, Review, In Light: `place` is "done", "now" or empty."""

    word: str
    place: str
    small: str


@dataclass(frozen=True)
class Progress:
    """How many of the approved lines are in Light; `every` seconds until the next look, 0: none."""

    words: str
    total: int
    ended: int
    every: int
    since: str


def lines_of(proposal: Proposal) -> list[Instruction]:
    """Its lines in order, with the people."""
    return list(
        Instruction.objects.filter(proposal=proposal)
        .select_related("asked_by", "approved_by", "dealt_by", "proposal")
        .order_by("position", "pk")
    )


def head(proposal: Proposal, lines: list[Instruction]) -> Head:
    vendor = Vendor.objects.filter(pk=proposal.vendor_id).first() if proposal.vendor_id else None
    entity = Entity.objects.filter(pk=proposal.entity_id).first() if proposal.entity_id else None
    return Head(
        vendor=vendor,
        entity=str(entity) if entity else _("No entity"),
        what=proposals.what_words(lines),
        vendor_warning=usable.vendor_warning(vendor),
    )


def steps(proposal: Proposal, lines: list[Instruction]) -> list[Step]:
    """Where the proposal stands; nothing on its way is shown as done."""
    states = {line.state for line in lines}
    waiting, on_its_way = S.PROPOSED in states, states & set(line_states.BEING_SENT)
    asked = f"{name_of(proposal.created_by)}, {labels.moment(proposal.created_at)}"
    sent = "done" if S.DONE in states and not waiting else ""
    return [
        Step(_("Proposed"), "done", asked),
        Step(_("Review"), "now" if waiting else "done", _reviewed(lines)),
        Step(
            _("In Light"),
            "now" if on_its_way and not waiting else "" if on_its_way else sent,
            _in_light(lines),
        ),
    ]


def _reviewed(lines: list[Instruction]) -> str:
    waiting = sum(line.state == S.PROPOSED for line in lines)
    if waiting:
        return ngettext("%(n)d line waits", "%(n)d lines wait", waiting) % {"n": waiting}
    people = sorted({name_of(line.approved_by) for line in lines if line.approved_by})
    if people:
        return ", ".join(people)
    if any(line.exempt_rule for line in lines):
        return _("One person was enough")
    return _("Nothing was approved")


def _in_light(lines: list[Instruction]) -> str:
    done = sum(line.state == S.DONE for line in lines)
    return _("%(done)d of %(all)d") % {"done": done, "all": len(lines)}


def progress(lines: Iterable[Instruction]) -> Progress | None:
    """How far the approved lines are; None where nothing was approved yet."""
    lines = list(lines)
    sent = [
        line
        for line in lines
        if (line.approved_by_id or line.exempt_rule) and line.state != S.TAKEN_BACK
    ]
    if not sent:
        return None
    counts = Counter(line.state for line in sent)
    words = _("%(done)d of %(all)d in Light") % {"done": counts[S.DONE], "all": len(sent)}
    more = [say(counts[state]) % {"n": counts[state]} for state, say in OUTCOMES if counts[state]]
    return Progress(
        words=", ".join([words, *more]),
        total=len(sent),
        ended=sum(line.state not in Instruction.OPEN for line in sent),
        every=_every(sent),
        since=max(line.changed_at for line in lines).isoformat(),
    )


def _every(sent: list[Instruction]) -> int:
    """Often while lines are sent, seldom while only an outcome is being read, else not at all."""
    if any(line.state in {S.READY, S.SENDING} for line in sent):
        return FAST
    decided = any(line.state == S.NEEDS_PERSON and line.decision for line in sent)
    return SLOW if decided or any(line.state == S.UNKNOWN for line in sent) else 0


def events(proposal: Proposal, locale: str) -> list[history.Event]:
    """What was done with this proposal, newest first."""
    done = list(AuditEvent.objects.filter(proposal_id=proposal.pk).order_by("-id")[:MOST])
    names = history.documents_named(
        one for row in done for one in (row.credit_note_id, row.invoice_payable_id)
    )
    return [history.audit(row, names, locale) for row in done]


def total_words(rows: list[Any], currency: str, locale: str) -> str:
    """What approving these lines links; lines that link nothing are only counted."""
    if name_of_move(rows):
        return _("both steps")
    count = ngettext("%(n)d line", "%(n)d lines", len(rows)) % {"n": len(rows)}
    links = [row for row in rows if row.kind == Instruction.Kind.LINK]
    if not links or len(links) != len(rows):
        return count
    total = money.text(sum(row.minor for row in links), currency, locale)
    return _("%(lines)s for %(amount)s") % {"lines": count, "amount": total}


def name_of_move(rows: list[Line]) -> str:
    """A move in words, where these lines are its two steps; empty otherwise."""
    if [row.step for row in rows] != [1, 2] or not (rows[0].invoice and rows[1].invoice):
        return ""
    return _("%(note)s from %(one)s to %(other)s") % {
        "note": rows[0].note.name,
        "one": rows[0].invoice.name,
        "other": rows[1].invoice.name,
    }
