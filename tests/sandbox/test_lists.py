"""Filter, sort and paging of every list."""

from __future__ import annotations

import pytest

from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.sandbox.switches import Switches

from .conftest import ENTITY, VENDOR, Light, invoice, note

LISTS = [
    "/v1/credit-notes",
    "/v1/bff/invoice-payables",
    "/v1/accounting-documents/accounting-documents",
    "/v1/vendors",
    "/v1/entities",
    "/v1/ledger-accounts",
    "/v1/users",
]
NOTES = [
    note(amount=300, documentDate="2026-01-01", updatedAt="2026-02-01T00:00:00Z"),
    note(amount=None, documentDate="2026-01-02", updatedAt="2026-02-02T00:00:00.5Z"),
    note(amount=100, documentDate=None, updatedAt="2026-02-03T00:00:00Z", status="DRAFT"),
    note(amount=200, documentDate="2026-01-03", businessPartnerId=None, _toBeAdjusted="AR"),
]
BILLS = [
    invoice(amount=500, dueDate="2026-03-01", state="UNPAID"),
    invoice(amount=-7, dueDate="2026-03-02", state="PAID", vendorId=None),
    invoice(amount=900, dueDate=None, state="IN_DRAFT", currency=None),
]


@pytest.fixture(scope="module")
def light():
    data = records.dataset(
        entities=[ENTITY],
        vendors=[VENDOR, records.vendor(name="Zeta AS", status="IN_REVIEW")],
        ledger_accounts=[records.ledger_account(code=code) for code in (3000, 1000, 2000)],
        users=[records.user()],
        credit_notes=NOTES,
        invoice_payables=BILLS,
    )
    with Sandbox(data) as sandbox:
        yield Light(sandbox)


def found(light, path, filter_="", sort=""):
    params = {"cursor": "0", "filter": filter_, "sort": sort}
    return light.get(path, params=params)["records"]


def numbers(light, filter_):
    """Which of NOTES a filter finds, by their place."""
    ids = {row["id"] for row in found(light, "/v1/credit-notes", filter_)}
    return {place for place, row in enumerate(NOTES) if row["id"] in ids}


@pytest.mark.parametrize(
    ("filter_", "places"),
    [
        ("status:eq:DRAFT", {2}),
        ("status:ne:DRAFT", {0, 1, 3}),
        ("status:in:DRAFT|ARCHIVED", {2}),
        ("status:not_in:DRAFT|ARCHIVED", {0, 1, 3}),
        ("status:eq:NEVER_SEEN", set()),
        ("documentDate:gt:2026-01-01", {1, 3}),
        ("documentDate:gte:2026-01-01", {0, 1, 3}),
        ("documentDate:lt:2026-01-03", {0, 1}),
        ("documentDate:lte:2026-01-03,documentDate:gt:2026-01-01", {1, 3}),
        ("documentDate:eq:null", {2}),
        ("documentDate:ne:null", {0, 1, 3}),
        ("documentDate:ne:2026-01-01", {1, 3}),
        ("businessPartnerId:eq:null", {3}),
        (f"businessPartnerId:eq:{VENDOR['vendorId'].upper()}", {0, 1, 2}),
        (f"companyEntityId:eq:{ENTITY['id']}", {0, 1, 2, 3}),
        ("toBeAdjustedAccDocType:eq:AR", {3}),
        ("updatedAt:gte:2026-02-02T00:00:00Z,updatedAt:lt:2026-03-01", {1, 2}),
        ("updatedAt:gt:2026-02-02T00:00:00.500Z,updatedAt:lt:2026-03-01", {2}),
        ("updatedAt:lt:2026-02-02T02:00:00+02:00", {0}),
    ],
)
def test_each_operator_finds_what_it_says(light, filter_, places):
    assert numbers(light, filter_) == places


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "amount:eq:100"},
        {"filter": "status:like:D"},
        {"filter": "status"},
        {"filter": "status:eq"},
        {"filter": "status:eq:DRAFT,"},
        {"filter": "documentDate:eq:yesterday"},
        {"filter": "updatedAt:gte:soon"},
        {"filter": "businessPartnerId:eq:5"},
        {"sort": "updatedAt:desc"},
        {"sort": "amount:up"},
        {"sort": "amount"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "many"},
        {"offset": "-1"},
        {"cursor": "1"},
        {"cursor": "nonsense"},
        {"cursor": "\0"},
        {"cursor": ""},
    ],
)
def test_what_a_list_does_not_know_is_400_at_its_parameter(light, query):
    answer = light("GET", "/v1/credit-notes", params=query)
    assert answer.status_code == 400
    body = answer.json()
    assert body["type"] == "BAD_REQUEST"
    assert body["errors"][0]["path"] == list(query)


@pytest.mark.parametrize(
    ("sort", "amounts"),
    [
        ("amount:asc", [100, 200, 300, None]),
        ("amount:desc", [300, 200, 100, None]),
        ("status:asc,amount:desc", [100, 300, 200, None]),
    ],
)
def test_sorting_puts_nulls_last(light, sort, amounts):
    assert [row["amount"] for row in found(light, "/v1/credit-notes", sort=sort)] == amounts


def test_ties_are_broken_by_id(light):
    ids = [row["id"] for row in found(light, "/v1/credit-notes", sort="businessPartnerName:asc")]
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("filter_", "amounts"),
    [
        ("amount:gte:500", {500, 900}),
        ("amount:lt:0", {-7}),
        ("state:in:UNPAID|PAID", {500, -7}),
        ("vendorId:ne:null", {500, 900}),
        ("vendorName:eq:Nordwind Logistik GmbH,dueDate:eq:null", {900}),
        (f"id:eq:{BILLS[0]['id']}", {500}),
        (f"documentNumber:eq:{BILLS[1]['invoiceNumber']}", {-7}),
        ("type:eq:VENDOR_INVOICE,userId:eq:null", {500, -7, 900}),
    ],
)
def test_filters_of_invoices(light, filter_, amounts):
    rows = found(light, "/v1/bff/invoice-payables", filter_)
    assert {row["amount"] for row in rows} == amounts


