"""The recomputation finds mistakes: each one that is planted into the lists of a month."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from clearing.queries import papers
from clearing.queries.papers.reading import _plain
from clearing.queries.rolling import roll_forward
from tests.history import author, judging_papers, playing
from tests.history.bugs_of_papers import BUGS, list_of
from tests.history.company import PLACES, ZONES
from tests.history.knowing import Known
from tests.history.recomputing_papers import MonthOf

MONTHS, MOST = 12, 12  # of each history; histories until all must have been found


@pytest.mark.same_on_each
@pytest.mark.django_db
def test_each_planted_mistake_is_found(settings):
    settings.ENTITY_TIME_ZONES = ZONES
    left = list(BUGS)
    for seed in range(1, MOST + 1):
        log, known = author.write(seed, MONTHS), Known()
        for event in log:
            known.take(event)
        with transaction.atomic():
            playing.play(log)
            months = [MonthOf(known, one, at) for one in PLACES for at in author.months()[:MONTHS]]
            for name in {list_of(bug) for bug in left if seed == 1}:
                assert not _found(name, months, log[-1].at), f"{name} differs without a mistake"
            left = [bug for bug in left if not _finds(bug, months, log[-1].at)]
            transaction.set_rollback(True)
        if not left:
            return
    raise AssertionError(f"not found in {MOST} histories: {[bug.__name__ for bug in left]}")


def _finds(bug: Callable[[Any], None], months: list[MonthOf], at: Any) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        bug(patch)
        return _found(list_of(bug), months, at)


def _found(name: str, months: list[MonthOf], at: Any) -> bool:
    """Whether a list differs in any of these months."""
    for one in months:
        expected = one.rows_of(name)
        scope = papers.Scope.of(one.place.id, one.first, at + judging_papers.LATER)
        rows = list(papers.LISTS[name].rows(scope))
        if judging_papers.different(name, expected, rows):
            return True
        if name == "open":
            rolled = [_plain(figure) for figure in roll_forward(one.place.id, one.first)]
            if any(judging_papers.unequal(expected, rolled, rows)):
                return True
    return False
