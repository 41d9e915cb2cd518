"""What the invoice pages read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, usable
from clearing.models import Balance, InvoicePayable
from clearing.queries import documents, paging
from clearing.queries.filters import Filters

KIND = Balance.Kind.INVOICE
SORTS = {"due": "", "number": "", "vendor": "", "open": "-"}  # direction of the first click
COLUMNS = {"due": "due_day", "number": "invoice_number", "vendor": "vendor_name"}
DEFAULT = "-due"
OTHER = "OTHER"


def _states() -> dict[str, list[str]]:
    """States that share a word, under the first of them."""
    by_word: dict[str, list[str]] = {}
    for code, label in labels.INVOICE.items():
        by_word.setdefault(str(label.word), []).append(code)
    return {codes[0]: codes for codes in by_word.values()}


STATES = _states()
STATE_WORDS = {first: labels.INVOICE[first].word for first in STATES} | {
    OTHER: gettext_lazy("Not known here")
}
TYPES = {
    "VENDOR_INVOICE": gettext_lazy("Vendor's invoice"),
    "REIMBURSEMENT": gettext_lazy("Employee's reimbursement"),
}


@dataclass(frozen=True)
class Row:
    """An invoice as its row shows it: strings only."""

    id: UUID
    url: str
    number: str
    about: str
    pays: str
    pays_iso: str
    pays_by_light: bool
    vendor: str
    vendor_url: str
    entity: str
    word: str
    tone: str
    amount: str
    open: str
    held: str
    held_url: str
    problem: str
    warning: str
    clear_url: str


def filtered(filters: Filters, entities: dict[str, str]) -> tuple[QuerySet, QuerySet]:
    """The invoices that a query string asks for; the second ignores its currency."""
    invoices = InvoicePayable.objects.all()
    state = filters.choice("state", _("State"), _all_states())
    if state == OTHER:
        invoices = invoices.exclude(state__in=labels.INVOICE)
    elif state:
        same = next(codes for codes in STATES.values() if state in codes)
        invoices = invoices.filter(state__in=same)
    if kind := filters.choice("type", _("Type"), TYPES):
        invoices = invoices.filter(type=kind)
    invoices = documents.by_use(invoices, KIND, filters.choice("use", _("Use"), documents.USE))
    if vendor := filters.uuid("vendor", _("Vendor")):
        invoices = invoices.filter(vendor_id=vendor)
    if entity := filters.choice("entity", _("Entity"), entities):
        invoices = invoices.filter(entity_id=entity)
    if start := filters.day("from", _("Due from")):
        invoices = invoices.filter(due_day__gte=start)
    if end := filters.day("to", _("Due to")):
        invoices = invoices.filter(due_day__lte=end, due_date__isnull=False)
    invoices = documents.search(
        invoices, filters.text("q", _("Text")),
        "invoice_number", "vendor_name", "description", "document_name",
    )  # fmt: skip
    currency = filters.code("currency", _("Currency"))
    return (invoices.filter(currency=currency) if currency else invoices), invoices


def _all_states() -> dict[str, Any]:
    return {code: label.word for code, label in labels.INVOICE.items()} | {
        OTHER: STATE_WORDS[OTHER]
    }


def page(
    invoices: QuerySet, *, sort: str, key: str, scope: str
) -> tuple[paging.Page, list[Any], dict[UUID, Balance]]:
    """One page of invoices, sorted by a column or by what is open, with their balances."""
    return documents.page_of(invoices, KIND, columns=COLUMNS, sort=sort, key=key, scope=scope)


def rows(
    invoices: Iterable[InvoicePayable],
    *,
    entities: dict[str, str],
    locale: str,
    balances: dict[UUID, Balance] | None = None,
) -> list[Row]:
    """The rows of these invoices; at most two queries, whatever their number."""
    invoices = list(invoices)
    ids = [invoice.pk for invoice in invoices]
    if balances is None:
        balances = documents.balances(ids)
    holds = documents.holds(ids) if any(row.held for row in balances.values()) else {}
    invoice_url = documents.url_pattern("invoice_payable")
    vendor_url = documents.url_pattern("vendor")
    return [
        _row(
            one, balances.get(one.pk), holds.get(one.pk), entities, locale, invoice_url, vendor_url
        )
        for one in invoices
    ]


def open_words(invoice: InvoicePayable, balance: Balance | None, locale: str) -> str:
    """The open amount, or why it is not known."""
    if balance is not None and balance.available is not None:
        return documents.amount(balance.available, invoice.currency, locale)
    return _("not asked") if invoice.outstanding_read_at is None else _("not known")


def _row(
    invoice: InvoicePayable, balance: Balance | None, hold: documents.Hold | None,
    entities: dict[str, str], locale: str, invoice_url: str, vendor_url: str,
) -> Row:  # fmt: skip
    problem = documents.invoice_problem(invoice, balance)
    label = labels.invoice(invoice.state)
    day, by_light = documents.pays_on(invoice)
    pays = labels.day(day) if day else ""
    return Row(
        id=invoice.pk,
        url=invoice_url.format(invoice.pk),
        number=str(invoice),
        about=invoice.description or invoice.document_name,
        pays=pays or _("missing"),
        pays_iso=day.isoformat() if day else "",
        pays_by_light=by_light,
        vendor=invoice.vendor_name or _("missing"),
        vendor_url=vendor_url.format(invoice.vendor_id) if invoice.vendor_id else "",
        entity=entities.get(str(invoice.entity_id), "–") if invoice.entity_id else _("missing"),
        word=str(label.word),
        tone=label.tone,
        amount=documents.amount(invoice.amount, invoice.currency, locale),
        open=open_words(invoice, balance, locale),
        held=hold.words if hold else "",
        held_url=hold.proposal_url if hold else "",
        problem=problem.sentence if problem else "",
        warning="" if problem else usable.payment_warning(invoice, pays if by_light else ""),
        clear_url="" if problem else documents.clear_url(invoice),
    )
