"""The id that ties together a page's request, the task it left, Light's calls and the trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("trace", default="")


def current() -> str:
    """The id of what is being done now; empty where nobody has named it."""
    return _current.get()


@contextmanager
def of(trace: str) -> Iterator[None]:
    """Everything inside belongs to this id."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)
