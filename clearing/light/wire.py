"""One HTTP exchange with a total deadline, on top of requests and urllib3.

The timeouts of requests bound each wait, not their sum: a server that sends a byte now and then
could hold a call for ever. Here every read from the socket waits at most until the deadline, and
we know whether the connection stood, that is whether a byte may have left.
"""

import http.client
import io
import socket
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from clearing.light.dialing import dial
from clearing.light.errors import LightError, LightNotSent


class NoAnswer(Exception):
    """The connection stood, but no whole answer came; what was asked may have been done."""


@dataclass
class Exchange:
    """The limits of one request, in seconds; moments are those of `clock`."""

    clock: Callable[[], float]
    ends_at: float  # the whole answer must be in
    connect_timeout: float
    read_timeout: float  # longest silence
    most_bytes: int  # of the whole answer, as it comes
    send_by: float | None = None  # not a byte after this
    connected: bool = False

    def patience(self) -> float:
        """Seconds that the next read may wait."""
        return min(self.read_timeout, self._left())

    def patience_to_connect(self) -> float:
        """Seconds until a connection has to stand."""
        return min(self.connect_timeout, self._left())

    def _left(self) -> float:
        left = self.ends_at - self.clock()
        if left <= 0:
            raise TimeoutError("the time for the whole answer is up")
        return left

    def check_deadline(self) -> None:
        """Raise when it is too late to send."""
        if self.send_by is not None and self.clock() >= self.send_by:
            raise LightNotSent("The time for sending was over before the call went out.")

    def send(self, adapter: HTTPAdapter, request: requests.PreparedRequest) -> requests.Response:
        """Send once and return with the headers read, the body not.

        The adapter is asked directly: a requests.Session would add cookies, .netrc and proxy
        variables, and read the body of a redirect without a limit.
        """
        token = _current.set(self)
        try:
            waits = (self.connect_timeout, self.read_timeout)
            return adapter.send(request, stream=True, timeout=waits, verify=True, proxies={})
        except LightError:
            raise
        except Exception as error:  # whatever it is: what counts is whether a byte may have left
            name = type(error).__name__
            if not self.connected:
                raise LightNotSent(f"Light cannot be reached ({name}).") from None
            raise NoAnswer(f"Light gave no answer ({name}).") from None
        finally:
            _current.reset(token)


_current: ContextVar[Exchange] = ContextVar("exchange")


class _TimedReader(io.RawIOBase):
    """The socket's bytes, each read within the exchange's patience."""

    def __init__(self, sock: socket.socket, raw: Any, exchange: Exchange) -> None:
        self._sock, self._raw, self._exchange = sock, raw, exchange
        self._count, self.ended = 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        self._sock.settimeout(self._exchange.patience())
        count = self._raw.readinto(buffer)
        self._count, self.ended = self._count + (count or 0), count == 0
        if self._count > self._exchange.most_bytes:
            raise OSError("The answer is longer than we read.")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._timed = _TimedReader(sock, self.fp.detach(), _current.get())
        self.fp = io.BufferedReader(self._timed)

    def begin(self) -> None:
        super().begin()
        if self._timed.ended:  # http.client takes an end within the headers for theirs
            raise http.client.IncompleteRead(b"")


class _PlainConnection(HTTPConnection):
    response_class = _TimedResponse

    def _new_conn(self) -> socket.socket:
        return dial(self._dns_host, self.port, _current.get().patience_to_connect())

    def connect(self) -> None:
        super().connect()
        _current.get().check_deadline()
        _current.get().connected = True


class _TlsConnection(HTTPSConnection):
    response_class = _TimedResponse

    def _new_conn(self) -> socket.socket:
        return dial(self._dns_host, self.port, _current.get().patience_to_connect())

    def connect(self) -> None:
        super().connect()
        _current.get().check_deadline()
        _current.get().connected = True


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class Adapter(HTTPAdapter):
    """requests' adapter over these connections. It never sends anything twice."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
