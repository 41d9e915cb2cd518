"""Until when an approval is in time for the next payment, and who can give it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib.auth import get_user_model

from clearing import roles
from clearing.queries.today.days import working_day_before
from clearing.queries.today.payments import Row
from clearing.workflow import name_of

NAMED = 4  # approvers


@dataclass(frozen=True)
class Next:
    """The next payment; Light does not say when it closes one, so a working day is allowed for."""

    day: date
    is_due: bool  # Light has set no payment: it is the due date
    today: date

    @property
    def until(self) -> date:
        return working_day_before(self.day)

    @property
    def late(self) -> bool:
        return self.until < self.today

    @property
    def at_once(self) -> bool:
        return self.until == self.today


def next_payment(rows: Iterable[Row], today: date) -> Next | None:
    """The first payment from today on; None where none is near."""
    ahead = [(row.day, row.day_is_due) for row in rows if row.soon and row.day]
    days = [one for one in ahead if one[0] >= today]
    return Next(*min(days), today) if days else None


def approvers() -> tuple[list[str], int]:
    """The names of those who can approve a link, and how many more there are; one query."""
    groups = [
        name
        for name, rights in roles.RIGHTS.items()
        if "approve" in rights or "approve" in settings.EXTRA_RIGHTS.get(name, ())
    ]
    people = get_user_model().objects.filter(is_active=True, groups__name__in=groups)
    names = [name_of(one) for one in people.distinct().order_by("last_name", "username")[:100]]
    return names[:NAMED], max(len(names) - NAMED, 0)
