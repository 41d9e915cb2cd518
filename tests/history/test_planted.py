"""The recomputation finds mistakes: each one that is planted into the booking."""

import pytest
from django.db import transaction

from tests.history import author, judge, playing
from tests.history.bugs import BUGS
from tests.history.company import ZONES

MONTHS, MOST = 8, 40  # of each history; histories until it must have been found


@pytest.mark.same_on_each
@pytest.mark.django_db
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_mistake_is_found(bug, settings, monkeypatch):
    settings.ENTITY_TIME_ZONES = ZONES
    bug(monkeypatch)
    for seed in range(1, MOST + 1):
        log = author.write(seed, MONTHS)
        with transaction.atomic():
            playing.play(log)
            found = judge.judge(log)
            transaction.set_rollback(True)
        if found:
            return
    raise AssertionError(f"{bug.__name__}: not found in {MOST} histories")
