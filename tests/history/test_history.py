"""24 months of a company: every roll-forward and every list of a month's paper equals the one
recomputed from the log alone."""

import pytest

from tests.history import author, judge, judging_papers, playing
from tests.history.company import ZONES


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        seeds = metafunc.config.getoption("--history-seeds")
        metafunc.parametrize("seed", range(1, seeds + 1))


@pytest.mark.django_db
def test_every_month_end_equals_the_recomputed_one(seed, settings):
    settings.ENTITY_TIME_ZONES = ZONES
    log, said = author.write(seed), {}
    then = judging_papers.moments(log)
    playing.play(log, lambda at: judging_papers.look(said, at, then[at]), then)
    assert not (found := judge.judge(log)), f"seed {seed}: {found}"
    judging_papers.look(said, log[-1].at + judging_papers.LATER, author.months()[:-1])
    assert not (found := judging_papers.judge(log, said)), f"seed {seed}: {found}"
