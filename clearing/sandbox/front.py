"""The sandbox's own web page: whoever opens it acts as another user of Light.

It is no part of Light's API: neither counted nor limited, and no fault meets it. It needs no key,
because the sandbox listens on this machine only; a page of another site may neither read it (the
Host must be loopback) nor send its forms (the Origin must be this page, with this process's token).
"""

from __future__ import annotations

import hmac
import re
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from clearing.sandbox import front_deeds, front_page
from clearing.sandbox.errors import Refused, envelope
from clearing.sandbox.front_document import HERE
from clearing.sandbox.front_html import Html
from clearing.sandbox.journal import Journal
from clearing.sandbox.messages import Request, Response
from clearing.sandbox.store import Store

STYLE, ICON = "/sandbox.css", "/favicon.ico"
CSS = Path(__file__).with_name("front.css")
LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
MOST_FIELDS = 12
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Front:
    """GET and POST /, its style sheet, and the icon that browsers ask for."""

    def __init__(self, store: Store, journal: Journal) -> None:
        self._store, self._journal = store, journal
        self._token = secrets.token_urlsafe(32)

    @staticmethod
    def takes(request: Request) -> bool:
        if request.path in (STYLE, ICON):
            return request.method in ("GET", "HEAD")
        return request.path == "/" and request.method in ("GET", "HEAD", "POST")

    def handle(self, request: Request) -> Response:
        if not LOOPBACK.fullmatch(request.headers.get("host", "")):
            return _said(403, "This page answers on 127.0.0.1 and localhost only.")
        if request.path == ICON:
            return Response(204)  # it has none
        if request.path == STYLE:
            return Response(200, CSS.read_bytes(), {**HEADERS, "Content-Type": "text/css"})
        if request.method == "POST":
            return self._post(request)
        asked = request.query
        return self._page(asked.get("q", ""), asked.get("id", ""), asked.get("did", ""))

    def _post(self, request: Request) -> Response:
        try:
            form = _form(request.body)
        except ValueError:
            return _said(400, "This is not the form that was sent out.")
        origin = request.headers.get("origin", "")
        if origin and origin != f"http://{request.headers['host']}":
            return _said(403, "This form was sent by another site.")
        if not hmac.compare_digest(form.get("token", "").encode(), self._token.encode()):
            return _said(403, "The sandbox was restarted. Load its page again and repeat.")
        try:
            did = front_deeds.do(self._store, form)
        except (Refused, ValueError) as error:
            return self._page("", form.get("id", ""), "", problem=error)
        key = form.get("id", "")
        target = f"/?{urlencode({'id': key, 'did': did})}{HERE}" if key else f"/?did={did}"
        return Response(303, b"", {**HEADERS, "Location": target})

    def _page(
        self, q: str, key: str, did: str, problem: Refused | ValueError | None = None
    ) -> Response:
        with self._store.lock:
            page = front_page.page(
                self._store,
                self._journal.summary()["totals"],
                token=self._token,
                q=q.strip(),
                key=key,
                did=did,
                problem=sentence(problem) if problem else "",
            )
        return _html(getattr(problem, "status", 400) if problem else 200, page)


def sentence(error: Refused | ValueError) -> str:
    """Light's words, with the field they are about; a ValueError is our own sentence."""
    if isinstance(error, ValueError):
        return str(error)
    kind = envelope(error.status, error.message)["type"]
    field = f"{error.path}: " if error.path else ""
    return f"Light refuses: {field}{error.message} ({error.status} {kind})"


def _form(body: bytes) -> dict[str, str]:
    """Fields of an HTML form; a ValueError if it is none."""
    pairs = parse_qsl(
        body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
    )
    if any("\0" in value for _, value in pairs):
        raise ValueError("a text without NUL characters")
    return dict(pairs)


def _said(status: int, words: str) -> Response:
    return _html(status, front_page.only(words))


def _html(status: int, page: Html) -> Response:
    body = page.encode("utf-8", "replace")
    return Response(status, body, {**HEADERS, "Content-Type": "text/html; charset=utf-8"})
