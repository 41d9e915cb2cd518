"""The documents of some vendors and what binds them, read by SQL as tuples, a query for each.

No model instance is made: a million of them cost more than the matching.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from clearing import matching, usable
from clearing.matching import numbers
from clearing.models import (
    Clearing,
    Declined,
    Instruction,
    InvoicePayable,
    Link,
    NotDuplicate,
    Suspicion,
)

Key = tuple[UUID, UUID, str]  # vendor, entity, currency
Pair = tuple[UUID, UUID]
Row = tuple[Any, ...]
SOME = 2_000  # cited numbers, or credit notes, that are looked up at once

# Ids and dates as text: an object for each costs more than what is done with it.
CREDITS = """
    SELECT CAST(b.vendor_id AS text), CAST(b.entity_id AS text), b.currency,
        CAST(b.document_id AS text), b.available,
        d.amount, CAST(d.document_date AS text), c.keys
    FROM clearing_balance b JOIN clearing_creditnote d ON d.id = b.document_id
        LEFT JOIN clearing_citation c ON c.credit_note_id = b.document_id
    WHERE b.kind = 'credit_note' AND """
PAYABLES = """
    SELECT CAST(b.vendor_id AS text), CAST(b.entity_id AS text), b.currency,
        CAST(b.document_id AS text), b.available,
        d.state, d.number_key, CAST(d.due_date AS text), CAST(d.issued_date AS text),
        CAST(d.payment_at AS text)
    FROM clearing_balance b JOIN clearing_invoicepayable d ON d.id = b.document_id
    WHERE b.kind = 'invoice' AND """
THIRD = itemgetter(2)
SETTLED = frozenset({"PAID", "COMPLETED"})
NUMBERED = """
    SELECT v.column2, CAST(d.vendor_id AS text), CAST(d.id AS text), d.state
    FROM (VALUES %s) AS v
        JOIN clearing_invoicepayable d ON d.number_key = v.column2 AND d.vendor_id = v.column1"""


class Ids(NamedTuple):
    """What the ids of documents are: made of the text that the database gives, or of a UUID."""

    of_text: Callable[[str], Any]
    of_uuid: Callable[[UUID], Any]


def _text(one: UUID) -> str:
    """An id as the database writes it."""
    return str(one) if connection.vendor == "postgresql" else one.hex


UUIDS = Ids(UUID, lambda one: one)
TEXTS = Ids(str, _text)


@dataclass(frozen=True)
class Apart:
    """What people and proposals keep apart: notes that may be duplicates, pairs by credit note.

    posted: the credit notes with an open line to a posted invoice.
    """

    suspects: set[UUID]
    pairs: dict[UUID, list[Pair]]
    posted: set[UUID]

    @classmethod
    def read(cls, ids: Ids, notes: Collection[UUID] | None = None) -> "Apart":
        """Of these credit notes, or of all: there are as many as people are at work on."""
        these = Q() if notes is None else Q(credit_note_id__in=notes)
        lines = Instruction.objects.filter(
            these, kind=Instruction.Kind.LINK, state__in=Instruction.OPEN
        )
        held = list(_pairs(lines))
        states = dict(
            InvoicePayable.objects.filter(id__in={invoice for _note, invoice in held}).values_list(
                "id", "state"
            )
        )
        refused = Link.objects.filter(these, fate=Link.Fate.NOT_HONOURED)
        pairs: dict[UUID, list[Pair]] = defaultdict(list)
        for pair in [*held, *_pairs(refused), *_pairs(Declined.objects.filter(these))]:
            note, invoice = map(ids.of_uuid, pair)
            pairs[note].append((note, invoice))
        posted = {note for note, one in held if usable.is_posted(states.get(one, ""))}
        return cls(set(map(ids.of_uuid, suspected(notes))), pairs, set(map(ids.of_uuid, posted)))


def _pairs(rows: QuerySet[Any]) -> Iterable[Pair]:
    pairs: Iterable[Pair] = rows.values_list("credit_note_id", "invoice_payable_id")
    return pairs


class Documents:
    """What is usable of some vendors, by group; only of one entity or currency where given."""

    def __init__(
        self,
        vendors: list[UUID],
        entity_id: UUID | None,
        currency: str,
        apart: Apart,
        ids: Ids,
    ) -> None:
        self.vendors, self.apart, self.ids = vendors, apart, ids
        self._where(entity_id, currency)
        self.in_use: list[UUID] = []  # credit notes of which a part is used
        self.credits = self._credits()
        self.payables = self._payables()
        self.bound = self._bound()
        self.settled = self._settled()

    def group(self, key: Key) -> matching.Group:
        """The group with this key; an empty one where there is nothing."""
        credits = self.credits.get(key, [])
        without = frozenset(
            pair
            for one in credits
            for of in (self.apart.pairs, self.bound)
            for pair in of.get(one.id, ())
        )
        settled = self.settled.get(key[0], {})
        return matching.Group(key, credits, self.payables.get(key, []), without, settled)

    def _where(self, entity_id: UUID | None, currency: str) -> None:
        marks = ", ".join(["%s"] * len(self.vendors))
        self.where = f"b.usable = TRUE AND b.entity_id IS NOT NULL AND b.vendor_id IN ({marks})"
        self.given: list[Any] = [_given(one) for one in self.vendors]
        if entity_id:
            self.where += " AND b.entity_id = %s"
            self.given.append(_given(entity_id))
        if currency:
            self.where += " AND b.currency = %s"
            self.given.append(currency)

    def _rows(self, sql: str) -> Iterator[Row]:
        with connection.cursor() as cursor:
            cursor.execute(sql + self.where, self.given)
            yield from cursor.fetchall()

    def _credits(self) -> dict[Key, list[matching.Credit]]:
        found: dict[Row, list[matching.Credit]] = defaultdict(list)
        suspects, posted, id_of = self.apart.suspects, self.apart.posted, self.ids.of_text
        last: Row | None = None
        add: Callable[[Any], None] = found[()].append
        for vendor, entity, currency, text, free, amount, day, cites in self._rows(CREDITS):
            note = id_of(text)
            if note in suspects:
                continue
            if free != amount:
                self.in_use.append(UUID(text))
            if (vendor, entity, currency) != last:  # most are of the same group as the one before
                last = vendor, entity, currency
                add = found[last].append
            keys = tuple(cites.split()) if cites else ()
            add(matching.Credit(note, free, _ordinal(day), keys, note in posted))
        return _with_keys(found)

    def _payables(self) -> dict[Key, list[matching.Payable]]:
        found: dict[Row, list[matching.Payable]] = defaultdict(list)
        posted, forms, id_of = usable.POSTED, numbers.forms, self.ids.of_text
        last: Row | None = None
        add: Callable[[Any], None] = found[()].append
        for vendor, entity, currency, text, open_, state, number, due, issued, pays in self._rows(
            PAYABLES
        ):
            if (vendor, entity, currency) != last:
                last = vendor, entity, currency
                add = found[last].append
            add(
                matching.Payable(
                    id_of(text), open_, _ordinal(due), _local(pays) if pays else 0,
                    _ordinal(issued), state in posted, forms(number),
                )
            )  # fmt: skip
        return _with_keys(found)

    def _bound(self) -> dict[UUID, list[Pair]]:
        """By credit note of which a part is used, the pairs that are linked or have cleared."""
        found: dict[UUID, list[Pair]] = defaultdict(list)
        over = [Link.Fate.REMOVED, Link.Fate.UNDONE]
        for start in range(0, len(self.in_use), SOME):
            some = self.in_use[start : start + SOME]
            links = Link.objects.filter(credit_note_id__in=some).exclude(fate__in=over)
            entries = Clearing.objects.filter(credit_note_id__in=some, gone_at=None)
            for pair in [*_pairs(links), *_pairs(entries)]:
                note, invoice = map(self.ids.of_uuid, pair)
                found[note].append((note, invoice))
        return found

    def _settled(self) -> dict[UUID, dict[str, UUID]]:
        """By vendor, the settled invoices whose number a credit cites, and no open one has."""
        cited: set[tuple[UUID, str]] = set()
        for key, some_credits in self.credits.items():
            open_ = {form for payable in self.payables.get(key, ()) for form in payable.keys}
            numbers_ = {number for credit in some_credits for number in credit.cites}
            cited.update((key[0], number) for number in numbers_ - open_)
        found: dict[UUID, dict[str, UUID]] = defaultdict(dict)
        given = dict(zip(self.vendors, self.given, strict=False))
        pairs = [(given[vendor], number) for vendor, number in cited]
        for start in range(0, len(pairs), SOME):
            some = pairs[start : start + SOME]
            with connection.cursor() as cursor:
                cursor.execute(NUMBERED % ", ".join(["(%s, %s)"] * len(some)), list(chain(*some)))
                for number, vendor, id, state in sorted(cursor.fetchall(), key=THIRD, reverse=True):
                    if state in SETTLED:
                        found[_known(vendor)][number] = self.ids.of_text(id)
        return found


def _given(one: UUID) -> Any:
    """An id as a parameter of a query by hand."""
    return one if connection.vendor == "postgresql" else one.hex


_known = lru_cache(maxsize=4096)(UUID)  # the few of vendors and entities


def _with_keys(found: dict[Row, list[Any]]) -> dict[Key, list[Any]]:
    del found[()]
    return {(_known(v), _known(e), currency): rows for (v, e, currency), rows in found.items()}


@lru_cache(maxsize=20_000)
def _ordinal(day: str | None) -> int:
    """A date's number in days; 0 where it is missing."""
    return date.fromisoformat(day).toordinal() if day else 0


