"""Light's side of a history: what happened there, and what it shows of it at any moment."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from clearing.light import records


@dataclass(frozen=True)
class Event:
    """Something that happened in Light, or a reading of it; amounts in the smallest unit.

    what: posted, amended (another amount), cleared, corrected, reversed, archived, vanished,
    returned, moved, rated, used_up; a reading: listed (what changed), listed_all, read (the
    payments of some invoices), swept (all that could be read was).
    """

    at: datetime
    what: str
    note: UUID | None = None
    entry: UUID | None = None
    invoice: UUID | None = None
    entity: UUID | None = None
    amount: int = 0
    currency: str = ""
    day: date | None = None  # the posting date, or the payment date
    document: date | None = None
    rate: str = ""
    invoices: tuple[UUID, ...] = ()  # whose payments are read

    def __str__(self) -> str:
        parts = [f"{self.at:%Y-%m-%d %H:%M} {self.what}"]
        parts += [f"entry {self.entry.int:x}"] if self.entry else []
        parts += [f"invoice {self.invoice.int:x}"] if self.invoice else []
        parts += [f"invoice {one.int:x}" for one in self.invoices]
        parts += [f"entity {self.entity.int:x}"] if self.entity else []
        parts += [f"{self.amount} {self.currency}"] if self.amount else []
        parts += [f"on {self.day}"] if self.day else []
        parts += [f"document of {self.document}"] if self.document else []
        return ", ".join(parts + ([f"at {self.rate}"] if self.rate else []))


@dataclass
class Note:
    """A credit note as Light has it."""

    id: UUID
    entity: UUID
    currency: str
    amount: int
    posted_on: date | None
    document: date | None
    rate: str
    touched_at: datetime
    archived: bool = False
    gone: bool = False
    used_up: bool = False  # by something that Light's payments do not tell
    entries: dict[UUID, "Entry"] = field(default_factory=dict)

    @property
    def open(self) -> int:
        return 0 if self.used_up else self.amount - sum(one.amount for one in self.entries.values())

    @property
    def status(self) -> str:
        if self.archived:
            return "ARCHIVED"
        if self.open == 0:
            return "CLEARED"
        return "PARTIALLY_CLEARED" if self.entries else "POSTED"


@dataclass(frozen=True)
class Entry:
    """A clearing that stands."""

    id: UUID
    note: UUID
    invoice: UUID
    amount: int
    day: date | None


class Light:
    """The company's books in Light, brought about event by event."""

    def __init__(self) -> None:
        self.notes: dict[UUID, Note] = {}
        self.entries: dict[UUID, Entry] = {}
        self.unread: set[UUID] = set()  # invoices whose payments changed since they were read
        self.unlisted: set[UUID] = set()

    def take(self, event: Event) -> None:
        """Let it happen."""
        if event.what in ("listed", "listed_all"):
            self.unlisted.clear()
        elif event.what == "read":
            self.unread -= {*event.invoices}
        elif event.what == "posted" and event.note and event.entity:
            self.notes[event.note] = Note(
                event.note, event.entity, event.currency, event.amount, event.day,
                event.document, event.rate, event.at,
            )  # fmt: skip
        if event.note:
            note = self.notes[event.note]
            note.touched_at = event.at
            self.unlisted.add(event.note)
            self._change(note, event)

    def _change(self, note: Note, event: Event) -> None:
        if event.entry:
            self._clear(note, event, event.entry)
        elif event.what == "moved" and event.entity:
            note.entity = event.entity
        elif event.what == "amended":
            note.amount = event.amount
        elif event.what == "rated":
            note.rate = event.rate
        elif event.what == "archived":
            note.archived = True
        elif event.what in ("vanished", "returned"):
            note.gone = event.what == "vanished"
        elif event.what == "used_up":
            note.used_up = True

    def _clear(self, note: Note, event: Event, id: UUID) -> None:
        if event.what == "reversed":
            del note.entries[id]
            note.used_up = False
            self.unread.add(self.entries.pop(id).invoice)
            return
        if event.what == "cleared" and event.invoice:
            entry = Entry(id, note.id, event.invoice, event.amount, event.day)
        else:
            entry = replace(self.entries[id], amount=event.amount, day=event.day)
        note.entries[id] = self.entries[id] = entry
        self.unread.add(entry.invoice)

    def record(self, id: UUID) -> records.CreditNote:
        """A credit note as a list shows it."""
        note = self.notes[id]
        return records.CreditNote(
            id=note.id, entity_id=note.entity, vendor_id=UUID(int=7), status=note.status,
            amount=note.amount, currency=note.currency, posting_date=note.posted_on,
            document_date=note.document, local_fx_rate=note.rate or None,
            updated_at=note.touched_at,
        )  # fmt: skip

    def payments(self, invoice: UUID) -> list[records.Clearing]:
        """What has cleared an invoice; reversed ones are left out."""
        return [
            records.Clearing(
                id=one.id, invoice_payable_id=invoice, type="CN", accounting_document_id=one.note,
                amount=one.amount, currency=self.notes[one.note].currency, payment_date=one.day,
            )
            for one in self.entries.values()
            if one.invoice == invoice
        ]  # fmt: skip
