"""A copy of Light's books of any size: as many credit notes as invoices, some of them linked."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

from clearing.models import Balance, Clearing, CreditNote, Entity, InvoicePayable, Link, Vendor
from clearing.usable import POSTED
from tests.benchmarks.databases import migrate

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SEEN = {"first_seen_at": NOW, "changed_at": NOW}
BATCH = 5000
STATUSES = ["POSTED"] * 6 + ["CLEARED"] * 2 + ["DRAFT", "ARCHIVED"]
STATES = ["IN_DRAFT", "APPROVAL_PENDING", "UNPAID", "UNPAID", "PAID", "COMPLETED"]
CURRENCIES = ["EUR", "EUR", "USD", "JPY"]
DOCUMENTS_OF_A_VENDOR = 50


def fill(count: int) -> dict[str, Any]:
    """`count` credit notes and as many invoices into the empty database; seconds it took."""
    migrate()
    began = time.perf_counter()
    dice = random.Random(1)
    entities = [Entity(id=_id(dice), name=f"Acme {n} GmbH", **SEEN) for n in range(3)]
    vendors = [
        Vendor(id=_id(dice), name=f"Vendor {n:06}", status="ACTIVE", **SEEN)
        for n in range(count // DOCUMENTS_OF_A_VENDOR + 1)
    ]
    _store(Entity, iter(entities))
    _store(Vendor, iter(vendors))
    for start in range(0, count, BATCH):
        _batch(dice, vendors, entities, range(start, min(count, start + BATCH)))
    return {"seconds": time.perf_counter() - began}


def _batch(
    dice: random.Random, vendors: list[Vendor], entities: list[Entity], numbers: range
) -> None:
    """Notes and invoices in pairs of one vendor, entity and currency; every tenth pair linked."""
    notes, invoices = [], []
    for number in numbers:
        vendor = vendors[number // DOCUMENTS_OF_A_VENDOR]
        group = {
            "vendor_id": vendor.id,
            "vendor_name": vendor.name,
            "entity_id": entities[number % 3].id,
            "currency": CURRENCIES[number % 4],
        }
        notes.append(_note(dice, number, group))
        invoices.append(_invoice(dice, number, group))
    pairs = list(zip(notes, invoices, strict=True))[::10]
    _store(CreditNote, iter(notes))
    _store(InvoicePayable, iter(invoices))
    _store(Link, (_link(*pair) for pair in pairs if pair[1].state not in POSTED))
    _store(Clearing, (_clearing(dice, *pair) for pair in pairs if pair[1].state in POSTED))
    _store(Balance, (_balance(Balance.Kind.CREDIT_NOTE, one) for one in notes))
    _store(Balance, (_balance(Balance.Kind.INVOICE, one) for one in invoices))


def _store(model: type[models.Model], rows: Iterator[Any]) -> None:
    model._default_manager.bulk_create(rows, batch_size=BATCH)


def _id(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def _note(dice: random.Random, number: int, group: dict[str, Any]) -> CreditNote:
    day = date(2026, 11, 1) - timedelta(days=dice.randrange(540))
    return CreditNote(
        id=_id(dice),
        accounting_document_id=_id(dice),
        status=dice.choice(STATUSES),
        document_number=f"CN-{number:07}",
        amount=dice.randrange(1000, 500_000),
        description="Credit for returned goods",
        document_date=day,
        document_day=day,
        adjusts_payables=True,
        links_read_at=NOW,
        **group,
        **SEEN,
    )


def _invoice(dice: random.Random, number: int, group: dict[str, Any]) -> InvoicePayable:
    day, amount = date(2026, 11, 1) - timedelta(days=dice.randrange(540)), dice.randrange(10**6)
    due = day + timedelta(days=30)
    return InvoicePayable(
        id=_id(dice),
        internal_id=_id(dice),
        type="VENDOR_INVOICE",
        state=dice.choice(STATES),
        invoice_number=f"INV-{number:07}",
        amount=amount,
        outstanding_balance=amount,
        issued_date=day,
        due_date=due,
        due_day=due,
        outstanding_read_at=NOW,
        payments_read_at=NOW,
        **group,
        **SEEN,
    )


def _link(note: CreditNote, invoice: InvoicePayable) -> Link:
    pair = {"credit_note_id": note.id, "invoice_payable_id": invoice.id}
    return Link(amount=500, currency=note.currency, fate_at=NOW, **pair, **SEEN)


def _clearing(dice: random.Random, note: CreditNote, invoice: InvoicePayable) -> Clearing:
    pair = {"credit_note_id": note.id, "invoice_payable_id": invoice.id}
    return Clearing(id=_id(dice), type="CN", amount=500, currency=note.currency, **pair, **SEEN)


def _balance(kind: str, document: Any) -> Balance:
    """A placeholder of the right shape: most of the amount is free."""
    free = document.amount if getattr(document, "status", "POSTED") == "POSTED" else 0
    return Balance(
        document_id=document.id,
        kind=kind,
        entity_id=document.entity_id,
        vendor_id=document.vendor_id,
        currency=document.currency,
        available=free,
        available_key=free,
        usable=free > 0,
    )
