"""What every view shares: who may, fragment or page, and how a form answers."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from clearing import roles
from lightui.middleware import htmx_page

View = Callable[..., Any]  # answers whole, or as a stream


def needs(right: str) -> Callable[[View], View]:
    """Let only people with this right in; everybody else gets a 403 page with the sentence."""
    return _only(lambda user: roles.why_not(user, right))


def asks(kind: str) -> Callable[[View], View]:
    """Let only people in who can ask for an instruction of this kind."""
    return _only(lambda user: roles.why_not_ask(user, kind))


def _only(why_not: Callable[[Any], str]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if sentence := why_not(request.user):
                return render(request, "403.html", {"sentence": sentence}, status=403)
            return view(request, *args, **kwargs)

        return checked

    return decorate


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx wants a part of the page, not the page."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx and not htmx.boosted and not htmx.history_restore_request)


def page(
    request: HttpRequest, template: str, partial: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Answer one URL as a page, or as the very partial that the page includes."""
    chosen = partial if is_fragment(request) else template
    return patched(render(request, chosen, context, status=status))


def patched(response: HttpResponse) -> HttpResponse:
    """An answer that htmx gets otherwise than a browser, told to whatever stores answers."""
    patch_vary_headers(response, ["HX-Request"])
    return response


def done(request: HttpRequest, *, to: str, message: str) -> HttpResponse:
    """Answer a form that worked: on to the page `to`, which shows the message."""
    messages.success(request, message)
    return go(request, to)


def go(request: HttpRequest, to: str) -> HttpResponse:
    """To a whole page, from a form or an htmx request.

    The page one is on is loaded anew: with a #place behind it htmx would only scroll. With
    another query it is another page.
    """
    if not is_fragment(request):
        return redirect(to)
    response = HttpResponse(status=204)
    here, there = urlsplit(htmx_page(request)), urlsplit(to)
    if here.path == there.path and there.query in ("", here.query):
        response["HX-Refresh"] = "true"
    else:
        response["HX-Redirect"] = to
    return response


def way_back(request: HttpRequest, default: str) -> str:
    """The path of ours that a form or its address names as `next`, fit for a header; else
    `default`."""
    back = clean_text(request.POST.get("next") or request.GET.get("next"))
    safe = url_has_allowed_host_and_scheme(back, None) and back.startswith("/")
    return iri_to_uri(back) if safe else default


def as_uuid(given: str | None) -> UUID | None:
    """An id from a form or a query; None for anything else."""
    try:
        return UUID(given or "")
    except ValueError:
        return None


def clean_text(value: str | None) -> str:
    """A text from a form or a query, without the NUL bytes that PostgreSQL refuses."""
    return (value or "").replace("\x00", "")
