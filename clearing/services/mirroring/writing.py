"""Transactions that write many rows of the copy: one at a time, and they always give way.

Two transactions that lock the same rows in another order stop each other. On PostgreSQL the
copy's writers therefore queue up, and wait only briefly for a row that sending or a page holds:
then they let everything go and write again. SQLite has one writer anyway.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

TURN = 7_100_401  # the number of the lock; any, but always the same
PATIENCE = "300ms"  # shorter than PostgreSQL's deadlock_timeout, so that we are the one to go
MOST_TRIES = 20
T = TypeVar("T")


def written(do: Callable[[], T]) -> T:
    """Run `do` in a transaction; on PostgreSQL once more when a row was held. It may run twice,
    so it must not change anything but the database."""
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            with transaction.atomic():
                _take_turn()
                return do()
        except OperationalError:
            if connection.vendor != "postgresql" or connection.in_atomic_block or not tries_left:
                raise
        time.sleep(random.uniform(0.01, 0.2))
    raise AssertionError("unreachable")


def _take_turn() -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
