"""What can go wrong in a call to Light, told apart by what the caller does about it.

For a write: LightUncertain means that it may have happened; LightRefused, LightConflict,
LightDenied and LightUnavailable (with LightNotSent and LightPaused) mean that Light says, or we
know, that it did not. For a read the difference only decides what is worth trying again.

`words` is fit for the screen: Light's own words where it gave some, else ours; never the key.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from clearing.light.retry_after import seconds_to_wait

LONGEST_WORDS = 500  # characters of Light's words that we keep
MOST_MESSAGES = 5  # of one error envelope
REQUEST_ID_HEADERS = ("X-Request-Id", "Request-Id", "X-Correlation-Id", "X-Amzn-Trace-Id")


class LightError(Exception):
    """A call to Light that did not give its result."""

    def __init__(
        self, words: str, *, status: int | None = None, request_id: str = "", type: str = ""
    ) -> None:
        super().__init__(words)
        self.words = words
        self.status = status  # HTTP status of Light's answer, None where there was none
        self.request_id = request_id  # Light's name for the call, "" where it gave none
        self.type = type  # Light's error type, for example CONFLICT; "" where it gave none

    @property
    def in_log(self) -> str:
        """What a log may say of it: Light's words may name a person."""
        return f"{type(self).__name__} ({self.status or 'no answer'})"


class LightUncertain(LightError):
    """A write without a clear answer: it may have happened. Settle it by reading."""


class LightUnavailable(LightError):
    """A read that failed, or a 429. A write that ends like this did not happen."""

    def __init__(self, words: str, *, retry_after: float | None = None, **rest: Any) -> None:
        super().__init__(words, **rest)
        self.retry_after = retry_after  # seconds; None where nobody said


class LightUnreadable(LightUnavailable):
    """A read whose answer is not what Light's documents promise; asking again is no help."""


class LightTooLarge(LightUnreadable):
    """A document that is longer than we pass on."""


class LightNotSent(LightUnavailable):
    """No byte of the request has left: no connection, no name, no TLS, or the deadline passed."""


class LightPaused(LightNotSent):
    """Our own request budget says wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The request budget is used up; the next call is possible in {seconds:.0f} s.",
            retry_after=seconds,
        )
        self.seconds = seconds


class LightRefused(LightError):
    """Light understood the call and says no (400, 404, 422; a read: any other 4xx)."""


class LightConflict(LightError):
    """Light says that the call does not fit the document as it is now (409)."""


class LightDenied(LightError):
    """Light does not accept the key (401), or the key lacks a role (403)."""


def error_from_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, write: bool, secret: str
) -> LightError:
    """The one mapping from an answer that is not 2xx to an error (RELIABILITY: outcome)."""
    type_, words = words_of(body)
    words = words.replace(secret, "[key]") if secret else words
    rest: dict[str, Any] = {
        "status": status,
        "request_id": request_id_of(headers),
        "type": type_.replace(secret, "[key]") if secret else type_,
    }
    if status == 429:
        wait = seconds_to_wait(_header(headers, "Retry-After"))
        return LightUnavailable(
            words or "Light answers too many requests (429).", retry_after=wait, **rest
        )
    if status in (401, 403):
        default = {401: "Light does not accept the key.", 403: "The key lacks a role in Light."}
        return LightDenied(words or default[status], **rest)
    if status == 409:
        return LightConflict(words or "Light reports a conflict (409).", **rest)
    if status in (400, 404, 422) or (not write and 400 <= status < 500 and status != 408):
        return LightRefused(words or f"Light refuses this ({status}).", **rest)
    if write:
        return LightUncertain(words or f"Light gave no clear answer ({status}).", **rest)
    if 300 <= status < 400:
        return LightUnreadable(f"Light sent us elsewhere ({status}); not followed.", **rest)
    return LightUnavailable(words or f"Light is not available ({status}).", **rest)


def words_of(body: bytes) -> tuple[str, str]:
    """(type, words) of either error envelope; ("", "") for HTML, nulls and anything else."""
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(envelope, dict):
        return "", ""
    errors = envelope.get("errors")
    parts = [_one(entry) for entry in errors] if isinstance(errors, list) else []
    parts = list(dict.fromkeys(part for part in parts if part))[:MOST_MESSAGES]
    words = "; ".join(parts) or _text(envelope.get("message")) or _text(envelope.get("name"))
    return _text(envelope.get("type")), words[:LONGEST_WORDS]


def request_id_of(headers: Mapping[str, str]) -> str:
    """Light's name for a call, from whichever header carries it."""
    found = (_text(_header(headers, name)) for name in REQUEST_ID_HEADERS)
    return next((value for value in found if value), "")[:100]


def _one(entry: Any) -> str:
    """One entry of `errors`: its message, with the field it speaks of in front."""
    if not isinstance(entry, dict):
        return ""
    message = _text(entry.get("message")) or _text(entry.get("type"))
    path = entry.get("path")
    field = ".".join(filter(None, map(_text, path))) if isinstance(path, list) else _text(path)
    return f"{field}: {message}" if field and message else message


def _text(value: Any) -> str:
    """A string without control characters and lone surrogates; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+", " ", value).strip()


def _header(headers: Mapping[str, str], name: str) -> str | None:
    """A header whatever its case; plain dicts come from tests."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), None)
