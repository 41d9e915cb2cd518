"""Turns a person's choice of links into a proposal with one instruction per link."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from clearing import balances, money, usable, workflow
from clearing.models import (
    Balance,
    Clearing,
    CreditNote,
    Instruction,
    InvoicePayable,
    Link,
    Proposal,
)
from clearing.workflow import User

LONGEST_NOTE = 2000
Cell = tuple[UUID, UUID]


@dataclass(frozen=True)
class Wanted:
    """One link that a person wants; `amount` in the smallest unit."""

    credit_note_id: UUID
    invoice_payable_id: UUID
    amount: int

    @property
    def cell(self) -> Cell:
        return self.credit_note_id, self.invoice_payable_id


@dataclass
class Problems(Exception):
    """Why a choice cannot be proposed: a sentence per cell, and sentences about the whole."""

    cells: dict[Cell, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.cells or self.general)


@dataclass
class Books:
    """The documents and balances that one choice names, locked until the transaction ends."""

    notes: dict[UUID, CreditNote]
    invoices: dict[UUID, InvoicePayable]
    balances: dict[UUID, Balance]

    @classmethod
    def lock(cls, notes: Iterable[UUID], invoices: Iterable[UUID]) -> "Books":
        notes, invoices = set(notes), set(invoices)
        return cls(
            balances=balances.lock(notes | invoices),
            notes={note.id: note for note in CreditNote.objects.filter(id__in=notes)},
            invoices={one.id: one for one in InvoicePayable.objects.filter(id__in=invoices)},
        )

    def available(self, document_id: UUID) -> int | None:
        row = self.balances.get(document_id)
        return row.available if row else None


def content_of(
    line: Instruction, note: CreditNote, invoice: InvoicePayable | None
) -> dict[str, Any]:
    """What a line asks for, with the documents' amounts that were in view: what is approved."""
    return {
        "kind": str(line.kind),
        "credit_note": str(line.credit_note_id),
        "invoice": str(line.invoice_payable_id) if line.invoice_payable_id else None,
        "clearing": str(line.clearing_id) if line.clearing_id else None,
        "amount": line.amount,
        "previous_amount": line.previous_amount,
        "currency": line.currency,
        "entity": str(note.entity_id) if note.entity_id else None,
        "vendor": str(note.vendor_id) if note.vendor_id else None,
        "credit_note_amount": note.amount,
        "invoice_amount": invoice.amount if invoice else None,
        "of_draft": line.of_draft,
    }


def new_line(
    proposal: Proposal,
    kind: str,
    note: CreditNote,
    invoice: InvoicePayable | None,
    *,
    by: User,
    now: datetime,
    exempt: str = "",
    **fields: Any,
) -> Instruction:
    """An unsaved line; READY at once where a rule lets one person decide."""
    line = Instruction(
        proposal=proposal,
        kind=kind,
        credit_note_id=note.id,
        invoice_payable_id=invoice.id if invoice else None,
        currency=note.currency,
        state=Instruction.State.READY if exempt else Instruction.State.PROPOSED,
        exempt_rule=exempt,
        asked_by=by,
        asked_at=now,
        changed_at=now,
        **fields,
    )
    line.content = content_of(line, note, invoice)
    line.content_hash = workflow.content_hash(line.content)
    return line


