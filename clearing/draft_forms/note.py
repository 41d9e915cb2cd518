"""The head of a draft."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import money
from clearing.draft_forms import readers
from clearing.draft_forms.typed import Typed

NOTE_FIELDS: dict[str, str | Promise] = {
    "vendor_id": gettext_lazy("Vendor"),
    "entity_id": gettext_lazy("Company entity"),
    "document_number": gettext_lazy("Number"),
    "document_date": gettext_lazy("Document date"),
    "description": gettext_lazy("Description"),
    "currency": gettext_lazy("Currency"),
    "amount": gettext_lazy("Amount"),
    "are_lines_with_tax": gettext_lazy("Tax in the lines"),
    "local_fx_rate": gettext_lazy("Rate to the local currency"),
    "group_fx_rate": gettext_lazy("Rate to the group currency"),
}
TAX_MODES = {"": None, "included": True, "added": False}


class NoteForm(Typed):
    """The head of a draft. `wanted` holds every field; custom properties only where entered."""

    FIELDS = NOTE_FIELDS
    MULTILINE = ("description",)
    SEARCHED = ("vendor_id", "entity_id")
    FOLDED = frozenset({"are_lines_with_tax", "local_fx_rate", "group_fx_rate", "cp"})

    def __init__(
        self, data: Mapping[str, Any] | None, shown: Mapping[str, Any], *, locale: str
    ) -> None:
        super().__init__(data, shown, locale=locale)
        if not self.bound:
            return
        for name in ("vendor_id", "entity_id"):
            self.read(name, readers.id_of)
        self.read("document_number", readers.number)
        self.read("document_date", readers.day)
        self.read("description", readers.short)
        self.read("currency", readers.currency)
        self._read_amount()
        self.read("are_lines_with_tax", _tax_mode)
        for name in ("local_fx_rate", "group_fx_rate"):
            self.read(name, lambda text: readers.rate(text, locale))
        self.properties()

    def text_of(self, name: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if name == "amount":
            return money.plain(value, str(self.shown.get("currency") or ""), self.locale)
        if name == "are_lines_with_tax":
            return "included" if value else "added"
        if name.endswith("_fx_rate"):
            return str(value).replace(".", money.symbols(self.locale)[0])
        return str(value)

    @property
    def currency(self) -> str:
        """The currency that the amount is typed in."""
        code = self.texts["currency"].strip().upper()
        return code if re.fullmatch("[A-Z]{3}", code) else ""

    @property
    def example(self) -> str:
        return money.plain(123456, self.currency, self.locale)

    def _read_amount(self) -> None:
        """An amount left alone under another currency would mean something else: read again."""
        same_decimals = money.decimals(self.currency) == money.decimals(
            str(self.shown.get("currency") or "")
        )
        if self.untouched("amount") and (same_decimals or not self.currency):
            self.wanted["amount"] = self.shown.get("amount")
            return
        self.wanted["amount"] = None
        if text := self.texts["amount"].strip():
            try:
                if not self.currency:
                    raise ValueError(_("Enter the currency too: it says how many decimals."))
                self.wanted["amount"] = readers.amount(text, self.currency, self.locale)
            except ValueError as problem:
                self.errors["amount"] = str(problem)


def _tax_mode(text: str) -> bool | None:
    if text not in TAX_MODES:
        raise ValueError(_("Choose one of the three."))
    return TAX_MODES[text]
