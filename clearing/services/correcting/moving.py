"""Asks to move a clearing to another invoice: undone here, linked there, approved as one."""

from copy import copy
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clearing import known, money, reasons, roles, usable, workflow
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable, Proposal
from clearing.roles import User
from clearing.services.correcting.undoing import cleared_on, clearings_of, undo_problem
from clearing.services.fitting import (
    Books,
    Wanted,
    bound_pairs,
    notes_with_posted_line,
    twin_sentences,
    unusable,
)
from clearing.services.proposing import new_line
from clearing.workflow import Conflict

Kind = Instruction.Kind
MOST_TARGETS = 200


def as_undone(note: CreditNote, from_invoice_id: UUID) -> CreditNote:
    """The credit note as it will be once this clearing is undone; not saved."""
    later = copy(note)
    if note.status in {"CLEARED", "PARTIALLY_CLEARED", "POSTED"}:
        others = [one for one in clearings_of(note.id) if one.invoice_payable_id != from_invoice_id]
        later.status = "PARTIALLY_CLEARED" if others else "POSTED"
    return later


def move_targets(note_id: UUID, from_invoice_id: UUID) -> list[InvoicePayable]:
    """The invoices that this clearing could be moved to, the first due in front."""
    note = CreditNote.objects.filter(pk=note_id).first()
    if note is None or note.vendor_id is None or note.entity_id is None:
        return []
    open_ones = Balance.objects.filter(
        kind=Balance.Kind.INVOICE, usable=True, vendor_id=note.vendor_id,
        entity_id=note.entity_id, currency=note.currency,
    )  # fmt: skip
    rows = InvoicePayable.objects.filter(id__in=open_ones.values("document_id"))
    found = list(rows.exclude(pk=from_invoice_id).order_by("due_day", "id")[:MOST_TARGETS])
    held = bound_pairs(Wanted(note_id, invoice.id, 1) for invoice in found)
    return [invoice for invoice in found if (note_id, invoice.id) not in held]


def move_problem(note: CreditNote, from_invoice_id: UUID, target: InvoicePayable) -> str:
    """Why this clearing cannot be moved to that invoice now; empty where it can."""
    if sentence := undo_problem(note.id, from_invoice_id):
        return sentence
    if target.id == from_invoice_id:
        return _("Choose another invoice: it is cleared on this one.")
    if problem := usable.pair_problem(note, target):
        return problem.sentence
    later = as_undone(note, from_invoice_id)
    if later.status == "PARTIALLY_CLEARED" and not known.answers().partly_linkable:
        return _(
            "It has cleared other invoices too. Once this one is undone it still counts as partly "
            "used, and your Light is not known to link the rest of such a credit note."
        )
    if sentence := unusable(later, target):
        return sentence
    wanted = [Wanted(note.id, target.id, 1)]
    held = bound_pairs(wanted).get(wanted[0].cell, "")
    posted = usable.is_posted(target.state) and not known.answers().partly_linkable
    if not held and posted and notes_with_posted_line(wanted):
        return str(usable.ONE_POSTED)
    return held or twin_sentences([note.id]).get(note.id, "")


def most_to_move(
    note_id: UUID, from_invoice_id: UUID, to_invoice_id: UUID, *, books: Books | None = None
) -> int | None:
    """The largest amount, in the smallest unit; None where a balance is not known yet."""
    books = books or Books.read([note_id], [to_invoice_id])
    free, open_amount = books.available(note_id), books.available(to_invoice_id)
    if free is None or open_amount is None:
        return None
    cleared = cleared_on(note_id, from_invoice_id)[1]
    return max(min(cleared + max(free, 0), open_amount), 0)


def move(
    *, credit_note_id: UUID, from_invoice_id: UUID, to_invoice_id: UUID, amount: int,
    reason_code: str, reason: str, by: User,
) -> Proposal:  # fmt: skip
    """Ask to undo a clearing and to link the credit to another invoice instead; two lines.

    Raises NotAllowed, Conflict with the sentence of `move_problem`, and ValueError with one
    about the amount (smallest unit) or the reason.
    """
    for kind in (Kind.REVERSE, Kind.LINK):
        roles.check_may_ask(by, kind)
    reasons.check_reason("move", reason_code, reason)
    with transaction.atomic():
        books = Books.lock([credit_note_id], [from_invoice_id, to_invoice_id])
        note, target = books.notes.get(credit_note_id), books.invoices.get(to_invoice_id)
        if note is None or target is None or from_invoice_id not in books.invoices:
            raise Conflict(_("The copy from Light does not hold these documents yet."))
        if sentence := move_problem(note, from_invoice_id, target):
            raise Conflict(sentence)
        _check_amount(amount, most_to_move(note.id, from_invoice_id, target.id, books=books), note)
        return _ask(books, note, from_invoice_id, target, amount, reason_code, reason, by)


def _check_amount(amount: int, most: int | None, note: CreditNote) -> None:
    """Raise ValueError with a sentence where so much cannot be moved."""
    if amount <= 0:
        raise ValueError(_("Enter more than 0."))
    if most is None:
        raise ValueError(_("What is open on the documents was not read from Light yet."))
    if amount > most:
        raise ValueError(
            _("At most %(most)s: not more becomes free on the credit note or is open on the "
              "other invoice.") % {"most": money.text(most, note.currency)}
        )  # fmt: skip


def _ask(
    books: Books, note: CreditNote, from_invoice_id: UUID, target: InvoicePayable, amount: int,
    reason_code: str, reason: str, by: User,
) -> Proposal:  # fmt: skip
    """One proposal of both steps; the second waits until the first is done and read back."""
    now = workflow.now()
    document, cleared = cleared_on(note.id, from_invoice_id)
    proposal = Proposal.objects.create(
        vendor_id=note.vendor_id, entity_id=note.entity_id, currency=note.currency,
        created_by=by, created_at=now,
    )  # fmt: skip
    why = {"reason_code": reason_code, "reason": reason, "by": by, "now": now}
    first = new_line(
        proposal, Kind.REVERSE, note, books.invoices[from_invoice_id],
        clearing_id=document, amount=cleared, position=0, **why,
    )  # fmt: skip
    second = new_line(
        proposal, Kind.LINK, note, target, also={"after": str(from_invoice_id)},
        after=first, amount=amount, position=1, **why,
    )  # fmt: skip
    workflow.begin([first, second], now=now, by=by)
    return proposal
