"""How many schedules: `pytest tests/simulation --schedules 100000`."""

import pytest

SCHEDULES = 10_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--schedules", type=int, default=SCHEDULES, help="of the simulator")


@pytest.fixture
def schedules(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--schedules", SCHEDULES))
