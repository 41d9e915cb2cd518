"""Counts, determinism, dates, and what a dataset may be made of."""

import json
import time
import uuid
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from clearing.sandbox.company import generate, present
from clearing.sandbox.company.money import DECIMALS, in_words, tax_on
from clearing.sandbox.store import Store

from .conftest import TODAY

OPENAPI = Path(__file__).parents[3] / "shared" / "light-api" / "openapi.json"
SCHEMAS = {
    "entities": "ExternalCompanyEntityV1Model",
    "vendors": "ExternalVendorV1Model",
    "ledger_accounts": "ExternalLedgerAccountV1Model",
    "users": "ExternalUserV1Model",
    "credit_notes": "ExternalCreditNoteV1Model",
    "invoice_payables": "ExternalInvoicePayableV1Model",
}
RATES = {"localCurrencyFxRate", "groupCurrencyFxRate"}
DATES = ("2024-02-29", "2026-01-01", "2026-03-05", "2026-11-15", "2026-11-21", "2027-12-31")


def test_same_seed_and_day_give_the_same_bytes(data):
    assert json.dumps(generate(1, TODAY)) == json.dumps(data)
    assert json.dumps(generate(2, TODAY)) != json.dumps(data)


@pytest.mark.parametrize("day", DATES)
@pytest.mark.parametrize("seed", [1, 7])
def test_any_day_and_seed_gives_the_same_counts(seed, day):
    data = generate(seed, date.fromisoformat(day))
    assert Counter(note["status"] for note in data["credit_notes"]) == present.NOTES
    assert Counter(invoice["state"] for invoice in data["invoice_payables"]) == present.INVOICES
    assert latest_stamp(data) < day


def test_size(data):
    assert len(data["credit_notes"]) == 300
    assert len(data["invoice_payables"]) == 1200
    assert len(data["entities"]) == 3
    assert len(data["vendors"]) == 40
    assert Counter(vendor["status"] for vendor in data["vendors"])["ACTIVE"] == 38
    assert len(data["links"]) >= 15


def test_it_takes_about_a_second_at_most():
    started = time.process_time()
    generate(3, TODAY)
    assert time.process_time() - started < 2


def test_euros_and_dollars_in_front(data):
    for documents in (data["credit_notes"], data["invoice_payables"]):
        counted = Counter(document["currency"] for document in documents)
        currencies = [currency for currency, _ in counted.most_common()]
        assert currencies[:2] == ["EUR", "USD"]
        assert {"JPY", "KWD"} <= set(currencies)


def test_ids_are_uuids_and_unique(data):
    lists = ("credit_notes", "invoice_payables", "clearings")
    ids = [document["id"] for name in lists for document in data[name]]
    ids += [d["_accountingDocumentId"] for d in data["credit_notes"] + data["invoice_payables"]]
    ids += [d["invoicePayableId"] for d in data["invoice_payables"]]
    ids += [line["id"] for note in data["credit_notes"] for line in note["lines"]]
    ids += [vendor["vendorId"] for vendor in data["vendors"]]
    assert len(set(ids)) == len(ids)
    assert all(str(uuid.UUID(value)) == value and uuid.UUID(value).version == 4 for value in ids)


def test_numbers_are_unique_within_a_vendor(data):
    for documents, vendor, number in (
        (data["invoice_payables"], "vendorId", "invoiceNumber"),
        (data["credit_notes"], "businessPartnerId", "_documentNumber"),
    ):
        pairs = [(d[vendor], d[number]) for d in documents if d[vendor] and d[number]]
        assert len(set(pairs)) == len(pairs)


def test_no_float_but_the_rates(data):
    found = set(floats(data))
    assert found == RATES


def test_lists_are_plain_json(data):
    assert json.loads(json.dumps(data)) == data


def test_stamps_are_in_order_and_spread_over_eighteen_months(data):
    created = {"credit_notes": "createdAt", "invoice_payables": "invoiceCreatedAt"}
    for name, key in created.items():
        stamps = [document[key] for document in data[name]]
        assert all(document[key] <= document["updatedAt"] for document in data[name])
        assert stamps == sorted(stamps)
        assert stamps[0] < "2025-07" and stamps[-1] >= "2026-11-10"
    assert latest_stamp(data) < TODAY.isoformat()


def test_documents_are_not_dated_in_the_future(data):
    for note in data["credit_notes"]:
        assert (note["documentDate"] or "") < TODAY.isoformat()
    for invoice in data["invoice_payables"]:
        assert (invoice["issuedDate"] or "") < TODAY.isoformat()
        assert (invoice["dueDate"] or "9") >= (invoice["issuedDate"] or "")


def test_paper_holds_only_letters_of_a_plain_pdf_font(data):
    documents = data["credit_notes"] + data["invoice_payables"]
    printed = [line for document in documents for line in document["_pdf"] or []]
    assert len(printed) > 5000
    assert all(line.encode("latin-1").decode("latin-1") == line for line in printed)
    texts = json.dumps(data, ensure_ascii=False)
    assert "<" not in texts and "None" not in texts and "{" not in "".join(printed)


def test_the_store_takes_it(data):
    store = Store(today=TODAY)
    store.load(data)
    assert len(store.all("invoice")) == 1200 and len(store.all("credit_note")) == 300


def test_keys_are_those_of_the_api(data):
    if not OPENAPI.exists():
        pytest.skip("Light's OpenAPI document is not beside this checkout")
    schemas = json.loads(OPENAPI.read_text())["components"]["schemas"]
    for name, schema in SCHEMAS.items():
        known = schemas[schema]["properties"].keys()
        for record in data[name]:
            assert {key for key in record if not key.startswith("_")} <= known
    line_keys = schemas["ExternalInvoicePayableLineItemV1Model"]["properties"].keys()
    for invoice in data["invoice_payables"]:
        assert all(line.keys() <= line_keys for line in invoice["lineItems"] or [])


@pytest.mark.parametrize(
    ("net", "percent", "tax"), [(100, 19, 19), (50, 7, 4), (49, 7, 3), (10_250, 0, 0), (5, 10, 1)]
)
def test_tax_is_rounded_half_up(net, percent, tax):
    assert tax_on(net, percent) == tax


def test_amounts_in_words():
    assert in_words(125_000, "EUR") == "1,250.00 EUR"
    assert in_words(125_000, "EUR", german=True) == "1.250,00 EUR"
    assert in_words(7, "EUR") == "0.07 EUR"
    assert in_words(1_284_000, "JPY") == "1,284,000 JPY"
    assert in_words(1_846_250, "KWD") == "1,846.250 KWD"
    assert DECIMALS["JPY"] == 0 and DECIMALS["KWD"] == 3


def latest_stamp(data):
    keys = ("createdAt", "updatedAt", "invoiceCreatedAt")
    lists = ("credit_notes", "invoice_payables", "links", "clearings")
    records = [record for name in lists for record in data[name]]
    return max(record[key] for record in records for key in keys if key in record)


def floats(value, key=""):
    """The keys under which there is a float."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from floats(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from floats(part, key)
    elif isinstance(value, float):
        yield key
