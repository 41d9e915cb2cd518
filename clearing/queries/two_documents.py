"""A credit note beside the invoice it is to pay: what names the other, and what of both differs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import explaining, labels, money
from clearing.matching import numbers
from clearing.models import CreditNote, CreditNoteLine, Entity, Instruction, InvoicePayable, Vendor
from clearing.queries import documents
from clearing.queries.lines import Line


@dataclass(frozen=True)
class Paper:
    """One side: its name, and where its PDF and its page are."""

    name: str
    url: str
    pdf_url: str
    label: labels.Label


@dataclass(frozen=True)
class Fact:
    """One fact of both; `mark` says how they compare, empty where they need not agree."""

    label: str
    note: str
    invoice: str
    mark: str = ""
    differs: bool = False


@dataclass(frozen=True)
class Both:
    """Both documents of one line, with the signs that they belong together."""

    note: Paper
    invoice: Paper | None
    signs: list[str]
    facts: list[Fact]
    runner_up: str


def both(line: Instruction, row: Line, locale: str) -> Both:
    """What the page shows of both documents of a line; eight queries at most."""
    note = CreditNote.objects.filter(pk=line.credit_note_id).first()
    invoice = InvoicePayable.objects.filter(pk__in=[line.invoice_payable_id]).first()
    return Both(
        note=_paper(row.note, "credit_note_document", line.credit_note_id),
        invoice=_paper(row.invoice, "invoice_document", line.invoice_payable_id),
        signs=_signs(line, row, note, invoice, locale) if note and invoice else [],
        facts=_facts(row, note, invoice, locale) if note and invoice else [],
        runner_up=_runner_up(line, locale),
    )


def _paper(document: Any, view: str, document_id: UUID | None) -> Any:
    if document is None or document_id is None:
        return None
    pdf_url = reverse(view, args=[document_id])
    return Paper(document.name, document.url, pdf_url, document.label)


def _signs(
    line: Instruction, row: Line, note: CreditNote, invoice: InvoicePayable, locale: str
) -> list[str]:
    """What speaks for these two, each a sentence."""
    said = [_number_in_both(note, invoice)]
    if note.amount is not None and note.amount == invoice.amount:
        amount = money.text(note.amount, note.currency, locale)
        said.append(_("Both amounts are %(amount)s.") % {"amount": amount})
    if note.document_date and invoice.issued_date:
        days = abs((note.document_date - invoice.issued_date).days)
        said.append(
            ngettext("Their dates are %(n)d day apart.", "Their dates are %(n)d days apart.", days)
            % {"n": days}
        )
    said.append(
        _("This line uses %(amount)s: %(free)s free to use, %(open)s open.")
        % {"amount": row.amount, "free": row.note.before,
           "open": row.invoice.before if row.invoice else "–"}
    )  # fmt: skip
    return said


def _number_in_both(note: CreditNote, invoice: InvoicePayable) -> str:
    """Where the credit note names the invoice's number, in its own words."""
    places = explaining.cited([note.pk]).get(note.pk, {})
    found = [places[key] for key in numbers.forms(invoice.number_key) if key in places]
    if not found:
        return _("Nothing that was read of the credit note names this invoice.")
    return _("Both say %(number)s. %(where)s") % {
        "number": invoice.invoice_number, "where": explaining.quote(found[0]),
    }  # fmt: skip


def _facts(row: Line, note: CreditNote, invoice: InvoicePayable, locale: str) -> list[Fact]:
    vendors = Vendor.objects.in_bulk({one for one in (note.vendor_id, invoice.vendor_id) if one})
    entities = Entity.objects.in_bulk({one for one in (note.entity_id, invoice.entity_id) if one})
    day, by_light = documents.pays_on(invoice)
    facts = [
        Fact(_("Number"), note.document_number, invoice.invoice_number),
        Fact(_("Date"), _day(note.document_date), _day(invoice.issued_date)),
        _same(_("Vendor"), _name(vendors, note), _name(vendors, invoice)),
        _same(
            _("Company entity"),
            str(entities.get(note.entity_id) or "") if note.entity_id else "",
            str(entities.get(invoice.entity_id) or "") if invoice.entity_id else "",
        ),
        _same(_("Currency"), note.currency, invoice.currency),
        _amounts(note, invoice, locale),
        _tax(note, invoice),
        Fact(_("Status"), str(row.note.label.word), str(row.invoice.label.word) if row.invoice
             else ""),
        Fact(_("Pays on") if by_light else _("Due"), "", _day(day)),
        Fact(_("Posting date"), _day(note.posting_date), ""),
        Fact(_("Description"), note.description, invoice.description),
        Fact(_("File"), note.document_name, invoice.document_name),
    ]  # fmt: skip
    return [one for one in facts if one.note or one.invoice]


def _day(value: Any) -> str:
    return labels.day(value) if value else ""


def _name(vendors: dict[UUID, Vendor], document: Any) -> str:
    found = vendors.get(document.vendor_id) if document.vendor_id else None
    return str(found or document.vendor_name)


def _same(label: str, one: str, other: str) -> Fact:
    """A fact that has to agree."""
    differs = one != other
    return Fact(label, one, other, _("differs") if differs else _("same"), differs)


def _amounts(note: CreditNote, invoice: InvoicePayable, locale: str) -> Fact:
    """Amounts may differ: a credit pays part of an invoice, or several."""
    label, of_note, of_invoice = (
        _("Amount"),
        money.text(note.amount, note.currency, locale),
        money.text(invoice.amount, invoice.currency, locale),
    )
    if note.currency != invoice.currency or note.amount is None or invoice.amount is None:
        return Fact(label, of_note, of_invoice)
    gap = money.text(abs(note.amount - invoice.amount), note.currency, locale)
    mark = _("same") if note.amount == invoice.amount else _("%(gap)s apart") % {"gap": gap}
    return Fact(label, of_note, of_invoice, mark)


def _tax(note: CreditNote, invoice: InvoicePayable) -> Fact:
    of_note = None
    if note.lines_read_at:
        taxed = CreditNoteLine.objects.filter(credit_note_id=note.pk).exclude(tax=None)
        of_note = taxed.exclude(tax=0).exists()
    words = {None: "", True: _("with tax"), False: _("without tax")}
    if of_note is None or invoice.has_tax is None:
        return Fact(_("Tax"), words[of_note], words[invoice.has_tax])
    return _same(_("Tax"), words[of_note], words[invoice.has_tax])


def _runner_up(line: Instruction, locale: str) -> str:
    other = line.suggestion.get("other")
    if not other:
        return ""
    names = InvoicePayable.objects.in_bulk([UUID(other[0])])
    name = documents.name_of_document(names, UUID(other[0]))
    return explaining.runner_up(line.suggestion, name=name, currency=line.currency, locale=locale)
