"""What the dialogs show that ask for a change in Light: both documents, before and after."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, money, months
from clearing.models import Balance, Clearing, CreditNote, Instruction, InvoicePayable, Link
from clearing.queries import cut_off, documents
from clearing.workflow import name_of


@dataclass(frozen=True)
class Side:
    """One document with what is free or open, as text; `after` is empty where it is not known."""

    name: str
    url: str
    label: labels.Label
    before: str
    after: str


@dataclass(frozen=True)
class LinkChange:
    """A link that a dialog is about. Amounts in the smallest unit beside their text."""

    note: Side
    invoice: Side
    amount: str
    minor: int
    currency: str
    vendor: str
    most: str  # the largest amount the link may get; empty where that is not known
    held: str  # an open line about this pair, and whose
    held_url: str
    month: str  # that the invoice is still to be booked in a closed month


@dataclass(frozen=True)
class InTheWay:
    """A link or clearing that has to go before a credit note can be cancelled."""

    name: str
    url: str
    amount: str
    step_url: str


def of_link(
    link: Link, note: CreditNote, invoice: InvoicePayable, *, frees: int | None, locale: str
) -> LinkChange:
    """The dialog of a link; `frees` is what becomes free on both sides (negative: is taken).

    None where the new amount is not known yet.
    """
    left = documents.balances([note.pk, invoice.pk])
    line = (
        Instruction.objects.filter(
            credit_note_id=note.pk, invoice_payable_id=invoice.pk, state__in=Instruction.OPEN
        )
        .select_related("asked_by")
        .first()
    )
    return LinkChange(
        note=_side(note, labels.credit_note(note.status), "credit_note", left, frees, locale),
        invoice=_side(
            invoice, labels.invoice(invoice.state), "invoice_payable", left, frees, locale
        ),
        amount=money.text(link.amount, link.currency, locale),
        minor=link.amount,
        currency=link.currency,
        vendor=note.vendor_name,
        most=_most(link, left, locale),
        held=_held(line),
        held_url=reverse("proposal", args=[line.proposal_id]) if line else "",
        month=cut_off.booking(invoice, cut_off.books_to_come([invoice])),
    )


def _held(line: Instruction | None) -> str:
    if line is None:
        return ""
    return _("%(name)s has asked for a change of this link already: %(state)s.") % {
        "name": name_of(line.asked_by),
        "state": labels.line(line.state).word,
    }


def _most(link: Link, left: dict[UUID, Balance], locale: str) -> str:
    """The amount now and what both sides still have."""
    free = [
        row.available if row else None
        for row in (left.get(link.credit_note_id), left.get(link.invoice_payable_id))
    ]
    known = [amount for amount in free if amount is not None]
    if len(known) < len(free):
        return ""
    return money.text(link.amount + max(min(known), 0), link.currency, locale)


def _side(
    document: CreditNote | InvoicePayable, label: labels.Label, url: str,
    left: dict[UUID, Balance], frees: int | None, locale: str,
) -> Side:  # fmt: skip
    row = left.get(document.pk)
    available = row.available if row else None
    after = None if available is None or frees is None else available + frees
    return Side(
        name=str(document),
        url=reverse(url, args=[document.pk]),
        label=label,
        before=_amount(available, document.currency, locale),
        after="" if after is None else money.text(after, document.currency, locale),
    )


def _amount(value: int | None, currency: str, locale: str) -> str:
    return _("not known") if value is None else money.text(value, currency, locale)


def of_archive(note: CreditNote, locale: str) -> Side:
    """The dialog of a cancellation: nothing stays free to use."""
    row = Balance.objects.filter(pk=note.pk).first()
    return Side(
        name=str(note),
        url=reverse("credit_note", args=[note.pk]),
        label=labels.credit_note(note.status),
        before=_amount(row.available if row else None, note.currency, locale),
        after=money.text(0, note.currency, locale),
    )


def links_to_remove(links: list[Link], locale: str) -> list[InTheWay]:
    """The active links of a credit note, each with where it is removed."""
    invoices = InvoicePayable.objects.in_bulk({link.invoice_payable_id for link in links})
    return [
        InTheWay(
            name=documents.name_of_document(dict(invoices), link.invoice_payable_id),
            url=reverse("invoice_payable", args=[link.invoice_payable_id]),
            amount=money.text(link.amount, link.currency, locale),
            step_url=reverse("remove_link", args=[link.credit_note_id, link.invoice_payable_id]),
        )
        for link in links
    ]


def clearings_to_undo(note: CreditNote, locale: str) -> list[InTheWay]:
    """What a credit note has cleared, each with where it is undone."""
    entries = list(Clearing.objects.filter(type="CN", gone_at=None, credit_note_id=note.pk))
    invoices = InvoicePayable.objects.in_bulk({one.invoice_payable_id for one in entries})
    return [
        InTheWay(
            name=documents.name_of_document(dict(invoices), one.invoice_payable_id),
            url=reverse("invoice_payable", args=[one.invoice_payable_id]),
            amount=money.text(one.amount, one.currency, locale),
            step_url=reverse("undo_clearing", args=[note.pk, one.invoice_payable_id]),
        )
        for one in entries
    ]


def undo_url(link: Link) -> str:
    """Where the clearing is undone that a link has become; empty where it has become none."""
    if link.fate not in {Link.Fate.CLEARED, Link.Fate.CLEARED_PART}:
        return ""
    return reverse("undo_clearing", args=[link.credit_note_id, link.invoice_payable_id])


def posted_into(note: CreditNote) -> str:
    """The day and month a credit note was posted into, and whether that is closed by now."""
    if note.posting_date is None:
        return ""
    posted = _("It was posted on %(day)s.") % {"day": labels.day(note.posting_date)}
    words = months.standing(note.entity_id, note.posting_date).words
    return f"{posted} {words}".strip()
