"""Credit that can't be used yet: the list with its causes and decisions."""

from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clearing import roles
from clearing.models import number_format
from clearing.queries import decisions, documents
from clearing.queries import stuck as queries
from clearing.queries.filters import Filters, headers
from clearing.queries.listing import Listing, count_words, total_words
from clearing.queries.sheets_of import stuck as sheets
from clearing.views import listing
from clearing.views.access import needs


@require_safe
@needs("see")
def stuck(request: HttpRequest) -> HttpResponseBase:
    """The list, the oldest first; its whole state is in the query string."""
    base, filters = reverse("stuck"), Filters(request.GET)
    entities, owners = documents.entities(), decisions.owners(request.user)
    chosen, rows = queries.filtered(filters, user=request.user, entities=entities, owners=owners)
    sort = filters.sort(queries.SORTS, queries.DEFAULT)
    figures = queries.figures(chosen, rows, filters, everything=request.GET.get("totals") == "all")
    page = queries.page(chosen, sort=sort, key=request.GET.get("page", ""), scope=filters.scope)
    locale = number_format(request.user)
    shown = Listing(
        base=base, filters=filters, headers=headers(filters, base, sort, queries.SORTS), page=page,
        rows=queries.rows_of(page.rows, entities=entities, locale=locale),
        count=count_words(figures.totals.count, locale), exists=figures.totals.count > 0,
        totals=[replace(one, amount="") for one in total_words(figures.totals, locale)],
        capped=figures.totals.capped, locale=locale,
    )  # fmt: skip
    _name_vendor(shown)
    choices = {
        "facets": queries.facets(figures.by_cause, filters, base),
        "decisions": queries.DECISIONS, "owners": owners,
        "ages": queries.AGES, "rests": queries.RESTS, "dues": queries.DUE, "entities": entities,
        "currencies": figures.totals.codes, "selecting": _selecting(request, shown),
    }  # fmt: skip
    sheet = partial(sheets.stuck, chosen, filters, sort=sort, entities=entities, locale=locale)
    return listing.answer(request, "stuck", shown, choices, sheet=sheet)


def _name_vendor(shown: Listing) -> None:
    if shown.rows and "vendor" in shown.filters.values:
        words = _("Vendor: %(name)s") % {"name": shown.rows[0].vendor}
        shown.filters.name_value("vendor", words)


def _selecting(request: HttpRequest, shown: Listing) -> dict[str, Any] | None:
    """What the selection of rows leads to; None for a person who may not decide."""
    if roles.why_not(request.user, "decide"):
        return None
    more = shown.next_url or shown.previous_url  # more match than this page shows
    everything = {"all": "1", "next": shown.url}
    return {
        "next": urlencode({"next": shown.url}),
        "all_url": shown.filters.url(reverse("decide_many"), **everything) if more else "",
        "all_words": _("All %(n)s that match…") % {"n": shown.count},
    }
