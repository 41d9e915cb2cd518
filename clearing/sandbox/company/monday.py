"""Monday morning: vendors whom Light is about to pay, and who owe us money."""

from __future__ import annotations

from typing import NamedTuple

from clearing.sandbox.company.book import Book
from clearing.sandbox.records import Record


class Bill(NamedTuple):
    state: str
    days: int  # until it is paid, or due where no payment date is set
    nets: tuple[int, ...]  # smallest unit, before tax


class Owed(NamedTuple):
    reason: str
    nets: tuple[int, ...]
    bill: int | None = None  # which of the vendor's bills the credit names
    age: int = 6  # days


STORY: dict[str, tuple[tuple[Bill, ...], tuple[Owed, ...]]] = {
    "Nordlicht Logistik GmbH": (
        (Bill("SCHEDULED", 1, (486_000, 138_500)), Bill("UNPAID", 6, (214_750,))),
        (Owed("price", (96_500,), 0), Owed("deposit", (21_600,), age=17)),
    ),
    "Rheinstahl Halbzeuge AG": (
        (Bill("SCHEDULED", 2, (1_284_000, 96_300)),),
        (Owed("return", (236_400,), 0, 11), Owed("bonus", (180_000,), age=48)),
    ),
    "Müller & Söhne Verpackungen GmbH": (
        (Bill("READY_FOR_PAYMENT_RELEASE", 3, (312_480,)), Bill("SCHEDULED", 3, (98_640,))),
        (Owed("cancel", (98_640,), 1, 4), Owed("damage", (41_250,), 0, 8)),
    ),
    "Datenwerk IT-Systeme GmbH": (
        (Bill("UNPAID", 4, (645_000,)),),
        (Owed("twice", (129_000,), 0, 9),),
    ),
    "Pioneer Freight Lines LLC": (
        (Bill("SCHEDULED", 2, (742_500, 89_100)), Bill("SCHEDULED", 6, (318_200,))),
        (Owed("damage", (118_400,), 0, 5), Owed("cancel", (318_200,), 1, 3)),
    ),
    "Great Lakes Packaging Inc.": (
        (Bill("READY_FOR_PAYMENT_RELEASE", 4, (461_750,)),),
        (Owed("return", (84_350,), 0, 12), Owed("bonus", (125_000,), age=33)),
    ),
    "Ironbridge Steel Corp.": (
        (Bill("UNPAID", 5, (1_936_000,)), Bill("SCHEDULED", 5, (274_800,))),
        (Owed("price", (193_600,), 0, 7),),
    ),
}


def tell(book: Book) -> dict[str, list[Record]]:
    """The story, and where to find it."""
    found: list[Record] = []
    for name in STORY:
        found += _about_to_be_paid(book, name)
    scheduled = [record for record in found if record.get("state") == "SCHEDULED"]
    return {"about_to_be_paid": found, "payment_scheduled": scheduled}


def _about_to_be_paid(book: Book, name: str) -> list[Record]:
    group = book.group(name)
    bills, owed = STORY[name]
    invoices, notes = [], []
    for bill in bills:
        day = book.days.coming(bill.days)
        issued = book.days.ago(group.plan.terms - bill.days)
        pays = None if bill.state == "UNPAID" else day
        lines = book.priced(group, *bill.nets)
        invoices.append(book.invoice(group, bill.state, issued, lines, due=day, pays=pays))
    for credit in owed:
        ref = None if credit.bill is None else invoices[credit.bill]["invoiceNumber"]
        lines = book.priced(group, *credit.nets)
        notes.append(
            book.note(group, book.days.ago(credit.age), lines, reason=credit.reason, ref=ref)
        )
    return [group.vendor, *invoices, *notes]
