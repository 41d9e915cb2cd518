"""The lines of one proposal: both documents, both balances before and after, what became of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, money, reasons, usable
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable, Link, Seen
from clearing.queries import documents, history
from clearing.queries.exceptions import checked_by
from clearing.workflow import name_of

S = Instruction.State
Kind = Instruction.Kind
MOST_CHANGES = 500  # of all documents of a proposal


@dataclass(frozen=True)
class Document:
    """One side of a line. `before` and `after` are what is free or open, as text."""

    name: str
    url: str
    label: labels.Label
    day: date | None = None
    by_light: bool = True  # of an invoice: Light says when it is paid; else the due date stands in
    warning: str = ""
    before: str = ""
    after: str = ""  # the same as before where the line changes nothing any more
    changes: tuple[str, ...] = ()  # seen in Light since it was proposed


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
    checked_by: str
    being_verified: bool
    asked_by_me: bool

    @property
    def waiting(self) -> bool:
        return self.state == S.PROPOSED

    @property
    def can_be_taken_back(self) -> bool:
        return self.asked_by_me and self.state in {S.PROPOSED, S.READY}

    @property
    def name(self) -> str:
        """The line in words: its document, or both."""
        if self.invoice is None:
            return self.note.name
        return _("%(note)s on %(invoice)s") % {"note": self.note.name, "invoice": self.invoice.name}


@dataclass
class Books:
    """What the copy holds of the documents of some lines: five queries, whatever their number."""

    notes: dict[UUID, CreditNote]
    invoices: dict[UUID, InvoicePayable]
    left: dict[UUID, int | None]  # available; goes back in time while lines are read
    fates: dict[tuple[UUID, UUID], str]
    changes: dict[UUID, list[Seen]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, lines: list[Instruction]) -> "Books":
        notes = {line.credit_note_id for line in lines}
        invoices = {line.invoice_payable_id for line in lines if line.invoice_payable_id}
        links = Link.objects.filter(credit_note_id__in=notes, invoice_payable_id__in=invoices)
        books = cls(
            notes=CreditNote.objects.in_bulk(notes),
            invoices=InvoicePayable.objects.in_bulk(invoices),
            left={
                row.pk: row.available for row in Balance.objects.in_bulk(notes | invoices).values()
            },
            fates={(link.credit_note_id, link.invoice_payable_id): link.fate for link in links},
        )
        waiting = [line for line in lines if line.state == S.PROPOSED]
        if waiting:
            for row in _seen_since(waiting):
                books.changes[row.document_id].append(row)
        return books


def _seen_since(lines: list[Instruction]) -> list[Seen]:
    """What the copy saw of these lines' documents since the first of them was asked for."""
    ids = {line.credit_note_id for line in lines}
    ids |= {line.invoice_payable_id for line in lines if line.invoice_payable_id}
    since = min(line.asked_at for line in lines)
    rows = Seen.objects.filter(
        Q(what__in=["credit_note", "invoice_payable"]), document_id__in=ids, at__gt=since
    )
    return list(rows.order_by("at", "id")[:MOST_CHANGES])


def rows(
    lines: Iterable[Instruction], *, problems: dict[int, str], user: Any, locale: str
) -> list[Line]:
    """These lines in their order. `problems` says why a line no longer fits, by its id.

    Balances count open lines already, so they are followed from the last line to the first.
    """
    lines = list(lines)
    books = Books.of(lines)
    shown = [_line(one, books, problems.get(one.pk, ""), user, locale) for one in reversed(lines)]
    return shown[::-1]


def _line(line: Instruction, books: Books, problem: str, user: Any, locale: str) -> Line:
    pair = (line.credit_note_id, line.invoice_payable_id)
    is_pair = line.kind in {Kind.LINK, Kind.AMEND} and line.state == S.DONE
    fate = books.fates.get(pair, "") if is_pair else ""  # type: ignore[arg-type]
    return Line(
        id=line.pk,
        hash=line.content_hash,
        kind=line.kind,
        kind_words=line.get_kind_display(),
        note=_note(line, books, locale),
        invoice=_invoice(line, books, locale) if line.invoice_payable_id else None,
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
        fate=fate,
        checked_by=checked_by(line) if line.state == S.UNKNOWN else "",
        being_verified=line.state == S.NEEDS_PERSON and bool(line.decision),
        asked_by_me=line.asked_by_id == user.pk,
    )


