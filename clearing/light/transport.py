"""How a call goes out and what its answer means: pace, retries, redirects, limits, errors.

Reads may be repeated. A write is sent once: on a connection of its own, without redirects; unless
Light clearly answered or no byte has left, its outcome is LightUncertain.
"""

import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import requests

from clearing.light import body
from clearing.light.address import Address, NotFollowed
from clearing.light.authorization import Authorization
from clearing.light.document import Document
from clearing.light.errors import (
    LightError,
    LightPaused,
    LightUnavailable,
    LightUncertain,
    LightUnreadable,
    error_from_answer,
    request_id_of,
)
from clearing.light.pace import Pace
from clearing.light.wire import Adapter, Exchange, NoAnswer

logger = logging.getLogger(__name__)
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
JSON = "application/json"
USER_AGENT = "credit-note-clearing/1"
FIRST_BACKOFF = 0.5  # seconds, doubled each time, jittered
LONGEST_BACKOFF = 8.0  # seconds
HEAD = 1024 * 1024  # bytes that an answer may have beside its body
CLEAR = (200, 201, 204)  # 202 and the like only promise
T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """Seconds and bytes."""

    connect_timeout: float = 5
    read_timeout: float = 30
    total_timeout: float = 60  # of a whole read with its retries; of a write's answer
    body_limit: int = 20 * 1024 * 1024
    document_limit: int = 30 * 1024 * 1024
    document_timeout: float = 600  # of a document's body, which a slow browser holds up
    max_retries: int = 3  # of a read
    max_wait: float = 5  # longest wait for our pace or Light's Retry-After before giving up


