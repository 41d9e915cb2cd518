"""What the lists of credit notes and of invoices share: balances, holds, pages, reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clearing import known, labels, money, usable
from clearing.models import Balance, CreditNote, Entity, Instruction, InvoicePayable
from clearing.queries import paging
from clearing.workflow import name_of

SENTINEL = UUID(int=0)

USE = {
    "now": gettext_lazy("Usable now"),
    "not": gettext_lazy("Can't be used now"),
    "missing": gettext_lazy("Can't be used: something is missing"),
    "unread": gettext_lazy("Can't be used: amount not known"),
    "used": gettext_lazy("Can't be used: nothing is left"),
    "gone": gettext_lazy("Can't be used: gone from Light"),
    "held": gettext_lazy("Held by a proposal"),
}
MISSING = (
    Q(vendor_id__isnull=True) | Q(entity_id__isnull=True) | Q(currency="") | Q(amount__isnull=True)
)
NEXT_STEP = {
    "draft": gettext_lazy("Complete it and post it."),
    "approval_pending": gettext_lazy("Ask who approves in Light to approve it."),
    "approved": gettext_lazy("Post it in Light."),
    "no_entity": gettext_lazy("Open it in Light and choose the company entity."),
    "no_vendor": gettext_lazy("Open it in Light and choose the vendor."),
    "no_currency": gettext_lazy("Open it in Light and choose the currency."),
    "no_amount": gettext_lazy("Open it in Light and add the lines it lacks."),
    "partially_cleared": gettext_lazy(
        "Ask the vendor to refund the rest, use it in Light, or undo what it has cleared."
    ),
    "payment_pending": gettext_lazy("Use the credit for this vendor's next invoice."),
    "paid": gettext_lazy("Use the credit for this vendor's next invoice."),
    "completed": gettext_lazy("Use the credit for this vendor's next invoice."),
    "duplicated": gettext_lazy("Check in Light which of the two is the right one."),
    "gone": gettext_lazy("Ask in Light who removed it; its history is below."),
    "unread": gettext_lazy("Sync with Light; it is read within minutes."),
}


@dataclass(frozen=True)
class Hold:
    """Our open lines on one document: who asked first, and when."""

    words: str
    proposal_url: str


def page_of(
    documents: QuerySet, kind: str, *, columns: Mapping[str, str], sort: str, key: str, scope: str
) -> tuple[paging.Page, list[Any], dict[UUID, Balance]]:
    """One page of documents with their balances, sorted by one of `columns` or, where `sort` is
    none of them, by what is free or open."""
    sign, name = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    scope = f"{kind}:{sort}:{scope}"
    if name in columns:
        found = paging.page(documents, order=[sign + columns[name]], key=key, scope=scope)
        return found, found.rows, balances(row.pk for row in found.rows)
    rows = Balance.objects.filter(kind=kind, document_id__in=documents.order_by().values("pk"))
    found = paging.page(rows, order=["currency", f"{sign}available_key"], key=key, scope=scope)
    by_id = documents.model._default_manager.in_bulk([row.pk for row in found.rows])
    return found, [by_id[row.pk] for row in found.rows], {row.pk: row for row in found.rows}


def url_pattern(name: str) -> str:
    """The address of a URL name with one id, with {} for it; reversing 50 times is slow."""
    return reverse(name, args=[SENTINEL]).replace(str(SENTINEL), "{}")


def balance(kind: str, **over: Any) -> Exists:
    """Whether the balance of a document meets these conditions."""
    return Exists(Balance.objects.filter(document_id=OuterRef("pk"), kind=kind, **over))


def by_use(documents: QuerySet, kind: str, use: str) -> QuerySet:
    """Only documents that can (or cannot) be used; `use` is a key of USE."""
    conditions = {
        "now": balance(kind, usable=True),
        "not": ~balance(kind, usable=True),
        "missing": MISSING,
        "unread": balance(kind, available__isnull=True) & Q(amount__isnull=False),
        "used": balance(kind, available__lte=0),
        "gone": Q(gone_at__isnull=False),
        "held": balance(kind, held__gt=0),
    }
    return documents.filter(conditions[use]) if use else documents


def search(documents: QuerySet, text: str, *fields: str) -> QuerySet:
    """Only documents with this text in one of the fields."""
    if not text:
        return documents
    found = Q()
    for name in fields:
        found |= Q(**{f"{name}__icontains": text})
    return documents.filter(found)


def entities() -> dict[str, str]:
    """Names of the company entities by id, as text."""
    return {str(one.pk): str(one) for one in Entity.objects.all()[:500]}


def balances(ids: Iterable[UUID]) -> dict[UUID, Balance]:
    return Balance.objects.in_bulk(list(ids))


def holds(ids: Iterable[UUID]) -> dict[UUID, Hold]:
    """Who holds an amount of these documents by an open line, in one query."""
    ids = set(ids)
    lines = (
        Instruction.objects.filter(
            Q(credit_note_id__in=ids) | Q(invoice_payable_id__in=ids),
            kind__in=["link", "amend"],
            state__in=Instruction.OPEN,
        )
        .select_related("asked_by")
        .order_by("asked_at", "id")
    )
    of: dict[UUID, list[Instruction]] = {}
    for line in lines:
        for document_id in (line.credit_note_id, line.invoice_payable_id):
            if document_id in ids:
                of.setdefault(document_id, []).append(line)
    return {document_id: _hold(found) for document_id, found in of.items()}


def _hold(lines: list[Instruction]) -> Hold:
    first, others = lines[0], len(lines) - 1
    words = _("Held by %(name)s since %(since)s") % {
        "name": name_of(first.asked_by),
        "since": since(first.asked_at),
    }
    if others:
        words += ngettext(", and %(n)d more line", ", and %(n)d more lines", others) % {"n": others}
    return Hold(words, reverse("proposal", args=[first.proposal_id]))


def since(value: datetime) -> str:
    """A recent moment: "Mon 09:12 UTC" within six days, else with its date."""
    local = timezone.localtime(value)
    if (timezone.localtime() - local).days < 6:
        return f"{local:%a %H:%M %Z}"
    return labels.moment(value)


def amount(value: int | None, currency: str, locale: str) -> str:
    """An amount, or the words that it is missing."""
    return _("missing") if value is None else money.text(value, currency, locale)


def note_problem(note: CreditNote, row: Balance | None) -> usable.No | None:
    """Why this credit note cannot be used now, or None."""
    problem = usable.credit_note_problem(
        note, partially_cleared_linkable=known.answers().partly_linkable
    )
    if problem:
        return problem
    if row is None or row.available is None:
        return usable.No(
            "unread", _("Free to use is not known yet: its clearings were not read from Light.")
        )
    if row.available <= 0:
        return usable.No("used", _("Nothing is free to use: all of it is planned, held or used."))
    return None


def invoice_problem(invoice: InvoicePayable, row: Balance | None) -> usable.No | None:
    """Why no credit can be used for this invoice now, or None."""
    if problem := usable.invoice_problem(invoice, posted_linkable=known.answers().posted_linkable):
        return problem
    if invoice.outstanding_balance is None:
        return usable.No(
            "unread",
            _("Light was not asked for its open amount yet: no credit note of its vendor, entity "
              "and currency can be used."),
        )  # fmt: skip
    if row is None or row.available is None:
        return usable.No("unread", _("Its open amount is not known yet."))
    if row.available <= 0:
        return usable.No("used", _("Nothing is open: all of it is planned, held or paid."))
    return None


def pays_on(invoice: InvoicePayable) -> tuple[date | None, bool]:
    """The day this invoice is paid, and whether Light says so (else it is the due date)."""
    if invoice.payment_at:
        return timezone.localtime(invoice.payment_at).date(), True
    return invoice.due_date, False


def workbench_url(vendor_id: UUID, entity_id: UUID, currency: str) -> str:
    query = urlencode({"entity": entity_id, "currency": currency})
    return f"{reverse('workbench', args=[vendor_id])}?{query}"


def clear_url(document: Model | None) -> str:
    """The clearing page of a document's vendor, entity and currency; empty where one is missing."""
    if not isinstance(document, CreditNote | InvoicePayable):
        return ""
    if not (document.vendor_id and document.entity_id and document.currency):
        return ""
    return workbench_url(document.vendor_id, document.entity_id, document.currency)


def why_no_credit_note(invoice: InvoicePayable) -> str:
    """Why no credit note can be made from this invoice; empty where Light is to be asked."""
    if invoice.gone_at:
        return _("Light no longer shows it.")
    if invoice.type not in ("", "VENDOR_INVOICE"):
        return _("Only a vendor's invoice leads to a credit note.")
    return ""


def light_url(document: CreditNote | InvoicePayable) -> str:
    """Light's own page of a document; empty where the house has not said where that is."""
    of_note = isinstance(document, CreditNote)
    pattern = settings.LIGHT_CREDIT_NOTE_URL if of_note else settings.LIGHT_INVOICE_URL
    return str(pattern).replace("{id}", str(document.pk))


def name_of_document(documents: Mapping[UUID, Model], document_id: UUID | None) -> str:
    """A document's number, or the start of its id where the copy does not hold it."""
    if document_id is None:
        return ""
    found = documents.get(document_id)
    return str(found) if found else f"{str(document_id)[:8]}…"
