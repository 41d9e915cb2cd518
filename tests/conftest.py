"""Fixtures that every test may use."""

import gc
from typing import Any

import pytest
from django.db import connection
from hypothesis import settings

from clearing import append_only
from tests import factories

settings.register_profile("unhurried", settings.default, deadline=None)  # a busy machine is no bug
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: Any) -> None:
    """A flush after a test may delete what the product never may; its triggers stay otherwise."""
    flush = connection.ops.sql_flush
    before, after = factories.released(), factories.protected()
    if connection.vendor == "postgresql":  # where making a trigger takes longer than a switch
        before, after = (
            [f"ALTER TABLE {one} {switch} TRIGGER USER" for one in append_only.PROTECTED]
            for switch in ("DISABLE", "ENABLE")
        )

    def around(*args: Any, **more: Any) -> list[str]:
        wanted = flush(*args, **more)
        return [*before, *wanted, *after] if wanted else []

    connection.ops.sql_flush = around


@pytest.fixture
def books(db: Any) -> factories.Books:
    """A small copy of Light's books."""
    return factories.Books()


@pytest.fixture
def preparer(db: Any) -> Any:
    return factories.person("preparer", first_name="Paula", last_name="Prep")


@pytest.fixture
def approver(db: Any) -> Any:
    return factories.person("approver", first_name="Anton", last_name="Appr")


@pytest.fixture
def controller(db: Any) -> Any:
    return factories.person("controller", first_name="Carla", last_name="Cont")


@pytest.fixture
def viewer(db: Any) -> Any:
    return factories.person("viewer", first_name="Vera", last_name="View")


def pytest_addoption(parser: Any) -> None:
    parser.addoption(
        "--with-database", action="store_true",
        help="only tests that use the database: the others say the same on each",
    )  # fmt: skip
    parser.addoption(
        "--kill-seeds", type=int, default=1, metavar="N",
        help="how often a worker is killed, and frozen, at each named point",
    )  # fmt: skip
    parser.addoption(
        "--sweep-seeds", type=int, default=4, metavar="N",
        help="how often the copy is held against books that changed while they were read",
    )  # fmt: skip
    parser.addoption(
        "--rounds", type=int, default=100, metavar="N",
        help="how often two people, or a person and the worker, act at the same moment",
    )  # fmt: skip
    parser.addoption(
        "--lines", type=int, default=40, metavar="N",
        help="how many approved lines eight workers send",
    )  # fmt: skip
    parser.addoption(
        "--history-seeds", type=int, default=2, metavar="N",
        help="how many histories of 24 months the sub-ledger is recomputed for",
    )  # fmt: skip


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    if config.getoption("--with-database"):
        kept = [one for one in items if _uses_database(one)]
        config.hook.pytest_deselected(items=[one for one in items if not _uses_database(one)])
        items[:] = kept


def pytest_collection_finish(session: Any) -> None:
    """What was imported and collected stays: the garbage collector need not walk it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _uses_database(item: Any) -> bool:
    """Whether it may end otherwise on another database."""
    if item.get_closest_marker("same_on_each"):
        return False
    named = {"db", "transactional_db", "django_db_setup"} & {*getattr(item, "fixturenames", ())}
    return bool(named or item.get_closest_marker("django_db"))
