"""The checker complains of everything that it is there for, in a sentence, and of nothing else."""

from dataclasses import replace

import pytest

from clearing.light.client import LightClient
from clearing.light.errors import LightError
from clearing.sandbox.server import Sandbox
from clearing.sandbox.switches import ExistingPair
from tests.light.no_pace import NoPace
from tests.processes import company
from tests.processes.checker import Approval, Light, violations


class Story:
    """A Light, and what somebody approved; `told` is what the checker says of it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.light = Light(sandbox.url, sandbox.key)
        self.client = LightClient(
            sandbox.url, key=sandbox.key, pace=NoPace(), guard=lambda: None, max_retries=0
        )
        self.before = self.light.books()
        notes = {one["documentNumber"]: one["id"] for one in self.before["creditNotes"]}
        invoices = {one["invoiceNumber"]: one["id"] for one in self.before["invoicePayables"]}
        self.note = {kind: notes[number] for kind, number in company.NOTES.items()}
        self.invoice = {kind: invoices[number] for kind, number in company.INVOICES.items()}
        self.link = Approval(1, "link", self.note["link"], self.invoice["link"], 3000)

    def told(self, *approvals: Approval, **ended: str) -> list[str]:
        """`ended` by line: l1="done"."""
        states = {int(name[1:]): state for name, state in ended.items()}
        return violations(
            self.before, self.light.books(), self.light.calls(), list(approvals), states
        )

    def send_link(self, amount: int = 3000, of: str = "link") -> None:
        self.client.link(self.note[of], self.invoice[of], amount)


@pytest.fixture
def story():
    with Sandbox(company.dataset) as sandbox:
        company.load(sandbox)
        yield Story(sandbox)


def only(sentences, *words):
    """Exactly these sentences, each told by words from it."""
    assert len(sentences) == len(words), sentences
    for sentence, word in zip(sentences, words, strict=True):
        assert word in sentence


def test_what_was_approved_and_done_is_no_violation(story):
    lines = [
        story.link,
        Approval(2, "amend", story.note["amend"], story.invoice["amend"], 6000),
        Approval(3, "unlink", story.note["unlink"], story.invoice["unlink"], 4000),
        Approval(4, "archive", story.note["archive"], amount=10000),
        Approval(5, "post", story.note["post"], amount=10000),
        Approval(6, "reverse", story.note["reverse"], story.invoice["reverse"], 10000),
    ]
    story.send_link()
    story.client.change_link_amount(story.note["amend"], story.invoice["amend"], 6000)
    story.client.unlink(story.note["unlink"], story.invoice["unlink"])
    story.client.archive_credit_note(story.note["archive"])
    story.client.post_credit_note(story.note["post"])
    story.client.reverse_clearing(story.invoice["reverse"], story.note["reverse"])
    assert story.told(*lines, **{f"l{n}": "done" for n in range(1, 7)}) == []
    told = story.told(*lines, **{f"l{n}": "not_applied" for n in range(1, 7)})
    assert len(told) == 6, told


def test_a_link_made_twice(story):
    story.sandbox.switch(existing_pair=ExistingPair.ADD)
    story.send_link()
    story.send_link()
    only(story.told(story.link, l1="done"), "was sent 2 times", "with 6000; approved is 3000")


def test_a_call_made_twice_that_changes_nothing(story):
    story.sandbox.switch(existing_pair=ExistingPair.REPLACE)
    story.send_link()
    story.send_link()
    only(story.told(story.link, l1="done"), "was sent 2 times, approved 1 times")


def test_a_call_again_after_light_turned_it_away(story):
    story.sandbox.faults.add(status=429)
    with pytest.raises(LightError):
        story.send_link()
    story.send_link()
    assert story.told(story.link, l1="done") == []


def test_a_call_again_after_an_error_that_tells_nothing(story):
    story.sandbox.faults.add(status=503)
    with pytest.raises(LightError):
        story.send_link()
    story.send_link()
    only(story.told(story.link, l1="done"), "was sent 2 times")


def test_an_amount_that_nobody_approved(story):
    story.send_link(3001)
    only(story.told(story.link, l1="done"), "Nobody approved POST", "with 3001; approved is 3000")


def test_a_pair_that_nobody_approved(story):
    story.send_link(of="other")
    only(story.told(), "Nobody approved POST", "with 3000; approved is 0")


def test_done_but_not_there(story):
    only(story.told(story.link, l1="done"), "with 0; approved is 3000")


def test_there_but_said_not_to_be(story):
    story.send_link()
    only(story.told(story.link, l1="not_applied"), "with 3000; approved is 0")


def test_a_person_has_to_decide_either_way(story):
    assert story.told(story.link, l1="needs_person") == []
    story.send_link()
    assert story.told(story.link, l1="needs_person") == []


def test_an_approval_is_lost(story):
    only(story.told(story.link), "Nobody knows of the link of line 1 any more.")


@pytest.mark.parametrize("state", ["proposed", "ready", "sending", "unknown"])
def test_no_end(story, state):
    told = story.told(story.link, l1=state)
    assert told[0] == f"The link of line 1 has not come to an end: it is {state}."


def test_a_credit_note_cancelled_or_posted_without_approval(story):
    story.client.archive_credit_note(story.note["archive"])
    story.client.post_credit_note(story.note["post"])
    told = story.told()
    only(told, "Nobody approved", "Nobody approved", "is ARCHIVED; approved is", "is POSTED; appr")


def test_a_clearing_that_was_not_undone_although_it_says_so(story):
    line = Approval(1, "reverse", story.note["reverse"], story.invoice["reverse"], 10000)
    only(story.told(line, l1="done"), "with 10000; approved is 0")


def test_more_than_a_document_has(story):
    story.send_link()
    story.sandbox.act("edit_credit_note", creditNote=story.note["link"], amount=2999)
    only(story.told(story.link, l1="done"), "is used for 3000, more than it has")


def test_what_another_user_of_light_did_is_not_ours(story):
    pair = {"creditNote": story.note["other"], "invoicePayable": story.invoice["other"]}
    story.sandbox.act("link", **pair, amount=500)
    assert story.told() == []
    lie = replace(story.link, amount=500)
    only(story.told(lie, l1="done"), "approved is 500")
