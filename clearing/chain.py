"""The hash chain over the audit trail: what a seal says, and whether a chain holds. Pure."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

GENESIS = "0" * 64
SHORTEST = 16  # hex digits of a printed digest that are compared
# Of an event, in this order for ever. A column that comes later is appended where it is not empty,
# so that the digests of older events stay.
COLUMNS = (
    "id", "at", "by_id", "by_name", "verb", "kind", "proposal_id", "instruction_id",
    "credit_note_id", "invoice_payable_id", "vendor_id", "amount", "currency", "was", "now",
    "reason_code", "reason", "trace", "details",
)  # fmt: skip

Event = tuple[Any, ...]  # its columns; (id, None) where the database holds what cannot be read
Seal = tuple[Any, Any, Any, Any]  # seq, id of the event, digest, when


def digest(before: str, seq: int, sealed_at: datetime | None, event: Event) -> str:
    """SHA-256 in hex over the digest before, the seal's own columns and the whole event."""
    content = [before, seq, sealed_at, list(event)]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)  # UUIDs


@dataclass(frozen=True)
class Wrong:
    """One thing that is not as it was sealed, as a sentence; `event` or `seq` names the place."""

    what: str  # changed, deleted, inserted, reordered, seal missing, head missing
    sentence: str
    event: int | None = None
    seq: int | None = None


@dataclass
class Walk:
    """One way along the chain; its figures are known when `wrong` has ended.

    printed: digests (or their first digits) by seq, as they stand on paper.
    """

    printed: dict[int, set[str]] = field(default_factory=dict)
    sealed: int = 0
    unsealed: int = 0  # events after the last seal
    oldest: datetime | None = None  # the first of these
    head: tuple[int, str] = (0, GENESIS)

    def wrong(self, events: Iterable[Event], seals: Iterable[Seal]) -> Iterator[Wrong]:
        """Everything that is not as it was sealed; both in the order of their ids, read once."""
        rest, last = iter(events), 0
        waiting = next(rest, None)
        for seal in seals:
            seq, named = seal[0], seal[1]
            yield from self._missing(self.head[0] + 1, seq)
            if not isinstance(named, int) or named <= last:
                yield Wrong("reordered", f"Seal {seq} does not name an event after the one that "
                            "the seal before it names.", seq=seq)  # fmt: skip
            else:
                last = named
                while waiting and waiting[0] < named:
                    yield _inserted(waiting)
                    waiting = next(rest, None)
                found = waiting if waiting and waiting[0] == named else None
                yield from self._compared(seal, found)
                waiting = next(rest, None) if found else waiting
            self.sealed += 1
            self.head = (seq, str(seal[2]))
            yield from self._as_printed()
        self._count(chain([waiting] if waiting else [], rest))
        for seq in sorted(one for one in self.printed if one > self.head[0]):
            yield Wrong("head missing", f"The chain ends at seal {self.head[0]}, but the head of "
                        f"seal {seq} was printed: its end was cut off.", seq=seq)  # fmt: skip

    def _missing(self, wanted: int, seq: int) -> Iterator[Wrong]:
        if seq == wanted:
            return
        which = f"Seal {wanted} is" if seq == wanted + 1 else f"Seals {wanted} to {seq - 1} are"
        yield Wrong("seal missing", f"{which} missing.", seq=wanted)
        for one in sorted(one for one in self.printed if wanted <= one < seq):
            yield Wrong("head missing", f"Seal {one}, whose head was printed, is missing.", seq=one)

    def _compared(self, seal: Seal, event: Event | None) -> Iterator[Wrong]:
        seq, named, stored, sealed_at = seal
        if event is None:
            yield Wrong("deleted", f"Event {named} was deleted: seal {seq} is over it.", named, seq)
        elif digest(self.head[1], seq, sealed_at, event) != stored:
            words = f"Event {named} is not what was sealed: it, seal {seq} or the one before it"
            yield Wrong("changed", f"{words} was changed or exchanged.", named, seq)

    def _as_printed(self) -> Iterator[Wrong]:
        seq, stored = self.head
        for one in sorted(self.printed.get(seq, ())):
            if len(one) < SHORTEST or not stored.startswith(one):
                yield Wrong("head missing", f"The head that was printed for seal {seq} ({one}) is "
                            "not in the chain: it was made anew.", seq=seq)  # fmt: skip

    def _count(self, rest: Iterable[Event]) -> None:
        for event in rest:
            self.unsealed += 1
            if self.oldest is None and len(event) > 1 and isinstance(event[1], datetime):
                self.oldest = event[1]


def _inserted(event: Event) -> Wrong:
    return Wrong("inserted", f"Event {event[0]} was inserted: it has no seal, though later "
                 "ones have.", event[0])  # fmt: skip
