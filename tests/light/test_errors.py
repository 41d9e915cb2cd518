"""One mapping from Light's answers to what the caller does about them."""

import json

import pytest

from clearing.light.errors import (
    LightConflict,
    LightDenied,
    LightNotSent,
    LightPaused,
    LightRefused,
    LightUnavailable,
    LightUncertain,
    LightUnreadable,
    error_from_answer,
    words_of,
)

WRITES = {
    LightRefused: [400, 404, 422],
    LightDenied: [401, 403],
    LightConflict: [409],
    LightUnavailable: [429],
    LightUncertain: [
        301,
        302,
        303,
        304,
        307,
        308,
        405,
        408,
        410,
        418,
        499,
        500,
        502,
        503,
        504,
        599,
    ],
}
READS = {
    LightRefused: [400, 404, 405, 410, 418, 422],
    LightDenied: [401, 403],
    LightConflict: [409],
    LightUnavailable: [408, 429, 500, 502, 503, 504],
    LightUnreadable: [300, 304],
}
CASES = [
    (write, status, kind)
    for write, table in ((True, WRITES), (False, READS))
    for kind, statuses in table.items()
    for status in statuses
]


@pytest.mark.parametrize(("write", "status", "kind"), CASES)
def test_status(write, status, kind):
    error = error_from_answer(status, {"x-request-id": "r-1"}, b"", write=write, secret="k")
    assert type(error) is kind
    assert (error.status, error.request_id) == (status, "r-1")
    assert error.words == str(error) != ""


ENVELOPES = [
    (
        {"name": "X", "type": "BAD_REQUEST",
         "errors": [{"type": "T", "message": "must be positive", "path": ["amount"],
                     "context": None}]},
        ("BAD_REQUEST", "amount: must be positive"),
    ),
    (
        {"type": "Y", "errors": [{"message": "a"}, {"message": "a"}, {"type": "B"}, None, 5]},
        ("Y", "a; B"),
    ),
    ({"type": "CONFLICT", "message": "already linked"}, ("CONFLICT", "already linked")),
    ({"type": None, "message": None, "errors": None, "name": None}, ("", "")),
    ({"name": "Only a name", "type": "T", "errors": []}, ("T", "Only a name")),
    ({"type": 5, "message": ["x"], "errors": {"a": 1}}, ("", "")),
    ({"message": "line\r\none\x00two\ud800"}, ("", "line one two")),
    ({"errors": [{"message": "m", "path": [None, "a", 5, "b"]}]}, ("", "a.b: m")),
    ({"message": "x" * 9000}, ("", "x" * 500)),
    ([], ("", "")), (None, ("", "")), ("text", ("", "")),
]  # fmt: skip


@pytest.mark.parametrize(("envelope", "expected"), ENVELOPES)
def test_both_envelopes(envelope, expected):
    assert words_of(json.dumps(envelope).encode()) == expected


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"\xff\xfe", b"[" * 100_000])
def test_other_bodies_give_our_own_words(body):
    assert words_of(body) == ("", "")
    assert "502" in error_from_answer(502, {}, body, write=True, secret="k").words


def test_the_key_is_struck_from_lights_words():
    body = json.dumps({"type": "k-1", "message": "key k-1 is unknown"}).encode()
    error = error_from_answer(401, {}, body, write=False, secret="k-1")
    assert (error.words, error.type) == ("key [key] is unknown", "[key]")


def test_retry_after_is_carried():
    error = error_from_answer(429, {"RETRY-AFTER": "7"}, b"", write=True, secret="k")
    assert error.retry_after == 7


def test_what_did_not_leave_is_one_family():
    assert issubclass(LightPaused, LightNotSent) and issubclass(LightNotSent, LightUnavailable)
    assert not issubclass(LightUncertain, LightUnavailable)
    assert LightPaused(12.4).seconds == LightPaused(12.4).retry_after == 12.4
