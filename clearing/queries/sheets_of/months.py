"""The sheets of month end: closed months, the months of an entity, the rows of one month."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from clearing import months
from clearing.models import CreditNote, Entity, Months, MonthTotal, Movement, Paper, Vendor
from clearing.queries import documents, history, papers, rolling
from clearing.queries.filters import Filters
from clearing.queries.month_end import rows as month_rows
from clearing.queries.month_end.place import Place
from clearing.queries.sheets_of import reading
from clearing.sheets import DAY, MOMENT, MONEY, NUMBER, Cells, Column, Sheet
from clearing.workflow import name_of


def closed_months() -> Sheet:
    columns = (
        Column("entity", _("Company entity")), Column("closed", _("Books closed through"), DAY),
        Column("filed", _("VAT filed through"), DAY), Column("by", _("Changed by")),
        Column("at", _("Changed at"), MOMENT), Column("id", _("Id in Light")),
    )  # fmt: skip
    known = Months.objects.select_related("changed_by").in_bulk()

    def cells(one: Entity) -> Cells:
        row = known.get(one.pk)
        said: tuple[Any, ...] = (None, None, "", None)
        if row:
            said = (row.closed_through, row.vat_filed_through, name_of(row.changed_by),
                    row.changed_at)  # fmt: skip
        return (one.name, *said, str(one.pk))

    rows = (cells(one) for one in Entity.objects.filter(gone_at=None))
    return Sheet("closed-months", _("Closed months"), columns, rows)


def months_of(place: Place) -> Sheet:
    """Every month in which something moved, with what was open at its end."""
    columns = (
        Column("month", _("Month")), Column("last_day", _("Last day"), DAY),
        Column("currency", _("Currency")), Column("change", _("Change"), MONEY, "currency"),
        Column("open", _("Open at the end"), MONEY, "currency"),
    )  # fmt: skip
    note = _("A month without a movement in a currency has no row: what was open stays the same.")
    return Sheet(
        "month-end", _("Month end"), columns, _months(place),
        (_("Company entity: %(entity)s") % {"entity": place.name},), (note,), adds_up=False,
    )  # fmt: skip


def month(place: Place, month: date) -> Sheet:
    """The roll-forward of a month, why it is open, and the ledger, one figure a row."""
    columns = (
        Column("part", _("Part")), Column("currency", _("Currency")), Column("figure", _("Figure")),
        Column("number", _("Number"), NUMBER), Column("amount", _("Amount"), MONEY, "currency"),
        Column("local_currency", _("Currency of the entity")),
        Column("local", _("In that currency, at booked rates"), MONEY, "local_currency"),
        Column("words", _("In words")),
    )  # fmt: skip
    note = _(
        "Opening and new, less cleared, with clearings undone, less cancelled: closing. Amounts "
        "are signed as they change what is open."
    )
    shown = (_("Company entity: %(entity)s") % {"entity": place.name}, months.name(month))
    name, title = f"month-{months.code(month)}", _("Month end %(month)s")
    title = title % {"month": months.name(month)}
    return Sheet(name, title, columns, _month(place, month), shown, (note,), adds_up=False)


def _month(place: Place, month: date) -> Iterator[Cells]:
    made = Paper.objects.filter(month_end__entity_id=place.id, month_end__month=month).first()
    if made:  # all of it as of the same moment, and under signatures as it was signed
        rolled = [rolling.RollForward.kept(one) for one in made.figures["rolled"]]
    else:
        rolled = rolling.roll_forward(place.id, month)
    part = _("Roll-forward")
    for one in rolled:
        lines = [(_("Opening"), one.opening, 1, "")]
        for kind in rolling.KINDS:
            sign = -1 if kind in rolling.LESS else 1
            lines.append((str(kind.label), one.moved[kind], sign, ""))
            lines.append((str(kind.label), one.late[kind], sign, _("of these back-dated")))
        lines.append((_("Closing"), one.closing, 1, ""))
        for words, figure, sign, more in lines:
            yield (part, one.currency, words, figure.number, sign * figure.amount, place.local,
                   None if figure.untranslated else sign * figure.local, more)  # fmt: skip
    if made is None:
        return
    for currency, why, age, count, amount in made.figures["open"]:
        yield (_("Why it is open"), currency, str(papers.WHY[why]), count, amount, place.local,
               None, str(papers.AGES[age]))  # fmt: skip
    for currency, entry in made.figures["ledger"].items():
        for words, amount, more in (
            (_("Per Light's ledger"), entry["amount"], entry["by"]),
            (_("Explained part of the difference"), entry["explained"], entry["words"]),
        ):
            yield (_("Ledger"), currency, words, None, amount, place.local, None, more)


def _months(place: Place) -> Iterator[Cells]:
    changes = (
        MonthTotal.objects.filter(entity_id=place.id).values("month", "currency")
        .annotate(change=Sum("amount")).order_by("month", "currency")
    )  # fmt: skip
    left: dict[str, int] = {}
    for row in changes.iterator():
        code = row["currency"]
        left[code] = left.get(code, 0) + row["change"]
        yield (months.code(row["month"]), months.last_day(row["month"]), code, row["change"],
               left[code])  # fmt: skip


def rows_of_month(filters: Filters, place: Place, month: date) -> Sheet:
    """What the page of a figure's rows shows: movements, or credit notes open at a moment."""
    asked = Filters(filters.values)
    kind = asked.choice("kind", _("Figure"), month_rows.SHOWS)
    found = month_rows.movements_of(asked, place, month, kind)
    at_moment = kind in month_rows.MOMENTS
    title = _("Rows of %(month)s") % {"month": months.name(month)}
    shown = (_("Company entity: %(entity)s") % {"entity": place.name}, *reading.words(asked))
    return Sheet(
        f"month-end-{months.code(month)}{f'-{kind}' if kind else ''}", title,
        _open_columns() if at_moment else _moved_columns(),
        _open_rows(found, place) if at_moment else _moved_rows(found, place), shown,
        (_("Amounts are signed: above 0 more credit is open, below 0 less."),),
    )  # fmt: skip


