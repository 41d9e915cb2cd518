"""Each interesting case is there, is what its name says, and can be found."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import combinations

import pytest

from clearing.sandbox.company import generate
from clearing.sandbox.company.monday import STORY
from clearing.sandbox.company.present import OVERNIGHT
from clearing.sandbox.records import STATES_IN_LEDGER

from .conftest import TODAY


def planned_amount(data, document):
    return sum(
        row["amount"]
        for row in data["links"]
        if document["id"] in (row["creditNoteId"], row["invoicePayableId"])
    )


def group_of(document):
    vendor = document["businessPartnerId" if "businessPartnerId" in document else "vendorId"]
    return vendor, document["companyEntityId"], document["currency"]


def test_every_case_has_documents(data):
    assert len(data["_cases"]) >= 45
    assert all(any(ids.values()) for ids in data["_cases"].values())


def test_amounts_that_fit(case):
    (note,), (invoice,) = case("exact_match")
    assert note["amount"] == invoice["amount"]
    (note,), (invoice,) = case("partial")
    assert note["amount"] < invoice["amount"]
    (note,), (invoice,) = case("credit_larger_than_the_invoice")
    assert note["amount"] > invoice["amount"]
    (note,), many = case("one_credit_for_many_invoices")
    assert note["amount"] == sum(invoice["amount"] for invoice in many) and len(many) == 3
    many, (invoice,) = case("many_credits_for_one_invoice")
    assert sum(note["amount"] for note in many) == invoice["amount"] and len(many) == 3
    (note,), twice = case("same_amount_twice")
    assert {invoice["amount"] for invoice in twice} == {note["amount"]}
    (note,), (invoice,) = case("small_rest")
    assert invoice["amount"] - note["amount"] == 2
    (note,), (invoice,) = case("small_rest_in_yen")
    assert invoice["amount"] - note["amount"] == 1 and note["currency"] == "JPY"
    (note,), (invoice,) = case("dinars")
    assert (note["amount"], invoice["amount"]) == (1_846_250, 2_310_500)


@pytest.mark.parametrize(
    "name",
    ["exact_match", "partial", "one_credit_for_many_invoices", "many_credits_for_one_invoice"],
)
def test_free_credit_and_its_invoices_share_a_group_and_are_left_alone(data, case, name):
    found_notes, found_invoices = case(name)
    assert len({group_of(document) for document in found_notes + found_invoices}) == 1
    assert all(note["status"] == "POSTED" for note in found_notes)
    assert not any(planned_amount(data, note) for note in found_notes)


def test_references(case):
    (note,), (invoice,) = case("reference_in_description")
    assert invoice["invoiceNumber"] in note["description"]
    (note,), (invoice,) = case("reference_written_differently")
    assert invoice["invoiceNumber"] not in note["description"]
    assert invoice["invoiceNumber"].lower().replace("-", " ") in note["description"]
    (note,), (invoice,) = case("reference_only_in_pdf")
    assert invoice["invoiceNumber"] not in note["description"]
    assert any(invoice["invoiceNumber"] in line for line in note["_pdf"])
    (note,), (invoice,) = case("reference_to_another_vendor")
    assert invoice["invoiceNumber"] in note["description"]
    assert note["businessPartnerId"] != invoice["vendorId"]
    (note,), months = case("number_looks_like_the_month")
    assert [invoice["invoiceNumber"] for invoice in months] == ["10/2026", "11/2026"]
    assert all(invoice["invoiceNumber"] in note["description"] for invoice in months)


def test_a_line_may_be_the_only_one_to_name_the_invoice(case):
    (note,), (invoice,) = case("reference_in_a_line")
    assert invoice["invoiceNumber"] not in note["description"]
    assert invoice["invoiceNumber"] in note["lines"][0]["description"]


def test_sets_that_add_up(case):
    (note,), two = case("adds_up_to_two")
    assert sum(invoice["amount"] for invoice in two) == note["amount"] and len(two) == 2
    (note,), four = case("adds_up_in_two_ways")
    pairs = [one["amount"] + other["amount"] for one, other in combinations(four, 2)]
    assert pairs.count(note["amount"]) == 2
    (note,), months = case("same_amount_every_month")
    assert {invoice["amount"] for invoice in months} == {note["amount"]} and len(months) == 4


def test_nearly_exact_and_small_rests(data, case):
    (note,), (invoice,) = case("nearly_exact")
    assert invoice["amount"] - note["amount"] == 3
    (note,), (invoice,) = case("small_rest_of_a_credit")
    assert note["amount"] - planned_amount(data, note) == 45


def test_rates_differ_on_both_sides(case):
    (note,), (invoice,) = case("booked_at_two_rates")
    assert note["currency"] == invoice["currency"] == "USD"
    assert note["localCurrencyFxRate"] != invoice["localCurrencyFxRate"]


def test_what_was_paid_before_its_credit_was_used(case):
    (note,), (invoice,) = case("cites_a_paid_invoice")
    assert invoice["state"] == "COMPLETED" and invoice["invoiceNumber"] in note["description"]
    (note,), (invoice,) = case("paid_in_full")
    assert (note["status"], invoice["state"]) == ("POSTED", "PAID")
    assert invoice["paymentAt"][:10] >= (TODAY - timedelta(days=3)).isoformat()


def test_credit_came_in_overnight(data):
    evening = f"{TODAY - timedelta(days=1)}T17"
    new = [note for note in data["credit_notes"] if note["createdAt"] >= evening]
    assert len(new) == OVERNIGHT and {note["status"] for note in new} == {"DRAFT", "POSTED"}


def test_credit_that_has_nowhere_to_go(data, case):
    unposted_or_open = defaultdict(list)
    for invoice in data["invoice_payables"]:
        if invoice["state"] not in ("PAID", "COMPLETED", "CANCELLED"):
            unposted_or_open[group_of(invoice)].append(invoice)
    for name in ("other_entity_only", "other_currency_only", "no_open_invoice"):
        (note,), _ = case(name)
        assert note["status"] == "POSTED" and not unposted_or_open[group_of(note)]
    (note,), others = case("other_entity_only")
    assert {i["vendorId"] for i in others} == {note["businessPartnerId"]}
    assert {i["currency"] for i in others} == {note["currency"]}
    (note,), (other,) = case("other_currency_only")
    assert group_of(note)[:2] == group_of(other)[:2] and note["currency"] != other["currency"]


def test_old_credit(case):
    found, _ = case("old_credit")
    limit = (TODAY - timedelta(days=90)).isoformat()
    assert len(found) == 3 and all(note["documentDate"] < limit for note in found)


def test_incomplete_documents(case):
    (note,), _ = case("missing_vendor")
    assert note["status"] == "DRAFT" and note["businessPartnerId"] is None
    (note,), _ = case("missing_entity")
    assert note["status"] == "DRAFT" and note["companyEntityId"] is None
    (note,), _ = case("draft_without_lines")
    assert note["lines"] == [] and note["amount"] == 124_600
    (note,), _ = case("draft_without_amount")
    assert note["amount"] is None and note["documentDate"] is None
    _, (invoice,) = case("invoice_without_amount")
    assert invoice["amount"] is None and invoice["invoiceNumber"] is None
    _, (invoice,) = case("invoice_without_vendor")
    assert invoice["vendorId"] is None


def test_statuses(case):
    assert [note["status"] for note in case("awaiting_approval")[0]] == [
        "APPROVAL_PENDING",
        "APPROVED",
    ]
    discarded, reversed_ = case("archived")[0]
    assert discarded["status"] == reversed_["status"] == "ARCHIVED"
    assert discarded["postingDate"] is None and reversed_["postingDate"]
    assert case("unknown_note_status")[0][0]["status"] == "UNDER_DISPUTE"
    assert case("unknown_invoice_state")[1][0]["state"] == "HELD_BY_COMPLIANCE"
    assert {note["_toBeAdjusted"] for note in case("adjusts_receivables")[0]} == {"AR"}


def test_only_a_few_adjust_receivables(data):
    assert Counter(note["_toBeAdjusted"] for note in data["credit_notes"])["AR"] == 2


def test_look_alikes(case):
    first, second = case("possible_duplicate")[0]
    for key in ("amount", "documentDate", "businessPartnerId", "description"):
        assert first[key] == second[key]
    assert second["_documentNumber"] == first["_documentNumber"].replace("-", " ")
    _, (expenses,) = case("reimbursement")
    assert expenses["type"] == "REIMBURSEMENT"
    assert expenses["metadata"] == {"type": "REIMBURSEMENT_METADATA"}
    _, (filed,) = case("filed_as_invoice")
    assert (filed["documentName"], filed["state"]) == ("Gutschrift_8213.pdf", "IN_DRAFT")
    assert (filed["amount"], filed["currency"]) == (42_000, "EUR")


def test_vendor_not_active(data, case):
    (note,), _ = case("vendor_not_active")
    vendor = next(v for v in data["vendors"] if v["vendorId"] == note["businessPartnerId"])
    assert vendor["status"] == "IN_REVIEW"


def test_planned(data, case):
    (note,), two = case("planned")
    assert planned_amount(data, note) == note["amount"]
    assert all(planned_amount(data, invoice) for invoice in two)
    (note,), _ = case("planned_in_part")
    assert 0 < planned_amount(data, note) < note["amount"]
    (note,), _ = case("planned_long_ago")
    (link,) = [row for row in data["links"] if row["creditNoteId"] == note["id"]]
    assert link["createdAt"] < (TODAY - timedelta(days=14)).isoformat()


def test_cleared(case):
    (note,), (invoice,) = case("cleared")
    assert (note["status"], invoice["state"]) == ("CLEARED", "COMPLETED")
    (note,), (invoice,) = case("cleared_and_still_unpaid")
    assert (note["status"], invoice["state"]) == ("CLEARED", "UNPAID")
    (note,), (invoice,) = case("clearing_undone")
    assert (note["status"], invoice["state"]) == ("POSTED", "UNPAID")


def test_the_vendor_on_the_phone(data, case):
    (note,), _ = case("partly_cleared")
    used = sum(row["amount"] for row in data["clearings"] if row["creditNoteId"] == note["id"])
    assert note["_documentNumber"] == f"CR-{TODAY.year}-7731"
    assert (note["amount"], used) == (125_000, 93_000)


def test_on_the_way_to_the_bank(case):
    assert [i["state"] for i in case("paid_by_bank")[1]] == ["COMPLETED", "PAID"]
    assert case("partly_paid")[1][0]["state"] == "PARTIALLY_PAID"
    paused = case("paused")[1][0]
    assert paused["state"] == "PAYMENT_PAUSED" and paused["paymentPausedBy"]
    (note,), (late,) = case("too_late")
    assert late["state"] == "PAYMENT_PENDING" and late["paymentAt"].startswith(TODAY.isoformat())
    assert note["amount"] == 31_000
    assert all(i["state"] == "SCHEDULED" for i in case("payment_scheduled")[1])


@pytest.mark.parametrize("today", [TODAY + timedelta(days=days) for days in range(7)])
def test_monday_morning(today):
    """Exactly the vendors of the story have credit to use and a payment in the coming week."""
    data = generate(1, today)
    free = defaultdict(int)
    for note in data["credit_notes"]:
        if note["status"] == "POSTED" and note["_toBeAdjusted"] == "AP":
            free[group_of(note)] += note["amount"] - planned_amount(data, note)
    ahead = ("SCHEDULED", "READY_FOR_PAYMENT_RELEASE", "PENDING_PAYMENT_APPROVAL", "UNPAID")
    week = (today + timedelta(days=7)).isoformat()
    paid_soon = {
        group_of(invoice)
        for invoice in data["invoice_payables"]
        if invoice["state"] in ahead and (invoice["paymentAt"] or invoice["dueDate"])[:10] <= week
    }
    owing = {group: free[group] for group in paid_soon if free[group]}
    names = {vendor["vendorId"]: vendor["name"] for vendor in data["vendors"]}
    assert {names[vendor] for vendor, _, _ in owing} == set(STORY)
    assert {currency for _, _, currency in owing} == {"EUR", "USD"}
    assert sum(a for (_, _, c), a in owing.items() if c == "EUR") > 500_000
    assert set(data["_cases"]["about_to_be_paid"]["vendors"]) == {vendor for vendor, _, _ in owing}


def test_open_invoices_in_many_states(data):
    states = {invoice["state"] for invoice in data["invoice_payables"]}
    assert len(states) == 22 and states > STATES_IN_LEDGER
