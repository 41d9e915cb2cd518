"""Which groups, and in what portions they are read."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from clearing import known, matching
from clearing.models import Balance
from clearing.services.grouping.reading import TEXTS, UUIDS, Apart, Documents

Key = tuple[UUID, UUID, str]  # vendor, entity, currency
CREDITS = 2_500  # credit notes that are read at once, and the rest of the last one's vendor
VENDORS = 1_000  # vendors that are read at once
AHEAD = 100  # vendors whose credit notes are counted at once


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

    @property
    def credits(self) -> QuerySet[Balance]:
        """The usable credit notes of these groups.

        SQLite goes on in the index after an IN, not after a bare column: forty times as fast.
        """
        known = Q(vendor_id__isnull=False, entity_id__isnull=False)
        usable = Q(kind=Balance.Kind.CREDIT_NOTE, usable__in=[True])
        return Balance.objects.filter(self.q, known, usable)


def rules(currency: str) -> matching.Rules:
    """The engine's rules under this house's settings."""
    return matching.Rules(
        one_posted_per_credit=not known.answers().partly_linkable,
        tolerance=settings.MATCH_TOLERANCE.get(currency, 0),
    )


def groups(scope: Scope, *, after: Key | None = None) -> Iterator[matching.Group]:
    """Every group with usable credit in the order of its key, from behind `after`."""
    for some in chunks(scope, after=after):
        yield from some


def chunks(
    scope: Scope, *, after: Key | None = None, as_text: bool = False
) -> Iterator[list[matching.Group]]:
    """The same in lists, each read at once: all groups of some vendors.

    as_text: the ids of documents as the database writes them, which takes a third less time.
    """
    ids = TEXTS if as_text else UUIDS
    apart = Apart.read(ids)
    for vendors in _vendors(scope, after):
        documents = Documents(vendors, scope.entity_id, scope.currency, apart, ids)
        keys = [key for key in sorted(documents.credits) if after is None or key > after]
        if keys:
            yield [documents.group(key) for key in keys]


def one(vendor_id: UUID, entity_id: UUID, currency: str) -> matching.Group:
    """One group, with or without usable credit."""
    of_group = Scope(frozenset([vendor_id]), entity_id, currency).credits
    apart = Apart.read(UUIDS, set(of_group.values_list("document_id", flat=True)))
    documents = Documents([vendor_id], entity_id, currency, apart, UUIDS)
    return documents.group((vendor_id, entity_id, currency))


def of_vendors(vendors: list[UUID], notes: Collection[UUID]) -> list[matching.Group]:
    """Every group of these vendors at once; `notes`: all of their credit notes that are open."""
    documents = Documents(vendors, None, "", Apart.read(UUIDS, notes), UUIDS)
    return [documents.group(key) for key in sorted(documents.credits)]


def _vendors(scope: Scope, after: Key | None) -> Iterator[list[UUID]]:
    """The vendors with usable credit, as many at a time as are read at once."""
    some: list[UUID] = []
    notes = 0
    for vendor, count in _counted(scope, after):
        some.append(vendor)
        notes += count
        if notes >= CREDITS or len(some) >= VENDORS:
            yield some
            some, notes = [], 0
    if some:
        yield some


def _counted(scope: Scope, after: Key | None) -> Iterator[tuple[UUID, int]]:
    """Each vendor with the number of its usable credit notes, in order."""
    rows = scope.credits.order_by("vendor_id").values_list("vendor_id").annotate(n=Count("*"))
    behind = rows.filter(vendor_id__gte=after[0]) if after else rows
    while some := list(behind[:AHEAD]):
        yield from some
        behind = rows.filter(vendor_id__gt=some[-1][0])
