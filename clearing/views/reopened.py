"""Invoices that a correction opened again, until they are settled."""

from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from clearing.models import number_format
from clearing.queries import documents, sums
from clearing.queries import reopened as queries
from clearing.queries.filters import Filters
from clearing.queries.listing import listing_of
from clearing.queries.sheets_of import documents as sheets
from clearing.views import listing
from clearing.views.access import needs


@require_safe
@needs("see")
def reopened(request: HttpRequest) -> HttpResponseBase:
    """Invoices on which a clearing was undone, until they are settled."""
    entities, filters = documents.entities(), Filters(request.GET)
    invoices, in_all_currencies = queries.filtered(filters, entities)
    sort = filters.sort(queries.SORTS, queries.DEFAULT)
    totals = sums.totals_in(
        in_all_currencies,
        filters.values.get("currency", ""),
        everything=request.GET.get("totals") == "all",
    )
    key, locale = request.GET.get("page", ""), number_format(request.user)
    page, found, balances = queries.page(invoices, sort=sort, key=key, scope=filters.scope)
    shown = listing_of(
        filters, reverse("reopened"), page,
        queries.rows(found, entities=entities, balances=balances, locale=locale), totals,
        sort=sort, sorts=queries.SORTS, locale=locale,
    )  # fmt: skip
    choices = {"entities": entities, "currencies": totals.codes}
    sheet = partial(sheets.reopened_invoices, invoices, filters, sort=sort, entities=entities)
    return listing.answer(request, "reopened", shown, choices, sheet=sheet)
