"""Somebody has seen what Light, or somebody in Light, did: it leaves the list it stood on."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clearing import roles, workflow
from clearing.models import (
    Acknowledged,
    Clearing,
    CreditNote,
    Difference,
    Instruction,
    InvoicePayable,
    Link,
    Suspicion,
)
from clearing.reasons import LONGEST
from clearing.roles import User


def acknowledge_clearing(*, clearing_id: UUID, reason: str, by: User) -> Acknowledged:
    """What Light cleared by itself, or somebody directly in Light.

    Raises NotAllowed, Conflict, ValueError (the words).
    """
    roles.check_may(by, "deal")
    _check_words(reason)
    entry = Clearing.objects.filter(pk=clearing_id, gone_at=None).first()
    kinds = [Suspicion.Kind.BY_LIGHT, Suspicion.Kind.FOREIGN]
    unplanned = Suspicion.objects.filter(kind__in=kinds, one_id=clearing_id)
    if entry is None or not unplanned.exists():
        raise workflow.Conflict(_("This is no exception any more. Reload the page."))
    return _store(f"clearing:{clearing_id}", _about(entry), reason, by, clearing_id=clearing_id)


def acknowledge_link(*, link_id: int, reason: str, by: User) -> Acknowledged:
    """A link that was made in Light, or one that Light did not honour.

    Raises NotAllowed, Conflict, ValueError (the words).
    """
    roles.check_may(by, "deal")
    _check_words(reason)
    link = Link.objects.filter(pk=link_id).first()
    not_honoured = link is not None and link.fate == Link.Fate.NOT_HONOURED
    ended = {Link.Fate.REMOVED, Link.Fate.UNDONE}
    if link is None or link.fate in ended or (link.made_here and not not_honoured):
        raise workflow.Conflict(_("This is no exception any more. Reload the page."))
    since = link.fate_at if not_honoured else link.first_seen_at
    return _store(f"link:{link.pk}:{since.isoformat()}", _about(link), reason, by, link_id=link.pk)


def acknowledge_difference(*, difference_id: int, reason: str, by: User) -> Acknowledged:
    """Where Light shows something else than our lines did; something new is listed anew.

    Raises NotAllowed, Conflict, ValueError (the words).
    """
    roles.check_may(by, "deal")
    _check_words(reason)
    row = Difference.objects.filter(pk=difference_id, ended_at=None).first()
    if row is None:
        raise workflow.Conflict(_("Light and we agree again about this. Reload the page."))
    line = Instruction.objects.filter(pk=row.line_id or 0).first()
    about = _about(row)
    if line is not None:  # its proposal's history tells of it, too
        about |= {"instruction_id": line.pk, "proposal_id": line.proposal_id}
    return _store(f"difference:{row.pk}", about, reason, by, difference_id=row.pk)


def dismiss_invoice(*, invoice_id: UUID, reason: str, by: User) -> Acknowledged:
    """An invoice that looks like a credit note is none, and stays off that list from now on.

    Raises NotAllowed, Conflict, ValueError (the words, which are needed here).
    """
    roles.check_may(by, "deal")
    if not reason.strip():
        raise ValueError(_("Say in a few words how you know that it is an invoice."))
    _check_words(reason)
    invoice = InvoicePayable.objects.filter(pk=invoice_id).first()
    suspected = Suspicion.objects.filter(kind=Suspicion.Kind.FILED_WRONG, one_id=invoice_id)
    if invoice is None or not suspected.exists():
        raise workflow.Conflict(_("This invoice does not look like a credit note any more."))
    about = {
        "invoice_payable_id": invoice.pk, "vendor_id": invoice.vendor_id,
        "amount": invoice.amount, "currency": invoice.currency,
    }  # fmt: skip
    return _store(
        f"invoice:{invoice.pk}", about, reason, by,
        verb="said it is no credit note", invoice_payable_id=invoice.pk,
    )  # fmt: skip


def _check_words(reason: str) -> None:
    if not reason.strip():
        raise ValueError(_("Say in a few words what you found."))
    if len(reason) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})


def _about(found: Link | Clearing | Difference) -> dict[str, Any]:
    """What the trail says an exception was about."""
    note = found.credit_note_id
    notes = CreditNote.objects.filter(pk__in=[note] if note else [])
    return {
        "credit_note_id": note,
        "invoice_payable_id": found.invoice_payable_id,
        "vendor_id": notes.values_list("vendor_id", flat=True).first(),
        "amount": found.amount,
        "currency": found.currency,
    }


def _store(
    key: str, about: dict[str, Any], reason: str, by: User, *, verb: str = "acknowledged",
    **ids: Any,
) -> Acknowledged:  # fmt: skip
    """The row and its audit event, once per exception."""
    now = workflow.now()
    try:
        with transaction.atomic():
            row = Acknowledged.objects.create(key=key, reason=reason.strip(), by=by, at=now, **ids)
            workflow.record(
                verb, None, by=by, now=now, reason=reason.strip(), details={"key": key},
                about=about,
            )  # fmt: skip
    except IntegrityError as error:
        if "unique" not in str(error).lower():
            raise
        raise workflow.Conflict(
            _("Somebody was faster: this was acknowledged already. Reload the page.")
        ) from error
    return row
