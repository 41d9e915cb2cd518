"""Draft credit notes: create, change, lines, post."""

from __future__ import annotations

import pytest

from clearing.sandbox import records

from .conftest import ENTITY, VENDOR, invoice, note

NEW = {
    "companyEntityId": ENTITY["id"],
    "businessPartnerId": VENDOR["vendorId"],
    "currency": "EUR",
    "documentDate": "2026-10-20",
    "amount": 11900,
    "lines": [
        {
            "grossTransactionAmount": {"amount": 11900, "dcSign": "C"},
            "taxTransactionAmount": {"amount": 1900, "dcSign": "C"},
            "description": "Returned pallets",
        }
    ],
}


def test_a_new_note_is_a_draft_that_can_be_posted_and_linked(open_light):
    bill = invoice()
    light = open_light([], [bill])
    made = light("POST", "/v1/credit-notes", json=NEW).json()
    assert (made["status"], made["postingDate"]) == ("DRAFT", "2026-10-20")
    assert made["businessPartnerName"] == VENDOR["name"]
    assert made["lines"][0]["netTransactionAmount"] == {"amount": 10000, "dcSign": "C"}
    assert light("POST", f"/v1/credit-notes/{made['id']}/post").json()["status"] == "POSTED"
    assert light.link(made, bill, 11900).status_code == 200


def test_a_document_number_that_exists_returns_that_note(open_light):
    light = open_light()
    first = light("POST", "/v1/credit-notes", json={**NEW, "documentNumber": "K-1"}).json()
    again = light("POST", "/v1/credit-notes", json={**NEW, "documentNumber": "K-1"}).json()
    fresh = light("POST", "/v1/credit-notes", json=NEW).json()
    assert again == first
    assert fresh["id"] != first["id"]


def test_null_clears_a_field_and_a_field_left_out_stays(open_light):
    draft = note(status="DRAFT", description="old")
    light = open_light([draft])
    path = f"/v1/credit-notes/{draft['id']}"
    body = light("PATCH", path, json={"businessPartnerId": None, "amount": 5}).json()
    assert (body["businessPartnerId"], body["businessPartnerName"]) == (None, None)
    assert (body["amount"], body["description"]) == (5, "old")
    assert "currency" not in light("PATCH", path, json={"currency": None}).json()


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "5"},
        {"currency": "euro"},
        {"documentDate": "20.10.2026"},
        {"documentDate": "2026-02-30"},
        {"description": "a\0b"},
        {"areLinesWithTax": 1},
        {"localCurrencyFxRateOverride": -1},
        {"companyEntityId": "nonsense"},
        {"companyEntityId": "00000000-0000-4000-8000-000000000000"},
        {"businessPartnerId": "00000000-0000-4000-8000-000000000000"},
    ],
)
def test_a_bad_field_is_400_at_its_path_and_changes_nothing(open_light, change):
    draft = note(status="DRAFT")
    light = open_light([draft])
    path = f"/v1/credit-notes/{draft['id']}"
    before = light.get(path)
    answer = light("PATCH", path, json=change)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == list(change)
    assert light.get(path) == before


def test_the_number_of_another_note_is_a_conflict(open_light):
    draft, other = note(status="DRAFT"), note(_documentNumber="TAKEN-1")
    light = open_light([draft, other])
    path = f"/v1/credit-notes/{draft['id']}"
    assert light("PATCH", path, json={"documentNumber": "TAKEN-1"}).status_code == 409


def test_lines_come_change_and_go(open_light):
    draft = note(status="DRAFT", lines=[])
    light = open_light([draft])
    path = f"/v1/credit-notes/{draft['id']}"
    line = {"netTransactionAmount": {"amount": 700, "dcSign": "C"}, "description": "one"}
    made = light("POST", f"{path}/lines", json=line).json()
    assert made["grossTransactionAmount"]["amount"] == 700
    where = f"{path}/lines/{made['id']}"
    assert light("PATCH", where, json={"description": None}).json()["description"] is None
    assert light.get(path)["lines"][0]["netTransactionAmount"]["amount"] == 700
    assert light("DELETE", where).status_code == 204
    assert light("DELETE", where).status_code == 404
    assert light.get(path)["lines"] == []


@pytest.mark.parametrize(
    "amount", [{"amount": 1}, {"amount": 1, "dcSign": "X"}, {"dcSign": "C"}, 5, {"amount": 2**63}]
)
def test_a_line_amount_needs_amount_and_sign(open_light, amount):
    draft = note(status="DRAFT")
    light = open_light([draft])
    path = f"/v1/credit-notes/{draft['id']}/lines"
    assert light("POST", path, json={"netTransactionAmount": amount}).status_code == 400


