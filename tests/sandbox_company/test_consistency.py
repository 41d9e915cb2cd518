"""Light's rules hold in the demo company: lines, links, clearings, states."""

from collections import Counter
from datetime import date

import pytest

from clearing.sandbox.company.money import tax_on
from clearing.sandbox.records import STATES_IN_LEDGER

from .conftest import TODAY

EXCEPT = {
    "draft_without_lines",
    "draft_with_wrong_sum",
    "draft_without_amount",
    "draft_without_vendor_and_with_a_wrong_line",
}
PERCENTS = (0, 7, 10, 19)


@pytest.fixture(scope="module")
def used(data):
    """Sums of what is not reversed: by (type, invoice), (CN, note), (link, either)."""
    sums = Counter()
    for row in data["clearings"]:
        if not row["reversed"]:
            sums[row["type"], row["invoicePayableId"]] += row["amount"]
            if row["type"] == "CN":
                sums["CN", row["creditNoteId"]] += row["amount"]
    for row in data["links"]:
        sums["link", row["invoicePayableId"]] += row["amount"]
        sums["link", row["creditNoteId"]] += row["amount"]
    return sums


def test_lines_of_credit_notes_add_up(data):
    incomplete = {id for name in EXCEPT for id in data["_cases"][name]["credit_notes"]}
    for note in data["credit_notes"]:
        total = 0
        for line in note["lines"]:
            net, tax, gross = (line[f"{kind}TransactionAmount"] for kind in ("net", "tax", "gross"))
            assert net["dcSign"] == tax["dcSign"] == gross["dcSign"]
            assert net["amount"] + tax["amount"] == gross["amount"] and net["amount"] > 0
            assert tax["amount"] in {tax_on(net["amount"], percent) for percent in PERCENTS}
            assert line["creditNoteId"] == note["id"]
            total += gross["amount"] if gross["dcSign"] == "C" else -gross["amount"]
        assert (total == note["amount"]) != (note["id"] in incomplete)


def test_lines_of_invoices_add_up(data):
    below_nothing = set(data["_cases"]["negative_invoice"]["invoice_payables"])
    for invoice in data["invoice_payables"]:
        lines = invoice["lineItems"] or []
        assert all(line["netAmount"] + line["taxAmount"] == line["amount"] for line in lines)
        if invoice["amount"] is not None:
            assert sum(line["amount"] for line in lines) == invoice["amount"]
            assert (invoice["amount"] > 0) != (invoice["id"] in below_nothing)


def test_links_join_what_may_be_joined(data, notes, invoices, used):
    pairs = [(row["creditNoteId"], row["invoicePayableId"]) for row in data["links"]]
    assert len(set(pairs)) == len(pairs)
    for row in data["links"]:
        note, invoice = notes[row["creditNoteId"]], invoices[row["invoicePayableId"]]
        assert note["status"] == "POSTED" and note["_toBeAdjusted"] == "AP"
        assert invoice["state"] not in STATES_IN_LEDGER
        assert invoice["type"] == "VENDOR_INVOICE"
        assert_same_group(note, invoice, row)
        assert row["createdAt"] >= max(note["createdAt"], invoice["invoiceCreatedAt"])


def test_clearings_join_what_may_be_joined(data, notes, invoices):
    kinds = Counter(row["type"] for row in data["clearings"])
    assert kinds["BP"] > 700 and kinds["CN"] > 140
    for row in data["clearings"]:
        invoice = invoices[row["invoicePayableId"]]
        assert row["amount"] > 0 and row["currency"] == invoice["currency"]
        assert invoice["issuedDate"] <= row["paymentDate"] < TODAY.isoformat()
        if row["type"] == "CN":
            note = notes[row["creditNoteId"]]
            assert_same_group(note, invoice, row)
            assert row["documentNumber"] == note["_documentNumber"]
            assert row["accountingDocumentId"] == note["_accountingDocumentId"]
            assert note["documentDate"] <= row["paymentDate"]


def test_credit_notes_are_used_as_their_status_says(data, used):
    for note in data["credit_notes"]:
        cleared, planned = used["CN", note["id"]], used["link", note["id"]]
        if note["status"] == "CLEARED":
            assert cleared == note["amount"] and planned == 0
        elif note["status"] == "PARTIALLY_CLEARED":
            assert 0 < cleared < note["amount"] and planned == 0
        else:
            assert cleared == 0
            assert planned <= (note["amount"] or 0)
            assert planned == 0 or note["status"] == "POSTED"


def test_invoices_are_cleared_as_their_state_says(data, used):
    for invoice in data["invoice_payables"]:
        by_bank, by_credit = used["BP", invoice["id"]], used["CN", invoice["id"]]
        cleared, amount = by_bank + by_credit, invoice["amount"] or 0
        if invoice["state"] in ("COMPLETED", "PAID"):
            assert cleared == amount
        elif invoice["state"] == "PARTIALLY_PAID":
            assert by_bank > 0 and cleared < amount
        elif invoice["state"] in STATES_IN_LEDGER:
            assert by_bank == 0 and cleared < amount
        else:
            assert cleared == 0
        assert used["link", invoice["id"]] <= max(0, amount - cleared)


def test_posted_documents_are_complete(data):
    vendors = {vendor["vendorId"]: vendor for vendor in data["vendors"]}
    entities = {entity["id"] for entity in data["entities"]}
    for note in data["credit_notes"]:
        if note["status"] in ("POSTED", "PARTIALLY_CLEARED", "CLEARED"):
            assert note["lines"] and note["postingDate"] and note["localCurrencyFxRate"]
            assert note["companyEntityId"] in entities and note["amount"] > 0
            assert vendors[note["businessPartnerId"]]["name"] == note["businessPartnerName"]
        if note["status"] == "DRAFT":
            assert note["postingDate"] is None and note["localCurrencyFxRate"] is None
    for invoice in data["invoice_payables"]:
        if invoice["state"] in STATES_IN_LEDGER and invoice["type"] == "VENDOR_INVOICE":
            vendor = vendors[invoice["vendorId"]]
            assert invoice["companyEntityId"] in vendor["companyEntityIds"]
            assert invoice["localCurrencyFxRate"] and invoice["groupCurrencyFxRate"]


def test_rates_are_one_at_home_and_known_abroad(data):
    local = {entity["id"]: entity["localCurrency"] for entity in data["entities"]}
    for note in data["credit_notes"]:
        if note["status"] in ("POSTED", "CLEARED", "PARTIALLY_CLEARED"):
            at_home = note["currency"] == local[note["companyEntityId"]]
            assert (note["localCurrencyFxRate"] == 1.0) == at_home
            assert (note["groupCurrencyFxRate"] == 1.0) == (note["currency"] == "EUR")


def test_scheduled_payments_lie_ahead_and_paid_ones_behind(data):
    for invoice in data["invoice_payables"]:
        pays = (invoice["paymentAt"] or "")[:10]
        if invoice["state"] in ("SCHEDULED", "READY_FOR_PAYMENT_RELEASE"):
            assert pays > TODAY.isoformat() and date.fromisoformat(pays).weekday() < 5
        if invoice["state"] in ("PAID", "COMPLETED"):
            assert not pays or pays < TODAY.isoformat()
        if invoice["state"] in ("IN_DRAFT", "APPROVAL_PENDING"):
            assert not pays


def assert_same_group(note, invoice, row):
    assert note["companyEntityId"] == invoice["companyEntityId"] is not None
    assert note["businessPartnerId"] == invoice["vendorId"] is not None
    assert note["currency"] == invoice["currency"] == row["currency"]
    assert row["amount"] > 0
