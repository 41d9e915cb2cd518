"""What an edit changes, in words for the trail: texts as people read them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from clearing import money
from clearing.light.bodies import LINE_AMOUNTS
from clearing.models import Entity, LedgerAccount, Vendor
from clearing.services.editing.values import UNSEEN, Values

Change = dict[str, str]
NAMED: dict[str, type[Model]] = {
    "vendor_id": Vendor, "entity_id": Entity, "ledger_account_id": LedgerAccount,
}  # fmt: skip


def changes(
    names: Iterable[str], was: Values, now: Values, *, currency: str, currency_now: str = ""
) -> list[Change]:
    """One entry for each field that was sent."""
    return [
        {
            "field": name,
            "was": text(name, was.get(name), currency),
            "now": text(name, now.get(name), currency_now or currency)
            if name != UNSEEN
            else _properties(now.get(name)),
        }
        for name in names
    ]


def text(name: str, value: Any, currency: str) -> str:
    """One value as people read it; empty where there is none."""
    if value is None:
        return ""
    if name in NAMED:
        row = NAMED[name]._default_manager.filter(pk=value).first()
        return str(row) if row is not None else str(value)
    if name in LINE_AMOUNTS:
        amount, side = value
        word = {"C": _("credit"), "D": _("debit")}.get(side, side)
        return f"{money.text(amount, currency)} {word}"
    if name == "amount":
        return money.text(value, currency)
    if name == "are_lines_with_tax":
        return _("Tax included") if value else _("Tax added on top")
    return str(value)


def _properties(value: Any) -> str:
    return _("replaced") if value else _("removed")
