"""Whether lines still fit the copy of Light's books, and what their approver sees beside them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from clearing import known, money, months, workflow
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable, Link
from clearing.services.changing import archive_problem
from clearing.services.correcting import as_undone, posting_of
from clearing.services.correcting.posting import day_of, lines_digest, lines_of
from clearing.services.correcting.undoing import cleared_on
from clearing.services.fitting import edit_in_the_way, unusable

Kind = Instruction.Kind


class Shown(Protocol):
    """What somebody else has read of the same copy, so that it is not read twice."""

    notes: dict[UUID, CreditNote]
    invoices: dict[UUID, InvoicePayable]
    balances: dict[UUID, Balance]
    links: dict[tuple[UUID, UUID | None], Link]


@known.once()
def misfits(lines: Iterable[Instruction], *, shown: Shown | None = None) -> dict[int, str]:
    """Why a line no longer fits the copy of Light's books, for each that does not, by its id.

    A change from one usable state to another never matters, nor does another line of ours. Five
    queries for any number of lines about links, one where a page has read its books already.
    """
    lines = list(lines)
    copy = Copy.of(lines) if shown is None else Copy(
        shown.notes, shown.invoices, shown.balances, shown.links, _rivals(lines)
    )  # fmt: skip
    found = {line.pk: misfit(line, copy) or not_known(line, copy) for line in lines}
    return {key: sentence for key, sentence in found.items() if sentence}


@dataclass(frozen=True)
class Copy:
    """What the copy shows of the documents of some lines."""

    notes: dict[UUID, CreditNote]
    invoices: dict[UUID, InvoicePayable]
    balances: dict[UUID, Balance]
    links: dict[tuple[UUID, UUID | None], Link]
    waiting: list[Instruction]  # lines that take an amount and wait for review

    @classmethod
    def of(cls, lines: list[Instruction]) -> "Copy":
        notes = {line.credit_note_id for line in lines}
        invoices = {line.invoice_payable_id for line in lines if line.invoice_payable_id}
        links = Link.objects.filter(credit_note_id__in=notes, invoice_payable_id__in=invoices)
        return cls(
            notes=CreditNote.objects.in_bulk(notes),
            invoices=InvoicePayable.objects.in_bulk(invoices),
            balances=Balance.objects.in_bulk(notes | invoices),
            links={(link.credit_note_id, link.invoice_payable_id): link for link in links},
            waiting=_rivals(lines),
        )

    def of_line(self, line: Instruction) -> tuple[CreditNote | None, InvoicePayable | None]:
        invoice = self.invoices.get(line.invoice_payable_id) if line.invoice_payable_id else None
        return self.notes.get(line.credit_note_id), invoice

    def left(self, document_id: UUID | None, line: Instruction) -> int | None:
        """What a document has left after this line and all approved ones; None: not known.

        Lines that still wait are not counted: whichever is approved first has the amount.
        """
        row = self.balances.get(document_id) if document_id else None
        if row is None or row.available is None:
            return None
        return row.available + sum(
            _more(other, of_note=document_id == other.credit_note_id)
            for other in self.waiting_on[document_id]
            if other.pk != line.pk
        )

    @cached_property
    def waiting_on(self) -> dict[UUID | None, list[Instruction]]:
        """The waiting lines by document: each stands at both of its own."""
        found: dict[UUID | None, list[Instruction]] = defaultdict(list)
        for line in self.waiting:
            for document_id in {line.credit_note_id, line.invoice_payable_id}:
                found[document_id].append(line)
        return found


def _rivals(lines: list[Instruction]) -> list[Instruction]:
    """The lines that take an amount of the same documents and wait, these among them."""
    notes = {line.credit_note_id for line in lines}
    invoices = {line.invoice_payable_id for line in lines if line.invoice_payable_id}
    waiting = Instruction.objects.filter(
        Q(credit_note_id__in=notes) | Q(invoice_payable_id__in=invoices),
        kind__in=[Kind.LINK, Kind.AMEND],
        state=Instruction.State.PROPOSED,
    )
    return list(waiting.select_related("after"))


def _more(line: Instruction, *, of_note: bool = False) -> int:
    """What a line takes beyond what is linked already; nothing where it lowers a link.

    of_note: of the credit note, where the step before a line frees what it takes.
    """
    before = line.previous_amount or 0 if line.kind == Kind.AMEND else 0
    if of_note and _waits(line) and line.after:
        before = line.after.amount or 0
    return max((line.amount or 0) - before, 0)


def _takes(line: Instruction) -> bool:
    """Whether a line takes something from its documents, so that they must be usable."""
    return line.kind in {Kind.LINK, Kind.AMEND} and _more(line) > 0


def _waits(line: Instruction) -> bool:
    """Whether the step before a line has not happened, or was not read back yet."""
    first = line.after
    return first is not None and not (first.state == "done" and first.shown_at)


def misfit(line: Instruction, copy: Copy) -> str:
    """Why a line no longer fits; empty where it does.

    One with a step before it is judged as if that had happened.
    """
    note, invoice = copy.of_line(line)
    if note is None or (line.invoice_payable_id and invoice is None):
        return _("Light no longer shows both documents.")
    if sentence := changed_facts(line.content, note, invoice):
        return sentence
    if line.kind == Kind.POST:
        return _other_draft(line, note)
    if line.kind == Kind.REVERSE:
        return _other_clearing(line)
    if line.kind == Kind.ARCHIVE:
        if line.of_draft and note.status != "DRAFT":
            return _("The credit note is no longer a draft.")
        return archive_problem(note, but=line)
    if line.kind in {Kind.AMEND, Kind.UNLINK}:
        link = copy.links.get((line.credit_note_id, line.invoice_payable_id))
        if sentence := _other_link(line, link):
            return sentence
    if _takes(line) and invoice is not None:
        if _waits(line) and line.after and line.after.invoice_payable_id:
            note = as_undone(note, line.after.invoice_payable_id)
        return unusable(note, invoice, trial=line.trial) or _not_covered(line, copy)
    return ""


def _other_draft(line: Instruction, note: CreditNote) -> str:
    """The sentence where this is no longer the draft that was to be posted."""
    if note.gone_at:
        return _("Light no longer shows it.")
    if note.status != "DRAFT":
        return _("The credit note is no longer a draft.")
    if sentence := edit_in_the_way(note.id):
        return sentence
    if line.content.get("day") != day_of(note):
        return _("The day it would be posted on was changed since this was asked for.")
    if line.content.get("month", "") not in ("", months.month_if_undated(note, workflow.now())):
        return _("It names no day, and the month it would be posted into is another one now.")
    if line.content.get("lines") != lines_digest(lines_of(note)):
        return _("Its lines were changed since this was asked for.")
    where = posting_of(note).standing
    if where.needs_controller and not line.into_closed:
        return f"{where.words} {_('Only a controller can post into it, with a reason.')}"
    return ""


def _other_clearing(line: Instruction) -> str:
    """The sentence where the clearing to undo is gone, or has another amount than was seen."""
    if line.invoice_payable_id is None:
        return ""
    document, amount = cleared_on(line.credit_note_id, line.invoice_payable_id)
    if document is None:
        return _("Light no longer shows this clearing.")
    if (document, amount) != (line.clearing_id, line.amount):
        return _("The clearing is now %(amount)s.") % {"amount": money.text(amount, line.currency)}
    return ""


def _other_link(line: Instruction, link: Link | None) -> str:
    """The sentence where the link to change is gone, or has another amount than was seen."""
    if link is None or link.fate in {Link.Fate.REMOVED, Link.Fate.UNDONE}:
        return _("These two are not linked in Light any more.")
    if link.fate != Link.Fate.PLANNED:
        return _("The invoice is posted meanwhile, so this link can no longer be changed.")
    if link.amount != (line.amount if line.kind == Kind.UNLINK else line.previous_amount):
        return _("The link was changed in Light: it is now %(amount)s.") % {
            "amount": money.text(link.amount, line.currency)
        }
    return ""


def changed_facts(content: dict[str, Any], note: CreditNote, invoice: InvoicePayable | None) -> str:
    """The sentence for a document whose vendor, entity, currency or amount is not as approved."""
    for document, amount in ((note, "credit_note_amount"), (invoice, "invoice_amount")):
        if document is None:
            continue
        for key, value in (
            ("vendor", str(document.vendor_id) if document.vendor_id else None),
            ("entity", str(document.entity_id) if document.entity_id else None),
            ("currency", document.currency),
            (amount, document.amount),
        ):
            if content[key] != value:
                return _("%(document)s was changed in Light since this was proposed.") % {
                    "document": document
                }
    return ""


def _not_covered(line: Instruction, copy: Copy) -> str:
    """Balances already count this open line, so below 0 means that it is not covered."""
    free = copy.left(line.credit_note_id, line)
    open_amount = copy.left(line.invoice_payable_id, line)
    if free is not None and free < 0:
        return _("Not enough of the credit note is free any more.")
    if open_amount is not None and open_amount < 0:
        return _("Not enough of the invoice is open any more.")
    return ""


def not_known(line: Instruction, copy: Copy) -> str:
    """The sentence where a balance that this line takes from is being read; it passes by."""
    documents = (line.credit_note_id, line.invoice_payable_id)
    if _takes(line) and None in [copy.left(one, line) for one in documents]:
        return _(
            "What is open on both documents is not known right now. Approve it when Light was "
            "read again."
        )
    return ""


def seen_beside(line: Instruction, copy: Copy) -> dict[str, Any]:
    """What stands beside a line for its approver: states and balances of both documents.

    Of a post also what goes to the ledger, and where its month stands. Smallest unit.
    """
    note, invoice = copy.of_line(line)
    free, open_ = (
        copy.balances[one].available if one in copy.balances else None
        for one in (line.credit_note_id, line.invoice_payable_id)
    )
    seen = {
        "credit_note_status": note.status if note else None,
        "invoice_state": invoice.state if invoice else None,
        "free_to_use": free,
        "open_amount": open_,
        "pays_at": invoice.payment_at.isoformat() if invoice and invoice.payment_at else None,
    }
    if line.kind != Kind.POST or note is None:
        return seen
    posting = posting_of(note)
    return seen | {
        "net": posting.net,
        "tax": posting.tax,
        "gross": posting.gross,
        "posting_day": posting.day.isoformat(),
        "month": posting.standing.words,
    }
