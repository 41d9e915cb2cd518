"""A house in virtual time."""

import pytest

from tests.budget.virtual import House


@pytest.fixture
def house(db, monkeypatch, preparer, approver):
    made = House(monkeypatch, (preparer, approver))
    yield made
    made.close()
