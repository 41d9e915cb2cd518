"""Fifty clicks on one button, on ten connections at once: one of them counts."""

from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from clearing.models import AuditEvent, Decision, Instruction, Proposal
from tests import factories
from tests.concurrency.at_once import Hands
from tests.concurrency.people import trail
from tests.views.clearing_page import cell

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CLICKS, HANDS = 50, 10
WORKED = {200, 204, 302}


class Button:
    """A form and who sends it, each time as a browser does that was signed in before."""

    def __init__(self, person, url, data):
        self.url, self.data = url, data
        self._clients = [Client(raise_request_exception=False) for _ in range(HANDS)]
        for one in self._clients:
            one.force_login(person)

    def click(self, number):
        answer = self._clients[number].post(self.url, self.data, headers={"HX-Request": "true"})
        return answer.status_code, answer.text

    def clicks(self):
        """How many answers there were of each status; every one that did not work says why."""
        told = []
        with Hands(HANDS) as hands:
            for _ in range(CLICKS // HANDS):
                told += hands.together(*(lambda n=n: self.click(n) for n in range(HANDS)))
        assert not [one for one in told if isinstance(one, Exception)]
        for status, text in told:
            assert status in WORKED or "<" in text and len(text) > 100, (status, text)
        return Counter(status for status, _text in told)


def assert_one_counts(told):
    assert sum(told.values()) == CLICKS
    assert sum(told[status] for status in WORKED) == 1, told
    assert set(told) <= WORKED | {409}, told


def test_approve(world):
    line = world.line()
    data = {"seen": line.content_hash}
    assert_one_counts(Button(world.approver, reverse("approve", args=[line.pk]), data).clicks())
    assert trail(line) == ["proposed", "approved"]


def test_approve_the_group(world):
    note, said = world.note(), factories.suggested(1000)
    proposal = factories.proposal(world.preparer, note)
    lines = [
        world.line(note, world.invoice(), 1000, in_proposal=proposal, suggestion=said)
        for _ in range(3)
    ]
    data = {"line": [line.pk for line in lines]}
    data |= {f"seen_{line.pk}": line.content_hash for line in lines}
    url = reverse("approve_all", args=[proposal.pk])
    told = Button(world.approver, url, data).clicks()
    assert sum(told.values()) == CLICKS and set(told) <= WORKED | {409}, told
    for line in lines:
        assert trail(line) == ["proposed", "approved"]


def test_propose(world):
    note, invoice = world.note(), world.invoice()
    url = reverse("propose", args=[world.books.vendor.id])
    url += f"?entity={world.books.entity.id}&currency=EUR"
    told = Button(world.preparer, url, {cell(note, invoice): "40.00"}).clicks()
    assert sum(told[status] for status in WORKED) == 1 and set(told) <= WORKED | {409, 422}, told
    assert Instruction.objects.count() == Proposal.objects.count() == 1


@pytest.mark.parametrize("status", ["DRAFT", "POSTED"])
def test_cancel_a_credit_note(world, status):
    note = world.note(status=status)
    data = {"reason_code": "duplicate", "reason": ""}
    url = reverse("archive", args=[note.pk])
    assert_one_counts(Button(world.approver, url, data).clicks())
    assert Instruction.objects.get().kind == "archive"


def test_decide(world):
    note = world.note()
    factories.outlook(note)
    data = {"kind": "refund", "owner": "", "follow_up": "", "reason": "", "seen": ""}
    assert_one_counts(Button(world.approver, reverse("decide", args=[note.pk]), data).clicks())
    assert Decision.objects.count() == 1


def test_say_what_became_of_a_line(world):
    line = world.line(approved_by=world.approver)
    Instruction.objects.filter(pk=line.pk).update(**{"state": "needs_person"})
    url = reverse("settle", args=[line.pk])
    assert_one_counts(Button(world.second, url, {"decision": "says_done"}).clicks())
    assert AuditEvent.objects.filter(verb="decided").count() == 1


def test_take_back(world):
    line = world.line()
    assert_one_counts(Button(world.preparer, reverse("take_back", args=[line.pk]), {}).clicks())
    assert trail(line) == ["proposed", "took back"]
