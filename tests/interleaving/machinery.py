"""Puts virtual time, the wire without sockets and the named points under the real services."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from clearing import workflow
from clearing.light import transport
from clearing.models import Instruction
from clearing.services.editing import editing, writing
from clearing.services.editing import settling as edit_settling
from clearing.services.mirroring import details
from clearing.services.sending import claiming, outcomes, settling, stopping
from tests.interleaving.actors import around, inside
from tests.interleaving.light import InProcess, Light

# Outside of every transaction: here others may have their turn, and here a process may end.
POINTS: list[tuple[Any, str, str]] = [
    (claiming, "durably", "the claim or the recovery is committed"),
    (claiming, "mark_sent", "the mark is committed"),
    (outcomes, "durably", "the outcome is committed"),
    (outcomes, "put_back", "it is put back"),
    (settling, "durably", "what reading showed is committed"),
    (settling, "_take", "a look is taken"),
    (settling, "_count", "a look is counted"),
    (settling, "_clear_decision", "a decision is cleared"),
    (stopping, "stop", "sending is stopped"),
    (stopping, "hold_all", "all lines are held"),
    (writing, "_durably", "a step of an edit is committed"),
    (edit_settling, "_take", "a look at an edit is taken"),
    (details, "written", "details are stored"),
]


@contextmanager
def installed(light: Light) -> Iterator[None]:
    """For one schedule."""
    clock, record = light.clock, workflow.record
    time = SimpleNamespace(monotonic=clock.monotonic)

    def recorded(verb: str, line: Instruction | None, **rest: Any) -> None:
        record(verb, line, **rest)
        if line is not None:
            light.became[line.pk, line.state] = clock.seconds
        inside()

    with ExitStack() as stack:
        for owner, name, value in (
            (workflow, "now", clock.now),
            (workflow, "record", recorded),
            (transport, "Adapter", lambda: InProcess(light)),
            (claiming, "time", time),
            (editing, "time", time),
        ):
            stack.enter_context(patch.object(owner, name, value))
        for owner, name, words in POINTS:
            held = around(words, getattr(owner, name))
            stack.enter_context(patch.object(owner, name, held))
        yield
