"""The documents of some vendors and what binds them, read by SQL as tuples, a query for each.

No model instance is made: a million of them cost more than the matching.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from clearing import matching, usable
from clearing.matching import numbers
from clearing.models import Instruction, InvoicePayable, NotDuplicate, Suspicion

Key = tuple[UUID, UUID, str]  # vendor, entity, currency
Pair = tuple[UUID, UUID]
Row = tuple[Any, ...]
SETTLED = ("PAID", "COMPLETED")
KEYS = 2_000  # cited numbers that are looked up at once

# Dates as text: a date object for each would be made only to be counted in days.
CREDITS = """
    SELECT b.vendor_id, b.entity_id, b.currency, b.document_id, b.available,
        CAST(d.document_date AS text), c.keys
    FROM clearing_balance b JOIN clearing_creditnote d ON d.id = b.document_id
        LEFT JOIN clearing_citation c ON c.credit_note_id = b.document_id
    WHERE b.kind = 'credit_note' AND """
PAYABLES = """
    SELECT b.vendor_id, b.entity_id, b.currency, b.document_id, b.available,
        d.state, d.number_key, CAST(d.due_date AS text), CAST(d.issued_date AS text),
        CAST(d.payment_at AS text)
    FROM clearing_balance b JOIN clearing_invoicepayable d ON d.id = b.document_id
    WHERE b.kind = 'invoice' AND """
OPEN_LINES = """
    SELECT x.credit_note_id, x.invoice_payable_id, x.state, d.state
    FROM clearing_balance b JOIN clearing_instruction x ON x.credit_note_id = b.document_id
        JOIN clearing_invoicepayable d ON d.id = x.invoice_payable_id
    WHERE x.kind = 'link' AND b.kind = 'credit_note' AND """
LINKS = """
    SELECT x.credit_note_id, x.invoice_payable_id
    FROM clearing_balance b JOIN clearing_link x ON x.credit_note_id = b.document_id
    WHERE x.fate NOT IN ('removed', 'undone') AND b.kind = 'credit_note' AND """
CLEARINGS = """
    SELECT x.credit_note_id, x.invoice_payable_id
    FROM clearing_balance b JOIN clearing_clearing x ON x.credit_note_id = b.document_id
    WHERE x.gone_at IS NULL AND b.kind = 'credit_note' AND """
DECLINED = """
    SELECT x.credit_note_id, x.invoice_payable_id
    FROM clearing_balance b JOIN clearing_declined x ON x.credit_note_id = b.document_id
    WHERE b.kind = 'credit_note' AND """


class Documents:
    """What is usable of some vendors, by group; only of one entity or currency where given."""

    def __init__(
        self,
        vendors: list[UUID],
        entity_id: UUID | None,
        currency: str,
        suspects: Collection[UUID],
    ) -> None:
        self.vendors = vendors
        self._where(entity_id, currency)
        self.without: dict[UUID, list[Pair]] = defaultdict(list)  # by credit note
        posted = self._held()
        self._bound()
        self.credits = self._credits(posted, suspects)
        self.payables = self._payables()
        self.settled = self._settled()

    def group(self, key: Key) -> matching.Group:
        """The group with this key; an empty one where there is nothing."""
        credits = self.credits.get(key, [])
        without = frozenset(pair for one in credits for pair in self.without.get(one.id, ()))
        settled = self.settled.get(key[0], {})
        return matching.Group(key, credits, self.payables.get(key, []), without, settled)

    def _where(self, entity_id: UUID | None, currency: str) -> None:
        marks = ", ".join(["%s"] * len(self.vendors))
        self.where = f"b.usable = TRUE AND b.entity_id IS NOT NULL AND b.vendor_id IN ({marks})"
        self.given = [one.hex for one in self.vendors]
        if entity_id:
            self.where += " AND b.entity_id = %s"
            self.given.append(entity_id.hex)
        if currency:
            self.where += " AND b.currency = %s"
            self.given.append(currency)

    def _rows(self, sql: str) -> Iterator[Row]:
        with connection.cursor() as cursor:
            cursor.execute(sql + self.where, self.given)
            yield from cursor.fetchall()

    def _held(self) -> set[UUID]:
        """Leave out pairs of open lines; the credit notes with one to a posted invoice."""
        posted = set()
        for note, invoice, state, of_invoice in self._rows(OPEN_LINES):
            if state in Instruction.OPEN:
                pair = _uuid(note), _uuid(invoice)
                self.without[pair[0]].append(pair)
                if usable.is_posted(of_invoice):
                    posted.add(pair[0])
        return posted

    def _bound(self) -> None:
        """Leave out pairs that are linked, have cleared each other, or were rejected."""
        for sql in (LINKS, CLEARINGS, DECLINED):
            for note, invoice in self._rows(sql):
                pair = _uuid(note), _uuid(invoice)
                self.without[pair[0]].append(pair)

    def _credits(
        self, posted: Collection[UUID], suspects: Collection[UUID]
    ) -> dict[Key, list[matching.Credit]]:
        found: dict[Key, list[matching.Credit]] = defaultdict(list)
        for vendor, entity, currency, id, free, day, cites in self._rows(CREDITS):
            note = _uuid(id)
            if note not in suspects:
                found[_known(vendor), _known(entity), currency].append(
                    matching.Credit(
                        note, free, _ordinal(day), tuple(cites.split()) if cites else (),
                        note in posted,
                    )
                )  # fmt: skip
        return found

    def _payables(self) -> dict[Key, list[matching.Payable]]:
        found: dict[Key, list[matching.Payable]] = defaultdict(list)
        posted, forms = usable.POSTED, numbers.forms
        for vendor, entity, currency, id, open_, state, number, due, issued, pays in self._rows(
            PAYABLES
        ):
            found[_known(vendor), _known(entity), currency].append(
                matching.Payable(
                    _uuid(id), open_, _ordinal(due), _local(pays) if pays else 0,
                    _ordinal(issued), state in posted, forms(number),
                )
            )  # fmt: skip
        return found

    def _settled(self) -> dict[UUID, dict[str, UUID]]:
        """By vendor, the settled invoices whose whole number one of these credits cites."""
        cited = list({key for some in self.credits.values() for one in some for key in one.cites})
        found: dict[UUID, dict[str, UUID]] = defaultdict(dict)
        for start in range(0, len(cited), KEYS):
            rows = InvoicePayable.objects.filter(
                number_key__in=cited[start : start + KEYS],
                vendor_id__in=self.vendors,
                state__in=SETTLED,
            ).exclude(number_key="")
            for vendor, key, id in rows.order_by("-id").values_list(
                "vendor_id", "number_key", "id"
            ):
                found[vendor][key] = id  # type: ignore[index]
        return found


def _uuid(value: UUID | str) -> UUID:
    """An id: PostgreSQL gives it as it is, SQLite as its 32 digits."""
    return value if isinstance(value, UUID) else UUID(value)


_known = lru_cache(maxsize=4096)(_uuid)  # the few of vendors and entities


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
