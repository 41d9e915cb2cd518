"""Which closed or VAT-filed month something touches that is asked for: a sentence before it is.

An invoice that is not posted yet is booked in the month of its date; cancelling or undoing
reverses a booking. What is posted already stays where it is: linking it posts nothing there.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import months, usable
from clearing.models import CreditNote, InvoicePayable, Months, Plan, PlanLine
from clearing.queries.plan_totals import LEFT_OUT, OPEN, STATUS

Books = Mapping[UUID, Months]  # by company entity; none where no month is closed


def books_of(entities: Iterable[UUID | None]) -> Books:
    """The closed months of these entities (one query, none for no entity)."""
    wanted = {one for one in entities if one}
    return Months.objects.in_bulk(wanted) if wanted else {}


def books_to_come(invoices: Iterable[InvoicePayable]) -> Books:
    """The closed months in which one of these could still be booked; no query where none could."""
    return books_of(one.entity_id for one in invoices if not usable.is_posted(one.state))


def booking(invoice: InvoicePayable | None, books: Books) -> str:
    """That this invoice is still to be booked in a closed month; else empty."""
    if invoice is None or invoice.entity_id is None or usable.is_posted(invoice.state):
        return ""
    return still_booked(invoice, invoice.issued_date, books.get(invoice.entity_id))


def still_booked(
    document: InvoicePayable | CreditNote | None, day: date | None, row: Months | None
) -> str:
    """The same of any document that is to be booked on this day."""
    why = months.standing_in(row, day).words if day else ""
    if not why:
        return ""
    words = _("%(why)s %(document)s is still to be booked in it.")
    return words % {"why": why, "document": document}


def reversing(day: date | None, row: Months | None) -> str:
    """That a booking of this day, in a closed month, is reversed; else empty."""
    why = months.standing_in(row, day).words if day else ""
    return _("%(why)s This reverses a booking of that month.") % {"why": why} if why else ""


def cancelling(note: CreditNote, books: Books) -> str:
    """That cancelling this reverses a booking of a closed month; a draft was never booked."""
    if note.status == "DRAFT" or note.entity_id is None:
        return ""
    return reversing(note.posting_date, books.get(note.entity_id))


def creating(invoice: InvoicePayable) -> str:
    """What a draft made of this invoice has to mind, if it takes over the invoice's date."""
    day = invoice.issued_date
    words = months.standing(invoice.entity_id, day).words if day else ""
    if not words:
        return ""
    return _(
        "%(why)s If the draft takes over the invoice's date, change it before it is posted."
    ) % {"why": words}


def of_plan(plan: Plan) -> str:
    """How many open links of a plan go to invoices still to be booked in a closed month.

    One query, a second where an entity of the plan has closed months.
    """
    rows = Months.objects.filter(entity_id__in=plan.groups.values("entity_id"))
    places = Q()
    for row in rows:
        ends = [day for day in (row.closed_through, row.vat_filed_through) if day]
        if ends:
            places |= Q(entity_id=row.pk, issued_date__lte=max(ends))
    if not places:
        return ""
    invoices = InvoicePayable.objects.filter(places, pk=OuterRef("invoice_payable_id"))
    unposted = invoices.exclude(state__in=usable.POSTED)
    groups = plan.groups.annotate(status=STATUS).filter(status__in=[OPEN, LEFT_OUT])
    lines = PlanLine.objects.filter(Exists(unposted), group__in=groups.values("pk"), amount__gt=0)
    n = lines.count()
    words = ngettext(
        "%(n)d link goes to an invoice that is still to be booked in a month that is closed or "
        "whose VAT is filed.",
        "%(n)d links go to invoices that are still to be booked in a month that is closed or "
        "whose VAT is filed.",
        n,
    )
    return words % {"n": n} if n else ""
