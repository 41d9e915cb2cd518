"""Rows that are made once for the tests of a module; what a test changes is still undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def kept(blocker: Any) -> Iterator[None]:
    """Inside a fixture of a module: what is made before its `yield` goes with the fixture."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # gateway.guard does not count it
    with blocker.unblock(), around:
        yield
        transaction.set_rollback(True)
