"""What has changed a month since it was signed: movements that the paper does not know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import money, workflow
from clearing.models import Instruction, Movement, Paper
from clearing.models.movement import NO_ENTITY
from clearing.queries import documents, history, made_by, paging
from clearing.queries.sheets_of import reading
from clearing.sheets import DAY, MOMENT, MONEY, Cells, Column, Sheet

K, Made = Movement.Kind, Movement.Made
COLUMNS = (
    Column("number", gettext_lazy("Credit note")),
    Column("what", gettext_lazy("What")),
    Column("invoice", gettext_lazy("Invoice")),
    Column("day", gettext_lazy("Accounting date"), DAY),
    Column("known", gettext_lazy("Known since"), MOMENT),
    Column("who", gettext_lazy("Who")),
    Column("amount", gettext_lazy("By how much"), MONEY, currency="currency"),
    Column("currency", gettext_lazy("Currency")),
    Column("credit_note_id", gettext_lazy("Credit note's id")),
    Column("invoice_id", gettext_lazy("Invoice's id")),
)


@dataclass(frozen=True)
class Changes:
    """How many, and by how much together, per currency."""

    count: int
    totals: list[str]


@dataclass(frozen=True)
class Row:
    """One change, its texts ready for the screen."""

    note: str
    note_url: str
    what: str
    invoice: str
    invoice_url: str
    day: date
    known_at: datetime
    who: str
    amount: str


def since(paper: Paper) -> QuerySet[Movement]:
    """Movements of its month, or of one before it, that came to be known later."""
    end = paper.month_end
    named = None if end.entity_id == NO_ENTITY else end.entity_id
    return Movement.objects.filter(
        entity_id=named, month__lte=end.month, late=True, id__gt=paper.movements_to
    )


def changes(paper: Paper, locale: str) -> Changes:
    """One query over the few late movements since."""
    sums = since(paper).order_by("currency").values("currency")
    rows = list(sums.annotate(n=Count("pk"), amount=Sum("amount")))
    return Changes(
        count=sum(row["n"] for row in rows),
        totals=[money.text(row["amount"], row["currency"], locale) for row in rows],
    )


def page(paper: Paper, *, key: str) -> paging.Page:
    """One page of them, the newest first."""
    return paging.page(since(paper), order=["-id"], key=key, scope=f"changed:{paper.pk}")


def rows(found: Iterable[Movement], locale: str) -> list[Row]:
    """Their texts; a handful of queries, whatever their number."""
    told = []
    for cells in _cells(list(found)):
        note, what, invoice, day, known_at, who, amount, currency, note_id, invoice_id = cells
        told.append(
            Row(
                note=note,
                note_url=reverse("credit_note", args=[note_id]),
                what=what,
                invoice=invoice,
                invoice_url=reverse("invoice_payable", args=[invoice_id]) if invoice_id else "",
                day=day,
                known_at=known_at,
                who=who,
                amount=money.text(amount, currency, locale),
            )
        )
    return told


def sheet(paper: Paper) -> Sheet:
    """All of them, to hand over."""
    name = f"changed-since-signed-{paper.month_end.month:%Y-%m}"
    cells = reading.cells(since(paper), ["-id"], _cells)
    return Sheet(name, _("Changed since it was signed"), COLUMNS, cells)


def _cells(found: list[Movement]) -> list[Cells]:
    names = history.documents_named(
        id for one in found for id in (one.credit_note_id, one.invoice_payable_id)
    )
    lines = made_by.lines(found, amended=True)
    return [
        (
            documents.name_of_document(names, one.credit_note_id),
            _what(one),
            documents.name_of_document(names, one.invoice_payable_id),
            one.day,
            one.known_at,
            _of_line(lines[one.pk]) if one.pk in lines else str(Made(one.made).label),
            one.amount,
            one.currency,
            str(one.credit_note_id),
            str(one.invoice_payable_id or ""),
        )
        for one in found
    ]


def _what(one: Movement) -> str:
    label = str(K(one.kind).label)
    return (
        _("%(what)s: Light shows it otherwise now") % {"what": label} if one.takes_back else label
    )


def _of_line(line: Instruction) -> str:
    asked = workflow.name_of(line.asked_by)
    if line.approved_by is None:
        return _("Here: %(asked)s") % {"asked": asked}
    words = {"asked": asked, "approved": workflow.name_of(line.approved_by)}
    return _("Here: %(asked)s, approved by %(approved)s") % words
