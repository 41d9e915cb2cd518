"""What the copy holds of the documents of some lines, and what each line does to both balances."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from clearing import money
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable, Link, Seen

S = Instruction.State
Kind = Instruction.Kind
SETTLED = frozenset({"PAID", "COMPLETED"})
MOST_CHANGES = 500  # of all documents of a proposal


@dataclass
class Books:
    """What the copy holds of the documents of some lines: five queries, whatever their number.

    Links are read only where a line is in Light, or is about one.
    """

    notes: dict[UUID, CreditNote]
    invoices: dict[UUID, InvoicePayable]
    left: dict[UUID, int | None]  # available; goes back in time while lines are read
    balances: dict[UUID, Balance]
    links: dict[tuple[UUID, UUID | None], Link]
    first_steps: dict[int, Instruction] = field(default_factory=dict)  # of moves, by id
    changes: dict[UUID, list[Seen]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, lines: list[Instruction]) -> "Books":
        notes = {line.credit_note_id for line in lines}
        invoices = {line.invoice_payable_id for line in lines if line.invoice_payable_id}
        balances = Balance.objects.in_bulk(notes | invoices)
        books = cls(
            notes=CreditNote.objects.in_bulk(notes),
            invoices=InvoicePayable.objects.in_bulk(invoices),
            left={row.pk: row.available for row in balances.values()},
            balances=balances,
            links=_links(lines),
            first_steps=_first_steps(lines),
        )
        for invoice in books.invoices.values():  # what is settled is seldom read, and needs not be
            if invoice.state in SETTLED and books.left.get(invoice.pk) is None:
                books.left[invoice.pk] = 0
        waiting = [line for line in lines if line.state == S.PROPOSED]
        if waiting:
            for row in _seen_since(waiting):
                books.changes[row.document_id].append(row)
        return books

    def fate(self, line: Instruction) -> str:
        """What became of the link of a line that is in Light; empty where there is none."""
        link = self.links.get((line.credit_note_id, line.invoice_payable_id))
        return link.fate if link else ""

    def comes_later(self, line: Instruction) -> bool:
        """Whether the step before this line is still to be done, or to be read back."""
        first = self.first_steps.get(line.after_id or 0)
        return first is not None and not (first.state == S.DONE and first.shown_at)

    def before_after(self, line: Instruction, document_id: UUID, locale: str) -> tuple[str, str]:
        """What is free or open before and after this line; only "now" where it is closed.

        Balances count open lines already, so lines are asked for from the last to the first.
        """
        left = self.left.get(document_id)
        if line.state not in Instruction.OPEN or left is None:
            text = _("not known") if left is None else money.text(left, line.currency, locale)
            return text, text
        change, counted = effects(line)
        freed = 0
        if document_id == line.credit_note_id and self.comes_later(line):
            freed = self.first_steps[line.after_id or 0].amount or 0
            counted = min(freed + change, 0)  # what the step before it does not free
        start = left - counted
        before, after = start + freed, start + freed + change
        if line.kind == Kind.ARCHIVE or (line.archives and document_id == line.credit_note_id):
            after = 0
        self.left[document_id] = start
        return money.text(before, line.currency, locale), money.text(after, line.currency, locale)


def _links(lines: list[Instruction]) -> dict[tuple[UUID, UUID | None], Link]:
    """The links of those lines that are in Light, or that change or remove one."""
    about = [one for one in lines if one.state == S.DONE or one.kind in {Kind.AMEND, Kind.UNLINK}]
    if not about:
        return {}
    links = Link.objects.filter(
        credit_note_id__in={line.credit_note_id for line in about},
        invoice_payable_id__in={one.invoice_payable_id for one in about if one.invoice_payable_id},
    )
    return {(link.credit_note_id, link.invoice_payable_id): link for link in links}


def _first_steps(lines: list[Instruction]) -> dict[int, Instruction]:
    """The lines that others of these come after."""
    wanted = {line.after_id for line in lines if line.after_id}
    here = {line.pk: line for line in lines if line.pk in wanted}
    missing = wanted - here.keys()
    return here | (Instruction.objects.in_bulk(missing) if missing else {})


def _seen_since(lines: list[Instruction]) -> list[Seen]:
    """What the copy saw of these lines' documents since the first of them was asked for."""
    ids = {line.credit_note_id for line in lines}
    ids |= {line.invoice_payable_id for line in lines if line.invoice_payable_id}
    since = min(line.asked_at for line in lines)
    rows = Seen.objects.filter(
        Q(what__in=["credit_note", "invoice_payable"]), document_id__in=ids, at__gt=since
    )
    return list(rows.order_by("at", "id")[:MOST_CHANGES])


def effects(line: Instruction) -> tuple[int, int]:
    """What a line changes on both balances, and what of that the balances count already.

    In the smallest unit; the same for the credit note and the invoice of a pair.
    """
    amount, previous = line.amount or 0, line.previous_amount or 0
    change = {
        Kind.LINK: -amount,
        Kind.AMEND: previous - amount,
        Kind.UNLINK: amount,
        Kind.REVERSE: amount,
        Kind.POST: amount,
    }.get(Kind(line.kind), 0)
    counted = change if line.kind in {Kind.LINK, Kind.AMEND} and change < 0 else 0
    return change, counted
