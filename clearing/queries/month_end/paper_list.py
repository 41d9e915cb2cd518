"""One list of a paper, page by page, with its filters; and the whole of it to hand over."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import labels, money, months
from clearing.models import Paper, PaperRow
from clearing.queries import paging, papers
from clearing.queries import sums as totals
from clearing.queries.filters import Filters
from clearing.queries.listing import Paged
from clearing.queries.month_end.place import Place
from clearing.sheets import DAY, MONEY, NUMBER, Cells, Column, Sheet, typed

LINKS = {
    "number": ("credit_note", "credit_note_id"),
    "invoice": ("invoice_payable", "invoice_id"),
    "vendor": ("vendor", "vendor_id"),
}
IDS = ("credit_note_id", "invoice_id", "vendor_id", "key")


@dataclass(frozen=True)
class Cell:
    """One cell as text; `url` where it names a document or a vendor."""

    label: str
    text: str
    url: str = ""
    number: bool = False
    head: bool = False


@dataclass(frozen=True)
class Row:
    """`key`: what accepting it names; empty where there is nothing to accept."""

    cells: list[Cell]
    key: str


@dataclass(frozen=True, kw_only=True)
class PaperList(Paged):
    """One page of a list."""

    of: papers.List
    paper: Paper
    columns: list[Column]
    sums: list[str]
    parts: dict[str, str]
    ages: dict[str, str]
    currencies: list[str]
    exists: bool
    capped: bool = False
    totals: tuple[str, ...] = ()  # lists of documents have them above

    @property
    def clear_url(self) -> str:
        kept = {name: self.filters.values[name] for name in ("entity", "paper")
                if name in self.filters.values}  # fmt: skip
        return Filters({}).url(self.base, **kept)


def shown(
    paper: Paper, one: papers.List, filters: Filters, place: Place, *, key: str, locale: str
) -> PaperList:
    """What a query string asks for of one list; four queries."""
    found = filtered(paper, one, filters)
    scope = f"paper:{paper.pk}:{one.key}:{filters.scope}"
    page = paging.page(found, order=["position"], key=key, scope=scope)
    sums = list(
        found.order_by("currency")
        .values("currency")
        .annotate(n=Count("pk"), **totals.halves("amount"))
    )
    columns = _on_pages(one)
    count = sum(row["n"] for row in sums)
    return PaperList(
        base=reverse("month_list", args=[months.code(paper.month_end.month), one.key]),
        filters=filters,
        headers={},
        page=page,
        rows=[_row(one, typed(one.columns, row.cells), locale) for row in page.rows],
        count=money.plain(count, "JPY", locale),
        exists=count > 0,
        of=one,
        paper=paper,
        columns=columns,
        sums=[money.text(totals.whole(row, "amount"), row["currency"], locale) for row in sums],
        parts={code: str(words) for code, words in one.parts.items()},
        ages={code: str(words) for code, words in papers.AGES.items()} if _aged(one) else {},
        currencies=list(paper.figures["lists"][one.key]["sums"]),
    )


def _on_pages(one: papers.List) -> list[Column]:
    """Without ids, and without the currencies that stand in the amounts."""
    left_out = {*IDS, *(column.currency for column in one.columns)}
    return [column for column in one.columns if column.key not in left_out]


def _aged(one: papers.List) -> bool:
    return one.key in (papers.OPEN.key, papers.TO_DECIDE.key, "rests", "not-posted")


def filtered(paper: Paper, one: papers.List, filters: Filters) -> QuerySet[PaperRow]:
    """The rows of this list in the currency, for the reason, and of the age that is asked for."""
    rows = PaperRow.objects.filter(paper=paper, list=one.key)
    codes = {code: code for code in paper.figures["lists"][one.key]["sums"]}
    if currency := filters.choice("currency", _("Currency"), codes):
        rows = rows.filter(currency=currency)
    if part := filters.choice("part", _("Why"), one.parts):
        rows = rows.filter(part=part)
    if age := filters.choice("age", _("Age"), papers.AGES):
        rows = rows.filter(age=age)
    return rows


def _row(one: papers.List, cells: Cells, locale: str) -> Row:
    by_key = dict(zip((column.key for column in one.columns), cells, strict=True))
    head = "number" if "number" in by_key else "vendor"
    found = [_cell(column, by_key, head, locale) for column in _on_pages(one)]
    return Row(found, by_key.get("key") or "")


def _cell(column: Column, by_key: dict[str, Any], head: str, locale: str) -> Cell:
    value, text = by_key[column.key], ""
    if value is None:
        text = "–" if column.kind != MONEY else _("not known")
    elif column.kind == MONEY:
        text = money.text(value, by_key[column.currency], locale)
    elif column.kind == DAY:
        text = labels.day(value)
    elif column.kind == NUMBER:
        text = money.plain(value, "JPY", locale)
    else:
        text = str(value)
    name, of = LINKS.get(column.key, ("", ""))
    url = reverse(name, args=[by_key[of]]) if by_key.get(of) else ""
    return Cell(str(column.label), text, url, column.kind in (MONEY, NUMBER), column.key == head)


def sheet(paper: Paper, one: papers.List, filters: Filters, place: Place) -> Sheet:
    """All rows that are asked for, to hand over."""
    rows = filtered(paper, one, filters).order_by("position")
    words = [
        _("Company entity: %(entity)s") % {"entity": place.name},
        _("Month: %(month)s") % {"month": months.name(paper.month_end.month)},
        *filters.words.values(),
    ]
    return Sheet(
        name=f"{one.key}-{months.code(paper.month_end.month)}",
        title=str(one.title),
        columns=one.columns,
        rows=_typed(one, rows),
        filters=tuple(words),
        notes=(str(one.about), _made(paper)),
    )


def _typed(one: papers.List, rows: QuerySet[PaperRow]) -> Iterator[Cells]:
    for cells in rows.values_list("cells", flat=True).iterator(chunk_size=2_000):
        yield typed(one.columns, cells)


def _made(paper: Paper) -> str:
    at = labels.moment(timezone.localtime(paper.made_at))
    return _("As of %(at)s. Hash of the figures: %(hash)s") % {"at": at, "hash": paper.hash}
