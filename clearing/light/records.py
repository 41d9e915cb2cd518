"""Light's JSON as typed, frozen records under our names.

Unknown fields are ignored and unknown enum values stay text. Where Light leaves a field out or
sends null, a text is "" and anything else None. Amounts are int64 in the smallest unit of
`currency`, taken strictly: a float, a text or a bool makes the record unreadable, never a guess.
Bank details have no field here, so they cannot be stored by mistake.
"""

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import AliasChoices, AliasPath, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)
T = TypeVar("T")
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


class JsonNumber(str):
    """The exact text of a JSON number that is no int64: a fraction, or one that is too long."""


def _text(value: Any) -> Any:
    """Text that both databases store: they take neither NUL nor half a surrogate pair."""
    if value is None:
        return ""
    if type(value) is str:
        return re.sub("[\x00\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", value)
    raise ValueError("not a text")


def _id(value: Any) -> Any:
    if value is None or isinstance(value, UUID):
        return value
    if type(value) is str and UUID_TEXT.fullmatch(value):
        return UUID(value)
    raise ValueError("not an id")


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if type(value) is str else value


def _moment(value: Any) -> Any:
    """An aware time; one without a zone is taken as UTC.

    The first and the last year of the calendar are moved into the next: such a time ("never")
    would leave the calendar in another zone.
    """
    moment = datetime.fromisoformat(value) if type(value) is str else value
    if not isinstance(moment, datetime):
        return moment
    if moment.year in {MINYEAR, MAXYEAR}:
        moment = moment.replace(year=min(max(moment.year, MINYEAR + 1), MAXYEAR - 1))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _rate(value: Any) -> Any:
    """The exact text of a rate: a float would change it."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return str(value)
    raise ValueError("not a number")


def _has_tax(value: Any) -> Any:
    """Whether an invoice's lines carry tax; None where they don't say."""
    if isinstance(value, bool):
        return value
    lines = value if isinstance(value, list) else []
    taxes = [one.get("taxAmount") if isinstance(one, dict) else None for one in lines]
    if any(isinstance(tax, int) and tax for tax in taxes):
        return True
    return False if taxes and all(tax == 0 for tax in taxes) else None


def _code(value: Any) -> Any:
    """Light's account codes are JSON integers; nobody calculates with them."""
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_integer else _text(value)


def _list(value: Any) -> Any:
    return () if value is None else tuple(value) if isinstance(value, list) else value


