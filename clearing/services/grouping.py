"""Loads what the engine reads: the groups of vendor, entity and currency with their documents.

Read as tuples, streamed in the order of the groups; never a model instance per document.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from clearing import matching, usable
from clearing.matching import numbers
from clearing.models import (
    Balance,
    Citation,
    Clearing,
    CreditNote,
    Declined,
    Instruction,
    InvoicePayable,
    Link,
    NotDuplicate,
    Suspicion,
)

Key = tuple[UUID, UUID, str]  # vendor, entity, currency
Pair = tuple[UUID, UUID]
SETTLED = ("PAID", "COMPLETED")


@dataclass(frozen=True)
class Scope:
    """Which groups: of one entity or currency, of some vendors; empty means all."""

    vendors: frozenset[UUID] = field(default_factory=frozenset)
    entity_id: UUID | None = None
    currency: str = ""

    @property
    def q(self) -> Q:
        """As a condition on the columns vendor_id, entity_id and currency."""
        found = Q()
        if self.vendors:
            found &= Q(vendor_id__in=self.vendors)
        if self.entity_id:
            found &= Q(entity_id=self.entity_id)
        if self.currency:
            found &= Q(currency=self.currency)
        return found


def rules(currency: str) -> matching.Rules:
    """The engine's rules under this house's settings."""
    return matching.Rules(
        one_posted_per_credit=not settings.PARTIALLY_CLEARED_LINKABLE,
        tolerance=settings.MATCH_TOLERANCE.get(currency, 0),
    )


def groups(scope: Scope, *, after: Key | None = None) -> Iterator[matching.Group]:
    """Every group with usable credit in the order of its key, from behind `after`."""
    free = _free(scope)
    for key in sorted(free, key=_order):
        if after is None or _order(key) > _order(after):
            yield _group(key, free[key])


def one(vendor_id: UUID, entity_id: UUID, currency: str) -> matching.Group:
    """One group, with or without usable credit."""
    key = (vendor_id, entity_id, currency)
    free = _free(Scope(frozenset([vendor_id]), entity_id, currency))
    return _group(key, free.get(key, {}))


def _order(key: Key) -> tuple[str, str, str]:
    return str(key[0]), str(key[1]), key[2]


def _free(scope: Scope) -> dict[Key, dict[UUID, int]]:
    """By group, what is free to use of each usable credit note."""
    found: dict[Key, dict[UUID, int]] = defaultdict(dict)
    rows = Balance.objects.filter(scope.q, kind=Balance.Kind.CREDIT_NOTE, usable=True)
    for vendor, entity, currency, id, left in rows.values_list(
        "vendor_id", "entity_id", "currency", "document_id", "available"
    ):
        if vendor and entity:
            found[vendor, entity, currency][id] = left or 0
    return found


def _group(key: Key, free: dict[UUID, int]) -> matching.Group:
    vendor, entity, currency = key
    here = {"vendor_id": vendor, "entity_id": entity, "currency": currency}
    open_ = dict(
        Balance.objects.filter(**here, kind=Balance.Kind.INVOICE, usable=True).values_list(
            "document_id", "available"
        )
    )
    suspects = suspected(free)
    posted, payables = set(), []
    for id, state, number_key, due, issued, pays in InvoicePayable.objects.filter(
        id__in=open_
    ).values_list("id", "state", "number_key", "due_date", "issued_date", "payment_at"):
        if usable.is_posted(state):
            posted.add(id)
        payables.append(
            matching.Payable(
                id, open_[id] or 0, ordinal(due), ordinal(_local(pays)), ordinal(issued),
                usable.is_posted(state), numbers.forms(number_key),
            )
        )  # fmt: skip
    held = _held(free, open_)
    cites = dict(
        Citation.objects.filter(credit_note_id__in=free).values_list("credit_note_id", "keys")
    )
    credits = [
        matching.Credit(
            id, free[id], ordinal(day), tuple(cites.get(id, "").split()),
            any((id, one) in held for one in posted),
        )
        for id, day in CreditNote.objects.filter(id__in=free).values_list("id", "document_date")
        if id not in suspects
    ]  # fmt: skip
    without = held | _bound(free, open_) | _declined(free)
    return matching.Group(key, credits, payables, frozenset(without), _settled(vendor, credits))


def ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0


def _local(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None


def suspected(notes: Collection[UUID]) -> set[UUID]:
    """Those of these notes that may be duplicates, as long as nobody has answered."""
    about = Q(one_id__in=notes) | Q(other_id__in=notes)
    pairs = Suspicion.objects.filter(about, kind=Suspicion.Kind.TWINS)
    answered = set(NotDuplicate.objects.filter(about).values_list("one_id", "other_id"))
    return {
        id
        for pair in pairs.values_list("one_id", "other_id")
        if pair not in answered
        for id in pair
    }


def _held(notes: Iterable[UUID], invoices: Iterable[UUID]) -> set[Pair]:
    """Pairs of open lines."""
    lines = Instruction.objects.filter(
        credit_note_id__in=list(notes),
        invoice_payable_id__in=list(invoices),
        kind=Instruction.Kind.LINK,
        state__in=Instruction.OPEN,
    )
    return _pairs(lines)


def _bound(notes: Iterable[UUID], invoices: Iterable[UUID]) -> set[Pair]:
    """Pairs that are linked, or that have cleared each other."""
    both: dict[str, Any] = {
        "credit_note_id__in": list(notes), "invoice_payable_id__in": list(invoices),
    }  # fmt: skip
    links = Link.objects.filter(**both).exclude(fate__in=[Link.Fate.REMOVED, Link.Fate.UNDONE])
    entries = Clearing.objects.filter(**both, gone_at=None)
    return _pairs(links) | _pairs(entries)


def _pairs(rows: QuerySet[Any]) -> set[Pair]:
    return set(rows.values_list("credit_note_id", "invoice_payable_id"))


def _declined(notes: Iterable[UUID]) -> set[Pair]:
    return _pairs(Declined.objects.filter(credit_note_id__in=list(notes)))


def _settled(vendor: UUID, credits: Iterable[matching.Credit]) -> dict[str, UUID]:
    """The settled invoices of this vendor whose whole number one of these credits cites."""
    cited = {key for credit in credits for key in credit.cites}
    rows = InvoicePayable.objects.filter(
        vendor_id=vendor, number_key__in=cited, state__in=SETTLED
    ).exclude(number_key="")
    return dict(rows.order_by("-id").values_list("number_key", "id"))