def test_the_invoice_list_has_its_own_shape(light):
    rows = found(light, "/v1/bff/invoice-payables", sort="amount:desc")
    assert [row["vendor"]["vendorName"] for row in rows] == [VENDOR["name"], VENDOR["name"], None]
    assert [row["currency"] for row in rows] == [None, "EUR", "EUR"]
    assert rows[0]["companyEntityName"] == ENTITY["name"]
    for absent in ("outstandingBalance", "invoicePayableId", "vendorId", "lineItems"):
        assert absent not in rows[0]
    assert not [key for row in rows for key in row if key.startswith("_")]


def test_the_documents_list_carries_the_numbers_of_notes(light):
    path = "/v1/accounting-documents/accounting-documents"
    rows = found(light, path, "documentType:eq:CN,cnToBeAdjustedAccDocType:eq:AP")
    numbers = {row["id"]: row["documentNumber"] for row in rows}
    assert numbers == {row["id"]: row["_documentNumber"] for row in NOTES[:3]}
    assert {row["status"] for row in found(light, path, "documentType:eq:AP")} == {
        "POSTED",
        "DRAFT",
    }


def test_the_adjust_filter_can_be_unknown_and_ids_those_of_accounting(open_light):
    switches = Switches(refuse_cn_adjust_filter=True)
    light = open_light(
        [NOTES[0]], switches=switches.changed({"ids_in_documents_list": "accounting"})
    )
    path = "/v1/accounting-documents/accounting-documents"
    query = {"filter": "cnToBeAdjustedAccDocType:eq:AP"}
    assert light("GET", path, params=query).status_code == 400
    assert light.get(path)["records"][0]["id"] == NOTES[0]["_accountingDocumentId"]


def test_bank_payments_are_accounting_documents_until_reversed(open_light):
    bill = invoice(state="UNPAID")
    light = open_light([], [bill])
    light.sandbox.act("pay", invoicePayable=bill["id"], amount=25000)
    path = "/v1/accounting-documents/accounting-documents"
    rows = {row["documentType"]: row for row in light.get(path)["records"]}
    assert rows["BP"]["totalTransactionAmount"]["amount"] == 25000
    assert rows["AP"]["status"] == "CLEARED"


@pytest.mark.parametrize("path", LISTS)
def test_paging_by_cursor_gives_each_row_once(light, path):
    expected = light.get(path)
    assert expected["total"] == len(expected["records"])
    seen, cursor = [], "0"
    while cursor:
        page = light.get(path, params={"cursor": cursor, "limit": 2})
        assert page["total"] is None
        assert page["hasMore"] == (page["nextCursor"] is not None)
        seen += page["records"]
        last, cursor = page, page["nextCursor"]
    assert seen == expected["records"]
    if len(seen) > 2:
        before = light.get(path, params={"cursor": last["prevCursor"], "limit": 2})
        assert before["nextCursor"]


def test_offset_still_works_and_counts(light):
    page = light.get("/v1/credit-notes", params={"offset": "3", "limit": "2"})
    assert (page["total"], len(page["records"]), page["hasMore"]) == (4, 1, False)
    assert page["nextCursor"] is None


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/bff/invoice-payables", {}),
        ("/v1/credit-notes", {"filter": "status:eq:POSTED"}),
        ("/v1/credit-notes", {"sort": "amount:asc"}),
    ],
)
def test_a_cursor_belongs_to_its_list_filter_and_sort(light, path, query):
    first = light.get("/v1/credit-notes", params={"cursor": "0", "limit": "1"})
    answer = light("GET", path, params={**query, "cursor": first["nextCursor"], "limit": "1"})
    assert answer.status_code == 400


def test_fifty_rows_unless_told_otherwise(open_light):
    light = open_light([note() for _ in range(60)])
    assert len(light.get("/v1/credit-notes")["records"]) == 50
    assert len(light.get("/v1/credit-notes", params={"limit": 200})["records"]) == 60


def test_vendors_can_be_searched(light):
    rows = light.get("/v1/vendors", params={"searchTerm": "zETA"})["records"]
    assert [row["name"] for row in rows] == ["Zeta AS"]
    assert [row["name"] for row in found(light, "/v1/vendors", "status:eq:ACTIVE")] == [
        VENDOR["name"]
    ]


def test_reference_data_sorts(light):
    rows = found(light, "/v1/ledger-accounts", sort="code:asc")
    assert [row["code"] for row in rows] == [1000, 2000, 3000]


def test_every_change_moves_a_document_into_an_incremental_read(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    since = light.link(credit, bill, 5).json()["updatedAt"]
    light.sandbox.act("edit_invoice", invoicePayable=bill["id"], description="changed")
    rows = found(light, "/v1/bff/invoice-payables", f"updatedAt:gt:{since}")
    assert [row["description"] for row in rows] == ["changed"]


@pytest.mark.parametrize("carries", [False, True])
def test_a_list_may_leave_out_the_lines_that_the_detail_shows(open_light, carries):
    credit = note()
    light = open_light([credit], switches=Switches(lines_in_list=carries))
    (row,) = light.get("/v1/credit-notes")["records"]
    whole = light.get(f"/v1/credit-notes/{credit['id']}")
    assert whole["lines"][0]["id"] == credit["lines"][0]["id"]
    assert row.get("lines") == (whole["lines"] if carries else None)
    assert {name: value for name, value in whole.items() if name != "lines"}.items() <= row.items()
