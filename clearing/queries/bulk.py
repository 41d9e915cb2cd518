"""What the pages show that change many at once: each item before, and what became of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, money
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable, Link
from clearing.queries import cut_off, documents, line_states

Pair = tuple[UUID, UUID]


@dataclass(frozen=True)
class Side:
    """One document, and what is free or open on it before and after; texts."""

    name: str
    url: str
    label: labels.Label
    about: str
    before: str
    after: str


@dataclass(frozen=True)
class Row:
    """One item of a selection: what will happen to it, or the `problem` why nothing will."""

    key: str  # what its form sends: "<note>" or "<note>:<invoice>"
    seen: str
    note: Side
    amount: str
    words: str
    problem: str
    invoice: Side | None = None
    is_draft: bool = False
    month: str = ""  # the closed month of which a booking is reversed


@dataclass(frozen=True)
class Result:
    """What became of one item: the state of its line now, or why there is none."""

    name: str
    url: str
    amount: str
    state: str  # of the line; empty where there is none
    words: str
    proposal_url: str
    number: int


def in_order(rows: Iterable[Row]) -> list[Row]:
    """What will happen first, then what cannot."""
    return sorted(rows, key=lambda row: bool(row.problem))


def archive_rows(
    notes: Iterable[CreditNote], *, problems: Mapping[UUID, str], alone: Collection[UUID],
    locale: str,
) -> list[Row]:  # fmt: skip
    """The credit notes to cancel (two queries); `alone`: those that one person discards."""
    notes = list(notes)
    left = documents.balances(note.pk for note in notes)
    books = cut_off.books_of(note.entity_id for note in notes)
    return in_order(
        _archive_row(
            note,
            left.get(note.pk),
            problems.get(note.pk, ""),
            note.pk in alone,
            locale,
            cut_off.cancelling(note, books),
        )  # fmt: skip
        for note in notes
    )


def _archive_row(
    note: CreditNote, balance: Balance | None, problem: str, alone: bool, locale: str, month: str
) -> Row:
    free = balance.available if balance else None
    before = _amount(free, note.currency, locale)
    if alone:
        words = _("Discarded; sent to Light at once.")
    elif note.status == "DRAFT":
        words = _("Discarded once a second person approves.")
    elif note.status == "POSTED":
        words = _("Cancelled and reversed in the ledger once a second person approves.")
    else:
        words = _("Cancelled once a second person approves.")
    return Row(
        key=str(note.pk),
        seen=f"{note.pk}:{note.status}",
        note=_side(note, before, before if problem else money.text(0, note.currency, locale)),
        amount=documents.amount(note.amount, note.currency, locale),
        words=words,
        problem=problem,
        is_draft=note.status == "DRAFT",
        month=month,
    )


def link_rows(
    links: Iterable[Link], *, problems: Mapping[Pair, str], second: bool, locale: str
) -> list[Row]:
    """The links to remove (three queries). Balances run on from row to row.

    second: whether a second person has to approve.
    """
    links = list(links)
    notes = CreditNote.objects.in_bulk({link.credit_note_id for link in links})
    invoices = InvoicePayable.objects.in_bulk({link.invoice_payable_id for link in links})
    balances = documents.balances([*notes, *invoices])
    left = {key: row.available for key, row in balances.items()}
    words = _("Removed once a second person approves.") if second else _(
        "Removed; sent to Light at once."
    )  # fmt: skip
    rows = []
    for link in sorted(links, key=lambda link: (link.credit_note_id, link.pk)):
        pair = link.credit_note_id, link.invoice_payable_id
        problem = problems.get(pair, "")
        sides = []
        for known, key in ((notes, pair[0]), (invoices, pair[1])):
            was, now = left.get(key), left.get(key)
            if was is not None and not problem:
                now = left[key] = was + link.amount
            before = _amount(was, link.currency, locale)
            after = _amount(now, link.currency, locale)
            sides.append(_side(known.get(key), before, after, key=key))
        rows.append(
            Row(
                key=f"{pair[0]}:{pair[1]}",
                seen=f"{pair[0]}:{pair[1]}:{link.amount}",
                note=sides[0],
                invoice=sides[1],
                amount=money.text(link.amount, link.currency, locale),
                words=words,
                problem=problem,
            )
        )
    return in_order(rows)


def _side(document: Any, before: str, after: str, *, key: UUID | None = None) -> Side:
    """A document, or the start of its id where the copy does not hold it."""
    if document is None:
        return Side(f"{str(key)[:8]}…", "", labels.Label("–"), "", before, after)
    is_note = isinstance(document, CreditNote)
    return Side(
        name=str(document),
        url=reverse("credit_note" if is_note else "invoice_payable", args=[document.pk]),
        label=labels.credit_note(document.status) if is_note else labels.invoice(document.state),
        about=document.vendor_name,
        before=before,
        after=after,
    )


def _amount(value: int | None, currency: str, locale: str) -> str:
    return _("not known") if value is None else money.text(value, currency, locale)


# --- afterwards ------------------------------------------------------------------------------
def results(kept: list[dict[str, Any]], *, locale: str) -> list[Result]:
    """What became of each item that was kept, with its line as it is now (three queries)."""
    lines = Instruction.objects.in_bulk([one["line"] for one in kept if one["line"]])
    notes = CreditNote.objects.in_bulk([UUID(one["note"]) for one in kept])
    pairs = [UUID(one["invoice"]) for one in kept if one["invoice"]]
    invoices = InvoicePayable.objects.in_bulk(pairs) if pairs else {}
    return [_result(one, lines.get(one["line"]), notes, invoices, locale) for one in kept]


def _result(
    one: dict[str, Any], line: Instruction | None, notes: Mapping[UUID, Any],
    invoices: Mapping[UUID, Any], locale: str,
) -> Result:  # fmt: skip
    name = documents.name_of_document(notes, UUID(one["note"]))
    if one["invoice"]:
        name += " → " + documents.name_of_document(invoices, UUID(one["invoice"]))
    known = UUID(one["note"]) in notes
    return Result(
        name=name,
        url=reverse("credit_note", args=[one["note"]]) if known else "",
        amount=money.text(line.amount, line.currency, locale) if line else "",
        state=line.state if line else "",
        words=line.outcome if line else one["why"],
        proposal_url=reverse("proposal", args=[line.proposal_id]) if line else "",
        number=line.proposal_id if line else 0,
    )


def states(rows: Iterable[Result]) -> list[tuple[labels.Label, int]]:
    """How many of the lines are in which state now."""
    return line_states.state_counts(row.state for row in rows if row.state)


def under_way(rows: Iterable[Result]) -> bool:
    """Whether the worker is still at one of them, so that the page asks again."""
    moving = {Instruction.State.READY, Instruction.State.SENDING, Instruction.State.UNKNOWN}
    return any(row.state in moving for row in rows)
