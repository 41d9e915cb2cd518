"""One plan as its page shows it: vendor by vendor its lines with their reasons."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clearing import explaining, labels, money, usable
from clearing.models import CreditNote, InvoicePayable, Plan, PlanGroup, PlanLine
from clearing.queries import cut_off, documents, paging, sums
from clearing.queries.filters import Filters
from clearing.queries.listing import Paged, count_words
from clearing.queries.plan_totals import LEFT_OUT, OPEN, PROPOSED, SKIPPED, STATUS, WAITING

SIZE = 20  # vendors of a page
LINES = 8  # of a vendor, beside others
MOST_LINES = 1000  # of a vendor, on its own page
STATUSES = {
    OPEN: gettext_lazy("Open"),
    LEFT_OUT: gettext_lazy("Could not be proposed"),
    PROPOSED: gettext_lazy("Proposed"),
    SKIPPED: gettext_lazy("Skipped"),
}
WITH = {
    "certain": gettext_lazy("Certain"),
    "likely": gettext_lazy("Likely"),
    "possible": gettext_lazy("Possible"),
}
LABELS = {
    LEFT_OUT: labels.Label(gettext_lazy("Not proposed"), "warn"),
    WAITING: labels.Label(gettext_lazy("Being proposed"), "info"),
    PROPOSED: labels.Label(gettext_lazy("Proposed"), "good"),
    SKIPPED: labels.Label(gettext_lazy("Skipped")),
}


@dataclass(frozen=True)
class Document:
    """A credit note or an invoice of a line, as text."""

    name: str
    url: str
    label: labels.Label
    day: str
    warning: str = ""


@dataclass(frozen=True)
class Line:
    """A suggested link; `amount` is what a person made of `suggested`, 0 drops it."""

    id: int
    note: Document
    invoice: Document
    label: labels.Label
    sentence: str
    minor: int
    amount: str
    typed: str
    suggested: str
    problem: str

    @property
    def dropped(self) -> bool:
        return self.minor == 0


@dataclass(frozen=True)
class Group:
    """One vendor, entity and currency with its lines; `more` of them are not shown."""

    id: int
    url: str
    vendor: str
    bench_url: str
    entity: str
    currency: str
    lines: int
    total: str
    status: str
    label: labels.Label | None
    problem: str
    gave_up: bool
    proposal: int | None
    seen: str
    rows: list[Line] = field(default_factory=list)
    more: int = 0

    @property
    def open(self) -> bool:
        """Whether a person can still change and propose it."""
        return self.status in (OPEN, LEFT_OUT)


@dataclass(frozen=True, kw_only=True)
class Listing(Paged):
    """One page of a plan's vendors."""

    @property
    def clear_url(self) -> str:
        return self.base


# --- vendor by vendor ----------------------------------------------------------------------------
def filtered(plan: Plan, filters: Filters) -> QuerySet[PlanGroup]:
    """The vendors of a plan that a query string asks for."""
    groups = plan.groups.annotate(status=STATUS)
    if status := filters.choice("status", _("Status"), STATUSES):
        wanted = {OPEN: [OPEN, LEFT_OUT, WAITING]}.get(status, [status])
        groups = groups.filter(status__in=wanted)
    strength = filters.choice("with", _("With"), WITH)
    if strength == "possible":
        groups = groups.filter(lines__gt=F("certain") + F("likely"))
    elif strength:
        groups = groups.filter(**{f"{strength}__gt": 0})
    if currency := filters.code("currency", _("Currency")):
        groups = groups.filter(currency=currency)
    return groups


def listing(
    plan: Plan, groups: QuerySet[PlanGroup], filters: Filters, *, key: str,
    entities: Mapping[str, str], locale: str, all_of_them: int,
) -> Listing:  # fmt: skip
    """One page of these vendors, with the first lines of each; `all_of_them`: of the plan."""
    page = paging.page(
        groups, order=["position"], key=key, scope=f"plan:{plan.pk}:{filters.scope}", size=SIZE
    )
    return Listing(
        base=reverse("plan", args=[plan.pk]),
        filters=filters,
        headers={},
        page=page,
        rows=shown(page.rows, most=LINES, entities=entities, locale=locale),
        count=count_words(sums.count(groups) if filters.active else all_of_them, locale),
    )


def one(group: PlanGroup, *, most: int, entities: Mapping[str, str], locale: str) -> Group:
    """One vendor as it is now, with its first lines."""
    now = PlanGroup.objects.annotate(status=STATUS).get(pk=group.pk)
    return shown([now], most=most, entities=entities, locale=locale)[0]