def propose(
    *,
    vendor_id: UUID,
    entity_id: UUID,
    currency: str,
    wanted: list[Wanted],
    note: str = "",
    by: User,
) -> Proposal:
    """Propose these links. Raises Problems, workflow.NotAllowed or workflow.Conflict."""
    workflow.check_may(by, "propose")
    if not wanted:
        raise Problems(general=[_("Enter an amount for at least one link.")])
    if len(note) > LONGEST_NOTE:
        raise Problems(general=[_("Shorten the note to %(n)d characters.") % {"n": LONGEST_NOTE}])
    now = workflow.now()
    with transaction.atomic():
        books = Books.lock(
            (one.credit_note_id for one in wanted), (one.invoice_payable_id for one in wanted)
        )
        _check_not_held(wanted, books)
        if problems := problems_of(wanted, books, vendor_id, entity_id, currency):
            raise problems
        proposal = Proposal.objects.create(
            vendor_id=vendor_id, entity_id=entity_id, currency=currency,
            note=note.strip(), created_by=by, created_at=now,
        )  # fmt: skip
        exempt = _under_limit(currency, sum(one.amount for one in wanted))
        workflow.begin(
            [
                new_line(
                    proposal, Instruction.Kind.LINK,
                    books.notes[one.credit_note_id], books.invoices[one.invoice_payable_id],
                    amount=one.amount, position=position, exempt=exempt, by=by, now=now,
                )
                for position, one in enumerate(wanted)
            ],
            now=now,
            by=by,
        )  # fmt: skip
    return proposal


def _check_not_held(wanted: list[Wanted], books: Books) -> None:
    """Raise Conflict, naming who, where one of these pairs stands in an open proposal."""
    cells = {one.cell for one in wanted}
    held = Instruction.objects.filter(
        state__in=Instruction.OPEN,
        credit_note_id__in={note for note, _invoice in cells},
        invoice_payable_id__in={invoice for _note, invoice in cells},
    ).select_related("asked_by")
    for line in held:
        if line.invoice_payable_id and (line.credit_note_id, line.invoice_payable_id) in cells:
            raise workflow.Conflict(
                _("%(note)s and %(invoice)s are held by %(who)s’s proposal %(number)s already.")
                % {
                    "note": books.notes.get(line.credit_note_id),
                    "invoice": books.invoices.get(line.invoice_payable_id),
                    "who": workflow.name_of(line.asked_by),
                    "number": line.proposal_id,
                }
            )


def _under_limit(currency: str, total: int) -> str:
    """The rule that exempts a proposal of this total, if the house has set one."""
    if settings.SECOND_PERSON_ALWAYS or total >= settings.EXEMPT_UNDER.get(currency, 0):
        return ""
    return str(Instruction.Exempt.UNDER_LIMIT)


def problems_of(
    wanted: list[Wanted], books: Books, vendor_id: UUID, entity_id: UUID, currency: str
) -> Problems:
    """Every reason why these links cannot be proposed; false where there is none."""
    problems = Problems()
    group = (vendor_id, entity_id, currency)
    posted = _notes_with_posted_line(wanted)
    taken = _taken_pairs(wanted)
    for one in wanted:
        sentence = _cell_problem(one, books, group) or taken.get(one.cell, "")
        if not sentence and _is_posted(books, one) and not settings.PARTIALLY_CLEARED_LINKABLE:
            if one.credit_note_id in posted:
                sentence = _(
                    "A credit note can pay only one invoice that is already posted, because it "
                    "counts as partly used afterwards. Choose one of them."
                )
            posted.add(one.credit_note_id)
        if sentence:
            problems.cells[one.cell] = sentence
    if not problems.cells:
        _check_sums(wanted, books, currency, problems)
    return problems


def _is_posted(books: Books, one: Wanted) -> bool:
    return usable.is_posted(books.invoices[one.invoice_payable_id].state)


def _cell_problem(one: Wanted, books: Books, group: tuple[UUID, UUID, str]) -> str:
    note = books.notes.get(one.credit_note_id)
    invoice = books.invoices.get(one.invoice_payable_id)
    if note is None or (note.vendor_id, note.entity_id, note.currency) != group:
        return _("This credit note does not belong to this vendor, entity and currency.")
    if invoice is None or (invoice.vendor_id, invoice.entity_id, invoice.currency) != group:
        return _("This invoice does not belong to this vendor, entity and currency.")
    if one.amount <= 0:
        return _("Enter more than 0.")
    if sentence := unusable(note, invoice):
        return sentence
    for document in (note, invoice):
        if books.available(document.id) is None:
            return _("What is open on %(document)s was not read from Light yet.") % {
                "document": document
            }
    return ""


