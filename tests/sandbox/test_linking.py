"""Links: what Light states about them, and every switch of what it leaves open."""

from __future__ import annotations

import pytest

from clearing.sandbox.switches import Switches

from .conftest import invoice, note


def words(answer):
    return answer.json()["errors"][0]["message"]


def test_a_link_carries_both_documents_amount_and_currency(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    made = light.link(credit, bill, 4000)
    assert made.status_code == 200
    body = made.json()
    assert (body["creditNote"]["id"], body["invoicePayable"]["id"]) == (credit["id"], bill["id"])
    assert (body["amount"], body["currency"]) == (4000, "EUR")
    assert body["creditNote"]["documentNumber"] == credit["_documentNumber"]
    assert body["invoicePayable"]["status"] == "DRAFT"
    assert light.links(credit) == [body]
    assert light.get(f"/v1/invoice-payables/{bill['id']}/credit-notes") == [body]


@pytest.mark.parametrize("amount", [None, 0, -1, 1.5, "100", True, 2**63])
def test_an_amount_must_be_a_positive_int64(open_light, amount):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    answer = light.link(credit, bill, amount)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == ["amount"]
    assert light.sandbox.books.link_rows() == []


@pytest.mark.parametrize(
    ("credit", "bill", "reason"),
    [
        (note(status="DRAFT"), invoice(), "POSTED"),
        (note(status="CLEARED"), invoice(), "POSTED"),
        (note(status="ARCHIVED"), invoice(), "POSTED"),
        (note(status="PARTIALLY_CLEARED"), invoice(), "POSTED"),
        (note(companyEntityId=None), invoice(companyEntityId=None), "company entity"),
        (note(businessPartnerId=None), invoice(), "vendor"),
        (note(currency="USD"), invoice(), "currency"),
        (note(_toBeAdjusted="AR"), invoice(), "adjust"),
        (note(amount=99), invoice(), "credit note"),
        (note(), invoice(amount=99), "invoice payable"),
        (note(), invoice(state="CANCELLED"), "CANCELLED"),
    ],
)
def test_what_does_not_fit_is_refused_with_422(open_light, credit, bill, reason):
    light = open_light([credit], [bill])
    answer = light.link(credit, bill, 100)
    assert answer.status_code == 422
    assert reason in words(answer)
    assert light.sandbox.books.link_rows() == []


def test_links_use_up_the_balance_of_both_sides(open_light):
    credit, other, small, big = note(), note(), invoice(amount=9000), invoice()
    light = open_light([credit, other], [small, big])
    assert light.link(credit, small, 6000).status_code == 200
    assert "credit note" in words(light.link(credit, big, 4001))
    assert light.link(credit, big, 4000).status_code == 200
    assert "invoice payable" in words(light.link(other, small, 3001))
    assert light.link(other, small, 3000).status_code == 200


def test_the_amount_of_a_link_can_change_within_the_balances(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    light.link(credit, bill, 4000)
    path = light.pair(credit, bill)
    assert light("PATCH", path, json={"amount": 10000}).json()["amount"] == 10000
    assert light("PATCH", path, json={"amount": 10001}).status_code == 422
    assert light("PATCH", path, json={"amount": 0}).status_code == 400
    assert light.links(credit)[0]["amount"] == 10000


def test_unlink_frees_the_balance_and_works_once(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    light.link(credit, bill, 10000)
    assert light("DELETE", light.pair(credit, bill)).status_code == 204
    assert light.links(credit) == []
    assert light("DELETE", light.pair(credit, bill)).status_code == 404
    assert light("PATCH", light.pair(credit, bill), json={"amount": 1}).status_code == 404
    assert light.link(credit, bill, 10000).status_code == 200


@pytest.mark.parametrize(("mode", "status", "amount"), [
    ("refuse", 409, 3000), ("replace", 200, 2000), ("add", 200, 5000),
])  # fmt: skip
def test_a_pair_that_is_already_linked(open_light, mode, status, amount):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill], switches=Switches().changed({"existing_pair": mode}))
    light.link(credit, bill, 3000)
    assert light.link(credit, bill, 2000).status_code == status
    assert [row["amount"] for row in light.links(credit)] == [amount]


def test_add_cannot_go_beyond_the_balance(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill], switches=Switches().changed({"existing_pair": "add"}))
    light.link(credit, bill, 6000)
    assert light.link(credit, bill, 4001).status_code == 422
    assert light.links(credit)[0]["amount"] == 6000


@pytest.mark.parametrize(("allowed", "status"), [(False, 422), (True, 200)])
def test_a_partially_cleared_note_is_linkable_by_switch(open_light, allowed, status):
    credit, posted, draft = note(), invoice(state="UNPAID"), invoice()
    switches = Switches(partially_cleared_linkable=allowed)
    light = open_light([credit], [posted, draft], switches=switches)
    light.link(credit, posted, 4000)
    assert light.status(credit) == "PARTIALLY_CLEARED"
    assert light.link(credit, draft, 6000).status_code == status


def test_a_link_to_a_posted_invoice_clears_at_once(open_light):
    credit, bill = note(), invoice(state="UNPAID")
    light = open_light([credit], [bill])
    assert light.link(credit, bill, 4000).status_code == 200
    assert light.links(credit) == []
    assert light.status(credit) == "PARTIALLY_CLEARED"
    assert light.state(bill) == ("UNPAID", 21000)
    assert [row["payment"]["type"] for row in light.payments(bill)] == ["CN"]


