"""A month as its page shows it: one statement per currency, every figure with its address."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clearing import labels, money, months
from clearing.models import InvoicePayable, Months, Movement, Paper, SyncRun
from clearing.queries import rereading
from clearing.queries.month_end.place import Place
from clearing.queries.rolling import (
    KINDS,
    LESS,
    STANDS,
    Figure,
    K,
    RollForward,
    roll_forward,
)

WORDS = {
    K.NEW: gettext_lazy("New"),
    K.CLEARED: gettext_lazy("Cleared"),
    K.UNDONE: gettext_lazy("Clearings undone"),
    K.CANCELLED: gettext_lazy("Cancelled"),
}


@dataclass(frozen=True)
class Line:
    """One line of a statement, its texts ready for the screen.

    value: the amount in the smallest unit; count: how many movements stand behind it.
    """

    words: str
    sign: str  # "+" or "−" before the words; empty for a moment
    part: bool  # of the line above, and not added
    number: str
    amount: str
    zero: bool
    local: str
    untranslated: str
    url: str
    value: int
    count: int


@dataclass(frozen=True)
class Statement:
    """One currency; `local` names the entity's own where that is another one, else empty."""

    currency: str
    local: str
    lines: list[Line]
    closing: Line


@dataclass(frozen=True)
class Page:
    """Everything the page of one month says."""

    name: str
    statements: list[Statement]
    rates: str  # what the values in the entity's own currency are; empty where there are none
    together: str  # the closing of all currencies in the entity's own, where there are several
    standing: months.Standing
    running: str
    unread: list[str]
    reread: str  # how often its closed documents are read again
    previous: tuple[str, str] | None  # name and address
    following: tuple[str, str] | None


def page_of(place: Place, month: date, *, locale: str) -> Page:
    """The page of an entity's month; five queries, whatever its size."""
    rolled = sorted(roll_forward(place.id, month), key=lambda one: one.currency != place.local)
    past, late = rereading.known(), _late(rolled)
    return Page(
        name=months.name(month),
        statements=[_statement(one, place, month, late, locale) for one in rolled],
        rates=_rates(rolled, place),
        together=_together(rolled, place, month, locale),
        standing=months.standing_in(
            Months.objects.filter(pk=place.id).first(), months.last_day(month)
        ),
        running=running(place, month),
        unread=_unread(place, month, past, locale),
        reread=past.delay(place.entity, month, locale),
        previous=_beside(place, month, -1),
        following=_beside(place, month, 1),
    )


def url_of(place: Place, month: date) -> str:
    return f"{reverse('month', args=[months.code(month)])}?{urlencode({'entity': place.id})}"


def running(place: Place, month: date) -> str:
    """That a month has not begun, or is not over; empty where it is."""
    if month > place.this_month:
        return _("%(month)s has not begun.") % {"month": months.name(month)}
    if not place.is_over(month, timezone.now()):
        return _("%(month)s is not over.") % {"month": months.name(month)}
    return ""


def _beside(place: Place, month: date, step: int) -> tuple[str, str] | None:
    """The month before or after, where there may be something to see."""
    if place.first is None or place.last is None:
        return None
    ends = (place.first, max(place.last, place.this_month))
    if step < 0:
        other = months.first_day(month - timedelta(days=1)) if month > ends[0] else None
    else:
        other = months.following(month) if month < ends[1] else None
    return (months.name(other), url_of(place, other)) if other else None


def _unread(place: Place, month: date, past: rereading.Known, locale: str) -> list[str]:
    """What Light was not asked for yet, or can no longer be asked for."""
    found = []
    whole = SyncRun.objects.filter(full=True, state=SyncRun.State.DONE)
    if not past.began and not whole.exists():
        found.append(
            _("Light's history was not read to its end yet: these figures will still change.")
        )
    if words := past.unread(month, locale):
        found.append(words)
    rest, gone = _not_known(place, month)
    if rest:
        found.append(
            ngettext(
                "What cleared %(n)d credit note was not read from Light: its day is assumed.",
                "What cleared %(n)d credit notes was not read from Light: their days are assumed.",
                rest,
            )
            % {"n": rest}
        )
    if gone:
        found.append(
            ngettext(
                "%(n)d clearing is on an invoice that Light no longer shows: whether it still "
                "stands cannot be read. It counts as it was read last.",
                "%(n)d clearings are on invoices that Light no longer shows: whether they still "
                "stand cannot be read. They count as they were read last.",
                gone,
            )
            % {"n": gone}
        )
    return found


def _not_known(place: Place, month: date) -> tuple[int, int]:
    """How much of the month counts as cleared by what was not read, and how many clearings on
    invoices that are gone in Light."""
    gone = InvoicePayable.objects.filter(gone_at__isnull=False, entity_id=place.in_movements)
    rows = Movement.objects.filter(entity_id=place.in_movements, month=month, kind=K.CLEARED)
    sums = rows.aggregate(
        rest=Sum(STANDS, filter=Q(clearing_id=None)),
        gone=Sum(STANDS, filter=Q(invoice_payable_id__in=gone.values("id"))),
    )
    return sums["rest"] or 0, sums["gone"] or 0