def _why(code: str, words: str) -> str:
    """A listed reason and what was typed beside it; empty where none was asked for."""
    return " – ".join(part for part in (reasons.label(code), words.strip()) if part)


def _decided(line: Instruction) -> str:
    """Who approved, or the rule by which one person was enough."""
    if line.approved_by:
        return _("Approved by %(name)s") % {"name": name_of(line.approved_by)}
    return str(line.get_exempt_rule_display()) if line.exempt_rule else ""


def effects(line: Instruction) -> tuple[int, int]:
    """What a line changes on both balances, and what of that the balances count already.

    In the smallest unit; the same for the credit note and the invoice of a pair.
    """
    amount, previous = line.amount or 0, line.previous_amount or 0
    change = {
        Kind.LINK: -amount,
        Kind.AMEND: previous - amount,
        Kind.UNLINK: amount,
        Kind.REVERSE: amount,
    }.get(Kind(line.kind), 0)
    counted = change if line.kind in {Kind.LINK, Kind.AMEND} and change < 0 else 0
    return change, counted


def _before_after(
    line: Instruction, document_id: UUID, books: Books, locale: str
) -> tuple[str, str]:
    """What is free or open before and after this line; only "now" where it is closed."""
    left = books.left.get(document_id)
    if line.state not in Instruction.OPEN or left is None:
        text = _("not known") if left is None else money.text(left, line.currency, locale)
        return text, text
    change, counted = effects(line)
    before, after = left - counted, left - counted + change
    if line.kind == Kind.ARCHIVE:
        after = 0
    books.left[document_id] = before
    return money.text(before, line.currency, locale), money.text(after, line.currency, locale)


def _note(line: Instruction, books: Books, locale: str) -> Document:
    note = books.notes.get(line.credit_note_id)
    before, after = _before_after(line, line.credit_note_id, books, locale)
    return Document(
        name=documents.name_of_document(books.notes, line.credit_note_id),
        url=reverse("credit_note", args=[line.credit_note_id]),
        label=labels.credit_note(note.status if note else ""),
        day=note.document_date if note else None,
        changes=_changes(line, line.credit_note_id, books, locale),
        before=before,
        after=after,
    )


def _invoice(line: Instruction, books: Books, locale: str) -> Document:
    invoice_id = line.invoice_payable_id
    assert invoice_id is not None  # noqa: S101  (the caller has checked)
    invoice = books.invoices.get(invoice_id)
    day, by_light = documents.pays_on(invoice) if invoice else (None, True)
    pays = labels.day(day) if day and by_light else ""
    before, after = _before_after(line, invoice_id, books, locale)
    warns = invoice is not None and line.state in Instruction.OPEN
    return Document(
        name=documents.name_of_document(books.invoices, invoice_id),
        url=reverse("invoice_payable", args=[invoice_id]),
        label=labels.invoice(invoice.state if invoice else ""),
        day=day,
        by_light=by_light,
        warning=usable.payment_warning(invoice, pays) if warns else "",
        changes=_changes(line, invoice_id, books, locale),
        before=before,
        after=after,
    )


def _changes(line: Instruction, document_id: UUID, books: Books, locale: str) -> tuple[str, ...]:
    """What the copy saw of this document since the line was asked for, while it waits."""
    if line.state != S.PROPOSED:
        return ()
    return tuple(
        _change(row, line.currency, locale)
        for row in books.changes.get(document_id, ())
        if row.at > line.asked_at
    )


def _change(row: Seen, currency: str, locale: str) -> str:
    if row.field == "gone":
        return history.gone_words(row)
    return _("%(field)s: %(before)s → %(after)s") % {
        "field": history.field_words(row),
        "before": history.value(row, row.before, currency, locale) or "–",
        "after": history.value(row, row.after, currency, locale) or "–",
    }
