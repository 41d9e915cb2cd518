"""A request and an answer, free of sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from clearing.sandbox.errors import envelope

JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True)
class Request:
    method: str
    target: str  # path and query as they came
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    @property
    def query_string(self) -> str:
        return self.target.partition("?")[2]

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))


@dataclass
class Response:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""  # "drop": reset the connection; "truncate": send half of the body
    close: bool = False
    blanks: int = 0  # bytes sent after the body, so that a large file costs no memory
    end: bytes = b""  # after them


def answer(value: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(value).encode(), {"Content-Type": JSON})


def nothing() -> Response:
    return Response(204)


def refusal(status: int, message: str, path: str | None = None) -> Response:
    return answer(envelope(status, message, path), status)
