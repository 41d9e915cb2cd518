"""Below the roll-forward: why it is open, the ledger, the lists, the signatures; from a paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clearing import labels, money, roles, signable
from clearing.models import MonthEnd, Paper, Reopening, Signature
from clearing.pictures import Ageing
from clearing.queries import papers
from clearing.queries.month_end.changed import Changes, changes
from clearing.queries.month_end.pictured import ageing
from clearing.queries.month_end.place import At, Place, address
from clearing.queries.papers import HANDED_OVER, LISTS, OPEN, WHY
from clearing.queries.papers.open_credit import NOTHING

SOON = timedelta(seconds=10)  # a paper wanted by then is worth asking for again
PLACES = {
    Signature.PREPARED: gettext_lazy("Prepared by"),
    Signature.REVIEWED: gettext_lazy("Reviewed by"),
}


@dataclass(frozen=True)
class Part:
    """One reason why credit of a currency is open."""

    words: str
    amount: str
    number: str
    url: str
    bad: bool


@dataclass(frozen=True)
class Tie:
    """One currency against the ledger. Texts; `figure` is empty until somebody has entered it."""

    currency: str
    closing: str
    figure: str
    difference: str
    explained: str
    words: str
    left: str  # of the difference, not explained; empty where it ties
    who: str
    url: str
    parts: list[Part]
    picture: Ageing | None  # None where nothing is open


@dataclass(frozen=True)
class Listed:
    """One list to hand over."""

    title: str
    about: str
    number: str
    totals: list[str]
    url: str


@dataclass(frozen=True)
class Signed:
    """One signature, or the place for one (`who` is empty)."""

    words: str
    who: str
    at: datetime | None


@dataclass(frozen=True)
class Closing:
    """What a month's page says beside the roll-forward. `paper` is None until one was made."""

    paper: Paper | None
    as_of: datetime | None
    waits: bool  # a newer one is on its way: ask again soon
    stale: bool
    problem: str
    possible: bool  # the month has begun
    ties: list[Tie]
    lists: list[Listed]
    blocking: list[Listed]
    obstacles: list[str]
    signatures: list[Signed]
    reopened: Reopening | None
    overtaken: list[Signature]  # under figures that have changed before the second signature
    never: str  # why this person cannot sign now
    changes: Changes | None
    url: str

    @property
    def is_signed(self) -> bool:
        return self.paper is not None and all(one.who for one in self.signatures)

    @property
    def can_enter(self) -> bool:
        """Whether the ledger's figure may still be entered: not under two signatures."""
        return not self.is_signed

    @property
    def has_signature(self) -> bool:
        return any(one.who for one in self.signatures)


def closing_of(
    place: Place, month: date, end: MonthEnd | None, *, now: datetime, by: Any, locale: str,
    stale: bool = False,
) -> Closing:  # fmt: skip
    """Of the newest paper of the month. `end`: its row, with what was wanted of the worker; None
    for a month that has none. stale: something has changed since.
    """
    made = Paper.objects.filter(month_end=end).order_by("-pk").first() if end else None
    reopened = Reopening.objects.filter(paper=made).first() if made else None
    signatures = list(made.signatures.all()) if made and not reopened else []
    full = len(signatures) == len(Signature.PLACES)
    obstacles = [] if full or made is None else _obstacles(place, month, made, now, locale)
    at = At(place, month, locale)
    return Closing(
        paper=made,
        as_of=made.made_at if made and signatures else end.checked_at if end else None,
        waits=bool(end and end.wanted_at and end.wanted_at <= now + SOON and not full),
        stale=stale and not signatures,
        problem=end.problem if end else "",
        possible=end is not None,
        ties=_ties(made.figures, at) if made else [],
        lists=[_listed(made, one.key, at) for one in HANDED_OVER] if made else [],
        blocking=_blocking(made, at) if made and not full else [],
        obstacles=obstacles,
        signatures=_signed(signatures),
        reopened=reopened,
        overtaken=_overtaken(end) if made and not signatures else [],
        never=_never(signatures, obstacles, by),
        changes=changes(made, locale) if made and signatures else None,
        url=address("month", place, month),
    )


@dataclass(frozen=True)
class Kept:
    """A paper as it was, beside its roll-forward."""

    ties: list[Tie]
    lists: list[Listed]
    signatures: list[Signed]
    reopened: Reopening | None
    changes: Changes


