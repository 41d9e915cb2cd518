"""Light-shaped documents made of lines. Amounts in the smallest unit, as everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from clearing.sandbox import records
from clearing.sandbox.company import money, paper
from clearing.sandbox.company.masterdata import Group
from clearing.sandbox.company.money import Line
from clearing.sandbox.records import Record

GROUP_CURRENCY = "EUR"
LINE_NULLS = (
    "costCenterId amortizationStartDate amortizationEndDate amortizationTemplateId "
    "aiValueSuggestions customProperties"
).split()


def credit_note(
    group: Group, number: str, on: date, lines: Sequence[Line], stamps: Record, **over: Any
) -> Record:
    """A credit note without its lines; see `credit_note_lines`."""
    rates = rates_of(group, on)
    fields: Record = {
        "companyEntityId": group.entity["id"],
        "businessPartnerId": group.vendor["vendorId"],
        "businessPartnerName": group.vendor["name"],
        "amount": money.total(lines),
        "currency": group.currency,
        "documentDate": on.isoformat(),
        "senderEmail": paper.sender(group),
        "documentName": paper.note_file(group, number),
        "_documentNumber": number,
        "lines": [],
        **stamps,
        **rates,
        **over,
    }
    if fields.get("status") in ("DRAFT", "APPROVAL_PENDING"):
        fields = {**fields, "postingDate": None, "valuationDate": None, **dict.fromkeys(rates)}
    return records.credit_note(**fields)


def credit_note_lines(
    note: Record, lines: Sequence[Line], account: str, tax_codes: dict[int, str], ids: list[str]
) -> list[Record]:
    """The note's lines, each amount with its sign."""
    return [
        records.credit_note_line(
            id=line_id,
            creditNoteId=note["id"],
            description=line.description,
            netTransactionAmount={"amount": line.net, "dcSign": line.sign},
            taxTransactionAmount={"amount": line.tax, "dcSign": line.sign},
            grossTransactionAmount={"amount": line.gross, "dcSign": line.sign},
            ledgerAccountId=account,
            ledgerTaxId=tax_codes[line.percent],
            createdAt=note["createdAt"],
            updatedAt=note["createdAt"],
        )
        for line, line_id in zip(lines, ids, strict=True)
    ]


def invoice_payable(
    group: Group, number: str, on: date, lines: Sequence[Line], stamps: Record, **over: Any
) -> Record:
    """An invoice without its lines; see `invoice_lines`."""
    vendor = group.vendor
    fields: Record = {
        "vendorId": vendor["vendorId"],
        "companyEntityId": group.entity["id"],
        "invoiceNumber": number,
        "amount": money.total(lines),
        "currency": group.currency,
        "description": lines[0].description if lines else None,
        "issuedDate": on.isoformat(),
        "senderEmail": paper.sender(group),
        "documentName": paper.invoice_file(group, number),
        "payeeName": vendor["name"],
        "payeeIban": vendor["bankAccountNumber"],
        "payeeCountry": vendor["country"],
        "payeeCity": vendor["city"],
        **stamps,
        **rates_of(group, on),
        **over,
    }
    return records.invoice_payable(**fields)


def invoice_lines(
    invoice: Record, lines: Sequence[Line], account: str, tax_codes: dict[int, str], ids: list[str]
) -> list[Record]:
    """ExternalInvoicePayableLineItemV1Model, one each."""
    return [
        {
            "id": line_id,
            "invoicePayableId": invoice["id"],
            "type": invoice["type"],
            "metadata": {"type": invoice["type"]},
            "amount": line.gross,
            "netAmount": line.net,
            "taxAmount": line.tax,
            "description": line.description,
            "taxCodeId": tax_codes[line.percent],
            "accountId": account,
            **dict.fromkeys(LINE_NULLS),
            "createdAt": invoice["invoiceCreatedAt"],
            "updatedAt": invoice["invoiceCreatedAt"],
        }
        for line, line_id in zip(lines, ids, strict=True)
    ]


def rates_of(group: Group, on: date) -> Record:
    """The booked rates: into the entity's own currency and into the group's."""
    return {
        "localCurrencyFxRate": money.rate(group.currency, group.entity["localCurrency"], on),
        "groupCurrencyFxRate": money.rate(group.currency, GROUP_CURRENCY, on),
    }
