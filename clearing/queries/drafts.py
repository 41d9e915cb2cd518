"""The draft queue: drafts grouped by what is missing, one group page by page."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import money
from clearing.models import CreditNote, CreditNoteLine, Edit, Instruction
from clearing.queries import documents, paging, sums
from clearing.queries.filters import Filters

COMPLETE = "complete"
# Each group with its heading, and what one draft of it lacks.
GROUPS: dict[str, tuple[str | Promise, str | Promise]] = {
    "no_vendor": (gettext_lazy("No vendor"), gettext_lazy("no vendor")),
    "no_entity": (gettext_lazy("No company entity"), gettext_lazy("no company entity")),
    "no_line": (gettext_lazy("No line"), gettext_lazy("no line")),
    "no_currency": (gettext_lazy("No currency"), gettext_lazy("no currency")),
    "no_amount": (gettext_lazy("No amount"), gettext_lazy("no amount")),
    "differ": (
        gettext_lazy("Lines and amount differ"), gettext_lazy("lines and amount differ"),
    ),
    "duplicate": (gettext_lazy("Possible duplicate"), gettext_lazy("possible duplicate")),
    "unread": (gettext_lazy("Lines being read"), gettext_lazy("its lines are being read")),
    "checking": (gettext_lazy("Being checked"), gettext_lazy("being checked")),
    "asked": (gettext_lazy("Posting or discarding"), gettext_lazy("posting or discarding")),
    COMPLETE: (gettext_lazy("Complete: ready to post"), ""),
}  # fmt: skip
FIRST = {  # the field that a draft of a group lacks
    "no_vendor": "vendor_id", "no_entity": "entity_id", "no_currency": "currency",
    "no_amount": "amount", "differ": "amount", "no_line": "line",
}  # fmt: skip
LEDGER = (Instruction.Kind.POST, Instruction.Kind.ARCHIVE)


@dataclass(frozen=True)
class Sorting:
    """Every draft that matches, by group, the oldest first; at most sums.MOST drafts.

    `lacks` holds the groups of each draft; `capped`: there are more than were sorted.
    """

    groups: dict[str, list[UUID]]
    lacks: dict[UUID, list[str]]
    capped: bool

    def following(self, group: str, note_id: UUID | None) -> UUID | None:
        """The draft behind this one in a group; the first one where it is none of them."""
        ids = self.groups.get(group, [])
        if note_id not in ids:
            return ids[0] if ids else None
        place = ids.index(note_id) + 1
        return ids[place] if place < len(ids) else None


@dataclass(frozen=True)
class Group:
    """One group as the page shows it."""

    code: str
    words: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True)
class Row:
    """A draft in the list: strings, and whether it is the one shown beside it."""

    id: UUID
    url: str
    number: str
    vendor: str
    day: date | None
    amount: str
    minor: int | None
    currency: str
    decimals: int
    lacks: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The queue at one address."""

    base: str
    filters: Filters
    groups: list[Group]
    group: str
    page: paging.Page
    rows: list[Row]
    sorting: Sorting
    note: CreditNote | None = None
    notices: list[str] = field(default_factory=list)

    def url(self, **changes: str) -> str:
        return self.filters.url(self.base, **changes)

    @property
    def query(self) -> str:
        """Group and filters, for the form to come back to."""
        return urlencode(self.filters.values)

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page.previous_key) if self.page.previous_key else ""

    @property
    def next_url(self) -> str:
        return self.url(page=self.page.next_key) if self.page.next_key else ""

    @property
    def chips(self) -> list[Any]:
        return [chip for chip in self.filters.chips(self.base) if chip.url != self.url(group="")]

    @property
    def clear_url(self) -> str:
        return Filters({}).url(self.base, group=self.group)

    @property
    def here(self) -> str:
        return self.url()

    @property
    def can_post(self) -> bool:
        return self.group == COMPLETE

    @property
    def first_field(self) -> str:
        return FIRST.get(self.group, "")

    @property
    def total(self) -> int:
        return len(self.sorting.lacks)

    @property
    def next_id(self) -> UUID | None:
        return self.sorting.following(self.group, self.note.pk if self.note else None)


def drafts() -> QuerySet:
    """All drafts of credit notes that adjust payables, the oldest first."""
    found = CreditNote.objects.filter(status="DRAFT", gone_at__isnull=True)
    return found.filter(Q(adjusts_payables=True) | Q(adjusts_payables__isnull=True)).order_by(
        "document_day", "id"
    )


def filtered(filters: Filters, entities: dict[str, str]) -> QuerySet:
    """Those of an entity and of a vendor, as a query string asks for."""
    found = drafts()
    if vendor := filters.uuid("vendor", _("Vendor")):
        found = found.filter(vendor_id=vendor)
    if entity := filters.choice("entity", _("Entity"), entities):
        found = found.filter(entity_id=entity)
    return found


