"""How a list answers: as a page or as its results, with the address that shows the same."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django_htmx.http import push_url, replace_url

from clearing.queries.listing import Paged
from clearing.views.access import is_fragment, page


def answer(
    request: HttpRequest, folder: str, listing: Paged, context: dict[str, Any]
) -> HttpResponse:
    """A filter pushes its address; typing in the search field replaces it."""
    response = page(
        request,
        f"clearing/{folder}/list.html",
        f"clearing/{folder}/_results.html",
        {"listing": listing, "values": listing.filters.values, **context},
    )
    if is_fragment(request):
        typed = request.htmx.trigger_name == "q"  # type: ignore[attr-defined]
        return (replace_url if typed else push_url)(response, listing.url)
    return response
