"""Posting, clearing, paying, reversing, archiving."""

from __future__ import annotations

from datetime import date

import pytest

from clearing.sandbox.switches import Switches

from .conftest import invoice, note


def test_posting_clears_the_links_and_leaves_the_rest_open(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill], today=date(2026, 11, 5))
    light.link(credit, bill, 4000)
    assert light.post_invoice(bill).json()["state"] == "UNPAID"
    assert light.state(bill) == ("UNPAID", 21000)
    assert light.status(credit) == "PARTIALLY_CLEARED"
    (entry,) = light.payments(bill)
    assert (entry["amount"], entry["currency"]) == (4000, "EUR")
    assert entry["paymentDate"] == "2026-11-05"
    assert entry["payment"]["documentNumber"] == credit["_documentNumber"]


def test_an_invoice_cleared_whole_is_completed_and_its_notes_are_cleared(open_light):
    first, second, bill = note(), note(amount=15000), invoice()
    light = open_light([first, second], [bill])
    light.link(first, bill, 10000)
    light.link(second, bill, 15000)
    light.post_invoice(bill)
    assert light.state(bill) == ("COMPLETED", 0)
    assert (light.status(first), light.status(second)) == ("CLEARED", "CLEARED")


@pytest.mark.parametrize(("on", "state"), [(False, "UNPAID"), (True, "COMPLETED")])
def test_auto_allocation_takes_unlinked_notes_oldest_first(open_light, on, state):
    older = note(documentDate="2026-08-01", amount=20000)
    newer = note(documentDate="2026-09-01")
    promised, foreign = note(documentDate="2026-01-01"), note(currency="USD")
    bill, other = invoice(), invoice()
    light = open_light(
        [newer, older, promised, foreign], [bill, other], switches=Switches(auto_allocation=on)
    )
    light.link(promised, other, 1)
    light.post_invoice(bill)
    assert light.state(bill)[0] == state
    expected = [(older["id"], 20000), (newer["id"], 5000)] if on else []
    rows = light.sandbox.books.clearing_rows()
    assert [(row["creditNoteId"], row["amount"]) for row in rows] == expected


def test_links_that_light_does_not_honour(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill], switches=Switches(honour_links=False))
    light.link(credit, bill, 4000)
    light.post_invoice(bill)
    assert light.payments(bill) == light.links(credit) == []
    assert (light.status(credit), light.state(bill)) == ("POSTED", ("UNPAID", 25000))


