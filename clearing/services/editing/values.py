"""A draft and its lines as plain values: of the copy, of Light's records, and to compare.

Values are plain JSON under our names (light.bodies.NOTE, LINE): ids and dates as text, amounts
int in the smallest unit, a line's amounts [amount, "C" or "D"], rates exact decimals as text,
null for empty. Light shows no custom properties, so they are never among what it shows.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from clearing.light import records
from clearing.light.bodies import LINE, LINE_AMOUNTS, NOTE, line_body, note_body
from clearing.models import CreditNote, CreditNoteLine

Values = dict[str, Any]
UNSEEN = "custom_properties"
RATES = ("local_fx_rate", "group_fx_rate")
# What a note's detail proves: it has no number, and a draft's rate may be Light's own.
UNPROVEN = (*RATES, "document_number", UNSEEN)


def note_values(note: CreditNote) -> Values:
    """What the copy shows of a credit note, for a form's `shown`."""
    return _values(note, NOTE)


def line_values(line: CreditNoteLine) -> Values:
    """What the copy shows of a line, for a form's `shown`."""
    values = _values(line, [name for name in LINE if name not in LINE_AMOUNTS])
    for name in LINE_AMOUNTS:
        amount = getattr(line, name)
        values[name] = None if amount is None else [amount, getattr(line, f"{name}_side")]
    return values


def note_seen(record: records.CreditNote, *, number: str) -> Values:
    """What Light shows of a credit note; its number is in another list, so the copy's counts."""
    return _values(record, [name for name in NOTE if name != "document_number"]) | {
        "document_number": number or None
    }


def line_seen(record: records.CreditNoteLine) -> Values:
    """What Light shows of a line."""
    values = _values(record, [name for name in LINE if name not in LINE_AMOUNTS])
    for name in LINE_AMOUNTS:
        side: records.DirectedAmount | None = getattr(record, name)
        known = side is not None and side.amount is not None
        values[name] = [side.amount, side.dc_sign] if side and known else None
    return values


def facts(record: records.CreditNote) -> dict[str, Any]:
    """A credit note as deciding.edits compares it: under Light's names, what reading proves."""
    values = _values(record, [name for name in NOTE if name not in UNPROVEN])
    return {
        "status": record.status,
        "updated_at": record.updated_at.isoformat() if record.updated_at else "",
        "note": _lenient(values, note_body),
        "lines": {str(line.id): line_facts(line) for line in record.lines},
    }


def line_facts(record: records.CreditNoteLine) -> dict[str, Any]:
    """A line as deciding.edits compares it."""
    values = line_seen(record)
    return _lenient({name: values[name] for name in LINE if name != UNSEEN}, line_body)


def canonical(given: Mapping[str, Any]) -> Values:
    """Values as forms and pages give them, in one spelling: "" is null, nothing around a text."""
    return {name: _plain(value) for name, value in given.items()}


def same(name: str, one: Any, other: Any) -> bool:
    """Whether two values mean the same; rates by their number."""
    if name in RATES and one is not None and other is not None:
        return _number(one) == _number(other)
    return bool(one == other)


def _values(thing: Any, names: Any) -> Values:
    return {name: _plain(getattr(thing, name)) for name in names if name != UNSEEN}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    return value


def _number(text: Any) -> Any:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return text


def _lenient(values: Values, body: Any) -> dict[str, Any]:
    """As a body; what Light shows and would never take back stays as it is."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        try:
            found |= body({name: value})
        except ValueError:
            key = (NOTE | LINE)[name][0]
            found[key] = value
    return found
