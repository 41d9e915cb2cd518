"""What the credit-note pages read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, money
from clearing.models import Balance, CreditNote
from clearing.queries import documents, paging
from clearing.queries.filters import Filters
from clearing.queries.today import arrived
from clearing.queries.today.days import working_day_before

KIND = Balance.Kind.CREDIT_NOTE
SORTS = {"date": "-", "number": "", "vendor": "", "free": "-"}  # direction of the first click
COLUMNS = {"date": "document_day", "number": "document_number", "vendor": "vendor_name"}
DEFAULT = "-date"
OTHER = "OTHER"
CAN_BE_CANCELLED = ("DRAFT", "APPROVAL_PENDING", "APPROVED", "POSTED")
STATUSES = {code: label.word for code, label in labels.CREDIT_NOTE.items()} | {
    OTHER: gettext_lazy("Not known here")
}


@dataclass(frozen=True)
class Row:
    """A credit note as its row shows it: strings only."""

    id: UUID
    url: str
    number: str
    about: str
    day: str
    day_iso: str
    vendor: str
    vendor_url: str
    entity: str
    word: str
    tone: str
    amount: str
    free: str
    held: str
    held_url: str
    problem: str
    clear_url: str
    minor: int | None  # the amount in the smallest unit of `currency`
    currency: str
    decimals: int
    can_be_chosen: bool  # to be cancelled together with others


def filtered(filters: Filters, entities: dict[str, str]) -> tuple[QuerySet, QuerySet]:
    """The credit notes that a query string asks for; the second ignores its currency."""
    notes = CreditNote.objects.all()
    status = filters.choice("status", _("Status"), STATUSES)
    if status == OTHER:
        notes = notes.exclude(status__in=labels.CREDIT_NOTE)
    elif status:
        notes = notes.filter(status=status)
    notes = documents.by_use(notes, KIND, filters.choice("use", _("Use"), documents.USE))
    if vendor := filters.uuid("vendor", _("Vendor")):
        notes = notes.filter(vendor_id=vendor)
    if entity := filters.choice("entity", _("Entity"), entities):
        notes = notes.filter(entity_id=entity)
    if start := filters.day("from", _("Dated from")):
        notes = notes.filter(document_day__gte=start)
    if end := filters.day("to", _("Dated to")):
        notes = notes.filter(document_day__lte=end, document_date__isnull=False)
    if part := filters.choice("arrived", _("New"), arrived.PARTS):
        last = working_day_before(timezone.localdate())
        day = filters.day("since", _("Since the end of")) or last
        notes = arrived.only(notes, part, day)
    notes = documents.search(
        notes, filters.text("q", _("Text")),
        "document_number", "vendor_name", "description", "document_name",
    )  # fmt: skip
    currency = filters.code("currency", _("Currency"))
    return (notes.filter(currency=currency) if currency else notes), notes


def page(
    notes: QuerySet, *, sort: str, key: str, scope: str
) -> tuple[paging.Page, list[Any], dict[UUID, Balance]]:
    """One page of credit notes, by a column or by what is free, with their balances."""
    return documents.page_of(notes, KIND, columns=COLUMNS, sort=sort, key=key, scope=scope)


def rows(
    notes: Iterable[CreditNote],
    *,
    entities: dict[str, str],
    locale: str,
    balances: dict[UUID, Balance] | None = None,
) -> list[Row]:
    """The rows of these credit notes; at most two queries, whatever their number."""
    notes = list(notes)
    ids = [note.pk for note in notes]
    if balances is None:
        balances = documents.balances(ids)
    holds = documents.holds(ids) if any(row.held for row in balances.values()) else {}
    note_url = documents.url_pattern("credit_note")
    vendor_url = documents.url_pattern("vendor")
    return [
        _row(
            note, balances.get(note.pk), holds.get(note.pk), entities, locale, note_url, vendor_url
        )
        for note in notes
    ]


def _row(
    note: CreditNote, balance: Balance | None, hold: documents.Hold | None,
    entities: dict[str, str], locale: str, note_url: str, vendor_url: str,
) -> Row:  # fmt: skip
    problem = documents.note_problem(note, balance)
    label = labels.credit_note(note.status)
    free = balance.available if balance else None
    return Row(
        id=note.pk,
        url=note_url.format(note.pk),
        number=str(note),
        about=note.description or note.document_name,
        day=labels.day(note.document_date) if note.document_date else _("missing"),
        day_iso=note.document_date.isoformat() if note.document_date else "",
        vendor=note.vendor_name or _("missing"),
        vendor_url=vendor_url.format(note.vendor_id) if note.vendor_id else "",
        entity=entities.get(str(note.entity_id), "–") if note.entity_id else _("missing"),
        word=str(label.word),
        tone=label.tone,
        amount=documents.amount(note.amount, note.currency, locale),
        free=_("not known") if free is None else documents.amount(free, note.currency, locale),
        held=hold.words if hold else "",
        held_url=hold.proposal_url if hold else "",
        problem=problem.sentence if problem else "",
        clear_url="" if problem else documents.clear_url(note),
        minor=note.amount,
        currency=note.currency,
        decimals=money.decimals(note.currency),
        can_be_chosen=note.status in CAN_BE_CANCELLED and note.gone_at is None,
    )
