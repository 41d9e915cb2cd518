"""Bodies: streamed, bounded, unpacked with care, and parsed without changing a number."""

import http.client
import json
import zlib
from collections.abc import Iterator
from typing import Any

import requests
import urllib3

from clearing.light.records import JsonNumber

PIECE = 64 * 1024  # bytes
ERROR_BODY_LIMIT = 64 * 1024  # bytes; more of an error page tells nobody anything
# A chunk's size below 0 is a ValueError or, at -1, all that comes: wire.py ends that.
BROKEN = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


class BadBody(Exception):
    """A body that cannot be used; its text is a sentence."""


class BrokenOff(BadBody):
    """The body did not come whole; another try may bring it."""


class Garbled(BadBody):
    """Too long, badly packed, or not JSON; another try would be the same."""


def pieces(response: requests.Response, limit: int) -> Iterator[bytes]:
    """The body, unpacked, at most `limit` bytes of it, in pieces of at most 64 KiB."""
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip"):
        raise Garbled("Light's answer is packed in a way we did not ask for.")
    unpacker = zlib.decompressobj(wbits=31) if packing == "gzip" else None
    packed = _raw_pieces(response)
    size = 0
    for piece in _unpacked(packed, unpacker) if unpacker else packed:
        size += len(piece)
        if size > limit:
            raise Garbled(f"Light's answer is longer than {limit} bytes.")
        yield piece


def _raw_pieces(response: requests.Response) -> Iterator[bytes]:
    try:
        # urllib3 compares with Content-Length at the end and raises when bytes are missing
        while piece := response.raw.read(PIECE, decode_content=False):
            yield piece
    except BROKEN as error:
        raise BrokenOff(f"Light's answer broke off ({type(error).__name__}).") from None


def _unpacked(packed: Iterator[bytes], unpacker: Any) -> Iterator[bytes]:
    """gunzip in bounded steps, so that a bomb is stopped by the limit and not by the memory."""
    try:
        for piece in packed:
            while piece:
                yield unpacker.decompress(piece, PIECE)
                piece = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise Garbled("Light's answer cannot be unpacked.") from None
    if not unpacker.eof:
        raise BrokenOff("Light's answer broke off.")


def whole(response: requests.Response, limit: int) -> bytes:
    """The whole body."""
    return b"".join(pieces(response, limit))


def error_body(response: requests.Response) -> bytes:
    """What can be had of an error's body; an error without words is still that error."""
    try:
        return whole(response, ERROR_BODY_LIMIT)
    except BadBody:
        return b""


def parse(body: bytes) -> Any:
    """JSON with fractions kept as their text (JsonNumber), without NaN, no name twice."""
    try:
        return json.loads(
            body,
            parse_float=JsonNumber,
            parse_int=_integer,
            parse_constant=_no_constant,
            object_pairs_hook=_each_once,
        )
    except (ValueError, RecursionError):
        raise Garbled("Light's answer is not JSON.") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one that names a value twice may be read in two ways, so it is not read."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _integer(text: str) -> int | JsonNumber:
    """An int where it can be an int64; a longer one stays text, which no amount accepts."""
    return int(text) if len(text) <= 20 else JsonNumber(text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
