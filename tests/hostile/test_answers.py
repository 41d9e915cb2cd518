"""Thousands of mutated answers: no surprise, no wrong success, no entry left out."""

import http.client
import json
import logging
from collections import Counter
from typing import Any

import pytest

from clearing.deciding import after
from clearing.light import answers, body, transport, wire
from clearing.light import client as light_client
from clearing.light.errors import LightError
from clearing.light.records import Page
from tests.hostile.calls import KEY, PRIVATE, client, goldens, is_done, outcome
from tests.hostile.mutations import Case, cases
from tests.hostile.net import Net

LIMIT = 1024 * 1024  # bytes of a body


@pytest.fixture(scope="module")
def golden():
    with pytest.MonkeyPatch.context() as patch:
        return goldens(patch)


@pytest.fixture
def quiet(caplog):
    caplog.set_level(logging.WARNING)


def check(case: Case, net: Net) -> str:
    """What became of the call; an AssertionError where the client was fooled."""
    net.sent.clear()
    net.answer = lambda _sent: case.raw
    light = client(body_limit=LIMIT)
    try:
        if case.golden.content is None:
            result = case.golden.call(light)
            _nothing_left_out(case, result)
            ending = "read"
        else:
            ending = _written(case, outcome(case.golden, light))
    except LightError as error:
        assert KEY not in error.words and len(error.words) < 1000, case
        ending = type(error).__name__
    assert [sent.origin for sent in net.sent] == [("https", "api.light.example", 443)], case
    return ending


def _written(case: Case, became: Any) -> str:
    assert case.honest or not is_done(became), f"a wrong success: {case}"
    return type(became).__name__


def _nothing_left_out(case: Case, result: Any) -> None:
    """A list is as long as Light's, and its amounts are Light's."""
    if not isinstance(result, tuple | Page):
        return
    try:
        raw = json.loads(case.raw.partition(b"\r\n\r\n")[2])
    except ValueError:
        return  # packed or in chunks
    if isinstance(result, Page):
        assert len(result.records) + len(result.unreadable) == len(raw["records"]), case
        return
    assert [one.amount for one in result] == [entry.get("amount") for entry in raw], case


def test_golden_answers_are_taken(golden, monkeypatch):
    net = Net(lambda sent: b"").install(monkeypatch)
    endings = {one.name: check(Case(one, "golden", one.raw, honest=True), net) for one in golden}
    assert {endings[one.name] for one in golden if one.content} == {"Done"}
    assert {endings[one.name] for one in golden if not one.content} == {"read"}


def test_mutated_answers(golden, monkeypatch, quiet):
    net = Net(lambda sent: b"").install(monkeypatch)
    endings = Counter((case.golden.writes, check(case, net)) for case in cases(golden))
    assert sum(endings.values()) >= 5_000, endings
    # Not everything ends in the same way, or nothing was tried.
    assert {(True, "Done"), (True, "Unknown"), (False, "read")} <= set(endings), endings
    assert endings[False, "LightUnreadable"] > 500 and endings[False, "LightUnavailable"] > 500


def test_neither_key_nor_body_is_logged(golden, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    net = Net(lambda sent: b"").install(monkeypatch)
    for number, case in enumerate(cases(golden)):
        if number % 40 == 0:
            check(case, net)
    assert caplog.records
    for secret in (KEY, PRIVATE):
        assert secret not in caplog.text


# --- planted: the check sees each of these ----------------------------------------------------


def _any_yes(patch):
    patch.setattr(after, "_names_it", lambda *_: True)


def _an_end_within_the_headers(patch):
    patch.setattr(wire._TimedResponse, "begin", http.client.HTTPResponse.begin)


def _chunks_of_any_size(patch):
    patch.setattr(body, "BROKEN", body.BROKEN[:-1])


def _every_2xx(patch):
    patch.setattr(transport, "CLEAR", range(200, 300))


def _the_last_of_two(patch):
    patch.setattr(body, "_each_once", dict)


def _half_an_array(patch):
    def lenient(model, raw):
        return tuple(answers.record_of(model, one) for one in raw if isinstance(one, dict))

    patch.setattr(light_client, "records_of", lenient)


@pytest.mark.parametrize(
    "plant",
    [_any_yes, _an_end_within_the_headers, _chunks_of_any_size, _every_2xx, _the_last_of_two,
     _half_an_array],
)  # fmt: skip
def test_planted(golden, monkeypatch, quiet, plant):
    net = Net(lambda sent: b"").install(monkeypatch)
    plant(monkeypatch)
    of = ("write link", "write unlink", "read links of invoice")
    with pytest.raises((AssertionError, ValueError, TypeError)):
        for case in cases([one for one in golden if one.name in of]):
            check(case, net)
