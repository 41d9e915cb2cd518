"""What waits for whom: lines for review, lines that came back, lists that somebody looks after."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, Max, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clearing import labels
from clearing.models import Instruction, InvoicePayable
from clearing.queries import (
    drafts,
    duplicates,
    exceptions,
    filed_wrong,
    in_flight,
    reopened,
    stopped,
    stuck,
    sums,
)
from clearing.queries.listing import count_words
from clearing.queries.sums import halves, whole
from clearing.queries.today import arrived, payments
from clearing.queries.today.figures import DAY, Key, Money, is_soon

BACK_FOR = timedelta(days=14)  # how long a line that was sent back stays on this page
SENT_BACK = ("rejected", "fallen", "refused", "not_applied")
BACK = 5  # rows of what came back
EXCEPTIONS, FILED = "exceptions", "filed"
LISTS: dict[str, tuple[str | Promise, str | Promise]] = {  # by URL name
    "drafts": (_("%(n)s draft to complete"), _("%(n)s drafts to complete")),
    "duplicates": (_("%(n)s possible duplicate"), _("%(n)s possible duplicates")),
    "filed_as_invoices": (
        _("%(n)s invoice that looks like a credit note"),
        _("%(n)s invoices that look like credit notes"),
    ),
    "reopened": (_("%(n)s invoice re-opened"), _("%(n)s invoices re-opened")),
}
STUCK: dict[str, tuple[str | Promise, str | Promise]] = {  # by name of queries.stuck.lists
    "due": (_("%(n)s follow-up of yours is due"), _("%(n)s follow-ups of yours are due")),
    "all_due": (_("%(n)s follow-up of anybody is due"), _("%(n)s follow-ups of anybody are due")),
    "undecided": (
        _("%(n)s credit open over 30 days without a decision"),
        _("%(n)s credits open over 30 days without a decision"),
    ),
}


@dataclass(frozen=True)
class Back:
    """Lines of one of my proposals that came back, by what happened."""

    proposal_id: int
    label: labels.Label
    lines: int
    currency: str
    total: int


@dataclass(frozen=True)
class ToDo:
    """A list that is not empty: how much stands on it in words, and where it is."""

    words: str
    url: str


@dataclass
class Waiting:
    """Lines that wait for review, and lines that came back to this person."""

    others_lines: int = 0  # proposed by others
    my_lines: int = 0
    back: list[Back] = field(default_factory=list)
    more_back: int = 0
    under_way: Counter[str] = field(default_factory=Counter)  # approved and not final, by state
    checked_by: datetime | None = None  # when the last of those being checked will be told
    lines_of: Counter[Key] = field(default_factory=Counter)  # waiting, by group
    proposals_of: dict[Key, set[int]] = field(default_factory=lambda: defaultdict(set))


def waiting(user: Any, moneys: dict[str, Money], *, day: date, now: datetime) -> Waiting:
    """Who waits for whom; adds the sums to the figures of each currency. One query."""
    found = Waiting()
    for row in _lines(user, day, now):
        if row["state"] == Instruction.State.PROPOSED:
            _add(row, found, moneys, mine=row["asked_by"] == user.pk)
        elif row["state"] in in_flight.UNDER_WAY:
            found.under_way[row["state"]] += row["n"]
            if row["state"] == Instruction.State.UNKNOWN and row["until"]:
                found.checked_by = max(found.checked_by or row["until"], row["until"])
        else:
            found.back.append(
                Back(row["proposal_id"], labels.line(row["state"]), row["n"], row["currency"],
                     whole(row, "amount"))
            )  # fmt: skip
    found.more_back = max(len(found.back) - BACK, 0)
    found.back = found.back[:BACK]
    return found


def _lines(user: Any, day: date, now: datetime) -> Iterable[Mapping[str, Any]]:
    """Lines that wait or came back, summed by proposal and state."""
    came_back = Q(asked_by=user, state__in=SENT_BACK, dealt_at=None, changed_at__gt=now - BACK_FOR)
    invoices = InvoicePayable.objects.annotate(pays=DAY).filter(is_soon(day))
    soon = Q(Exists(invoices.filter(pk=OuterRef("invoice_payable_id"))), kind=Instruction.Kind.LINK)
    group = ("proposal__vendor_id", "proposal__entity_id")
    return (
        Instruction.objects.filter(Q(state__in=Instruction.OPEN) | came_back)
        .annotate(is_soon=Case(When(soon, then=Value(1)), default=Value(0)))
        .values("proposal_id", "state", "currency", "asked_by", "is_soon", *group)
        .annotate(n=Count("id"), until=Max("quarantine_until"), **halves("amount"))
        .order_by("-proposal_id", "state", "is_soon")
    )


def _add(row: Mapping[str, Any], found: Waiting, moneys: dict[str, Money], *, mine: bool) -> None:
    total, n, currency = whole(row, "amount"), row["n"], row["currency"]
    one = moneys.setdefault(currency, Money(currency))
    one.waiting += total
    one.waiting_lines += n
    one.keeps += total if row["is_soon"] else 0
    key = (row["proposal__vendor_id"], row["proposal__entity_id"], currency)
    found.lines_of[key] += n
    found.proposals_of[key].add(row["proposal_id"])
    if mine:
        found.my_lines += n
    else:
        found.others_lines += n


def under_way(found: Waiting) -> list[ToDo]:
    """What was approved and is not final: nothing of it is done, and each says where it is."""
    counts, states = found.under_way, Instruction.State
    on_its_way = counts[states.READY] + counts[states.SENDING]
    by = in_flight.promised(found.checked_by, stopped.now()) if found.checked_by else ""
    checking = (
        _("%(n)s line: Light has not confirmed it yet. We are checking."),
        _("%(n)s lines: Light has not confirmed them yet. We are checking."),
    )
    if by:
        checking = (
            _(
                "%(n)s line: Light has not confirmed it yet. We are checking and will tell you by "
                "%(by)s."
            ),
            _(
                "%(n)s lines: Light has not confirmed them yet. We are checking and will tell you "
                "by %(by)s."
            ),
        )
    sending, odd = f"{reverse('proposals')}?show=sending", reverse("exceptions")
    shown = (
        (on_its_way, _("%(n)s approved line is on its way to Light"),
         _("%(n)s approved lines are on their way to Light"), sending),
        (counts[states.UNKNOWN], *checking, f"{odd}?kind=unknown"),
        (counts[states.NEEDS_PERSON], _("%(n)s line needs a decision"),
         _("%(n)s lines need a decision"), f"{odd}?kind=needs_person"),
    )  # fmt: skip
    return [
        ToDo(str(one if n == 1 else many) % {"n": n, "by": by}, url)
        for n, one, many, url in shown
        if n
    ]


def show(rows: Iterable[payments.Row], found: Waiting) -> None:
    """Beside each vendor's row the lines that wait for review, and where they are."""
    for row in rows:
        proposals = found.proposals_of.get(row.key, set())
        row.waiting = found.lines_of[row.key]
        if len(proposals) == 1:
            row.waiting_url = reverse("proposal", args=[*proposals])
        elif proposals:
            row.waiting_url = reverse("proposals")


