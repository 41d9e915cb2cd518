"""A line of a draft."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import lines, money
from clearing.draft_forms import readers
from clearing.draft_forms.typed import Typed

LINE_FIELDS: dict[str, str | Promise] = {
    "description": gettext_lazy("Description"),
    "side": gettext_lazy("Side"),
    "net": gettext_lazy("Net"),
    "tax": gettext_lazy("Tax"),
    "gross": gettext_lazy("Gross"),
    "ledger_account_id": gettext_lazy("Account"),
    "ledger_tax_id": gettext_lazy("Tax code"),
    "accrual_template_id": gettext_lazy("Accrual template"),
    "accrual_start_date": gettext_lazy("Accrual from"),
    "accrual_end_date": gettext_lazy("Accrual to"),
}
AMOUNTS = ("net", "tax", "gross")
MIXED = "mixed"  # the amounts of a line stand on different sides


class LineForm(Typed):
    """One line of a draft. Amounts are [amount, "C" or "D"] in `wanted`, as in `shown`.

    with_tax: the draft's tax mode, which says what is typed and what follows.
    """

    FIELDS = LINE_FIELDS
    SEARCHED = ("ledger_account_id",)
    FOLDED = frozenset({"accrual_template_id", "accrual_start_date", "accrual_end_date", "cp"})

    def __init__(
        self, data: Mapping[str, Any] | None, shown: Mapping[str, Any], *, locale: str,
        currency: str, with_tax: bool | None, key: str = "new",
    ) -> None:  # fmt: skip
        self.currency, self.with_tax, self.key = currency, with_tax, key
        super().__init__(data, shown, locale=locale)
        if not self.bound:
            return
        self.read("description", readers.short)
        self._read_amounts()
        for name in ("ledger_account_id", "ledger_tax_id", "accrual_template_id"):
            self.read(name, readers.id_of)
        for name in ("accrual_start_date", "accrual_end_date"):
            self.read(name, readers.day)
        start, end = self.wanted.get("accrual_start_date"), self.wanted.get("accrual_end_date")
        if start and end and end < start:
            self.errors["accrual_end_date"] = _("The accrual ends before it begins.")
        self.properties()

    def text_of(self, name: str, value: Any) -> str:
        if name == "side":
            return self._side_shown()
        if value is None:
            return ""
        if name in AMOUNTS:
            return money.plain(abs(value[0]), self.currency, self.locale)
        return str(value)

    def _side_shown(self) -> str:
        """C or D; MIXED where the amounts stand on both sides, or one of them is negative."""
        given = [self.shown[name] for name in AMOUNTS if self.shown.get(name)]
        sides = {side for amount, side in given if amount}
        if len(sides) > 1 or any(amount < 0 for amount, _side in given):
            return MIXED
        return sides.pop() if sides else "C"

    @property
    def follower(self) -> str:
        """The amount that follows from the others and is not typed; empty where all are."""
        if self.with_tax is None or self.rendered("side") == MIXED:
            return ""
        return "net" if self.with_tax else "gross"

    @property
    def typed_amounts(self) -> list[str]:
        """The amount fields in the order of the form."""
        return [name for name in AMOUNTS if name != self.follower]

    @property
    def example(self) -> str:
        return money.plain(123456, self.currency, self.locale)

    @property
    def taxes_id(self) -> str:
        """The id of the list of tax codes; `templates_id`: of accrual templates."""
        return self.id_of("taxes")

    @property
    def templates_id(self) -> str:
        return self.id_of("templates")

    def _read_amounts(self) -> None:
        names = [*self.typed_amounts, "side"]
        if all(self.untouched(name) for name in names):
            self.wanted |= {name: self.shown.get(name) for name in AMOUNTS}
            if not any(self.wanted[name] for name in AMOUNTS):
                self.errors[self.main] = self._first_words()
            return
        if not self.currency:
            self.errors[self.main] = _(
                "Enter the currency of the draft first: it says how many decimals."
            )
            return
        amounts = {name: self._amount_typed(name) for name in self.typed_amounts}
        if any(name in self.errors for name in self.typed_amounts):
            return
        try:
            found = lines.complete(*(amounts.get(n) for n in AMOUNTS), with_tax=self.with_tax)
        except ValueError as problem:
            self.errors[self.main] = str(problem)
            return
        for name, amount in zip(AMOUNTS, found, strict=True):
            self.wanted[name] = self._directed(name, amount)

    @property
    def main(self) -> str:
        """The amount that has to be typed."""
        return "net" if self.with_tax is False else "gross"

    def _first_words(self) -> str:
        try:
            lines.complete(None, None, None, with_tax=self.with_tax)
        except ValueError as problem:
            return str(problem)
        return ""

    def _amount_typed(self, name: str) -> int | None:
        """Signed by the side chosen, or by that of each where the sides stay mixed."""
        text = self.texts[name].strip()
        if not text:
            return None
        try:
            amount = readers.amount(text, self.currency, self.locale, zero=True)
        except ValueError as problem:
            self.errors[name] = str(problem)
            return None
        return -amount if self._side(name) == "D" else amount

    def _side(self, name: str) -> str:
        side = self.texts["side"]
        if side in ("C", "D"):
            return side
        was = self.shown.get(name)
        return "D" if was and (lines.signed(*was) or 0) < 0 else "C"

    def _directed(self, name: str, amount: int | None) -> list[Any] | None:
        """As Light takes it; the very value it had where that says the same."""
        was = self.shown.get(name)
        if amount is None:
            # Light knows no null for an amount, so what was there becomes nothing.
            return [0, was[1]] if was else None
        if was and lines.signed(*was) == amount:
            return list(was)
        side = "D" if amount < 0 or (amount == 0 and self._side(name) == "D") else "C"
        return [abs(amount), side]
