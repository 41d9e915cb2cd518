"""What the pages of one credit note and of one invoice share: the bar, facts, proposals' lines."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, money
from clearing.models import Instruction, Vendor
from clearing.queries import in_flight
from clearing.queries.documents import name_of_document
from clearing.queries.history import Documents
from clearing.workflow import name_of


@dataclass(frozen=True)
class Part:
    """A part of a document's amount: its words, its colour, its place in a bar of 100."""

    words: str
    amount: str
    colour: str
    x: str
    width: str


@dataclass(frozen=True)
class LineRow:
    """A line of a proposal about this document."""

    kind: str
    name: str
    document_url: str
    amount: str
    state: str
    asked: str
    decided: str
    outcome: str
    told: str  # under way: where it is, in one sentence
    url: str
    open: bool


@dataclass(frozen=True)
class Fact:
    """One fact of a document; an empty value is a missing one and is named as such."""

    label: str
    value: str
    url: str = ""
    hint: str = ""
    missing: bool = False


def fact(label: str, value: object, *, url: str = "", hint: str = "") -> Fact:
    """A fact; dates and times are written with the month's name."""
    if isinstance(value, datetime):
        value = labels.moment(value)
    elif isinstance(value, date):
        value = labels.day(value)
    shown = "" if value is None else str(value)
    return Fact(label, shown, url if shown else "", hint, missing=not shown)


def vendor_fact(vendor: Vendor | None, name: str, vendor_id: UUID | None) -> Fact:
    """The vendor as the document names it, with its number."""
    url = reverse("vendor", args=[vendor_id]) if vendor else ""
    return fact(_("Vendor"), name or vendor, url=url, hint=vendor.number if vendor else "")


def bar(
    total: int | None, parts: list[tuple[str, int, str]], rest: tuple[str, str],
    currency: str, locale: str,
) -> list[Part]:  # fmt: skip
    """Parts (words, amount, colour) of `total` side by side; what is missing to it is `rest`.

    Nothing where the total is not a positive amount. Widths are for drawing only.
    """
    if total is None or total <= 0:
        return []
    known = sum(amount for _words, amount, _colour in parts)
    if known < total:
        parts = [*parts, (rest[0], total - known, rest[1])]
    whole = max(sum(amount for _words, amount, _colour in parts if amount > 0), 1)
    shown, x = [], 0
    for words, amount, colour in parts:
        if amount <= 0:
            continue
        width = max(amount * 1000 // whole, 4)
        shown.append(
            Part(words, money.text(amount, currency, locale), colour, _tenth(x), _tenth(width))
        )
        x += width
    return shown


def _tenth(permille: int) -> str:
    return f"{permille // 10}.{permille % 10}"


def document_url(document_id: UUID, *, is_note: bool) -> str:
    """The page of a credit note or of an invoice."""
    return reverse("credit_note" if is_note else "invoice_payable", args=[document_id])


def made_words(line: Instruction) -> str:
    """Who made a link here: the person who asked, and who approved or which rule did."""
    values = {"asked": name_of(line.asked_by)}
    if line.approved_by:
        return _("%(asked)s, approved by %(approved)s") % (
            values | {"approved": name_of(line.approved_by)}
        )
    return values["asked"]


def line_rows(
    lines: list[Instruction], names: Documents, *, of_note: bool, locale: str
) -> list[LineRow]:
    """The lines of proposals about a document."""
    rows, waits = [], in_flight.Waits.of(lines)
    for line in lines:
        other = line.invoice_payable_id if of_note else line.credit_note_id
        rows.append(
            LineRow(
                kind=line.get_kind_display(),
                name=name_of_document(names, other),
                document_url=document_url(other, is_note=not of_note) if other else "",
                amount=money.text(line.amount, line.currency, locale),
                state=line.state,
                asked=f"{name_of(line.asked_by)}, {labels.moment(line.asked_at)}",
                decided=name_of(line.approved_by) if line.approved_by else line_rule(line),
                outcome=line.outcome,
                told=in_flight.told(line, waits),
                url=reverse("proposal", args=[line.proposal_id]),
                open=line.state in Instruction.OPEN,
            )
        )
    return rows


def line_rule(line: Instruction) -> str:
    """The rule that let one person decide, or nothing."""
    return line.get_exempt_rule_display() if line.exempt_rule else ""