def test_nothing_but_a_draft_can_be_changed_or_posted(open_light):
    posted = note()
    light = open_light([posted])
    path = f"/v1/credit-notes/{posted['id']}"
    line = f"{path}/lines/{posted['lines'][0]['id']}"
    calls = [("PATCH", path), ("POST", f"{path}/lines"), ("PATCH", line), ("DELETE", line)]
    calls.append(("POST", f"{path}/post"))
    assert [light(method, url, json={}).status_code for method, url in calls] == [422] * 5


@pytest.mark.parametrize(
    "missing",
    [{"lines": []}, {"companyEntityId": None}, {"businessPartnerId": None}, {"currency": None}],
)
def test_posting_needs_a_line_an_entity_a_vendor_and_a_currency(open_light, missing):
    draft = note(status="DRAFT", **missing)
    light = open_light([draft])
    assert light("POST", f"/v1/credit-notes/{draft['id']}/post").status_code == 422
    assert light.status(draft) == "DRAFT"


def test_a_draft_can_be_made_from_an_invoice(open_light):
    bill = invoice()
    light = open_light([], [bill])
    path = f"/v1/credit-notes/create-from-invoice-payable/{bill['id']}"
    made = light("POST", path).json()
    assert (made["status"], made["amount"]) == ("DRAFT", 25000)
    assert made["businessPartnerId"] == VENDOR["vendorId"]
    assert len(made["lines"]) == 1


def test_a_builder_refuses_a_key_that_does_not_exist():
    with pytest.raises(TypeError, match="vendorId"):
        records.credit_note(vendorId="x")


def part(amount, side="C"):
    return {"amount": amount, "dcSign": side}


def amounts(line):
    return [
        line[name]["amount"] if line[name] else None
        for name in ("netTransactionAmount", "taxTransactionAmount", "grossTransactionAmount")
    ]


@pytest.mark.parametrize(
    ("with_tax", "change", "expected"),
    [
        (True, {"grossTransactionAmount": part(2000)}, [1810, 190, 2000]),
        (True, {"netTransactionAmount": part(1500)}, [1500, 190, 1690]),
        (True, {"taxTransactionAmount": part(100)}, [1090, 100, 1190]),
        (False, {"taxTransactionAmount": part(100)}, [1000, 100, 1100]),
        (True, {"taxTransactionAmount": part(100, "D")}, [1290, 100, 1190]),
        (
            False,
            {"netTransactionAmount": part(500), "grossTransactionAmount": part(600)},
            [500, 100, 600],
        ),
        (False, {"description": "only words"}, [1000, 190, 1190]),
    ],
)
def test_net_and_tax_stay_gross_when_one_part_is_changed(open_light, with_tax, change, expected):
    line = records.credit_note_line(
        netTransactionAmount=part(1000), taxTransactionAmount=part(190),
        grossTransactionAmount=part(1190),
    )  # fmt: skip
    draft = note(status="DRAFT", areLinesWithTax=with_tax, lines=[line])
    light = open_light([draft])
    path = f"/v1/credit-notes/{draft['id']}"
    answer = light("PATCH", f"{path}/lines/{line['id']}", json=change).json()
    assert amounts(answer) == expected
    assert amounts(light.get(path)["lines"][0]) == expected


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"netTransactionAmount": None}, 400),
        ({"ledgerAccountId": "00000000-0000-4000-8000-00000000000a"}, 400),
        ({"customProperties": [{"valueIds": []}]}, 400),
        ({"customProperties": [{"groupId": ENTITY["id"], "valueIds": ["x"]}]}, 400),
        (
            {
                "netTransactionAmount": part(1),
                "taxTransactionAmount": part(1),
                "grossTransactionAmount": part(3),
            },
            422,
        ),
    ],
)
def test_a_line_that_cannot_be_is_refused_new_or_changed(open_light, change, status):
    draft = note(status="DRAFT")
    light = open_light([draft])
    path = f"/v1/credit-notes/{draft['id']}"
    before = light.get(path)
    for method, url in (
        ("POST", f"{path}/lines"),
        ("PATCH", f"{path}/lines/{draft['lines'][0]['id']}"),
    ):
        assert light(method, url, json=change).status_code == status
    assert light.get(path) == before
