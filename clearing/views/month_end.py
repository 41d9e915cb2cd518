"""Month end: the months of an entity, the roll-forward of one, and the rows behind a figure."""

from datetime import date, datetime
from functools import partial

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clearing import months, roles, workflow
from clearing.models import MonthEnd, Paper, number_format
from clearing.queries import month_end as queries
from clearing.queries import papers
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import months as sheets
from clearing.services import papering
from clearing.views import exports, listing
from clearing.views.access import needs, page


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
def month(request: HttpRequest, month: str) -> HttpResponseBase:
    """The roll-forward of one month, as on paper."""
    filters, first = Filters(request.GET), first_day(month)
    place = queries.place_of(filters)
    base = queries.address("month", place, first)
    if file := exports.respond(request, partial(sheets.month, place, first), back=base):
        return file
    filters.notices += exports.notices(request)
    locale, now = number_format(request.user), workflow.now()
    shown = queries.page_of(place, first, locale=locale)
    is_now = bool(shown.statements) and first <= place.this_month
    end, stale = _wanted(place, first, now) if is_now else (None, False)
    closing = queries.closing_of(
        place, first, end, now=now, stale=stale, by=request.user, locale=locale
    )
    context = {
        "place": place, "filters": filters, "page": shown, "month": month, "closing": closing,
        "pictured": queries.pictured(shown.statements),
        "exports": exports.links(filters, reverse("month", args=[month])),
        "never_tie": roles.why_not(request.user, "tie"),
    }  # fmt: skip
    part = "clearing/month_end/_closing.html"
    return page(request, "clearing/month_end/detail.html", part, context)


def _wanted(place: queries.Place, month: date, now: datetime) -> tuple[MonthEnd, bool]:
    """The month's papers, and whether something has changed since the newest was made: then the
    worker is asked for another."""
    end = MonthEnd.objects.filter(entity_id=place.id, month=month).first()
    stale = end is None or end.basis != papers.basis()
    if end is None or (stale and end.wanted_at is None):
        end = papering.want(entity_id=place.id, month=month, now=now)
    return end, stale


@require_safe
@needs("see")
def month_rows(request: HttpRequest, month: str) -> HttpResponseBase:
    """The rows behind one figure; its whole state is in the query string."""
    filters, first = Filters(request.GET), first_day(month)
    place = queries.place_of(filters)
    shown = queries.listed(
        filters, place, first, key=request.GET.get("page", ""), locale=number_format(request.user)
    )
    context = {"place": place, "name": months.name(first), "shows": queries.SHOWS}
    sheet = partial(sheets.rows_of_month, filters, place, first)
    return listing.answer(request, "month_rows", shown, context, sheet=sheet)


def first_day(month: str) -> date:
    """The month that an address names; 404 where it names none."""
    try:
        return queries.month_in(month)
    except ValueError as problem:
        raise Http404 from problem


def asked_for(request: HttpRequest, month: str) -> tuple[Filters, queries.Place, date]:
    """The entity and the month that an address names; 404 where a form names another entity."""
    filters, given = Filters(request.GET), request.GET.get("entity")
    place = queries.place_of(filters)
    if request.method == "POST" and given and str(place.id) != given:
        raise Http404
    return filters, place, first_day(month)


def paper_of(place: queries.Place, month: date, given: str | None) -> Paper:
    """The paper that an address names, if it is of this month; else the newest."""
    if given and given.isascii() and given.isdigit() and len(given) < 18:
        end = {"month_end__entity_id": place.id, "month_end__month": month}
        return get_object_or_404(Paper.objects.select_related("month_end"), pk=int(given), **end)
    if (paper := papering.newest(place.id, month)) is None:
        raise Http404
    return paper
