"""The sandbox against Light's own OpenAPI document, which the project does not carry.

That document describes success only, so a schema is checked for 2xx answers alone; the entry of
an invoice's payments is a oneOf that nothing can satisfy, so its schema is left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import response_schema_conformance

from clearing.sandbox import records, routes
from clearing.sandbox.server import Sandbox

from .conftest import ENTITY, GROUP, VENDOR, invoice, note

DOCUMENT = Path(__file__).resolve().parents[3] / "shared" / "light-api" / "openapi.json"
UNSATISFIABLE = "ExternalInvoicePayablePaymentEntryV1Model"
EXAMPLES = 40  # a call

if not DOCUMENT.exists():
    pytest.skip("Light's OpenAPI document is not beside the project", allow_module_level=True)

NOTES = [
    note(status="DRAFT"),
    note(_pdf=["Credit note"]),
    note(),
    note(status="ARCHIVED", amount=None, documentDate=None),
    note(status="DRAFT", companyEntityId=None, businessPartnerId=None, currency=None),
    *(note() for _ in range(5)),
]
ITEMS = [
    {"id": str(uuid4()), "amount": 119, "netAmount": 100, "taxAmount": 19, "taxCodeId": None},
    {"id": str(uuid4()), "amount": 100, "taxAmount": None, "taxCodeId": str(uuid4())},
]
BILLS = [
    invoice(_pdf=["Invoice"]),
    invoice(state="UNPAID"),
    invoice(state="APPROVAL_PENDING"),
    invoice(state="COMPLETED", localCurrencyFxRate=0.9231, lineItems=ITEMS),
    invoice(amount=None, currency=None, vendorId=None, companyEntityId=None, dueDate=None),
]


def dataset() -> records.Record:
    """Every kind of record, with nulls, a link and clearings of both kinds."""
    return records.dataset(
        entities=[ENTITY],
        vendors=[VENDOR],
        ledger_accounts=[records.ledger_account()],
        users=[records.user()],
        credit_notes=NOTES,
        invoice_payables=BILLS,
        links=[
            records.link(creditNoteId=NOTES[1]["id"], invoicePayableId=BILLS[0]["id"], amount=10)
        ],
        clearings=[
            records.clearing(invoicePayableId=BILLS[1]["id"], amount=10),
            records.clearing(
                invoicePayableId=BILLS[3]["id"], creditNoteId=NOTES[2]["id"], amount=10
            ),
        ],
    )


LINKED = {"creditNoteId": NOTES[1]["id"], "invoicePayableId": BILLS[0]["id"]}
KNOWN = {
    "creditNoteId": [row["id"] for row in NOTES],
    "invoicePayableId": [row["id"] for row in BILLS],
    "lineId": [NOTES[0]["lines"][0]["id"]],
    "vendorId": [VENDOR["vendorId"]],
}
# Where chance seldom hits what succeeds: the documents that this call works on.
PAIR = "/v1/credit-notes/{creditNoteId}/invoice-payables/{invoicePayableId}"
DRAFT = {"creditNoteId": NOTES[0]["id"], "lineId": NOTES[0]["lines"][0]["id"]}
PARTS = {"netTransactionAmount", "taxTransactionAmount", "grossTransactionAmount"}
UNKNOWN = {"ledgerAccountId", "customProperties"}  # of a line; chance does not hit what exists
SUITED = {
    ("PATCH", "/v1/credit-notes/{creditNoteId}"): DRAFT,
    ("POST", "/v1/credit-notes/{creditNoteId}/post"): DRAFT,
    ("POST", "/v1/credit-notes/{creditNoteId}/archive"): {"creditNoteId": NOTES[-1]["id"]},
    ("POST", "/v1/credit-notes/{creditNoteId}/lines"): DRAFT,
    ("DELETE", PAIR): LINKED,
    ("PATCH", PAIR): LINKED,
    ("POST", PAIR): {**LINKED, "creditNoteId": NOTES[-1]["id"]},
    ("DELETE", "/v1/credit-notes/{creditNoteId}/lines/{lineId}"): DRAFT,
    ("PATCH", "/v1/credit-notes/{creditNoteId}/lines/{lineId}"): DRAFT,
    ("POST", "/v1/invoice-payables/{invoicePayableId}/approve"): {
        "invoicePayableId": BILLS[2]["id"]
    },
    ("POST", "/v1/invoice-payables/{invoicePayableId}/reverse-clearing"): {
        "invoicePayableId": BILLS[3]["id"]
    },
}


def load() -> Any:
    raw = json.loads(DOCUMENT.read_text())
    raw["components"]["schemas"][UNSATISFIABLE] = {"type": "object"}
    return schemathesis.openapi.from_dict(raw, config=SchemathesisConfig())


schema = load()


@schema.hook
def map_path_parameters(context, path_parameters):
    """Most calls name a document that exists, or everything would end as 404."""
    suited = SUITED.get((context.operation.method.upper(), context.operation.path), {})
    picked = {}
    for name, value in (path_parameters or {}).items():
        dice = sum(str(list(path_parameters.values())).encode())
        known = KNOWN.get(name, [value])
        chosen = known[dice // 7 % len(known)]
        picked[name] = (value, suited.get(name, chosen), chosen)[(dice % 7 + 1) // 3]
    return picked


@schema.hook
def map_body(context, body):
    """Two of three bodies name the company's records and small amounts, so that they succeed."""
    if not isinstance(body, dict) or not len(json.dumps(body, default=str)) % 3:
        return body
    useful = {"companyEntityId": ENTITY["id"], "businessPartnerId": VENDOR["vendorId"]}
    useful |= {"currency": GROUP["currency"], "documentDate": "2026-10-20"}
    if "clearingType" in body:
        document = NOTES[2]["id"]
        return {**body, "clearingType": "CN", "clearingAccountingDocumentId": document}
    if context.operation.label == "POST /v1/credit-notes":
        kept = {name: value for name, value in body.items() if name in ("amount", "description")}
        line = {"netTransactionAmount": {"amount": len(body), "dcSign": "D"}}
        return {**kept, **useful, "lines": [line] * (len(body) % 3)}
    if PARTS & body.keys():  # a line: one part, from which the others follow
        kept = {name: value for name, value in body.items() if name not in {*PARTS, *UNKNOWN}}
        return {**kept, "netTransactionAmount": {"amount": len(kept), "dcSign": "C"}}
    if type(body.get("amount")) is int:
        useful["amount"] = abs(body["amount"]) % 50 + 1
    return {**body, **{name: value for name, value in useful.items() if name in body}}


