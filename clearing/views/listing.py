"""How a list answers: as a page, as its results with the address that shows the same, as a file."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.http import push_url, replace_url

from clearing.queries.listing import Paged
from clearing.views import exports
from clearing.views.access import is_fragment, page


def answer(
    request: HttpRequest,
    folder: str,
    listing: Paged,
    context: dict[str, Any],
    *,
    sheet: exports.Making | None = None,
) -> HttpResponseBase:
    """A filter pushes its address; typing in the search field replaces it.

    sheet: makes the sheet of all rows that match, for `?as=`; without it there is no export.
    """
    filters = listing.filters
    if sheet:
        if file := exports.respond(request, sheet, back=listing.url):
            return file
        filters.notices += exports.notices(request)
        context["exports"] = exports.links(filters, listing.base)
    response = page(
        request,
        f"clearing/{folder}/list.html",
        f"clearing/{folder}/_results.html",
        {"listing": listing, "values": filters.values, **context},
    )
    if is_fragment(request):
        typed = request.htmx.trigger_name == "q"  # type: ignore[attr-defined]
        return (replace_url if typed else push_url)(response, listing.url)
    return response
