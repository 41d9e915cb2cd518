"""What one look shows of one pair: shared by the decisions before and after sending."""

from dataclasses import dataclass

from clearing.deciding.facts import Content, Observation


@dataclass(frozen=True)
class Pair:
    """The amounts at which each side lists the pair, and what payments say it has cleared."""

    on_note: tuple[int, ...]
    on_invoice: tuple[int, ...]
    cleared: int

    @property
    def amounts(self) -> frozenset[int]:
        return frozenset(self.on_note + self.on_invoice)

    @property
    def twice(self) -> bool:
        """One side lists the pair more than once."""
        return len(self.on_note) > 1 or len(self.on_invoice) > 1

    @property
    def on_both(self) -> bool:
        return bool(self.on_note and self.on_invoice)


def pair_in(content: Content, seen: Observation) -> Pair:
    """Our pair among everything Light lists."""
    wanted = content.credit_note_id, content.invoice_payable_id

    def amounts(links: object) -> tuple[int, ...]:
        return tuple(
            link.amount
            for link in links  # type: ignore[attr-defined]
            if (link.credit_note_id, link.invoice_payable_id) == wanted and link.amount is not None
        )

    cleared = sum(
        entry.amount or 0
        for entry in seen.payments or ()
        if entry.type == "CN" and entry.credit_note_id == content.credit_note_id
    )
    return Pair(amounts(seen.note_links), amounts(seen.invoice_links), cleared)


def clearing_in(content: Content, seen: Observation) -> int:
    """What the document to reverse has cleared on the invoice; 0 where Light shows nothing."""
    return sum(
        entry.amount or 0
        for entry in seen.payments or ()
        if entry.type == "CN" and entry.document_id == content.clearing_id
    )
