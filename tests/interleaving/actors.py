"""Threads that share one connection, of which exactly one runs: a schedule hands the turn on.

They change over at points only, which lie outside of every transaction; inside of one an actor
can but die.
"""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

_running: dict[int, "Actor"] = {}  # by thread


class Died(BaseException):
    """The process is gone: nothing of ours catches this."""


class Actor:
    """One worker or one person's request, held at a point until it has its turn."""

    def __init__(self, name: str, act: Callable[[], None]) -> None:
        self.name, self.at = name, "start"
        self.over = self.idle = False
        self.error: Exception | None = None
        self.dies = ""  # "here": at this point; "inside": in its next transaction
        self._act = act
        self._mine, self._theirs = threading.Semaphore(0), threading.Semaphore(0)
        self._shared = connections["default"]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def turn(self) -> None:
        """Let it run to its next point, or to its end."""
        if not self.over:
            self._mine.release()
            self._theirs.acquire()

    def kill(self, how: str = "here") -> None:
        """End it where it stands, or in the middle of its next transaction."""
        self.dies = how
        if how == "here":
            self.turn()

    def wait(self, at: str) -> None:
        """Called in its own thread: hold until the next turn."""
        self.at = at
        self._theirs.release()
        self._mine.acquire()
        if self.dies == "here":
            raise Died

    def _run(self) -> None:
        _running[threading.get_ident()] = self
        connections["default"] = self._shared
        self._mine.acquire()
        try:
            if self.dies != "here":
                self._act()
        except Died:
            self.at = f"died at {self.at}"
        except Exception as error:  # told by the checker
            self.error = error
        finally:
            self.over = True
            del _running[threading.get_ident()]
            self._theirs.release()


def current() -> Actor | None:
    """Who runs; None: the schedule itself."""
    return _running.get(threading.get_ident())


def point(name: str) -> None:
    """Here another may have its turn, and here the process may end."""
    if (actor := current()) and not in_transaction():
        actor.wait(name)


def in_transaction() -> bool:
    blocks = connection.atomic_blocks
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


def inside(*_: Any) -> None:
    """In a transaction nobody else has a turn, but the process may end."""
    actor = current()
    if actor and actor.dies == "inside":
        raise Died


def idle() -> None:
    """There was nothing to do."""
    if actor := current():
        actor.idle = True
        actor.wait("idle")
        actor.idle = False


def around(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with a point before and after it."""

    def held(*args: Any, **kwargs: Any) -> Any:
        point(f"before {name}")
        result = function(*args, **kwargs)
        point(f"after {name}")
        return result

    return held
