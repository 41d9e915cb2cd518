"""What goes on in Light, and who is there, when a worker comes to its point.

Each scene is a generator: up to its `yield` before the worker starts, the rest while it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tests.processes.points import BY_NAME

if TYPE_CHECKING:
    from tests.processes.run import Run

Scene = Callable[["Run"], Iterator[None]]
WRITES = "POST|PATCH|DELETE"


def plain(run: Run) -> Iterator[None]:
    """Light answers."""
    yield


def _answering(**fault: object) -> Scene:
    """The first write meets this fault."""

    def scene(run: Run) -> Iterator[None]:
        run.sandbox.faults.add(method=WRITES, **fault)
        yield

    return scene


def unclear(run: Run) -> Iterator[None]:
    """No answer: Light may have done it or not."""
    run.sandbox.faults.add(method=WRITES, kind="drop", when=run.dice.choice(["before", "after"]))
    yield


def late(run: Run) -> Iterator[None]:
    """It is done after we have stopped waiting, and within the quarantine."""
    seconds = run.times["LIGHT_TIMEOUT"] + 0.4
    run.sandbox.faults.add(method=WRITES, kind="stall", seconds=seconds)
    yield


def dead_claiming(run: Run) -> Iterator[None]:
    run.dies(BY_NAME["claimed"])
    yield


def dead_sending(run: Run) -> Iterator[None]:
    run.dies(BY_NAME[run.dice.choice(["marked as sent", "connected", "bytes have left"])])
    yield


def there(run: Run) -> Iterator[None]:
    """Somebody in Light links the same pair with the same amount."""
    run.link_in_light(run.first)
    yield


def unfit(run: Run) -> Iterator[None]:
    """Somebody in Light takes the invoice away from under a line."""
    run.sandbox.act("set_state", invoicePayable=run.first.invoice, state="CANCELED")
    yield


def person_needed(run: Run) -> Iterator[None]:
    """The call is lost, and somebody in Light changes the credit note: no reading can tell."""
    run.sandbox.faults.add(method=WRITES, kind="drop")
    yield
    run.wait(lambda: run.state_of(run.first) == "unknown", "is unknown")
    run.link_elsewhere(run.first)


def person(run: Run) -> Iterator[None]:
    """A person looks in Light, and is right: it is not there."""
    yield from person_needed(run)
    run.person_says("says_absent")


def person_in_error(run: Run) -> Iterator[None]:
    yield from person_needed(run)
    run.person_says("says_done")


def person_who_is_right(run: Run) -> Iterator[None]:
    """It is there by then, because somebody has linked it in Light."""
    yield from person_needed(run)
    run.wait(run.house.waits_for_person, "waits for a person")
    run.link_in_light(run.first)
    run.person_says("says_done")


SCENES: dict[str, Scene] = {
    "plain": plain,
    "unclear": unclear,
    "applied": _answering(kind="drop", when="after"),
    "absent": _answering(kind="drop"),
    "late": late,
    "turned away": _answering(status=429, headers={"Retry-After": "1"}),
    "refused": _answering(status=422),
    "dead claiming": dead_claiming,
    "dead sending": dead_sending,
    "there": there,
    "unfit": unfit,
    "person needed": person_needed,
    "person": person,
    "person in error": person_in_error,
    "person who is right": person_who_is_right,
}
