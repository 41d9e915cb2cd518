"""Links that were promised by a month's end and had not cleared, and those Light did not honour."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from clearing.models import CreditNote, Link, Movement, Seen
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


class Then(NamedTuple):
    """What a link promised at the month's end, and on which day it was first seen."""

    amount: int
    since: date


def promised(scope: Scope) -> list[Row]:
    """Links that stood at the month's end, with what they had not cleared by then.

    As Light showed them then, whatever became of them since. A link of a credit note with
    nothing open is no promise any more.
    """
    ended = Q(
        fate__in=[F.REMOVED, F.UNDONE, F.NOT_HONOURED], fate_at__lt=scope.over_at,
        first_seen_at__lt=scope.over_at,
    )  # fmt: skip
    gone = Q(gone_at__lt=scope.over_at)
    found: list[Row] = []
    for some in _chunks(scope, Link.objects.exclude(ended).exclude(gone)):
        then, moved, open_ = _then(scope, some), *_moved(scope, some)
        left = {
            pair: one.amount - moved[pair]
            for pair, one in then.items()
            if one.amount > moved[pair] and open_[pair[0]] > 0
        }
        found += _rows(scope, some, then, left)
    return sorted(found, key=by_name)


def not_honoured(scope: Scope) -> list[Row]:
    """Links whose invoice was posted without them, by the day on which that was seen."""
    missed = Link.objects.filter(fate=F.NOT_HONOURED, fate_at__lt=scope.over_at, amount__gt=0)
    found: list[Row] = []
    for some in _chunks(scope, missed):
        then = {
            _pair(link): Then(link.amount, scope.day_of(link.first_seen_at))
            for link in some
            if scope.day_of(link.fate_at) >= scope.month
        }
        found += _rows(scope, some, then, {pair: one.amount for pair, one in then.items()})
    return sorted(found, key=by_name)


def _pair(link: Link) -> Pair:
    return link.credit_note_id, link.invoice_payable_id


def _chunks(scope: Scope, links: QuerySet[Link]) -> Iterator[list[Link]]:
    """Of the entity's credit notes; asked by id, for an entity has many."""
    for some in chunks(links.order_by("pk").iterator()):
        notes = CreditNote.objects.filter(pk__in=[one.credit_note_id for one in some])
        mine = set(notes.filter(entity_id=scope.named).values_list("pk", flat=True))
        if found := [one for one in some if one.credit_note_id in mine]:
            yield found


def _then(scope: Scope, links: list[Link]) -> dict[Pair, Then]:
    """What these links promised; of those that changed since, from what was seen by then."""
    then = {}
    since = [link for link in links if link.changed_at >= scope.over_at]
    for link in links:
        if link.changed_at < scope.over_at and link.amount > 0:
            then[_pair(link)] = Then(link.amount, scope.day_of(link.first_seen_at))
    pairs = {_pair(link) for link in since}
    seen = Seen.objects.filter(
        what="link", document_id__in={note for note, _invoice in pairs}, at__lt=scope.over_at
    )
    for one in seen.order_by("at", "pk"):
        pair = (one.document_id, one.other_id)
        if pair not in pairs:
            continue
        was = then.pop(pair, None)
        if one.after:
            first = was.since if was else scope.day_of(one.at)
            then[pair] = Then(int(one.after), first)
    return then


def _moved(scope: Scope, links: Iterable[Link]) -> tuple[dict[Pair, int], dict[UUID, int]]:
    """By the month's end: what each pair had cleared less what was undone, and what was open."""
    pairs: dict[Pair, int] = defaultdict(int)
    open_: dict[UUID, int] = defaultdict(int)
    moved = Movement.objects.filter(
        credit_note_id__in={link.credit_note_id for link in links},
        entity_id=scope.named, month__lte=scope.month,
    )  # fmt: skip
    sums = moved.order_by().values_list("credit_note_id", "invoice_payable_id")
    for note, invoice, amount in sums.annotate(all=Sum("amount")):
        open_[note] += amount
        pairs[note, invoice] -= amount
    return pairs, open_


def _rows(
    scope: Scope, links: list[Link], then: dict[Pair, Then], left: dict[Pair, int]
) -> Iterator[Row]:
    """A row for each link of which something is left."""
    links = [link for link in links if _pair(link) in left]
    of_notes = notes(link.credit_note_id for link in links)
    of_invoices = invoices(link.invoice_payable_id for link in links)
    for link in links:
        was, amount = then[_pair(link)], left[_pair(link)]
        note, invoice = of_notes[link.credit_note_id], of_invoices.get(link.invoice_payable_id)
        made = HERE if link.made_here else LIGHT
        currency = link.currency or note.currency
        cells = (
            note.vendor_name,
            str(note),
            str(invoice) if invoice else text(link.invoice_payable_id)[:8],
            was.since,
            str(MADE[made]),
            str(F(link.fate).label),
            scope.day_of(link.fate_at),
            was.amount,
            amount,
            currency,
            text(link.credit_note_id),
            text(link.invoice_payable_id),
            text(note.vendor_id),
        )
        yield Row(currency, amount, made, "", cells)


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
