"""The rows behind one figure of a roll-forward: movements, or the credit notes open then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, money, months
from clearing.models import CreditNote, Movement, Paper, Vendor
from clearing.queries import documents, history, paging
from clearing.queries.filters import Filters
from clearing.queries.listing import Paged
from clearing.queries.month_end.place import Place
from clearing.queries.month_end.statement import url_of
from clearing.queries.rolling import LATE, LESS, NO_RATE, STANDS, K

MOMENTS = {
    "opening": gettext_lazy("Open at the beginning"),
    "closing": gettext_lazy("Open at the end"),
}
SHOWS = {kind.value: kind.label for kind in K} | MOMENTS


@dataclass(frozen=True)
class Row:
    """A movement, or a credit note with what was open of it, of which less is said."""

    note: str
    note_url: str
    vendor: str
    vendor_url: str
    day: date | None
    amount: str
    local: str
    what: str = ""
    said: tuple[str, ...] = ()
    assumed: bool = False
    late: bool = False
    invoice: str = ""
    invoice_url: str = ""
    who: str = ""
    known_at: datetime | None = None


@dataclass(frozen=True)
class Total:
    """All rows of one currency, whatever their page."""

    amount: str
    local: str


@dataclass(frozen=True, kw_only=True)
class Rows(Paged):
    """One page of the rows behind a figure; `moment`: they are credit notes, not movements."""

    exists: bool
    moment: bool
    sums: list[Total]
    month_url: str
    capped: bool = False

    @property
    def clear_url(self) -> str:
        kept = {name: self.filters.values.get(name, "") for name in ("entity", "paper")}
        return Filters({}).url(self.base, **kept)


def listed(filters: Filters, place: Place, month: date, *, key: str, locale: str) -> Rows:
    """The rows that a query string asks for; four queries, whatever their number."""
    kind = filters.choice("kind", _("Figure"), SHOWS)
    found = movements_of(filters, place, month, kind)
    scope = f"month_rows:{months.code(month)}:{filters.scope}"
    sums, count = _sums(found, place, kind, locale)
    if kind in MOMENTS:
        notes = CreditNote.objects.filter(pk__in=open_of(found).values("credit_note_id"))
        page = paging.page(notes, order=["document_day"], key=key, scope=scope)
        count, rows = notes.count(), _open_rows(page.rows, found, place, locale)
    else:
        page = paging.page(with_others(found), order=["day"], key=key, scope=scope)
        rows = _moved_rows(page.rows, place, kind, locale)
    return Rows(
        base=reverse("month_rows", args=[months.code(month)]),
        filters=filters,
        headers={},
        page=page,
        rows=rows,
        count=money.plain(count, "JPY", locale),
        exists=count > 0,
        moment=kind in MOMENTS,
        sums=sums,
        month_url=url_of(place, month),
    )


def movements_of(filters: Filters, place: Place, month: date, kind: str) -> QuerySet[Movement]:
    """Those of the figure; of a moment every one that led to it."""
    found = Movement.objects.filter(entity_id=place.in_movements)
    found = found.filter(_as_kept(filters, place, month))
    choices = {one: one for one in place.currencies}
    if currency := filters.choice("currency", _("Currency"), choices):
        found = found.filter(currency=currency)
    if kind in MOMENTS:
        return found.filter(**{"month__lt" if kind == "opening" else "month__lte": month})
    if filters.choice("late", _("Known"), {"1": _("Back-dated")}):
        found = found.filter(LATE)
    found = found.filter(month=month)
    return found.filter(kind=kind) if kind else found


def _as_kept(filters: Filters, place: Place, month: date) -> Q:
    """Only what a paper knows, where an address names one of this month."""
    if "paper" not in filters.query:
        return Q()
    made = Paper.objects.filter(month_end__entity_id=place.id, month_end__month=month)
    papers = {str(one.pk): one for one in made}
    words = {
        id: _("as they stood on %(day)s") % {"day": _day(one.made_at)} for id, one in papers.items()
    }
    given = filters.choice("paper", _("Figures"), words)
    return Q(pk__lte=papers[given].movements_to) if given else Q()


def open_of(movements: QuerySet[Movement]) -> QuerySet[Movement, Any]:
    """Of each credit note what was open, where it was not 0."""
    of_notes = movements.order_by().values("credit_note_id", "currency")
    return of_notes.annotate(
        open=Sum("amount"), value=Sum("local"), without=Sum(STANDS, filter=NO_RATE)
    ).exclude(open=0)


def with_others(movements: QuerySet[Movement]) -> QuerySet[Movement]:
    """Each with when what it takes back was known, and when it was itself taken back."""
    known = Movement.objects.values("known_at")
    return movements.annotate(
        was_known_at=Subquery(known.filter(pk=OuterRef("takes_back"))),
        taken_back_at=Subquery(known.filter(takes_back=OuterRef("pk"))),
    )


def _sums(
    found: QuerySet[Movement], place: Place, kind: str, locale: str
) -> tuple[list[Total], int]:
    """The sums of all of them, and their number."""
    rows = list(
        found.order_by("currency")
        .values("currency")
        .annotate(total=Sum("amount"), value=Sum("local"), n=Count("pk"))
    )
    sums = [
        Total(
            _amount(row["total"], row["currency"], kind, locale),
            "" if row["value"] is None
            else _local(row["value"], row["currency"], place, kind, locale),
        )
        for row in rows
    ]  # fmt: skip
    return sums, sum(row["n"] for row in rows)


def _amount(value: int, currency: str, kind: str, locale: str) -> str:
    """As on paper: what a figure takes off stands there without its sign."""
    return money.text(-value if kind in LESS else value, currency, locale)


def _local(value: int | None, currency: str, place: Place, kind: str, locale: str) -> str:
    """In the entity's own currency; empty where that is the same."""
    if currency == place.local:
        return ""
    if value is None:
        return _("not translated")
    return _amount(value, place.local, kind, locale)


