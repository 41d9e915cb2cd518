"""A credit that fits no invoice: decided, looked at again, refunded in Light, closed."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from clearing import workflow
from clearing.models import CreditNote, Decision, Outlook
from clearing.queries import stuck
from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.services import diagnosing
from clearing.services.diagnosing import passing
from tests.light_books import StoryBooks
from tests.views.pages import words


@pytest.fixture
def light(monkeypatch):
    """One posted credit of EUR 1,000.00, and no invoice in its currency."""
    monkeypatch.setattr(passing, "PAUSE", timedelta(0))
    books = StoryBooks()
    dataset = records.dataset(
        entities=[books.entity], vendors=[books.vendor], credit_notes=[books.eur_note],
        invoice_payables=[books.usd_one],
    )  # fmt: skip
    with Sandbox(dataset) as sandbox, override_settings(
        LIGHT_API_URL=sandbox.url, LIGHT_API_KEY=sandbox.key,
        LIGHT_REQUESTS_PER_MINUTE=60_000, LIGHT_REQUESTS_PER_DAY=10_000_000,
    ):  # fmt: skip
        sandbox.story = books
        yield sandbox


def sync():
    """What the worker does between two looks of people."""
    call_command("sync", verbosity=0)
    for _ in range(6):
        diagnosing.look(workflow.now())


def decide(client, note, **data):
    held = Decision.objects.filter(credit_note_id=note.pk, ended_at=None).first()
    data = {"owner": "", "reason": "", "seen": held.pk if held else ""} | data
    answer = client.post(reverse("decide", args=[note.pk]), data)
    assert answer.status_code == 302, words(answer)


def on(days):
    """Some days later, at the same time."""
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


def day(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_decided_followed_up_refunded_and_closed(light, client, preparer):
    sync()
    note = CreditNote.objects.get(document_number="CR-2026-8213")
    client.force_login(preparer)
    said = words(client.get("/stuck/"))
    assert "Invoices in another currency What is open of this vendor is in another currency" in said
    assert "EUR 1,000.00" in said and "none yet" in said

    # Somebody decides to wait; neither a sync nor a part that gets used changes that.
    decide(client, note, kind="wait", owner=preparer.pk, follow_up=day(10))
    invoice = light.story.invoice("INV-6000", 30000, "EUR")
    del invoice["updatedAt"]  # it is entered now
    light.act("add", kind="invoice_payable", **invoice)
    sync()
    assert Outlook.objects.get(pk=note.pk).strength > 0
    assert "Can be used now" in words(client.get("/stuck/"))
    light.act("link", creditNote=str(note.pk), invoicePayable=invoice["id"], amount=30000)
    sync()
    said = words(client.get("/stuck/"))
    assert "Wait for the next invoice Paula Prep , again on" in said
    assert "Decided at EUR 1,000.00, now EUR 700.00." in said
    assert stuck.counts(preparer).due == 0

    # Ten days later its follow-up is due, and leads to its row.
    with on(10):
        found = stuck.counts(preparer)
        assert (found.due, found.all_due) == (1, 1)
        client.force_login(preparer)
        page = client.get(found.due_url)
        assert [row.number for row in page.context["listing"].rows] == ["CR-2026-8213"]
        decide(client, note, kind="refund", owner=preparer.pk, follow_up=day(14),
               reason="No more invoices to come")  # fmt: skip
        assert stuck.counts(preparer).due == 0
        said = words(client.get(reverse("credit_note", args=[note.pk])))
        assert "Please transfer EUR 700.00 to our account" in said

    # The vendor pays it back; somebody books that in Light, and nothing is left.
    light.act("unlink", creditNote=str(note.pk), invoicePayable=invoice["id"])
    light.act("archive", creditNote=str(note.pk))
    sync()
    kept = [(row.kind, row.ended_because) for row in Decision.objects.order_by("pk")]
    assert kept == [("wait", "changed"), ("refund", "used_up")]
    assert not Outlook.objects.filter(pk=note.pk).exists()
    assert "Nothing is stuck yet" in client.get("/stuck/").text
    said = words(client.get(reverse("credit_note", args=[note.pk])))
    assert "Worker closed the decision: nothing is left" in said
    assert "Decision: Wait for the next invoice → Refund requested" in said
    assert "2 earlier decisions" in said and "Nothing is left, " in said