class Transport:
    """Sends requests to Light; the client's half that knows no documents."""

    def __init__(
        self,
        address: Address,
        authorization: Authorization,
        *,
        pace: Pace,
        guard: Callable[[], None],
        limits: Limits,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address, self.pace, self.guard, self.limits = address, pace, guard, limits
        self._authorization = authorization
        self._sleep, self._clock = sleep, clock
        self._urgent = False
        self._adapter = Adapter()

    def __repr__(self) -> str:
        return f"Transport({self.address.url})"

    def urgently(self) -> "Transport":
        """The same, with reads that come before others': its pace, connections and key."""
        same = copy(self)
        same._urgent = True
        return same

    def once(self) -> "Transport":
        """The same, without retries."""
        same = copy(self)
        same.limits = replace(self.limits, max_retries=0)
        return same

    def close(self) -> None:
        """Close the connections that reads keep open."""
        self._adapter.close()

    def read(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """GET, with retries; the parsed JSON."""
        request = requests.Request("GET", self.address.url + path, params=params)
        url = str(request.prepare().url)
        return self._retried(lambda ends_at: self._read_once(url, ends_at))

    def open(self, path: str) -> Document:
        """GET a document, with retries until its headers are here; the body is streamed.

        Each silence is bounded by the read timeout, the whole by `document_timeout`.
        """
        return self._retried(lambda ends_at: self._open_once(self.address.url + path, ends_at))

    def write(
        self, method: str, path: str, content: Any = None, *, deadline: float | None = None
    ) -> Any:
        """Send once; the parsed JSON of a 2xx, None where it has no body.

        `deadline` is a moment of the clock after which no byte goes out (LightNotSent).
        """
        self.guard()
        self._take_slot(urgent=True)
        exchange = self._exchange(self._clock() + self.limits.total_timeout)
        exchange.send_by = deadline
        exchange.check_deadline()
        with closing(Adapter()) as adapter:  # a kept connection may be dead: then nobody knows
            try:
                request = self._request(method, self.address.url + path, content)
                with closing(self._send(adapter, request, exchange)) as response:
                    return self._written(response)
            except NoAnswer as error:
                raise LightUncertain(str(error)) from None

    def _written(self, response: requests.Response) -> Any:
        """The JSON of a write's answer."""
        if response.status_code not in CLEAR:
            raise self._error(response, write=True)
        try:
            content = body.whole(response, self.limits.body_limit)
            return body.parse(content) if content.strip() else None
        except body.BadBody as error:
            raise LightUncertain(
                str(error),
                status=response.status_code,
                request_id=request_id_of(response.headers),
            ) from None

    def _retried(self, once: Callable[[float], T]) -> T:
        """`once(ends_at)`, again after connection errors, 429 and 5xx while there is time."""
        self.guard()
        ends_at = self._clock() + self.limits.total_timeout
        attempt = 0
        while True:
            try:
                return once(ends_at)
            except (LightUnreadable, LightPaused):
                raise
            except LightUnavailable as error:
                wait = self._backoff(attempt, error)
                late = self._clock() + wait >= ends_at
                if attempt >= self.limits.max_retries or wait > self.limits.max_wait or late:
                    raise
            self._sleep(wait)
            attempt += 1

    def _backoff(self, attempt: int, error: LightUnavailable) -> float:
        """Seconds: what Light asked for, else a jittered, doubling wait."""
        if error.retry_after is not None:
            return error.retry_after
        return min(FIRST_BACKOFF * 2.0**attempt, LONGEST_BACKOFF) * random.uniform(0.5, 1)

    def _read_once(self, url: str, ends_at: float) -> Any:
        try:
            with closing(self._get(url, ends_at, elsewhere=False)) as response:
                if response.status_code != 200:
                    raise self._error(response, write=False)
                content = body.whole(response, self.limits.body_limit)
                if not content:  # http.client takes an end within the headers for their end
                    raise body.BrokenOff("Light's answer is empty.")
                return body.parse(content)
        except (NoAnswer, body.BrokenOff) as error:
            raise LightUnavailable(str(error)) from None
        except (NotFollowed, body.Garbled) as error:
            raise LightUnreadable(str(error)) from None

    def _open_once(self, url: str, ends_at: float) -> Document:
        try:
            response = self._get(url, ends_at, elsewhere=True)
        except NoAnswer as error:
            raise LightUnavailable(str(error)) from None
        except NotFollowed as error:
            raise LightUnreadable(str(error)) from None
        if response.status_code == 200:
            return Document(response, self.limits.document_limit)
        with closing(response):
            raise self._error(response, write=False)

    def _get(self, url: str, ends_at: float, *, elsewhere: bool) -> requests.Response:
        """GET, following at most 5 redirects; to foreign hosts only if `elsewhere`, keyless.

        Once the key was left out it stays out, or a foreign host could aim it.
        """
        keyed = True
        for _ in range(MOST_REDIRECTS + 1):
            if self.address.is_light(url):
                self._take_slot(urgent=self._urgent)
            accept = "*/*" if elsewhere else JSON
            try:
                request = self._request("GET", url, keyed=keyed, accept=accept)
            except ValueError:  # requests reads addresses more strictly than we do
                raise NotFollowed("Light redirects to an address that cannot be used.") from None
            exchange = self._exchange(ends_at)
            response = self._send(self._adapter, request, exchange)
            if response.status_code not in REDIRECTS:
                if elsewhere:  # its headers are here; its body may take as long as the browser
                    exchange.ends_at = self._clock() + self.limits.document_timeout
                return response
            response.close()
            url = self.address.next(url, response.headers.get("Location"))
            keyed = keyed and self.address.may_see_key(url)
            if not (keyed or elsewhere):
                raise NotFollowed("Light redirects to a host that may not see the key.")
        raise NotFollowed("Light redirects in circles.")

    def _request(
        self, method: str, url: str, content: Any = None, *, keyed: bool = True, accept: str = JSON
    ) -> requests.PreparedRequest:
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": accept}
        data = None
        if content is not None:
            headers["Content-Type"] = JSON
            data = json.dumps(content).encode()
        if method != "GET":
            headers["Connection"] = "close"
        request = requests.Request(method, url, headers=headers, data=data).prepare()
        if keyed:
            request.headers["Authorization"] = self._authorization.header
        return request

    def _send(
        self, adapter: Adapter, request: requests.PreparedRequest, exchange: Exchange
    ) -> requests.Response:
        began, fields = self._clock(), {"call": self._name(request)}
        level = logging.DEBUG if request.method == "GET" else logging.INFO
        try:
            response = exchange.send(adapter, request)
        except Exception as error:
            logger.log(level, "call", extra=fields | {"error": type(error).__name__})
            self._learn(request, 0, {})
            raise
        answer = {"status": response.status_code, "light_request": request_id_of(response.headers)}
        answer["ms"] = round(1000 * (self._clock() - began))
        logger.log(level, "call", extra=fields | answer)
        self._learn(request, response.status_code, response.headers)
        return response

    def _learn(
        self, request: requests.PreparedRequest, status: int, headers: Mapping[str, str]
    ) -> None:
        """Tell the budget of Light's answer; status 0 where none came."""
        if not self.address.is_light(str(request.url)):
            return
        try:
            self.pace.after(status, headers, write=request.method != "GET")
        except Exception:  # Light has answered: that must not be lost over our own counting
            logger.exception("The request budget could not learn from an answer.")

    def _name(self, request: requests.PreparedRequest) -> str:
        """A request in the log: never its query, nor where Light sent us."""
        here = self.address.is_light(str(request.url))
        path = request.path_url.partition("?")[0] if here else "elsewhere"
        return f"{request.method} {path}"

    def _exchange(self, ends_at: float) -> Exchange:
        limits = self.limits
        most = HEAD + max(limits.body_limit, limits.document_limit)
        return Exchange(self._clock, ends_at, limits.connect_timeout, limits.read_timeout, most)

    def _take_slot(self, *, urgent: bool) -> None:
        """Wait for our turn, at most `max_wait` seconds in all."""
        waited = 0.0
        while (wait := self.pace.before(urgent=urgent)) > 0:
            if waited + wait > self.limits.max_wait:
                raise LightPaused(wait)
            self._sleep(wait)
            waited += wait

    def _error(self, response: requests.Response, *, write: bool) -> LightError:
        return error_from_answer(
            response.status_code,
            response.headers,
            body.error_body(response),
            write=write,
            secret=self._authorization.secret,
        )
