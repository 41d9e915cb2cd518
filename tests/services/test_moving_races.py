"""Two people at once on the two halves of a move, on PostgreSQL: one wins, both halves agree."""

import pytest
from django.db import connection

from clearing import workflow
from clearing.models import Instruction
from clearing.services import reviewing
from tests import factories
from tests.services.moving_world import Cleared, states
from tests.services.test_races import during

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has one writer at a time (DATABASE_URL)"
    ),
]
RESULT = {"approve": "ready", "reject": "rejected", "take_back": "taken_back"}


@pytest.mark.parametrize("second", RESULT)
@pytest.mark.parametrize("first", RESULT)
def test_of_two_decisions_one_counts_for_both_halves(first, second):
    move = Cleared(factories.Books())
    preparer, approver = factories.person("preparer"), factories.person("approver")
    proposal = move.move(preparer)
    here, there = (line.pk for line in proposal.lines.all())

    def decide(how, pk):
        line = Instruction.objects.get(pk=pk)
        if how == "approve":
            reviewing.approve(line, seen_hash=line.content_hash, by=approver)
        elif how == "reject":
            reviewing.reject(line, reason_code="disputed", reason="", by=approver)
        else:
            reviewing.take_back(line, by=preparer)

    _one, other = during(lambda: decide(first, here), lambda: decide(second, there))
    if second == "take_back" and first == "approve":
        assert states(proposal) in (["ready"] * 2, ["taken_back"] * 2)
    else:
        assert isinstance(other, workflow.Conflict)
        assert states(proposal) == [RESULT[first]] * 2
