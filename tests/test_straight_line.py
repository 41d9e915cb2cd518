"""The whole story once, without pages: from Light to a reviewed link in Light's books.

mirror → propose → approve → send → read back → posted by another user → cleared
"""

import pytest
from django.core.management import call_command
from django.test import override_settings

from clearing import gateway, roles, workflow
from clearing.models import AuditEvent, Balance, CreditNote, Instruction, InvoicePayable, Link
from clearing.sandbox.server import Sandbox
from clearing.services import changing, proposing, reviewing, sending
from tests import factories
from tests.light_books import StoryBooks, uid


@pytest.fixture
def light():
    """The story's books behind a sandbox that the gateway talks to."""
    books = StoryBooks()
    with Sandbox(books.dataset()) as sandbox:
        with override_settings(
            LIGHT_API_URL=sandbox.url,
            LIGHT_API_KEY=sandbox.key,
            LIGHT_REQUESTS_PER_MINUTE=60_000,
            LIGHT_REQUESTS_PER_DAY=10_000_000,
            QUARANTINE=0,
        ):
            sandbox.story = books
            yield sandbox


def sync():
    call_command("sync", verbosity=0)


def work():
    """What the worker does, until nothing is left to send or settle."""
    client = gateway.client()
    while sending.send_one(client, worker="test", now=workflow.now()) or sending.settle_one(
        client, worker="test", now=workflow.now()
    ):
        pass


def free(record):
    return Balance.objects.get(pk=record["id"]).available


def writes(light):
    return [asked for asked in light.requests if asked.method != "GET"]


def test_from_light_to_a_reviewed_link_in_lights_books(light, preparer, approver):
    story = light.story
    sync()
    note = CreditNote.objects.get(document_number="CR-2026-8213")
    one, two = InvoicePayable.objects.filter(currency="EUR").order_by("invoice_number")
    assert free(story.eur_note) == 100000
    assert (free(story.eur_one), free(story.eur_two)) == (60000, 90000)

    proposal = proposing.propose(
        vendor_id=note.vendor_id, entity_id=note.entity_id, currency="EUR", by=preparer,
        wanted=[proposing.Wanted(note.id, one.id, 60000), proposing.Wanted(note.id, two.id, 40000)],
    )  # fmt: skip
    assert free(story.eur_note) == 0
    assert writes(light) == []

    kept, sent_back = proposal.lines.all()
    reviewing.approve(kept, seen_hash=kept.content_hash, by=approver)
    reviewing.reject(sent_back, reason_code="disputed", reason="", by=approver)
    work()
    assert Instruction.objects.get(pk=kept.pk).state == "done"
    assert [asked.method for asked in writes(light)] == ["POST"]
    (link,) = light.books.link_rows()
    assert (link["creditNoteId"], link["invoicePayableId"], link["amount"]) == (
        str(note.id), str(one.id), 60000,
    )  # fmt: skip
    assert Link.objects.get().fate == Link.Fate.PLANNED
    assert free(story.eur_note) == 40000

    with pytest.raises(workflow.Conflict, match="still linked"):
        changing.archive(credit_note_id=note.id, reason_code="duplicate", reason="", by=preparer)

    light.act("post_invoice", invoicePayable=str(one.id))
    sync()
    sync()
    assert Link.objects.get().fate == Link.Fate.CLEARED
    assert CreditNote.objects.get(pk=note.id).status == "PARTIALLY_CLEARED"
    assert Balance.objects.get(pk=note.id).cleared == 60000
    verbs = list(AuditEvent.objects.filter(instruction_id=kept.pk).values_list("verb", flat=True))
    assert verbs == ["in Light", "began to send", "approved", "proposed"]


def test_removing_a_link_and_cancelling_a_credit_note(light, preparer, approver):
    story = light.story
    sync()
    light.act(
        "link", creditNote=story.usd_note["id"], invoicePayable=story.usd_one["id"], amount=30000
    )
    sync()
    note, invoice = uid(story.usd_note), uid(story.usd_one)
    assert (free(story.usd_note), free(story.usd_one)) == (20000, 50000)
    changing.remove(
        credit_note_id=note, invoice_payable_id=invoice,
        reason_code="wrong_invoice", reason="", by=preparer,
    )  # fmt: skip
    work()
    assert light.books.link_rows() == []
    assert (free(story.usd_note), free(story.usd_one)) == (50000, 80000)

    line = changing.archive(
        credit_note_id=note, reason_code="vendor_withdrew", reason="", by=preparer
    )
    work()
    assert line.state == "proposed"
    assert CreditNote.objects.get(pk=note).status == "POSTED"
    reviewing.approve(line, seen_hash=line.content_hash, by=approver)
    work()
    assert CreditNote.objects.get(pk=note).status == "ARCHIVED"
    assert free(story.usd_note) == 0


def test_one_credit_pays_three_drafts_and_an_approval_survives_their_way(light, preparer, approver):
    """IN_DRAFT → APPROVAL_PENDING → UNPAID between approval and sending drops nothing."""
    story = light.story
    more = [story.invoice(f"INV-60{n}", 20000, "EUR") for n in range(3)]
    for invoice in more:
        light.act("add", kind="invoice_payable", **invoice)
    sync()
    note = CreditNote.objects.get(document_number="CR-2026-8213")
    proposal = proposing.propose(
        vendor_id=note.vendor_id, entity_id=note.entity_id, currency="EUR", by=preparer,
        wanted=[proposing.Wanted(note.id, InvoicePayable.objects.get(pk=one["id"]).id, 15000)
                for one in more],
    )  # fmt: skip
    light.act("set_state", invoicePayable=more[0]["id"], state="APPROVAL_PENDING")
    sync()
    for line in proposal.lines.all():
        reviewing.approve(line, seen_hash=line.content_hash, by=approver)
    light.act("set_state", invoicePayable=more[0]["id"], state="UNPAID")
    sync()
    work()
    assert {line.state for line in proposal.lines.all()} == {"done"}
    assert len([asked for asked in writes(light) if asked.method == "POST"]) == 3
    # The line to the posted invoice was sent last: it clears at once.
    assert writes(light)[-1].path.endswith(more[0]["id"])


def test_nothing_reaches_light_without_a_second_person(light, preparer):
    """A raised amount, a posted note's archive and a reversal wait, whoever asks."""
    story = light.story
    light.act(
        "link", creditNote=story.eur_note["id"], invoicePayable=story.eur_one["id"], amount=1000
    )
    sync()
    changing.change_amount(
        credit_note_id=uid(story.eur_note), invoice_payable_id=uid(story.eur_one),
        amount=2000, reason_code="wrong_amount", reason="", by=preparer,
    )  # fmt: skip
    changing.archive(
        credit_note_id=uid(story.usd_note), reason_code="duplicate", reason="", by=preparer
    )
    light.act("post_invoice", invoicePayable=story.eur_two["id"])
    boss = factories.person("approver", username="alone")
    boss.groups.add(preparer.groups.get())
    for line in Instruction.objects.all():
        line.asked_by = boss
        line.save()
        with pytest.raises(roles.NotAllowed, match="yourself"):
            reviewing.approve(line, seen_hash=line.content_hash, by=boss)
    work()
    assert writes(light) == []
