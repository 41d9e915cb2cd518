"""Transactions that write many rows of the copy: one at a time, and they always give way.

Two transactions that lock the same rows in another order stop each other. On PostgreSQL the
copy's writers therefore queue up, and wait only briefly for a row that sending or a page holds:
then they let everything go and write again. SQLite has one writer anyway.
"""

import random
import time
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from django.db import OperationalError, connection, transaction

TURN = 7_100_401  # the number of the lock; any, but always the same
PATIENCE = "300ms"  # shorter than PostgreSQL's deadlock_timeout, so that we are the one to go
LONGEST = 45.0  # seconds of trying; shorter than a lease, so that what is in hand stays ours
MOST_TRIES = 20  # where the database fails for another reason
LONGEST_PAUSE = 1.0  # seconds between two tries
HELD = {"55P03", "40P01"}  # PostgreSQL's: lock not available, deadlock detected
T = TypeVar("T")


class GaveWay(Exception):
    """The rows were held all the time: what was to be written is read again later."""


def written(do: Callable[[], T]) -> T:
    """Run `do` in a transaction; on PostgreSQL once more when a row was held. It may run twice,
    so it must not change anything but the database. Raises GaveWay after LONGEST."""
    ends_at, pause = time.monotonic() + LONGEST, 0.2
    for tries in count(1):
        try:
            with transaction.atomic():
                _take_turn()
                return do()
        except OperationalError as error:
            if connection.vendor != "postgresql" or connection.in_atomic_block:
                raise
            held = getattr(error.__cause__, "sqlstate", "") in HELD
            if held and time.monotonic() >= ends_at:
                raise GaveWay("The rows were held by others all the time.") from error
            if not held and tries >= MOST_TRIES:
                raise
        time.sleep(random.uniform(0.01, pause))
        pause = min(2 * pause, LONGEST_PAUSE) if held else pause
    raise AssertionError("unreachable")


def _take_turn() -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
