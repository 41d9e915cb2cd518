"""Light's side of a history: what happened there, and what it shows of it at any moment."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

HERE_ONLY = ("proposed", "dropped", "decided", "undecided")  # what Light does not know of


@dataclass(frozen=True)
class Event:
    """Something that happened in Light or here, or a reading; amounts in the smallest unit.

    Of a credit note: drafted, booked (a draft), posted, amended (another amount), cleared,
    corrected, reversed, archived, vanished, returned, moved, rated, used_up. Of an invoice:
    invoiced (a draft), entered (posted), paid, bounced, cancelled, lost (deleted). Of a pair:
    linked, relinked (another amount), unlinked. Here: proposed, dropped, decided, undecided.
    A reading: listed (what changed), listed_all, read (the payments of some invoices and the
    links of some notes), swept (all that could be read was).
    """

    at: datetime
    what: str
    note: UUID | None = None
    entry: UUID | None = None
    invoice: UUID | None = None
    entity: UUID | None = None
    vendor: UUID | None = None
    amount: int = 0
    tax: int = 0  # of a draft with one line: the part that is VAT
    currency: str = ""
    day: date | None = None  # the posting date, the payment date, or the date of issue
    document: date | None = None
    rate: str = ""
    kind: str = ""  # of a decision, or an invoice's type
    here: bool = False  # made by us
    invoices: tuple[UUID, ...] = ()  # whose payments are read
    notes: tuple[UUID, ...] = ()  # whose links are read

    def __str__(self) -> str:
        parts = [f"{self.at:%Y-%m-%d %H:%M} {self.what}{' here' if self.here else ''}"]
        parts += [f"entry {self.entry.int:x}"] if self.entry else []
        parts += [f"invoice {self.invoice.int:x}"] if self.invoice else []
        parts += [f"invoice {one.int:x}" for one in self.invoices]
        parts += [f"links of {one.int:x}" for one in self.notes]
        parts += [f"entity {self.entity.int:x}"] if self.entity else []
        parts += [f"{self.amount} {self.currency}"] if self.amount else []
        parts += [f"on {self.day}"] if self.day else []
        parts += [self.kind] if self.kind else []
        parts += [f"document of {self.document}"] if self.document else []
        return ", ".join(parts + ([f"at {self.rate}"] if self.rate else []))


@dataclass
class Note:
    """A credit note as Light has it."""

    id: UUID
    entity: UUID
    vendor: UUID | None
    currency: str
    amount: int
    posted_on: date | None
    document: date | None
    rate: str
    made_at: datetime
    touched_at: datetime
    draft: bool = False
    tax: int | None = None  # of its one line; None: it has none
    net: int = 0
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
        if self.draft:
            return "DRAFT"
        if self.open == 0:
            return "CLEARED"
        return "PARTIALLY_CLEARED" if self.entries else "POSTED"


@dataclass(frozen=True)
class Entry:
    """A clearing that stands, or (without a note) a payment by the bank."""

    id: UUID
    note: UUID | None
    invoice: UUID
    amount: int
    day: date | None


@dataclass
class Invoice:
    """An invoice as Light has it."""

    id: UUID
    entity: UUID
    vendor: UUID | None
    currency: str
    amount: int
    issued: date | None
    rate: str
    kind: str
    touched_at: datetime
    draft: bool = True
    cancelled: bool = False
    gone: bool = False
    paid_at: datetime | None = None


class Light:
    """The company's books in Light, brought about event by event."""

    def __init__(self) -> None:
        self.notes: dict[UUID, Note] = {}
        self.invoices: dict[UUID, Invoice] = {}
        self.entries: dict[UUID, Entry] = {}  # by credit notes
        self.paid: dict[UUID, Entry] = {}  # by the bank
        self.links: dict[tuple[UUID, UUID], tuple[int, datetime]] = {}
        self.unread: set[UUID] = set()  # invoices whose payments changed since they were read
        self.once_more: set[UUID] = set()  # posted lately: one reading says nothing of their links
        self.links_unread: set[UUID] = set()
        self.unlisted: set[UUID] = set()  # documents
        self.known: set[UUID] = set()  # documents that a list has shown

    def take(self, event: Event) -> None:
        """Let it happen."""
        if event.what in ("listed", "listed_all"):
            self.known |= {one.id for one in (*self.notes.values(), *self.invoices.values())
                           if not one.gone}  # fmt: skip
            self.unlisted.clear()
        elif event.what == "read":
            again = self.once_more & {*event.invoices}
            self.once_more -= again
            self.unread -= {*event.invoices} - again
            self.links_unread -= {*event.notes}
        elif event.what not in HERE_ONLY:
            self._happen(event)

    def _happen(self, event: Event) -> None:
        if event.what in ("posted", "drafted") and event.note and event.entity:
            draft = event.what == "drafted"
            self.notes[event.note] = Note(
                event.note, event.entity, event.vendor, event.currency, event.amount, event.day,
                event.document, event.rate, event.at, event.at, draft,
                event.tax if draft and event.tax >= 0 else None, event.amount - event.tax,
            )  # fmt: skip
        if event.what == "invoiced" and event.invoice and event.entity:
            self.invoices[event.invoice] = Invoice(
                event.invoice, event.entity, event.vendor, event.currency, event.amount,
                event.day, event.rate, event.kind, event.at,
            )  # fmt: skip
        if event.note:
            note = self.notes[event.note]
            note.touched_at = event.at
            self.unlisted.add(event.note)
            self._change(note, event)
        if event.invoice:
            self._change_invoice(self.invoices[event.invoice], event)

    def _change(self, note: Note, event: Event) -> None:
        if event.what in ("linked", "relinked") and event.invoice:
            self.links[note.id, event.invoice] = (event.amount, event.at)
            self.links_unread.add(note.id)
        elif event.what == "unlinked" and event.invoice:
            del self.links[note.id, event.invoice]
            self.links_unread.add(note.id)
        elif event.entry:
            self._clear(note, event, event.entry)
        elif event.what == "booked":
            note.draft, note.posted_on = False, event.day
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
            self._unlink(note=note.id)
        elif event.what == "used_up":
            note.used_up = True

    def _change_invoice(self, invoice: Invoice, event: Event) -> None:
        invoice.touched_at = event.at
        self.unlisted.add(invoice.id)
        if event.what == "entered":
            invoice.draft = False
            if any(pair[1] == invoice.id for pair in self.links):  # else nobody asks for it
                self.unread.add(invoice.id)
                self.once_more.add(invoice.id)
            self._unlink(invoice=invoice.id)
        elif event.what == "paid" and event.entry:
            self.paid[event.entry] = Entry(event.entry, None, invoice.id, event.amount, event.day)
            invoice.paid_at = event.at if event.here else None
            self.unread |= {invoice.id} if invoice.id.int % 2 else set()
        elif event.what == "bounced" and event.entry:
            del self.paid[event.entry]
            self.unread.add(invoice.id)
        elif event.what in ("cancelled", "lost"):
            invoice.cancelled |= event.what == "cancelled"
            invoice.gone |= event.what == "lost"
            self._unlink(invoice=invoice.id)

    def _unlink(self, note: UUID | None = None, invoice: UUID | None = None) -> None:
        for pair in [one for one in self.links if one[0] == note or one[1] == invoice]:
            del self.links[pair]
            self.links_unread.add(pair[0])

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

    def state(self, invoice: Invoice) -> str:
        """As Light names it: what is paid follows from its payments."""
        if invoice.cancelled or invoice.draft:
            return "CANCELLED" if invoice.cancelled else "IN_DRAFT"
        bank = sum(one.amount for one in self.paid.values() if one.invoice == invoice.id)
        used = sum(one.amount for one in self.entries.values() if one.invoice == invoice.id)
        if bank + used >= invoice.amount:
            return "PAID" if bank else "COMPLETED"
        return "PARTIALLY_PAID" if bank else "UNPAID"
