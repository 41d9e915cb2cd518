"""Asks to undo a clearing, with or without cancelling the credit note; a second person decides.

Only what a credit note has cleared: a bank payment is never reversed from here.
"""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clearing import reasons, roles
from clearing.models import Clearing, CreditNote, Instruction, Link
from clearing.roles import User
from clearing.services.changing import active_links, ask_one
from clearing.services.fitting import Books
from clearing.workflow import Conflict

Kind = Instruction.Kind


def clearings_of(note_id: UUID) -> list[Clearing]:
    """What this credit note has cleared and nobody has undone."""
    return list(Clearing.objects.filter(type="CN", gone_at=None, credit_note_id=note_id))


def cleared_on(note_id: UUID, invoice_id: UUID) -> tuple[UUID | None, int]:
    """The document by which Light undoes this pair's clearing, and how much it cleared.

    None and 0 where there is none, or Light does not name its document.
    """
    entries = [
        one
        for one in clearings_of(note_id)
        if one.invoice_payable_id == invoice_id and one.accounting_document_id
    ]
    if not entries:
        return None, 0
    document = entries[0].accounting_document_id
    return document, sum(one.amount for one in entries if one.accounting_document_id == document)


def undo_problem(note_id: UUID, invoice_id: UUID, *, archive: bool = False) -> str:
    """Why this clearing cannot be undone now; empty where it can.

    archive: whether the credit note is to be cancelled with it.
    """
    entries = clearings_of(note_id)
    if not any(one.invoice_payable_id == invoice_id for one in entries):
        return _no_clearing(note_id, invoice_id)
    document, amount = cleared_on(note_id, invoice_id)
    if document is None or amount <= 0:
        return _("Light does not name the document of this clearing. Undo it in Light.")
    waiting = Instruction.objects.filter(credit_note_id=note_id, state__in=Instruction.OPEN)
    if waiting.filter(invoice_payable_id=invoice_id).exists():
        return _("Another proposal for these two is open. Take that back or wait for it first.")
    if CreditNote.objects.filter(pk=note_id, gone_at__isnull=False).exists():
        return _("Light no longer shows it.")
    if not archive:
        return ""
    if active_links(note_id):
        return _("It is still linked to an invoice, so it cannot be cancelled. Remove that first.")
    if any(one.invoice_payable_id != invoice_id for one in entries):
        return _("It has cleared other invoices too, so it cannot be cancelled with this one.")
    if waiting.exists():
        return _("Another proposal still uses it. Take that back or wait for it first.")
    return ""


def _no_clearing(note_id: UUID, invoice_id: UUID) -> str:
    planned = Link.objects.filter(
        credit_note_id=note_id, invoice_payable_id=invoice_id, gone_at=None, fate=Link.Fate.PLANNED
    )
    if planned.exists():
        return _("Nothing has been cleared yet: the link is planned. Remove it instead.")
    return _("This credit note has not cleared this invoice.")


def undo(
    *, credit_note_id: UUID, invoice_payable_id: UUID, archive: bool = False,
    reason_code: str, reason: str, by: User,
) -> Instruction:  # fmt: skip
    """Ask to undo what this credit note has cleared on this invoice.

    Raises NotAllowed, Conflict with the sentence of `undo_problem`, ValueError (the reason).
    """
    roles.check_may_ask(by, Kind.REVERSE)
    if archive:
        roles.check_may_ask(by, Kind.ARCHIVE)
    reasons.check_reason("undo", reason_code, reason)
    with transaction.atomic():
        books = Books.lock([credit_note_id], [invoice_payable_id])
        if sentence := undo_problem(credit_note_id, invoice_payable_id, archive=archive):
            raise Conflict(sentence)
        document, amount = cleared_on(credit_note_id, invoice_payable_id)
        return ask_one(
            Kind.REVERSE, books, credit_note_id, invoice_payable_id, by=by,
            clearing_id=document, amount=amount, archives=archive,
            reason_code=reason_code, reason=reason,
        )  # fmt: skip