def sort(found: QuerySet, *, suspected: Callable[[list[UUID]], Collection[UUID]]) -> Sorting:
    """Each draft into the groups of what it lacks (four queries, and those of `suspected`).

    suspected: says which of some drafts may have been entered twice.
    """
    heads = list(
        found.values_list(
            "id", "vendor_id", "entity_id", "currency", "amount", "lines_read_at"
        )[: sums.MOST + 1]
    )  # fmt: skip
    duplicates = suspected([head[0] for head in heads])
    totals = _line_totals(found)
    checking, asked = _held(found)
    lacks: dict[UUID, list[str]] = {}
    for id, vendor_id, entity_id, currency, amount, read_at in heads[: sums.MOST]:
        count, whole = totals.get(id, (0, 0))
        lacking = {
            "no_vendor": vendor_id is None,
            "no_entity": entity_id is None,
            "no_line": read_at is not None and not count,
            "no_currency": not currency,
            "no_amount": amount is None,
            "differ": amount is not None and count and whole != abs(amount),
            "duplicate": id in duplicates,
            "unread": read_at is None,
            "checking": id in checking,
            "asked": id in asked,
        }
        lacks[id] = [code for code, missing in lacking.items() if missing]
    groups: dict[str, list[UUID]] = {code: [] for code in GROUPS}
    for id, codes in lacks.items():
        for code in codes or [COMPLETE]:
            groups[code].append(id)
    return Sorting(groups, lacks, len(heads) > sums.MOST)


def _line_totals(found: QuerySet) -> dict[UUID, tuple[int, int | None]]:
    """For each draft how many lines it has and their gross sum without its sign; None: unknown.

    Sums of halves, as in queries.sums: Light's extremes must not end the page.
    """

    def half(part: Any) -> Any:
        return Sum(Case(When(gross_side="D", then=-part), default=part))

    rows = (
        CreditNoteLine.objects.filter(credit_note_id__in=found.order_by().values("pk"))
        .order_by()
        .values("credit_note_id")
        .annotate(
            n=Count("id"),
            known=Count("gross"),
            high=half(F("gross").bitrightshift(32)),
            low=half(F("gross").bitand(sums.LOW)),
        )
    )
    return {
        row["credit_note_id"]: (
            row["n"],
            abs((int(row["high"]) << 32) + int(row["low"])) if row["known"] == row["n"] else None,
        )
        for row in rows
    }


def _held(found: QuerySet) -> tuple[set[Any], set[Any]]:
    """Drafts with an edit that is not settled, and those to be posted or discarded."""
    of = found.order_by().values("pk")
    edits = Edit.objects.filter(
        credit_note_id__in=of, state__in=Edit.HOLDING, dealt_at__isnull=True
    )
    lines = Instruction.objects.filter(
        credit_note_id__in=of, kind__in=LEDGER, state__in=Instruction.OPEN
    )
    return (
        set(edits.values_list("credit_note_id", flat=True)),
        set(lines.values_list("credit_note_id", flat=True)),
    )


def read(
    filters: Filters, sorting: Sorting, *, key: str, note_id: UUID | None, locale: str
) -> Queue:
    """The queue: its groups, one page of the chosen one, the draft shown beside it."""
    base = reverse("drafts")
    known = {code: words for code, (words, _one) in GROUPS.items()}
    group = filters.choice("group", _("Group"), known)
    if not group:
        group = next((code for code in GROUPS if sorting.groups[code]), COMPLETE)
        filters.values["group"] = group
    filters.words.pop("group", None)
    ids = sorting.groups[group]
    page = paging.page(
        CreditNote.objects.filter(pk__in=ids), order=["document_day"], key=key,
        scope=f"drafts:{filters.scope}",
    )  # fmt: skip
    note = next((row for row in page.rows if note_id in (None, row.pk)), None)
    if note is None and note_id is not None:
        note = CreditNote.objects.filter(pk=note_id).first()
    if "vendor" in filters.values and page.rows:
        filters.name_value("vendor", _("Vendor: %(name)s") % {"name": page.rows[0].vendor_name})
    return Queue(
        base=base,
        filters=filters,
        groups=[
            Group(code, str(words), len(sorting.groups[code]),
                  filters.url(base, group=code), code == group)
            for code, words in known.items()
            if sorting.groups[code] or code in {group, COMPLETE}
        ],
        group=group,
        page=page,
        rows=list(rows(page.rows, sorting, filters, base, note, locale)),
        sorting=sorting,
        note=note,
        notices=_notices(filters, page, sorting),
    )  # fmt: skip


def _notices(filters: Filters, page: paging.Page, sorting: Sorting) -> list[str]:
    said = list(filters.notices)
    if page.refused:
        said.append(_("This page link belongs to another list. This is the first page."))
    if sorting.capped:
        said.append(
            _("There are more than %(n)d drafts; these are the oldest. Filter to see others.")
            % {"n": sums.MOST}
        )
    return said


def rows(
    notes: Iterable[CreditNote], sorting: Sorting, filters: Filters, base: str,
    beside: CreditNote | None, locale: str,
) -> Iterable[Row]:  # fmt: skip
    """The rows of a page; no query."""
    for note in notes:
        codes, here = sorting.lacks.get(note.pk, []), filters.values.get("group", "")
        yield Row(
            id=note.pk,
            url=filters.url(base, note=str(note.pk)),
            number=str(note),
            vendor=note.vendor_name or _("no vendor"),
            day=note.document_date,
            amount=documents.amount(note.amount, note.currency, locale),
            minor=note.amount,
            currency=note.currency,
            decimals=money.decimals(note.currency),
            lacks=", ".join(str(GROUPS[code][1]) for code in codes if code != here),
            current=beside is not None and note.pk == beside.pk,
        )
