"""Bodies of the calls that change a draft: from our names and plain values to Light's.

A name left out stays left out, None becomes null ("cleared"). Values are plain JSON: ids and
dates as text, amounts int in the smallest unit, a line's amount a pair [amount, "C" or "D"],
rates exact decimals as text. What Light could misread raises ValueError with a sentence.
Source: ExternalUpdateCreditNoteRequestV1Model, ExternalUpdateCreditNoteLineRequestV1Model,
ExternalCreateCreditNoteLineRequestV1Model.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from clearing.light.records import INT64_MAX, INT64_MIN

RATE = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
RATE_DIGITS = 15  # significant ones; so many go through a JSON number unchanged
SIDES = ("C", "D")


def _id(value: Any) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise ValueError("This is not an id of Light's.") from None


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError("A date is written like 2026-10-31.") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("A text cannot hold this character.")
    return value


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("A currency is a code of three letters, like EUR.")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("The tax mode is included or added on top.")
    return value


def _amount(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("An amount is a whole number in the currency's smallest unit.")
    if not INT64_MIN <= value <= INT64_MAX:
        raise ValueError("This amount is larger than Light can hold.")
    return value


def _directed(value: Any) -> dict[str, Any]:
    amount, side = value
    if side not in SIDES:
        raise ValueError("The amount of a line is a debit or a credit.")
    return {"amount": _amount(amount), "dcSign": side}


def _rate(value: Any) -> float | int:
    """A JSON number of exactly these digits: up to 15 of them survive the way through a float."""
    if not isinstance(value, str) or not RATE.fullmatch(value) or not value.strip("0."):
        raise ValueError("A rate is a number above 0 with a point, like 1.0837.")
    if len(value.replace(".", "").strip("0")) > RATE_DIGITS:
        raise ValueError(f"A rate has at most {RATE_DIGITS} digits.")
    return float(value) if "." in value else int(value)


def _properties(value: Any) -> list[dict[str, Any]]:
    """What custom properties are to be; each group's values replace those it had."""
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise ValueError("Custom properties are a list of groups with their values.")
    return [_property(one) for one in value]


def _property(given: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {"groupId": _id(given.get("groupId"))}
    if given.get("valueIds") is not None:
        content["valueIds"] = [_id(one) for one in given["valueIds"]]
    if "inlineValues" in given:
        inline = given["inlineValues"]
        content["inlineValues"] = None if inline is None else [_text(one) for one in inline]
    return content


Field = tuple[str, Callable[[Any], Any]]
NOTE: dict[str, Field] = {
    "entity_id": ("companyEntityId", _id),
    "vendor_id": ("businessPartnerId", _id),
    "document_number": ("documentNumber", _text),
    "document_date": ("documentDate", _day),
    "description": ("description", _text),
    "currency": ("currency", _currency),
    "amount": ("amount", _amount),
    "are_lines_with_tax": ("areLinesWithTax", _flag),
    "local_fx_rate": ("localCurrencyFxRateOverride", _rate),
    "group_fx_rate": ("groupCurrencyFxRateOverride", _rate),
    "custom_properties": ("customProperties", _properties),
}
LINE: dict[str, Field] = {
    "description": ("description", _text),
    "net": ("netTransactionAmount", _directed),
    "tax": ("taxTransactionAmount", _directed),
    "gross": ("grossTransactionAmount", _directed),
    "ledger_account_id": ("ledgerAccountId", _id),
    "ledger_tax_id": ("ledgerTaxId", _id),
    "accrual_template_id": ("accrualTemplateId", _id),
    "accrual_start_date": ("accrualStartDate", _day),
    "accrual_end_date": ("accrualEndDate", _day),
    "custom_properties": ("customProperties", _properties),
}
LINE_AMOUNTS = ("net", "tax", "gross")  # the contract knows no null for these


def note_body(values: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a credit note's PATCH."""
    return _body(values, NOTE)


def line_body(values: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a line's POST or PATCH."""
    return _body(values, LINE)


def _body(values: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    content = {}
    for name, value in values.items():
        key, convert = fields[name]
        content[key] = None if value is None else convert(value)
    return content
