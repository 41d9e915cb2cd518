"""24 months of a company: every roll-forward equals the one recomputed from the log alone."""

import pytest

from tests.history import author, judge, playing
from tests.history.company import ZONES


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        seeds = metafunc.config.getoption("--history-seeds")
        metafunc.parametrize("seed", range(1, seeds + 1))


@pytest.mark.django_db
def test_every_month_end_equals_the_recomputed_one(seed, settings):
    settings.ENTITY_TIME_ZONES = ZONES
    log = author.write(seed)
    playing.play(log)
    assert not (found := judge.judge(log)), f"seed {seed}: {found}"
