"""Acknowledging: once, by who may, of what is an exception, with its audit event."""

from datetime import timedelta
from unittest import mock
from uuid import uuid4

import pytest

from clearing import workflow
from clearing.models import Acknowledged, AuditEvent, Clearing, Link, Suspicion
from clearing.roles import NotAllowed
from clearing.services import acknowledging
from tests import factories


@pytest.fixture
def by_light(books):
    """A clearing of EUR 40.00 that Light made by itself."""
    entry = factories.clearing(books.invoice(), books.note(), 4000)
    Suspicion.objects.create(
        kind="by_light", one_id=entry.pk, other_id=entry.invoice_payable_id, at=factories.NOW
    )
    return entry


def foreign(books, **over):
    return factories.link(books.note(), books.invoice(state="IN_DRAFT"), 4000, **over)


@pytest.mark.parametrize("role", ["preparer", "approver", "controller", "viewer", ""])
def test_who_may(by_light, books, role):
    person = factories.person(role)
    link = foreign(books)
    if role in {"viewer", ""}:
        with pytest.raises(NotAllowed):
            acknowledging.acknowledge_clearing(clearing_id=by_light.pk, reason="Seen", by=person)
        with pytest.raises(NotAllowed):
            acknowledging.acknowledge_link(link_id=link.pk, reason="Seen", by=person)
        assert not Acknowledged.objects.exists()
        return
    acknowledging.acknowledge_clearing(clearing_id=by_light.pk, reason=" Asked AP ", by=person)
    acknowledging.acknowledge_link(link_id=link.pk, reason="Seen", by=person)
    assert {row.key for row in Acknowledged.objects.all()} == {
        f"clearing:{by_light.pk}", f"link:{link.pk}:{link.first_seen_at.isoformat()}",
    }  # fmt: skip
    event = AuditEvent.objects.get(verb="acknowledged", reason="Asked AP")
    assert (event.credit_note_id, event.amount, event.vendor_id, event.by_id) == (
        by_light.credit_note_id, 4000, books.vendor.id, person.pk,
    )  # fmt: skip


def test_once(by_light, books, preparer, approver):
    link = foreign(books)
    for by in (preparer, approver):
        acts = [
            lambda by=by: acknowledging.acknowledge_clearing(
                clearing_id=by_light.pk, reason="Seen", by=by
            ),
            lambda by=by: acknowledging.acknowledge_link(link_id=link.pk, reason="Seen", by=by),
        ]
        for act in acts:
            if by is preparer:
                act()
            else:
                with pytest.raises(workflow.Conflict, match="faster"):
                    act()
    assert AuditEvent.objects.count() == Acknowledged.objects.count() == 2


@pytest.mark.parametrize(
    "over, may",
    [
        ({}, True),
        ({"fate": "cleared"}, True),
        ({"fate": "not_honoured"}, True),
        ({"fate": "not_honoured", "made_here": True}, True),
        ({"made_here": True}, False),
        ({"fate": "removed"}, False),
        ({"fate": "undone"}, False),
    ],
    ids=str,
)
def test_which_links(books, preparer, over, may):
    link = foreign(books, **over)
    if may:
        acknowledging.acknowledge_link(link_id=link.pk, reason="Seen", by=preparer)
    else:
        with pytest.raises(workflow.Conflict):
            acknowledging.acknowledge_link(link_id=link.pk, reason="Seen", by=preparer)
    assert Acknowledged.objects.exists() == may


def test_a_link_that_is_not_honoured_later_can_be_acknowledged_again(books, preparer):
    link = foreign(books)
    acknowledging.acknowledge_link(link_id=link.pk, reason="Seen", by=preparer)
    later = factories.NOW + timedelta(days=1)
    Link.objects.update(fate="not_honoured", fate_at=later)
    acknowledging.acknowledge_link(link_id=link.pk, reason="Seen", by=preparer)
    assert Acknowledged.objects.count() == 2


def test_what_is_gone_or_ordinary_is_no_exception(by_light, books, preparer):
    ordinary = factories.clearing(books.invoice(), books.note(), 100)
    Clearing.objects.filter(pk=by_light.pk).update(gone_at=factories.NOW)
    for clearing_id in (by_light.pk, ordinary.pk, uuid4()):
        with pytest.raises(workflow.Conflict):
            acknowledging.acknowledge_clearing(clearing_id=clearing_id, reason="Seen", by=preparer)
    with pytest.raises(workflow.Conflict):
        acknowledging.acknowledge_link(link_id=10**9, reason="Seen", by=preparer)


def test_words_have_a_limit(by_light, preparer):
    with pytest.raises(ValueError, match="1000"):
        acknowledging.acknowledge_clearing(clearing_id=by_light.pk, reason="x" * 1001, by=preparer)


def test_the_audit_write_fails_so_it_stays_on_the_list(by_light, preparer):
    with mock.patch.object(AuditEvent.objects, "create", side_effect=RuntimeError):
        with pytest.raises(RuntimeError):
            acknowledging.acknowledge_clearing(clearing_id=by_light.pk, reason="Seen", by=preparer)
    assert not Acknowledged.objects.exists()


# --- an invoice that only looks like a credit note ----------------------------------------------
@pytest.fixture
def looks(books):
    invoice = books.invoice(amount=-42000)
    Suspicion.objects.create(
        kind="filed_wrong", one_id=invoice.pk, other_id=invoice.pk, at=factories.NOW
    )
    return invoice


def dismiss(invoice, by, reason=" A refund of ours "):
    return acknowledging.dismiss_invoice(invoice_id=invoice.pk, reason=reason, by=by)


@pytest.mark.parametrize("role", ["preparer", "approver", "controller", "viewer", ""])
def test_who_may_dismiss_an_invoice(looks, books, role):
    person = factories.person(role)
    if role in {"viewer", ""}:
        with pytest.raises(NotAllowed):
            dismiss(looks, person)
        assert not Acknowledged.objects.exists()
        return
    row = dismiss(looks, person)
    assert (row.key, row.invoice_payable_id) == (f"invoice:{looks.pk}", looks.pk)
    event = AuditEvent.objects.get(verb="said it is no credit note")
    assert (event.reason, event.invoice_payable_id, event.vendor_id, event.amount) == (
        "A refund of ours", looks.pk, books.vendor.id, -42000,
    )  # fmt: skip
    assert event.verb in workflow.VERBS


def test_dismissing_is_done_once(looks, preparer, approver):
    dismiss(looks, preparer)
    with pytest.raises(workflow.Conflict, match="faster"):
        dismiss(looks, approver)
    assert AuditEvent.objects.count() == Acknowledged.objects.count() == 1


@pytest.mark.parametrize("words, sentence", [("  ", "how you know"), ("x" * 1001, "1000")])
def test_dismissing_needs_words(looks, preparer, words, sentence):
    with pytest.raises(ValueError, match=sentence):
        dismiss(looks, preparer, words)
    assert not Acknowledged.objects.exists()


def test_only_what_is_suspected_can_be_dismissed(looks, books, preparer):
    Suspicion.objects.all().update(kind="by_light")
    for invoice in (looks, books.invoice()):
        with pytest.raises(workflow.Conflict):
            dismiss(invoice, preparer)