def counts(user: Any, day: date) -> dict[str, int]:
    """How much stands on each list, at most sums.MOST + 1; one query."""
    lists: dict[str, list[QuerySet[Any]]] = {
        **{name: [rows] for name, (rows, _url) in stuck.lists(user).items()},
        "drafts": [drafts.drafts()],
        "duplicates": [duplicates.pairs()],
        "filed_as_invoices": [filed_wrong.matching()],
        "reopened": [reopened.matching()],
        FILED: [arrived.filed_since(day)],
        EXCEPTIONS: [
            exceptions.lines(), exceptions.links(), exceptions.clearings(), exceptions.edits(),
        ],
    }  # fmt: skip
    parts = [_count(code, rows) for code, found in lists.items() for rows in found]
    found: Counter[str] = Counter()
    for code, n in parts[0].union(*parts[1:], all=True):
        found[code] += n
    return found


def _count(code: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """One row: the code, and how many there are."""
    few = rows.order_by().values("pk")[: sums.MOST + 1]
    found = rows.model._default_manager.filter(pk__in=few).order_by()
    return found.annotate(code=Value(code)).values("code").annotate(n=Count("pk")).values_list(
        "code", "n"
    )  # fmt: skip


def to_do(user: Any, counts: Mapping[str, int], locale: str) -> list[ToDo]:
    """The lists that wait for somebody; follow-ups of others only where there are more of them."""
    urls = {name: url for name, (_rows, url) in stuck.lists(user).items()}
    shown = {name: counts.get(name, 0) for name in (*STUCK, *LISTS)}
    shown["all_due"] *= shown["all_due"] > shown["due"]
    return [
        ToDo(
            str(one if n == 1 else many) % {"n": count_words(n, locale)},
            urls.get(name) or reverse(name),
        )
        for name, (one, many) in (STUCK | LISTS).items()
        if (n := shown[name])
    ]