# Bodies that succeed; calls without one take none.
LINE = {"description": "Price", "netTransactionAmount": {"amount": 100, "dcSign": "C"}}
BODIES = {
    "POST /v1/credit-notes": {
        "companyEntityId": ENTITY["id"], "businessPartnerId": VENDOR["vendorId"],
        "currency": "EUR", "documentDate": "2026-10-20",
    },
    "PATCH /v1/credit-notes/{creditNoteId}": {"description": "Bonus"},
    "POST /v1/credit-notes/{creditNoteId}/lines": LINE,
    "PATCH /v1/credit-notes/{creditNoteId}/lines/{lineId}": {"description": "Bonus"},
    f"POST {PAIR}": {"amount": 10},
    f"PATCH {PAIR}": {"amount": 20},
    "POST /v1/invoice-payables/{invoicePayableId}/approve": {},
    "POST /v1/invoice-payables/{invoicePayableId}/reverse-clearing": {
        "clearingType": "CN", "clearingAccountingDocumentId": NOTES[2]["id"],
        "shouldArchiveClearingDocument": False,
    },
}  # fmt: skip
CALLS = sorted(f"{method} {template}" for method, template, _ in routes.TABLE)


@pytest.fixture
def sandbox():
    """A fresh one for each call of the document, so that no other call has used it up."""
    with Sandbox(dataset()) as running:
        yield running


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_5xx_and_no_2xx_that_breaks_its_schema(case, sandbox):
    response = case.call(
        base_url=sandbox.url, headers={"Authorization": f"Basic {sandbox.key}"}, timeout=10
    )
    assert response.status_code < 500, response.text
    kind = response.headers.get("content-type", [""])[0]
    if 200 <= response.status_code < 300 and kind.startswith("application/json"):
        case.validate_response(response, checks=[response_schema_conformance])


@pytest.mark.parametrize("call", CALLS)
def test_every_call_succeeds_with_what_it_is_meant_for(call, sandbox):
    """Otherwise chance alone would decide whether an answer is held against its schema."""
    method, template = call.split()
    if template not in schema or method not in schema[template]:
        pytest.skip("Light's document does not describe this call")
    first = {name: ids[1 if name == "creditNoteId" else 0] for name, ids in KNOWN.items()}
    ids = {**first, **SUITED.get((method, template), {})}
    wanted = {name: value for name, value in ids.items() if f"{{{name}}}" in template}
    body = {"body": BODIES[call], "media_type": "application/json"} if call in BODIES else {}
    case = schema[template][method].Case(path_parameters=wanted, **body)
    headers = {"Authorization": f"Basic {sandbox.key}"}
    response = case.call(base_url=sandbox.url, headers=headers, timeout=10)
    assert response.status_code in (200, 204), response.text
    if response.headers.get("content-type", [""])[0].startswith("application/json"):
        case.validate_response(response, checks=[response_schema_conformance])
