"""Amounts of a credit note's lines: net, tax and gross agree, and what lines add up to. Pure.

Every amount is an integer in the smallest unit; credit is positive, debit negative.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Amounts = tuple[int | None, int | None, int | None]  # net, tax, gross
LARGEST = 10**15  # the same bound as a document's amount: sums stay within int64


def complete(
    net: int | None, tax: int | None, gross: int | None, *, with_tax: bool | None
) -> Amounts:
    """Net, tax and gross of one line, the one left empty following from the others.

    with_tax: True where gross is typed (and the tax in it), False where net is typed (and the tax
    on top), None where the note does not say: then the two that are typed decide. No tax typed
    is no tax. Raises ValueError with a sentence.
    """
    if net is None and gross is None:
        raise ValueError(_("Enter the net amount.") if with_tax is False else _(
            "Enter the gross amount."
        ))  # fmt: skip
    if tax is None and net is not None and gross is not None:
        tax = (gross - net) or None
    elif gross is None and net is not None:
        if with_tax and tax is None:
            raise ValueError(_("Enter the gross amount: the lines of this draft include tax."))
        gross = net + (tax or 0)
    elif net is None and gross is not None:
        if with_tax is False and tax is None:
            raise ValueError(_("Enter the net amount: tax is added to the lines of this draft."))
        net = gross - (tax or 0)
    elif (net or 0) + (tax or 0) != gross:
        raise ValueError(_("Net and tax do not make the gross amount. Correct one of the three."))
    if any(abs(one or 0) > LARGEST for one in (net, tax, gross)):
        raise ValueError(_("This amount is larger than any invoice."))
    return net, tax, gross


def signed(amount: int | None, side: str) -> int | None:
    """An amount as Light gives it (its side D or C) as a signed one; None where it is missing."""
    return None if amount is None else -amount if side == "D" else amount


@dataclass(frozen=True)
class Totals:
    """What lines add up to; `unknown` counts the lines without a gross amount."""

    net: int = 0
    tax: int = 0
    gross: int = 0
    count: int = 0
    unknown: int = 0

    def differs_from(self, amount: int | None) -> bool:
        """Whether a credit note of this amount and its lines disagree; lines may be all debit."""
        if amount is None or not self.count:
            return False
        return bool(self.unknown) or abs(self.gross) != abs(amount)

    def without(self, line: Any) -> "Totals":
        """The totals after this line (one of them) was deleted."""
        one = totals([line])
        return Totals(
            self.net - one.net, self.tax - one.tax, self.gross - one.gross,
            self.count - 1, self.unknown - one.unknown,
        )  # fmt: skip


def totals(lines: Iterable[Any]) -> Totals:
    """Sums of anything with our names: net, net_side, tax, tax_side, gross, gross_side."""
    net = tax = gross = count = unknown = 0
    for line in lines:
        one = signed(line.gross, line.gross_side)
        net += signed(line.net, line.net_side) or 0
        tax += signed(line.tax, line.tax_side) or 0
        gross += one or 0
        count += 1
        unknown += one is None
    return Totals(net, tax, gross, count, unknown)
