"""What differs between what our lines did and what Light shows of them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from clearing.models import Clearing, CreditNote, Difference, Instruction, InvoicePayable, Link

D, F, K = Difference.Kind, Link.Fate, Instruction.Kind
PROMISES = frozenset({K.LINK, K.AMEND})
NOT_IN_LEDGER = frozenset({"DRAFT", "APPROVAL_PENDING", "APPROVED"})
CAN_KEEP = frozenset({"POSTED", "PARTIALLY_CLEARED"})  # notes that can still keep a promise
DEAD = frozenset({"CANCELLED", "CANCELLATION_PENDING", "DECLINED", "DUPLICATED"})
# Why: codes that clearing.queries.exceptions turns into words.
REMOVED, LINK_AMOUNT, CLEARED_AMOUNT, REVERSED = "removed", "link", "cleared", "reversed"
UNARCHIVED, UNPOSTED = "unarchived", "unposted"
NOTE_GONE, NOTE_STATUS, NOTE_AMOUNT, NOTE_MOVED = "note_gone", "status", "note_amount", "moved"
INVOICE_GONE, INVOICE_DEAD = "invoice_gone", "invoice_dead"


@dataclass
class Pair:
    """One credit note and one invoice: our done lines about it, and what Light shows."""

    invoice: InvoicePayable | None = None
    lines: list[Instruction] = field(default_factory=list)  # done, in the order of done_at
    link: Link | None = None
    clearings: list[Clearing] = field(default_factory=list)  # by credit, reversed ones too
    in_flight: bool = False


@dataclass
class Books:
    """One credit note with what touches it."""

    note: CreditNote
    lines: list[Instruction] = field(default_factory=list)  # done, that post or cancel it
    pairs: dict[UUID, Pair] = field(default_factory=dict)  # by invoice


class Found(NamedTuple):
    """One difference: by what we believe (`amount`) and what Light shows, smallest unit."""

    kind: str
    why: str
    amount: int | None
    shown: int | None = None
    confirmed: bool = True


def of_note(books: Books) -> list[Difference]:
    """Every difference that touches this note, unsaved."""
    found = [
        _row(books.note, invoice, one, _word(pair), pair)
        for invoice, pair in books.pairs.items()
        if not pair.in_flight and (one := of_pair(books, pair))
    ]
    if books.lines and (taken_back := _taken_back(books.note, books.lines[-1])):
        found.append(_row(books.note, None, taken_back, books.lines[-1], None))
    return found


def of_pair(books: Books, pair: Pair) -> Found | None:
    """The one thing that differs about a pair; None where we and Light agree."""
    line = _word(pair)
    if line is not None and line.shown_at is None:
        return None  # no reading since then has told what it changed
    promised = line.amount if line is not None and line.kind in PROMISES else None
    cleared = sum(one.amount for one in pair.clearings if one.gone_at is None)
    if cleared:
        agree = promised is None or promised == cleared
        return None if agree else Found(D.CHANGED, CLEARED_AMOUNT, promised, cleared)
    if undone := _undone(pair, line):
        return undone
    if promised is None or line is None:
        return None
    if pair.link is None or pair.link.fate == F.REMOVED:
        return _lost(books, pair, line)
    if pair.link.fate != F.PLANNED:
        return None  # still being read, or Light did not honour it: a list of its own
    return next(_changed_documents(books.note, pair.invoice, line), None) or _amount(pair, line)


def _word(pair: Pair) -> Instruction | None:
    """The line whose word counts: the newest one."""
    return pair.lines[-1] if pair.lines else None


def _amount(pair: Pair, line: Instruction) -> Found | None:
    if pair.link is None or pair.link.amount == line.amount:
        return None
    return Found(D.CHANGED, LINK_AMOUNT, line.amount, pair.link.amount)


def _undone(pair: Pair, line: Instruction | None) -> Found | None:
    """A clearing that went although nothing here undid it, and nothing came in its place."""
    last = max((one for one in pair.clearings), key=_gone_at, default=None)
    if last is None or last.gone_at is None:
        return None
    ours = any(
        one.kind == K.REVERSE and one.done_at and one.done_at >= last.first_seen_at
        for one in pair.lines
    )
    again = pair.link is not None and pair.link.first_seen_at >= last.gone_at
    later = line is not None and line.done_at is not None and line.done_at >= last.gone_at
    if ours or again or later:
        return None
    read_at = pair.invoice.payments_read_at if pair.invoice else None
    twice = read_at is not None and read_at > last.gone_at
    return Found(D.UNDONE, REVERSED, last.amount, confirmed=twice or _is_gone(pair.invoice))


def _gone_at(entry: Clearing) -> tuple[bool, float]:
    return entry.gone_at is None, entry.gone_at.timestamp() if entry.gone_at else 0.0


def _lost(books: Books, pair: Pair, line: Instruction) -> Found | None:
    """A link that our line made, and that is not there any more."""
    for one in books.lines:
        if _cancels(one) and one.done_at and line.done_at and one.done_at > line.done_at:
            return None  # it went with its credit note
    note, link = books.note, pair.link
    since = link.gone_at if link else line.shown_at
    twice = bool(since and note.links_read_at and note.links_read_at > since)
    return Found(D.LOST, REMOVED, line.amount, confirmed=twice or _is_gone(note))


def _is_gone(document: CreditNote | InvoicePayable | None) -> bool:
    return document is None or document.gone_at is not None


def _changed_documents(
    note: CreditNote, invoice: InvoicePayable | None, line: Instruction
) -> Iterator[Found]:
    """Why a planned link of ours may not be kept as it was approved, the gravest first."""
    seen = line.content
    if note.gone_at:
        yield Found(D.DOCUMENT, NOTE_GONE, line.amount)
    if invoice is not None and invoice.gone_at:
        yield Found(D.DOCUMENT, INVOICE_GONE, line.amount)
    if note.status not in CAN_KEEP:
        yield Found(D.DOCUMENT, NOTE_STATUS, line.amount)
    if invoice is not None and invoice.state in DEAD:
        yield Found(D.DOCUMENT, INVOICE_DEAD, line.amount)
    where = {
        "vendor": str(note.vendor_id), "entity": str(note.entity_id), "currency": note.currency,
    }  # fmt: skip
    if any(seen.get(name, value) != value for name, value in where.items()):
        yield Found(D.DOCUMENT, NOTE_MOVED, line.amount)
    approved = seen.get("credit_note_amount", note.amount)
    if note.amount != approved:
        yield Found(D.DOCUMENT, NOTE_AMOUNT, approved, note.amount)


def _cancels(line: Instruction) -> bool:
    return line.kind == K.ARCHIVE or line.archives


def _taken_back(note: CreditNote, last: Instruction) -> Found | None:
    """A cancellation or a posting of ours that Light shows no more."""
    if last.done_at is None or note.gone_at or note.changed_at <= last.done_at:
        return None
    twice = note.lines_read_at is not None and note.lines_read_at > note.changed_at
    if _cancels(last) and note.status != "ARCHIVED":
        return Found(D.UNDONE, UNARCHIVED, last.amount, confirmed=twice)
    if last.kind == K.POST and note.status in NOT_IN_LEDGER:
        return Found(D.UNDONE, UNPOSTED, last.amount, confirmed=twice)
    return None


def _row(
    note: CreditNote, invoice: UUID | None, found: Found, line: Instruction | None,
    pair: Pair | None,
) -> Difference:  # fmt: skip
    line_id = line.pk if line else None
    facts = (found.kind, note.id, invoice, line_id, found.why, found.amount, found.shown)
    status = note.status if found.why in {NOTE_STATUS, UNARCHIVED, UNPOSTED} else ""
    return Difference(
        key=":".join("" if one is None else str(one) for one in (*facts, status)),
        kind=found.kind, why=found.why, credit_note_id=note.id, invoice_payable_id=invoice,
        line_id=line_id, amount=found.amount, shown=found.shown, currency=note.currency,
        at=_at(note, found, pair), confirmed=found.confirmed,
    )  # fmt: skip


def _at(note: CreditNote, found: Found, pair: Pair | None) -> datetime:
    """When the copy saw it."""
    if pair is None or found.why in {NOTE_GONE, NOTE_STATUS, NOTE_AMOUNT, NOTE_MOVED}:
        return note.changed_at
    if found.why in {INVOICE_GONE, INVOICE_DEAD} and pair.invoice:
        return pair.invoice.changed_at
    if found.why in {REVERSED, CLEARED_AMOUNT}:
        return max(one.gone_at or one.changed_at for one in pair.clearings)
    if pair.link is not None:
        return pair.link.gone_at or pair.link.changed_at
    return note.changed_at
