"""Books of any size with 24 months of movements: half credit notes, half invoices, 5 % open."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models

from clearing.models import (
    Balance,
    Clearing,
    CreditNote,
    Entity,
    InvoicePayable,
    Link,
    Movement,
    Seen,
    SyncRun,
    Vendor,
)
from tests.benchmarks.databases import migrate

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
FIRST, DAYS = date(2024, 11, 1), 720
ENTITIES = [UUID(int=0xE1), UUID(int=0xE2)]
CURRENCIES = [("EUR", ""), ("EUR", ""), ("USD", "0.9123"), ("JPY", "0.0061")]
BATCH = 5000
DOCUMENTS_OF_A_VENDOR = 100
TOTALS = """
INSERT INTO clearing_monthtotal (entity_id, currency, month, kind, count, amount, local,
    without_rate, late_count, late, late_local)
SELECT entity_id, currency, month, kind, COUNT(*), SUM(amount), SUM(local), 0, 0, 0, 0
FROM clearing_movement GROUP BY entity_id, currency, month, kind
"""


def fill(count: int) -> dict[str, Any]:
    """`count` documents into the empty database; seconds it took."""
    migrate()
    began = time.perf_counter()
    dice, notes = random.Random(1), count // 2
    seen = {"first_seen_at": NOW, "changed_at": NOW}
    Entity.objects.bulk_create(
        Entity(id=id, name=f"Acme {n}", local_currency="EUR", **seen)
        for n, id in enumerate(ENTITIES)
    )
    vendors = [UUID(int=0xF0000 + n) for n in range(notes // DOCUMENTS_OF_A_VENDOR + 1)]
    _store(Vendor, [Vendor(id=one, name=f"Vendor {one.int:x}", **seen) for one in vendors])
    SyncRun.objects.create(full=True, state="done", started_at=NOW, finished_at=NOW)
    for start in range(0, notes, BATCH):
        _batch(dice, vendors, range(start, min(notes, start + BATCH)))
    with connection.cursor() as cursor:
        cursor.execute(TOTALS)
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    return {"seconds": time.perf_counter() - began}


def _store(model: type[models.Model], rows: list[Any]) -> None:
    model._default_manager.bulk_create(rows, batch_size=BATCH)


def _batch(dice: random.Random, vendors: list[UUID], numbers: range) -> None:
    rows: list[Any] = []
    for number in numbers:
        rows += _life(dice, number, vendors[number // DOCUMENTS_OF_A_VENDOR])
    for model in (CreditNote, InvoicePayable, Clearing, Link, Seen, Movement, Balance):
        _store(model, [one for one in rows if type(one) is model])


def _life(dice: random.Random, number: int, vendor: UUID) -> Iterator[Any]:
    """A credit note, the invoice beside it, and what became of both."""
    posted = FIRST + timedelta(days=dice.randrange(DAYS))
    cleared = min(posted + timedelta(days=dice.randrange(1, 60)), date(2026, 11, 1))
    amount, open_ = dice.randrange(1000, 500_000), dice.random() < 0.05
    draft, ended = dice.random() < 0.005, dice.random() < 0.02
    currency, rate = CURRENCIES[number % 4]
    group = {"vendor_id": vendor, "entity_id": ENTITIES[number % 5 == 0], "currency": currency}
    note = _note(dice, posted, amount, group, rate, "DRAFT" if draft else "POSTED")
    invoice = _invoice(dice, posted, amount, group, rate, open_)
    yield note
    yield invoice
    if draft:
        return
    if open_:
        if dice.random() < 0.3:
            yield from _linked(note, invoice, amount, posted, None)
        yield _movement(group, note, "new", amount, posted, rate)
        yield _balance(note, amount)
        if dice.random() < 0.3:
            yield from _cleared(dice, note, invoice, amount // 3, cleared, group, rate)
        return
    note.status = "ARCHIVED" if ended else "CLEARED"
    yield _balance(note, 0)
    yield _movement(group, note, "new", amount, posted, rate)
    if ended:
        yield _movement(group, note, "cancelled", -amount, cleared, rate)
        return
    if number % 3 == 0:
        yield from _linked(note, invoice, amount, posted, cleared)
    if number % 25 == 0:
        yield from _cleared(dice, note, invoice, amount, cleared, group, rate, undone=True)
    yield from _cleared(dice, note, invoice, amount, cleared, group, rate)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _note(
    dice: random.Random, day: date, amount: int, group: dict[str, Any], rate: str, status: str
) -> CreditNote:
    return CreditNote(
        id=_id(dice), status=status, amount=amount, document_number=f"CN-{dice.random()}",
        document_date=day, document_day=day, posting_date=None if status == "DRAFT" else day,
        adjusts_payables=True, local_fx_rate=rate, vendor_name=f"Vendor {group['vendor_id']}",
        first_seen_at=_at(day), changed_at=_at(day), **group,
    )  # fmt: skip


def _invoice(
    dice: random.Random, day: date, amount: int, group: dict[str, Any], rate: str, open_: bool
) -> InvoicePayable:
    other = f"{float(rate) * 1.01:.6f}" if rate else ""
    return InvoicePayable(
        id=_id(dice), state="IN_DRAFT" if open_ else "UNPAID", type="VENDOR_INVOICE",
        amount=amount, issued_date=day, due_date=day, due_day=day, local_fx_rate=other,
        invoice_number=f"INV-{dice.random()}", payments_read_at=NOW, first_seen_at=_at(day),
        changed_at=_at(day), **group,
    )  # fmt: skip


def _linked(
    note: CreditNote, invoice: InvoicePayable, amount: int, day: date, gone: date | None
) -> Iterator[Any]:
    pair = {"credit_note_id": note.id, "invoice_payable_id": invoice.id}
    ended = {"gone_at": _at(gone), "fate": "cleared"} if gone else {}
    yield Link(
        amount=amount, currency=note.currency, first_seen_at=_at(day), fate_at=_at(gone or day),
        changed_at=_at(gone or day), made_here=amount % 2 == 0, **pair, **ended,
    )  # fmt: skip
    for before, after, at in (("", str(amount), day), (str(amount), "", gone)):
        if at:
            yield Seen(what="link", document_id=note.id, other_id=invoice.id, field="link",
                       before=before, after=after, at=_at(at))  # fmt: skip


def _cleared(
    dice: random.Random, note: CreditNote, invoice: InvoicePayable, amount: int, day: date,
    group: dict[str, Any], rate: str, undone: bool = False,
) -> Iterator[Any]:  # fmt: skip
    entry = Clearing(
        id=_id(dice), invoice_payable_id=invoice.id, type="CN", credit_note_id=note.id,
        amount=amount, currency=note.currency, payment_date=day, first_seen_at=_at(day),
        changed_at=_at(day), gone_at=_at(day) if undone else None,
    )  # fmt: skip
    about = {"clearing_id": entry.id, "invoice_payable_id": invoice.id,
             "made": "light" if dice.random() < 0.7 else "itself"}  # fmt: skip
    yield entry
    yield _movement(group, note, "cleared", -amount, day, rate, **about)
    if undone:
        yield _movement(group, note, "undone", amount, day, rate, **about)


def _movement(
    group: dict[str, Any], note: CreditNote, kind: str, amount: int, day: date, rate: str,
    **about: Any,
) -> Movement:  # fmt: skip
    local = round(amount * float(rate or 1))
    return Movement(
        kind=kind, credit_note_id=note.id, amount=amount, local=local, day=day,
        month=day.replace(day=1), known_at=_at(day), **{"made": "light"} | about | group,
    )  # fmt: skip


def _balance(note: CreditNote, free: int) -> Balance:
    return Balance(
        document_id=note.id, kind=Balance.Kind.CREDIT_NOTE, entity_id=note.entity_id,
        vendor_id=note.vendor_id, currency=note.currency, available=free, available_key=free,
        usable=free > 0,
    )  # fmt: skip


def _id(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)
