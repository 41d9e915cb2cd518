"""What is asked, what Light shows, and what can be decided about it: frozen values.

Amounts are integers in the smallest unit of the line's currency; ids are ours (Light's external
ids), whatever id Light used in its answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from clearing import usable
from clearing.deciding.drafts import DraftLine


# --- what is asked ------------------------------------------------------------------------
@dataclass(frozen=True)
class Content:
    """The approved content of an instruction: the keys of proposing.content_of."""

    kind: str
    credit_note_id: UUID
    invoice_payable_id: UUID | None
    clearing_id: UUID | None
    amount: int | None
    previous_amount: int | None
    currency: str
    entity_id: UUID | None
    vendor_id: UUID | None
    credit_note_amount: int | None
    invoice_amount: int | None
    of_draft: bool
    status_seen: str = ""  # the credit note's status that the approver saw; "" where none did
    archives: bool = False  # of a reverse
    into_closed: bool = False  # of a post: its month was closed when it was asked for
    lines: str = ""  # of a post: deciding.digest of the lines that were seen
    day: date | None = None  # of a post: when the draft was to be posted; None: the day it is
    month: str = ""  # of a post without such a day: the month that was seen, "2026-10"
    trial: str = ""  # of a link: the open question about Light that it answers

    @classmethod
    def read(cls, values: Mapping[str, Any], *, status_seen: str = "") -> "Content":
        """From Instruction.content. KeyError or ValueError where it is not one."""
        return cls(
            kind=values["kind"],
            credit_note_id=UUID(values["credit_note"]),
            invoice_payable_id=_id(values["invoice"]),
            clearing_id=_id(values["clearing"]),
            amount=values["amount"],
            previous_amount=values["previous_amount"],
            currency=values["currency"],
            entity_id=_id(values["entity"]),
            vendor_id=_id(values["vendor"]),
            credit_note_amount=values["credit_note_amount"],
            invoice_amount=values["invoice_amount"],
            of_draft=values["of_draft"],
            status_seen=status_seen,
            archives=values.get("archives", False),
            into_closed=values.get("into_closed", False),
            lines=values.get("lines", ""),
            day=date.fromisoformat(values["day"]) if values.get("day") else None,
            month=values.get("month", ""),
            trial=values.get("trial", ""),
        )


@dataclass(frozen=True)
class Approval:
    """Who asked, and what lets the line be sent: a second person, or a rule."""

    asked_by: int
    approved_by: int | None
    exempt_rule: str
    as_approved: bool  # the line, its content and its digest are what was approved


@dataclass(frozen=True)
class Rules:
    """The settings of the house that decide."""

    partially_cleared_linkable: bool = False
    posted_linkable: bool = True
    unanswered: frozenset[str] = frozenset()  # questions about Light that a trial may answer
    second_person_always: bool = False
    exempt_under: Mapping[str, int] = field(default_factory=dict)
    look_again: float = 30  # seconds
    quarantine: float = 240  # seconds: longer than any late commit of Light's
    lease: float = 60  # seconds that a worker has for one line
    answer_within: float = 20  # seconds that one call may take


# --- what Light shows ---------------------------------------------------------------------
@dataclass(frozen=True)
class Note:
    """A credit note: GET /v1/credit-notes/{id}; `adjusts_payables` and `name` are the copy's."""

    id: UUID
    name: str
    status: str
    entity_id: UUID | None
    vendor_id: UUID | None
    currency: str
    amount: int | None
    adjusts_payables: bool | None = None
    day: date | None = None  # of a draft: when it is to be posted; None: the day it is
    lines: tuple[DraftLine, ...] = ()


@dataclass(frozen=True)
class Invoice:
    """An invoice payable: GET /v1/invoice-payables/{id}?includeOutstandingBalance=true."""

    id: UUID
    name: str
    type: str
    state: str
    entity_id: UUID | None
    vendor_id: UUID | None
    currency: str
    amount: int | None
    outstanding: int | None

    @property
    def posted(self) -> bool:
        return usable.is_posted(self.state)


@dataclass(frozen=True)
class LinkSeen:
    """An entry of either list of links; an id is None where it cannot be mapped."""

    credit_note_id: UUID | None
    invoice_payable_id: UUID | None
    amount: int | None
    posted: bool = False  # its invoice stands in the ledger, so the link no longer promises

    @property
    def mapped(self) -> bool:
        return None not in (self.credit_note_id, self.invoice_payable_id, self.amount)


@dataclass(frozen=True)
class Payment:
    """An entry of GET /v1/invoice-payables/{id}/payments."""

    type: str
    document_id: UUID | None  # as Light gives it
    credit_note_id: UUID | None
    amount: int | None

    @property
    def mapped(self) -> bool:
        return self.type == "BP" or None not in (self.credit_note_id, self.amount)


