"""How a bug is planted: a function that patches one run, named as the bug."""

from collections.abc import Callable
from typing import Any

from tests.simulation.run import Run
from tests.simulation.worker import Worker

Bug = Callable[[Run], None]
BUGS: dict[str, Bug] = {}


def bug(plant: Bug) -> Bug:
    """Name it as its function is named."""
    BUGS[plant.__name__] = plant
    return plant


def deciding_by(run: Run, change: Callable[..., Any]) -> None:
    """Put `change(decide, line, seen, now, rules)` in the place of decide."""
    real = run.core.decide
    run.core.decide = lambda *question: change(real, *question)


def working_by(run: Run, **methods: Any) -> None:
    """Put these in the place of the worker's methods."""
    run.worker = type("Patched", (Worker,), methods)
