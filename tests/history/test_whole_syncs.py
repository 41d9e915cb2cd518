"""Whole syncs of the sandbox whose books move while they are read: what stands is what is open."""

import pytest
from django.db.models import Sum

from clearing.models import CreditNote, MonthTotal, Movement
from clearing.sandbox import balances
from tests.services.mirroring_world import read_all, sync
from tests.services.moving_light import Mover
from tests.services.test_mirroring_truth import SWITCHES, world


class Others(Mover):
    """Other users of Light, who leave invoices where they are: what cleared one that is gone
    nobody can read any more."""

    def _remove(self) -> None:
        self.sandbox.act("remove", id=self._any("credit_note")["id"])


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(len(SWITCHES)))
def test_the_movements_add_up_to_what_is_open_in_light(seed, settings):
    settings.LOOK_AGAIN = 0
    company = world()
    with company.open() as sandbox:
        sandbox.switch(**SWITCHES[seed])
        mover = Others(sandbox, company, seed)
        light = mover.client()
        sync(light, full=True)
        mover.moving = True
        for _ in range(3):
            sync(light, full=False, most=2000)
        mover.moving = False
        sync(light, full=True, most=2000)
        read_all(light)
        sync(light, full=True, most=2000)
        kept, in_light = _kept(), _in_light(sandbox)
        assert kept == {id: open_ for id, open_ in in_light.items() if open_ or id in kept}
        assert len([one for one in kept.values() if one]) > 5
    assert sum(kept.values()) == MonthTotal.objects.aggregate(all=Sum("amount"))["all"]


def _kept() -> dict[str, int]:
    """By the movements: of each credit note that was in the ledger."""
    rows = Movement.objects.values("credit_note_id").annotate(all=Sum("amount"))
    return {str(row["credit_note_id"]): row["all"] for row in rows}


def _in_light(sandbox) -> dict[str, int]:
    """By Light's own books: the amount of each open credit note without what was cleared."""
    found = {str(id): 0 for id in CreditNote.objects.values_list("id", flat=True)}  # removed ones
    for raw in sandbox.books.all("credit_note"):
        cleared = balances.clearings(sandbox.books, "creditNoteId", raw["id"])
        is_open = raw["status"] in ("POSTED", "PARTIALLY_CLEARED")
        open_ = raw["amount"] - sum(one["amount"] for one in cleared)
        found[raw["id"]] = open_ if is_open else 0
    return found