def kept(paper: Paper, place: Place, *, locale: str) -> Kept:
    """Of the figures that stand in it."""
    at = At(place, paper.month_end.month, locale, str(paper.pk))
    return Kept(
        ties=_ties(paper.figures, at),
        lists=[_listed(paper, one.key, at) for one in HANDED_OVER],
        signatures=_signed(list(paper.signatures.all())),
        reopened=Reopening.objects.filter(paper=paper).first(),
        changes=changes(paper, locale),
    )


def _obstacles(place: Place, month: date, made: Paper, now: datetime, locale: str) -> list[str]:
    scope = papers.Scope(place.id, month, now, place.local, place.zone)
    return signable.obstacles(made.figures, papers.facts(scope), locale)


def _overtaken(end: MonthEnd | None) -> list[Signature]:
    papers = Paper.objects.filter(month_end=end, reopening=None).exclude(signatures=None)
    return list(Signature.objects.filter(paper__in=papers.order_by()))


def _signed(signatures: list[Signature]) -> list[Signed]:
    found = {one.place: one for one in signatures}
    return [
        Signed(str(words), found[place].by_name if place in found else "",
               found[place].at if place in found else None)
        for place, words in PLACES.items()
    ]  # fmt: skip


def _never(signatures: list[Signature], obstacles: list[str], by: Any) -> str:
    if any(one.by_id == by.pk for one in signatures):
        return _("You have signed this month yourself. A second person has to sign it.")
    if sentence := roles.why_not(by, "sign"):
        return sentence
    if n := len(obstacles):
        return ngettext(
            "%(n)d thing stands in the way.", "%(n)d things stand in the way.", n
        ) % {"n": n}  # fmt: skip
    return ""


def _ties(figures: Mapping[str, Any], at: At) -> list[Tie]:
    rolled = sorted(figures["rolled"], key=lambda one: one["currency"] != at.place.local)
    closings = {one["currency"]: one["closing"]["amount"] for one in rolled}
    more = dict.fromkeys(sorted(figures["ledger"].keys() - closings.keys()), 0)
    return [
        _tie(number, currency, closing, figures, at)
        for number, (currency, closing) in enumerate((closings | more).items(), start=1)
    ]


def _tie(number: int, currency: str, closing: int, figures: Mapping[str, Any], at: At) -> Tie:
    def text(amount: int) -> str:
        return money.text(amount, currency, at.locale)

    entry = figures["ledger"].get(currency)
    left = entry["amount"] - closing - entry["explained"] if entry else 0
    when = labels.moment(datetime.fromisoformat(entry["at"])) if entry else ""
    return Tie(
        currency=currency,
        closing=text(closing),
        figure=text(entry["amount"]) if entry else "",
        difference=text(entry["amount"] - closing) if entry else "",
        explained=text(entry["explained"]) if entry and entry["explained"] else "",
        words=entry["words"] if entry else "",
        left=text(left) if left else "",
        who=f"{entry['by']}, {when}" if entry else "",
        url=at.url("month_ledger", currency=currency),
        parts=(parts := _parts(currency, figures, at)),
        picture=ageing(figures["open"], currency, number, at) if parts else None,
    )


def _parts(currency: str, figures: Mapping[str, Any], at: At) -> list[Part]:
    """In the order of WHY; those without a decision last, and the only ones in red."""
    sums: dict[str, list[int]] = {}
    for code, why, _age, count, amount in figures["open"]:
        if code == currency:
            one = sums.setdefault(why, [0, 0])
            one[0] += count
            one[1] += amount
    return [
        Part(
            words=str(words),
            amount=money.text(sums[why][1], currency, at.locale),
            number=money.plain(sums[why][0], "JPY", at.locale),
            url=at.url("month_list", OPEN.key, currency=currency, part=why),
            bad=why == NOTHING,
        )
        for why, words in WHY.items()
        if why in sums
    ]


def _listed(made: Paper, key: str, at: At) -> Listed:
    known = made.figures["lists"][key]
    one = LISTS[key]
    return Listed(
        title=str(one.title),
        about=str(one.about),
        number=money.plain(known["count"], "JPY", at.locale),
        totals=[
            money.text(amount, currency, at.locale)
            for currency, (_count, amount) in known["sums"].items()
        ],
        url=at.url("month_list", key),
    )


def _blocking(made: Paper, at: At) -> list[Listed]:
    """The lists that have to be empty before anybody signs."""
    keys = (papers.TO_ACCEPT.key, papers.TO_DECIDE.key)
    return [_listed(made, key, at) for key in keys if made.figures["lists"][key]["count"]]
