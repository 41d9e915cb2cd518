"""Light's books as values: documents, links and clearings at one moment, and what we did there."""

from typing import NamedTuple
from uuid import UUID

from clearing.deciding import Body, Content, DraftLine, Invoice, Note, digest

ENTITY, VENDOR = UUID(int=10), UUID(int=11)
LINE = DraftLine(net=300, net_side="C", gross=300, gross_side="C", description="Returned goods")
DIGEST = digest([LINE])
POSTED = frozenset({"UNPAID", "PARTIALLY_PAID", "PAID", "COMPLETED"})
TAKES_LINKS = frozenset({"IN_DRAFT", "UNPAID", "PARTIALLY_PAID"})
Key = tuple[UUID, UUID | None]


def accounting(document: UUID) -> UUID:
    """The other id of a document: that of its accounting document."""
    return UUID(int=document.int + 1_000_000)


class Row(NamedTuple):
    """A link; `by` is the instruction that made it or gave it its amount, None: somebody else."""

    note: UUID
    invoice: UUID
    amount: int
    posted: bool = False
    by: int | None = None


class Cleared(NamedTuple):
    note: UUID
    invoice: UUID
    amount: int
    by: int | None = None


class State(NamedTuple):
    """Light's books at one moment; never changed, only followed by the next."""

    notes: dict[UUID, Note]
    invoices: dict[UUID, Invoice]
    links: tuple[Row, ...]
    cleared: tuple[Cleared, ...]
    updated: dict[UUID, float]


class Reply(NamedTuple):
    """Light's answer to a write: its status, and what a 2xx names."""

    status: int
    body: Body = Body()
    words: str = ""


class Effect:
    """Something that an instruction of ours did in Light, until somebody else undoes it."""

    __slots__ = ("at", "by", "key", "kind", "undone_at")

    def __init__(self, by: int, kind: str, key: Key, at: float) -> None:
        self.by, self.kind, self.key, self.at = by, kind, key, at
        self.undone_at: float | None = None

    def stands(self, at: float) -> bool:
        return self.at > at or self.undone_at is None or self.undone_at > at


def asked(
    state: State, kind: str, note: UUID, invoice: UUID | None, amount: int | None, **rest: object
) -> Content:
    """What is asked of these documents as they are now."""
    values: dict[str, object] = {
        "kind": kind, "credit_note_id": note, "invoice_payable_id": invoice,
        "clearing_id": None, "amount": amount, "previous_amount": None, "currency": "EUR",
        "entity_id": ENTITY, "vendor_id": VENDOR, "credit_note_amount": state.notes[note].amount,
        "invoice_amount": state.invoices[invoice].amount if invoice else None,
        "of_draft": False,
    }  # fmt: skip
    return Content(**values | rest)  # type: ignore[arg-type]
