"""Turns a person's choice of links into a proposal with one instruction per link."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from clearing import roles, workflow
from clearing.models import Batch, CreditNote, Instruction, InvoicePayable, Proposal
from clearing.roles import User
from clearing.services.fitting import Books, Problems, Wanted, held_pairs, problems_of

__all__ = ["Problems", "Wanted", "content_of", "new_line", "propose"]
LONGEST_NOTE = 2000


def content_of(
    line: Instruction, note: CreditNote, invoice: InvoicePayable | None
) -> dict[str, Any]:
    """What a line asks for, with the documents' amounts that were in view: what is approved.

    Keys that only some kinds need stand only where they say something.
    """
    extra: dict[str, Any] = {
        name: True for name in ("archives", "into_closed") if getattr(line, name)
    }
    extra |= {"trial": line.trial} if line.trial else {}
    return extra | {
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
    also: dict[str, Any] | None = None,
    **fields: Any,
) -> Instruction:
    """An unsaved line; READY at once where a rule lets one person decide.

    also: what the line asks for beyond its columns, as keys of its content.
    """
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
    line.content = content_of(line, note, invoice) | (also or {})
    line.content_hash = workflow.content_hash(line.content)
    return line


def propose(
    *,
    vendor_id: UUID,
    entity_id: UUID,
    currency: str,
    wanted: list[Wanted],
    note: str = "",
    batch: Batch | None = None,
    by: User,
) -> Proposal:
    """Propose these links, as part of a batch. Raises Problems, NotAllowed or Conflict.

    A link that is to answer a question about Light needs another right, and a second person.
    """
    trial = any(one.trial for one in wanted)
    roles.check_may(by, "answer" if trial else "propose")
    if not wanted:
        raise Problems(general=[_("Enter an amount for at least one link.")])
    if len(note) > LONGEST_NOTE:
        raise Problems(general=[_("Shorten the note to %(n)d characters.") % {"n": LONGEST_NOTE}])
    now = workflow.now()
    with transaction.atomic():
        books = Books.lock(
            (one.credit_note_id for one in wanted), (one.invoice_payable_id for one in wanted)
        )
        if held := held_pairs(wanted):
            raise workflow.Conflict(next(iter(held.values())))
        if problems := problems_of(wanted, books, vendor_id, entity_id, currency):
            raise problems
        proposal = Proposal.objects.create(
            vendor_id=vendor_id, entity_id=entity_id, currency=currency,
            note=note.strip(), batch=batch, created_by=by, created_at=now,
        )  # fmt: skip
        exempt = "" if trial else _under_limit(currency, sum(one.amount for one in wanted))
        lines = [
            new_line(
                proposal, Instruction.Kind.LINK,
                books.notes[one.credit_note_id], books.invoices[one.invoice_payable_id],
                amount=one.amount, suggestion=one.suggestion, position=position, exempt=exempt,
                trial=one.trial, by=by, now=now,
            )
            for position, one in enumerate(wanted)
        ]  # fmt: skip
        workflow.begin(lines, now=now, by=by)
    return proposal


def _under_limit(currency: str, total: int) -> str:
    """The rule that exempts a proposal of this total, if the house has set one."""
    if settings.SECOND_PERSON_ALWAYS or total >= settings.EXEMPT_UNDER.get(currency, 0):
        return ""
    return str(Instruction.Exempt.UNDER_LIMIT)
