"""What the clearing page says of suggestions and of credits: reasons, other invoices, what is left.

Amounts are in the smallest unit of the page's currency.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import causes, explaining, known, labels, matching, money
from clearing.matching import values
from clearing.models import Clearing, InvoicePayable, Outlook
from clearing.queries import documents
from clearing.queries.bench import Bench, Cell, Document

CHOICES = 3


@dataclass(frozen=True)
class Choice:
    """Another invoice that could take a line's credit, with what it has left."""

    id: UUID
    number: str
    left: int


@dataclass(frozen=True)
class Said:
    """What the engine says of one pair: how much, how sure, why, and why not another invoice."""

    amount: int
    label: labels.Label
    sentence: str
    runner_up: str = ""
    choices: tuple[Choice, ...] = ()
    unfold: bool = False


def of_pairs(
    offers: Mapping[Cell, matching.Suggestion],
    bench: Bench,
    *,
    amounts: Mapping[Cell, int],
    locale: str,
) -> dict[Cell, Said]:
    """The words about each suggested pair; `amounts`: what stands in the fields. Two queries."""
    currency, left = bench.group.currency, _left(bench, amounts)
    cited = explaining.cited({note for note, _invoice in offers}) if offers else {}
    names = _names(bench, (one.other.payable_id for one in offers.values() if one.other))
    found = {}
    for cell, one in offers.items():
        why, other = one.as_data(), one.other.payable_id if one.other else None
        found[cell] = Said(
            amount=one.amount,
            label=explaining.strength(one.strength),
            sentence=explaining.sentence(
                why, currency=currency, locale=locale, cited=cited.get(cell[0], {})
            ),
            runner_up=explaining.runner_up(
                why, name=names.get(other, "") if other else "", currency=currency, locale=locale
            ),
            choices=tuple(_choices(cell, bench, amounts, left, other)),
            unfold=one.strength == matching.POSSIBLE,
        )
    return found


def _left(bench: Bench, amounts: Mapping[Cell, int]) -> dict[UUID, int]:
    left = {one.id: one.free or 0 for one in bench.invoices}
    for (_note, invoice), amount in amounts.items():
        if invoice in left:
            left[invoice] -= amount
    return left


def _names(bench: Bench, wanted: Iterable[UUID]) -> dict[UUID, str]:
    """The numbers of these invoices; asked only where one is not on the page."""
    names = {one.id: one.number for one in (*bench.invoices, *bench.off_invoices)}
    missing = set(wanted) - names.keys()
    found = InvoicePayable.objects.in_bulk(missing) if missing else {}
    return names | {one: str(invoice) for one, invoice in found.items()}


def _choices(
    cell: Cell, bench: Bench, amounts: Mapping[Cell, int], left: Mapping[UUID, int],
    runner_up: UUID | None,
) -> Iterable[Choice]:  # fmt: skip
    """Invoices of the page that could take this line instead, the most alike first."""
    note, size = cell[0], amounts.get(cell, 0)
    not_these = bench.taken | bench.rejected_pairs | amounts.keys()
    posted = {one.id for one in bench.invoices if one.posted}
    bound = not known.answers().partly_linkable and (
        note in bench.posted_taken
        or any(one[0] == note and one != cell and one[1] in posted for one in amounts)
    )

    def fits(one: Document) -> bool:
        return left[one.id] > 0 and (note, one.id) not in not_these and not (bound and one.posted)

    alike = sorted(
        filter(fits, bench.invoices),
        key=lambda one: (one.id != runner_up, left[one.id] < size, abs(left[one.id] - size)),
    )
    return (Choice(one.id, one.number, left[one.id]) for one in alike[:CHOICES])