@lru_cache(maxsize=20_000)
def _local(moment: str) -> int:
    """The day of a time at this house; the databases give it in UTC."""
    time = datetime.fromisoformat(moment)
    return timezone.localtime(time if time.tzinfo else time.replace(tzinfo=UTC)).toordinal()


def suspected(notes: Collection[UUID] | None = None) -> set[UUID]:
    """The credit notes (of these, or all) that may be duplicates and that nobody has answered.

    A twin that was cancelled here as a duplicate is an answer.
    """
    pair = {"one_id": OuterRef("one_id"), "other_id": OuterRef("other_id")}
    cancelled = Instruction.objects.filter(
        Q(credit_note_id=OuterRef("one_id")) | Q(credit_note_id=OuterRef("other_id")),
        kind=Instruction.Kind.ARCHIVE, state=Instruction.State.DONE, reason_code="duplicate",
    )  # fmt: skip
    open_ = Suspicion.objects.filter(
        ~Exists(NotDuplicate.objects.filter(**pair)), ~Exists(cancelled),
        kind=Suspicion.Kind.TWINS,
    )  # fmt: skip
    if notes is not None:
        open_ = open_.filter(Q(one_id__in=notes) | Q(other_id__in=notes))
    found = {id for pair in open_.values_list("one_id", "other_id") for id in pair}
    return found if notes is None else found & set(notes)
