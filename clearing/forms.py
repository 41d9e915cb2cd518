"""What people type: amounts in their number format, and the clearing page."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _

from clearing import money

Cell = tuple[UUID, UUID]  # credit note, invoice
LONGEST_AMOUNT = 60
ID = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
CELL_NAME = re.compile(rf"amount-{ID}-{ID}")


def cell_name(cell: Cell) -> str:
    """The name (and id) of the amount field of one credit note and one invoice."""
    return f"amount-{cell[0]}-{cell[1]}"


def cell_of(name: str) -> Cell | None:
    """The credit note and invoice that a field's name says; None for any other name."""
    found = CELL_NAME.fullmatch(name)
    return (UUID(found[1]), UUID(found[2])) if found else None


class AmountField(forms.CharField):
    """A typed amount; cleans to an integer in the smallest unit, or None where left empty."""

    def __init__(self, *, currency: str, locale: str, **options: Any) -> None:
        self.currency, self.locale = currency, locale
        options.setdefault(
            "widget",
            forms.TextInput(
                attrs={"class": "amount", "inputmode": "decimal", "autocomplete": "off"}
            ),
        )
        super().__init__(**options)

    @property
    def example(self) -> str:
        """How an amount is typed in this person's number format."""
        return money.plain(123456, self.currency, self.locale)

    def clean(self, value: Any) -> int | None:
        typed = self.to_python(value) or ""
        if not typed and not self.required:
            return None
        if len(typed) > LONGEST_AMOUNT:
            raise forms.ValidationError(_("This amount is larger than any invoice."))
        try:
            return money.parse(typed, self.currency, self.locale)
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem


class WorkbenchForm(forms.Form):
    """The clearing page: one amount per link, a note to the approver, and which button it was.

    `typed` holds the texts as they are, `amounts` those that are amounts (smallest unit),
    `cell_errors` a sentence for each of the others, `unreadable` how many fields name no pair.
    `filled` holds the texts that were suggested, also of a line that was left out, but not of one
    that is to be kept as it is: that counts as typed.
    """

    note = forms.CharField(required=False, widget=forms.Textarea)
    credit = forms.UUIDField(required=False)  # which credit note "Add" takes from; none: the oldest
    add = forms.UUIDField(required=False)  # an invoice
    # Not "remove": a field of that name hides the form element's own method from htmx.
    leave_out = forms.CharField(required=False)  # an amount field
    instead = forms.CharField(required=False)  # an amount field, a colon, an invoice
    start = forms.ChoiceField(
        required=False, choices=[("suggest", ""), ("empty", ""), ("rest", "")]
    )
    then = forms.CharField(required=False)  # "next": to the next vendor afterwards

    def __init__(self, data: Mapping[str, Any], *, currency: str, locale: str) -> None:
        data = {name: str(value).replace("\x00", "") for name, value in data.items()}
        super().__init__(data)
        self.amount_field = AmountField(currency=currency, locale=locale)
        cells = {name: cell_of(name) for name in data if name.startswith("amount-")}
        self.unreadable = sum(cell is None for cell in cells.values())
        self.typed = {
            cell: text for name, cell in cells.items() if cell and (text := data[name].strip())
        }
        fills = {cell_of(f"amount{name[6:]}"): data[name] for name in data if name[:7] == "filled-"}
        kept = {cell_of(f"amount{name[4:]}") for name in data if name.startswith("keep-")}
        self.filled = {
            cell: text.strip() for cell, text in fills.items() if cell and cell not in kept
        }
        self.amounts: dict[Cell, int] = {}
        self.cell_errors: dict[Cell, str] = {}
        for cell, text in self.typed.items():
            try:
                self.amounts[cell] = self.amount_field.clean(text) or 0
            except forms.ValidationError as problem:
                self.cell_errors[cell] = problem.messages[0]
        self.full_clean()

    @property
    def words(self) -> str:
        """The note as typed."""
        return str(self.data.get("note", ""))

    @property
    def fits(self) -> bool:
        """Whether every amount can be read, and every field names a pair."""
        return not self.cell_errors and not self.unreadable
