"""What the dialog shows that moves a clearing: where it can go, and all three documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import labels, money, usable
from clearing.models import Balance, CreditNote, InvoicePayable
from clearing.queries import corrections, cut_off, documents

MOST_IMPOSSIBLE = 20


@dataclass(frozen=True)
class Target:
    """An invoice that a clearing could be moved to, or why it could not."""

    id: UUID
    name: str
    url: str
    label: labels.Label
    pays: str
    open: str
    after: str
    most: int
    warning: str
    why_not: str = ""


def targets(amount: int, invoices: Iterable[InvoicePayable], locale: str) -> list[Target]:
    """The invoices that a clearing of this amount can be moved to; two queries."""
    invoices = list(invoices)
    left = documents.balances(one.pk for one in invoices)
    books = cut_off.books_to_come(invoices)
    return [_target(one, left.get(one.pk), amount, locale, books=books) for one in invoices]


def _target(
    invoice: InvoicePayable, balance: Balance | None, amount: int, locale: str, why_not: str = "",
    *, books: cut_off.Books | None = None,
) -> Target:  # fmt: skip
    open_amount = balance.available if balance else None
    most = max(min(amount, open_amount or 0), 0)
    day, by_light = documents.pays_on(invoice)
    if by_light and day and day < timezone.localdate():  # of a payment that is over
        day = None
    pays = labels.day(day) if day else ""
    warning = usable.payment_warning(invoice, pays if by_light else "")
    return Target(
        id=invoice.pk,
        name=str(invoice),
        url=reverse("invoice_payable", args=[invoice.pk]),
        label=labels.invoice(invoice.state),
        pays=(_("pays %(day)s") if by_light else _("due %(day)s")) % {"day": pays} if pays else "",
        open=_("not known")
        if open_amount is None
        else money.text(open_amount, invoice.currency, locale),
        after=""
        if open_amount is None
        else money.text(open_amount - most, invoice.currency, locale),
        most=most,
        warning=f"{warning} {cut_off.booking(invoice, books or {})}".strip(),
        why_not=why_not,
    )


def impossible(note: CreditNote, but: Iterable[UUID | str], locale: str) -> list[Target]:
    """Unsettled invoices of the group, `but` these, that cannot take a clearing: with the reason.

    At most MOST_IMPOSSIBLE, the latest due first; two queries.
    """
    others = (
        InvoicePayable.objects.filter(
            vendor_id=note.vendor_id, entity_id=note.entity_id, currency=note.currency, gone_at=None
        )
        .exclude(pk__in=list(but))
        .exclude(state__in=["PAID", "COMPLETED", "CANCELLED"])
        .order_by("-due_day", "id")[:MOST_IMPOSSIBLE]
    )
    found = list(others) if note.vendor_id and note.entity_id else []
    left = documents.balances(one.pk for one in found)
    taken = _("It is linked with this credit note already, or held by a proposal.")
    rows = []
    for one in found:
        problem = documents.invoice_problem(one, left.get(one.pk))
        why_not = problem.sentence if problem else taken
        rows.append(_target(one, left.get(one.pk), 0, locale, why_not))
    return rows


def of_move(
    note: CreditNote, invoice: InvoicePayable, target: InvoicePayable | None, *,
    undone: int, amount: int, locale: str,
) -> list[corrections.Figure]:  # fmt: skip
    """All three documents before and after; without a target only the first step."""
    left = documents.balances([note.pk, *([target.pk] if target else [])])
    free = left[note.pk].available if note.pk in left else None
    moved = amount if target else 0
    figures = [
        corrections.reopened_state(invoice, undone),
        corrections.unpaid(invoice, undone, locale),
        corrections.note_status(note, _status_moved(note, invoice, target, amount)),
        corrections.free(note, free, None if free is None else free + undone - moved, locale),
    ]
    if target is None:
        return figures
    row = left.get(target.pk)
    open_amount = row.available if row else None
    after = None if open_amount is None else open_amount - moved
    return [
        *figures,
        corrections.state(target, _state_paid(target, after)),
        corrections.figure(_("Open on %(name)s"), target, open_amount, after, locale),
    ]


def _status_moved(
    note: CreditNote, invoice: InvoicePayable, target: InvoicePayable | None, amount: int
) -> str:
    """The status after both steps: a posted invoice is cleared at once, a draft is planned."""
    if target is None or not usable.is_posted(target.state):
        return corrections.status_after(note, invoice)
    return "CLEARED" if note.amount == amount else "PARTIALLY_CLEARED"


def _state_paid(target: InvoicePayable, left: int | None) -> str:
    """The state of the second invoice: it changes only where it is posted already."""
    if not usable.is_posted(target.state) or left is None:
        return target.state
    if left <= 0:
        return "COMPLETED"
    return "PARTIALLY_PAID" if target.state == "UNPAID" else target.state
