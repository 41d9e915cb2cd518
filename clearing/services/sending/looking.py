"""Reads one instruction's documents from Light and maps every id to ours."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from clearing import deciding, months, usable, workflow
from clearing.light import records
from clearing.light.client import LightClient
from clearing.light.errors import LightRefused, LightUnreadable
from clearing.models import Balance, Clearing, CreditNote, InvoicePayable
from clearing.services.mirroring import ids
from clearing.services.sending.claiming import goes_first


@dataclass(frozen=True)
class Raw:
    """Light's answers of one look; None: not shown (404) or not asked for."""

    note: records.CreditNote | None
    note_links: tuple[records.Link, ...] = ()
    invoice: records.InvoicePayable | None = None
    invoice_links: tuple[records.Link, ...] = ()
    payments: tuple[records.Clearing, ...] | None = None


@dataclass(frozen=True)
class Look:
    """One look: what decides, and Light's record of our pair for the copy."""

    seen: deciding.Observation
    raw: Raw
    link: records.Link | None


def look(client: LightClient, content: deciding.Content, *, line_id: int) -> Look:
    """Read both documents, their links and, where they matter, the payments."""
    raw = _read(client, content)
    _learn(content, raw)
    mapped = _Mapping.of(content, raw)
    note_links = tuple(mapped.on_note(link) for link in raw.note_links)
    invoice_links = tuple(mapped.on_invoice(link) for link in raw.invoice_links)
    seen = deciding.Observation(
        note=_note(raw.note),
        invoice=_invoice(raw.invoice),
        note_links=note_links,
        invoice_links=invoice_links,
        payments=None if raw.payments is None else tuple(map(mapped.payment, raw.payments)),
        note_cleared=_cleared(raw.note),
        month=months.month_if_undated(raw.note, workflow.now()) if raw.note else "",
        closed=_closed(raw.note) if content.kind == "post" else "",
        goes_first=goes_first(content.credit_note_id, line_id).count(),
        note_ids=_known_note_ids(content.credit_note_id),
        invoice_ids=_known_invoice_ids(content.invoice_payable_id),
    )
    pair = (content.credit_note_id, content.invoice_payable_id)
    entries = zip((*note_links, *invoice_links), (*raw.note_links, *raw.invoice_links), strict=True)
    ours = (r for one, r in entries if (one.credit_note_id, one.invoice_payable_id) == pair)
    return Look(seen, raw, next(ours, None))


def _read(client: LightClient, content: deciding.Content) -> Raw:
    note_id, invoice_id = content.credit_note_id, content.invoice_payable_id
    try:
        note = client.credit_note(note_id)
    except LightRefused as error:
        _check_not_shown(error)
        return Raw(None)
    if note.id != note_id:
        raise LightUnreadable("Light answered with another credit note.")
    raw = Raw(note, client.links_of_credit_note(note_id))
    if invoice_id is None:
        return raw
    try:
        invoice = client.invoice_payable(invoice_id)
    except LightRefused as error:
        _check_not_shown(error)
        return raw
    if invoice_id not in (invoice.id, invoice.internal_id):
        raise LightUnreadable("Light answered with another invoice.")
    raw = replace(raw, invoice=invoice, invoice_links=client.links_of_invoice(invoice_id))
    if usable.is_posted(invoice.state) or content.kind == "reverse":
        raw = replace(raw, payments=client.payments(invoice_id))
    return raw


def _check_not_shown(error: LightRefused) -> None:
    """404: Light does not show the document. Any other refusal of a read tells nothing."""
    if error.status != 404:
        raise error


def _learn(content: deciding.Content, raw: Raw) -> None:
    """All links listed for a document carry one of its ids, so its other ids become known."""
    for other in {link.credit_note_id for link in raw.note_links}:
        ids.learn_credit_note(content.credit_note_id, other)
    if content.invoice_payable_id is None:
        return
    others = {link.invoice_payable_id for link in raw.invoice_links}
    if raw.invoice:
        others |= {raw.invoice.id, raw.invoice.internal_id}
    for other in others:
        ids.learn_invoice(content.invoice_payable_id, other)


