"""What the first page reads: whom Light pays next, what was paid, what came in, who waits.

figures: per currency; payments, paid: vendor by vendor; arrived: new documents; waiting: lines
and lists; in_time: until when to approve. Amounts are in the smallest unit and never summed
across currencies. Nine queries, whatever the size of the books.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clearing.models import SyncRun
from clearing.queries.today import arrived as arriving
from clearing.queries.today import figures, in_time, paid, payments
from clearing.queries.today import waiting as waits
from clearing.queries.today.days import working_day_before

LARGE = 3  # sentences in large type
LATER = 5  # rows of what is paid later than within a week
PAID = 5  # rows of what was paid


@dataclass(frozen=True)
class Today:
    """The first page."""

    moneys: list[figures.Money]
    soon: list[payments.Row]
    later: list[payments.Row]
    more: int  # vendors with credit to use that are not among the rows
    next: in_time.Next | None
    approvers: list[str]
    more_approvers: int
    paid: list[paid.Row]
    more_paid: int
    lost: int  # of all that were paid, those whose planned credit was not used
    arrived: arriving.Arrived
    waiting: waits.Waiting
    exceptions: int
    to_do: list[waits.ToDo]
    under_way: list[waits.ToDo]

    @property
    def first(self) -> list[figures.Money]:
        """The currencies that are said in large type: those with payments ahead, or the first."""
        return [one for one in self.moneys if one.paying][:LARGE] or self.moneys[:1]

    @property
    def others(self) -> list[figures.Money]:
        return [one for one in self.moneys if one not in self.first]

    @property
    def keeping(self) -> list[figures.Money]:
        """The currencies in which something waits for review that is about to be paid."""
        return [one for one in self.moneys if one.keeps]


def today(user: Any, *, day: date, now: datetime, locale: str) -> Today:
    """Everything on the first page but the state of the first sync."""
    groups = figures.groups(day)
    moneys = groups.moneys()
    rows = payments.rows(groups, day)
    payments.add(rows, moneys)
    waiting = waits.waiting(user, moneys, day=day, now=now)
    listed = payments.shown(rows, later=LATER)
    waits.show(listed, waiting)
    names, more_names = in_time.approvers()
    went = paid.rows(groups.free, day)
    counts = waits.counts(user, working_day_before(day))
    return Today(
        moneys=_shown(moneys.values()),
        soon=[row for row in listed if row.soon],
        later=[row for row in listed if not row.soon],
        more=len({key[0] for key in groups.both.keys() - {row.key for row in listed}}),
        next=in_time.next_payment(rows, day),
        approvers=names,
        more_approvers=more_names,
        paid=went[:PAID],
        more_paid=max(len(went) - PAID, 0),
        lost=sum(row.lost > 0 for row in went),
        arrived=arriving.arrived(working_day_before(day), filed=counts[waits.FILED]),
        waiting=waiting,
        exceptions=counts[waits.EXCEPTIONS],
        to_do=waits.to_do(user, counts, locale),
        under_way=waits.under_way(waiting),
    )


def _shown(moneys: Any) -> list[figures.Money]:
    """Currencies with something to say: those with payments ahead, then by vendors."""
    known = [one for one in moneys if one.free or one.waiting_lines or one.paying]
    return sorted(known, key=lambda one: (-len(one.paying), -len(one.vendors), one.currency))


def first_sync() -> SyncRun | None:
    """The last sync run; asked only while there is nothing to show."""
    return SyncRun.objects.first()
