"""A PDF of Light's, on its way through."""

from collections.abc import Iterator
from types import TracebackType

import requests

from clearing.light import body
from clearing.light.errors import LightTooLarge, LightUnavailable


class Document:
    """A document's bytes, streamed: iterate once, and close (or use `with`)."""

    def __init__(self, response: requests.Response, limit: int) -> None:
        self._response, self._limit = response, limit
        self.content_type = response.headers.get("Content-Type", "")
        length = response.headers.get("Content-Length", "")
        packed = response.headers.get("Content-Encoding", "identity") != "identity"
        self.content_length = _number(length) if not packed else None  # bytes
        if self.content_length is not None and self.content_length > limit:
            response.close()
            raise LightTooLarge(f"The document is longer than {limit} bytes.")

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from body.pieces(self._response, self._limit)
        except body.BadBody as error:
            raise LightUnavailable(str(error)) from None

    def close(self) -> None:
        """Let go of the connection."""
        self._response.close()

    def __enter__(self) -> "Document":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _number(text: str) -> int | None:
    """A length as Light may write one; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