@dataclass(frozen=True)
class Observation:
    """What Light showed of one instruction's documents in one look."""

    note: Note | None  # None: Light does not show it (404)
    invoice: Invoice | None = None  # None also where the instruction names none
    note_links: tuple[LinkSeen, ...] = ()
    invoice_links: tuple[LinkSeen, ...] = ()
    payments: tuple[Payment, ...] | None = None  # None: not asked for
    # What the copy knows to have been cleared with the note; None: not known yet.
    note_cleared: int | None = 0
    month: str = ""  # into which a draft that names no day would be posted now, "2026-10"
    closed: str = ""  # the sentence where the month of a draft is closed or its VAT filed
    goes_first: int = 0  # approved lines of the note that are to be sent before this one
    note_ids: frozenset[UUID] = frozenset()  # every known id of the documents
    invoice_ids: frozenset[UUID] = frozenset()

    @property
    def unmapped(self) -> int:
        """Entries that may be anybody's: with one of them, nothing counts as absent."""
        links = sum(not link.mapped for link in (*self.note_links, *self.invoice_links))
        return links + sum(not payment.mapped for payment in self.payments or ())

    @property
    def free(self) -> int | None:
        """What of the credit note no link or clearing takes; None where not known."""
        if self.note is None or self.note.amount is None or self.note_cleared is None:
            return None
        linked = sum(link.amount or 0 for link in self.note_links if not link.posted)
        return self.note.amount - linked - self.note_cleared

    @property
    def open(self) -> int | None:
        """What of the invoice no payment or link takes; None where not known."""
        if self.invoice is None or self.invoice.outstanding is None:
            return None
        if self.invoice.posted:
            return self.invoice.outstanding
        return self.invoice.outstanding - sum(link.amount or 0 for link in self.invoice_links)

    def books(self) -> dict[str, Any]:
        """What must not have changed for "it is not there" to be believed; plain JSON.

        updatedAt is no part of it: Light may or may not change it when it links.
        """
        return {
            "credit_note": _plain(self.note, "status", "amount"),
            "invoice": _plain(self.invoice, "state", "type", "amount", "outstanding"),
            "note_links": _rows((one.invoice_payable_id, one.amount) for one in self.note_links),
            "invoice_links": _rows((one.credit_note_id, one.amount) for one in self.invoice_links),
            "payments": None if self.payments is None else _rows(
                (one.type, one.document_id, one.amount) for one in self.payments
            ),
        }  # fmt: skip


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def _plain(document: Note | Invoice | None, *names: str) -> dict[str, Any] | None:
    if document is None:
        return None
    ids = {name: str(getattr(document, name) or "") for name in ("entity_id", "vendor_id")}
    return ids | {name: getattr(document, name) for name in ("currency", *names)}


def _rows(entries: Any) -> list[list[Any]]:
    """Entries in an order of their own, so that Light's order does not matter."""
    plain = ([str(v) if isinstance(v, UUID) else v for v in entry] for entry in entries)
    return sorted(plain, key=repr)


# --- what can be decided ------------------------------------------------------------------
@dataclass(frozen=True)
class Send:
    """It fits: send it."""


@dataclass(frozen=True)
class Adopt:
    """Light shows already what was asked for: done without a call."""

    words: str


@dataclass(frozen=True)
class Fall:
    """It no longer fits; the sentence says why."""

    words: str


@dataclass(frozen=True)
class Wait:
    """Not now: try again after these seconds."""

    seconds: float
    words: str


@dataclass(frozen=True)
class Done:
    """Seen in Light."""

    words: str = ""


@dataclass(frozen=True)
class Refused:
    """Light said no, in its own words."""

    words: str


@dataclass(frozen=True)
class PutBack:
    """It was certainly not applied: try again later; `denied` stops sending for everybody."""

    words: str
    seconds: float | None = None  # None: nobody said how long
    denied: bool = False


@dataclass(frozen=True)
class Unknown:
    """It may have been applied: settle it by reading."""

    words: str
    at_once: bool = False  # Light said yes, and only reading tells all of it: no need to wait


@dataclass(frozen=True)
class NotApplied:
    """Light shows that it was not applied."""

    words: str


@dataclass(frozen=True)
class Ask:
    """A person has to decide."""

    words: str


@dataclass(frozen=True)
class LookAgain:
    """Nothing is certain yet; so many looks in a row have shown nothing."""

    absent_looks: int


@dataclass(frozen=True)
class CannotConfirm:
    """Light shows something else than what a person said."""

    words: str
