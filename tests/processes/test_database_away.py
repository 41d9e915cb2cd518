"""The database goes away under two workers, and comes back: they go on where they stopped."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.processes.cluster import Cluster, Missing
from tests.processes.company import KINDS
from tests.processes.house import Databases
from tests.processes.stage import Stage

pytestmark = pytest.mark.processes
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="needs PostgreSQL (DATABASE_URL)"
)
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")
SEEDS = range(2)


class TwoWorkers(Stage):
    """One thing of each kind and two workers, while `trouble` keeps the database from them."""

    def __init__(self, databases: Databases, trouble: Callable[[str], None], seed: int) -> None:
        super().__init__(databases, seed=f"two workers {seed}")
        self._trouble = trouble

    def play(self) -> None:
        for kind in KINDS:
            self.house.let(kind)
        self.start()
        self.start()
        time.sleep(self.dice.random())
        self._trouble(self.database["NAME"])
        self.comes_to_rest()


class Cut(TwoWorkers):
    """They may well log that the database went away."""

    bad_log = re.compile(r"deadlock detected")


@on_sqlite
@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_holds_the_lock_of_sqlite(databases, seed):
    def hold(name: str) -> None:
        other = sqlite3.connect(name, isolation_level=None)
        for _ in range(5):
            other.execute("BEGIN IMMEDIATE")
            time.sleep(0.8)
            other.execute("COMMIT")
            time.sleep(0.05)
        other.close()

    assert TwoWorkers(databases, hold, seed).go() == []


@on_postgresql
@pytest.mark.parametrize("seed", SEEDS)
def test_all_connections_are_ended_again_and_again(databases, seed):
    def end_all(name: str) -> None:
        for _ in range(15):
            databases.server(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
            time.sleep(0.3)

    assert Cut(databases, end_all, seed).go() == []


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    try:
        own = Cluster()
    except Missing as why:
        pytest.skip(str(why))
    yield own
    own.end()


@on_postgresql
def test_the_server_is_restarted(
    cluster: Cluster, django_db_setup: Any, django_db_blocker: Any, tmp_path: Path
) -> None:
    databases = Databases(cluster.settings(connection.settings_dict), tmp_path)

    def restart(name: str) -> None:
        for how in ("fast", "immediate", "immediate"):
            cluster.restart(how)
            time.sleep(0.7)

    with django_db_blocker.unblock():
        databases.make_template()
        assert Cut(databases, restart, 0).go() == []
