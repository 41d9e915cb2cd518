"""Invoices: the list and one invoice."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clearing import roles
from clearing.models import InvoicePayable, number_format
from clearing.queries import documents, invoice_page, sums
from clearing.queries import invoice_payables as queries
from clearing.queries.filters import Filters
from clearing.queries.listing import listing_of
from clearing.queries.sheets_of import documents as sheets
from clearing.views import listing
from clearing.views.access import needs


@require_safe
@needs("see")
def invoice_payables(request: HttpRequest) -> HttpResponseBase:
    """The list; its whole state is in the query string."""
    entities, filters = documents.entities(), Filters(request.GET)
    invoices, in_all_currencies = queries.filtered(filters, entities)
    sort = filters.sort(queries.SORTS, queries.DEFAULT)
    everything = request.GET.get("totals") == "all"
    totals = sums.totals_in(
        in_all_currencies, filters.values.get("currency", ""), everything=everything
    )
    key, locale = request.GET.get("page", ""), number_format(request.user)
    page, found, balances = queries.page(invoices, sort=sort, key=key, scope=filters.scope)
    rows = queries.rows(found, entities=entities, locale=locale, balances=balances)
    shown = listing_of(
        filters, reverse("invoice_payables"), page, rows, totals,
        sort=sort, sorts=queries.SORTS, locale=locale,
    )  # fmt: skip
    choices = {
        "states": queries.STATE_WORDS, "types": queries.TYPES, "uses": documents.USE,
        "entities": entities, "currencies": totals.codes,
    }  # fmt: skip
    sheet = partial(sheets.invoice_payables, invoices, filters, sort=sort, entities=entities)
    return listing.answer(request, "invoice_payables", shown, choices, sheet=sheet)


@require_safe
@needs("see")
def invoice_payable(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """One invoice: what has paid it, what will, and what is still open."""
    invoice = get_object_or_404(InvoicePayable, pk=invoice_id)
    shown = invoice_page.read(invoice, user=request.user, locale=number_format(request.user))
    why_not = roles.why_not(request.user, "edit") or documents.why_no_credit_note(invoice)
    context = {"invoice": invoice, "shown": shown, "why_not_created": why_not}
    return render(request, "clearing/invoice_payables/detail.html", context)
