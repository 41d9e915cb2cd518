"""The tables of states: what may be used, what never, and the sentence for each no."""

from types import SimpleNamespace

import pytest

from clearing import usable

KNOWN = {
    "INIT", "CREATED", "IN_DRAFT", "APPROVAL_REQUESTED", "APPROVAL_PENDING",
    "APPROVED_ACCOUNTING_ENTRY_PENDING", "DECLINED", "READY_FOR_PAYMENT_RELEASE",
    "PENDING_PAYMENT_APPROVAL", "PAYMENT_PAUSED", "SCHEDULED", "PAYMENT_PENDING",
    "PARTIALLY_PAID", "UNPAID", "PAID", "COMPLETED", "RESET_PENDING", "CANCELLATION_PENDING",
    "CANCELLED", "DUPLICATED", "IMPORT_PENDING",
}  # fmt: skip


def invoice(**over):
    fields = {
        "type": "VENDOR_INVOICE", "state": "UNPAID", "entity_id": 1, "vendor_id": 2,
        "amount": 5, "currency": "EUR",
    }  # fmt: skip
    return SimpleNamespace(**fields | over)


def note(**over):
    fields = {"status": "POSTED", "entity_id": 1, "vendor_id": 2, "amount": 5, "currency": "EUR"}
    return SimpleNamespace(**fields | over)


def test_every_state_of_the_contract_has_a_rule():
    assert usable.USABLE | usable.USABLE_WITH_WARNING | set(usable.NEVER) == KNOWN
    assert not usable.USABLE & usable.USABLE_WITH_WARNING
    assert not (usable.USABLE | usable.USABLE_WITH_WARNING) & set(usable.NEVER)


@pytest.mark.parametrize("state", sorted(KNOWN | {"HELD_BY_COMPLIANCE", ""}))
def test_an_invoice_is_usable_by_its_state(state):
    problem = usable.invoice_problem(invoice(state=state))
    may = state in usable.USABLE | usable.USABLE_WITH_WARNING
    assert (problem is None) == may
    assert may or problem.sentence.endswith(".")
    warned = bool(usable.payment_warning(invoice(state=state), "5 Nov 2026"))
    assert warned == (state in usable.USABLE_WITH_WARNING)


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"type": "REIMBURSEMENT"}, "reimbursement"),
        ({"type": "SOMETHING"}, "unknown_type"),
        ({"entity_id": None}, "no_entity"),
        ({"vendor_id": None}, "no_vendor"),
        ({"currency": ""}, "no_currency"),
        ({"amount": None}, "no_amount"),
        ({"amount": 0}, "amount_out_of_range"),
        ({"amount": -1}, "amount_out_of_range"),
        ({"amount": 2**63 - 1}, "amount_out_of_range"),
        ({"gone_at": "yesterday"}, "gone"),
    ],
)
def test_what_is_missing_is_named(over, code):
    assert usable.invoice_problem(invoice(**over)).code == code
    if "type" not in over:
        assert usable.credit_note_problem(note(**over)).code == code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("POSTED", None), ("DRAFT", "draft"), ("APPROVAL_PENDING", "approval_pending"),
        ("APPROVED", "approved"), ("PARTIALLY_CLEARED", "partially_cleared"),
        ("CLEARED", "cleared"), ("ARCHIVED", "archived"), ("UNDER_DISPUTE", "unknown_status"),
    ],
)  # fmt: skip
def test_a_credit_note_is_usable_by_its_status(status, code):
    problem = usable.credit_note_problem(note(status=status))
    assert (problem.code if problem else None) == code


def test_one_setting_widens_the_rule_for_partly_cleared_notes():
    partly = note(status="PARTIALLY_CLEARED")
    assert usable.credit_note_problem(partly, partially_cleared_linkable=True) is None


@pytest.mark.parametrize(
    ("over", "code"),
    [({}, None), ({"vendor_id": 9}, "other_vendor"), ({"entity_id": 9}, "other_entity"),
     ({"currency": "USD"}, "other_currency")],
)  # fmt: skip
def test_both_documents_belong_together(over, code):
    problem = usable.pair_problem(note(), invoice(**over))
    assert (problem.code if problem else None) == code
