"""The lines of one proposal: both documents, both balances before and after, what became of it.

A line whose `after` is set is the second step of a move: what it takes from the credit note
becomes free only by the step before it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from clearing import explaining, labels, money, reasons, roles
from clearing.models import Instruction
from clearing.queries import in_flight
from clearing.queries.line_books import Books
from clearing.queries.line_sides import Document, invoice_of, note_of
from clearing.queries.unusual import WEIGHT, Unusual
from clearing.workflow import name_of

S = Instruction.State
Kind = Instruction.Kind
CAN_STILL = frozenset({S.PROPOSED, S.READY})  # be taken back


@dataclass(frozen=True)
class Line:
    """One line for the screen; `hash` is of the content that is shown."""

    id: int
    hash: str
    kind: str
    kind_words: str
    note: Document
    invoice: Document | None
    amount: str
    minor: int
    was: str  # the previous amount of an amend
    state: str
    changed_at: datetime
    reason: str
    rejected: str
    decided: str
    outcome: str
    problem: str
    fate: str
    told: str  # under way: the one sentence that says where it is
    being_verified: bool
    asked_by_me: bool
    never: str = ""  # why this person cannot approve it, while it waits
    never_reject: str = ""
    step: int = 0  # of a move: 1 or 2
    waits: str = ""  # for the step before it
    with_first: bool = False  # the buttons of the step before it decide about this one, too
    unusual: tuple[Unusual, ...] = ()  # while it waits, the heaviest first
    strength: int = 0  # of the suggestion it came from
    why: str = ""  # that suggestion's sentence
    currency: str = ""
    proposal_id: int = 0
    vendor: str = ""
    trial: bool = False  # it answers an open question about Light

    @property
    def waiting(self) -> bool:
        return self.state == S.PROPOSED

    @property
    def is_exception(self) -> bool:
        """Whether it is decided by itself, and never together with others."""
        return self.waiting and bool(self.unusual or self.problem)

    @property
    def in_group(self) -> bool:
        """Whether it may be decided together with others."""
        return self.waiting and not self.is_exception

    @property
    def weight(self) -> int:
        """Where it stands among exceptions: what fits no longer, then the heaviest."""
        return -1 if self.problem else min((WEIGHT[one.code] for one in self.unusual), default=99)

    @property
    def decimals(self) -> int:
        return money.decimals(self.currency)

    @property
    def focus(self) -> str:
        """The id of what takes the focus where this line is next."""
        if self.problem or self.never:
            return f"line-{self.id}" if self.never_reject else f"reject-{self.id}"
        return f"approve-{self.id}"

    @property
    def strength_label(self) -> labels.Label:
        return explaining.strength(self.strength)

    @property
    def can_be_taken_back(self) -> bool:
        return self.asked_by_me and self.state in CAN_STILL and not self.with_first

    @property
    def name(self) -> str:
        """The line in words: its document, or both."""
        if self.invoice is None:
            return self.note.name
        return _("%(note)s on %(invoice)s") % {"note": self.note.name, "invoice": self.invoice.name}


def rows(
    lines: Iterable[Instruction],
    *,
    problems: Mapping[int, str],
    user: Any,
    locale: str,
    books: Books | None = None,
    worked: Collection[UUID] | None = None,
    unusual: Mapping[int, tuple[Unusual, ...]] | None = None,
) -> list[Line]:
    """These lines in their order. `problems` says why a line no longer fits, by its id.

    Balances count open lines already, so they are followed from the last line to the first.
    """
    lines = list(lines)
    books = books or Books.of(lines)
    waits = in_flight.Waits.of(lines)
    shown = [_line(one, books, problems.get(one.pk, ""), user, locale) for one in reversed(lines)]
    told = [in_flight.told(one, waits) for one in lines]
    shown = [replace(row, told=words) for row, words in zip(shown[::-1], told, strict=True)]
    shown = _with_reasons(lines, shown, unusual or {}, locale)
    return _decided_as_one(lines, _with_never(lines, shown, user, worked))


def _with_reasons(
    lines: list[Instruction],
    shown: list[Line],
    unusual: Mapping[int, tuple[Unusual, ...]],
    locale: str,
) -> list[Line]:
    """With the exceptions of each, and why it was suggested; one query."""
    suggested = {line.pk: line for line in lines if line.suggestion}
    cited = explaining.cited(one.credit_note_id for one in suggested.values()) if suggested else {}
    found = []
    for row in shown:
        said: dict[str, Any] = {"unusual": unusual.get(row.id, ())}
        if line := suggested.get(row.id):
            of_note = cited.get(line.credit_note_id, {})
            said["strength"] = line.suggestion.get("strength", 0)
            said["why"] = explaining.sentence(
                line.suggestion, currency=line.currency, locale=locale, cited=of_note
            )
        found.append(replace(row, **said))
    return found


def _with_never(
    lines: list[Instruction], shown: list[Line], user: Any, worked: Collection[UUID] | None
) -> list[Line]:
    """With why this person cannot approve or reject each line that waits.

    worked: the notes they have worked on; one query where that is not known.
    """
    waiting = {line.pk: line for line in lines if line.state == S.PROPOSED}
    if worked is None and waiting:
        worked = roles.worked_on(user, {line.credit_note_id for line in waiting.values()})
    return [
        replace(
            row,
            never=roles.why_not_decide(user, waiting[row.id], worked=worked),
            never_reject=roles.why_not(user, "review")
            or roles.why_not(user, roles.DECIDES[row.kind]),
        )
        if row.id in waiting
        else row
        for row in shown
    ]


def _decided_as_one(lines: list[Instruction], shown: list[Line]) -> list[Line]:
    """Steps of a move share what speaks against them: both are approved, or neither."""
    first_of = {line.pk: line.after_id for line in lines if line.after_id}
    seconds = {first: second for second, first in first_of.items()}
    by_id = {row.id: row for row in shown}
    found = []
    for row in shown:
        other = by_id.get(first_of.get(row.id) or seconds.get(row.id) or 0)
        if other is not None and row.waiting:
            row = replace(
                row,
                problem=row.problem or other.problem,
                never=row.never or other.never,
                never_reject=row.never_reject or other.never_reject,
                unusual=row.unusual or other.unusual,
            )
        step = 2 if row.id in first_of else 1 if row.id in seconds else 0
        with_first = step == 2 and other is not None and other.state in CAN_STILL
        found.append(replace(row, step=step, with_first=with_first))
    return found


def _line(line: Instruction, books: Books, problem: str, user: Any, locale: str) -> Line:
    is_pair = line.kind in {Kind.LINK, Kind.AMEND} and line.state == S.DONE
    return Line(
        id=line.pk,
        hash=line.content_hash,
        kind=line.kind,
        kind_words=line.get_kind_display(),
        note=note_of(line, books, locale),
        invoice=invoice_of(line, books, locale) if line.invoice_payable_id else None,
        amount=money.text(line.amount, line.currency, locale),
        minor=line.amount or 0,
        was=money.text(line.previous_amount, line.currency, locale) if line.previous_amount else "",
        state=line.state,
        changed_at=line.changed_at,
        reason=_why(line.reason_code, line.reason),
        rejected=_why(line.rejected_code, line.rejected_reason),
        decided=_decided(line),
        outcome=line.outcome,
        problem=problem,
        fate=books.fate(line) if is_pair else "",
        told="",
        being_verified=line.state == S.NEEDS_PERSON and bool(line.decision),
        asked_by_me=line.asked_by_id == user.pk,
        waits=_waits(line, books),
        currency=line.currency,
        proposal_id=line.proposal_id,
        vendor=_vendor(line, books),
        trial=bool(line.trial),
    )


def _vendor(line: Instruction, books: Books) -> str:
    note = books.notes.get(line.credit_note_id)
    return note.vendor_name if note else ""


def _waits(line: Instruction, books: Books) -> str:
    """What the second step of a move waits for; empty where the first was done and read back."""
    if not books.comes_later(line) or line.state != S.PROPOSED:
        return ""
    return _("Waits for step 1")


def _why(code: str, words: str) -> str:
    """A listed reason and what was typed beside it; empty where none was asked for."""
    return " – ".join(part for part in (reasons.label(code), words.strip()) if part)


def _decided(line: Instruction) -> str:
    """Who approved, or the rule by which one person was enough."""
    if line.approved_by:
        return _("Approved by %(name)s") % {"name": name_of(line.approved_by)}
    return str(line.get_exempt_rule_display()) if line.exempt_rule else ""
