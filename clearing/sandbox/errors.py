"""What the sandbox answers instead of a result: Light's two error envelopes."""

from __future__ import annotations

from typing import Any

TYPES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    411: "BAD_REQUEST",
    413: "BAD_REQUEST",
    422: "UNPROCESSABLE_CONTENT",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_SERVER_ERROR",
    501: "NOT_IMPLEMENTED",
    502: "BAD_GATEWAY",
    503: "SERVICE_UNAVAILABLE",
    504: "GATEWAY_TIMEOUT",
}
NAMES = {
    400: "BadRequestException",
    409: "ConflictException",
    422: "UnprocessableContentException",
}


class Refused(Exception):
    """A request Light refuses, with its status and words."""

    def __init__(self, status: int, message: str, path: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.path = path


def bad_request(message: str, path: str | None = None) -> Refused:
    """400: the request itself is malformed; `path` is the field or parameter."""
    return Refused(400, message, path)


def not_found(what: str) -> Refused:
    return Refused(404, f"{what} not found")


def conflict(message: str) -> Refused:
    """409: what is asked for contradicts what is already there."""
    return Refused(409, message)


def unprocessable(message: str) -> Refused:
    """422: well formed, but a rule of the business forbids it."""
    return Refused(422, message)


def envelope(status: int, message: str, path: str | None = None) -> dict[str, Any]:
    """{name, type, errors} for validation and business rules, {type, message} for the rest."""
    kind = TYPES.get(status, "UNKNOWN")
    if status not in NAMES:
        return {"type": kind, "message": message}
    error = {"type": kind, "message": message, "path": [path] if path else None, "context": None}
    return {"name": NAMES[status], "type": kind, "errors": [error]}
