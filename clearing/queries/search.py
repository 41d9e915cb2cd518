"""Search by document number, name of a file, or vendor."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, money
from clearing.models import Balance, CreditNote, InvoicePayable, Vendor
from clearing.queries import credit_notes, documents, invoice_payables, vendors

MOST = 20  # of each kind
LONGEST = 200


@dataclass(frozen=True)
class Found:
    """What a text was found in; `more` names the kinds of which there are more than shown."""

    notes: list[credit_notes.Row]
    invoices: list[invoice_payables.Row]
    vendors: list[vendors.Row]
    more: frozenset[str]
    sentence: str
    sentence_url: str

    @property
    def anything(self) -> bool:
        return bool(self.notes or self.invoices or self.vendors)


def exact(text: str) -> str:
    """The address of the one document or vendor with exactly this number; else empty."""
    spellings = {text, text.upper(), text.lower()}
    found: list[tuple[str, UUID]] = []
    for model, column, name in (
        (CreditNote, "document_number", "credit_note"),
        (InvoicePayable, "invoice_number", "invoice_payable"),
        (Vendor, "number", "vendor"),
    ):
        rows = model._default_manager.filter(**{f"{column}__in": spellings})
        found += [(name, pk) for pk in rows.values_list("pk", flat=True)[:2]]
    return reverse(found[0][0], args=[found[0][1]]) if len(found) == 1 else ""


def search(text: str, *, locale: str) -> Found:
    """The first MOST of each kind with this text in a number, a file's name or a vendor's name."""
    entities = documents.entities()
    notes = _first(CreditNote, text, "-document_day", "document_number", "document_name",
                   "vendor_name", "description")  # fmt: skip
    invoices = _first(InvoicePayable, text, "-due_day", "invoice_number", "document_name",
                      "vendor_name", "description")  # fmt: skip
    found = _first(Vendor, text, "name", "name", "number")
    more = {
        kind
        for kind, rows in (("notes", notes), ("invoices", invoices), ("vendors", found))
        if len(rows) > MOST
    }
    sentence, url = _one(notes, invoices, locale) if not found else ("", "")
    return Found(
        notes=credit_notes.rows(notes[:MOST], entities=entities, locale=locale),
        invoices=invoice_payables.rows(invoices[:MOST], entities=entities, locale=locale),
        vendors=vendors.rows(found[:MOST], entities=entities, locale=locale),
        more=frozenset(more),
        sentence=sentence,
        sentence_url=url,
    )


def _first(model: type[Model], text: str, order: str, *fields: str) -> list[Any]:
    """The first rows with this text: those whose number holds it before the others."""
    by_number = Q(**{f"{fields[0]}__icontains": text})
    first = list(model._default_manager.filter(by_number).order_by(order, "pk")[: MOST + 1])
    if len(first) <= MOST and len(fields) > 1:
        others = documents.search(model._default_manager.exclude(by_number), text, *fields[1:])
        first += list(others.order_by(order, "pk")[: MOST + 1 - len(first)])
    return first


def _one(notes: list[CreditNote], invoices: list[InvoicePayable], locale: str) -> tuple[str, str]:
    """One document as a sentence, with its address; nothing where several were found."""
    if len(notes) + len(invoices) != 1:
        return "", ""
    document = notes[0] if notes else invoices[0]
    row = Balance.objects.filter(pk=document.pk).first()
    free = row.available if row else None
    day = document.document_date if isinstance(document, CreditNote) else document.issued_date
    values = {
        "number": str(document),
        "day": labels.day(day) if day else _("no date"),
        "vendor": document.vendor_name or _("no vendor"),
        "amount": documents.amount(document.amount, document.currency, locale),
    }
    said = _("%(number)s of %(day)s, %(vendor)s, %(amount)s") % values
    if free is not None and document.amount is not None:
        held = row.held if row else 0  # on its way at best: nothing of it counts as used
        words = _(": %(used)s used, %(free)s free to use") if notes else (
            _(": %(used)s settled or planned, %(free)s open")
        )  # fmt: skip
        said += words % {
            "used": money.text(document.amount - free - held, document.currency, locale),
            "free": money.text(free, document.currency, locale),
        }
        if held:
            amount = money.text(held, document.currency, locale)
            said += _(", %(held)s held by proposals") % {"held": amount}
    name = "credit_note" if notes else "invoice_payable"
    return f"{said}.", reverse(name, args=[document.pk])
