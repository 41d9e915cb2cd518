"""Reconciling against a sandbox: what other users of Light do is seen, and ends by itself."""

from datetime import timedelta

import pytest

from clearing import workflow
from clearing.models import Clearing, CreditNote, Difference, InvoicePayable, Link, Seen
from clearing.queries import exceptions
from clearing.services import reconciling, sending, suspecting
from tests import factories
from tests.services.mirroring_world import Company as World
from tests.services.mirroring_world import client, read_all, sync

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings, monkeypatch):
    settings.LOOK_AGAIN = 0
    monkeypatch.setattr(suspecting, "PAUSE", timedelta(microseconds=1))


class Story:
    """A note and an invoice, linked by a line of ours with EUR 40.00, and whoever changes that."""

    def __init__(self, sandbox, world, preparer, approver):
        self.sandbox, self.light = sandbox, client(sandbox)
        self.note, self.invoice = world.note, world.invoice
        sync(self.light)
        self.by = (preparer, approver)

    def link(self, note, invoice, amount=4000):
        self.sandbox.act("link", creditNote=note, invoicePayable=invoice, amount=amount)
        preparer, approver = self.by
        now = workflow.now()
        factories.line(
            preparer, CreditNote.objects.get(id=note), InvoicePayable.objects.get(id=invoice),
            amount, approved_by=approver, state="done", done_at=now, changed_at=now,
        )  # fmt: skip
        self.look()
        Link.objects.update(made_here=True)

    def look(self, full=True):
        """Sweep, compare, and read once more what that asks for."""
        sync(self.light, full=full)
        for _ in range(2):
            read_all(self.light)
            now = workflow.now()
            for step in (reconciling.look, suspecting.look):
                while step(now):
                    pass
            read_all(self.light)

    def said(self):
        rows = Difference.objects.filter(ended_at=None, confirmed=True)
        kinds = [(row.kind, row.why, row.amount, row.shown) for row in rows]
        return kinds + [group.kind.code for group in exceptions.groups(locale="")
                        if group.kind.code in {"foreign", "made_in_light", "by_light"}]  # fmt: skip


@pytest.fixture
def story(preparer, approver):
    """Of a company with a note of EUR 100.00, a draft invoice and one that is unpaid."""
    world = World()
    world.ids = world.note(10000), world.invoice(20000), world.invoice(20000, state="UNPAID")
    with world.open() as sandbox:
        one = Story(sandbox, world, preparer, approver)
        one.ids = world.ids
        yield one


@pytest.mark.parametrize("touches", [True, False])
def test_removed_in_light_then_put_back(story, touches):
    note, invoice, _posted = story.ids
    story.sandbox.switch(link_touches_updated_at=touches)
    story.link(note, invoice)
    assert story.said() == []
    story.sandbox.act("unlink", creditNote=note, invoicePayable=invoice)
    story.look()
    assert story.said() == [("lost", "removed", 4000, None)]
    story.sandbox.act("link", creditNote=note, invoicePayable=invoice, amount=4000)
    story.look()
    assert story.said() == ["made_in_light"]  # what it was about is there again, by somebody else


@pytest.mark.parametrize("touches", [True, False])
def test_another_amount_in_light_then_the_old_one(story, touches):
    note, invoice, _posted = story.ids
    story.sandbox.switch(link_touches_updated_at=touches)
    story.link(note, invoice)
    story.sandbox.act("change_link", creditNote=note, invoicePayable=invoice, amount=2500)
    story.look()
    assert story.said() == [("changed", "link", 4000, 2500)]
    story.sandbox.act("change_link", creditNote=note, invoicePayable=invoice, amount=4000)
    story.look()
    assert story.said() == []


def test_undone_in_light_after_the_posting(story):
    note, invoice, _posted = story.ids
    story.link(note, invoice)
    story.sandbox.act("post_invoice", invoicePayable=invoice)
    story.look()
    assert story.said() == []
    story.sandbox.act(
        "reverse_clearing", invoicePayable=invoice, accountingDocument=note, type="CN"
    )
    story.look()
    assert story.said() == [("undone", "reversed", 4000, None)]


def test_a_note_that_is_cancelled_or_taken_out_under_our_link(story):
    note, invoice, _posted = story.ids
    story.link(note, invoice)
    story.sandbox.act("set_status", creditNote=note, status="ARCHIVED")
    story.look()
    assert story.said() == [("document", "status", 4000, None)]
    story.sandbox.act("set_status", creditNote=note, status="POSTED")
    story.sandbox.act("edit_credit_note", creditNote=note, amount=9000)
    story.look()
    assert story.said() == [("document", "note_amount", 10000, 9000)]
    story.sandbox.act("remove", id=note)
    story.look()
    assert story.said() == [("document", "note_gone", 4000, None)]


@pytest.mark.parametrize("amount, status", [(10000, "CLEARED"), (700, "PARTIALLY_CLEARED")])
@pytest.mark.parametrize("touches", [True, False])
def test_a_foreign_link_to_a_posted_invoice_clears_at_once_and_is_seen(
    story, amount, status, touches
):
    note, _draft, posted = story.ids
    story.sandbox.switch(link_touches_updated_at=touches)
    story.sandbox.act("link", creditNote=note, invoicePayable=posted, amount=amount)
    story.look(full=False)
    assert CreditNote.objects.get().status == status
    assert story.said() == ["foreign"]


def test_what_light_does_at_a_posting_is_not_somebody_elses(story):
    note, draft, _posted = story.ids
    story.sandbox.switch(auto_allocation=True)
    story.sandbox.act("post_invoice", invoicePayable=draft)
    story.look(full=False)
    assert Seen.objects.filter(field="state", after__in=["UNPAID", "COMPLETED"]).exists()
    assert story.said() == ["by_light"]


# --- no false alarms ------------------------------------------------------------------------------
@pytest.mark.parametrize("touches", [True, False])
def test_our_own_work_from_link_to_cancellation_differs_at_no_step(story, touches):
    story.sandbox.switch(link_touches_updated_at=touches)
    note, invoice, _posted = story.ids

    def does(kind, amount, of_pair=True, **over):
        over = {"approved_by": story.by[1]} | over
        line = factories.line(
            story.by[0], CreditNote.objects.get(id=note),
            InvoicePayable.objects.get(id=invoice) if of_pair else None, amount, kind=kind, **over
        )  # fmt: skip
        assert sending.send_one(story.light, worker="w1", now=workflow.now())
        line.refresh_from_db()
        assert line.state == "done", line.outcome
        for full in (False, True):
            story.look(full=full)
            assert story.said() == [], (kind, full)

    one_person = {"approved_by": None, "exempt": "one_person_removes"}
    does("link", 4000)
    does("amend", 6000, previous_amount=4000)
    does("unlink", 6000, **one_person)
    does("link", 5000)
    story.sandbox.act("post_invoice", invoicePayable=invoice)
    story.look()
    assert story.said() == []
    document = Clearing.objects.get(gone_at=None).accounting_document_id
    does("reverse", 5000, clearing_id=document)
    does("archive", 10000, of_pair=False)
    assert CreditNote.objects.get(id=note).status == "ARCHIVED"
    assert not Difference.objects.exists()
    story.sandbox.act("set_status", creditNote=note, status="POSTED")
    story.look()
    assert story.said() == [("undone", "unarchived", 10000, None)]