def unusable(note: CreditNote, invoice: InvoicePayable) -> str:
    """Why one of these two cannot be used for clearing now; empty where both can."""
    partly = settings.PARTIALLY_CLEARED_LINKABLE
    if problem := usable.credit_note_problem(note, partially_cleared_linkable=partly):
        return f"{note}: {problem.sentence}"
    if problem := usable.invoice_problem(invoice):
        return f"{invoice}: {problem.sentence}"
    return ""


def _notes_with_posted_line(wanted: list[Wanted]) -> set[UUID]:
    """Credit notes of this choice that an open line already uses on a posted invoice."""
    lines = Instruction.objects.filter(
        kind=Instruction.Kind.LINK,
        state__in=Instruction.OPEN,
        credit_note_id__in={one.credit_note_id for one in wanted},
    ).values_list("credit_note_id", "invoice_payable_id")
    states = dict(
        InvoicePayable.objects.filter(id__in={invoice for _note, invoice in lines}).values_list(
            "id", "state"
        )
    )
    return {note for note, one in lines if one and usable.is_posted(states.get(one, ""))}


def _taken_pairs(wanted: list[Wanted]) -> dict[Cell, str]:
    """Pairs of this choice that are linked or cleared already, or named twice."""
    times = Counter(one.cell for one in wanted)
    found = {
        cell: _("This pair is named twice. Enter one amount.")
        for cell, count in times.items()
        if count > 1
    }
    touched = {
        "credit_note_id__in": {one.credit_note_id for one in wanted},
        "invoice_payable_id__in": {one.invoice_payable_id for one in wanted},
    }
    cleared = _("These two have cleared each other already. Choose another invoice.")
    for entry in Clearing.objects.filter(type="CN", gone_at=None, **touched):
        if entry.credit_note_id:
            found[entry.credit_note_id, entry.invoice_payable_id] = cleared
    for link in Link.objects.filter(**touched):
        if link.gone_at is None and link.fate == Link.Fate.PLANNED:
            sentence = _("These two are linked already. Change that link's amount instead.")
        elif link.fate in {Link.Fate.CLEARED, Link.Fate.CLEARED_PART, Link.Fate.CHECKING}:
            sentence = cleared
        else:
            continue
        found[link.credit_note_id, link.invoice_payable_id] = sentence
    return found | _cancelled(wanted)


def _cancelled(wanted: list[Wanted]) -> dict[Cell, str]:
    """Pairs of this choice whose credit note an open line cancels."""
    archives = set(
        Instruction.objects.filter(
            kind=Instruction.Kind.ARCHIVE,
            state__in=Instruction.OPEN,
            credit_note_id__in={one.credit_note_id for one in wanted},
        ).values_list("credit_note_id", flat=True)
    )
    sentence = _("This credit note is about to be cancelled.")
    return {one.cell: sentence for one in wanted if one.credit_note_id in archives}


def _check_sums(wanted: list[Wanted], books: Books, currency: str, problems: Problems) -> None:
    """No document gives or takes more than it has; the sentence stands at its last cell."""
    for of_document, words in (
        (0, _("Only %(available)s of %(document)s is free to use, not %(asked)s.")),
        (1, _("Only %(available)s of %(document)s is open, not %(asked)s.")),
    ):
        sums: dict[UUID, int] = defaultdict(int)
        for one in wanted:
            document_id = one.cell[of_document]
            sums[document_id] += one.amount
            available = books.available(document_id) or 0
            if sums[document_id] > available:
                document = books.notes.get(document_id) or books.invoices[document_id]
                problems.cells[one.cell] = words % {
                    "available": money.text(max(available, 0), currency),
                    "document": document,
                    "asked": money.text(sums[document_id], currency),
                }
