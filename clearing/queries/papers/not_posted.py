"""Credit notes of a month that were not in the ledger when it ended, and what each lacks."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clearing import lines, usable
from clearing.models import CreditNote, CreditNoteLine, Movement, Seen
from clearing.queries.papers.open_credit import age
from clearing.queries.papers.scope import List, Row, Scope, by_name, chunks, text
from clearing.sheets import DAY, MONEY, Column

DRAFT, POSTED_SINCE, DISCARDED_SINCE = "draft", "posted_since", "discarded_since"
STILL = {
    DRAFT: _("Still not posted"),
    POSTED_SINCE: _("Posted since"),
    DISCARDED_SINCE: _("Discarded since"),
}
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
    """Drafts dated in the month or before it, and what was posted or discarded only after its end.

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
    """Those of all three that are dated by the month's end."""
    mine: QuerySet[CreditNote] = CreditNote.objects.filter(
        Q(document_date=None) | Q(document_date__lte=scope.last), entity_id=scope.named
    )
    drafts = mine.filter(status__in=BEFORE_LEDGER, gone_at=None).exclude(adjusts_payables=False)
    booked = mine.exclude(status__in=BEFORE_LEDGER)
    late = (note for ids in chunks(posted) for note in booked.filter(pk__in=ids))
    for note in (*drafts, *late, *_discarded_since(scope, mine)):
        if _dated(scope, note) <= scope.last:
            yield note


def _dated(scope: Scope, note: CreditNote) -> date:
    created = note.created_in_light_at or note.first_seen_at
    return note.document_date or scope.day_of(created)


def _discarded_since(scope: Scope, mine: QuerySet[CreditNote]) -> Iterator[CreditNote]:
    """Those that were a draft at the month's end, or became one, and then none that was posted."""
    ended = Q(status="ARCHIVED") | Q(status__in=BEFORE_LEDGER, gone_at__gte=scope.over_at)
    booked = Movement.objects.filter(credit_note_id=OuterRef("pk"))
    gone = mine.filter(ended, changed_at__gte=scope.over_at).exclude(adjusts_payables=False)
    for some in chunks(gone.filter(~Exists(booked)).iterator()):
        seen: dict[UUID, list[Seen]] = {note.pk: [] for note in some}
        changes = Seen.objects.filter(
            document_id__in=seen, what="credit_note", field__in=["status", "gone"]
        )
        for one in changes.order_by("at", "pk"):
            seen[one.document_id].append(one)
        for note in some:
            left = _left_drafts(note, seen[note.pk])
            if left is not None and left >= scope.over_at:
                yield note


def _left_drafts(note: CreditNote, changes: list[Seen]) -> datetime | None:
    """When it was seen for the last time that a draft is none any more; None: it never was one."""
    status = next((one.before for one in changes if one.field == "status"), note.status)
    gone, left = False, None
    for at, some in groupby(changes, key=lambda one: one.at):
        was = status in BEFORE_LEDGER and not gone
        for one in some:
            if one.field == "status":
                status = one.after
            else:
                gone = bool(one.after)
        if was and (gone or status not in BEFORE_LEDGER):
            left = at
    return left


def _rows(scope: Scope, some: list[CreditNote], posted: dict[UUID, date]) -> Iterator[Row]:
    of: dict[UUID, list[CreditNoteLine]] = {note.pk: [] for note in some}
    for line in CreditNoteLine.objects.filter(credit_note_id__in=of):
        of[line.credit_note_id].append(line)
    for note in some:
        day = posted.get(note.pk) if note.status not in BEFORE_LEDGER else None
        stands = note.status in BEFORE_LEDGER and note.gone_at is None
        still = POSTED_SINCE if day else DRAFT if stands else DISCARDED_SINCE
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
            ", ".join(str(LACKS[code]) for code in lacking(note, sums)) if stands else "",
            text(note.pk),
            text(note.vendor_id),
        )
        yield Row(note.currency, amount, still, age(_dated(scope, note), scope.last), cells)


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