Text = Annotated[str, BeforeValidator(_text)]
Word = Annotated[Text, Field(max_length=500)]  # of an index, whose entries PostgreSQL bounds
Id = Annotated[UUID, BeforeValidator(_id)]
MaybeId = Annotated[UUID | None, BeforeValidator(_id)]
Day = Annotated[date | None, BeforeValidator(_day)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Code = Annotated[str, BeforeValidator(_code)]
Rate = Annotated[str | None, BeforeValidator(_rate)]
Amount = Annotated[int, Field(strict=True, ge=INT64_MIN, le=INT64_MAX)]


class Record(BaseModel):
    """What all records share; our own names are accepted beside Light's, for tests."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


class Company(Record):
    """GET /v1/companies/current."""

    id: Id
    name: Word = ""
    base_currency: Word = ""


class Entity(Record):
    """A company entity: GET /v1/entities."""

    id: Id
    code: Word = ""
    name: Word = ""
    display_name: Word = ""
    local_currency: Word = ""
    status: Word = ""
    updated_at: Moment = None


class Vendor(Record):
    """A vendor: GET /v1/vendors, without its bank details."""

    id: Id = Field(validation_alias="vendorId")
    name: Word = ""
    identifier: Word = ""
    vat_id: Word = ""
    status: Word = ""
    currency: Word = ""
    country: Word = ""
    updated_at: Moment = None


class DirectedAmount(Record):
    """An amount with its side: D(ebit) or C(redit)."""

    amount: Amount | None = None
    dc_sign: Word = ""


class CreditNoteLine(Record):
    """A line of a credit note; its amounts are in the note's currency."""

    id: Id
    net: DirectedAmount | None = Field(None, validation_alias="netTransactionAmount")
    tax: DirectedAmount | None = Field(None, validation_alias="taxTransactionAmount")
    gross: DirectedAmount | None = Field(None, validation_alias="grossTransactionAmount")
    description: Text = ""
    ledger_account_id: MaybeId = None
    ledger_tax_id: MaybeId = None
    cost_center_id: MaybeId = None
    accrual_template_id: MaybeId = None
    accrual_start_date: Day = None
    accrual_end_date: Day = None


class CreditNote(Record):
    """A credit note: GET /v1/credit-notes, /v1/credit-notes/{id}."""

    id: Id
    entity_id: MaybeId = Field(None, validation_alias="companyEntityId")
    vendor_id: MaybeId = Field(None, validation_alias="businessPartnerId")
    vendor_name: Word = Field("", validation_alias="businessPartnerName")
    status: Word = ""
    amount: Amount | None = None
    currency: Word = ""
    description: Text = ""
    posting_date: Day = None
    document_date: Day = None
    document_name: Text = ""
    lines: Annotated[tuple[CreditNoteLine, ...], BeforeValidator(_list)] = ()
    local_fx_rate: Rate = Field(None, validation_alias="localCurrencyFxRate")
    group_fx_rate: Rate = Field(None, validation_alias="groupCurrencyFxRate")
    are_lines_with_tax: bool | None = None
    created_at: Moment = None
    updated_at: Moment = None


class AccountingDocument(Record):
    """GET /v1/accounting-documents/accounting-documents, the only list with the number."""

    id: Id
    document_type: Word = ""
    document_number: Word = ""
    status: Word = ""
    entity_id: MaybeId = Field(None, validation_alias="companyEntityId")
    vendor_id: MaybeId = Field(None, validation_alias="businessPartnerId")
    amount: Amount | None = Field(
        None, validation_alias=AliasPath("totalTransactionAmount", "amount")
    )
    currency: Word = ""
    updated_at: Moment = None


class InvoicePayable(Record):
    """An invoice payable: GET /v1/bff/invoice-payables (the list), /v1/invoice-payables/{id}.

    `internal_id`, `outstanding_balance`, `local_fx_rate` and `has_tax` are in the detail only,
    None from the list.
    """

    id: Id
    internal_id: MaybeId = Field(None, validation_alias="invoicePayableId")
    type: Word = ""
    state: Word = ""
    entity_id: MaybeId = Field(None, validation_alias="companyEntityId")
    vendor_id: MaybeId = Field(
        None, validation_alias=AliasChoices("vendorId", AliasPath("vendor", "vendorId"))
    )
    vendor_name: Word = Field("", validation_alias=AliasPath("vendor", "vendorName"))
    invoice_number: Word = ""
    amount: Amount | None = None
    currency: Word = ""
    outstanding_balance: Amount | None = None
    local_fx_rate: Rate = Field(None, validation_alias="localCurrencyFxRate")
    has_tax: Annotated[bool | None, BeforeValidator(_has_tax)] = Field(
        None, validation_alias="lineItems"
    )
    description: Text = ""
    issued_date: Day = None
    due_date: Day = None
    payment_at: Moment = None
    document_name: Text = ""
    updated_at: Moment = None


class Link(Record):
    """A link (a promise) from either side. Its ids may be any of the two documents' known ids."""

    credit_note_id: MaybeId = Field(None, validation_alias=AliasPath("creditNote", "id"))
    invoice_payable_id: MaybeId = Field(None, validation_alias=AliasPath("invoicePayable", "id"))
    invoice_number: Word = Field("", validation_alias=AliasPath("invoicePayable", "documentNumber"))
    invoice_status: Word = Field("", validation_alias=AliasPath("invoicePayable", "status"))
    amount: Amount | None = None
    currency: Word = ""
    updated_at: Moment = None


class Clearing(Record):
    """What cleared an invoice (a fact): GET /v1/invoice-payables/{id}/payments."""

    id: Id
    invoice_payable_id: MaybeId = None
    type: Word = Field("", validation_alias=AliasPath("payment", "type"))
    accounting_document_id: MaybeId = Field(
        None, validation_alias=AliasPath("payment", "accountingDocumentId")
    )
    document_number: Word = Field("", validation_alias=AliasPath("payment", "documentNumber"))
    amount: Amount | None = None
    currency: Word = ""
    payment_date: Day = None


class LedgerAccount(Record):
    """GET /v1/ledger-accounts."""

    id: Id
    code: Code = ""
    label: Text = ""
    type: Word = ""
    status: Word = ""


@dataclass(frozen=True)
class Unreadable:
    """A record of a page that does not fit: its id where it has one, and a sentence."""

    id: UUID | None
    words: str


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. A sweep that met unreadable records must not take them as gone."""

    records: tuple[T, ...]
    next_cursor: str | None
    unreadable: tuple[Unreadable, ...] = ()
