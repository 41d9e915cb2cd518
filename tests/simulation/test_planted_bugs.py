"""Each planted bug is caught: what the simulator finds nothing in is not only what it overlooks."""

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.many import first_violation

WITHIN = 6_000  # schedules


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught(name: str) -> None:
    found = first_violation(WITHIN, BUGS[name])
    assert found is not None, f"{name} was not caught in {WITHIN} schedules"


def test_there_are_enough_of_them() -> None:
    assert len(BUGS) >= 30
