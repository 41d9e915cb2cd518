"""Vendors: the list and one vendor."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clearing.models import Vendor, number_format
from clearing.queries import documents, stuck, vendor_page
from clearing.queries import vendors as queries
from clearing.queries.filters import Filters
from clearing.queries.listing import listing_of
from clearing.queries.sheets_of import vendors as sheets
from clearing.views import listing
from clearing.views.access import needs


@require_safe
@needs("see")
def vendors(request: HttpRequest) -> HttpResponseBase:
    """The list, those that can be cleared first; its whole state is in the query string."""
    filters, locale = Filters(request.GET), number_format(request.user)
    found = queries.filtered(filters)
    sort = filters.sort(queries.SORTS, queries.DEFAULT)
    totals = queries.totals(found)
    page = queries.page(found, sort=sort, key=request.GET.get("page", ""), scope=filters.scope)
    entities = documents.entities()
    rows = queries.rows(page.rows, entities=entities, locale=locale)
    shown = listing_of(
        filters, reverse("vendors"), page, rows, totals,
        sort=sort, sorts=queries.SORTS, locale=locale,
    )  # fmt: skip
    currency = filters.values.get("currency", "")
    codes = sorted({one.currency for one in totals.by_currency if one.currency} | {currency} - {""})
    choices = {"uses": queries.USE, "statuses": queries.STATUSES, "currencies": codes}
    sheet = partial(sheets.vendors, found, filters, sort=sort, entities=entities)
    return listing.answer(request, "vendors", shown, choices, sheet=sheet)


@require_safe
@needs("see")
def vendor(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """One vendor: what can be cleared, and its documents."""
    found = get_object_or_404(Vendor, pk=vendor_id)
    locale = number_format(request.user)
    context = {
        "vendor": found,
        "shown": vendor_page.read(found, locale=locale),
        "stuck": stuck.of_vendor(found.pk, locale=locale),
    }
    return render(request, "clearing/vendors/detail.html", context)
