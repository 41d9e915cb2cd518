"""What the pages of one credit note and of one invoice share: the bar, links, lines, clearings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, money
from clearing.models import Clearing, Instruction, InvoicePayable, Link, Vendor
from clearing.queries.documents import name_of_document, pays_on
from clearing.queries.history import Documents
from clearing.workflow import name_of

MOST = 200  # links or clearings on one page


@dataclass(frozen=True)
class Part:
    """A part of a document's amount: its words, its colour, its place in a bar of 100."""

    words: str
    amount: str
    colour: str
    x: str
    width: str


@dataclass(frozen=True)
class LinkRow:
    """A link seen from one of its documents; `why_not` where it cannot be changed now."""

    key: str
    name: str
    url: str
    amount: str
    fate: str
    state: str
    pays: str
    pays_iso: str
    pays_by_light: bool
    made: str
    gone: bool
    why_not: str
    remove_url: str
    change_url: str


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
    url: str
    open: bool


@dataclass(frozen=True)
class ClearingRow:
    """What has cleared: by a credit note or by a payment of the bank."""

    words: str
    name: str
    url: str
    amount: str
    day: str
    gone: bool


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


def links_of(**document: UUID) -> list[Link]:
    """The newest links of one document, those that Light still lists first."""
    return list(Link.objects.filter(**document).order_by("gone_at", "-fate_at", "id")[:MOST])


def clearings_of(**document: UUID) -> list[Clearing]:
    """The newest clearings of one document."""
    return list(Clearing.objects.filter(**document).order_by("-payment_date", "id")[:MOST])


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


def link_rows(
    links: Iterable[Link], names: Documents, lines: list[Instruction],
    *, of_note: bool, never: str, locale: str,
) -> list[LinkRow]:  # fmt: skip
    """The links of a document. `never` is the sentence for a person who may change none."""
    made = {
        (line.credit_note_id, line.invoice_payable_id): line
        for line in lines
        if line.kind == Instruction.Kind.LINK and line.state == Instruction.State.DONE
    }
    held = {
        (line.credit_note_id, line.invoice_payable_id)
        for line in lines
        if line.state in Instruction.OPEN
    }
    rows = []
    for link in links:
        pair = (link.credit_note_id, link.invoice_payable_id)
        why_not = _why_not(link) or never
        if not why_not and pair in held:
            why_not = _("Another line about this link is still open. Wait for it first.")
        rows.append(_link_row(link, names, made.get(pair), why_not, of_note, locale))
    return rows


def _why_not(link: Link) -> str:
    """Why a link cannot be removed or changed in Light, or nothing."""
    if link.fate in {Link.Fate.CLEARED, Link.Fate.CLEARED_PART}:
        return _("It has cleared the invoice; that clearing would have to be undone.")
    if link.fate in {Link.Fate.REMOVED, Link.Fate.UNDONE}:
        return _("It is no longer in Light.")
    if link.fate != Link.Fate.PLANNED:
        return _("The invoice is posted, so the link can no longer be changed.")
    return ""


def _link_row(
    link: Link, names: Documents, line: Instruction | None, why_not: str, of_note: bool, locale: str
) -> LinkRow:
    other = link.invoice_payable_id if of_note else link.credit_note_id
    invoice = names.get(link.invoice_payable_id)
    day, by_light = pays_on(invoice) if isinstance(invoice, InvoicePayable) else (None, False)
    found = names.get(other)
    made = made_words(line) if line else (_("Made here") if link.made_here else _("Made in Light"))
    pair = [link.credit_note_id, link.invoice_payable_id]
    return LinkRow(
        key=str(other),
        name=name_of_document(names, other),
        url=_document_url(other, is_note=not of_note),
        amount=money.text(link.amount, link.currency, locale),
        fate=link.fate,
        state=str(getattr(found, "state", "") or getattr(found, "status", "")),
        pays=labels.day(day) if day else "",
        pays_iso=day.isoformat() if day else "",
        pays_by_light=by_light,
        made=made,
        gone=link.fate in {Link.Fate.REMOVED, Link.Fate.UNDONE},
        why_not=why_not,
        remove_url=reverse("remove_link", args=pair),
        change_url=reverse("change_amount", args=pair),
    )


def _document_url(document_id: UUID, *, is_note: bool) -> str:
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
    rows = []
    for line in lines:
        other = line.invoice_payable_id if of_note else line.credit_note_id
        rows.append(
            LineRow(
                kind=line.get_kind_display(),
                name=name_of_document(names, other),
                document_url=_document_url(other, is_note=not of_note) if other else "",
                amount=money.text(line.amount, line.currency, locale),
                state=line.state,
                asked=f"{name_of(line.asked_by)}, {labels.moment(line.asked_at)}",
                decided=name_of(line.approved_by) if line.approved_by else line_rule(line),
                outcome=line.outcome,
                url=reverse("proposal", args=[line.proposal_id]),
                open=line.state in Instruction.OPEN,
            )
        )
    return rows


def line_rule(line: Instruction) -> str:
    """The rule that let one person decide, or nothing."""
    return line.get_exempt_rule_display() if line.exempt_rule else ""


def clearing_rows(
    entries: Iterable[Clearing], names: Documents, *, of_note: bool, locale: str
) -> list[ClearingRow]:
    """What has cleared this document, reversed ones too."""
    rows = []
    for entry in entries:
        other = entry.invoice_payable_id if of_note else entry.credit_note_id
        words = {"BP": _("Bank payment"), "CN": _("Credit note")}.get(entry.type, entry.type)
        rows.append(
            ClearingRow(
                words=words,
                name=name_of_document(names, other) if other else entry.document_number,
                url=_document_url(other, is_note=not of_note) if other else "",
                amount=money.text(entry.amount, entry.currency, locale),
                day=labels.day(entry.payment_date) if entry.payment_date else _("no date"),
                gone=entry.gone_at is not None,
            )
        )
    return rows
