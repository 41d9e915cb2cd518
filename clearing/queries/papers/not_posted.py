"""Credit notes of a month that were not in the ledger when it ended, and what each lacks."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clearing import lines, usable
from clearing.models import CreditNote, CreditNoteLine, Movement
from clearing.queries.papers.open_credit import age
from clearing.queries.papers.scope import List, Row, Scope, by_name, chunks, text
from clearing.sheets import DAY, MONEY, Column

DRAFT, POSTED_SINCE = "draft", "posted_since"
STILL = {DRAFT: _("Still not posted"), POSTED_SINCE: _("Posted since")}
BEFORE_LEDGER = ("DRAFT", "APPROVAL_PENDING", "APPROVED")
LACKS = {
    "vendor": _("vendor"),
    "currency": _("currency"),
    "amount": _("amount"),
    "line": _("line"),
    "unread": _("its lines were not read yet"),
    "differ": _("lines and amount differ"),
}
COLUMNS = (
    Column("vendor", _("Vendor")),
    Column("number", _("Credit note")),
    Column("dated", _("Dated"), DAY),
    Column("posted", _("Posted on"), DAY),
    Column("still", _("State")),
    Column("net", _("Net"), MONEY, currency="currency"),
    Column("tax", _("VAT"), MONEY, currency="currency"),
    Column("amount", _("Gross"), MONEY, currency="currency"),
    Column("currency", _("Currency")),
    Column("lacks", _("Lacks")),
    Column("credit_note_id", _("Credit note's id")),
    Column("vendor_id", _("Vendor's id")),
)


def rows(scope: Scope) -> list[Row]:
    """Drafts dated in the month or before it, and what was posted only after its end.

    One without a date belongs to the day it was created on, or first seen.
    """
    posted = _posted_after(scope)
    found = candidates(scope, posted)
    listed: list[Row] = []
    for some in chunks(found):
        listed += _rows(scope, some, posted)
    return sorted(listed, key=by_name)


def _posted_after(scope: Scope) -> dict[UUID, date]:
    """Credit notes that came into the ledger after the month's end, with the day."""
    new = Movement.objects.filter(
        kind=Movement.Kind.NEW, entity_id=scope.named, day__gt=scope.last, takes_back=None
    )
    back = Movement.objects.filter(takes_back=OuterRef("pk"))
    return dict(new.filter(~Exists(back)).values_list("credit_note_id", "day"))


def candidates(scope: Scope, posted: Iterable[UUID]) -> Iterator[CreditNote]:
    """Those of both that are dated by the month's end."""
    mine: QuerySet[CreditNote] = CreditNote.objects.filter(
        Q(document_date=None) | Q(document_date__lte=scope.last), entity_id=scope.named
    )
    drafts = mine.filter(status__in=BEFORE_LEDGER, gone_at=None).exclude(adjusts_payables=False)
    booked = mine.exclude(status__in=BEFORE_LEDGER)
    late = (note for ids in chunks(posted) for note in booked.filter(pk__in=ids))
    for note in (*drafts, *late):
        created = note.created_in_light_at or note.first_seen_at
        if (note.document_date or scope.day_of(created)) <= scope.last:
            yield note


def _rows(scope: Scope, some: list[CreditNote], posted: dict[UUID, date]) -> Iterator[Row]:
    of: dict[UUID, list[CreditNoteLine]] = {note.pk: [] for note in some}
    for line in CreditNoteLine.objects.filter(credit_note_id__in=of):
        of[line.credit_note_id].append(line)
    for note in some:
        day = posted.get(note.pk) if note.status not in BEFORE_LEDGER else None
        still = DRAFT if day is None else POSTED_SINCE
        sums = lines.totals(of[note.pk])
        known = bool(of[note.pk]) and not sums.unknown and _small(sums.net, sums.tax)
        amount = note.amount if _small(note.amount or 0) else None
        cells = (
            note.vendor_name,
            str(note),
            note.document_date,
            day,
            str(STILL[still]),
            abs(sums.net) if known else None,
            abs(sums.tax) if known else None,
            amount,
            note.currency,
            ", ".join(str(LACKS[code]) for code in lacking(note, sums)) if day is None else "",
            text(note.pk),
            text(note.vendor_id),
        )
        yield Row(note.currency, amount, still, age(note.document_date, scope.last), cells)


def _small(*amounts: int) -> bool:
    return all(abs(one) <= usable.LARGEST for one in amounts)


def lacking(note: CreditNote, sums: lines.Totals) -> list[str]:
    """What a draft needs before it can be posted, as codes."""
    found = {
        "vendor": note.vendor_id is None,
        "currency": not note.currency,
        "amount": note.amount is None,
        "line": note.lines_read_at is not None and not sums.count,
        "unread": note.lines_read_at is None,
        "differ": sums.differs_from(note.amount),
    }
    return [code for code, lacks in found.items() if lacks]


NOT_POSTED = List(
    key="not-posted",
    title=_("Not posted at month end"),
    about=_("Credit notes dated by the end of the month that were not in the ledger then."),
    columns=COLUMNS,
    rows=rows,
    parts=STILL,
    none=_("Every credit note of the month was posted."),
)
