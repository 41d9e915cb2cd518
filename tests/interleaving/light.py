"""The sandbox behind the real client, without sockets: what goes wrong, and a log of all of it."""

import io
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import requests
import urllib3

from clearing import gateway
from clearing.light import wire
from clearing.sandbox import acts, balances
from clearing.sandbox.app import App
from clearing.sandbox.faults import Faults
from clearing.sandbox.limits import Limiter
from clearing.sandbox.messages import Request, Response
from clearing.sandbox.records import dataset
from clearing.sandbox.store import Store
from clearing.sandbox.switches import Switches
from tests.interleaving import witness
from tests.interleaving.actors import point
from tests.interleaving.clock import Clock
from tests.interleaving.witness import Key, Sent

URL, KEY = "https://light.test", "sandbox-key"
LATEST = 150  # seconds that Light's side of a call may still need after nobody waits any more
RETRY_AFTER = ("1", "20", None, "-5", "Mon, 02 Nov 2026 12:00:00 GMT", "999999999", "soon")
HTML = b"<!doctype html><title>Light</title><h1>We will be right back</h1>"
Fact = tuple[Any, ...]


class Light:
    """Light's side of one schedule."""

    def __init__(self, clock: Clock, dice: random.Random, switches: Switches) -> None:
        self.clock, self.dice = clock, dice
        self.store = Store()
        self.store.load(dataset())
        self.store.switches = switches
        self.app = App(self.store, KEY, Limiter(None), Faults())
        self.trouble = 0.0  # the chance that a call goes wrong
        self.fates: Sequence[str] = WRITE_FATES
        self.denied_until = 0.0
        self.sent: list[Sent] = []
        self.reads = 0
        self.problems: list[str] = []
        self.story: list[str] = []
        self.moments: list[tuple[float, frozenset[Fact]]] = []
        self.became: dict[tuple[int, str], float] = {}  # when a line came to a state

    def guard(self) -> None:
        """What the gateway gives the client, and the checker is told, too."""
        try:
            gateway.guard()
        except RuntimeError:
            self.problems.append("Light was called inside a transaction")
            raise

    def tell(self, words: str) -> None:
        self.story.append(f"{self.clock.seconds:9.1f}  {words}")

    def act(self, action: str, **given: Any) -> None:
        """Another user of Light does something."""
        acts.act(self.store, action, "Another user", given)
        self.moments.append((self.clock.seconds, self.facts()))

    def facts(self) -> frozenset[Fact]:
        """What the books hold now, as rows that can be looked for."""
        found: set[Fact] = set()
        for row in self.store.link_rows():
            if balances.is_active(self.store, row):
                found.add(("link", row["creditNoteId"], row["invoicePayableId"], row["amount"]))
        cleared: dict[tuple[str, str], int] = {}
        for row in self.store.clearing_rows():
            if row["type"] == "CN" and not row["reversed"]:
                pair = row["creditNoteId"], row["invoicePayableId"]
                cleared[pair] = cleared.get(pair, 0) + row["amount"]
        found |= {("cleared", *pair, amount) for pair, amount in cleared.items()}
        found |= {("note", one["id"], one["status"]) for one in self.store.all("credit_note")}
        return frozenset(found)

    # --- the wire ---------------------------------------------------------------------------

    def answer(self, request: requests.PreparedRequest) -> requests.Response:
        """One request, with whatever goes wrong on its way."""
        exchange = wire._current.get()
        is_write = request.method != "GET"
        if halts := is_write or self.dice.random() < 0.25:
            point(f"before {request.method}")
        fate = self._fate(is_write)
        if fate == "no connection":
            raise requests.ConnectionError("refused")
        exchange.check_deadline()
        exchange.connected = True
        ask = self._ask(request)
        if not is_write:
            self.reads += 1
            response = self._told(ask, fate, lambda: self.app.handle(ask))
        else:
            sent = witness.of(request, fate, self.clock.now())
            self.sent.append(sent)
            self.tell(f"→ {request.method} {request.path_url} {sent.body} ({fate})")
            response = self._told(ask, fate, lambda: self._apply(ask, sent))
        if halts:
            point(f"after {request.method}")
        return response

    def _apply(self, ask: Request, sent: Sent) -> Response:
        response = self.app.handle(ask)
        if 200 <= response.status < 300:
            sent.applied_at = self.clock.seconds
            self.moments.append((sent.applied_at, self.facts()))
            self.tell(f"  Light did it: {sent.method} {sent.path}")
        return response

    def _is_exact(self, key: Key, facts: frozenset[Fact]) -> bool:
        """Whether a pair holds the amount that was asked for, once Light has said yes."""
        kind, *rest = key
        if kind not in ("link", "amend") or self.store.switches.link_on_posted == "nothing":
            return True
        return ("link", *rest) in facts or ("cleared", *rest) in facts

    def _ask(self, request: requests.PreparedRequest) -> Request:
        body = request.body or b""
        headers = {name.lower(): value for name, value in request.headers.items()}
        return Request(request.method or "", request.path_url, headers, bytes(body))

    def _fate(self, is_write: bool) -> str:
        if self.clock.seconds < self.denied_until:
            return "401"
        if self.dice.random() >= self.trouble * (2 if is_write else 0.2):
            return "fine"
        return self.dice.choice(self.fates if is_write else READ_FATES)

    def _told(self, ask: Request, fate: str, work: Callable[[], Response]) -> requests.Response:
        """What comes back to us."""
        place, _, what = fate.partition(" ")
        if place == "late":
            self.clock.later(self.dice.uniform(30, LATEST), work)
            self.clock.forward(30)
            raise TimeoutError
        if place == "after":
            return self._instead(what, work())
        if place == "before":
            return self._instead(what, None)
        if fate == "401":
            self.denied_until = max(self.denied_until, self.clock.seconds + 90)
        if fate in ("401", "403", "429"):
            after = self.dice.choice(RETRY_AFTER) if fate == "429" else None
            return _response(int(fate), b"{}", {"Retry-After": after} if after else {})
        if place == "other":
            return _response(200, json.dumps(self._other(ask, what)).encode())
        done = work()
        return _response(done.status, done.body)

    def _instead(self, what: str, done: Response | None) -> requests.Response:
        if what == "reset":
            raise ConnectionResetError
        if what == "silence":
            self.clock.forward(30)
            raise TimeoutError
        if what == "html":
            return _response(200, HTML)
        if what == "cut":
            body = done.body if done and done.body else b'{"records": [], "hasMore": false}'
            return _response(200, body[: len(body) // 2], {"Content-Length": str(len(body))})
        if what.startswith("30"):
            return _response(int(what), b"", {"Location": f"{URL}/v1/elsewhere"})
        return _response(int(what), b"")

    @staticmethod
    def _other(asked: Request, what: str) -> dict[str, Any]:
        """A well-formed yes that names another pair, or another amount; nothing was done."""
        named = re.findall(r"[0-9a-f-]{36}", asked.path) + [str(uuid4()), str(uuid4())]
        note, invoice = (str(uuid4()), str(uuid4())) if what == "pair" else named[:2]
        return {
            "id": note, "status": "ARCHIVED", "state": "UNPAID", "currency": "EUR",
            "creditNoteId": note, "invoicePayableId": invoice, "amount": 4321,
        }  # fmt: skip


UNCLEAR = [
    f"{place} {what}"
    for place in ("before", "after")
    for what in ("reset", "silence", "500", "502", "503", "504", "html", "cut")
]
REDIRECTS = [f"{place} {code}" for place in ("before", "after") for code in (301, 302, 307, 308)]
WRITE_FATES = (
    ["no connection", "429", "429", "403", "401", "other pair", "other amount", "before 409"]
    + ["late", "late", "late", "after reset", "before reset", *UNCLEAR, *REDIRECTS]
)  # fmt: skip
READ_FATES = ["no connection", "429", "401", "before 503", "before reset", "after cut",
              "before html", "before 302", "after silence"]  # fmt: skip


def _response(status: int, body: bytes, headers: dict[str, str] | None = None) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made.headers.update({"Content-Length": str(len(body))} | (headers or {}))
    made.raw = urllib3.HTTPResponse(
        io.BytesIO(body), headers=made.headers, status=status, preload_content=False,
        enforce_content_length=True,
    )  # fmt: skip
    return made


class InProcess:
    """Stands where requests' adapter stands."""

    def __init__(self, light: Light) -> None:
        self._light = light

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        return self._light.answer(request)

    def close(self) -> None:
        """Nothing is open."""
