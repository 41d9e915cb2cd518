"""Possible duplicates: the list of pairs, and what people have said of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clearing import labels, money, twins
from clearing.models import CreditNote, Instruction, NotDuplicate, Suspicion, Vendor
from clearing.queries import documents, paging, sums
from clearing.queries.filters import Filters
from clearing.queries.listing import Paged
from clearing.workflow import name_of

SHOW = {
    "open": gettext_lazy("Without an answer"),
    "answered": gettext_lazy("Answered"),
    "vat": gettext_lazy("Vendor records with one VAT id"),
}
ORDER = {"open": ["-at"], "answered": ["-at"], "vat": ["vat_id"]}


@dataclass(frozen=True)
class Side:
    """One credit note of a pair, as text."""

    id: UUID
    name: str
    url: str
    label: labels.Label
    vendor: str
    entity: str
    day: str


@dataclass(frozen=True)
class Row:
    """Two credit notes that may be one: the newer first. `said` where somebody has answered."""

    url: str
    one: Side
    other: Side
    amount: str
    why: str
    said: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class List(Paged):
    """The list of pairs."""

    show: str  # of SHOW

    @property
    def clear_url(self) -> str:
        return self.base


@dataclass(frozen=True)
class VendorRow:
    """A vendor record; `first` of those with its VAT id on this page."""

    name: str
    url: str
    number: str
    vat_id: str
    status: str
    first: bool


@dataclass(frozen=True)
class Statement:
    """What somebody said: these two are not the same."""

    other: str
    url: str  # both side by side
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Twin:
    """A possible duplicate of the note whose page this is; `statement` where it was answered."""

    name: str
    label: labels.Label
    day: str
    vendor: str
    why: str
    url: str
    statement: Statement | None
    cancelled: bool  # one of the two was cancelled here as a duplicate
    stops: bool  # without an answer the note can be neither proposed nor posted


# --- the list ----------------------------------------------------------------------------------
def _answered() -> Q:
    said = NotDuplicate.objects.filter(one_id=OuterRef("one_id"), other_id=OuterRef("other_id"))
    cancelled = Instruction.objects.filter(
        Q(credit_note_id=OuterRef("one_id")) | Q(credit_note_id=OuterRef("other_id")),
        kind=Instruction.Kind.ARCHIVE, state=Instruction.State.DONE, reason_code="duplicate",
    )  # fmt: skip
    return Q(Exists(said)) | Q(Exists(cancelled))


def with_answers() -> QuerySet:
    """Every pair, with `is_answered`."""
    found = Suspicion.objects.filter(kind=Suspicion.Kind.TWINS)
    return found.annotate(is_answered=Case(When(_answered(), then=True), default=False))


def pairs(*, answered: bool = False) -> QuerySet[Suspicion]:
    """The pairs without an answer, or those with one."""
    found = Suspicion.objects.filter(kind=Suspicion.Kind.TWINS)
    return found.filter(_answered()) if answered else found.exclude(_answered())


def count() -> int:
    """How many pairs wait for an answer, at most sums.MOST + 1."""
    return sums.count(pairs())


def filtered(filters: Filters) -> tuple[QuerySet, str]:
    """The pairs (or vendors) that a query string asks for, and which part of SHOW it is."""
    show = filters.choice("show", _("Show"), SHOW) or "open"
    if show == "vat":
        return sharing_vat_id(), show
    found = pairs(answered=show == "answered")
    if vendor := filters.uuid("vendor", _("Vendor")):
        of_vendor = CreditNote.objects.filter(vendor_id=vendor).values("id")
        found = found.filter(Q(one_id__in=of_vendor) | Q(other_id__in=of_vendor))
        name = Vendor.objects.filter(pk=vendor).values_list("name", flat=True).first()
        filters.name_value("vendor", _("Vendor: %(name)s") % {"name": name} if name else "")
    return found, show


def page(found: QuerySet, *, show: str, key: str, scope: str) -> paging.Page:
    """One page of pairs, the newest first; of vendors, those of one VAT id together."""
    return paging.page(found, order=ORDER[show], key=key, scope=f"duplicates:{show}:{scope}")


def rows(found: Iterable[Suspicion], *, entities: dict[str, str], locale: str) -> list[Row]:
    """The rows of these pairs; two queries, whatever their number."""
    found = list(found)
    notes = CreditNote.objects.in_bulk({one for row in found for one in (row.one_id, row.other_id)})
    said = {
        (row.one_id, row.other_id): row
        for row in NotDuplicate.objects.filter(
            one_id__in={row.one_id for row in found}, other_id__in={row.other_id for row in found}
        ).select_related("by")
    }
    return [
        _row(notes[row.one_id], notes[row.other_id], row.why, said.get((row.one_id, row.other_id)),
             entities, locale)
        for row in found
        if row.one_id in notes and row.other_id in notes
    ]  # fmt: skip


def _row(
    one: CreditNote, other: CreditNote, codes: list[str], said: NotDuplicate | None,
    entities: dict[str, str], locale: str,
) -> Row:  # fmt: skip
    newer, older = (one, other) if one.first_seen_at > other.first_seen_at else (other, one)
    words = _("%(who)s, %(when)s") % {
        "who": name_of(said.by), "when": labels.moment(said.at)
    } if said else _("Cancelled as a duplicate")  # fmt: skip
    return Row(
        url=compare_url(newer.id, older.id),
        one=side_of(newer, entities),
        other=side_of(older, entities),
        amount=money.text(one.amount, one.currency, locale),
        why=why_words(codes, one, other),
        said=words,
        reason=said.reason if said else "",
    )


def side_of(note: CreditNote, entities: dict[str, str]) -> Side:
    return Side(
        id=note.pk,
        name=str(note),
        url=reverse("credit_note", args=[note.pk]),
        label=labels.credit_note(note.status),
        vendor=note.vendor_name,
        entity=entities.get(str(note.entity_id), "–") if note.entity_id else "–",
        day=labels.day(note.document_date) if note.document_date else _("no date"),
    )


def compare_url(one: UUID, other: UUID) -> str:
    return reverse("duplicate", args=[one, other])


def why_words(codes: Iterable[str], one: CreditNote, other: CreditNote) -> str:
    """Why two are suspected: "Same vendor, same number, 3 days apart"."""
    said = {
        twins.VENDOR: _("Same vendor"),
        twins.VAT: _("Two vendor records with one VAT id"),
        twins.NUMBER: _("same number"),
        twins.DATES: _days_apart(one, other),
    }
    return ", ".join(said[code] for code in codes if said.get(code))


def _days_apart(one: CreditNote, other: CreditNote) -> str:
    if not (one.document_date and other.document_date):
        return ""
    days = abs((one.document_date - other.document_date).days)
    if not days:
        return _("same date")
    return ngettext("%(n)d day apart", "%(n)d days apart", days) % {"n": days}


# --- vendors with one VAT id ---------------------------------------------------------------------
def sharing_vat_id() -> QuerySet[Vendor]:
    """Vendor records whose VAT id another record has, too."""
    another = Vendor.objects.filter(vat_id=OuterRef("vat_id"), gone_at=None).exclude(
        pk=OuterRef("pk")
    )
    return Vendor.objects.filter(Exists(another), gone_at=None).exclude(vat_id="")


def vendor_rows(found: Iterable[Vendor]) -> list[VendorRow]:
    """The rows of these records; no query."""
    rows: list[VendorRow] = []
    for one in found:
        first = not rows or rows[-1].vat_id != one.vat_id
        url = reverse("vendor", args=[one.pk])
        rows.append(VendorRow(str(one), url, one.number, one.vat_id, one.status, first))
    return rows


# --- what people said ----------------------------------------------------------------------------
def statements(note_ids: Iterable[UUID]) -> dict[UUID, list[Statement]]:
    """What was said of each of these notes, the latest first; two queries."""
    ids = set(note_ids)
    rows = (
        NotDuplicate.objects.filter(Q(one_id__in=ids) | Q(other_id__in=ids))
        .select_related("by")
        .order_by("-at")
    )
    by_note: dict[UUID, list[tuple[UUID, NotDuplicate]]] = {}
    for row in rows:
        for note, other in ((row.one_id, row.other_id), (row.other_id, row.one_id)):
            if note in ids:
                by_note.setdefault(note, []).append((other, row))
    others = {other for found in by_note.values() for other, _row in found}
    names: dict[UUID, Any] = dict(CreditNote.objects.in_bulk(others)) if others else {}
    return {
        note: [statement_of(note, other, row, names) for other, row in found]
        for note, found in by_note.items()
    }


def statement_of(note: UUID, other: UUID, row: NotDuplicate, names: dict[UUID, Any]) -> Statement:
    return Statement(
        other=documents.name_of_document(names, other),
        url=compare_url(note, other),
        who=name_of(row.by),
        at=row.at,
        reason=row.reason,
    )


def twins_of(note: CreditNote) -> list[Twin]:
    """The possible duplicates of one note, those without an answer first; at most seven queries."""
    suspected = twins.suspected([note]).get(note.id, [])
    if not suspected:
        return []
    answered = twins.answered(twins.pair_of(note.id, other.id) for other, _why in suspected)
    said = {one.url: one for one in statements([note.id]).get(note.id, [])}
    found = []
    for other, codes in suspected:
        if {note.status, other.status} == {"ARCHIVED"}:
            continue
        url = compare_url(note.id, other.id)
        found.append(
            Twin(
                name=str(other),
                label=labels.credit_note(other.status),
                day=labels.day(other.document_date) if other.document_date else "",
                vendor=other.vendor_name if other.vendor_id != note.vendor_id else "",
                why=why_words(codes, note, other),
                url=url,
                statement=said.get(url),
                cancelled=twins.pair_of(note.id, other.id) in answered and url not in said,
                stops=note.status not in {"CLEARED", "ARCHIVED"},
            )
        )
    return sorted(found, key=lambda one: bool(one.statement or one.cancelled))
