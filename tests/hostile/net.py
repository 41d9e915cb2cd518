"""A network in memory: everything of the client runs but the kernel's sockets.

What an address is answered with are raw bytes; every byte that would have left is kept.
"""

import io
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3.connection

from clearing.light import wire
from clearing.sandbox.messages import Request
from clearing.sandbox.server import Sandbox

Answer = Callable[["Sent"], bytes]


@dataclass
class Sent:
    """One connection: where it went, and what we said on it."""

    host: str
    port: int
    tls: bool = False
    data: bytearray = field(default_factory=bytearray)

    @property
    def origin(self) -> tuple[str, str, int]:
        return ("https" if self.tls else "http", self.host.lower(), self.port)

    @property
    def method(self) -> str:
        return self.data.partition(b" ")[0].decode()

    @property
    def path(self) -> str:
        return self.data.split(b" ", 2)[1].decode()


class Line:
    """What the client takes for a connected socket."""

    def __init__(self, net: "Net", sent: Sent) -> None:
        self.net, self.sent = net, sent

    def sendall(self, data: bytes) -> None:
        self.sent.data += data

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(io.BytesIO(self.net.answer(self.sent)))  # type: ignore[arg-type]

    def settimeout(self, seconds: float | None) -> None:
        """Nothing here takes time."""

    def shutdown(self, how: int = 0) -> None:
        """It ends with close."""

    close = shutdown


class Net:
    """Answers every connection by `answer`, once; `sent` is all that ever left."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.sent = answer, list[Sent]()

    def dial(self, host: str, port: int, seconds: float) -> Line:
        self.sent.append(Sent(host, port))
        return Line(self, self.sent[-1])

    @staticmethod
    def wrap(line: Line, **_: Any) -> Any:
        line.sent.tls = True
        return urllib3.connection._WrappedAndVerifiedSocket(line, True)  # type: ignore[arg-type]

    def install(self, monkeypatch: pytest.MonkeyPatch) -> "Net":
        monkeypatch.setattr(wire, "dial", self.dial)
        monkeypatch.setattr(
            urllib3.connection, "_ssl_wrap_socket_and_match_hostname",
            lambda sock, **rest: self.wrap(sock, **rest),
        )  # fmt: skip
        monkeypatch.setattr(socket, "create_connection", _no_kernel)
        return self


def _no_kernel(*_: Any, **__: Any) -> Any:
    raise AssertionError("the client went around the network in memory")


def http(status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """A whole answer."""
    lines = {"Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Any\r\n{head}\r\n".encode("latin-1") + body


def from_sandbox(sandbox: Sandbox) -> Answer:
    """What a sandbox that does not listen would say."""

    def answer(sent: Sent) -> bytes:
        head, _, content = bytes(sent.data).partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _version = first.split(" ")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
        response = sandbox._app.handle(Request(method, target, headers, content))
        if response.cut == "drop":
            return b""
        whole = http(response.status, response.body, response.headers)
        return whole[: len(whole) - len(response.body) // 2] if response.cut else whole

    return answer