def _rates(rolled: list[RollForward], place: Place) -> str:
    if not place.local or all(one.currency == place.local for one in rolled):
        return ""
    return _(
        "In %(local)s: at the rate that Light booked each credit note with. "
        "What has no rate is not translated, and not in these values."
    ) % {"local": place.local}


def _together(rolled: list[RollForward], place: Place, month: date, locale: str) -> str:
    closings = [one.closing for one in rolled]
    if not place.local or len(closings) < 2:
        return ""
    words = _("All currencies together on %(day)s: %(amount)s.") % {
        "day": labels.day(months.last_day(month)),
        "amount": money.text(sum(one.local for one in closings), place.local, locale),
    }
    left_out = [one.currency for one in rolled if one.closing.untranslated and one.closing.amount]
    if left_out:
        words += " " + _("Without what has no rate in %(codes)s.") % {"codes": ", ".join(left_out)}
    return words


def frozen(paper: Paper, place: Place, *, locale: str) -> list[Statement]:
    """The roll-forward as a paper has kept it; no query."""
    rolled = [RollForward.kept(one) for one in paper.figures["rolled"]]
    rolled.sort(key=lambda one: one.currency != place.local)
    month, known = paper.month_end.month, str(paper.pk)
    return [_statement(one, place, month, _late(rolled), locale, known) for one in rolled]


def _late(rolled: list[RollForward]) -> set[K]:
    """The kinds of which something is back-dated in any currency."""
    return {kind for one in rolled for kind in KINDS if one.late[kind] != Figure()}


def _statement(
    one: RollForward, place: Place, month: date, late: set[K], locale: str, paper: str = ""
) -> Statement:
    """late: the kinds of which something is back-dated in any currency; all have their line."""
    build = _Lines(one.currency, place, month, locale, paper)
    before, after = labels.day(month), labels.day(months.last_day(month))
    lines = [build.moment("opening", _("Opening, %(day)s") % {"day": before}, one.opening)]
    for kind in KINDS:
        lines.append(build.moved(kind, one.moved[kind]))
        if kind in late:
            lines.append(build.late(kind, one.late[kind], one.moved[kind]))
    closing = build.moment("closing", _("Closing, %(day)s") % {"day": after}, one.closing)
    return Statement(one.currency, build.local, lines, closing)


class _Lines:
    """Makes the lines of one statement."""

    def __init__(
        self, currency: str, place: Place, month: date, locale: str, paper: str = ""
    ) -> None:
        self.currency, self.locale = currency, locale
        self.local = place.local if place.local != currency else ""  # of no entity: empty
        self.base = reverse("month_rows", args=[months.code(month)])
        self.query = {"entity": str(place.id), "currency": currency}
        self.query |= {"paper": paper} if paper else {}

    def moment(self, kind: str, words: str, figure: Figure) -> Line:
        """What is open then: how many movements led to it says nothing."""
        return self._line(words, "", figure, number="", kind=kind)

    def moved(self, kind: K, figure: Figure) -> Line:
        sign = "−" if kind in LESS else "+"
        number = self._count(figure)
        return self._line(str(WORDS[kind]), sign, figure, number=number, kind=kind.value)

    def late(self, kind: K, figure: Figure, of: Figure) -> Line:
        """The part of a figure; without a value where it is not known of all of it."""
        words, number = _("of these back-dated"), self._count(figure)
        line = self._line(words, "", figure, number=number, kind=kind.value, late="1")
        return replace(line, local="–") if of.untranslated else line

    def _count(self, figure: Figure) -> str:
        """Less than one where what was known in time is taken back, or replaced."""
        return money.plain(figure.number, "JPY", self.locale) if figure.number > 0 else ""

    def _untranslated(self, n: int, counted: bool) -> str:
        """That a value is not all of it; of a moment, how many movements lack one says nothing."""
        if not n or not self.local:
            return ""
        return _("%(n)d not translated") % {"n": n} if counted else _("without what has no rate")

    def _line(self, words: str, sign: str, figure: Figure, *, number: str, **query: str) -> Line:
        n = figure.untranslated
        none = n and n == figure.number and not figure.local
        return Line(
            words=words,
            sign=sign,
            part="late" in query,
            number=number,
            amount=money.text(figure.amount, self.currency, self.locale),
            zero=not figure.amount,
            local="–" if none else money.text(figure.local, self.local, self.locale),
            untranslated=self._untranslated(n, bool(number or "late" in query)),
            url=f"{self.base}?{urlencode(self.query | query)}",
            value=figure.amount,
            count=figure.number,
        )
