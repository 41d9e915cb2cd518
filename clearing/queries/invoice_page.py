"""The page of one invoice: what has paid it, what will, and what is still open."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from clearing import labels, usable
from clearing.models import Balance, Clearing, Entity, InvoicePayable, Vendor
from clearing.queries import details, documents, history
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
    clear_url: str
    bar: list[details.Part]
    links: list[details.LinkRow]
    clearings: list[details.ClearingRow]
    lines: list[details.LineRow]
    history: list[history.Event]


def read(invoice: InvoicePayable, *, never: str, locale: str) -> Shown:
    """Everything the page shows; a fixed number of queries."""
    entity = Entity.objects.filter(pk=invoice.entity_id).first() if invoice.entity_id else None
    vendor = Vendor.objects.filter(pk=invoice.vendor_id).first() if invoice.vendor_id else None
    balance = Balance.objects.filter(pk=invoice.pk).first()
    links = details.links_of(invoice_payable_id=invoice.pk)
    entries = details.clearings_of(invoice_payable_id=invoice.pk)
    lines = history.lines_of(invoice.pk, of_note=False)
    seen, done = history.of(invoice.pk, of_note=False)
    names = history.documents_named(
        {one.credit_note_id for rows in (links, entries, lines) for one in rows}
        | history.others(seen, done, invoice.pk)
        | {invoice.pk}
    )
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
        clear_url=documents.clear_url(invoice),
        bar=parts,
        links=details.link_rows(links, names, lines, of_note=False, never=never, locale=locale),
        clearings=details.clearing_rows(entries, names, of_note=False, locale=locale),
        lines=details.line_rows(lines, names, of_note=False, locale=locale),
        history=history.merged(
            seen, done, document_id=invoice.pk, names=names,
            currency=invoice.currency, locale=locale,
        ),
    )  # fmt: skip


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
        details.fact(_("Open amount read"), read),
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
