"""A scripted server on loopback, for what a mocked library cannot show: bytes and silence."""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from clearing.light.client import LightClient
from tests.light.no_pace import NoPace

KEY = "sk-Very-Secret-0123456789"
Step = bytes | Callable[[socket.socket], None]


def answer(status: int = 200, body: object = b"", headers: dict[str, str] | None = None) -> bytes:
    """A whole HTTP answer; anything but bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": str(len(content)), "Connection": "close", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Any\r\n{head}\r\n".encode() + content


def reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def trickle(connection: socket.socket) -> None:
    """A header that never ends, one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        try:
            connection.sendall(b"x")
        except OSError:
            return
        time.sleep(0.02)


def silence(connection: socket.socket) -> None:
    """No answer until the client goes."""
    connection.settimeout(3)
    try:
        connection.recv(1)
    except OSError:
        return


class Server:
    """Answers one connection after the other from its script; the last step repeats."""

    def __init__(self, *script: Step) -> None:
        self.script, self.requests = list(script), list[str]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with closing(connection):
                self.requests.append(_request(connection))
                step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                try:
                    step(connection) if callable(step) else connection.sendall(step)
                except OSError:
                    continue


def _request(connection: socket.socket) -> str:
    connection.settimeout(3)
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data.decode("latin-1")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    length = int(found[1]) if found else 0
    while len(rest) < length:
        rest += connection.recv(65536)
    return (head + b"\r\n\r\n" + rest).decode("latin-1")


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """serve(*script) starts a server that lives as long as the test."""
    servers: list[Server] = []

    def start(*script: Step) -> Server:
        servers.append(Server(*script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def slept() -> list[float]:
    """What the client slept, in seconds."""
    return []


@pytest.fixture
def connect(slept: list[float]) -> Callable[..., LightClient]:
    """connect(url, **settings): a client that sleeps on paper only."""

    def make(url: str = "https://api.light.example", **settings: object) -> LightClient:
        values = {"key": KEY, "pace": NoPace(), "guard": lambda: None, "sleep": slept.append}
        return LightClient(url, **{**values, **settings})

    return make


@pytest.fixture(autouse=True)
def no_key_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, the key is in no log line."""
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text
