"""A rejected suggestion stays away, with who and why, until somebody wants it again."""

import pytest

from clearing import matching, roles, workflow
from clearing.models import AuditEvent, Declined
from clearing.services import declining, grouping
from tests import factories

REASON = "Another delivery"


def suggested(books):
    group = grouping.one(books.vendor.id, books.entity.id, "EUR")
    return [(one.credit_id, one.payable_id) for one in matching.match(group).suggestions]


def test_it_stays_away_with_who_and_why_until_it_is_wanted_again(books, preparer):
    pair = books.note(), books.invoice()
    ids = {"credit_note_id": pair[0].id, "invoice_payable_id": pair[1].id}
    assert suggested(books) == [(pair[0].id, pair[1].id)]
    row = declining.decline(**ids, reason=f"  {REASON} ", by=preparer)
    assert (row.by, row.reason) == (preparer, REASON)
    assert suggested(books) == []
    declining.suggest_again(**ids, by=preparer)
    assert suggested(books) == [(pair[0].id, pair[1].id)]
    again, first = AuditEvent.objects.all()
    assert (first.verb, first.reason, first.vendor_id) == (
        "rejected a suggestion", REASON, books.vendor.id,
    )  # fmt: skip
    assert again.verb == "suggests again" and again.details["rejected_by"] == "Paula Prep"
    assert {first.verb, again.verb} <= set(workflow.VERBS)
    assert {one.invoice_payable_id for one in (first, again)} == {pair[1].id}


def test_only_once_and_only_back_once(books, preparer):
    ids = {"credit_note_id": books.note().id, "invoice_payable_id": books.invoice().id}
    with pytest.raises(workflow.Conflict):
        declining.suggest_again(**ids, by=preparer)
    declining.decline(**ids, reason=REASON, by=preparer)
    with pytest.raises(workflow.Conflict):
        declining.decline(**ids, reason="Another reason", by=preparer)
    assert Declined.objects.get().reason == REASON
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "  ", "n" * 1001])
def test_it_asks_for_a_short_reason(books, preparer, reason):
    ids = {"credit_note_id": books.note().id, "invoice_payable_id": books.invoice().id}
    with pytest.raises(ValueError, match="few words|Shorten"):
        declining.decline(**ids, reason=reason, by=preparer)
    assert not Declined.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "approver", "controller"])
def test_only_a_preparer_does(books, role):
    ids = {"credit_note_id": books.note().id, "invoice_payable_id": books.invoice().id}
    person = factories.person(role)
    with pytest.raises(roles.NotAllowed):
        declining.decline(**ids, reason=REASON, by=person)
    with pytest.raises(roles.NotAllowed):
        declining.suggest_again(**ids, by=person)


def test_without_its_audit_row_nothing_changes(books, preparer, monkeypatch):
    ids = {"credit_note_id": books.note().id, "invoice_payable_id": books.invoice().id}
    declining.decline(**ids, reason=REASON, by=preparer)
    other = ids | {"invoice_payable_id": books.invoice().id}

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(workflow, "record", broken)
    with pytest.raises(RuntimeError):
        declining.decline(**other, reason=REASON, by=preparer)
    with pytest.raises(RuntimeError):
        declining.suggest_again(**ids, by=preparer)
    assert Declined.objects.get().invoice_payable_id == ids["invoice_payable_id"]
