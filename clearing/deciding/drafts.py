"""A draft as its poster saw it: its lines as one digest."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class DraftLine:
    """What posting a line does to the ledger. Amounts in the smallest unit, each with D or C."""

    net: int | None = None
    net_side: str = ""
    tax: int | None = None
    tax_side: str = ""
    gross: int | None = None
    gross_side: str = ""
    description: str = ""
    ledger_account_id: UUID | None = None
    ledger_tax_id: UUID | None = None
    cost_center_id: UUID | None = None
    accrual_template_id: UUID | None = None
    accrual_start_date: date | None = None
    accrual_end_date: date | None = None


def digest(lines: Iterable[DraftLine]) -> str:
    """One text for these lines, whatever their order: two agree where the lines do."""
    rows = sorted(json.dumps(astuple(_plain(line)), default=str) for line in lines)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _plain(line: DraftLine) -> DraftLine:
    """A side without an amount says nothing."""
    sides = {
        f"{name}_side": getattr(line, f"{name}_side") if getattr(line, name) is not None else ""
        for name in ("net", "tax", "gross")
    }
    return DraftLine(**{**line.__dict__, **sides})
