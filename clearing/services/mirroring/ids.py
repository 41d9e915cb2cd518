"""Which document an id of Light's means: by any id ever seen for it.

Light may name the two sides of a link, and the document of a clearing, by their external ids,
by those of their accounting documents, or an invoice by its internal id.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from clearing.models import Clearing, CreditNote, InvoicePayable


def credit_note_of(any_id: UUID | None) -> UUID | None:
    """The external id of the credit note that this id means; None where we cannot tell."""
    return credit_notes_of([any_id]).get(any_id) if any_id else None


def invoice_of(any_id: UUID | None) -> UUID | None:
    """The external id of the invoice that this id means; None where we cannot tell."""
    return invoices_of([any_id]).get(any_id) if any_id else None


def credit_notes_of(any_ids: Iterable[UUID | None]) -> dict[UUID | None, UUID]:
    """External ids by the ids given; those we cannot map are left out."""
    wanted = {one for one in any_ids if one}
    found: dict[UUID | None, UUID] = {}
    rows = CreditNote.objects.filter(Q(id__in=wanted) | Q(accounting_document_id__in=wanted))
    for own, other in rows.values_list("id", "accounting_document_id"):
        found |= {one: own for one in (own, other) if one in wanted}
    return found


def invoices_of(any_ids: Iterable[UUID | None]) -> dict[UUID | None, UUID]:
    """External ids by the ids given; those we cannot map are left out."""
    wanted = {one for one in any_ids if one}
    found: dict[UUID | None, UUID] = {}
    rows = InvoicePayable.objects.filter(
        Q(id__in=wanted) | Q(internal_id__in=wanted) | Q(accounting_document_id__in=wanted)
    )
    for own, *others in rows.values_list("id", "internal_id", "accounting_document_id"):
        found |= {one: own for one in (own, *others) if one in wanted}
    return found


def learn_credit_note(note_id: UUID, other: UUID | None) -> None:
    """Remember another id of a credit note; its clearings that waited for it are mapped."""
    if other is None or other == note_id or credit_note_of(other):
        return
    CreditNote.objects.filter(id=note_id).update(accounting_document_id=other)
    Clearing.objects.filter(
        accounting_document_id=other, credit_note_id=None, type="CN"
    ).update(credit_note_id=note_id)  # fmt: skip


def learn_invoice(invoice_id: UUID, other: UUID | None) -> None:
    """Remember another id of an invoice."""
    if other is None or other == invoice_id or invoice_of(other):
        return
    row = InvoicePayable.objects.filter(id=invoice_id)
    if not row.filter(accounting_document_id=None).update(accounting_document_id=other):
        row.filter(internal_id=None).update(internal_id=other)


def credit_note_by_number(number: str, like: InvoicePayable | None) -> UUID | None:
    """The one credit note with this document number in the invoice's group, or None."""
    if not number or like is None:
        return None
    found = CreditNote.objects.filter(
        document_number=number,
        vendor_id=like.vendor_id,
        entity_id=like.entity_id,
        currency=like.currency,
    ).values_list("id", flat=True)[:2]
    return found[0] if len(found) == 1 else None


def invoices_by_number(number: str, like: CreditNote | None) -> list[UUID]:
    """Invoices of the credit note's group with this number: candidates, at most three."""
    if not number or like is None:
        return []
    found = InvoicePayable.objects.filter(
        invoice_number=number,
        vendor_id=like.vendor_id,
        entity_id=like.entity_id,
        currency=like.currency,
    )
    return list(found.values_list("id", flat=True)[:3])
