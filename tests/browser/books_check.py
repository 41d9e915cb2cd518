"""What stands in Light's books afterwards, read from the sandbox's own store and nothing of ours.

A link is a promise, a clearing of type CN a fact; both bind an amount of a credit note to an
invoice. Everything else in the books has to be as it was, to the letter.
"""

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from clearing.sandbox.store import KIND_OF_LIST, Store, key_of

MOVED = {"updatedAt", "status", "state"}  # what a link or a clearing may change in a document


class Bound(NamedTuple):
    """An amount in the smallest unit that binds a credit note to an invoice, by their numbers."""

    note: str
    invoice: str
    currency: str
    amount: int


def bound(data: Path) -> list[Bound]:
    """Every link and clearing of the store in this folder; one pair twice is two rows."""
    store = Store(str(data / "light.sqlite3"))
    notes = {one["id"]: one["_documentNumber"] for one in store.all("credit_note")}
    invoices = {one["id"]: one["invoiceNumber"] for one in store.all("invoice")}
    rows = [one for one in store.link_rows() if not one.get("_settled")]  # else it has cleared
    rows += [one for one in store.clearing_rows() if one["type"] == "CN" and not one["reversed"]]
    found = [
        Bound(notes[one["creditNoteId"]], invoices[one["invoicePayableId"]],
              one["currency"], one["amount"])
        for one in rows
    ]  # fmt: skip
    store.close()
    return found


def ties_out(data: Path, before: dict[str, Any], approved: list[Bound]) -> dict[str, int]:
    """The books hold what was approved and nothing else; the sum of each currency."""
    booked = bound(data)
    assert sorted(booked) == sorted(approved)
    pairs = Counter((one.note, one.invoice) for one in booked)
    assert [pair for pair, n in pairs.items() if n > 1] == [], "a pair was linked twice"
    sums = per_currency(booked)
    assert sums == per_currency(approved)
    within(before["credit_notes"], "_documentNumber", booked, "note")
    within(before["invoice_payables"], "invoiceNumber", booked, "invoice")
    untouched(data, before, booked)
    return sums


def per_currency(rows: list[Bound]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for one in rows:
        sums[one.currency] += one.amount
    return dict(sums)


def within(documents: list[Any], number: str, booked: list[Bound], side: str) -> None:
    """No document gives or takes more than it has, and each in its own currency."""
    has = {one[number]: one for one in documents}
    taken: Counter[str] = Counter()
    for one in booked:
        document = has[getattr(one, side)]
        assert one.currency == document["currency"]
        taken[document[number]] += one.amount
    assert {name: n for name, n in taken.items() if n > has[name]["amount"]} == {}


def untouched(data: Path, before: dict[str, Any], booked: list[Bound]) -> None:
    """No record came or went, and none that is not bound now has changed at all."""
    store = Store(str(data / "light.sqlite3"))
    touched = {one.note for one in booked} | {one.invoice for one in booked}
    for name, kind in KIND_OF_LIST.items():
        if kind in {"link", "clearing"}:
            continue
        was = {key_of(kind, one): one for one in before[name]}
        now = {key_of(kind, one): one for one in store.all(kind)}
        assert was.keys() == now.keys(), kind
        for key, record in was.items():
            number = record.get("_documentNumber") or record.get("invoiceNumber")
            changed = {field for field in record if now[key][field] != record[field]}
            assert changed <= (MOVED if number in touched else set()), (number, changed)
    store.close()
