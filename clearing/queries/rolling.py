"""The roll-forward: what was open, what came and went, what is open then; per currency."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When

from clearing.models import MonthTotal, Movement

K = Movement.Kind
KINDS = (K.NEW, K.CLEARED, K.UNDONE, K.CANCELLED)
LESS = frozenset({K.CLEARED, K.CANCELLED})  # what is taken off, and so shown without its sign
STANDS = Case(When(takes_back=None, then=Value(1)), default=Value(-1))
OF_TOTALS = {
    "amount": F("amount"), "local": F("local"), "number": F("count"),
    "untranslated": F("without_rate"),
    "late_amount": F("late"), "late_local": F("late_local"), "late_number": F("late_count"),
}  # fmt: skip
LATE, NO_RATE = Q(late=True), Q(local=None)


@dataclass(frozen=True)
class Figure:
    """One figure: `amount` in the smallest unit of its currency, `local` in the entity's own.

    number: how many movements stand behind it; untranslated: those that have no `local`.
    """

    amount: int = 0
    local: int = 0
    number: int = 0
    untranslated: int = 0

    def and_(self, other: "Figure", sign: int = 1) -> "Figure":
        return Figure(
            self.amount + sign * other.amount,
            self.local + sign * other.local,
            self.number + other.number,
            self.untranslated + other.untranslated,
        )


NOTHING = Figure()


@dataclass(frozen=True)
class RollForward:
    """One currency of a period. By kind, as on paper: opening + new − cleared + undone − cancelled.

    late: the part of each kind that was known only after its month was over.
    """

    currency: str
    opening: Figure
    moved: dict[str, Figure]
    late: dict[str, Figure]

    @classmethod
    def kept(cls, data: Mapping[str, Any]) -> "RollForward":
        """From plain data, as papers keep it."""
        moved, late = (
            {kind: Figure(**figure) for kind, figure in data[part].items()}
            for part in ("moved", "late")
        )
        return cls(data["currency"], Figure(**data["opening"]), moved, late)

    @property
    def closing(self) -> Figure:
        found = self.opening
        for kind in KINDS:
            found = found.and_(self.moved[kind], -1 if kind in LESS else 1)
        return found


def roll_forward(entity_id: UUID, month: date) -> list[RollForward]:
    """Each currency of an entity's month, from the sums of its months; one query.

    entity_id: all zeros for credit notes that name none; month: its first day.
    """
    totals = MonthTotal.objects.filter(entity_id=entity_id, month__lte=month)
    return _rolled(totals, OF_TOTALS, Q(month__lt=month), Q(month=month))


def adding_up(movements: QuerySet[Movement], start: date, end: date) -> list[RollForward]:
    """The same from any movements and for any period, both days included; one query."""
    late = {name: (F(name), LATE) for name in ("amount", "local")}
    of: dict[str, Any] = {
        "amount": F("amount"), "local": F("local"), "number": STANDS,
        "untranslated": (STANDS, NO_RATE),
        "late_amount": late["amount"], "late_local": late["local"], "late_number": (STANDS, LATE),
    }  # fmt: skip
    return _rolled(movements.filter(day__lte=end), of, Q(day__lt=start), Q(day__gte=start))


def _rolled(rows: QuerySet, of: Mapping[str, Any], before: Q, within: Q) -> list[RollForward]:
    sums = {
        f"{part}_{name}": _sum(what, where)
        for part, where in (("before", before), ("within", within))
        for name, what in of.items()
    }
    by_currency: dict[str, list[dict[str, Any]]] = {}
    for row in rows.order_by("currency").values("currency", "kind").annotate(**sums):
        by_currency.setdefault(row["currency"], []).append(row)
    return [_of_currency(currency, found) for currency, found in by_currency.items()]


def _sum(what: Any, where: Q) -> Sum:
    expression, only = what if isinstance(what, tuple) else (what, Q())
    return Sum(expression, filter=where & only)


def _of_currency(currency: str, rows: list[dict[str, Any]]) -> RollForward:
    opening = NOTHING
    moved, late = ({kind.value: NOTHING for kind in KINDS} for _part in ("all", "late"))
    for row in rows:
        kind = row["kind"]
        sign = -1 if kind in LESS else 1
        opening = opening.and_(_figure(row, "before_"))
        moved[kind] = NOTHING.and_(_figure(row, "within_"), sign)
        late[kind] = NOTHING.and_(_figure(row, "within_late_"), sign)
    return RollForward(currency, opening, moved, late)


def _figure(row: Mapping[str, Any], part: str) -> Figure:
    return Figure(**{one.name: int(row.get(part + one.name) or 0) for one in fields(Figure)})
