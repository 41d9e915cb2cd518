"""What Light answers at a moment of a history: its documents as records."""

from uuid import UUID

from clearing.light import records
from tests.history.light import Light


def credit_note(light: Light, id: UUID) -> records.CreditNote:
    """A credit note as a list shows it."""
    note = light.notes[id]
    lines = [] if note.tax is None else [_line(id, note.net, note.tax)]
    return records.CreditNote(
        id=note.id, entity_id=note.entity, vendor_id=note.vendor, status=note.status,
        amount=note.amount, currency=note.currency, posting_date=note.posted_on,
        document_date=note.document, local_fx_rate=note.rate or None, lines=lines,
        created_at=note.made_at, updated_at=note.touched_at,
    )  # fmt: skip


def _line(note: UUID, net: int, tax: int) -> records.CreditNoteLine:
    def credit(amount: int) -> records.DirectedAmount:
        return records.DirectedAmount(amount=amount, dc_sign="C")

    return records.CreditNoteLine(
        id=note, net=credit(net), tax=credit(tax), gross=credit(net + tax)
    )


def invoice(light: Light, id: UUID) -> records.InvoicePayable:
    """An invoice as a list shows it."""
    one = light.invoices[id]
    return records.InvoicePayable(
        id=id, type=one.kind, state=light.state(one), entity_id=one.entity, vendor_id=one.vendor,
        amount=one.amount, currency=one.currency, issued_date=one.issued,
        local_fx_rate=one.rate or None, payment_at=one.paid_at, updated_at=one.touched_at,
    )  # fmt: skip


def payments(light: Light, invoice: UUID) -> list[records.Clearing]:
    """What has cleared an invoice; reversed ones are left out."""
    return [
        records.Clearing(
            id=one.id, invoice_payable_id=invoice, type="CN" if one.note else "BP",
            accounting_document_id=one.note, amount=one.amount,
            currency=light.invoices[invoice].currency, payment_date=one.day,
        )
        for one in (*light.entries.values(), *light.paid.values())
        if one.invoice == invoice
    ]  # fmt: skip


def links(light: Light, note: UUID) -> list[records.Link]:
    """The links of a credit note."""
    return [
        link(light, *pair, amount) for pair, (amount, _at) in light.links.items() if pair[0] == note
    ]


def link(light: Light, note: UUID, invoice: UUID, amount: int) -> records.Link:
    """One of them."""
    known = light.links.get((note, invoice))
    return records.Link(
        credit_note_id=note, invoice_payable_id=invoice, amount=amount,
        currency=light.notes[note].currency, updated_at=known[1] if known else None,
    )  # fmt: skip
