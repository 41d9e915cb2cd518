"""A batch: proposals of several vendors that are reviewed together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, money
from clearing.models import Batch, Instruction, Proposal
from clearing.queries import review, sums
from clearing.queries.line_states import COUNTED, state_counts
from clearing.queries.lines import Line

S = Instruction.State


@dataclass(frozen=True)
class Member:
    """One proposal of a batch, its texts ready for the screen."""

    number: int
    url: str
    vendor: str
    words: str
    states: list[tuple[labels.Label, int]]
    waits: int
    odd: int


@dataclass(frozen=True)
class Row:
    """What a list of proposals says of a batch; `totals` of the lines that the list counts."""

    vendors: str
    lines: str
    states: list[tuple[labels.Label, int]]
    totals: list[str]


def lines_of(batch: Batch) -> list[Instruction]:
    """Its lines in order, with the people and their proposals."""
    return list(
        Instruction.objects.filter(proposal__batch=batch)
        .select_related("asked_by", "approved_by", "dealt_by", "proposal")
        .order_by("proposal_id", "position", "pk")
    )


def members(rows: Iterable[Line], locale: str) -> list[Member]:
    """The proposals of these lines, those that wait first."""
    by_proposal: dict[int, list[Line]] = defaultdict(list)
    for row in rows:
        by_proposal[row.proposal_id].append(row)
    found = [
        Member(
            number=number,
            url=reverse("proposal", args=[number]),
            vendor=of[0].vendor or _("No vendor"),
            words=review.words_of(of, locale, short=True),
            states=state_counts(row.state for row in of),
            waits=sum(row.waiting for row in of),
            odd=sum(row.is_exception for row in of),
        )
        for number, of in by_proposal.items()
    ]
    return sorted(found, key=lambda one: not one.waits)


def vendors_words(rows: Iterable[Line]) -> str:
    """For how many vendors: "12 vendors"."""
    return _vendors(len({row.proposal_id for row in rows}))


def _vendors(n: int) -> str:
    return ngettext("%(n)d vendor", "%(n)d vendors", n) % {"n": n}


# --- in the list of proposals --------------------------------------------------------------------
def first_of_each(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Each proposal by itself, and of each batch the first that is among them."""
    first = proposals.exclude(batch=None).order_by().values("batch").annotate(first=Min("pk"))
    return proposals.filter(Q(batch=None) | Q(pk__in=first.values("first")))


def of_list(ids: Iterable[int], *, show: str, locale: str) -> dict[int, Row]:
    """By batch, what a list says of it; one query, none where there is no batch."""
    ids = list(ids)
    if not ids:
        return {}
    lines = Instruction.objects.filter(proposal__batch__in=ids).order_by()
    groups = lines.values("proposal__batch", "proposal", "state", "currency", "kind")
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in groups.annotate(n=Count("pk"), **sums.halves("amount")):
        found[row["proposal__batch"]].append(dict(row))
    return {batch: _row(of, show, locale) for batch, of in found.items()}


def _row(groups: list[dict[str, Any]], show: str, locale: str) -> Row:
    counted, states = COUNTED.get(show, tuple(S.values)), []
    totals: dict[str, int] = defaultdict(int)
    for one in groups:
        states += [one["state"]] * one["n"]
        if one["state"] in counted and one["kind"] == Instruction.Kind.LINK:
            totals[one["currency"]] += sums.whole(one, "amount")
    n = len(states)
    return Row(
        vendors=_vendors(len({one["proposal"] for one in groups})),
        lines=ngettext("%(n)d line", "%(n)d lines", n) % {"n": n},
        states=state_counts(states),
        totals=[money.text(totals[code], code, locale) for code in sorted(totals)],
    )
