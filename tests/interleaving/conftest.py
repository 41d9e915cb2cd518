"""How many schedules, and which."""

from typing import Any

import pytest

from tests.interleaving.house import People

USUAL = 20


def pytest_addoption(parser: Any) -> None:
    group = parser.getgroup("interleaving")
    group.addoption("--interleavings", type=int, default=USUAL, help="schedules of the services")
    group.addoption("--interleaving", type=int, default=None, help="only the schedule of this seed")


@pytest.fixture
def people(db: Any) -> People:
    return People()


@pytest.fixture
def seeds(request: Any) -> range:
    """Those of this run."""
    only = request.config.getoption("interleaving", None)
    many = request.config.getoption("interleavings", USUAL)
    return range(many) if only is None else range(only, only + 1)
