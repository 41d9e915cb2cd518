"""Month end: the months of an entity, the roll-forward of one, and the rows behind a figure."""

from datetime import date
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clearing import months
from clearing.models import number_format
from clearing.queries import month_end as queries
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import months as sheets
from clearing.views import exports, listing
from clearing.views.access import needs


@require_safe
@needs("see")
def month_end(request: HttpRequest) -> HttpResponseBase:
    """The months, newest first, each with what was open at its end."""
    filters = Filters(request.GET)
    place, base = queries.place_of(filters), reverse("month_end")
    if file := exports.respond(request, partial(sheets.months_of, place), back=filters.url(base)):
        return file
    filters.notices += exports.notices(request)
    everything = request.GET.get("all") == "1"
    listed = queries.months_of(place, everything=everything, locale=number_format(request.user))
    context = {"place": place, "filters": filters, "listed": listed,
               "exports": exports.links(filters, base)}  # fmt: skip
    return render(request, "clearing/month_end/list.html", context)


@require_safe
@needs("see")
def month(request: HttpRequest, month: str) -> HttpResponse:
    """The roll-forward of one month, as on paper."""
    filters, first = Filters(request.GET), _first_day(month)
    place = queries.place_of(filters)
    page = queries.page_of(place, first, locale=number_format(request.user))
    context = {"place": place, "filters": filters, "page": page, "month": month}
    return render(request, "clearing/month_end/detail.html", context)


@require_safe
@needs("see")
def month_rows(request: HttpRequest, month: str) -> HttpResponseBase:
    """The rows behind one figure; its whole state is in the query string."""
    filters, first = Filters(request.GET), _first_day(month)
    place = queries.place_of(filters)
    shown = queries.listed(
        filters, place, first, key=request.GET.get("page", ""), locale=number_format(request.user)
    )
    context = {"place": place, "name": months.name(first), "shows": queries.SHOWS}
    sheet = partial(sheets.rows_of_month, filters, place, first)
    return listing.answer(request, "month_rows", shown, context, sheet=sheet)


def _first_day(month: str) -> date:
    try:
        return queries.month_in(month)
    except ValueError as problem:
        raise Http404 from problem