def _open_rows(
    notes: list[CreditNote], found: QuerySet[Movement], place: Place, locale: str
) -> list[Row]:
    of_these = open_of(found.filter(credit_note_id__in=[note.pk for note in notes]))
    left = {row["credit_note_id"]: row for row in of_these}
    rows = []
    for note in notes:
        if (one := left.get(note.pk)) is None:  # cleared since the page was read
            continue
        value = None if one["without"] else one["value"]
        rows.append(
            Row(
                note=str(note),
                note_url=reverse("credit_note", args=[note.pk]),
                vendor=note.vendor_name or _("missing"),
                vendor_url=reverse("vendor", args=[note.vendor_id]) if note.vendor_id else "",
                day=note.document_date,
                amount=_amount(one["open"], one["currency"], "", locale),
                local=_local(value, one["currency"], place, "", locale),
            )
        )
    return rows


def _moved_rows(page: Iterable[Any], place: Place, kind: str, locale: str) -> list[Row]:
    moved = list(page)
    names = history.documents_named(
        id for one in moved for id in (one.credit_note_id, one.invoice_payable_id)
    )
    vendors = _vendors(moved, names)
    return [_moved_row(one, place, kind, locale, names, vendors) for one in moved]


def _vendors(moved: list[Movement], names: history.Documents) -> dict[UUID | None, str]:
    """The names of their vendors: as the credit notes have them, but for those that moved."""
    found: dict[UUID | None, str] = {
        note.vendor_id: note.vendor_name for note in names.values() if isinstance(note, CreditNote)
    }
    left = {one.vendor_id for one in moved if one.vendor_id} - found.keys()
    return found | {id: str(one) for id, one in Vendor.objects.in_bulk(left).items()}


def _moved_row(
    one: Any, place: Place, kind: str, locale: str, names: history.Documents,
    vendors: dict[UUID | None, str],
) -> Row:  # fmt: skip
    invoice = one.invoice_payable_id
    return Row(
        note=documents.name_of_document(names, one.credit_note_id),
        note_url=reverse("credit_note", args=[one.credit_note_id]),
        vendor=vendors.get(one.vendor_id) or _("missing"),
        vendor_url=reverse("vendor", args=[one.vendor_id]) if one.vendor_id else "",
        day=one.day,
        amount=_amount(one.amount, one.currency, kind, locale),
        local=_local(one.local, one.currency, place, kind, locale),
        what=str(K(one.kind).label),
        said=_said(one),
        assumed=one.assumed,
        late=one.late,
        invoice=documents.name_of_document(names, invoice),
        invoice_url=reverse("invoice_payable", args=[invoice]) if invoice else "",
        who="" if one.takes_back or _is_rest(one) else str(Movement.Made(one.made).label),
        known_at=one.known_at,
    )


def _said(one: Any) -> tuple[str, ...]:
    """What has to be said of a movement in words."""
    if one.was_known_at:
        words = _("Takes back what was known since %(day)s: Light shows it otherwise now.")
        return (words % {"day": _day(one.was_known_at)},)
    said = []
    if one.taken_back_at:
        said.append(_("Taken back on %(day)s.") % {"day": _day(one.taken_back_at)})
    if _is_rest(one):
        said.append(_("By what, was not read from Light."))
    return tuple(said)


def _is_rest(one: Movement) -> bool:
    """Whether Light has not told what cleared it."""
    return one.kind == K.CLEARED and one.clearing_id is None


def _day(moment: datetime) -> str:
    return labels.day(timezone.localtime(moment).date())
