"""The admin side: what was asked, the books, switches, faults, rate, acting as somebody else."""

from __future__ import annotations

import pytest

from clearing.sandbox import records

from .conftest import ENTITY, VENDOR, invoice, note


def test_requests_are_counted_by_call_and_writes_are_kept(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    light.link(credit, bill, 5)
    light.link(credit, bill, 5)
    light.links(credit)
    body = light.get("/admin/requests")
    link = "/v1/credit-notes/{creditNoteId}/invoice-payables"
    assert body["totals"] == {f"GET {link}": 1, f"POST {link}/{{invoicePayableId}}": 2}
    assert [(row["method"], row["status"]) for row in body["writes"]] == [
        ("POST", 200),
        ("POST", 409),
    ]
    assert body["writes"][0]["path"] == light.pair(credit, bill)
    assert body["writes"][0]["body"] == '{"amount": 5}'
    assert light("DELETE", "/admin/requests").json()["total"] == 0
    assert light.get("/admin/requests")["writes"] == []


def test_the_key_is_not_kept(open_light):
    light = open_light(key="s3cret")
    light("GET", "/v1/vendors", headers={"X-Trace": "7"})
    (asked,) = light.sandbox.requests
    assert asked.headers["x-trace"] == "7"
    assert "s3cret" not in repr(asked)


def test_the_books(open_light):
    credit, bill, draft = note(), invoice(state="UNPAID"), invoice()
    light = open_light([credit], [bill, draft])
    light.link(credit, draft, 1000)
    light.link(credit, bill, 2000)
    books = light.get("/admin/books")
    links = {(row["invoicePayableId"], row["amount"], row["active"]) for row in books["links"]}
    assert links == {(draft["id"], 1000, True), (bill["id"], 2000, False)}
    assert [row["amount"] for row in books["clearings"]] == [2000]
    assert books["creditNotes"][0]["available"] == 7000
    assert books["creditNotes"][0]["status"] == "PARTIALLY_CLEARED"
    assert {row["outstanding"] for row in books["invoicePayables"]} == {23000, 25000}


def test_switches_rate_and_faults_turn_over_http(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    turned = light("POST", "/admin/switches", json={"existing_pair": "add"}).json()
    assert turned["existing_pair"] == "add"
    assert light.get("/admin/switches") == turned
    light.link(credit, bill, 5)
    assert light.link(credit, bill, 5).json()["amount"] == 10
    fault = {"method": "GET", "path": "vendors", "status": 500}
    assert light("POST", "/admin/faults", json=fault).status_code == 200
    assert light("GET", "/v1/vendors").status_code == 500
    assert light("POST", "/admin/faults", json={"profile": "down"}).json() == {"profile": "down"}
    assert light("POST", "/admin/faults", json={"clear": True}).json() == {"profile": "none"}
    limits = {"per_minute": 0, "per_day": None}
    assert light("POST", "/admin/rate", json=limits).json() == limits
    assert light("GET", "/v1/vendors").status_code == 429


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/admin/switches", {"nonsense": True}),
        ("/admin/switches", {"existing_pair": 5}),
        ("/admin/faults", {"kind": "nonsense"}),
        ("/admin/faults", {"profile": "nonsense"}),
        ("/admin/faults", {"profile": []}),
        ("/admin/rate", {"per_minute": "many"}),
        ("/admin/act", {"as": "x", "action": "nonsense"}),
        ("/admin/act", {"as": "x"}),
        ("/admin/act", {"as": "x", "action": "pay"}),
        ("/admin/act", {"as": "x", "action": "add", "kind": "nonsense"}),
        ("/admin/act", {"as": "x", "action": "add", "kind": "vendor", "colour": "red"}),
        ("/admin/act", {"as": "x", "action": "edit_vendor", "vendor": "x"}),
        ("/admin/act", {"as": "x", "action": "remove", "id": "x"}),
    ],
)
def test_a_malformed_admin_call_is_400(open_light, path, body):
    answer = open_light()("POST", path, json=body)
    assert (answer.status_code, answer.json()["type"]) == (400, "BAD_REQUEST")


def test_somebody_else_works_in_light(open_light):
    credit, bill, other = note(), invoice(), invoice()
    light = open_light([credit], [bill, other])

    def act(action, **given):
        answer = light("POST", "/admin/act", json={"as": "Ida", "action": action, **given})
        assert answer.status_code == 200, answer.text
        return answer.json()

    pair = {"creditNote": credit["id"], "invoicePayable": bill["id"]}
    act("link", **pair, amount=3000)
    act("change_link", **pair, amount=4000)
    act("link", creditNote=credit["id"], invoicePayable=other["id"], amount=1)
    act("unlink", creditNote=credit["id"], invoicePayable=other["id"])
    assert act("post_invoice", invoicePayable=bill["id"])["state"] == "UNPAID"
    act("schedule_payment", invoicePayable=bill["id"], at="2026-11-05")
    assert light.get(f"/v1/invoice-payables/{bill['id']}")["paymentAt"] == "2026-11-05T00:00:00Z"
    act("pay", invoicePayable=bill["id"])
    assert light.state(bill) == ("PAID", 0)
    act("reverse_clearing", invoicePayable=bill["id"], accountingDocument=credit["id"], type="CN")
    assert light.state(bill) == ("PARTIALLY_PAID", 4000)
    act("set_state", invoicePayable=bill["id"], state="RESET_PENDING")
    assert light.state(bill)[0] == "RESET_PENDING"
    act("edit_credit_note", creditNote=credit["id"], amount=1)
    act("archive", creditNote=credit["id"])
    assert light.status(credit) == "ARCHIVED"
    acts = light.get("/admin/books")["acts"]
    assert {row["as"] for row in acts} == {"Ida"}
    assert len(acts) == 11
    assert light.sandbox.requests
    assert not [asked for asked in light.sandbox.requests if asked.is_write]


def test_somebody_else_adds_and_removes_documents(open_light):
    light = open_light()
    made = light.sandbox.act(
        "add",
        kind="credit_note",
        businessPartnerId=VENDOR["vendorId"],
        companyEntityId=ENTITY["id"],
        amount=10000,
    )
    bill = light.sandbox.act("add", kind="invoice_payable", **_group(), state="IN_DRAFT")
    assert made["businessPartnerName"] == VENDOR["name"]
    assert made["updatedAt"] > records.CREATED
    assert light.link(made, bill, 50).status_code == 200
    light.sandbox.act("remove", id=bill["id"])
    assert light("GET", f"/v1/invoice-payables/{bill['id']}").status_code == 404
    assert light.links(made) == []


def _group():
    return {"vendorId": VENDOR["vendorId"], "companyEntityId": ENTITY["id"]}


def test_what_light_refuses_it_refuses_to_everybody(open_light):
    credit, bill = note(status="DRAFT"), invoice()
    light = open_light([credit], [bill])
    pair = {"creditNote": credit["id"], "invoicePayable": bill["id"]}
    body = {"as": "Ida", "action": "link", **pair, "amount": 1}
    assert light("POST", "/admin/act", json=body).status_code == 422
    body = {"as": "Ida", "action": "post_credit_note", "creditNote": bill["id"]}
    assert light("POST", "/admin/act", json=body).status_code == 404
