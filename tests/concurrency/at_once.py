"""Acts at the same moment, each in a thread with a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections

PATIENCE = 60  # seconds for all of them to end


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each returned or raised, in their order; they begin together."""
    start = threading.Barrier(len(acts))
    ended: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE)
            ended[number] = act()
        except Exception as error:
            ended[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "they wait for each other"
    return ended


class Pause:
    """A function that stops once where it is called, until it is told to go on.

    It calls what it stands for, and only the thread named `who` stops, before or after that.
    """

    def __init__(self, stands_for: Callable[..., Any], *, who: str, before: bool = False) -> None:
        self.stands_for, self._who, self._before = stands_for, who, before
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, *args: Any, **more: Any) -> Any:
        stops = threading.current_thread().name == self._who and not self.reached.is_set()
        if stops and self._before:
            self._stop()
        result = self.stands_for(*args, **more)
        if stops and not self._before:
            self._stop()
        return result

    def _stop(self) -> None:
        self.reached.set()
        self.go_on.wait(PATIENCE)


class Other:
    """An act in a thread with a name and a connection of its own; `ended` is what it came to."""

    def __init__(self, name: str, act: Callable[[], Any]) -> None:
        self.ended: Any = None
        self._act = act
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.ended = self._act()
        except Exception as error:
            self.ended = error
        finally:
            connections.close_all()

    def comes(self, seconds: float) -> bool:
        """Whether it ends within these seconds."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def join(self) -> Any:
        """What it returned or raised."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "it waits"
        return self.ended


def meanwhile(monkeypatch: Any, module: Any, name: str, act: Callable[[], Any]) -> None:
    """Somebody acts right after the first call of a function, before its caller goes on."""
    stands_for, over = getattr(module, name), []

    def called(*args: Any, **more: Any) -> Any:
        result = stands_for(*args, **more)
        if not over:
            over.append(True)
            act()
        return result

    monkeypatch.setattr(module, name, called)


class Hands:
    """Threads that stay, each with a connection of its own, for many acts at the same moment."""

    def __init__(self, number: int) -> None:
        self._pools = [ThreadPoolExecutor(1) for _ in range(number)]

    def __enter__(self) -> "Hands":
        return self

    def __exit__(self, *_: object) -> None:
        for pool in self._pools:
            pool.submit(connections.close_all).result(PATIENCE)
            pool.shutdown()

    def together(self, *acts: Callable[[], Any]) -> list[Any]:
        """What each returned or raised, in their order; an act for each hand."""
        start = threading.Barrier(len(acts))

        def begin(act: Callable[[], Any]) -> Any:
            start.wait(PATIENCE)
            try:
                return act()
            except Exception as error:
                return error

        futures = [pool.submit(begin, act) for pool, act in zip(self._pools, acts, strict=True)]
        return [future.result(PATIENCE) for future in futures]
