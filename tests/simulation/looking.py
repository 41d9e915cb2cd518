"""One look at a line's documents, request by request, and its ids as ours (sending.looking)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from clearing.deciding import Content, LinkSeen, Observation, Payment
from tests.simulation.books import POSTED, Row, State

if TYPE_CHECKING:
    from tests.simulation.house import Line
    from tests.simulation.run import Run


@dataclass(slots=True)
class Look:
    """What decides, and both updatedAt, which do not."""

    seen: Observation
    updated: tuple[float, ...]
    began: float


def look(run: "Run", content: Content, line: "Line") -> Iterator[float]:
    """The requests of one look, each of which may show an older moment; returns a Look."""
    began = run.time
    light, net = run.light, run.net
    note_id, invoice_id = content.credit_note_id, content.invoice_payable_id
    state: State = yield from net.read(note_id)
    note = state.notes[note_id]
    updated = state.updated[note_id]
    at_note = yield from net.read()
    note_rows = light.listed(at_note, "note", note_id)
    _learn(run, note_id, [light.id_of(row.note) for row in note_rows])
    if invoice_id is None:
        note_links = tuple(_link(run, row, at_note) for row in note_rows)
        seen = _observation(run, line, note, at_note, note_links=note_links)
        return Look(seen, (updated,), began)
    state = yield from net.read(invoice_id)
    invoice = state.invoices[invoice_id]
    at_invoice = yield from net.read()
    invoice_rows = light.listed(at_invoice, "invoice", invoice_id)
    _learn(run, invoice_id, [light.id_of(row.invoice) for row in invoice_rows])
    payments = None
    if invoice.state in POSTED or content.kind == "reverse":
        entries = (yield from net.read()).cleared
        payments = tuple(
            Payment("CN", light.id_of(c.note), run.house.known.get(light.id_of(c.note)), c.amount)
            for c in entries
            if c.invoice == invoice_id
        )
    seen = _observation(
        run, line, note, at_note,
        invoice=invoice,
        note_links=tuple(_link(run, row, at_note, note=note_id) for row in note_rows),
        invoice_links=tuple(
            _link(run, row, at_invoice, invoice=invoice_id) for row in invoice_rows
        ),
        payments=payments,
        invoice_ids=_ids(run, invoice_id),
    )  # fmt: skip
    return Look(seen, (updated, state.updated[invoice_id]), began)


def _observation(
    run: "Run", line: "Line", note: object, state: State, **parts: object
) -> Observation:
    note_id = line.note if note is None else note.id  # type: ignore[attr-defined]
    cleared = sum(entry.amount for entry in state.cleared if entry.note == note_id)
    return Observation(
        note,  # type: ignore[arg-type]
        note_cleared=cleared,
        goes_first=run.house.goes_first(line, lambda i: _posted(run, i)),
        note_ids=_ids(run, note_id),
        **parts,  # type: ignore[arg-type]
    )


def _posted(run: "Run", invoice: UUID | None) -> bool:
    return invoice is not None and run.light.state.invoices[invoice].state in POSTED


def _link(
    run: "Run", row: Row, state: State, note: UUID | None = None, invoice: UUID | None = None
) -> LinkSeen:
    """The near side is ours whatever its id; the far side only where its id is known."""
    known, light = run.house.known, run.light
    return LinkSeen(
        note or known.get(light.id_of(row.note)),
        invoice or known.get(light.id_of(row.invoice)),
        row.amount,
        row.posted or state.invoices[row.invoice].state in POSTED,
    )


def _learn(run: "Run", document: UUID, ids: list[UUID]) -> None:
    """All links listed for a document carry one of its ids."""
    for one in ids:
        run.house.known.setdefault(one, document)


def _ids(run: "Run", document: UUID) -> frozenset[UUID]:
    return frozenset(one for one, ours in run.house.known.items() if ours == document)
