"""The engine's reasons as sentences that a colleague would say: what cites, what fits, what lost.

`why` is matching.Suggestion.as_data(), as a line, a plan or an instruction keeps it; a key that
is missing says nothing. Amounts are in the smallest unit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clearing import labels, matching, money
from clearing.matching import values
from clearing.models import Citation

LONGEST_QUOTE = 80
STRENGTHS = {
    matching.CERTAIN: labels.Label(gettext_lazy("Certain"), "good"),
    matching.LIKELY: labels.Label(gettext_lazy("Likely"), "info"),
    matching.POSSIBLE: labels.Label(gettext_lazy("Possible")),
}
NONE = labels.Label(gettext_lazy("Without suggestion"))
FITTED = (values.REFERENCE, values.EXACT, values.ADDS_UP, values.NEARLY)  # rules that look for one


class Cited(NamedTuple):
    """Where a credit note names an invoice: the place, its page (0: none) and the words."""

    place: str
    page: int
    words: str


def cited(note_ids: Iterable[UUID]) -> dict[UUID, dict[str, Cited]]:
    """By credit note and key, the first place that names it (one query)."""
    found: dict[UUID, dict[str, Cited]] = defaultdict(dict)
    rows = Citation.objects.filter(credit_note_id__in=list(note_ids))
    for note, texts, pdf in rows.values_list("credit_note_id", "in_texts", "in_pdf"):
        for key, place, page, words in [*texts, *pdf]:
            found[note].setdefault(key, Cited(place, page, words))
    return dict(found)


def strength(n: int) -> labels.Label:
    """The word and tone of a strength; those of none for anything else."""
    return STRENGTHS.get(n, NONE)


def sentence(
    why: Mapping[str, Any], *, currency: str, locale: str, cited: Mapping[str, Cited]
) -> str:
    """Why these two: "PDF page 1 says “Rechnung 4711-22”. Same amount, no other candidate."."""
    said = [_citation(why.get("key", ""), cited), _fit(why, currency, locale)]
    said.append(_sets(why.get("sets", 0)))
    return " ".join(filter(None, said))


def quote(place: Cited) -> str:
    """Where the credit note names it, and its words: "PDF page 1 says “zu Rechnung 4711-22”."."""
    words = " ".join(place.words.split())
    if len(words) > LONGEST_QUOTE:
        words = f"{words[: LONGEST_QUOTE - 1].rstrip()}…"
    sentences = {
        "number": _("The credit note’s own number names it: “%(words)s”."),
        "description": _("The credit note says “%(words)s”."),
        "file": _("The file is called “%(words)s”."),
        "line": _("A line says “%(words)s”."),
        "pdf": _("PDF page %(page)d says “%(words)s”."),
    }
    said = sentences.get(place.place, sentences["description"])
    return said % {"words": words, "page": place.page}


def _citation(key: str, cited: Mapping[str, Cited]) -> str:
    if not key:
        return ""
    place = cited.get(key)
    return quote(place) if place else _("The credit note names this invoice.")


def _fit(why: Mapping[str, Any], currency: str, locale: str) -> str:
    """The signs beside the citation, in one sentence that begins with a capital."""
    parts = [_rule(why, currency, locale)]
    if why.get("rule", "") in FITTED:
        days = _days(why.get("days", -1), early=why.get("early", False))
        parts += [days, _rivals(why.get("rivals", 0))]
    words = ", ".join(filter(None, parts))
    return f"{words[0].upper()}{words[1:]}." if words else ""


def _rule(why: Mapping[str, Any], currency: str, locale: str) -> str:
    rule, same = why.get("rule", ""), why.get("same", False)
    if rule == values.ADDS_UP:
        return ngettext(
            "one of %(n)d document that adds up exactly",
            "one of %(n)d documents that add up exactly",
            why.get("size", 0),
        ) % {"n": why.get("size", 0)}
    if rule == values.NEARLY:
        rest = money.text(why.get("rest", 0), currency, locale)
        return _("nearly the same amount: %(rest)s stays open") % {"rest": rest}
    by_date = {
        values.NEXT_PAYMENT: (_("this invoice is paid next"), _("only by date: it is paid next")),
        values.OLDEST_DUE: (_("this invoice is due first"), _("only by date: it is due first")),
    }
    if rule in by_date:
        return by_date[rule][not why.get("key")]
    return _("same amount") if same else ""


def _days(days: int, *, early: bool) -> str:
    if days < 0:
        return ""
    if days == 0:
        return _("same day")
    if early:
        return ngettext(
            "dated %(n)d day before the invoice", "dated %(n)d days before the invoice", days
        ) % {"n": days}
    return ngettext("%(n)d day apart", "%(n)d days apart", days) % {"n": days}


def _rivals(n: int) -> str:
    if not n:
        return _("no other candidate")
    return ngettext("%(n)d other would fit too", "%(n)d others would fit too", n) % {"n": n}


def _sets(n: int) -> str:
    """That several sets add up, so that none of them was chosen."""
    if n < 2:
        return ""
    return _("%(n)d different sets would add up exactly, so none of them was chosen.") % {"n": n}


def runner_up(why: Mapping[str, Any], *, name: str, currency: str, locale: str) -> str:
    """Why the next best invoice, called `name`, lost; empty where there is none."""
    if not why.get("other"):
        return ""
    _id, code, by = why["other"]
    days = ngettext("%(n)d day", "%(n)d days", by) % {"n": by}
    sentences = {
        values.NOT_CITED: _("%(name)s has the same amount, but the credit note does not name it."),
        values.OTHER_AMOUNT: _("Next best is %(name)s, but its amount differs by %(amount)s."),
        values.OTHER_DATE: _(
            "Next best is %(name)s with the same amount, but its date is %(days)s further away."
        ),
        values.PAYS_LATER: _("Next best is %(name)s, but it is paid %(days)s later."),
        values.DUE_LATER: _("Next best is %(name)s, but it is due %(days)s later."),
        values.DUE_EARLIER: _("Next best is %(name)s, though it is due %(days)s earlier."),
        values.NO_DUE: _("Next best is %(name)s, but it has no due date."),
        values.SAME: _("%(name)s fits just as well."),
    }
    said = sentences.get(code, _("Next best is %(name)s."))
    return said % {"name": name, "days": days, "amount": money.text(by, currency, locale)}