def shown(groups: list[Any], *, most: int, entities: Mapping[str, str], locale: str) -> list[Group]:
    """These groups (with `status`) and their first lines; five queries."""
    place = Window(RowNumber(), partition_by=F("group_id"), order_by=F("id").asc())
    lines = list(
        PlanLine.objects.filter(group__in=[one.pk for one in groups])
        .annotate(place=place, of_group=Window(Count("pk"), partition_by=F("group_id")))
        .filter(place__lte=most)
        .order_by("id")
    )
    notes = CreditNote.objects.in_bulk({line.credit_note_id for line in lines})
    invoices = InvoicePayable.objects.in_bulk({line.invoice_payable_id for line in lines})
    names = {note.vendor_id: note.vendor_name for note in notes.values()}
    cited = explaining.cited(notes)
    books = cut_off.books_to_come(invoices.values())
    of: dict[int, list[Any]] = defaultdict(list)
    for line in lines:
        of[line.group_id].append(line)
    found = []
    for group in groups:
        mine = of[group.pk]
        rows = [
            _line(
                line, notes.get(line.credit_note_id), invoices.get(line.invoice_payable_id),
                cited.get(line.credit_note_id, {}), group.currency, locale, books,
            )
            for line in mine
        ]  # fmt: skip
        vendor = names.get(group.vendor_id, "")
        more = mine[0].of_group - len(mine) if mine else 0
        found.append(_group(group, vendor, rows, more, entities, locale))
    return found


def _group(
    group: Any, vendor: str, rows: list[Line], more: int, entities: Mapping[str, str], locale: str
) -> Group:
    return Group(
        id=group.pk,
        url=reverse("plan_group", args=[group.pk]),
        vendor=vendor or _("A vendor without a name"),
        bench_url=documents.workbench_url(group.vendor_id, group.entity_id, group.currency),
        entity=entities.get(str(group.entity_id), "–"),
        currency=group.currency,
        lines=group.lines,
        total=money.text(group.total, group.currency, locale),
        status=group.status,
        label=LABELS.get(group.status),
        problem=group.problem,
        gave_up=group.gave_up,
        proposal=group.proposal_id,
        seen=str(group.version),
        rows=rows,
        more=more,
    )


def _line(
    line: PlanLine, note: CreditNote | None, invoice: InvoicePayable | None,
    cited: Mapping[str, explaining.Cited], currency: str, locale: str, books: cut_off.Books,
) -> Line:  # fmt: skip
    return Line(
        id=line.pk,
        note=_note(note, line),
        invoice=_invoice(invoice, line, books),
        label=explaining.strength(line.strength),
        sentence=explaining.sentence(line.why, currency=currency, locale=locale, cited=cited),
        minor=line.amount,
        amount=money.text(line.amount, currency, locale),
        typed=money.plain(line.amount, currency, locale) if line.amount else "",
        suggested=money.text(line.suggested, currency, locale)
        if line.amount != line.suggested
        else "",
        problem=line.problem,
    )


def _note(note: CreditNote | None, line: PlanLine) -> Document:
    return Document(
        str(note) if note else f"{str(line.credit_note_id)[:8]}…",
        reverse("credit_note", args=[line.credit_note_id]),
        labels.credit_note(note.status if note else ""),
        labels.day(note.document_date) if note and note.document_date else "",
    )


def _invoice(invoice: InvoicePayable | None, line: PlanLine, books: cut_off.Books) -> Document:
    """The invoice with the day it is paid on, or due."""
    words, warning = "", ""
    if invoice:
        day, by_light = documents.pays_on(invoice)
        on = labels.day(day) if day else ""
        words = (_("pays on %(day)s") if by_light else _("due %(day)s")) % {"day": on} if on else ""
        warning = f"{usable.payment_warning(invoice, on)} {cut_off.booking(invoice, books)}".strip()
    return Document(
        str(invoice) if invoice else f"{str(line.invoice_payable_id)[:8]}…",
        reverse("invoice_payable", args=[line.invoice_payable_id]),
        labels.invoice(invoice.state if invoice else ""),
        words,
        str(warning),
    )


# --- what became of it ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Handed:
    """A batch that was made of a plan, and how many of its proposals there are."""

    number: int
    url: str
    words: str


def handed_in(plan: Plan) -> list[Handed]:
    """The batches of a plan, the latest first (one query)."""
    found = []
    for batch in plan.batches.annotate(n=Count("proposals")):
        words = ngettext("%(n)d vendor proposed", "%(n)d vendors proposed", batch.n)
        found.append(Handed(batch.pk, reverse("batch", args=[batch.pk]), words % {"n": batch.n}))
    return found
