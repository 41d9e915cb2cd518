"""What every answer carries: a request id, no-store for signed-in pages, a usable login."""

import logging
import uuid
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from clearing import known, tracing

logger = logging.getLogger(__name__)
Next = Callable[[HttpRequest], HttpResponse]


class RequestId:
    """Give each request an id that the error banner shows and the log holds."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        with tracing.of(request.id), known.once():  # type: ignore[attr-defined]
            response = self.get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response


class Busy:
    """Say so where the database did not let a page do its work: others were writing as well.

    Our own steps lock in one order; what else writes here (an admin, a backup) need not.
    """

    STATES = frozenset({"40001", "40P01", "55P03"})  # PostgreSQL: serialization, deadlock, lock

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page that says it, with 503; None for any other error."""
        if not isinstance(error, OperationalError) or not self.is_busy(error):
            return None
        logger.warning("the database was busy", extra={"error": type(error).__name__})
        return render(request, "503.html", status=503)

    def is_busy(self, error: OperationalError) -> bool:
        """Whether the database ended a transaction for another one's sake."""
        state = getattr(error.__cause__, "sqlstate", None)
        return state in self.STATES or "database is locked" in str(error)


class SessionKeys:
    """Forget a session cookie that is no key: PostgreSQL raises on the NUL byte it may hold."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not (key.isascii() and key.isalnum()):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)


def login_url(back: str) -> str:
    """The login page, coming back to this path of ours afterwards."""
    page = resolve_url(settings.LOGIN_URL)
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(back, None)
    return f"{page}?{urlencode({'next': back}, safe='/')}" if safe else page


def htmx_page(request: HttpRequest) -> str:
    """The path of ours that an htmx request says it was made on; empty where it says none."""
    try:
        return request.htmx.current_url_abs_path or ""  # type: ignore[attr-defined]
    except ValueError:  # no address at all, like "http://["
        return ""


class SignedInPages:
    """Keep signed-in pages out of caches; send an expired htmx request to the login page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store"
        elif response.status_code == 302:
            self.send_to_login(request, response)
            if request.htmx:  # type: ignore[attr-defined]
                location = response["Location"]
                response = HttpResponse(status=204)
                response["HX-Redirect"] = location
        return response

    def send_to_login(self, request: HttpRequest, response: HttpResponse) -> None:
        """Come back to the page, not to a part of it, nor to a form's POST."""
        if urlsplit(response["Location"]).path != resolve_url(settings.LOGIN_URL):
            return
        if request.htmx:  # type: ignore[attr-defined]
            response["Location"] = login_url(htmx_page(request))
        elif request.method not in {"GET", "HEAD"}:
            response["Location"] = login_url("")
