"""The rate limit, the named fault profiles and the precise faults."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from clearing.sandbox.faults import KINDS, PROFILES, Faults
from clearing.sandbox.limits import Limiter

from .conftest import invoice, note


def test_the_limit_answers_429_with_its_headers(open_light):
    light = open_light(rate=2)
    first, second, third = (light("GET", "/v1/vendors") for _ in range(3))
    assert [first.status_code, second.status_code, third.status_code] == [200, 200, 429]
    assert first.headers["X-RateLimit-Limit"] == "2"
    assert [a.headers["X-RateLimit-Remaining"] for a in (first, second, third)] == ["1", "0", "0"]
    assert 1 <= int(third.headers["Retry-After"]) <= 60
    assert 1 <= int(first.headers["X-RateLimit-Reset"]) <= 60
    assert third.json() == {"type": "TOO_MANY_REQUESTS", "message": "Rate limit exceeded"}
    assert light("GET", "/admin/books").status_code == 200


def test_without_a_limit_there_are_no_headers(open_light):
    assert "X-RateLimit-Limit" not in open_light()("GET", "/v1/vendors").headers


def test_the_window_slides():
    now = [0.0]
    limiter = Limiter(2, monotonic=lambda: now[0])
    waits = []
    for now[0] in (0, 30, 31, 59.5, 60, 61, 90):
        waits.append(limiter.take()[0])
    assert waits == [None, None, 29, 1, None, 29, None]


def test_a_day_has_its_own_budget():
    limiter = Limiter(None, per_day=1)
    assert limiter.take()[0] is None
    assert 0 < limiter.take()[0] <= 24 * 3600


def test_a_status_before_the_work_and_after_it(open_light):
    credit, first, second = note(), invoice(), invoice()
    light = open_light([credit], [first, second])
    light.sandbox.faults.add(status=503, method="POST", path="invoice-payables")
    assert light.link(credit, first, 1).status_code == 503
    assert light.links(credit) == []
    light.sandbox.faults.add(status=502, when="after", method="POST")
    assert light.link(credit, second, 1).status_code == 502
    assert len(light.links(credit)) == 1


@pytest.mark.parametrize(("when", "links"), [("before", 0), ("after", 1)])
def test_a_dropped_connection(open_light, when, links):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    light.sandbox.faults.add(kind="drop", when=when, method="POST")
    with pytest.raises(requests.ConnectionError):
        light.link(credit, bill, 1)
    assert len(light.links(credit)) == links
    assert light.sandbox.requests[0].status == 0


def test_a_stalled_write_is_done_late(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    light.sandbox.faults.add(kind="stall", seconds=0.3, method="POST")
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            light.sandbox.url + light.pair(credit, bill),
            json={"amount": 1},
            headers={"Authorization": "Basic sandbox-key"},
            timeout=0.1,
        )
    assert light.links(credit) == []
    deadline = time.monotonic() + 5
    while not light.links(credit) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(light.links(credit)) == 1


def test_a_late_commit_answers_first_and_is_done_afterwards(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    light.sandbox.faults.add(kind="late", seconds=0.2, method="POST")
    with pytest.raises(requests.ConnectionError):
        light.link(credit, bill, 1)
    assert light.links(credit) == []
    deadline = time.monotonic() + 5
    while not light.links(credit) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(light.links(credit)) == 1


def test_chaos_is_one_request_in_ten_of_every_kind():
    faults = Faults("chaos", seed=1)
    reads = [faults.draw("GET", "/v1/vendors") for _ in range(20_000)]
    writes = [faults.draw("POST", "/v1/credit-notes") for _ in range(20_000)]
    for drawn in (reads, writes):
        assert 0.08 < sum(fault is not None for fault in drawn) / len(drawn) < 0.13
    assert {fault.kind for fault in writes if fault} == set(KINDS) - {"body"}
    assert "late" not in {fault.kind for fault in reads if fault}
    both = {(fault.status, fault.when) for fault in reads if fault and fault.status}
    assert {(code, when) for code in (500, 502, 503, 504) for when in ("before", "after")} <= both


def test_a_stop_ends_a_stall_without_the_work(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    light.sandbox.faults.add(kind="stall", seconds=60, method="POST")
    errors = []

    def call():
        try:
            light.link(credit, bill, 1)
        except requests.ConnectionError as error:
            errors.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    while not light.sandbox.requests:
        time.sleep(0.01)
    light.sandbox.stop()
    caller.join(5)
    assert errors
    assert light.sandbox.books.link_rows() == []


def test_bodies_that_are_not_what_they_should_be(open_light):
    light = open_light()
    faults = light.sandbox.faults
    faults.add(kind="truncate", when="after")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        light("GET", "/v1/vendors")
    faults.add(kind="html")
    assert light("GET", "/v1/vendors").headers["Content-Type"] == "text/html"
    faults.add(kind="body", body='{"amount": 7}')
    assert light("GET", "/v1/vendors").json() == {"amount": 7}
    faults.add(kind="redirect", url="http://elsewhere.example/", status=307)
    answer = light("GET", "/v1/vendors", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "http://elsewhere.example/")
    assert light("GET", "/v1/vendors").status_code == 200


def test_a_fault_lasts_as_often_as_it_says_and_carries_its_headers(open_light):
    light = open_light()
    light.sandbox.faults.add(status=429, headers={"Retry-After": "-1"}, times=2)
    answers = [light("GET", "/v1/vendors") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "-1"


@pytest.mark.parametrize(
    "given", [{"kind": "nonsense"}, {"when": "during"}, {"path": "("}, {"colour": "red"}]
)
def test_a_fault_that_does_not_exist_is_refused(given):
    with pytest.raises(ValueError, match=r"\."):
        Faults().add(**given)


def test_profiles_repeat_with_their_seed():
    def draws(seed):
        faults = Faults("storm", seed)
        return [fault and fault.status for fault in (faults.draw("GET", "/") for _ in range(200))]

    assert draws(1) == draws(1) != draws(2)
    assert {429, 503, 504, None} <= set(draws(1))


def test_the_profiles(open_light):
    assert set(PROFILES) == {"none", "flaky", "storm", "stall", "down", "chaos"}
    light = open_light(faults="down")
    assert {light("GET", "/v1/vendors").status_code for _ in range(5)} == {503}
    assert light("GET", "/admin/books").status_code == 200
    light.sandbox.faults.clear()
    assert light("GET", "/v1/vendors").status_code == 200
    with pytest.raises(ValueError, match="no fault profile"):
        open_light(faults="hurricane")
