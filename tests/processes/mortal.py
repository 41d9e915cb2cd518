"""A worker that ends, or freezes, at a named point; the product knows nothing of it.

Imported once into the server that forks the workers, so that each starts at once.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from clearing.light import wire  # noqa: E402
from clearing.management.commands import worker  # noqa: E402
from tests.processes.points import Point  # noqa: E402


def work(
    database: dict[str, Any],
    house: dict[str, Any],
    log: Path,
    point: Point | None = None,
    nth: int = 1,
    how: signal.Signals = signal.SIGKILL,
) -> None:
    """`manage.py worker` on this database, with the settings of the house, until it dies."""
    threading.Thread(target=_end_with_tests, daemon=True).start()
    connection.settings_dict.update(database)
    for name, value in house.items():
        setattr(settings, name, value)
    with log.open("ab", buffering=0) as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    if point:
        _end_at(point, nth, how, reached(log))
    worker.think = lambda now: False  # about the copy: half of its time, and never a call
    call_command("worker")


def _end_with_tests() -> None:
    """Where the tests are ended by force, no worker outlives them."""
    if tests := multiprocessing.parent_process():
        tests.join()
        os._exit(1)


def reached(log: Path) -> Path:
    """The file that a worker leaves behind when it comes to its point."""
    return log.with_name(f"{log.name}.reached")


def _end_at(point: Point, nth: int, how: signal.Signals, mark: Path) -> None:
    """Have the function of this point end the process on its n-th passing."""
    owner, name = _find(point.where)
    original: Callable[..., Any] = getattr(owner, name)
    passed = 0

    def passing() -> None:
        nonlocal passed
        passed += 1
        if passed == nth:
            mark.touch()
            os.kill(os.getpid(), how)

    @wraps(original)
    def mortal(*args: Any, **kwargs: Any) -> Any:
        meant = _is_meant(point, args)
        if meant and point.when == "before":
            passing()
        result = original(*args, **kwargs)
        if meant and point.when == "after" and (result or not point.found):
            passing()
        return result

    setattr(owner, name, mortal)


def _find(where: str) -> tuple[Any, str]:
    """The module or class that holds it, and its name there."""
    module, _, path = where.partition(":")
    owner: Any = import_module(module)
    *classes, name = path.split(".")
    for each in classes:
        owner = getattr(owner, each)
    return owner, name


def _is_meant(point: Point, args: tuple[Any, ...]) -> bool:
    under_way = wire._current.get(None)
    writing = under_way is not None and under_way.send_by is not None
    return (writing or not point.write) and (not point.step or point.step in args[1:2])