@dataclass(frozen=True)
class _Mapping:
    """Our ids by Light's, for everything that one look named."""

    content: deciding.Content
    notes: dict[UUID | None, UUID]
    invoices: dict[UUID | None, UUID]
    posted: set[UUID]

    @classmethod
    def of(cls, content: deciding.Content, raw: Raw) -> "_Mapping":
        links = (*raw.note_links, *raw.invoice_links)
        documents = [entry.accounting_document_id for entry in raw.payments or ()]
        notes = ids.credit_notes_of([*(link.credit_note_id for link in links), *documents])
        invoices = ids.invoices_of(link.invoice_payable_id for link in links)
        return cls(content, notes, invoices, _posted(invoices.values()))

    def on_note(self, link: records.Link) -> deciding.LinkSeen:
        """The near side is our note, whatever its id, unless that is another note's."""
        own = self.content.credit_note_id
        is_ours = self.notes.get(link.credit_note_id, own) == own
        return self._link(
            link, own if is_ours else None, self.invoices.get(link.invoice_payable_id)
        )

    def on_invoice(self, link: records.Link) -> deciding.LinkSeen:
        """The near side is our invoice, whatever its id, unless that is another invoice's."""
        own = self.content.invoice_payable_id
        is_ours = self.invoices.get(link.invoice_payable_id, own) == own
        return self._link(link, self.notes.get(link.credit_note_id), own if is_ours else None)

    def _link(
        self, link: records.Link, note: UUID | None, invoice: UUID | None
    ) -> deciding.LinkSeen:
        posted = invoice in self.posted or link.invoice_status in usable.IN_LEDGER
        return deciding.LinkSeen(note, invoice, link.amount, posted)

    def payment(self, entry: records.Clearing) -> deciding.Payment:
        note = self.notes.get(entry.accounting_document_id) if entry.type == "CN" else None
        return deciding.Payment(entry.type, entry.accounting_document_id, note, entry.amount)


def _posted(invoices: Iterable[UUID]) -> set[UUID]:
    rows = InvoicePayable.objects.filter(id__in=set(invoices), state__in=usable.POSTED)
    return set(rows.values_list("id", flat=True))


def _note(record: records.CreditNote | None) -> deciding.Note | None:
    if record is None:
        return None
    copy = CreditNote.objects.filter(pk=record.id).first()
    return deciding.Note(
        id=record.id,
        name=str(copy or record.id),
        status=record.status,
        entity_id=record.entity_id,
        vendor_id=record.vendor_id,
        currency=record.currency,
        amount=record.amount,
        adjusts_payables=copy.adjusts_payables if copy else None,
        day=months.planned_day(record),
        lines=tuple(_line(line) for line in record.lines),
    )


def _line(record: records.CreditNoteLine) -> deciding.DraftLine:
    amounts: dict[str, Any] = {}
    for name in ("net", "tax", "gross"):
        part: records.DirectedAmount | None = getattr(record, name)
        amounts[name] = part.amount if part else None
        amounts[f"{name}_side"] = part.dc_sign if part else ""
    return deciding.DraftLine(
        description=record.description,
        ledger_account_id=record.ledger_account_id,
        ledger_tax_id=record.ledger_tax_id,
        cost_center_id=record.cost_center_id,
        accrual_template_id=record.accrual_template_id,
        accrual_start_date=record.accrual_start_date,
        accrual_end_date=record.accrual_end_date,
        **amounts,
    )


def _closed(note: records.CreditNote | None) -> str:
    """The sentence where the month that a draft would be posted into is closed now."""
    if note is None:
        return ""
    return months.standing(note.entity_id, months.posting_day(note, workflow.now())).words


def _invoice(record: records.InvoicePayable | None) -> deciding.Invoice | None:
    if record is None:
        return None
    return deciding.Invoice(
        id=record.id,
        name=record.invoice_number or str(record.id),
        type=record.type,
        state=record.state,
        entity_id=record.entity_id,
        vendor_id=record.vendor_id,
        currency=record.currency,
        amount=record.amount,
        outstanding=record.outstanding_balance,
    )


def _cleared(note: records.CreditNote | None) -> int | None:
    """What the copy knows to be cleared with the note; None where it cannot know all of it."""
    if note is None:
        return None
    known = Clearing.objects.filter(credit_note_id=note.id, type="CN", gone_at=None)
    total = sum(known.values_list("amount", flat=True))  # exact also beyond int64
    if note.status == "PARTIALLY_CLEARED":
        unknown = Balance.objects.filter(document_id=note.id, available=None).exists()
        return None if unknown or not total else total
    return total


def _known_note_ids(note_id: UUID) -> frozenset[UUID]:
    rows = CreditNote.objects.filter(pk=note_id).values_list("id", "accounting_document_id")
    return frozenset({note_id} | {one for row in rows for one in row if one})


def _known_invoice_ids(invoice_id: UUID | None) -> frozenset[UUID]:
    if invoice_id is None:
        return frozenset()
    rows = InvoicePayable.objects.filter(pk=invoice_id).values_list(
        "id", "internal_id", "accounting_document_id"
    )
    return frozenset({invoice_id} | {one for row in rows for one in row if one})
