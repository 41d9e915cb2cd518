"""Light's JSON under our names: every mapping, every null, no guessing."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from pydantic import ValidationError

from clearing.light import records
from clearing.light.answers import page_of, record_of, records_of
from clearing.light.body import Garbled, parse
from clearing.light.errors import LightUnreadable

A, B, C, D, E = (f"{n}{n}{n}{n}{n}{n}{n}{n}-0000-4000-8000-000000000000" for n in "abcde")
MOMENT = "2025-05-01T10:00:00.123456789Z"
AT = datetime(2025, 5, 1, 10, 0, 0, 123456, tzinfo=UTC)

WHOLE = [
    (
        records.Company,
        {"id": A, "name": "Acme", "baseCurrency": "EUR"},
        {"id": UUID(A), "name": "Acme", "base_currency": "EUR"},
    ),
    (
        records.Entity,
        {"id": A, "companyId": B, "code": "01", "name": "N", "displayName": "D",
         "localCurrency": "JPY", "status": "ACTIVE", "updatedAt": MOMENT},
        {"code": "01", "display_name": "D", "local_currency": "JPY",
         "status": "ACTIVE", "updated_at": AT},
    ),
    (
        records.Vendor,
        {"vendorId": A, "companyId": B, "name": "V", "identifier": "70001", "status": "ACTIVE",
         "currency": "EUR", "country": "DE", "email": "v@v.example", "updatedAt": MOMENT,
         "bankAccountNumber": "DE00"},
        {"id": UUID(A), "identifier": "70001", "country": "DE",
         "updated_at": AT},
    ),
    (
        records.CreditNote,
        {"id": A, "companyId": B, "companyEntityId": C, "businessPartnerId": D,
         "businessPartnerName": "V", "status": "POSTED", "amount": 12, "currency": "KWD",
         "description": "d", "postingDate": "2025-05-02", "documentDate": "2025-05-01",
         "documentName": "a.pdf", "lines": [], "createdAt": MOMENT, "updatedAt": MOMENT},
        {"entity_id": UUID(C), "vendor_id": UUID(D), "vendor_name": "V",
         "status": "POSTED", "amount": 12, "currency": "KWD", "description": "d",
         "posting_date": date(2025, 5, 2), "document_date": date(2025, 5, 1),
         "document_name": "a.pdf", "lines": (), "updated_at": AT},
    ),
    (
        records.CreditNoteLine,
        {"id": A, "netTransactionAmount": {"amount": 1, "dcSign": "D"},
         "taxTransactionAmount": {"amount": 2, "dcSign": "D"},
         "grossTransactionAmount": {"amount": 3, "dcSign": "C"}, "description": "d",
         "ledgerAccountId": B, "ledgerTaxId": C, "costCenterId": D,
         "accrualStartDate": "2025-01-01", "accrualEndDate": "2025-12-31"},
        {"net": records.DirectedAmount(amount=1, dc_sign="D"),
         "tax": records.DirectedAmount(amount=2, dc_sign="D"),
         "gross": records.DirectedAmount(amount=3, dc_sign="C"), "ledger_account_id": UUID(B),
         "ledger_tax_id": UUID(C), "cost_center_id": UUID(D),
         "accrual_start_date": date(2025, 1, 1), "accrual_end_date": date(2025, 12, 31)},
    ),
    (
        records.AccountingDocument,
        {"id": A, "documentType": "CN", "documentNumber": "CN-1", "status": "POSTED",
         "companyEntityId": B, "businessPartnerId": C, "currency": "EUR", "updatedAt": MOMENT,
         "totalTransactionAmount": {"amount": 5, "dcSign": "D"},
         "totalTransactionAmountInMajors": 0.05},
        {"document_type": "CN", "document_number": "CN-1", "entity_id": UUID(B),
         "vendor_id": UUID(C), "amount": 5, "currency": "EUR", "updated_at": AT},
    ),
    (
        records.InvoicePayable,  # the list
        {"id": A, "companyId": B, "type": "VENDOR_INVOICE", "state": "UNPAID",
         "companyEntityId": C, "vendor": {"vendorId": D, "vendorName": "V"},
         "invoiceNumber": "R1", "amount": 9, "currency": None, "issuedDate": "2025-05-01",
         "dueDate": "2025-06-01", "paymentAt": MOMENT, "documentName": "b.pdf",
         "createdAt": MOMENT, "updatedAt": MOMENT, "payeeIban": "DE00"},
        {"internal_id": None, "type": "VENDOR_INVOICE", "state": "UNPAID", "entity_id": UUID(C),
         "vendor_id": UUID(D), "vendor_name": "V", "invoice_number": "R1", "amount": 9,
         "currency": "", "outstanding_balance": None, "issued_date": date(2025, 5, 1),
         "due_date": date(2025, 6, 1), "payment_at": AT, "updated_at": AT},
    ),
    (
        records.InvoicePayable,  # the detail
        {"id": A, "invoicePayableId": E, "vendorId": D, "outstandingBalance": 4, "amount": 9,
         "currency": "EUR", "invoiceCreatedAt": MOMENT, "payeeIban": "DE00",
         "localCurrencyFxRate": 1, "lineItems": [{"taxAmount": 0}, {"taxAmount": 19}]},
        {"internal_id": UUID(E), "vendor_id": UUID(D), "vendor_name": "",
         "outstanding_balance": 4, "local_fx_rate": "1", "has_tax": True},
    ),
    (
        records.Link,
        {"companyId": A, "creditNote": {"id": B, "documentNumber": "CN-1", "status": "POSTED"},
         "invoicePayable": {"id": C, "documentNumber": None, "status": "DRAFT"}, "amount": 7,
         "currency": "EUR", "createdAt": MOMENT, "updatedAt": MOMENT},
        {"credit_note_id": UUID(B), "invoice_payable_id": UUID(C),
         "invoice_number": "", "invoice_status": "DRAFT", "amount": 7, "currency": "EUR",
         "updated_at": AT},
    ),
    (
        records.Clearing,
        {"id": A, "invoicePayableId": B, "amount": 7, "currency": "EUR",
         "paymentDate": "2025-05-03", "createdAt": MOMENT,
         "payment": {"type": "CN", "accountingDocumentId": C, "documentNumber": "CN-1",
                     "amount": 700}},
        {"invoice_payable_id": UUID(B), "type": "CN", "accounting_document_id": UUID(C),
         "document_number": "CN-1", "amount": 7, "payment_date": date(2025, 5, 3)},
    ),
    (
        records.LedgerAccount,
        {"id": A, "code": 4400, "label": "L", "type": "REVENUE", "status": "ACTIVE"},
        {"code": "4400", "label": "L", "type": "REVENUE", "status": "ACTIVE"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("model", "raw", "expected"), WHOLE)
def test_mapping(model, raw, expected):
    record = record_of(model, parse(json.dumps(raw).encode()))
    assert {name: getattr(record, name) for name in expected} == expected
    assert "DE00" not in repr(record)


MINIMAL = [(model, {"vendorId" if model is records.Vendor else "id": A}) for model, _, _ in WHOLE]


@pytest.mark.parametrize(("model", "raw"), MINIMAL)
def test_everything_but_the_id_may_be_left_out_or_null(model, raw):
    wire_names = {key for one, whole, _ in WHOLE if one is model for key in whole}
    nulls = dict.fromkeys(wire_names) | {k: v for k, v in raw.items() if k in wire_names}
    assert record_of(model, raw) == record_of(model, nulls)


def test_records_are_frozen_and_take_our_names():
    note = records.CreditNote(id=A, entity_id=B, amount=1)
    assert (note.id, note.entity_id, note.lines) == (UUID(A), UUID(B), ())
    with pytest.raises(ValidationError):
        note.amount = 2


@pytest.mark.parametrize(
    "amount", ["1.0", "1e2", '"12"', "true", str(2**63), str(-(2**63) - 1), "9" * 5000, "[]"]
)
def test_an_amount_that_is_no_int64_is_unreadable(amount):
    raw = parse(f'{{"id": "{A}", "amount": {amount}, "currency": "EUR"}}'.encode())
    with pytest.raises(LightUnreadable, match=f"CreditNote {A}, amount"):
        record_of(records.CreditNote, raw)


@pytest.mark.parametrize("amount", [0, -1, 2**63 - 1, -(2**63)])
def test_int64_extremes_are_kept(amount):
    raw = parse(json.dumps({"id": A, "amount": amount}).encode())
    assert record_of(records.InvoicePayable, raw).amount == amount


@pytest.mark.parametrize(
    "lines, has_tax",
    [
        ([{"taxAmount": 0}], False),
        ([{"taxAmount": 0}, {"taxAmount": -19}], True),
        ([{"taxAmount": 0}, {"taxAmount": None}], None),
        ([{"taxAmount": 0}, {}], None),
        ([{"taxAmount": 1.5}], None),
        (["nothing"], None),
        ("nothing", None),
        ([], None),
        (None, None),
    ],
)
def test_whether_an_invoices_lines_carry_tax(lines, has_tax):
    raw = parse(json.dumps({"id": A, "lineItems": lines}).encode())
    assert record_of(records.InvoicePayable, raw).has_tax is has_tax


@pytest.mark.parametrize("text", ["1.10", "0.00000000012", "1E-7", "7", "123456789.123456789123"])
def test_a_rate_keeps_its_exact_text(text):
    raw = parse(f'{{"id": "{A}", "localCurrencyFxRate": {text}}}'.encode())
    rate = record_of(records.CreditNote, raw).local_fx_rate
    assert rate == text
    assert type(rate) is str


@pytest.mark.parametrize(
    "field",
    [
        {"description": 5}, {"description": 1.5}, {"description": ["x"]}, {"status": {}},
        {"companyEntityId": "not-an-id"}, {"companyEntityId": 7}, {"documentDate": "yesterday"},
        {"documentDate": 20250501}, {"updatedAt": 1714557600}, {"lines": "none"},
        {"lines": [{"id": A, "netTransactionAmount": {"amount": 1.5}}]},
        {"localCurrencyFxRate": True}, {"localCurrencyFxRate": "a lot"},
    ],
)  # fmt: skip
def test_a_wrong_type_makes_one_record_unreadable_and_not_the_page(field):
    raw = {"records": [{"id": A, **field}, {"id": B}], "hasMore": False}
    page = page_of(records.CreditNote, parse(json.dumps(raw).encode()), "0")
    assert [one.id for one in page.records] == [UUID(B)]
    assert [one.id for one in page.unreadable] == [UUID(A)]
    assert next(iter(field)).lower()[:4] in page.unreadable[0].words.lower()


def test_text_is_made_storable():
    raw = parse(b'{"id": "%s", "description": "a\\u0000b\\ud800c \xe2\x80\xae<b>"}' % A.encode())
    assert record_of(records.CreditNote, raw).description == "a\ufffdb\ufffdc \u202e<b>"


def test_unknown_fields_and_enum_values_are_tolerated():
    raw = {"id": A, "status": "SOMETHING_NEW", "brandNew": {"x": [1]}}
    assert record_of(records.CreditNote, raw).status == "SOMETHING_NEW"
    clearing = record_of(records.Clearing, {"id": A, "payment": {"type": "ZZ"}})
    assert clearing.type == "ZZ"


def test_a_naive_time_is_utc():
    note = record_of(records.CreditNote, {"id": A, "updatedAt": "2025-05-01T10:00:00"})
    assert note.updated_at == datetime(2025, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("never", "year"),
    [("9999-12-31T23:59:59Z", 9998), ("9999-12-31T23:59:59-12:00", 9998), ("0001-01-01", 2)],
)
def test_a_time_at_the_calendars_end_stays_in_it_in_every_zone(never, year):
    moment = record_of(records.CreditNote, {"id": A, "updatedAt": never}).updated_at
    for hours in (-14, 14):
        elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
        assert abs(elsewhere.year - year) <= 1


@pytest.mark.parametrize("raw", [None, [], "x", 5, {}, {"id": None}, {"id": "x"}])
def test_a_record_without_an_id_is_unreadable(raw):
    with pytest.raises(LightUnreadable):
        record_of(records.CreditNote, raw)


def test_one_bad_entry_makes_a_plain_array_unreadable():
    with pytest.raises(LightUnreadable):
        records_of(records.Link, [{"amount": 1}, {"amount": "1"}])


@pytest.mark.parametrize(
    "id", [A.replace("-", ""), f"{{{A}}}", f"urn:uuid:{A}", A[:-4] + "_001", A[:-1] + "١", A + " "]
)
def test_an_id_has_one_shape(id):
    with pytest.raises(LightUnreadable):
        record_of(records.CreditNote, {"id": id})
    assert record_of(records.CreditNote, {"id": A.upper()}).id == UUID(A)


def test_a_word_that_no_index_takes_makes_its_record_unreadable():
    assert record_of(records.CreditNote, {"id": A, "status": "ü" * 500}).status
    with pytest.raises(LightUnreadable, match="status"):
        record_of(records.CreditNote, {"id": A, "status": "ü" * 501})
    assert record_of(records.CreditNote, {"id": A, "description": "ü" * 20_000}).description


def test_an_object_that_names_a_value_twice_is_not_read():
    with pytest.raises(Garbled):
        parse(b'[{"amount": 5, "x": {}, "amount": 5}]')


@pytest.mark.parametrize("cursor", ["a\x00", "\ud800", "ü", "x" * 2001, "a\nb", 7, ["a"]])
def test_a_cursor_that_could_not_be_stored_or_asked_for(cursor):
    raw = {"records": [], "hasMore": True, "nextCursor": cursor}
    with pytest.raises(LightUnreadable, match="cursor"):
        page_of(records.Vendor, raw, "0")
