"""How a line of the log looks: as text, or as JSON with `LOG_FORMAT=json`.

Each carries the trace that ties page, task, call and trail together. Of what a message brings
along only the fields named here are written, and of an exception its type and where it was
raised: its message may hold what Light answered, what somebody typed, or a name.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from clearing import tracing

# line, edit, run, plan: rows of ours · call: "POST /v1/…" without its query · status: HTTP ·
# ms: duration · light_request: Light's name for the call · error: the type of what went wrong
FIELDS = ("line", "edit", "run", "plan", "call", "status", "ms", "light_request", "error")
Raised = tuple[type[BaseException], BaseException, TracebackType | None]


class Trace(logging.Filter):
    """Put the current trace into each line; a request's own where the line is about one."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        record.trace = tracing.current() or getattr(request, "id", "") or "-"
        return True


class Plain(logging.Formatter):
    """2026-11-21 14:32:05,120 INFO clearing.light.transport [a1b2c3] call status=200 ms=14"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(trace)s] %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = (f" {name}={value}" for name, value in fields_of(record).items())
        return super().formatMessage(record) + "".join(fields)

    def formatException(self, ei: Any) -> str:
        return raised(ei)


class Json(logging.Formatter):
    """One object a line: at (UTC), level, logger, trace, message, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        values: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "trace": getattr(record, "trace", "-"),
            "message": record.getMessage(),
        } | fields_of(record)
        if record.exc_info and record.exc_info[0]:
            values["raised"] = raised(record.exc_info)
        return json.dumps(values, default=str)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a message brought along, of the known fields."""
    found = ((name, getattr(record, name, None)) for name in FIELDS)
    return {name: value for name, value in found if value not in (None, "")}


def raised(exc_info: Any) -> str:
    """An exception and what led to it: types and places, no messages."""
    parts: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        parts.append(type(error).__name__)
        parts += traceback.format_tb(error.__traceback__)
        shown = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if shown:
            parts.append("after")
        error = shown
    return "\n".join(part.rstrip() for part in parts)
