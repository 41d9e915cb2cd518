"""Light refuses, is silent or breaks on each call of the worker: pages work and tell the truth."""

import pytest

from clearing.sandbox.server import Sandbox
from tests.light_books import StoryBooks
from tests.views.house import SETTINGS, House

pytestmark = pytest.mark.same_on_each

KINDS = ["link", "amend", "unlink", "archive", "reverse", "post"]
WRITE = {"method": "POST|PATCH|DELETE"}
ENDS = {True: ("done", "In Light"), False: ("not_applied", "Not in Light")}
# The fault: what becomes of the line at once, and what its proposal's page says of it.
FAILS = {
    "401": ({"status": 401}, "ready", "Sending is stopped"),
    "403": ({"status": 403}, "ready", "Sending is stopped"),
    "404": ({"status": 404}, "refused", "Light said no: “"),
    "409": ({"status": 409}, "unknown", "Light has not confirmed yet"),
    "422": ({"status": 422}, "refused", "Light said no: “"),
    "429": ({"status": 429, "headers": {"Retry-After": "30"}}, "ready", "waits to be sent"),
    "500": ({"status": 500}, "unknown", "Light has not confirmed yet"),
    "500 and done": ({"status": 500, "when": "after"}, "unknown", "Light has not confirmed yet"),
    "timeout, done late": (
        {"kind": "stall", "seconds": 1}, "unknown", "Light has not confirmed yet",
    ),
    "cut off and done": (
        {"kind": "drop", "when": "after"}, "unknown", "Light has not confirmed yet",
    ),
}  # fmt: skip
# What it finds nothing of may be gone already, so that is read back.
UNLINK_404 = ({"status": 404}, "unknown", "Light has not confirmed yet")


@pytest.fixture
def house(db, settings):
    books = StoryBooks()
    with Sandbox(books.dataset()) as sandbox:
        settings.LIGHT_API_URL, settings.LIGHT_API_KEY = sandbox.url, sandbox.key
        for name, value in SETTINGS.items():
            setattr(settings, name, value)
        yield House(sandbox, books)


@pytest.mark.parametrize("kind", KINDS)
def test_what_each_kind_does_when_nothing_fails(house, kind):
    """The ground that the failures below stand on."""
    line = house.ask(kind)
    assert not house.happened(kind)
    house.send()
    line.refresh_from_db()
    assert (line.state, house.happened(kind), len(house.writes)) == ("done", True, 1)
    assert "In Light" in house.pages_about(line)["proposal"]


@pytest.mark.parametrize("fail", FAILS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_fails(house, kind, fail):
    fault, state, sentence = UNLINK_404 if (kind, fail) == ("unlink", "404") else FAILS[fail]
    line = house.ask(kind)
    house.light.faults.add(**fault, **WRITE)
    house.send()
    line.refresh_from_db()
    assert line.state == state
    said = house.pages_about(line)
    assert sentence in said["proposal"]
    if state == "ready":
        assert "In Light" not in said["proposal"].split("Proposal")[1].split("History")[0]
    if state != "unknown":
        assert not house.happened(kind)
        return
    if fail.endswith("late"):
        house.wait_for(lambda: house.happened(kind))
    house.settle()
    line.refresh_from_db()
    after, words = ENDS[house.happened(kind)]
    assert (line.state, len(house.writes)) == (after, 1)
    assert words in house.pages_about(line)["proposal"]
    assert (after == "done") == ("done" in fail)
