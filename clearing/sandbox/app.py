"""From a request to an answer: key, rate limit, faults, then the call itself."""

from __future__ import annotations

import hmac
import logging
import secrets
import threading

from clearing.sandbox import ledger, papers, routes
from clearing.sandbox.admin import Admin
from clearing.sandbox.errors import Refused, not_found
from clearing.sandbox.faults import Fault, Faults
from clearing.sandbox.front import Front
from clearing.sandbox.handlers import Handler
from clearing.sandbox.journal import Asked, Journal
from clearing.sandbox.limits import Limiter
from clearing.sandbox.messages import JSON, Request, Response, answer, refusal
from clearing.sandbox.store import Store

log = logging.getLogger("clearing.sandbox")

FILES = "/files/"
MAX_TOKENS = 1000


class App:
    """The API without its sockets."""

    def __init__(self, store: Store, key: str, limiter: Limiter, faults: Faults) -> None:
        self.store, self.limiter, self.faults = store, limiter, faults
        self.journal = Journal()
        self.stopping = threading.Event()
        self.base_url = ""
        self._key = key.encode()
        self._tokens: dict[str, tuple[str, str]] = {}  # token: kind and id of the document
        self._admin = Admin(store, limiter, faults, self.journal)
        self._front = Front(store, self.journal)

    def handle(self, request: Request) -> Response:
        """Never raises: what nobody thought of is a 500 in Light's envelope, and logged."""
        try:
            if self._front.takes(request):
                return self._front.handle(request)
            if request.path == "/admin" or request.path.startswith("/admin/"):
                return self._not_allowed(request) or self._admin.handle(request)
            return self._recorded(request)
        except Refused as error:
            return refusal(error.status, error.message, error.path)
        except Exception:
            if self.stopping.is_set():
                return Response(0, cut="drop")
            log.exception("%s %s failed", request.method, request.path)
            return refusal(500, "Internal server error")

    def _recorded(self, request: Request) -> Response:
        call, handler, ids = self._find(request)
        asked = Asked(
            at=self.store.clock.stamp(),
            method=request.method,
            path=request.path,
            query=request.query_string,
            body=request.body.decode("utf-8", "replace"),
            headers={k: v for k, v in request.headers.items() if k != "authorization"},
            call=call or f"{request.method} (unknown path)",
        )
        self.journal.add(asked)
        try:
            response = self._faulty(request, call, handler, ids)
        except Exception:
            asked.status = 500
            raise
        asked.status = response.status
        return response

    def _find(self, request: Request) -> tuple[str, Handler | None, list[str]]:
        if request.path.startswith(FILES):
            return f"{request.method} {FILES}{{token}}", None, []
        return routes.find(request.method, request.path)

    def _faulty(
        self, request: Request, call: str, handler: Handler | None, ids: list[str]
    ) -> Response:
        if request.path.startswith(FILES):
            return self._file(request)
        denied = self._not_allowed(request)
        if denied:
            return denied
        wait, headers = self.limiter.take()
        if wait is not None:
            response = refusal(429, "Rate limit exceeded")
            response.headers |= {**headers, "Retry-After": str(wait)}
            return response
        fault = self.faults.draw(request.method, request.path)
        if fault and fault.kind == "late":
            late = threading.Timer(fault.seconds, self._late, (request, call, handler, ids))
            late.daemon = True
            late.start()
            return Response(0, cut="drop")
        instead = self._instead(fault, None) if fault and fault.when == "before" else None
        if instead is None:
            done = self._work(request, call, handler, ids)
            after = self._instead(fault, done) if fault and fault.when == "after" else None
            instead = after or done
        instead.headers |= headers
        return instead

    def _late(self, request: Request, call: str, handler: Handler | None, ids: list[str]) -> None:
        """The work of a request whose sender has been told nothing."""
        if not self.stopping.is_set():
            self._work(request, call, handler, ids)

    def _work(
        self, request: Request, call: str, handler: Handler | None, ids: list[str]
    ) -> Response:
        document = routes.find_document(request.path) if request.method == "GET" else None
        try:
            if document:
                with self.store.lock:
                    return self._redirect(*document)
            if handler and request.method == "GET":
                with self.store.lock:
                    return handler(self.store, request, *ids)
            if handler:
                with self.store.transaction():
                    return handler(self.store, request, *ids)
        except Refused as error:
            return refusal(error.status, error.message, error.path)
        if call and request.method != "HEAD":
            return refusal(405, "Method not allowed")
        return refusal(404, "Not found")

    def _instead(self, fault: Fault, response: Response | None) -> Response | None:
        """What the fault answers; None lets the request go on."""
        if fault.kind == "stall":
            self.stopping.wait(fault.seconds)
            return Response(0, cut="drop") if self.stopping.is_set() else None
        if fault.kind == "drop":
            return Response(0, cut="drop")
        if fault.kind == "truncate":
            whole = response or answer({"records": [], "hasMore": False})
            whole.cut = "truncate"
            return whole
        made = self._made(fault)
        made.headers |= fault.headers
        return made

    def _made(self, fault: Fault) -> Response:
        if fault.kind == "html":
            page = b"<!doctype html><title>Light</title><h1>We will be right back</h1>"
            return Response(fault.status or 200, page, {"Content-Type": "text/html"})
        if fault.kind == "redirect":
            return Response(fault.status or 302, b"", {"Location": fault.url})
        if fault.kind == "body":
            body = fault.body if isinstance(fault.body, bytes) else fault.body.encode()
            return Response(fault.status or 200, body, {"Content-Type": JSON})
        return refusal(fault.status or 503, "Something went wrong")

    def _not_allowed(self, request: Request) -> Response | None:
        """401 without the key; 403 for a write the key has no role for."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        known = hmac.compare_digest(given.strip().encode("latin-1", "replace"), self._key)
        is_admin = request.path.startswith("/admin")
        if scheme.lower() not in ("basic", "bearer") or not known:
            return refusal(401, "Unauthorized")
        if not self.store.switches.key_valid and not is_admin:
            return refusal(401, "The API key has been revoked")
        if not (is_admin or request.method == "GET" or self.store.switches.key_may_write):
            return refusal(403, "Missing required role")
        return None

    def _redirect(self, kind: str, key: str) -> Response:
        """A document's PDF lies at another path, behind a token that works once."""
        if not papers.exists(self.store, ledger.need(self.store, kind, key)):
            raise not_found("Document")
        token = secrets.token_urlsafe(24)
        if len(self._tokens) >= MAX_TOKENS:
            self._tokens.pop(next(iter(self._tokens)))
        self._tokens[token] = kind, key
        return Response(302, b"", {"Location": f"{self.base_url}{FILES}{token}"})

    def _file(self, request: Request) -> Response:
        if request.method != "GET":
            return refusal(404, "Not found")
        with self.store.lock:
            meant = self._tokens.pop(request.path.removeprefix(FILES), None)
            record = self.store.get(*meant) if meant else None
            sent = papers.sent(self.store, record) if record else None
        return sent or refusal(404, "Not found")
