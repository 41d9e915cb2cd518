"""HTTP/1.1 around the app, bound to 127.0.0.1; and the sandbox as one object for tests."""

from __future__ import annotations

import logging
import re
import socket
import struct
import sys
import threading
from collections.abc import Callable
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from clearing.sandbox import acts, records
from clearing.sandbox.app import App
from clearing.sandbox.faults import Faults
from clearing.sandbox.journal import Asked
from clearing.sandbox.limits import Limiter
from clearing.sandbox.messages import Request, Response, refusal
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store
from clearing.sandbox.switches import Switches

log = logging.getLogger("clearing.sandbox")

HOST = "127.0.0.1"
MAX_BODY = 1024 * 1024  # bytes
PIECE = 64 * 1024  # bytes
MAX_DRAIN = 32 * MAX_BODY  # read and thrown away, so that the sender gets to see the refusal


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def _serve(self) -> None:
        body = self._body()
        if isinstance(body, Response):
            self._send(body)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        self._send(self.server.app.handle(request))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = _serve

    def _body(self) -> bytes | Response:
        if self.headers.get("Transfer-Encoding"):
            return self._closing(411, "Send the body with a Content-Length")
        text = self.headers.get("Content-Length", "0").strip()
        if not re.fullmatch(r"[0-9]{1,18}", text):
            return self._closing(400, "Content-Length is not a number")
        length = int(text)
        if length > MAX_BODY:
            left = min(length, MAX_DRAIN)
            while left > 0:
                left -= len(self.rfile.read(min(left, 65536)) or b"x" * left)
            return self._closing(413, "The request body is too large")
        body = self.rfile.read(length)
        if len(body) < length:
            return Response(0, cut="drop")
        return body

    @staticmethod
    def _closing(status: int, message: str) -> Response:
        response = refusal(status, message)
        response.close = True
        return response

    def _send(self, response: Response) -> None:
        if response.cut == "drop":
            self._reset()
            return
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 204:
            length = len(response.body) + response.blanks + len(response.end)
            self.send_header("Content-Length", str(length))
        if response.close or response.cut:
            self.send_header("Connection", "close")
        self.end_headers()
        body = response.body
        if response.cut == "truncate":
            body = body[: len(body) // 2]
        if self.command != "HEAD":
            self.wfile.write(body)
        if self.command != "HEAD" and not response.cut:
            self._write_rest(response)
        self.wfile.flush()

    def _write_rest(self, response: Response) -> None:
        for sent in range(0, response.blanks, PIECE):
            self.wfile.write(b" " * min(PIECE, response.blanks - sent))
        self.wfile.write(response.end)

    def _reset(self) -> None:
        """End the connection with a TCP reset, not politely."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server refuses by itself (a broken request line), in Light's envelope."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        self.request_version = self.protocol_version
        status = 405 if code == 501 else 400
        self._send(self._closing(status, message or "Bad request"))

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, app: App) -> None:
        self.app = app
        self.connections: set[socket.socket] = set()
        super().__init__((HOST, port), _Connection)

    def server_bind(self) -> None:
        """Without http.server's look-up of the host's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""
        if not isinstance(sys.exc_info()[1], OSError | ValueError):
            log.exception("A connection failed")

    def hang_up(self) -> None:
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("A connection was already closed")


class Sandbox:
    """One imitated Light. Use it as a context manager; `url` and `key` are what a client needs.

    A dataset (or a function that makes one) is loaded only into an empty store, so a store in a
    file goes on where it stopped. `rate` is requests per minute, None is unlimited.
    """

    def __init__(
        self,
        dataset: Record | Callable[[], Record] | None = None,
        *,
        store: str = ":memory:",
        key: str = "sandbox-key",
        rate: int | None = None,
        per_day: int | None = None,
        switches: Switches | None = None,
        faults: str | None = None,
        seed: int = 0,
        port: int = 0,
        today: date | None = None,
    ) -> None:
        self.key = key
        self.books = Store(store, today)
        self.books.switches = switches or Switches()
        if self.books.empty:
            made = dataset() if callable(dataset) else dataset
            self.books.load(made or records.dataset())
        self.faults = Faults(faults, seed)
        self.limiter = Limiter(rate, per_day)
        self._app = App(self.books, key, self.limiter, self.faults)
        self._port = port
        self._server: _Server | None = None

    def start(self) -> Sandbox:
        """Listen; an OSError if the port is taken."""
        self._server = _Server(self._port, self._app)
        self._port = self._server.server_port
        self._app.base_url = self.url
        threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="sandbox", daemon=True
        ).start()
        return self

    def stop(self) -> None:
        """Stop listening, end every connection, close the store. Stalled requests do no work."""
        self._app.stopping.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._server = None
        self.books.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def requests(self) -> list[Asked]:
        """Every request outside /admin, oldest first, without keys."""
        return self._app.journal.all()

    def forget_requests(self) -> None:
        self._app.journal.reset()

    def act(self, action: str, by: str = "Another user", **given: Any) -> Record:
        """Another user of Light does something; the actions are those of acts.py."""
        return acts.act(self.books, action, by, given)

    def switch(self, **changes: Any) -> None:
        """Turn switches (switches.py) while it runs."""
        with self.books.lock:
            self.books.switches = self.books.switches.changed(changes)
