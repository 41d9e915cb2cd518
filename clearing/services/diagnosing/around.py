"""What the notes of some vendors are judged by: the engine's word, and the invoices elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Max, Q
from django.utils import timezone

from clearing import causes, matching, twins, usable
from clearing.known import answers
from clearing.models import (
    Balance,
    Clearing,
    CreditNote,
    Declined,
    InvoicePayable,
    Suspicion,
)
from clearing.services import grouping

Key = tuple[UUID, UUID | None, str]  # vendor, entity, currency
Place = tuple[UUID | None, str]  # entity, currency
Where = tuple[UUID | None, UUID | None, str]  # vendor, entity, currency
COLUMNS = ("id", "vendor_id", "entity_id", "currency", "state", "amount", "invoice_number")
SETTLED = ("PAID", "COMPLETED", "CANCELLED", "CANCELLATION_PENDING", "DECLINED", "DUPLICATED")
CAN_TAKE = usable.USABLE | usable.USABLE_WITH_WARNING


class Best(NamedTuple):
    """The strength of a note's best suggestion, and the sum of all."""

    strength: int
    amount: int


@dataclass
class Open:
    """What is open of a vendor in one place; `most` where some of it was not read yet."""

    amount: int = 0
    most: bool = False

    def add(self, amount: int, available: int | None) -> None:
        self.amount += max(amount if available is None else available, 0)
        self.most = self.most or available is None

    def as_data(self) -> dict[str, Any]:
        return {"open": self.amount} | ({"most": True} if self.most else {})


@dataclass
class Around:
    """By note and by group; everything is read in at most fourteen queries."""

    best: dict[UUID, Best] = field(default_factory=dict)
    unused: dict[UUID, matching.Unused] = field(default_factory=dict)
    groups: dict[Key, matching.Group] = field(default_factory=dict)
    open: dict[UUID | None, dict[Place, Open]] = field(default_factory=lambda: defaultdict(dict))
    resting: dict[Where, dict[str, Any]] = field(default_factory=dict)
    twins: dict[UUID, CreditNote] = field(default_factory=dict)
    declined: set[tuple[UUID, UUID]] = field(default_factory=set)

    @classmethod
    def of(cls, notes: list[Any]) -> "Around":
        found = cls()
        vendors = {note.vendor_id for note in notes if note.vendor_id}
        ids = [note.id for note in notes]
        if vendors:
            found._match(vendors, ids)
            found._read_invoices(vendors)
            found.twins = _twins(ids)
            rows = Declined.objects.filter(credit_note_id__in=ids)
            found.declined = set(rows.values_list("credit_note_id", "invoice_payable_id"))
        return found

    def _match(self, vendors: set[UUID], notes: list[UUID]) -> None:
        """Run the engine over every group of these vendors."""
        for group in grouping.of_vendors(sorted(vendors), notes):
            key: Key = group.key  # type: ignore[assignment]
            result = matching.match(group, grouping.rules(key[2]))
            self.groups[key] = group
            for one in result.suggestions:
                so_far = self.best.get(one.credit_id, Best(0, 0))
                self.best[one.credit_id] = Best(
                    max(so_far.strength, one.strength), so_far.amount + one.amount
                )
            self.unused |= {one.credit_id: one for one in result.unused}

    def _read_invoices(self, vendors: set[UUID]) -> None:
        """What is open of each vendor, and one invoice per group that can't take credit now.

        Light is asked for the open amounts of groups with credit only: elsewhere an invoice
        counts with its amount, which is the most that can be open.
        """
        known = dict(
            Balance.objects.filter(vendor_id__in=vendors, kind=Balance.Kind.INVOICE).values_list(
                "document_id", "available"
            )
        )
        invoices = InvoicePayable.objects.filter(
            vendor_id__in=vendors, type="VENDOR_INVOICE", gone_at=None
        ).exclude(state__in=SETTLED)
        closed = frozenset() if answers().posted_linkable else usable.POSTED
        rows = invoices.order_by("-due_day", "-pk").values_list(*COLUMNS)
        for id, vendor, entity, currency, state, amount, number in rows:
            available, place = known.get(id), (entity, currency)
            can_take = state in CAN_TAKE - closed
            if not can_take or available is None:
                one = InvoicePayable(id=id, invoice_number=number)
                rests = {"id": str(id), "number": str(one), "state": state}
                rests |= {"posted": True} if state in CAN_TAKE & closed else {}
                self.resting[vendor, *place] = rests
            if can_take and amount:
                self.open[vendor].setdefault(place, Open()).add(amount, available)

    def elsewhere(self, note: Any) -> tuple[str, dict[str, Any]]:
        """Why nothing is open where this note is: it rests, or it is open somewhere else."""
        here = (note.vendor_id, note.entity_id, note.currency)
        if here in self.resting:
            return causes.PAUSED, self.resting[here]
        places = self.open.get(note.vendor_id, {})
        most = sorted(places, key=lambda place: (-places[place].amount, str(place)))
        for place in (one for one in most if places[one].amount > 0):
            entity, currency = place
            if currency == note.currency and entity != note.entity_id:
                return causes.OTHER_ENTITY, {"entity": str(entity)} | places[place].as_data()
        for place in (one for one in most if places[one].amount > 0):
            if place[1] != note.currency:
                return causes.OTHER_CURRENCY, {"currency": place[1]} | places[place].as_data()
        return causes.NO_INVOICE, {}

    @staticmethod
    def add_payments(said: Mapping[UUID, Any]) -> None:
        """Number and day of payment of the invoices that are cited though they are settled."""
        about = [one.details for one in said.values() if one and one.cause == causes.CITES_PAID]
        ids = {UUID(details["id"]) for details in about}
        if not ids:
            return
        paid = dict(
            Clearing.objects.filter(invoice_payable_id__in=ids, gone_at=None)
            .values_list("invoice_payable_id")
            .annotate(Max("payment_date"))
        )
        for one in InvoicePayable.objects.filter(pk__in=ids):
            day = paid.get(one.pk) or (
                timezone.localtime(one.payment_at).date() if one.payment_at else None
            )
            for details in about:
                if details["id"] == str(one.pk):
                    details["number"] = str(one)
                    details["paid_on"] = day.isoformat() if day else ""


def _twins(ids: Iterable[UUID]) -> dict[UUID, CreditNote]:
    """By note the other one of a pair that nobody has answered."""
    wanted = set(ids)
    about = Q(one_id__in=wanted) | Q(other_id__in=wanted)
    found = Suspicion.objects.filter(about, kind=Suspicion.Kind.TWINS).order_by("-at", "-id")
    pairs = list(found.values_list("one_id", "other_id"))
    answered = twins.answered(pairs) if pairs else set()
    other: dict[UUID, UUID] = {}
    for pair in pairs:
        if pair not in answered:
            other |= {a: b for a, b in (pair, pair[::-1]) if a in wanted}
    names = CreditNote.objects.in_bulk(set(other.values())) if other else {}
    return {note: names[twin] for note, twin in other.items() if twin in names}
