"""Credit notes: the list."""

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clearing import roles
from clearing.models import number_format
from clearing.queries import credit_notes as queries
from clearing.queries import documents, sums
from clearing.queries.filters import Filters
from clearing.queries.listing import Listing, listing_of
from clearing.queries.sheets_of import documents as sheets
from clearing.views import listing
from clearing.views.access import needs


@require_safe
@needs("see")
def credit_notes(request: HttpRequest) -> HttpResponseBase:
    """The list; its whole state is in the query string."""
    entities, filters = documents.entities(), Filters(request.GET)
    notes, in_all_currencies = queries.filtered(filters, entities)
    sort = filters.sort(queries.SORTS, queries.DEFAULT)
    everything = request.GET.get("totals") == "all"
    totals = sums.totals_in(
        in_all_currencies, filters.values.get("currency", ""), everything=everything
    )
    key, locale = request.GET.get("page", ""), number_format(request.user)
    page, found, balances = queries.page(notes, sort=sort, key=key, scope=filters.scope)
    rows = queries.rows(found, entities=entities, locale=locale, balances=balances)
    shown = listing_of(
        filters, reverse("credit_notes"), page, rows, totals,
        sort=sort, sorts=queries.SORTS, locale=locale,
    )  # fmt: skip
    choices = {
        "statuses": queries.STATUSES, "uses": documents.USE,
        "entities": entities, "currencies": totals.codes,
        "selecting": _selecting(request, shown),
    }  # fmt: skip
    sheet = partial(sheets.credit_notes, notes, filters, sort=sort, entities=entities)
    return listing.answer(request, "credit_notes", shown, choices, sheet=sheet)


def _selecting(request: HttpRequest, shown: Listing) -> dict[str, Any] | None:
    """What the selection of rows leads to; None for a person who may not ask for it."""
    if roles.why_not_ask(request.user, "archive"):
        return None
    everything = {"all": "1", "next": shown.url}
    more = shown.next_url or shown.previous_url  # more match than this page shows
    return {
        "all_url": shown.filters.url(reverse("archive_many"), **everything) if more else "",
        "all_words": _("All %(n)s that match…") % {"n": shown.count},
    }
