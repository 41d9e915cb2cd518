"""The audit trail, newest first."""

from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from clearing.models import number_format
from clearing.queries import activity as queries
from clearing.queries import activity_sheet, sealing, sums
from clearing.queries.filters import Filters
from clearing.queries.listing import listing_of
from clearing.views import listing
from clearing.views.access import needs


@require_safe
@needs("see")
def activity(request: HttpRequest) -> HttpResponseBase:
    """Who did what, when and why; its whole state is in the query string."""
    people, filters = queries.people(), Filters(request.GET)
    events = queries.filtered(filters, people)
    page = queries.page(events, key=request.GET.get("page", ""), scope=filters.scope)
    locale = number_format(request.user)
    shown = listing_of(
        filters, reverse("activity"), page, queries.rows(page.rows, locale=locale),
        sums.Totals(sums.count(events), False, []), sort="", sorts={}, locale=locale,
    )  # fmt: skip
    choices = {
        "people": people, "verbs": queries.verbs(), "kinds": queries.kinds(),
        "sealed": sealing.shown(locale),
    }  # fmt: skip
    sheet = partial(activity_sheet.sheet, filters)
    return listing.answer(request, "activity", shown, choices, sheet=sheet)
