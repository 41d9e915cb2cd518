"""Real transactions on real connections, and a guard that a test can take away."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests import factories
from tests.concurrency.guards import Guard
from tests.concurrency.people import World


@pytest.fixture(autouse=True)
def database(transactional_db: Any, tmp_path: Path) -> Iterator[None]:
    """On SQLite a file, as in production: the tests' database in memory knows no waiting."""
    if connection.vendor != "sqlite":
        yield
        return
    was, in_memory = connection.settings_dict["NAME"], connection.connection
    path = tmp_path / "books.sqlite3"
    with closing(sqlite3.connect(path)) as copy:
        in_memory.backup(copy)
    connection.connection, connection.settings_dict["NAME"] = None, str(path)
    yield
    connection.close()
    connection.connection, connection.settings_dict["NAME"] = in_memory, was


@pytest.fixture(params=["on", "off"])
def guard(request: Any, database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guard]:
    """Each test that asks for it runs twice: with its guard, and without."""
    guard = Guard(on=request.param == "on", monkeypatch=monkeypatch)
    yield guard
    guard.restore()


@pytest.fixture
def world(database: None) -> World:
    return World(factories.Books())
