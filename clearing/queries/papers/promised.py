"""Links that were promised by a month's end and had not cleared, and those Light did not honour."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clearing.models import CreditNote, Link, Movement
from clearing.queries.papers.scope import (
    List,
    Row,
    Scope,
    by_name,
    chunks,
    invoices,
    notes,
    text,
)
from clearing.sheets import DAY, MONEY, Column

F, K = Link.Fate, Movement.Kind
HERE, LIGHT = "here", "light"
MADE = {HERE: _("Made here"), LIGHT: _("Made in Light")}
COLUMNS = (
    Column("vendor", _("Vendor")),
    Column("number", _("Credit note")),
    Column("invoice", _("Invoice")),
    Column("promised_on", _("Promised on"), DAY),
    Column("made", _("Made")),
    Column("fate", _("What became of it")),
    Column("fate_on", _("Since"), DAY),
    Column("promised", _("Promised"), MONEY, currency="currency"),
    Column("amount", _("Not cleared"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("credit_note_id", _("Credit note's id")),
    Column("invoice_id", _("Invoice's id")),
    Column("vendor_id", _("Vendor's id")),
)
Pair = tuple[UUID, UUID | None]


def promised(scope: Scope) -> list[Row]:
    """Links seen by the month's end that had not ended then, with what was not cleared by then."""
    ended = Q(gone_at__lt=scope.over_at) | Q(
        fate__in=[F.REMOVED, F.UNDONE, F.NOT_HONOURED], fate_at__lt=scope.over_at
    )
    found = Link.objects.filter(first_seen_at__lt=scope.over_at, amount__gt=0).exclude(ended)
    return _listed(scope, found, less_cleared=True)


def not_honoured(scope: Scope) -> list[Row]:
    """Links whose invoice was posted without them, by the day on which that was seen."""
    over = scope.over_at
    found = Link.objects.filter(fate=F.NOT_HONOURED, fate_at__lt=over, amount__gt=0)
    return [
        row
        for row in _listed(scope, found, less_cleared=False)
        if row.cells[6] and row.cells[6] >= scope.month
    ]


def _listed(scope: Scope, links: QuerySet[Link], *, less_cleared: bool) -> list[Row]:
    mine = CreditNote.objects.filter(entity_id=scope.named)
    found: list[Row] = []
    ids = links.filter(credit_note_id__in=mine.values("pk")).order_by("pk")
    for some in chunks(ids.iterator()):
        found += _rows(scope, some, _cleared(scope, some) if less_cleared else {})
    return sorted(found, key=by_name)


def _cleared(scope: Scope, links: Iterable[Link]) -> dict[Pair, int]:
    """What each pair had cleared by the month's end, less what was undone by then."""
    pairs: dict[Pair, int] = defaultdict(int)
    moved = Movement.objects.filter(
        credit_note_id__in=[link.credit_note_id for link in links],
        kind__in=[K.CLEARED, K.UNDONE], month__lte=scope.month, invoice_payable_id__isnull=False,
    )  # fmt: skip
    for note, invoice, amount in moved.values_list(
        "credit_note_id", "invoice_payable_id", "amount"
    ):
        pairs[note, invoice] -= amount
    return pairs


def _rows(scope: Scope, links: list[Link], cleared: dict[Pair, int]) -> Iterator[Row]:
    of_notes = notes(link.credit_note_id for link in links)
    of_invoices = invoices(link.invoice_payable_id for link in links)
    for link in links:
        pair = (link.credit_note_id, link.invoice_payable_id)
        left = link.amount - cleared.get(pair, 0)
        if left <= 0:
            continue
        note, invoice = of_notes[link.credit_note_id], of_invoices.get(link.invoice_payable_id)
        made = HERE if link.made_here else LIGHT
        currency = link.currency or note.currency
        cells = (
            note.vendor_name,
            str(note),
            str(invoice) if invoice else text(link.invoice_payable_id)[:8],
            scope.day_of(link.first_seen_at),
            str(MADE[made]),
            str(F(link.fate).label),
            scope.day_of(link.fate_at),
            link.amount,
            left,
            currency,
            text(link.credit_note_id),
            text(link.invoice_payable_id),
            text(note.vendor_id),
        )
        yield Row(currency, left, made, "", cells)


PROMISED = List(
    key="promised",
    title=_("Promised but not cleared"),
    about=_("Links that stood at the end of the month, with what their invoices had not cleared."),
    columns=COLUMNS,
    rows=promised,
    parts=MADE,
    none=_("Every promised link had cleared."),
)
NOT_HONOURED = List(
    key="not-honoured",
    title=_("Not honoured by Light"),
    about=_("Links whose invoices were posted in the month without using the credit."),
    columns=COLUMNS,
    rows=not_honoured,
    parts=MADE,
    none=_("Light honoured every link."),
)
