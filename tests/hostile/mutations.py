"""Light's answers gone wrong: whole answers as raw bytes, and whether they are true.

`honest` says, read by other eyes than the client's, that the answer is whole and names what was
asked for: only such an answer may count as a success of a write.
"""

import gzip
import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from clearing.usable import POSTED
from tests.hostile.calls import AMOUNT, Golden
from tests.hostile.net import http

HOLE = "@@HOLE@@"
OTHER_ID = '"99999999-9999-4999-8999-999999999999"'
VALUES = (
    "null", '""', '"x"', '"SOMETHING_NEW"', "true", "[]", "{}", "[null]", '{"id": 1}',
    "0", "-1", "1", "4001", "4000.0", "4e3", '"4000"', "1.5", "-0.0", "1e400",
    str(2**63 - 1), str(-(2**63)), str(2**63), str(-(2**63) - 1), str(2**64), "9" * 400,
    "9" * 5000, "NaN", "Infinity", "-Infinity", OTHER_ID, json.dumps("x" * 3000),
    r'"\u0000"', r'"\ud800"', '"\N{RIGHT-TO-LEFT OVERRIDE}<script>"', "[" * 300 + "]" * 300,
    '"0001-01-01"', '"9999-12-31T23:59:59-12:00"', '"2025-02-30"', '"2025-05-01T25:61:00Z"',
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One answer to one call."""

    golden: Golden
    what: str
    raw: bytes
    honest: bool = False

    def __str__(self) -> str:
        return f"{self.golden.name}: {self.what}: {self.raw[:400]!r}"


@cache
def _bomb() -> bytes:
    """30 MB in a few kB; made once, for every call's mutations."""
    return gzip.compress(b" " * 30_000_000, 1)


def cases(goldens: list[Golden], seed: int = 5) -> Iterator[Case]:
    """All of them; calls that matter most meet every one, the others a sample."""
    dice = random.Random(seed)
    for golden in goldens:
        whole = golden.name in ("write link", "write amend", "read links of invoice")
        step = 1 if whole else 9
        start = dice.randrange(step)
        for at in range(start, len(golden.raw), step):
            yield Case(golden, f"cut at byte {at}", golden.raw[:at])
        if not golden.body:
            yield from (Case(golden, *one) for one in on_the_wire(b'{"a": 1}', golden))
            continue
        for at in range(start, len(golden.body), 4 * step):
            yield of_body(golden, f"body cut at byte {at}", golden.body[:at])
        every = list(of_values(golden))
        yield from every if whole else dice.sample(every, min(len(every), 50))
        yield from (Case(golden, *one) for one in on_the_wire(golden.body, golden))
        yield from in_other_letters(golden)


def of_body(golden: Golden, what: str, body: bytes) -> Case:
    return Case(golden, what, http(200, body), honest=is_true(golden, body))


def of_values(golden: Golden) -> Iterator[Case]:
    """Each value in the body replaced, left out, doubled; a name more in each object."""
    document = json.loads(golden.body)
    for path in paths(document):
        for value in VALUES:
            yield of_body(golden, f"{path} is {value[:40]}", put(document, path, value))
        yield of_body(golden, f"no {path}", put(document, path, None))
        if path and isinstance(path[-1], str):
            was = json.dumps(at(document, path))
            for twice in (was, "7"):
                text = put(document, path, f'{was}, "{path[-1]}": {twice}')
                yield of_body(golden, f"{path} twice", text)
        if isinstance(at(document, path), dict):
            more = json.dumps(at(document, path))[:-1] + ', "brandNew": {"x": [1]}}'
            yield of_body(golden, f"more in {path}", put(document, path, more))


def paths(document: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every value; () is the whole."""
    found = [here]
    inside: Any = enumerate(document) if isinstance(document, list) else ()
    for name, value in document.items() if isinstance(document, dict) else inside:
        found += paths(value, (*here, name))
    return found


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        document = document[name]
    return document


def put(document: Any, path: tuple[Any, ...], text: str | None) -> bytes:
    """The document as JSON with `text` at that place; None leaves it out."""
    if not path:
        return (text or "").encode()
    copy = json.loads(json.dumps(document))
    parent = at(copy, path[:-1])
    if text is None:
        del parent[path[-1]]
    else:
        parent[path[-1]] = HOLE
    return json.dumps(copy).replace(f'"{HOLE}"', text or "").encode()


def is_true(golden: Golden, body: bytes) -> bool:
    """Whether a whole 200 with this body names what the instruction asked for."""
    content = golden.content
    if content is None:
        return False
    try:
        found = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_once, parse_int=_integer)
    except (ValueError, RecursionError):
        return False
    if content.kind == "unlink":
        return True
    if not isinstance(found, dict):
        return False
    if content.kind in ("link", "amend"):
        note, invoice = found.get("creditNote"), found.get("invoicePayable")
        return (
            _is(note, content.credit_note_id)
            and _is(invoice, content.invoice_payable_id)
            and type(found.get("amount")) is int
            and found["amount"] == AMOUNT
            and found.get("currency") in (None, "", "EUR")
        )
    if content.kind == "reverse":
        open_again = POSTED - {"PAID", "COMPLETED"}
        return _is(found, content.invoice_payable_id) and str(found.get("state")) in open_again
    wanted = ("ARCHIVED",) if content.kind == "archive" else ("POSTED",)
    return _is(found, content.credit_note_id) and found.get("status") in wanted


def _is(document: Any, id: Any) -> bool:
    return isinstance(document, dict) and document.get("id") == str(id)


def _integer(text: str) -> int | str:
    return int(text) if len(text) < 100 else text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


def in_other_letters(golden: Golden) -> Iterator[Case]:
    """The body in other encodings, and with bytes that are none."""
    body, half = golden.body, len(golden.body) // 2
    broken = body[:half] + b"\xff\xfe\xc3" + body[half:]
    for what, made in (
        ("a BOM", b"\xef\xbb\xbf" + body), ("invalid UTF-8", broken),
        ("a NUL inside", body[:half] + b"\x00" + body[half:]),
        ("two documents", body + body), ("a tail", body + b"<script>"),
        ("deep nesting", b"[" * 100_000 + b"]" * 100_000), ("deep objects", b'{"a":' * 50_000),
        ("a text", json.dumps(body.decode()).encode()), ("a list of it", b"[" + body + b"]"),
    ):  # fmt: skip
        yield of_body(golden, what, made)
    yield Case(golden, "UTF-16", http(200, body.decode().encode("utf-16")), is_true(golden, body))


def on_the_wire(body: bytes, golden: Golden) -> Iterator[tuple[str, bytes, bool]]:
    """Heads, lengths, chunks and packings: (what, raw, honest)."""
    true = is_true(golden, body)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    size = f"{len(body):x}".encode()
    one = size + b"\r\n" + body + b"\r\n"
    packed = gzip.compress(body)

    def zipped(content: bytes, name: str = "gzip") -> bytes:
        return http(200, content, {"Content-Encoding": name})

    def length(text: str) -> bytes:
        return http(200, body, {"Content-Length": text})

    yield (
        "HTML",
        http(200, b"<!doctype html><h1>Sign in</h1>", {"Content-Type": "text/html"}),
        False,
    )
    yield "another type", http(200, body, {"Content-Type": "text/html"}), true
    yield "nothing at all", b"", False
    yield "only a head", http(200), golden.name == "write unlink"
    for status in (100, 101, 103, 199, 201, 202, 203, 206, 226, 304, 409, 451, 500, 502, 503, 504):
        yield f"status {status}", http(status, body), true and status == 201
    for text in ("-1", "x", "", "1e3", "\xb2", "9" * 30, "9" * 5000, f"{len(body)}, 3"):
        yield f"length {text[:9]}", length(text), true
    for wrong in (1, -1, 1000):
        yield f"length {wrong:+}", length(str(len(body) + wrong)), False
    yield "chunks", chunked + one + b"0\r\n\r\n", true
    yield (
        "chunks and a length",
        chunked.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n") + one + b"0\r\n\r\n",
        true,
    )
    for what, tail in (
        ("no last chunk", one), ("size that is none", b"zz\r\n" + body + b"\r\n0\r\n\r\n"),
        ("negative size", b"-5\r\n" + body + b"\r\n0\r\n\r\n"), ("huge size", b"f" * 40 + b"\r\n"),
        ("all that comes", b"-1\r\n" + body), ("without end", b"-1\r\n" + b" " * 40_000_000),
        ("larger than said", b"1\r\n" + body + b"\r\n0\r\n\r\n"),
        ("smaller than said", b"fffff\r\n" + body + b"\r\n0\r\n\r\n"), ("no size", body),
    ):  # fmt: skip
        yield f"chunks: {what}", chunked + tail, False
    yield "gzip", zipped(packed), true
    for at_byte in range(0, len(packed), max(len(packed) // 6, 1)):
        yield f"gzip cut at {at_byte}", zipped(packed[:at_byte]), False
        spoilt = packed[:at_byte] + bytes([packed[at_byte] ^ 0x55]) + packed[at_byte + 1 :]
        yield f"gzip spoilt at {at_byte}", zipped(spoilt), true and at_byte < 10
    yield "gzip that is none", zipped(body), False
    yield "zlib called gzip", zipped(zlib.compress(body)), False
    yield "a bomb", zipped(_bomb()), False
    for name in ("br", "deflate", "gzip, gzip", "zstd", "chunked", "x" * 5000):
        yield f"packed as {name[:9]}", zipped(packed, name), False
    yield "a flood of headers", http(200, body, {f"X-{n}": "y" for n in range(300)}), False
    yield "an endless header", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, False
    for first in (b"HTTP/1.1 200", b"HTTP/9.9 200 OK", b"HTTP/1.1 abc OK", b"ICY 200 OK",
                  b"HTTP/1.1 99999 OK", b"HTTP/1.1 -200 OK", b"\x00\x01\x02"):  # fmt: skip
        yield f"first line {first!r}", first + b"\r\nConnection: close\r\n\r\n" + body, true