def test_a_link_of_a_note_that_was_changed_behind_it_is_not_honoured(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    light.link(credit, bill, 4000)
    light.sandbox.act("set_status", creditNote=credit["id"], status="ARCHIVED")
    light.post_invoice(bill)
    assert light.payments(bill) == []


def test_only_drafts_are_posted_and_only_whole_ones(open_light):
    bills = [invoice(state=state) for state in ("APPROVAL_PENDING", "CANCELLED", "UNPAID")]
    bills += [invoice(vendorId=None), invoice(companyEntityId=None), invoice(amount=None)]
    light = open_light([], bills)
    statuses = [light.post_invoice(bill).status_code for bill in bills]
    assert statuses == [422, 422, 409, 422, 422, 422]


def test_approval_posts_an_invoice_that_waits_for_it(open_light):
    credit, bill, draft = note(), invoice(state="APPROVAL_PENDING"), invoice()
    light = open_light([credit], [bill, draft])
    light.link(credit, bill, 10000)
    path = "/v1/invoice-payables/{}/approve"
    body = light("POST", path.format(bill["id"]), json={"note": "fine"}).json()
    assert (body["state"], body["approvalNote"]) == ("UNPAID", "fine")
    assert light.status(credit) == "CLEARED"
    assert light("POST", path.format(draft["id"])).status_code == 422


def reverse(light, bill, document, kind="CN", archive=False):
    return light(
        "POST",
        f"/v1/invoice-payables/{bill['id']}/reverse-clearing",
        json={
            "clearingAccountingDocumentId": document,
            "clearingType": kind,
            "shouldArchiveClearingDocument": archive,
        },
    )


@pytest.mark.parametrize(("archive", "status"), [(False, "POSTED"), (True, "ARCHIVED")])
def test_a_reversed_clearing_disappears_and_frees_both_sides(open_light, archive, status):
    credit, bill = note(), invoice(amount=10000)
    light = open_light([credit], [bill], switches=Switches(posted_link_listed=True))
    light.link(credit, bill, 10000)
    light.post_invoice(bill)
    document = light.payments(bill)[0]["payment"]["accountingDocumentId"]
    assert reverse(light, bill, document, archive=archive).json()["state"] == "UNPAID"
    assert light.payments(bill) == light.links(credit) == []
    assert light.status(credit) == status
    assert light.state(bill) == ("UNPAID", 10000)
    assert reverse(light, bill, document).status_code == 404


def test_a_reversal_beside_a_payment_leaves_partially_paid(open_light):
    credit, bill = note(), invoice(state="UNPAID")
    light = open_light([credit], [bill])
    light.link(credit, bill, 10000)
    light.sandbox.act("pay", invoicePayable=bill["id"], amount=5000)
    assert reverse(light, bill, credit["id"]).json()["state"] == "PARTIALLY_PAID"
    (payment,) = light.payments(bill)
    assert payment["payment"]["type"] == "BP"
    document = payment["payment"]["accountingDocumentId"]
    assert reverse(light, bill, document, kind="CN").status_code == 404
    assert reverse(light, bill, document, kind="BP").json()["state"] == "UNPAID"


def test_archiving_with_the_reversal_is_all_or_nothing(open_light):
    credit, bill, draft = note(), invoice(state="UNPAID"), invoice()
    light = open_light([credit], [bill, draft])
    light.link(credit, draft, 1000)
    light.link(credit, bill, 2000)
    assert reverse(light, bill, credit["id"], archive=True).status_code == 422
    assert light.state(bill) == ("UNPAID", 23000)
    assert light.status(credit) == "PARTIALLY_CLEARED"


def test_a_note_that_cleared_another_invoice_is_not_archived_with_a_reversal(open_light):
    credit, bill, other = note(), invoice(state="UNPAID"), invoice(state="UNPAID")
    switches = Switches(partially_cleared_linkable=True)
    light = open_light([credit], [bill, other], switches=switches)
    light.link(credit, bill, 2000)
    light.link(credit, other, 3000)
    before = light.get("/admin/books")
    assert reverse(light, bill, credit["id"], archive=True).status_code == 422
    given = {"invoicePayable": bill["id"], "accountingDocument": credit["id"], "type": "CN"}
    body = {"as": "Ida", "action": "reverse_clearing", **given, "archive": True}
    assert light("POST", "/admin/act", json=body).status_code == 422
    assert light.get("/admin/books") == before
    assert reverse(light, other, credit["id"]).status_code == 200
    assert reverse(light, bill, credit["id"], archive=True).status_code == 200
    assert light.status(credit) == "ARCHIVED"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"clearingAccountingDocumentId": "x", "clearingType": "CN"},
        {"clearingAccountingDocumentId": note()["id"], "clearingType": "XX"},
        {"clearingAccountingDocumentId": note()["id"]},
    ],
)
def test_a_malformed_reversal_is_400(open_light, body):
    bill = invoice(state="UNPAID")
    light = open_light([], [bill])
    path = f"/v1/invoice-payables/{bill['id']}/reverse-clearing"
    assert light("POST", path, json=body).status_code == 400


def test_archiving_is_refused_while_links_or_clearings_exist(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    path = f"/v1/credit-notes/{credit['id']}/archive"
    light.link(credit, bill, 4000)
    assert light("POST", path).status_code == 422
    light.post_invoice(bill)
    assert light("POST", path).status_code == 422
    reverse(light, bill, credit["id"])
    assert light("POST", path).json()["status"] == "ARCHIVED"
    assert light("POST", path).status_code == 409


def test_paying_the_rest_ends_in_paid(open_light):
    bill = invoice(state="UNPAID")
    light = open_light([], [bill])
    light.sandbox.act("pay", invoicePayable=bill["id"], amount=5000)
    assert light.state(bill) == ("PARTIALLY_PAID", 20000)
    light.sandbox.act("pay", invoicePayable=bill["id"])
    assert light.state(bill) == ("PAID", 0)
