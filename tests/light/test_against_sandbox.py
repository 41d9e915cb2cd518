"""The client and the sandbox, two independent readings of Light's documents, understand each
other over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from clearing.light.client import LightClient, credit_note_filter
from clearing.light.errors import LightConflict, LightDenied, LightError, LightRefused
from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from tests.light.no_pace import NoPace


@pytest.fixture(scope="module")
def dataset():
    company, entity, account = records.company(), records.entity(), records.ledger_account()
    entity["companyId"] = company["id"]
    vendor = records.vendor(companyId=company["id"])
    ours = {"companyId": company["id"], "companyEntityId": entity["id"], "currency": "EUR"}
    note = records.credit_note(
        **ours, businessPartnerId=vendor["vendorId"], amount=1000, status="POSTED"
    )
    invoice = records.invoice_payable(
        **ours, vendorId=vendor["vendorId"], amount=900, state="IN_DRAFT"
    )
    return records.dataset(
        company=company,
        entities=[entity],
        vendors=[vendor],
        ledger_accounts=[account],
        credit_notes=[note],
        invoice_payables=[invoice],
    )


@pytest.fixture
def sandbox(dataset) -> Iterator[Sandbox]:
    with Sandbox(dataset) as running:
        yield running


@pytest.fixture
def light(sandbox) -> Iterator[LightClient]:
    client = LightClient(sandbox.url, key="sandbox-key", pace=NoPace(), guard=lambda: None)
    yield client
    client.close()


def test_every_list_can_be_read(light, dataset):
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    (note,) = light.page("credit_notes", updated_since=long_ago).records
    (invoice,) = light.page("invoice_payables", updated_since=long_ago).records
    (number,) = light.page("accounting_documents", "0", long_ago, credit_note_filter()).records
    (vendor,) = light.page("vendors", updated_since=long_ago).records
    (entity,) = light.page("entities").records
    (account,) = light.page("ledger_accounts").records
    assert (note.amount, note.currency, note.vendor_id) == (1000, "EUR", vendor.id)
    assert (invoice.amount, invoice.vendor_id, invoice.entity_id) == (900, vendor.id, entity.id)
    assert number.document_type == "CN" and number.document_number
    assert str(light.company().id) == dataset["company"]["id"]
    assert account.code.isdigit()


def test_a_pair_from_link_to_unlink(light, dataset):
    note, invoice = dataset["credit_notes"][0]["id"], dataset["invoice_payables"][0]["id"]
    assert light.credit_note(note).status == "POSTED"
    assert light.invoice_payable(invoice).outstanding_balance == 900
    made = light.link(note, invoice, 400)
    assert (str(made.credit_note_id), str(made.invoice_payable_id)) == (note, invoice)
    assert light.change_link_amount(note, invoice, 300).amount == 300
    with pytest.raises(LightConflict):
        light.link(note, invoice, 400)
    with pytest.raises(LightError) as caught:
        light.archive_credit_note(note)
    assert caught.value.status in (400, 409, 422) and caught.value.words
    (of_note,), (of_invoice,) = light.links_of_credit_note(note), light.links_of_invoice(invoice)
    assert of_note.amount == of_invoice.amount == 300
    assert light.payments(invoice) == ()
    light.unlink(note, invoice)
    assert light.links_of_credit_note(note) == ()
    assert light.archive_credit_note(note).status == "ARCHIVED"


def test_refusals_come_in_lights_words(light, sandbox, dataset):
    note = dataset["credit_notes"][0]["id"]
    with pytest.raises(LightRefused) as caught:
        light.credit_note("00000000-0000-4000-8000-000000000000")
    assert caught.value.status == 404 and caught.value.words
    stranger = LightClient(sandbox.url, key="wrong", pace=NoPace(), guard=lambda: None)
    with pytest.raises(LightDenied):
        stranger.credit_note(note)
