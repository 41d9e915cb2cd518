"""What moved in a month: what Light did by itself, FX differences, invoices opened again."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clearing import fx
from clearing.models import Movement
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

K, Made = Movement.Kind, Movement.Made
DOCUMENTS = (
    Column("vendor", _("Vendor")),
    Column("number", _("Credit note")),
    Column("invoice", _("Invoice")),
    Column("day", _("Accounting date"), DAY),
)
IDS = (
    Column("credit_note_id", _("Credit note's id")),
    Column("invoice_id", _("Invoice's id")),
    Column("vendor_id", _("Vendor's id")),
)
COLUMNS = (
    *DOCUMENTS,
    Column("amount", _("Amount"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("local", _("Value at booked rate"), MONEY, currency="local_currency"),
    Column("local_currency", _("Company currency")),
    *IDS,
)
FX_COLUMNS = (
    *DOCUMENTS,
    Column("cleared", _("Cleared"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("note_rate", _("Credit note's rate")),
    Column("invoice_rate", _("Invoice's rate")),
    Column("amount", _("Estimated difference"), MONEY, currency="local_currency"),
    Column("local_currency", _("Company currency")),
    *IDS,
)
REOPENED_COLUMNS = (
    *DOCUMENTS,
    Column("made", _("Made")),
    Column("amount", _("Opened again"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("local", _("Value at booked rate"), MONEY, currency="local_currency"),
    Column("local_currency", _("Company currency")),
    *IDS,
)


def standing(scope: Scope, *kinds: str) -> QuerySet[Movement]:
    """Movements of these kinds in the month that no other one takes back."""
    back = Movement.objects.filter(takes_back=OuterRef("pk"))
    mine = Movement.objects.filter(entity_id=scope.named, month=scope.month, kind__in=kinds)
    return mine.filter(Q(takes_back=None) & ~Exists(back))


def by_light(scope: Scope) -> list[Row]:
    """Clearings that nobody linked: here or in Light."""
    moved = standing(scope, K.CLEARED).filter(made=Made.ITSELF)
    return _listed(moved, lambda *found: _plain(scope, *found))


def reopened(scope: Scope) -> list[Row]:
    """Clearings undone in the month, by the invoice that is open again."""
    return _listed(standing(scope, K.UNDONE), lambda *found: _again(scope, *found))


def fx_differences(scope: Scope) -> list[Row]:
    """Clearings of two documents with different booked rates; undone ones with the other sign.

    What Light books may differ.
    """
    if not scope.local:
        return []
    moved = standing(scope, K.CLEARED, K.UNDONE).exclude(currency=scope.local)
    return _listed(moved.filter(invoice_payable_id__isnull=False), lambda *x: _fx(scope, *x))


Cut = Callable[[Movement, Any, Any], Row | None]


def _listed(moved: QuerySet[Movement], row: Cut) -> list[Row]:
    found: list[Row] = []
    for some in chunks(moved.order_by("pk").iterator()):
        found += _rows(some, row)
    return sorted(found, key=by_name)


def _rows(moved: Iterable[Movement], row: Cut) -> Iterator[Row]:
    moved = list(moved)
    of_notes = notes(one.credit_note_id for one in moved)
    of_invoices = invoices(one.invoice_payable_id for one in moved)
    for one in moved:
        invoice = of_invoices.get(one.invoice_payable_id) if one.invoice_payable_id else None
        if found := row(one, of_notes.get(one.credit_note_id), invoice):
            yield found


def _documents(one: Movement, note: Any, invoice: Any) -> tuple[Any, ...]:
    return (
        note.vendor_name if note else "",
        _name(note, one.credit_note_id),
        _name(invoice, one.invoice_payable_id),
        one.day,
    )


def _name(document: Any, id: UUID | None) -> str:
    return str(document) if document else text(id)[:8]


def _ids(one: Movement) -> tuple[str, ...]:
    return text(one.credit_note_id), text(one.invoice_payable_id), text(one.vendor_id)


def _plain(scope: Scope, one: Movement, note: Any, invoice: Any) -> Row:
    local = None if one.local is None else -one.local
    cells = (-one.amount, one.currency, local, scope.local)
    documents = _documents(one, note, invoice)
    return Row(one.currency, -one.amount, "", "", (*documents, *cells, *_ids(one)))


def _again(scope: Scope, one: Movement, note: Any, invoice: Any) -> Row:
    cells = (str(Made(one.made).label), one.amount, one.currency, one.local, scope.local)
    documents = _documents(one, note, invoice)
    return Row(one.currency, one.amount, one.made, "", (*documents, *cells, *_ids(one)))


def _fx(scope: Scope, one: Movement, note: Any, invoice: Any) -> Row | None:
    """The same amount at the invoice's rate, less at the credit note's: in the own currency."""
    if note is None or invoice is None:
        return None
    cleared = -one.amount
    at_note = fx.translated(cleared, one.currency, note.local_fx_rate, scope.local)
    at_invoice = fx.translated(cleared, one.currency, invoice.local_fx_rate, scope.local)
    if at_note is None or at_invoice is None or at_note == at_invoice:
        return None
    amount = at_invoice - at_note
    cells = (
        cleared, one.currency, note.local_fx_rate, invoice.local_fx_rate, amount, scope.local,
    )  # fmt: skip
    documents = _documents(one, note, invoice)
    return Row(scope.local, amount, "", "", (*documents, *cells, *_ids(one)))


BY_LIGHT = List(
    key="by-light",
    title=_("What Light did by itself"),
    about=_("Clearings of the month that nobody had linked, here or in Light."),
    columns=COLUMNS,
    rows=by_light,
    none=_("Light used no credit by itself."),
)
FX = List(
    key="fx",
    title=_("Estimated FX differences"),
    about=_(
        "Clearings whose two documents were booked at different rates: the amount at the "
        "invoice's rate less that at the credit note's, and the other way round where a clearing "
        "was undone. An estimate: Light books its own."
    ),
    columns=FX_COLUMNS,
    rows=fx_differences,
    none=_("No clearing had two rates."),
)
REOPENED = List(
    key="reopened",
    title=_("Invoices opened again"),
    about=_("Clearings that were undone in the month: their invoices are open again."),
    columns=REOPENED_COLUMNS,
    rows=reopened,
    parts={made.value: made.label for made in Made},
    none=_("No clearing was undone."),
)
