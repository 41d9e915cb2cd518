"""Whether what a person chose fits: documents, pairs and balances, each "no" with its sentence."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from clearing import balances, known, money, questions, twins, usable, workflow
from clearing.models import (
    Balance,
    Clearing,
    CreditNote,
    Edit,
    Instruction,
    InvoicePayable,
    Link,
)
from clearing.services import duplicates

Cell = tuple[UUID, UUID]


@dataclass(frozen=True)
class Wanted:
    """One link that a person wants; `amount` in the smallest unit.

    `suggestion`: what the engine said of this pair (matching.Suggestion.as_data), if anything.
    `trial`: the open question about Light that this link is to answer, if any.
    """

    credit_note_id: UUID
    invoice_payable_id: UUID
    amount: int
    suggestion: dict[str, Any] = field(default_factory=dict, hash=False)
    trial: str = ""

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
        return cls._of(notes, invoices, balances.lock(notes | invoices))

    @classmethod
    def read(cls, notes: Iterable[UUID], invoices: Iterable[UUID]) -> "Books":
        """The same for a page: nothing is locked."""
        notes, invoices = set(notes), set(invoices)
        return cls._of(notes, invoices, Balance.objects.in_bulk(notes | invoices))

    @classmethod
    def _of(cls, notes: set[UUID], invoices: set[UUID], rows: dict[UUID, Balance]) -> "Books":
        return cls(
            balances=rows,
            notes=CreditNote.objects.in_bulk(notes),
            invoices=InvoicePayable.objects.in_bulk(invoices),
        )

    def available(self, document_id: UUID) -> int | None:
        row = self.balances.get(document_id)
        return row.available if row else None


def problems_of(
    wanted: list[Wanted], books: Books, vendor_id: UUID, entity_id: UUID, currency: str
) -> Problems:
    """Every reason why these links cannot be proposed; false where there is none."""
    problems = Problems()
    group = (vendor_id, entity_id, currency)
    posted = notes_with_posted_line(wanted)
    taken = _taken_pairs(wanted)
    twins = twin_sentences(one.credit_note_id for one in wanted)
    for one in wanted:
        sentence = _cell_problem(one, books, group) or taken.get(one.cell, "")
        sentence = sentence or twins.get(one.credit_note_id, "")
        if not sentence and _is_posted(books, one) and not known.answers().partly_linkable:
            if one.credit_note_id in posted:
                sentence = str(usable.ONE_POSTED)
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
    if sentence := unusable(note, invoice, trial=one.trial):
        return sentence
    for document in (note, invoice):
        if books.available(document.id) is None:
            return _("What is open on %(document)s was not read from Light yet.") % {
                "document": document
            }
    return ""


def unusable(note: CreditNote, invoice: InvoicePayable, *, trial: str = "") -> str:
    """Why one of these two cannot be used for clearing now; empty where both can.

    trial: the open question that a link of these two is to answer; its own rule says no "no".
    """
    answers = known.answers()
    tries = trial if trial in answers.unanswered else ""
    partly = answers.partly_linkable or tries == questions.PARTLY
    on_posted = answers.posted_linkable or tries == questions.ON_POSTED
    if problem := usable.credit_note_problem(note, partially_cleared_linkable=partly):
        return f"{note}: {problem.sentence}"
    if problem := usable.invoice_problem(invoice, posted_linkable=on_posted):
        return f"{invoice}: {problem.sentence}"
    return ""


def notes_with_posted_line(wanted: list[Wanted]) -> set[UUID]:
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
    cleared = str(usable.CLEARED)
    for entry in Clearing.objects.filter(type="CN", gone_at=None, **touched):
        if entry.credit_note_id:
            found[entry.credit_note_id, entry.invoice_payable_id] = cleared
    for link in Link.objects.filter(**touched):
        if link.gone_at is None and link.fate == Link.Fate.PLANNED:
            sentence = str(usable.LINKED)
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
            Q(kind=Instruction.Kind.ARCHIVE) | Q(archives=True),
            state__in=Instruction.OPEN,
            credit_note_id__in={one.credit_note_id for one in wanted},
        ).values_list("credit_note_id", flat=True)
    )
    sentence = _("This credit note is about to be cancelled.")
    return {one.cell: sentence for one in wanted if one.credit_note_id in archives}


def held_pairs(wanted: Iterable[Wanted]) -> dict[Cell, str]:
    """Pairs of this choice that stand in an open line of ours; the sentence says whose."""
    cells = {one.cell for one in wanted}
    lines = Instruction.objects.filter(
        state__in=Instruction.OPEN,
        credit_note_id__in={note for note, _invoice in cells},
        invoice_payable_id__in={invoice for _note, invoice in cells},
    ).select_related("asked_by")
    by_pair = {(line.credit_note_id, line.invoice_payable_id): line for line in lines}
    held = {cell: by_pair[cell] for cell in cells if cell in by_pair}
    notes = CreditNote.objects.in_bulk({note for note, _invoice in held}) if held else {}
    invoices = InvoicePayable.objects.in_bulk({one for _note, one in held}) if held else {}
    words = _("%(note)s and %(invoice)s are held by %(who)s’s proposal %(number)s already.")
    return {
        (note, invoice): words
        % {
            "note": notes.get(note),
            "invoice": invoices.get(invoice),
            "who": workflow.name_of(line.asked_by),
            "number": line.proposal_id,
        }
        for (note, invoice), line in held.items()
    }


def bound_pairs(wanted: Iterable[Wanted]) -> dict[Cell, str]:
    """Pairs of this choice that cannot be linked: held, linked or cleared already."""
    wanted = list(wanted)
    return held_pairs(wanted) | _taken_pairs(wanted)


def edit_in_the_way(note_id: UUID) -> str:
    """The sentence while an edit of this draft is under way or not settled; empty otherwise."""
    edits = Edit.objects.filter(
        credit_note_id=note_id, state__in=Edit.HOLDING, dealt_at__isnull=True
    )
    edit = edits.select_related("asked_by").first()
    if edit is None:
        return ""
    return _("A change of it by %(who)s is not settled yet: %(state)s.") % {
        "who": workflow.name_of(edit.asked_by),
        "state": edit.get_state_display(),
    }


def twin_sentences(note_ids: Iterable[UUID]) -> dict[UUID, str]:
    """For each note that may be the same as another one, until somebody has said otherwise."""
    return {
        note: twins.sentence(others[0])
        for note, others in duplicates.unanswered(note_ids).items()
        if others
    }


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
