"""Fixtures that every test may use."""

from typing import Any

import pytest

from tests import factories


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
