"""The page of one invoice: what has paid it, what will, and what is still open."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from clearing import labels, roles, usable
from clearing.models import Balance, Clearing, Entity, Instruction, InvoicePayable, Link, Vendor
from clearing.queries import (
    details,
    documents,
    filed_wrong,
    history,
    light_dates,
    pairs,
    shield,
    usable_credit,
)
from clearing.queries.editing import held_words
from clearing.queries.invoice_payables import open_words


@dataclass(frozen=True)
class Shown:
    """An invoice with everything around it. `problem` says why no credit can pay it."""

    entity: Entity | None
    vendor: Vendor | None
    figures: list[details.Fact]
    facts: list[details.Fact]
    problem: usable.No | None
    next_step: str
    vendor_warning: str
    warning: str
    summary: str
    being_edited: str
    clear_url: str
    light_url: str
    credit: usable_credit.Credit | None
    shield: shield.Shield | None
    looks_like_credit: list[str]  # why it may be a credit note; empty where it may not
    bar: list[details.Part]
    bound: pairs.Bound
    lines: list[details.LineRow]
    history: list[history.Event]


def read(invoice: InvoicePayable, *, user: roles.User, locale: str) -> Shown:
    """Everything the page shows; a fixed number of queries."""
    entity = Entity.objects.filter(pk=invoice.entity_id).first() if invoice.entity_id else None
    vendor = Vendor.objects.filter(pk=invoice.vendor_id).first() if invoice.vendor_id else None
    balance = Balance.objects.filter(pk=invoice.pk).first()
    links = pairs.links_of(invoice_payable_id=invoice.pk)
    entries = pairs.clearings_of(invoice_payable_id=invoice.pk)
    lines = history.lines_of(invoice.pk, of_note=False)
    seen, done = history.of(invoice.pk, of_note=False)
    names = history.documents_named(
        {one.credit_note_id for rows in (links, entries, lines) for one in rows}
        | history.others(seen, done, invoice.pk)
    )
    names[invoice.pk] = invoice
    problem = documents.invoice_problem(invoice, balance)
    day, by_light = documents.pays_on(invoice)
    pays = labels.day(day) if day else ""
    parts = _bar(invoice, balance, entries, locale)
    return Shown(
        entity=entity,
        vendor=vendor,
        figures=_figures(invoice, balance, locale),
        facts=_facts(invoice, entity, vendor),
        problem=problem,
        next_step=str(documents.NEXT_STEP.get(problem.code, "")) if problem else "",
        vendor_warning=usable.vendor_warning(vendor) if invoice.vendor_id else "",
        warning="" if problem else usable.payment_warning(invoice, pays if by_light else ""),
        summary=", ".join(f"{part.amount} {part.words}" for part in parts),
        being_edited=held_words(invoice_payable_id=invoice.pk),
        clear_url=documents.clear_url(invoice),
        light_url=documents.light_url(invoice),
        credit=usable_credit.fits(
            invoice, balance, taken=_taken(links, entries, lines), locale=locale
        ),
        shield=shield.of_invoice(invoice, balance, locale=locale),
        looks_like_credit=filed_wrong.why_of(invoice),
        bar=parts,
        bound=pairs.bound(
            links, entries, lines, names,
            of_note=False, never=pairs.Never.of(user), locale=locale,
        ),
        lines=details.line_rows(lines, names, of_note=False, locale=locale),
        history=history.merged(
            seen, done, document_id=invoice.pk, names=names,
            currency=invoice.currency, locale=locale,
            dates=light_dates.of_invoice(invoice, entries, seen, names, locale),
        ),
    )  # fmt: skip


def _taken(
    links: list[Link], entries: list[Clearing], lines: list[Instruction]
) -> set[UUID | None]:
    """Credit notes that are linked with it, have cleared it, or are held for it."""
    return (
        {one.credit_note_id for one in links if one.gone_at is None}
        | {one.credit_note_id for one in entries if one.gone_at is None}
        | {one.credit_note_id for one in lines if one.state in Instruction.OPEN}
    )


def _figures(invoice: InvoicePayable, balance: Balance | None, locale: str) -> list[details.Fact]:
    """Amount, open amount, and the day of payment; the last says where it is the due date."""
    day, by_light = documents.pays_on(invoice)
    words = _("Pays on") if by_light else _("Due (Light names no payment date)")
    return [
        details.fact(_("Amount"), documents.amount(invoice.amount, invoice.currency, locale)),
        details.fact(_("Open amount"), open_words(invoice, balance, locale)),
        details.fact(words, labels.day(day) if day else _("missing")),
    ]


def _facts(
    invoice: InvoicePayable, entity: Entity | None, vendor: Vendor | None
) -> list[details.Fact]:
    words = {"VENDOR_INVOICE": _("Vendor's invoice"), "REIMBURSEMENT": _("Reimbursement")}
    read = invoice.outstanding_read_at
    return [
        details.vendor_fact(vendor, invoice.vendor_name, invoice.vendor_id),
        details.fact(_("Company entity"), entity or invoice.entity_id),
        details.fact(_("Currency"), invoice.currency),
        details.fact(_("Type"), words.get(invoice.type, invoice.type)),
        details.fact(_("Invoice date"), invoice.issued_date),
        details.fact(_("Due date"), invoice.due_date),
        details.fact(_("Payment date"), invoice.payment_at),
        details.fact(_("Description"), invoice.description),
        details.fact(_("File"), invoice.document_name),
        details.fact(_("First seen"), invoice.first_seen_at),
        details.fact(_("Open amount read"), read or _("not yet")),
    ]


def _bar(
    invoice: InvoicePayable, balance: Balance | None, entries: list[Clearing], locale: str
) -> list[details.Part]:
    """Paid, cleared, planned, held, open; the rest with its reason."""
    if balance is None:
        return []
    paid = sum(one.amount for one in entries if one.type == "BP" and one.gone_at is None)
    parts = [
        (_("paid by bank"), paid, "b-info"),
        (_("cleared by credit"), balance.cleared, "b-good"),
        (_("planned"), balance.planned, "b-planned"),
        (_("held by proposals"), balance.held, "b-warn"),
        (_("open"), balance.available or 0, "b-open"),
    ]
    if invoice.outstanding_balance is None:
        rest = (_("not asked from Light yet"), "b-warn")
    else:
        rest = (_("settled in Light, not read how"), "b-mute")
    return details.bar(invoice.amount, parts, rest, invoice.currency, locale)
