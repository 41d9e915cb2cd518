"""A small Light in memory, with every open question as a switch. Amounts: smallest unit."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from clearing.deciding import Body, Content, Invoice, Note
from tests.simulation.books import (
    POSTED,
    TAKES_LINKS,
    Cleared,
    Effect,
    Key,
    Reply,
    Row,
    State,
    accounting,
)
from tests.simulation.switches import Switches


class Light:
    """The books with their history, and one method for each thing that changes them."""

    def __init__(
        self, switches: Switches, notes: Iterable[Note], invoices: Iterable[Invoice]
    ) -> None:
        self.switches = switches
        by_note, by_invoice = {n.id: n for n in notes}, {i.id: i for i in invoices}
        updated = dict.fromkeys((*by_note, *by_invoice), -1e9)
        self.state = State(by_note, by_invoice, (), (), updated)
        self.history: list[tuple[float, State]] = [(-1e9, self.state)]
        self.effects: list[Effect] = []
        self.moved: dict[UUID, float] = dict(updated)  # when a document was really touched

    def shown(self, at: float) -> State:
        """The books as they were at that moment."""
        for since, state in reversed(self.history):
            if since <= at:
                return state
        return self.history[0][1]

    def listed(self, state: State, side: str, document: UUID) -> list[Row]:
        """The links that Light lists for a document on the side `note` or `invoice`."""
        if self.switches.listed_on not in ("both", side):
            return []
        which = 0 if side == "note" else 1
        return [
            row
            for row in state.links
            if row[which] == document and (self.switches.posted_listed or not row.posted)
        ]

    def id_of(self, document: UUID) -> UUID:
        """The id by which links and payments name it."""
        return accounting(document) if self.switches.ids == "accounting" else document

    # --- what is free and open --------------------------------------------------------------
    def free(self, note: UUID) -> int:
        state = self.state
        linked = sum(row.amount for row in state.links if row.note == note and not row.posted)
        used = sum(one.amount for one in state.cleared if one.note == note)
        return (state.notes[note].amount or 0) - linked - used

    def open(self, invoice: UUID) -> int:
        left = self.state.invoices[invoice].outstanding or 0
        if self.state.invoices[invoice].state in POSTED:
            return left
        return left - sum(row.amount for row in self.state.links if row.invoice == invoice)

    def rows(self, note: UUID, invoice: UUID) -> list[Row]:
        return [
            row
            for row in self.state.links
            if row.note == note and row.invoice == invoice and not row.posted
        ]

    def clearing(self, note: UUID, invoice: UUID) -> int:
        return sum(c.amount for c in self.state.cleared if (c.note, c.invoice) == (note, invoice))

    # --- the calls ----------------------------------------------------------------------------
    def do(self, asked: Content, at: float, by: int | None = None) -> Reply:
        """Do what a call asks, or say why not; `by` is the instruction that asks."""
        note = self.state.notes[asked.credit_note_id]
        if asked.kind == "archive":
            return self._archive(note, at, by)
        if asked.kind == "post":
            return self._post_note(note, at, by)
        invoice = self.state.invoices[asked.invoice_payable_id]  # type: ignore[index]
        amount = asked.amount or 0
        if asked.kind == "link":
            return self._link(note, invoice, amount, at, by)
        if asked.kind == "amend":
            return self._amend(note, invoice, amount, at, by)
        if asked.kind == "unlink":
            return self._unlink(note, invoice, at, by)
        return self._reverse(note, invoice, asked.archives, at, by)

    def _link(self, note: Note, invoice: Invoice, amount: int, at: float, by: int | None) -> Reply:
        usable = ("POSTED", "PARTIALLY_CLEARED") if self.switches.partly_linkable else ("POSTED",)
        if note.status not in usable or invoice.state not in TAKES_LINKS:
            return Reply(422, words="One of the documents cannot be linked.")
        rows, mode = self.rows(note.id, invoice.id), self.switches.existing
        if rows and mode == "refused":
            return Reply(409, words="They are linked already.")
        more = amount - rows[0].amount if rows and mode == "replaced" else amount
        if not self._covers(note.id, invoice.id, more):
            return Reply(422, words="That is more than is left.")
        if invoice.posted:
            return self._link_posted(note, invoice, amount, at, by)
        was = rows[0].amount if rows else 0
        new = Row(note.id, invoice.id, was + amount if mode == "added" else amount, False, by)
        others = [row for row in self.state.links if row not in rows or mode == "twice"]
        self._note(at, by, "link", (note.id, invoice.id), links=(*others, new))
        return Reply(200, self._body(new))

    def _link_posted(
        self, note: Note, invoice: Invoice, amount: int, at: float, by: int | None
    ) -> Reply:
        if self.switches.posted_link == "refused":
            return Reply(422, words="The invoice is posted.")
        row = Row(note.id, invoice.id, amount, True, by)
        if self.switches.posted_link == "clears":
            entry = Cleared(note.id, invoice.id, amount, by)
            self._clear([entry], at, by, "link", (note.id, invoice.id), invoice.state)
        return Reply(200, self._body(row))

    def _amend(self, note: Note, invoice: Invoice, amount: int, at: float, by: int | None) -> Reply:
        rows = self.rows(note.id, invoice.id)
        if not rows or invoice.posted:
            return Reply(409 if invoice.posted else 404, words="There is no link to change.")
        if amount > rows[0].amount and not self._covers(
            note.id, invoice.id, amount - rows[0].amount
        ):
            return Reply(422, words="That is more than is left.")
        new = rows[0]._replace(amount=amount, by=by)
        links = tuple(new if row is rows[0] else row for row in self.state.links)
        self._note(at, by, "amend", (note.id, invoice.id), links=links)
        return Reply(200, self._body(new))

    def _unlink(self, note: Note, invoice: Invoice, at: float, by: int | None) -> Reply:
        if invoice.posted and self.switches.delete_posted == "refused":
            return Reply(409, words="The invoice is posted.")
        pair = (note.id, invoice.id)
        left = tuple(row for row in self.state.links if (row.note, row.invoice) != pair)
        cleared = self.clearing(*pair)
        if len(left) == len(self.state.links) and not cleared:
            return Reply(404, words="There is no such link.")
        if cleared:
            self._uncleared(note, invoice, False, at, by, "unlink", links=left)
        else:
            self._note(at, by, "unlink", pair, links=left)
        return Reply(200)

    def _archive(self, note: Note, at: float, by: int | None) -> Reply:
        linked = any(row.note == note.id and not row.posted for row in self.state.links)
        if linked or note.status not in ("DRAFT", "POSTED"):
            return Reply(422, words="It cannot be archived as it is.")
        notes = {**self.state.notes, note.id: replace(note, status="ARCHIVED")}
        self._note(at, by, "archive", (note.id, None), notes=notes)
        return Reply(200, Body(credit_note_id=note.id, state="ARCHIVED"))

    def _post_note(self, note: Note, at: float, by: int | None) -> Reply:
        if note.status != "DRAFT":
            return Reply(422, words="It is no draft.")
        notes = {**self.state.notes, note.id: replace(note, status="POSTED")}
        self._note(at, by, "post", (note.id, None), notes=notes)
        return Reply(200, Body(credit_note_id=note.id, state="POSTED"))

    def _reverse(
        self, note: Note, invoice: Invoice, archives: bool, at: float, by: int | None
    ) -> Reply:
        if not self.clearing(note.id, invoice.id):
            return Reply(404, words="There is no such clearing.")
        self._uncleared(note, invoice, archives, at, by, "reverse")
        return Reply(200, Body(invoice_payable_id=invoice.id, state="UNPAID"))

    def _uncleared(
        self, note: Note, invoice: Invoice, archives: bool, at: float, by: int | None, kind: str,
        **parts: object,
    ) -> None:  # fmt: skip
        """What the pair has cleared is free and open again."""
        pair, amount = (note.id, invoice.id), self.clearing(note.id, invoice.id)
        left = tuple(c for c in self.state.cleared if (c.note, c.invoice) != pair)
        back = replace(invoice, state="UNPAID", outstanding=(invoice.outstanding or 0) + amount)
        status = _status(note, left)
        if archives and self.switches.archives_too and status == "POSTED":
            status = "ARCHIVED"
        self._note(
            at, by, kind, pair, cleared=left,
            notes={**self.state.notes, note.id: replace(note, status=status)},
            invoices={**self.state.invoices, invoice.id: back}, **parts,
        )  # fmt: skip

    # --- what only others do ----------------------------------------------------------------
    def post_invoice(self, invoice: Invoice, at: float, honoured: bool) -> None:
        """It goes to the ledger; Light clears with its links as far as it is open, or does not."""
        left, entries, links = invoice.outstanding or 0, [], []
        for row in self.state.links:
            if row.invoice != invoice.id:
                links.append(row)
                continue
            amount = min(row.amount, left) if honoured else 0
            if amount > 0:
                entries.append(Cleared(row.note, invoice.id, amount, row.by))
                left -= amount
            if amount != row.amount:
                self._undo((row.note, invoice.id), at)
            links.append(row._replace(posted=True))
        if not self.switches.posted_listed:
            links = [row for row in links if row.invoice != invoice.id]
        for effect in self.effects:  # whether it was removed before can no longer be told
            if effect.kind == "unlink" and effect.key[1] == invoice.id:
                self._undo(effect.key, at)
        self._clear(entries, at, None, "post_invoice", None, "UNPAID", invoice, tuple(links))

    def allocate(self, invoice: Invoice, at: float) -> None:
        """Light itself uses the first credit note that nobody has linked."""
        for note in self.state.notes.values():
            amount = min(self.free(note.id), invoice.outstanding or 0)
            if note.status == "POSTED" and amount > 0:
                entry = Cleared(note.id, invoice.id, amount)
                return self._clear([entry], at, None, "link", None, "UNPAID")
        return None

    def change(self, document: Note | Invoice, at: float, **values: object) -> None:
        """Somebody changes a document."""
        new, updated = replace(document, **values), {**self.state.updated, document.id: at}
        if isinstance(new, Note):
            parts = {"notes": {**self.state.notes, new.id: new}}
        else:
            parts = {"invoices": {**self.state.invoices, new.id: new}}
        self._note(at, None, "change", None, updated=updated, **parts)
        self.moved[document.id] = at

    # --- writing it down ----------------------------------------------------------------------
    def _covers(self, note: UUID, invoice: UUID, more: int) -> bool:
        if not self.switches.checks_sums:
            return True
        return 0 < more <= min(self.free(note), self.open(invoice)) or more <= 0

    def _clear(
        self, entries: list[Cleared], at: float, by: int | None, kind: str, key: Key | None,
        state: str, invoice: Invoice | None = None, links: tuple[Row, ...] | None = None,
    ) -> None:  # fmt: skip
        """Book clearings on one invoice: its balance and state, and the notes' statuses, follow."""
        cleared = (*self.state.cleared, *entries)
        invoice = invoice or self.state.invoices[entries[0].invoice]
        left = (invoice.outstanding or 0) - sum(entry.amount for entry in entries)
        new = replace(invoice, outstanding=left, state=state if left > 0 else "COMPLETED")
        notes = dict(self.state.notes)
        for id in {entry.note for entry in entries}:
            notes[id] = replace(notes[id], status=_status(notes[id], cleared))
        self._note(
            at, by, kind, key, cleared=cleared, notes=notes,
            invoices={**self.state.invoices, invoice.id: new},
            links=self.state.links if links is None else links,
        )  # fmt: skip
        for id in (invoice.id, *(entry.note for entry in entries)):
            self.moved[id] = at

    def _note(self, at: float, by: int | None, kind: str, key: Key | None, **parts: object) -> None:
        """The next state; what was done to this pair or note before is undone by others."""
        if key is not None:
            self._undo(key, at)
            for id in filter(None, key):
                self.moved[id] = at
            if self.switches.touches:
                parts["updated"] = self.state.updated | dict.fromkeys(filter(None, key), at)
            if by is not None:
                self.effects.append(Effect(by, kind, key, at))
        self.state = self.state._replace(**parts)
        self.history.append((at, self.state))

    def _undo(self, key: Key, at: float) -> None:
        for effect in self.effects:
            if effect.key == key and effect.undone_at is None:
                effect.undone_at = at

    def _body(self, row: Row) -> Body:
        return Body(self.id_of(row.note), self.id_of(row.invoice), row.amount, "EUR")


def _status(note: Note, cleared: Iterable[Cleared]) -> str:
    used = sum(entry.amount for entry in cleared if entry.note == note.id)
    if not used:
        return "POSTED"
    return "CLEARED" if used >= (note.amount or 0) else "PARTIALLY_CLEARED"
