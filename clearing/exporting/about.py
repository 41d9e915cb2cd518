"""What an export says of itself: what was asked for, as of when, by whom, and its totals."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from clearing.sheets import Sheet, Tally


@dataclass(frozen=True)
class Origin:
    """Where an export comes from. Times are aware, in the zone of the pages.

    read_at: when the reading of Light began that the copy is as old as; head: of the audit chain.
    """

    by: str
    made_at: datetime
    read_at: datetime | None = None
    head: str = ""


@dataclass(frozen=True)
class Total:
    """The sum of one money column in one currency, in its smallest unit."""

    words: str
    currency: str
    amount: int


def moment(value: datetime) -> str:
    """2026-11-02 14:32 UTC."""
    return f"{value:%Y-%m-%d %H:%M} {value.tzname()}"


def totals(sheet: Sheet, tally: Tally) -> list[Total]:
    """One for each money column and currency, in the order of the columns."""
    if not sheet.adds_up:
        return []
    return [
        Total(str(column.label), currency, tally.sums[key, currency])
        for column in sheet.columns
        for key, currency in sorted(tally.sums)
        if key == column.key
    ]


def facts(sheet: Sheet, origin: Origin) -> list[tuple[str, str]]:
    """What is known before the rows are read, in words."""
    copy = moment(origin.read_at) if origin.read_at else _("Nothing was read from Light yet")
    found = [(_("Export"), str(sheet.title))]
    found += [(_("Filter"), one) for one in sheet.filters] or [(_("Filter"), _("None: every row"))]
    found += [
        (_("Copy of Light as of"), copy),
        (_("File made at"), moment(origin.made_at)),
        (_("Made by"), origin.by),
    ]
    return found


def proofs(tally: Tally, origin: Origin) -> list[tuple[str, str]]:
    """What shows later that the rows are these."""
    found = [(_("SHA-256 of the rows"), tally.digest)]
    return found + ([(_("Head of the audit trail"), origin.head)] if origin.head else [])
