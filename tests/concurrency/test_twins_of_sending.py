"""Two workers at one line, at its documents, or at one budget: each guard, on and off."""

from datetime import timedelta

import pytest
from django.conf import settings

from clearing import gateway, workflow
from clearing.light import pace
from clearing.models import Attempt, Instruction
from clearing.sandbox.server import Sandbox
from clearing.sandbox.switches import ExistingPair, Switches
from clearing.services.sending import claiming, looking, outcomes, settling, stopping
from tests import factories
from tests.concurrency.at_once import meanwhile
from tests.concurrency.people import same
from tests.services.sending_world import World

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def light(database):
    """A Light that adds up what is linked twice."""
    with Sandbox(switches=Switches(existing_pair=ExistingPair.ADD)) as sandbox:
        yield World(sandbox, factories.person("preparer"), factories.person("approver"))


def take_over(light):
    """The lease of whoever has the line has ended, and another worker carries it out."""
    Attempt.objects.update(lease_until=factories.NOW - timedelta(days=1))
    light.recover()
    light.send(worker="w2")


def test_a_frozen_worker_does_not_send_after_all(light, guard, monkeypatch):
    """It has looked, freezes, and wakes up when another worker has sent the line."""
    guard.is_condition(claiming, "Attempt", "abandoned_at", "answered_at", "sent_at")
    line = light.ready()
    meanwhile(monkeypatch, looking, "look", lambda: take_over(light))
    light.send()
    assert light.amounts() == ([4000] if guard.on else [8000])
    assert same(line).state == "done"


def test_a_line_whose_call_went_out_is_not_put_back(light, guard, monkeypatch):
    """Who ends the lease has read the attempt when it was not sent yet."""
    guard.is_condition(claiming, "Attempt", "sent_at")
    line = light.ready()
    attempt = claiming.claim(worker="w1", now=workflow.now())
    stale = Attempt.objects.select_related("instruction__proposal").get(pk=attempt.pk)
    claiming.mark_sent(attempt, {})
    if guard.on:
        with pytest.raises(claiming.TakenOver):
            claiming._end_lease(stale, workflow.now())
        assert same(line).state == "sending"
    else:
        claiming._end_lease(stale, workflow.now())
        assert same(line).state == "ready"  # it would be sent again


def test_a_worker_that_lost_its_lease_puts_nothing_back(light, guard):
    """Another one has the line in hand by now; both hold it as being sent."""
    guard.is_condition(claiming, "Attempt", "abandoned_at", "answered_at")
    line = light.ready()
    lost = claiming.claim(worker="w1", now=workflow.now())
    Attempt.objects.update(lease_until=factories.NOW - timedelta(days=1))
    light.recover()
    held = claiming.claim(worker="w2", now=workflow.now())
    if guard.on:
        with pytest.raises(claiming.TakenOver):
            outcomes.put_back(lost, "late", seconds=0, now=workflow.now())
        assert same(line).state == "sending"
    else:
        outcomes.put_back(lost, "late", seconds=0, now=workflow.now())
        assert same(line).state == "ready"  # and a third worker would take it
    assert held.instruction_id == line.pk


@pytest.mark.parametrize("side", ["credit_note", "invoice"])
def test_a_document_is_in_flight_once(light, guard, monkeypatch, side):
    """Both workers have looked for lines when nothing was in flight."""
    guard.is_index(Instruction, f"one_in_flight_per_{side}")
    notes = [light.note() for _ in range(1 if side == "credit_note" else 2)]
    invoices = [light.invoice() for _ in range(2 if side == "credit_note" else 1)]
    light.line(notes[0], invoices[0])
    light.line(notes[-1], invoices[-1])
    found = claiming.candidates(workflow.now())
    taken = []
    for line in found:
        monkeypatch.setattr(claiming, "candidates", lambda now, line=line: [line])
        taken.append(claiming.claim(worker="w", now=workflow.now()) is not None)
    assert taken == [True, not guard.on]


def test_an_unclear_line_is_looked_at_by_one_worker(light, guard, monkeypatch):
    """Both have found it due. Two looks at one moment are not two looks."""
    guard.is_condition(settling, "Instruction", "not_before")
    light.ready()
    light.sandbox.faults.add(status=502, method="POST", when="before", times=1)
    light.send()
    late = workflow.now() + timedelta(seconds=settings.QUARANTINE + 60)
    looked = []
    monkeypatch.setattr(settling, "_settle", lambda line, client, now: looked.append(line.pk))
    meanwhile(
        monkeypatch, stopping, "may_go",
        lambda: settling.settle_one(light.client, worker="w2", now=late),
    )  # fmt: skip
    settling.settle_one(light.client, worker="w1", now=late)
    assert len(looked) == (1 if guard.on else 2)


def test_the_last_request_that_the_budget_holds_is_taken_once(guard, monkeypatch):
    guard.is_condition(gateway, "Budget", "version")
    one, other = (gateway.SharedPace("key", per_minute=20, per_day=100) for _ in range(2))
    waits = []
    meanwhile(monkeypatch, pace, "take", lambda: waits.append(other.before(urgent=True)))
    waits.append(one.before(urgent=True))
    assert waits.count(0) == (1 if guard.on else 2)