def _amounts(words: str) -> tuple[Column, ...]:
    return (
        Column("currency", _("Currency")), Column("amount", words, MONEY, "currency"),
        Column("local_currency", _("Currency of the entity")),
        Column("local", _("In that currency, at booked rates"), MONEY, "local_currency"),
    )  # fmt: skip


def _open_columns() -> tuple[Column, ...]:
    return (
        Column("note", _("Credit note")), Column("date", _("Document date"), DAY),
        Column("vendor", _("Vendor")), *_amounts(_("Open then")), Column("id", _("Id in Light")),
    )  # fmt: skip


def _open_rows(found: Any, place: Place) -> Iterator[Cells]:
    notes = CreditNote.objects.filter(pk__in=month_rows.open_of(found).values("credit_note_id"))

    def cells_of(chunk: list[CreditNote]) -> list[Cells]:
        of_these = found.filter(credit_note_id__in=[note.pk for note in chunk])
        left = {row["credit_note_id"]: row for row in month_rows.open_of(of_these)}
        return [
            (note.document_number, note.document_date, note.vendor_name, one["currency"],
             one["open"], place.local, None if one["without"] else one["value"], str(note.pk))
            for note in chunk
            if (one := left.get(note.pk))
        ]  # fmt: skip

    return reading.cells(notes, ["document_day"], cells_of)


def _moved_columns() -> tuple[Column, ...]:
    return (
        Column("note", _("Credit note")), Column("day", _("Accounting date"), DAY),
        Column("assumed", _("Date assumed"), NUMBER), Column("vendor", _("Vendor")),
        Column("movement", _("Movement")), Column("invoice", _("Invoice")),
        *_amounts(_("Amount")), Column("made", _("Made")),
        Column("known", _("Known since"), MOMENT), Column("late", _("Back-dated"), NUMBER),
        Column("taken_back", _("Taken back at"), MOMENT),
        Column("takes_back", _("Takes back what was known since"), MOMENT),
        Column("note_id", _("Id of the credit note")), Column("invoice_id", _("Id of the invoice")),
    )  # fmt: skip


def _moved_rows(found: Any, place: Place) -> Iterator[Cells]:
    def cells_of(chunk: list[Any]) -> list[Cells]:
        names = history.documents_named(
            id for one in chunk for id in (one.credit_note_id, one.invoice_payable_id)
        )
        vendors = Vendor.objects.in_bulk({one.vendor_id for one in chunk if one.vendor_id})
        return [_moved(one, place, names, vendors) for one in chunk]

    return reading.cells(month_rows.with_others(found), ["day"], cells_of)


def _moved(one: Any, place: Place, names: history.Documents, vendors: dict[Any, Vendor]) -> Cells:
    vendor = vendors.get(one.vendor_id)
    return (
        documents.name_of_document(names, one.credit_note_id), one.day, int(one.assumed),
        vendor.name if vendor else "", str(Movement.Kind(one.kind).label),
        documents.name_of_document(names, one.invoice_payable_id), one.currency, one.amount,
        place.local, one.local, str(Movement.Made(one.made).label), one.known_at, int(one.late),
        one.taken_back_at, one.was_known_at, str(one.credit_note_id),
        str(one.invoice_payable_id or ""),
    )  # fmt: skip
