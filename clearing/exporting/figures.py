"""Cells as figures: the last step, where an integer becomes a decimal."""

from datetime import date, datetime, tzinfo
from decimal import Decimal

from clearing import money
from clearing.sheets import MOMENT, Column, Sheet

DIGITS = 15  # that a spreadsheet's number holds exactly


def exact(minor: int, currency: str) -> str:
    """An amount in the smallest unit as plain decimal text: "-1240.00"; no grouping."""
    places = money.decimals(currency)
    if not places:
        return str(minor)
    digits = str(abs(minor)).rjust(places + 1, "0")
    return f"{'-' if minor < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def number(minor: int, currency: str) -> Decimal | None:
    """The same as a number; None where it has more digits than a spreadsheet keeps."""
    if abs(minor) >= 10**DIGITS:
        return None
    return Decimal(minor).scaleb(-money.decimals(currency))


def iso(value: date | datetime, zone: tzinfo | None) -> str:
    """ISO 8601; of a moment in this zone, with its offset."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return value.isoformat()


def label(column: Column, made_at: datetime) -> str:
    """The head of a column; of moments with the name of the zone they are told in."""
    words = str(column.label)
    return f"{words} ({made_at.tzname()})" if column.kind == MOMENT else words


def currency_places(sheet: Sheet) -> list[int | None]:
    """For each column where its row names the currency; None for those without one."""
    place = {column.key: number for number, column in enumerate(sheet.columns)}
    return [place[column.currency] if column.currency else None for column in sheet.columns]
