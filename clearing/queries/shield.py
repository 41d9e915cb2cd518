"""What Light may take by itself when an invoice is posted: posted credit that is linked nowhere.

Light does not publish by which rule. What is held by an open proposal counts, too: Light does
not know of it before it is linked.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import money, usable
from clearing.models import Balance, CreditNote, InvoicePayable
from clearing.queries import documents

UNPOSTED = usable.USABLE - usable.POSTED  # states of an invoice that will be posted
NAMED = 5  # credit notes that the sentence names
MOST = 400  # credit notes that are read
Group = tuple[UUID | None, str]  # company entity, currency


@dataclass(frozen=True)
class Loose:
    """A credit note that Light may take by itself; `free` as text."""

    name: str
    url: str
    free: str
    held: bool  # by a proposal that is not in Light yet


@dataclass(frozen=True)
class Shield:
    """The warning about one invoice, or about one group of a vendor."""

    when: str
    notes: list[Loose]
    more: str
    clear_url: str


def of_invoice(invoice: InvoicePayable, balance: Balance | None, *, locale: str) -> Shield | None:
    """What Light may use for this invoice; None where it can use nothing. At most one query."""
    will_be_posted = invoice.state in UNPOSTED and not invoice.gone_at
    if not will_be_posted or usable.invoice_problem(invoice) is not None:
        return None
    if balance is not None and balance.available is not None and balance.available <= 0:
        return None  # all of it is planned
    notes = _loose(
        vendor_id=invoice.vendor_id, entity_id=invoice.entity_id, currency=invoice.currency
    )
    when = _("When %(invoice)s is posted, Light may use by itself:") % {"invoice": invoice}
    return _shield(when, notes, documents.clear_url(invoice), locale)


def of_vendor(vendor_id: UUID, *, entities: dict[str, str], locale: str) -> list[Shield]:
    """What Light may use for the vendor's invoices that are not posted; at most two queries."""
    waiting: dict[Group, int] = {
        (row["entity_id"], row["currency"]): row["n"]
        for row in InvoicePayable.objects.filter(
            vendor_id=vendor_id, state__in=UNPOSTED, type="VENDOR_INVOICE", gone_at=None
        )
        .exclude(Q(entity_id=None) | Q(currency=""))
        .values("entity_id", "currency")
        .annotate(n=Count("id"))
        .order_by("currency", "entity_id")
    }
    by_group: dict[Group, list[Any]] = defaultdict(list)
    for note in _loose(vendor_id=vendor_id) if waiting else ():
        by_group[note.entity_id, note.currency].append(note)
    found = []
    for (entity, currency), n in waiting.items():
        when = ngettext(
            "When the unposted invoice of %(entity)s in %(currency)s is posted, Light may use by "
            "itself:",
            "When one of the %(n)d unposted invoices of %(entity)s in %(currency)s is posted, "
            "Light may use by itself:",
            n,
        ) % {"n": n, "entity": entities.get(str(entity), "–"), "currency": currency}
        url = documents.workbench_url(vendor_id, entity, currency) if entity else ""
        shield = _shield(when, by_group[entity, currency], url, locale)
        found += [shield] if shield else []
    return found


def _loose(**group: Any) -> QuerySet[Any]:
    """Posted notes of a group that are linked nowhere, the oldest first, with what is free."""
    rows = Balance.objects.filter(document_id=OuterRef("pk"), planned=0)
    return (
        CreditNote.objects.filter(**group, status="POSTED", gone_at=None)
        .exclude(adjusts_payables=False)
        .annotate(
            free=Subquery(rows.values(left=F("available") + F("held"))[:1]),
            held=Subquery(rows.values("held")[:1]),
        )
        .filter(free__gt=0)
        .order_by("document_day", "pk")[:MOST]
    )


def _shield(when: str, notes: Any, clear_url: str, locale: str) -> Shield | None:
    """The warning about these notes of one currency; None where there are none."""
    notes = list(notes)
    if not notes:
        return None
    return Shield(
        when=when,
        notes=[
            Loose(
                name=str(note),
                url=reverse("credit_note", args=[note.pk]),
                free=money.text(note.free, note.currency, locale),
                held=note.held > 0,
            )
            for note in notes[:NAMED]
        ],
        more=_more(notes[NAMED:], locale),
        clear_url=clear_url,
    )


def _more(notes: list[Any], locale: str) -> str:
    """How many are not named, and what is free on them; empty where all are."""
    if not notes:
        return ""
    total = money.text(sum(note.free for note in notes), notes[0].currency, locale)
    words = ngettext("and %(n)d more, %(total)s", "and %(n)d more, together %(total)s", len(notes))
    return words % {"n": len(notes), "total": total}
