"""Evidence on the pages: what was asked for, how far each is, and what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, money, months
from clearing.models import Evidence, EvidenceFile, Movement
from clearing.models.movement import NO_ENTITY
from clearing.queries import documents, history
from clearing.queries.evidence import period, population
from clearing.queries.evidence.index import WITHOUT_PDF, scope_of
from clearing.queries.evidence.period import Period
from clearing.queries.evidence.population import Control

MOST = 50  # evidences that the list shows
S = Evidence.State
LABELS = {
    S.RUNNING: labels.Label(S.RUNNING.label, "info"),
    S.READY: labels.Label(S.READY.label, "good"),
    S.FAILED: labels.Label(S.FAILED.label, "bad"),
    S.DELETED: labels.Label(S.DELETED.label),
}


@dataclass(frozen=True)
class Row:
    """An evidence in the list."""

    number: int
    url: str
    label: labels.Label
    scope: str
    how: str
    who: str
    at: datetime
    progress: str


@dataclass(frozen=True)
class Totals:
    """The control totals of one currency, its texts ready for the screen."""

    currency: str
    made: list[tuple[str, str, str]]  # who, number and amount, in the order of MAKERS
    count: str
    amount: str
    rolled: str
    agrees: bool
    url: str


@dataclass(frozen=True)
class Link:
    """A sampled link with what became of its files."""

    number: int
    note: str
    note_url: str
    invoice: str
    invoice_url: str
    amount: str
    day: Any
    made: str
    done: bool
    missing: list[str]


def rows() -> list[Row]:
    """The latest evidences; two queries."""
    entities = documents.entities()
    return [
        Row(
            number=one.pk,
            url=reverse("one_evidence", args=[one.pk]),
            label=LABELS[one.state],  # type: ignore[index]
            scope=scope_words(one, entities),
            how=how_words(one),
            who=one.asked_by_name,
            at=one.asked_at,
            progress=progress_words(one) if one.state == S.RUNNING else "",
        )
        for one in Evidence.objects.all()[:MOST]
    ]


def scope_words(one: Evidence, entities: Mapping[str, str]) -> str:
    """Entity and months."""
    nameless = _("Without company entity") if one.entity_id == NO_ENTITY else str(one.entity_id)
    name = entities.get(str(one.entity_id), nameless)
    return f"{name} · {period.words(one.first, one.last)}"


def how_words(one: Evidence) -> str:
    """How its sample came about: "25 of 312 by chance, seed 482913"."""
    links = ngettext("%(n)d link", "%(n)d links", one.links_total) % {"n": one.links_total}
    if one.seed:
        return _("%(n)d of %(all)d by chance, seed %(seed)s") % {
            "n": one.links_total, "all": one.size, "seed": one.seed,
        }  # fmt: skip
    numbers = len(one.numbers)
    return _("%(links)s by %(numbers)s") % {
        "links": links,
        "numbers": ngettext("%(n)d number", "%(n)d numbers", numbers) % {"n": numbers},
    }


def progress_words(one: Evidence) -> str:
    """How far it is: "12 of 25 links, 31 of 48 documents"."""
    return _("%(links)d of %(all_links)d links, %(documents)d of %(all_documents)d documents") % {
        "links": one.links_done, "all_links": one.links_total,
        "documents": one.documents_done, "all_documents": one.documents_total,
    }  # fmt: skip


def again_url(one: Evidence) -> str:
    """The form for a new one of the same period and sample."""
    asked: dict[str, str | int] = {
        "entity": str(one.entity_id), "from": months.code(one.first), "to": months.code(one.last),
    }  # fmt: skip
    if one.seed:
        asked |= {"how": "chance", "n": one.links_total, "seed": one.seed}
    return f"{reverse('new_evidence')}?{urlencode(asked)}"


def controls(of: population.Scope, asked: Period, locale: str) -> list[Totals]:
    """The control totals of a population; two queries."""
    return [_totals(one, asked, locale) for one in population.controls(of)]


def _totals(one: Control, asked: Period, locale: str) -> Totals:
    def text(amount: int) -> str:
        return money.text(amount, one.currency, locale)

    url = ""
    if asked.first == asked.last:  # the rows of a month stand on a page of their own
        query = {"entity": str(asked.place.id), "kind": "cleared", "currency": one.currency}
        url = f"{reverse('month_rows', args=[asked.first_code])}?{urlencode(query)}"
    return Totals(
        currency=one.currency,
        made=[
            (str(population.MAKERS[who]), money.plain(n, "JPY", locale), text(total))
            for who, (n, total) in one.made.items()
        ],
        count=money.plain(one.count, "JPY", locale),
        amount=text(one.amount),
        rolled=text(one.rolled - one.since),
        agrees=one.difference == 0,
        url=url,
    )


def size_words(one: Evidence) -> str:
    return str(filesizeformat(one.bytes))


def links(one: Evidence, locale: str) -> list[Link]:
    """The sampled links; five queries, whatever their number."""
    files = list(one.files.exclude(kind=EvidenceFile.Kind.INDEX).defer("content"))
    missing = {file.document_id: file for file in files if file.document_id and file.problem}
    mine = [file for file in files if file.movement_id]
    movements = Movement.objects.in_bulk([file.movement_id for file in mine])
    names = history.documents_named(
        id for row in movements.values() for id in (row.credit_note_id, row.invoice_payable_id)
    )
    found = []
    for number, file in enumerate(mine, start=1):
        row = movements[file.movement_id]
        note, invoice = row.credit_note_id, row.invoice_payable_id
        gaps = [missing[id] for id in (note, invoice) if id in missing]
        found.append(
            Link(
                number=number,
                note=documents.name_of_document(names, note),
                note_url=reverse("credit_note", args=[note]) if note in names else "",
                invoice=documents.name_of_document(names, invoice) or _("not known"),
                invoice_url=reverse("invoice_payable", args=[invoice]) if invoice in names else "",
                amount=money.text(-row.amount, row.currency, locale),
                day=row.day,
                made=population.maker(row),
                done=file.done_at is not None,
                missing=[f"{gap.get_kind_display()}: {gap.problem}" for gap in gaps]
                + ([file.problem] if file.problem else []),
            )
        )
    return found


def about(one: Evidence, entities: Mapping[str, str]) -> list[tuple[str, str]]:
    """What stands above the links."""
    index = one.files.filter(kind=EvidenceFile.Kind.INDEX).defer("content").first()
    found = [
        (_("Population"), _("%(n)d clearings") % {"n": one.size}),
        (_("Sample"), how_words(one)),
        (_("SHA-256 of the population"), one.digest),
        (_("SHA-256 of the index"), index.digest if index else ""),
        (_("Head of the audit trail"), one.head),
    ]
    if one.files.filter(kind=EvidenceFile.Kind.LINK, name__endswith=".html", problem="").exists():
        found.append((_("Links"), str(WITHOUT_PDF)))
    return [(words, value) for words, value in found if value]


__all__ = ["about", "again_url", "controls", "links", "rows", "scope_of", "scope_words"]
