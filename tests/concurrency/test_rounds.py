"""Two people, or a person and the worker, at the same moment: one wins, the other is told."""

import random
import threading
from collections import Counter

import pytest

from clearing import balances, workflow
from clearing.models import AuditEvent, Balance
from clearing.services.proposing import Problems
from tests import factories
from tests.concurrency.at_once import Hands
from tests.concurrency.rounds import KINDS, Round

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TOLD = (workflow.Conflict, Problems, ValueError)
FIGURES = ("available", "held", "planned", "cleared", "usable")


def test_one_wins_and_the_other_is_told(world, request):
    """`--rounds N` for more; a round that goes wrong names its kind and number."""
    chance = random.Random(5)
    kinds, won = list(KINDS), Counter()
    with Hands(2) as hands:
        for number in range(request.config.getoption("--rounds")):
            kind = kinds[number % len(kinds)]
            world.books.vendor = factories.vendor()  # nothing of an earlier round is its twin
            round_ = KINDS[kind](world)
            late = [chance.choice((0, 0, 0.001, 0.003)) for _ in round_.acts]
            winner = check(round_, hands, late, f"round {number}: {kind}")
            won[kind, winner] += 1
    print(*sorted(f"{kind}: {winner} won {n}" for (kind, winner), n in won.items()), sep="\n")


def check(round_: Round, hands: Hands, late: list[float], name: str) -> str:
    """Who won, of both at once; everything else that has to hold is asserted."""

    def after(seconds, act):
        def later():
            threading.Event().wait(seconds)
            return act()

        return later

    events = AuditEvent.objects.count()
    ended = hands.together(
        *(after(seconds, act) for seconds, act in zip(late, round_.acts, strict=True))
    )
    failed = [one for one in ended if isinstance(one, Exception)]
    assert len(ended) - len(failed) == round_.wins, (name, ended)
    for one in failed:
        assert isinstance(one, TOLD), (name, one)
        assert sentence_of(one).endswith("."), (name, one)
    assert AuditEvent.objects.count() - events == round_.wins, (name, "the trail")
    assert_balances_are_true(round_, name)
    return "both" if not failed else ("first", "second")[isinstance(ended[0], Exception)]


def sentence_of(error: Exception) -> str:
    if isinstance(error, Problems):
        return [*error.cells.values(), *error.general][0]
    return str(error)


def assert_balances_are_true(round_: Round, name: str) -> None:
    for row in balances.compute([round_.note.id], [one.id for one in round_.invoices]):
        stored = Balance.objects.get(pk=row.pk)
        for figure in FIGURES:
            assert getattr(stored, figure) == getattr(row, figure), (name, figure)
