"""Reading a JSON body: each field's type is checked, unknown fields are ignored."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any, NoReturn

from clearing.sandbox.errors import bad_request

Check = Callable[[Any, str], Any]

INT64 = 2**63
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# The amounts of a line are not nullable in Light's documents.
NEVER_NULL = frozenset({"netTransactionAmount", "taxTransactionAmount", "grossTransactionAmount"})
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object in a body, or 400."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise bad_request("The request body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise bad_request("The request body must be a JSON object.")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def read(body: dict[str, Any], spec: dict[str, Check]) -> dict[str, Any]:
    """The known fields of a body, checked. null stays None; a field left out stays out."""
    for name in NEVER_NULL & spec.keys() & body.keys():
        if body[name] is None:
            raise bad_request("must not be null", name)
    return {
        name: None if body[name] is None else check(body[name], name)
        for name, check in spec.items()
        if name in body
    }


def required(body: dict[str, Any], name: str, check: Check) -> Any:
    if body.get(name) is None:
        raise bad_request("must not be null", name)
    return check(body[name], name)


def amount(value: Any, path: str) -> int:
    """int64 in the currency's smallest unit."""
    if type(value) is not int or not -INT64 <= value < INT64:
        raise bad_request("must be a 64-bit integer", path)
    return value


def text(value: Any, path: str) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise bad_request("must be a text without NUL characters", path)
    return value


def uuid(value: Any, path: str) -> str:
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise bad_request("must be a UUID", path)
    return value.lower()


def day(value: Any, path: str) -> str:
    """An ISO date, YYYY-MM-DD."""
    try:
        if not DATE.fullmatch(value):
            raise ValueError("not an ISO date")
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise bad_request("must be a date, YYYY-MM-DD", path) from error


def flag(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise bad_request("must be true or false", path)
    return value


def rate(value: Any, path: str) -> float:
    """An FX rate: a finite number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise bad_request("must be a number greater than 0", path)
    if value > INT64 or not math.isfinite(value):
        raise bad_request("is too large", path)
    return value


def currency(value: Any, path: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise bad_request("must be an ISO 4217 currency code", path)
    return value


def directed_amount(value: Any, path: str) -> dict[str, Any]:
    """{amount, dcSign}: an int64 and D (debit) or C (credit)."""
    if not isinstance(value, dict):
        raise bad_request("must be an object of amount and dcSign", path)
    if value.get("dcSign") not in ("D", "C"):
        raise bad_request("must be D or C", f"{path}.dcSign")
    number = required(value, "amount", lambda given, _: amount(given, f"{path}.amount"))
    return {"amount": number, "dcSign": value["dcSign"]}


def properties(value: Any, path: str) -> list[dict[str, Any]]:
    """Custom properties: a group, its values; they are taken and never shown again."""
    for number, one in enumerate(objects(value, path)):
        at = f"{path}.{number}"
        required(one, "groupId", uuid)
        values = one.get("valueIds") or []
        inline = one.get("inlineValues") or []
        if not isinstance(values, list) or not isinstance(inline, list):
            raise bad_request("must be a list", at)
        for each in values:
            uuid(each, f"{at}.valueIds")
        for each in inline:
            if each is not None:
                text(each, f"{at}.inlineValues")
    return list(value)


def objects(value: Any, path: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise bad_request("must be a list of objects", path)
    return value


CREDIT_NOTE: dict[str, Check] = {
    "companyEntityId": uuid,
    "businessPartnerId": uuid,
    "documentDate": day,
    "areLinesWithTax": flag,
    "customProperties": properties,
    "description": text,
    "currency": currency,
    "amount": amount,
    "documentNumber": text,
    "localCurrencyFxRateOverride": rate,
    "groupCurrencyFxRateOverride": rate,
}
LINE: dict[str, Check] = {
    "netTransactionAmount": directed_amount,
    "grossTransactionAmount": directed_amount,
    "taxTransactionAmount": directed_amount,
    "description": text,
    "ledgerTaxId": uuid,
    "ledgerAccountId": uuid,
    "customProperties": properties,
    "accrualTemplateId": uuid,
    "accrualStartDate": day,
    "accrualEndDate": day,
}
