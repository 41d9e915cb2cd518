"""How much credit fits an invoice, which credit notes have it, and where it is used."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from clearing import known, money, usable
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable
from clearing.queries import duplicates
from clearing.queries.documents import workbench_url

NAMED = 3  # credit notes that the page names
MOST = 400  # as many as the clearing page reads


@dataclass(frozen=True)
class Note:
    """A credit note that fits; `clear_url` is the clearing page with it and the invoice chosen."""

    name: str
    url: str
    free: str
    clear_url: str


@dataclass(frozen=True)
class Credit:
    """What can be used on one invoice, at most what is open on it."""

    amount: str
    notes: list[Note]
    more: int  # further credit notes that fit
    clear_url: str


def fits(
    invoice: InvoicePayable, balance: Balance | None, *, taken: Collection[UUID | None], locale: str
) -> Credit | None:
    """The credit of the invoice's group that is free; None where none fits. One query.

    taken: credit notes that are bound to this invoice already.
    """
    if balance is None or not balance.usable or balance.available is None:
        return None
    free = _free(invoice, taken)
    if not free:
        return None
    notes = [_note(one, amount, invoice, locale) for one, amount in free[:NAMED]]
    amount = min(sum(amount for _one, amount in free), balance.available)
    return Credit(
        amount=money.text(amount, invoice.currency, locale),
        notes=notes,
        more=len(free) - len(notes),
        clear_url=notes[0].clear_url if len(free) == 1 else _clear_url(invoice, None),
    )


def _free(invoice: InvoicePayable, taken: Collection[UUID | None]) -> list[tuple[CreditNote, int]]:
    """Usable credit notes of the invoice's group, the oldest first, and what is free on each."""
    of_group = {
        "vendor_id": invoice.vendor_id,
        "entity_id": invoice.entity_id,
        "currency": invoice.currency,
    }
    row = Balance.objects.filter(
        document_id=OuterRef("pk"), kind=Balance.Kind.CREDIT_NOTE, usable=True, **of_group
    )
    notes = CreditNote.objects.filter(**of_group).annotate(
        free=Subquery(row.values("available")[:1])
    )
    # A possible duplicate can't be proposed before somebody has answered.
    twins = duplicates.pairs().filter(Q(one_id=OuterRef("pk")) | Q(other_id=OuterRef("pk")))
    notes = notes.exclude(Exists(twins))
    if usable.is_posted(invoice.state) and not known.answers().partly_linkable:
        # A note pays only one invoice that is posted.
        notes = notes.exclude(Exists(_held_by_posted()))
    found = notes.filter(free__gt=0).order_by("document_day", "pk")[:MOST]
    return [(one, one.free) for one in found if one.pk not in taken]


def _held_by_posted() -> QuerySet[Instruction]:
    """Open lines that link a credit note with an invoice that is posted."""
    posted = InvoicePayable.objects.filter(state__in=usable.POSTED)
    return Instruction.objects.filter(
        kind=Instruction.Kind.LINK,
        state__in=Instruction.OPEN,
        credit_note_id=OuterRef("pk"),
        invoice_payable_id__in=posted.values("pk"),
    )


def _note(note: CreditNote, free: int, invoice: InvoicePayable, locale: str) -> Note:
    return Note(
        name=str(note),
        url=reverse("credit_note", args=[note.pk]),
        free=money.text(free, note.currency, locale),
        clear_url=_clear_url(invoice, note),
    )


def _clear_url(invoice: InvoicePayable, note: CreditNote | None) -> str:
    """The clearing page of the invoice's group with the documents chosen."""
    if invoice.vendor_id is None or invoice.entity_id is None:
        return ""
    chosen = {"invoice": invoice.pk} | ({"credit_note": note.pk} if note else {})
    url = workbench_url(invoice.vendor_id, invoice.entity_id, invoice.currency)
    return f"{url}&{urlencode(chosen)}"
