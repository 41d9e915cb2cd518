"""Asks for a change of what is in Light already: remove, change an amount, cancel."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import money, reasons, roles, workflow
from clearing.models import CreditNote, Instruction, InvoicePayable, Link, Proposal
from clearing.roles import User
from clearing.services.fitting import Books, edit_in_the_way, unusable
from clearing.services.proposing import new_line
from clearing.workflow import Conflict

Exempt = Instruction.Exempt
Kind = Instruction.Kind


def active_links(note_id: UUID) -> list[Link]:
    """The links of a credit note that Light still plans to clear."""
    return list(Link.objects.filter(credit_note_id=note_id, gone_at=None, fate=Link.Fate.PLANNED))


def planned_link(note_id: UUID, invoice_id: UUID) -> Link:
    """The planned link of this pair. Raises Conflict with the reason where there is none."""
    link = Link.objects.filter(credit_note_id=note_id, invoice_payable_id=invoice_id).first()
    if link is None or link.fate in {Link.Fate.REMOVED, Link.Fate.UNDONE}:
        raise Conflict(_("These two are not linked in Light any more."))
    if link.fate != Link.Fate.PLANNED:
        raise Conflict(
            _("The invoice is posted, so this link can no longer be changed: its clearing would "
              "have to be undone.")
        )  # fmt: skip
    return link


def remove(
    *, credit_note_id: UUID, invoice_payable_id: UUID, reason_code: str, reason: str, by: User
) -> Instruction:
    """Ask to remove a planned link. Raises NotAllowed, Conflict, ValueError (the reason)."""
    roles.check_may(by, "propose")
    reasons.check_reason("remove", reason_code, reason)
    with transaction.atomic():
        books = Books.lock([credit_note_id], [invoice_payable_id])
        link = planned_link(credit_note_id, invoice_payable_id)
        return ask_one(
            Kind.UNLINK, books, credit_note_id, invoice_payable_id, by=by,
            exempt="" if settings.SECOND_PERSON_ALWAYS else Exempt.ONE_PERSON_REMOVES,
            amount=link.amount, reason_code=reason_code, reason=reason,
        )  # fmt: skip


def change_amount(
    *,
    credit_note_id: UUID,
    invoice_payable_id: UUID,
    amount: int,
    reason_code: str,
    reason: str,
    by: User,
) -> Instruction:
    """Ask to change a planned link's amount; raising it needs a second person.

    Raises NotAllowed, Conflict, and ValueError with a sentence about the amount or the reason.
    """
    roles.check_may(by, "propose")
    reasons.check_reason("change", reason_code, reason)
    with transaction.atomic():
        books = Books.lock([credit_note_id], [invoice_payable_id])
        link = planned_link(credit_note_id, invoice_payable_id)
        if amount > link.amount:
            _check_usable(link, books)
        check_new_amount(link, amount, books)
        lowered = amount < link.amount and not settings.SECOND_PERSON_ALWAYS
        return ask_one(
            Kind.AMEND, books, credit_note_id, invoice_payable_id, by=by,
            exempt=Exempt.ONE_PERSON_LOWERS if lowered else "",
            amount=amount, previous_amount=link.amount, reason_code=reason_code, reason=reason,
        )  # fmt: skip


def check_new_amount(link: Link, amount: int, books: Books) -> None:
    """Raise ValueError with a sentence where this link cannot have this amount."""
    if amount <= 0:
        raise ValueError(_("Enter more than 0. To link nothing, remove the link."))
    if amount == link.amount:
        raise ValueError(_("This is the amount it has already."))
    if amount < link.amount:
        return
    free = books.available(link.credit_note_id)
    open_amount = books.available(link.invoice_payable_id)
    if free is None or open_amount is None:
        raise ValueError(_("What is open on both documents was not read from Light yet."))
    most = link.amount + max(min(free, open_amount), 0)
    if amount > most:
        raise ValueError(
            _("At most %(most)s: not more is free on the credit note or open on the invoice.")
            % {"most": money.text(most, link.currency)}
        )


def _check_usable(link: Link, books: Books) -> None:
    """Raise Conflict where a document may not be given more; the rule of a new link."""
    note = books.notes.get(link.credit_note_id)
    invoice = books.invoices.get(link.invoice_payable_id)
    if note and invoice and (sentence := unusable(note, invoice)):
        raise Conflict(sentence)


def archive(*, credit_note_id: UUID, reason_code: str, reason: str, by: User) -> Instruction:
    """Ask to discard a draft, or to cancel a posted credit note (a second person approves).

    Raises NotAllowed, Conflict with the sentence of `archive_problem`, ValueError (the reason).
    """
    roles.check_may_ask(by, Kind.ARCHIVE)
    reasons.check_reason("archive", reason_code, reason)
    with transaction.atomic():
        books = Books.lock([credit_note_id], [])
        note = books.notes.get(credit_note_id)
        if note is None:
            raise Conflict(_("The copy from Light does not hold this credit note."))
        if sentence := archive_problem(note):
            raise Conflict(sentence)
        draft = note.status == "DRAFT"
        alone = not needs_second_person(Kind.ARCHIVE, of_draft=draft, by=by)
        return ask_one(
            Kind.ARCHIVE, books, credit_note_id, None, by=by,
            exempt=Exempt.ONE_PERSON_DISCARDS if alone else "",
            amount=note.amount, of_draft=draft, reason_code=reason_code, reason=reason,
        )  # fmt: skip


def archive_problem(note: CreditNote, *, but: Instruction | None = None) -> str:
    """Why this credit note cannot be cancelled now; empty where it can.

    but: the line that asks for it, which does not stand in its own way.
    """
    if note.status in {"PARTIALLY_CLEARED", "CLEARED"}:
        return _("It has cleared an invoice. That clearing would have to be undone first.")
    if links := len(active_links(note.id)):
        return ngettext(
            "It is still linked to %(n)d invoice. Remove that link first.",
            "It is still linked to %(n)d invoices. Remove those links first.",
            links,
        ) % {"n": links}
    waiting = Instruction.objects.filter(credit_note_id=note.id, state__in=Instruction.OPEN)
    if but is not None:
        waiting = waiting.exclude(pk=but.pk)
    if waiting.exists():
        return _("Another proposal still uses it. Take that back or wait for it first.")
    if sentence := edit_in_the_way(note.id):
        return sentence
    if note.gone_at:
        return _("Light no longer shows it.")
    if note.status == "ARCHIVED":
        return _("It is cancelled already.")
    if note.status not in {"DRAFT", "APPROVAL_PENDING", "APPROVED", "POSTED"}:
        return _("Light gives it the status “%(status)s”, which is not known here.") % {
            "status": note.status or "–"
        }
    return ""


def ask_one(
    kind: str, books: Books, note_id: UUID, invoice_id: UUID | None,
    *, by: User, exempt: str = "", also: dict[str, Any] | None = None, **fields: Any,
) -> Instruction:  # fmt: skip
    """A proposal of one line about these documents."""
    now = workflow.now()
    note: CreditNote | None = books.notes.get(note_id)
    invoice: InvoicePayable | None = books.invoices.get(invoice_id) if invoice_id else None
    if note is None or (invoice_id and invoice is None):
        raise Conflict(_("The copy from Light does not hold both documents yet."))
    proposal = Proposal.objects.create(
        vendor_id=note.vendor_id, entity_id=note.entity_id, currency=note.currency,
        created_by=by, created_at=now,
    )  # fmt: skip
    line = new_line(
        proposal, kind, note, invoice, by=by, now=now, exempt=exempt, also=also, **fields
    )
    workflow.begin([line], now=now, by=by)
    return line


def needs_second_person(
    kind: str, *, of_draft: bool = False, lowers: bool = False, by: User | None = None
) -> bool:
    """Whether a change of this kind waits for an approver (what its dialog says).

    by: who asks for it; a draft is discarded alone only by whoever may decide about that.
    """
    if settings.SECOND_PERSON_ALWAYS:
        return True
    if kind == Kind.ARCHIVE:
        return not of_draft or by is None or bool(roles.why_not(by, "archive"))
    return not (kind == Kind.UNLINK or (kind == Kind.AMEND and lowers))
