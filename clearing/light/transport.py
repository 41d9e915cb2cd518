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
from dataclasses import dataclass
from typing import Any, TypeVar

import requests

from clearing.light import body
from clearing.light.address import Address, NotFollowed
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


class Authorization:
    """The Authorization header. It does not show itself in a repr or a traceback."""

    def __init__(self, key: str, token: str) -> None:
        if bool(key) == bool(token):
            raise ValueError("Give either an API key or a bearer token.")
        self.secret = key or token
        if not all("!" <= character <= "~" for character in self.secret):
            raise ValueError("The key contains a space or a character that no key has.")
        self.header = f"Basic {key}" if key else f"Bearer {token}"

    def __repr__(self) -> str:
        return "Authorization(hidden)"


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
        self._adapter = Adapter()

    def __repr__(self) -> str:
        return f"Transport({self.address.url})"

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
        self._take_slot(write=True)
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
        if not 200 <= response.status_code < 300:
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
                if not 200 <= response.status_code < 300:
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
        if 200 <= response.status_code < 300:
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
                self._take_slot(write=False)
            accept = "*/*" if elsewhere else JSON
            request = self._request("GET", url, keyed=keyed, accept=accept)
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
        response = exchange.send(adapter, request)
        if self.address.is_light(str(request.url)):
            try:
                self.pace.after(response.status_code, response.headers)
            except Exception:  # Light has answered: that must not be lost over our own counting
                logger.exception("The request budget could not learn from an answer.")
        return response

    def _exchange(self, ends_at: float) -> Exchange:
        limits = self.limits
        return Exchange(self._clock, ends_at, limits.connect_timeout, limits.read_timeout)

    def _take_slot(self, *, write: bool) -> None:
        """Wait for our turn, at most `max_wait` seconds in all."""
        waited = 0.0
        while (wait := self.pace.before(write=write)) > 0:
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
