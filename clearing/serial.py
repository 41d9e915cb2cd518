"""Named locks that tell when rows are final: nobody who writes such rows is still under way.

On PostgreSQL a row may become visible after one with a higher id. Who appends rows that others
read in the order of their ids calls `writing` before; who reads them asks `settled`, and from then
on nothing can appear at or below the highest id that is visible. SQLite has one writer at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection, transaction

SPACE = 0x11C4  # ours among the advisory locks of a database


class Rows(IntEnum):
    """What is written; the numbers are for ever."""

    AUDIT = 1
    MOVEMENTS = 2


def writing(rows: Rows) -> None:
    """This transaction appends such rows from now on. Others may write at the same time."""
    _ask("SELECT pg_advisory_xact_lock_shared(%s, %s)", rows)


def settled(rows: Rows) -> bool:
    """Whether nobody else is writing such rows; never waits.

    Until this transaction ends, who begins to write waits: keep it to one query.
    """
    return _ask("SELECT pg_try_advisory_xact_lock(%s, %s)", rows)


@contextmanager
def quiet(rows: Rows) -> Iterator[bool]:
    """Whether nobody writes such rows, and nobody begins to as long as this lasts; never waits.

    Outside of a transaction, so that one may begin inside; for one query.
    """
    if connection.vendor != "postgresql":
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SPACE, int(rows)])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SPACE, int(rows)])


def _ask(sql: str, rows: Rows) -> bool:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A named lock lasts as long as a transaction.")
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(sql, [SPACE, int(rows)])
        return bool(cursor.fetchone()[0])