def of_credits(
    bench: Bench, group: matching.Group, unused: Iterable[matching.Unused], *, locale: str
) -> dict[UUID, str]:
    """What to know about credits of the page: a paid invoice that one names, why one is left."""
    here = {one.id for one in bench.sound}
    found = defaultdict(list)
    for note, words in _settled(group, here):
        found[note].append(words)
    left = {one.credit_id: one for one in unused if one.credit_id in here}
    wholly = _outlooks({id for id, one in left.items() if one.left == _free(bench, id)}, locale)
    for note, one in left.items():
        words = wholly.get(note) or _why_left(one, bench.group.currency, locale)
        if one.cause == values.CITES_PAID and found[note]:
            continue
        found[note].append(words)
    return {note: " ".join(filter(None, words)) for note, words in found.items()}


def _free(bench: Bench, id: UUID) -> int:
    return next((one.free or 0 for one in bench.credits if one.id == id), 0)


def _settled(group: matching.Group, here: set[UUID]) -> Iterable[tuple[UUID, str]]:
    """For each credit that names a settled invoice: where, and that it wants a refund."""
    pairs = [
        (one.id, key, group.settled[key])
        for one in group.credits
        if one.id in here
        for key in one.cites
        if key in group.settled
    ]
    if not pairs:
        return
    cited = explaining.cited({note for note, _key, _invoice in pairs})
    invoices = InvoicePayable.objects.in_bulk({invoice for _note, _key, invoice in pairs})
    days = _paid_on(invoices)
    for note, key, id in pairs:
        place = cited.get(note, {}).get(key)
        words = {"number": str(invoices.get(id, key)), "day": days.get(id, "")}
        sentence = _("%(number)s was paid on %(day)s: ask the vendor for a refund.")
        if not words["day"]:
            sentence = _("%(number)s is paid already: ask the vendor for a refund.")
        yield note, " ".join(filter(None, [place and explaining.quote(place), sentence % words]))


def _paid_on(invoices: Mapping[UUID, InvoicePayable]) -> dict[UUID, str]:
    """The day of the last payment of each, as far as it is known."""
    days: dict[UUID, date] = {
        one.id: timezone.localtime(one.payment_at).date()
        for one in invoices.values()
        if one.payment_at
    }
    entries = Clearing.objects.filter(invoice_payable_id__in=invoices.keys(), gone_at=None)
    last = entries.values_list("invoice_payable_id").annotate(last=Max("payment_date")).order_by()
    days |= {id: day for id, day in last if day}
    return {id: labels.day(day) for id, day in days.items()}


def _outlooks(notes: set[UUID], locale: str) -> dict[UUID, str]:
    """The cause and the next step of credits for which nothing is suggested at all."""
    rows = list(Outlook.objects.filter(credit_note_id__in=notes).exclude(cause="")) if notes else []
    entities = documents.entities() if rows else {}
    return {row.credit_note_id: _told(row, entities, locale) for row in rows}


def _told(row: Outlook, entities: Mapping[str, str], locale: str) -> str:
    told = causes.told(
        row.cause, row.details, currency=row.currency, locale=locale, entities=entities,
        suggested=row.suggested,
    )  # fmt: skip
    return f"{told.sentence} {told.step}"


def _why_left(one: matching.Unused, currency: str, locale: str) -> str:
    """Why something of a credit is left, by the engine's cause."""
    sentences = {
        values.NO_PAYABLE: _("%(left)s is left: no invoice is open here."),
        values.NOTHING_LEFT: _("%(left)s is left: other credit covers what is open."),
        values.ONE_POSTED: _(
            "%(left)s is left: it can pay only one invoice that is already posted."
        ),
        values.RULED_OUT: _(
            "%(left)s is left: what is open was rejected for it, or is linked to it already."
        ),
        values.CITES_PAID: _("%(left)s is left: the invoice that it names is paid."),
    }
    if one.sets > 1:
        sentence = _("%(left)s is left: %(sets)d sets of invoices add up to it. Choose one.")
    else:
        sentence = sentences.get(one.cause, _("%(left)s is left."))
    return sentence % {"left": money.text(one.left, currency, locale), "sets": one.sets}
