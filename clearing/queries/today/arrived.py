"""What came in since the end of the last working day, in parts that add up; each is a list."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clearing import causes, matching
from clearing.models import Balance, CreditNote, Outlook, Suspicion
from clearing.queries import duplicates, filed_wrong
from clearing.queries.today.days import end_of

FILED = "filed"
FILED_WORDS = _("Filed as invoices")
PARTS: dict[str, str | Promise] = {  # of new credit notes, as the list's filter names them
    "certain": _("Certain match"),
    "likely": _("Likely match"),
    "possible": _("Possible match"),
    "draft": _("Drafts to complete"),
    "stuck": _("Can't be used yet"),
    "twins": _("Possible duplicates"),
    "used": _("Planned, held or used"),
    "unread": _("Still being looked at"),
}
COLOURS = {
    "certain": "b-good", "likely": "b-info", "possible": "b-planned", "draft": "b-open",
    "stuck": "b-warn", "twins": "b-bad", FILED: "b-bad", "used": "b-mute", "unread": "b-mute",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part of the bar; `x` and `width` in percent."""

    words: str | Promise
    n: int
    url: str
    colour: str
    x: str
    width: str


@dataclass(frozen=True)
class Arrived:
    """What came in since then."""

    since: datetime
    count: int
    parts: list[Part]


def new(notes: QuerySet[CreditNote], since: datetime) -> QuerySet[CreditNote]:
    """Those of these notes that Light has since that time, where it says so; else the copy."""
    arrived = Coalesce("created_in_light_at", "first_seen_at")
    return (
        notes.annotate(arrived_at=arrived)
        .filter(changed_at__gt=since, arrived_at__gt=since, gone_at=None)
        .exclude(adjusts_payables=False)
    )


def only(notes: QuerySet[Any], part: str, day: date) -> QuerySet[Any]:
    """The new notes of one part; new since the end of that day."""
    return _in_parts(new(notes, end_of(day))).filter(part=part)


def _in_parts(notes: QuerySet[Any]) -> QuerySet[Any]:
    """Each note with its one `part`."""
    outlook = Outlook.objects.filter(credit_note_id=OuterRef("pk")).exclude(cause=causes.IN_REVIEW)
    twins = duplicates.pairs().filter(Q(one_id=OuterRef("pk")) | Q(other_id=OuterRef("pk")))
    free = Balance.objects.filter(document_id=OuterRef("pk"), available__gt=0)
    notes = notes.annotate(
        strength=Subquery(outlook.values("strength")[:1], output_field=IntegerField())
    )
    return notes.annotate(
        part=Case(
            When(Exists(twins), then=Value("twins")),
            When(status="DRAFT", then=Value("draft")),
            When(strength=matching.CERTAIN, then=Value("certain")),
            When(strength=matching.LIKELY, then=Value("likely")),
            When(strength=matching.POSSIBLE, then=Value("possible")),
            When(strength=0, then=Value("stuck")),
            When(Exists(free), then=Value("unread")),
            default=Value("used"),
            output_field=TextField(),
        )
    )


def count(day: date) -> dict[str, int]:
    """How many notes came in since the end of that day, by part; one query."""
    rows = _in_parts(new(CreditNote.objects.all(), end_of(day))).order_by().values("part")
    return {row["part"]: row["n"] for row in rows.annotate(n=Count("pk"))}


def arrived(day: date, *, filed: int) -> Arrived:
    """The bar of what came in since the end of that day; `filed`: as invoices."""
    found = count(day)
    total = sum(found.values()) + filed
    parts, x = [], 0
    for name, words in PARTS.items():
        if n := found.get(name, 0):
            query = urlencode({"arrived": name, "since": day.isoformat()})
            parts.append(_part(name, words, n, f"{reverse('credit_notes')}?{query}", x, total))
            x += n
    if filed:
        parts.append(_part(FILED, FILED_WORDS, filed, reverse("filed_as_invoices"), x, total))
    return Arrived(end_of(day), total, parts)


def _part(name: str, words: str | Promise, n: int, url: str, before: int, total: int) -> Part:
    return Part(words, n, url, COLOURS[name], _percent(before, total), _percent(n, total))


def _percent(n: int, total: int) -> str:
    return f"{100 * n / total:.2f}"


def filed_since(day: date) -> QuerySet[Suspicion]:
    """Invoices that look like credit notes, seen since the end of that day."""
    return filed_wrong.matching().filter(at__gt=end_of(day))
