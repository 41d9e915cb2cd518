"""What stands on the vendor's paper: descriptions, file names, senders, the text of the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

from clearing.sandbox.company.masterdata import Group
from clearing.sandbox.company.money import Line, in_words, total

# reason: (German, English); {ref} is the invoice's number, {k} a count, {q} a quarter
WITH_REFERENCE = {
    "price": ("Gutschrift zu Rechnung {ref}, Preiskorrektur", "Price correction, invoice {ref}"),
    "return": ("Rücksendung von {k} Paletten, Rechnung {ref}", "Return of {k} pallets, {ref}"),
    "damage": ("Transportschaden zu {ref}", "Damaged in transit, invoice {ref}"),
    "twice": ("Doppelt berechnet in {ref}", "Billed twice on {ref}"),
    "cancel": ("Storno der Rechnung {ref}", "Cancellation of invoice {ref}"),
}
WITHOUT_REFERENCE = {
    "bonus": ("Bonus Q{q}", "Volume rebate Q{q}"),
    "return": ("Rücksendung von {k} Paletten", "Return of {k} pallets"),
    "price": ("Preiskorrektur laut Absprache", "Price adjustment as agreed"),
    "goodwill": ("Kulanzgutschrift", "Goodwill credit"),
    "deposit": ("Pfand für {k} Europaletten", "Deposit for {k} pallets returned"),
    "plain": ("Gutschrift", "Credit note"),
}


def about(group: Group, rng: Random, reason: str, on: date, ref: str | None = None) -> str:
    """A credit note's description, in the vendor's language."""
    words = WITH_REFERENCE if ref else WITHOUT_REFERENCE
    text = words[reason][0 if group.plan.german else 1]
    return text.format(ref=ref, k=rng.randint(2, 9), q=(on.month - 1) // 3 + 1)


def invoice_file(group: Group, number: str) -> str:
    return f"{'Rechnung' if group.plan.german else 'Invoice'}_{_plain(number)}.pdf"


def note_file(group: Group, number: str) -> str:
    return f"{'Gutschrift' if group.plan.german else 'CreditNote'}_{_plain(number)}.pdf"


def referring(group: Group, number: str) -> str:
    """The line of a credit note's paper that names its invoice."""
    return f"{'zu Rechnung' if group.plan.german else 'For your invoice'} {number}"


def sender(group: Group) -> str:
    return f"{'rechnung' if group.plan.german else 'billing'}@{group.plan.domain}"


def printed(
    group: Group, title: str, number: str, on: date, lines: Sequence[Line], *extra: str
) -> list[str]:
    """The PDF's text, line by line; only letters that a plain PDF font has (Latin-1)."""
    german, currency = group.plan.german, group.currency
    vendor, entity = group.vendor, group.entity
    day = f"{on:%d.%m.%Y}" if german else f"{on.day} {on:%b} {on.year}"
    text = [
        vendor["name"],
        f"{vendor['address']}, {vendor['zipcode']} {vendor['city']}",
        f"{'An' if german else 'To'}: {entity['name']}, {entity['address']['city']}",
        f"{title} {number}",
        f"{'Datum' if german else 'Date'}: {day}",
        *extra,
    ]
    for line in lines:
        charge = "-" if line.sign == "D" else ""
        text.append(f"{line.description}   {charge}{in_words(line.net, currency, german)}")
    tax = sum(line.tax if line.sign == "C" else -line.tax for line in lines)
    if tax:
        text.append(f"{'USt.' if german else 'Tax'}   {in_words(tax, currency, german)}")
    amount = in_words(total(lines), currency, german)
    text.append(f"{'Gesamtbetrag' if german else 'Total'}   {amount}")
    return text


def _plain(number: str) -> str:
    return number.replace("/", "-").replace(" ", "_")
