"""How far reading the past is, and how often closed documents are read again: in sentences."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, money, months
from clearing.models import Entity, HistoryReading, InvoicePayable

FIRST, NIGHT = HistoryReading.Kind


@dataclass(frozen=True)
class Page:
    """What the page about reading Light says of it; empty sentences where there is nothing."""

    past: str = ""
    running: bool = False
    asked: int = 0
    expected: int = 0
    nights: str = ""
    last: str = ""
    left_out: str = ""


def page(locale: str) -> Page:
    """Three queries."""
    row = HistoryReading.objects.filter(kind=FIRST).first()
    nights = list(HistoryReading.objects.filter(kind=NIGHT).order_by("-day")[:2])
    read = [one for one in nights if one.requests]
    return Page(
        past=_past(row, locale) if row else "",
        running=bool(row and row.started_at and not row.finished_at),
        asked=min(row.requests, row.expected) if row else 0,
        expected=row.expected if row else 0,
        nights=_every_so_often(nights[0] if nights else None, locale),
        last=_last(read[0], locale) if read else "",
        left_out=_left_out(locale),
    )


def _left_out(locale: str) -> str:
    rows = InvoicePayable.objects.filter(payments_unanswered_at__isnull=False, gone_at=None)
    number = rows.count()
    if not number:
        return ""
    words = ngettext(
        "%(n)s invoice did not answer and was left out; it is asked again by night.",
        "%(n)s invoices did not answer and were left out; they are asked again by night.",
        number,
    )
    return words % {"n": _number(number, locale)}


def _number(number: int, locale: str) -> str:
    return money.plain(number, "JPY", locale)


def _past(row: HistoryReading, locale: str) -> str:
    if row.finished_at:
        words = _("What was cleared since %(since)s was read on %(day)s: %(asked)s requests.")
    elif row.started_at:
        words = _(
            "What was cleared since %(since)s: %(asked)s of at most %(all)s invoices asked; "
            "%(left)s left at your Light's pace (%(pace)s requests a minute, shared)."
        )
    else:
        words = _(
            "What was cleared since %(since)s is read after this: at most %(all)s requests, "
            "%(left)s at your Light's pace (%(pace)s requests a minute, shared)."
        )
    return words % {
        "since": labels.day(row.since),
        "day": labels.day(timezone.localtime(row.finished_at or row.planned_at).date()),
        "asked": _number(row.requests, locale),
        "all": _number(row.expected, locale),
        "left": _minutes(max(row.expected - row.requests, 0)),
        "pace": _number(settings.LIGHT_REQUESTS_PER_MINUTE, locale),
    }


def _minutes(requests: int) -> str:
    minutes = math.ceil(requests / max(settings.LIGHT_REQUESTS_PER_MINUTE, 1))
    if minutes < 120:
        words = ngettext("about %(n)d minute", "about %(n)d minutes", minutes)
        return words % {"n": max(minutes, 1)}
    return _("about %(n)d hours") % {"n": math.ceil(minutes / 60)}


def _every_so_often(row: HistoryReading | None, locale: str) -> str:
    """How long it may take until something that Light undid without a sign is found."""
    if settings.ROTATION_REQUESTS <= 0:
        return _("Closed documents are not read again by night: ROTATION_REQUESTS is 0.")
    if row is None:
        return ""
    number = max(math.ceil(row.expected / settings.ROTATION_REQUESTS), 1)
    often = ngettext("every night", "every %(n)d nights", number) % {"n": number}
    return _(
        "Closed documents since %(since)s are read again %(often)s (%(all)s invoices, at most "
        "%(most)s a night, %(hours)s %(zone)s): what Light undid without a sign is found then."
    ) % {
        "since": labels.day(row.since),
        "often": often,
        "all": _number(row.expected, locale),
        "most": _number(settings.ROTATION_REQUESTS, locale),
        "hours": settings.ROTATION_HOURS.replace("-", "–"),
        "zone": settings.TIME_ZONE,
    }


def _last(row: HistoryReading, locale: str) -> str:
    return _("In the night of %(day)s: %(asked)s asked, news of %(changed)s.") % {
        "day": labels.day(row.day),
        "asked": _number(row.requests, locale),
        "changed": _number(row.changed, locale),
    }


@dataclass(frozen=True)
class Known:
    """What a month's page needs of it."""

    first: HistoryReading | None
    night: HistoryReading | None

    @property
    def began(self) -> bool:
        """The past is read only after Light was read as a whole."""
        return self.first is not None and self.first.started_at is not None

    def unread(self, month: date, locale: str) -> str:
        """That the clearings of a month are not all read yet; empty where they are."""
        row = self.first
        if row is None or row.finished_at or month > row.day:
            return ""
        words = _(
            "Clearings before %(day)s are still being read: %(asked)s of at most %(all)s invoices "
            "were asked for them."
        )
        return words % {
            "day": labels.day(row.day),
            "asked": _number(row.requests, locale),
            "all": _number(row.expected, locale),
        }

    def delay(self, entity: Entity | None, month: date, locale: str) -> str:
        """How often the closed documents of this month are read again."""
        if month < months.watched(entity, timezone.now()):
            words = _("Closed documents of %(month)s are not read again any more.")
            return words % {"month": months.name(month)}
        return _every_so_often(self.night, locale)


def known() -> Known:
    """One query."""
    lately = timezone.now().date() - timedelta(days=3)
    rows = HistoryReading.objects.filter(Q(kind=FIRST) | Q(kind=NIGHT, day__gte=lately))
    found = {row.kind: row for row in rows.order_by("day")}
    return Known(found.get(FIRST), found.get(NIGHT))