@pytest.mark.parametrize(("mode", "status"), [("refuse", 422), ("nothing", 200)])
def test_other_answers_to_a_link_on_a_posted_invoice(open_light, mode, status):
    credit, bill = note(), invoice(state="UNPAID")
    light = open_light([credit], [bill], switches=Switches().changed({"link_on_posted": mode}))
    assert light.link(credit, bill, 4000).status_code == status
    assert light.links(credit) == light.payments(bill) == []
    assert (light.status(credit), light.state(bill)) == ("POSTED", ("UNPAID", 25000))


@pytest.mark.parametrize(("listed", "count"), [(False, 0), (True, 1)])
def test_a_link_of_a_posted_invoice_is_listed_by_switch(open_light, listed, count):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill], switches=Switches(posted_link_listed=listed))
    light.link(credit, bill, 4000)
    light.post_invoice(bill)
    assert len(light.links(credit)) == count
    assert light.status(credit) == "PARTIALLY_CLEARED"


@pytest.mark.parametrize("allowed", [False, True])
def test_delete_of_a_link_whose_invoice_is_posted(open_light, allowed):
    credit, bill = note(), invoice()
    mode = {"delete_link_of_posted": "allow" if allowed else "refuse"}
    light = open_light([credit], [bill], switches=Switches().changed(mode))
    light.link(credit, bill, 4000)
    light.post_invoice(bill)
    answer = light("DELETE", light.pair(credit, bill))
    assert answer.status_code == (204 if allowed else 409)
    assert light.state(bill) == ("UNPAID", 25000 if allowed else 21000)
    assert light.status(credit) == ("POSTED" if allowed else "PARTIALLY_CLEARED")


@pytest.mark.parametrize(
    ("ids", "note_key", "invoice_key"),
    [
        ("external", "id", "id"),
        ("accounting", "_accountingDocumentId", "_accountingDocumentId"),
        ("internal", "id", "invoicePayableId"),
    ],
)
def test_which_ids_a_link_and_a_clearing_show(open_light, ids, note_key, invoice_key):
    credit, bill, posted = note(), invoice(), invoice(state="UNPAID")
    other = note()
    switches = Switches().changed({"ids_in_links": ids})
    light = open_light([credit, other], [bill, posted], switches=switches)
    body = light.link(credit, bill, 4000).json()
    assert body["creditNote"]["id"] == credit[note_key]
    assert body["invoicePayable"]["id"] == bill[invoice_key]
    light.link(other, posted, 4000)
    entry = light.payments(posted)[0]
    assert entry["invoicePayableId"] == posted[invoice_key]
    assert entry["payment"]["accountingDocumentId"] == other[note_key]


@pytest.mark.parametrize("touches", [True, False])
def test_linking_moves_updated_at_by_switch(open_light, touches):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill], switches=Switches(link_touches_updated_at=touches))

    def stamps():
        paths = (f"/v1/credit-notes/{credit['id']}", f"/v1/invoice-payables/{bill['id']}")
        return [light.get(path)["updatedAt"] for path in paths]

    seen = [stamps()]
    for method, body in (("POST", {"amount": 1}), ("PATCH", {"amount": 2}), ("DELETE", None)):
        light(method, light.pair(credit, bill), json=body)
        seen.append(stamps())
    for side in (0, 1):
        column = [pair[side] for pair in seen]
        assert column == sorted(column)
        assert len(set(column)) == (4 if touches else 1)


@pytest.mark.parametrize(("reduces", "open_amount"), [(False, 25000), (True, 21000)])
def test_a_link_reduces_the_outstanding_balance_by_switch(open_light, reduces, open_amount):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill], switches=Switches(link_reduces_outstanding=reduces))
    light.link(credit, bill, 4000)
    assert light.state(bill) == ("IN_DRAFT", open_amount)


@pytest.mark.parametrize(("lowers", "open_amount"), [(False, -4000), (True, 0)])
def test_a_link_lowers_a_scheduled_payment_by_switch(open_light, lowers, open_amount):
    credit, bill = note(), invoice(state="UNPAID")
    light = open_light([credit], [bill], switches=Switches(link_lowers_scheduled_payment=lowers))
    light.sandbox.act("schedule_payment", invoicePayable=bill["id"], at="2026-11-05")
    assert light.state(bill)[0] == "SCHEDULED"
    light.link(credit, bill, 4000)
    light.sandbox.act("pay", invoicePayable=bill["id"])
    assert light.state(bill) == ("PAID", open_amount)


def test_unknown_documents_are_404_in_the_short_envelope(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    nobody = {"id": "00000000-0000-4000-8000-000000000000"}
    for answer in (light.link(nobody, bill, 1), light.link(credit, nobody, 1)):
        assert answer.status_code == 404
        assert answer.json()["type"] == "NOT_FOUND"
        assert set(answer.json()) == {"type", "message"}


def test_a_switch_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no switch"):
        Switches().changed({"existing": "add"})
    with pytest.raises(ValueError, match="perhaps"):
        Switches().changed({"existing_pair": "perhaps"})
    with pytest.raises(ValueError, match="true or false"):
        Switches().changed({"auto_allocation": "yes"})
