"""Invoices that a correction opened again, until they are settled."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, money, usable
from clearing.models import Balance, Clearing, CreditNote, Instruction, InvoicePayable, Link
from clearing.queries import details, documents, paging, sums
from clearing.queries.filters import Filters

KIND = Balance.Kind.INVOICE
SORTS = {"due": "", "vendor": ""}  # direction of the first click
COLUMNS = {"due": "due_day", "vendor": "vendor_name"}
DEFAULT = "due"
SETTLED = ("PAID", "COMPLETED")
Pair = tuple[UUID | None, UUID]


@dataclass(frozen=True)
class Undone:
    """One clearing that was undone: when, by whom (in words), and what it was."""

    at: datetime
    who: str
    amount: int
    note_id: UUID | None
    url: str = ""  # of the proposal


@dataclass(frozen=True)
class Row:
    """A re-opened invoice as its row shows it, its texts ready for the screen."""

    id: UUID
    url: str
    number: str
    label: labels.Label
    vendor: str
    vendor_url: str
    entity: str
    who: str
    at: datetime | None
    proposal_url: str
    undone: str
    note: str
    note_url: str
    more: str
    unpaid: str
    planned: str
    held: str
    held_url: str
    pays: date | None
    pays_words: str
    warning: str
    clear_url: str


def matching() -> QuerySet[InvoicePayable]:
    """Posted invoices on which a clearing by credit was undone, and which are not settled."""
    invoice = OuterRef("pk")
    ours = Instruction.objects.filter(
        invoice_payable_id=invoice, kind=Instruction.Kind.REVERSE, state=Instruction.State.DONE
    )
    in_light = Clearing.objects.filter(invoice_payable_id=invoice, type="CN", gone_at__isnull=False)
    undone = Link.objects.filter(invoice_payable_id=invoice, fate=Link.Fate.UNDONE)
    return InvoicePayable.objects.filter(
        Q(outstanding_balance__gt=0) | Q(outstanding_balance=None),
        Exists(ours) | Exists(in_light) | Exists(undone),
        state__in=usable.POSTED.difference(SETTLED),
        gone_at=None,
    )


def count() -> int:
    """How many there are, at most sums.MOST + 1."""
    return sums.count(matching())


def filtered(filters: Filters, entities: dict[str, str]) -> tuple[QuerySet, QuerySet]:
    """Those that a query string asks for; the second ignores its currency."""
    invoices = matching()
    if entity := filters.choice("entity", _("Entity"), entities):
        invoices = invoices.filter(entity_id=entity)
    invoices = documents.search(
        invoices, filters.text("q", _("Text")), "invoice_number", "vendor_name"
    )
    currency = filters.code("currency", _("Currency"))
    return (invoices.filter(currency=currency) if currency else invoices), invoices


def page(
    invoices: QuerySet, *, sort: str, key: str, scope: str
) -> tuple[paging.Page, list[Any], dict[UUID, Balance]]:
    return documents.page_of(
        invoices, KIND, columns=COLUMNS, sort=sort, key=key, scope=f"reopened:{scope}"
    )


def rows(
    invoices: Iterable[InvoicePayable],
    *,
    entities: dict[str, str],
    balances: dict[UUID, Balance],
    locale: str,
) -> list[Row]:
    """The rows of these invoices; five queries, whatever their number."""
    invoices = list(invoices)
    undone = undone_on([one.pk for one in invoices])
    notes = CreditNote.objects.in_bulk(
        {one.note_id for found in undone.values() for one in found if one.note_id}
    )
    holds = documents.holds([one.pk for one in invoices])
    return [
        _row(one, undone[one.pk], notes, balances.get(one.pk), holds.get(one.pk), entities, locale)
        for one in invoices
    ]


def undone_on(invoices: list[UUID]) -> dict[UUID, list[Undone]]:
    """What was undone on each of these invoices, the newest first; three queries."""
    found: dict[UUID, list[Undone]] = defaultdict(list)
    known: set[Pair] = set()
    of_these = {"invoice_payable_id__in": invoices}
    lines = Instruction.objects.filter(
        **of_these, kind=Instruction.Kind.REVERSE, state=Instruction.State.DONE
    ).select_related("asked_by", "approved_by")
    for line in lines:
        assert line.invoice_payable_id  # noqa: S101  (the filter says so)
        known.add((line.credit_note_id, line.invoice_payable_id))
        found[line.invoice_payable_id].append(_of_line(line))
    for entry in Clearing.objects.filter(**of_these, type="CN", gone_at__isnull=False):
        pair = (entry.credit_note_id, entry.invoice_payable_id)
        if pair not in known and entry.gone_at:
            known.add(pair)
            found[entry.invoice_payable_id].append(
                Undone(entry.gone_at, _("in Light"), entry.amount, entry.credit_note_id)
            )
    for link in Link.objects.filter(**of_these, fate=Link.Fate.UNDONE):
        if (link.credit_note_id, link.invoice_payable_id) not in known:
            found[link.invoice_payable_id].append(
                Undone(link.fate_at, _("in Light"), link.amount, link.credit_note_id)
            )
    for events in found.values():
        events.sort(key=lambda event: event.at, reverse=True)
    return found


def _of_line(line: Instruction) -> Undone:
    return Undone(
        at=line.done_at or line.changed_at,
        who=details.made_words(line),
        amount=line.amount or 0,
        note_id=line.credit_note_id,
        url=reverse("proposal", args=[line.proposal_id]),
    )


def _row(
    invoice: InvoicePayable, undone: list[Undone], notes: dict[UUID, CreditNote],
    balance: Balance | None, hold: documents.Hold | None, entities: dict[str, str], locale: str,
) -> Row:  # fmt: skip
    last = undone[0] if undone else Undone(invoice.changed_at, _("in Light"), 0, None)
    day, by_light = documents.pays_on(invoice)
    left = len(undone) - 1
    can_be_cleared = balance is not None and balance.usable
    return Row(
        id=invoice.pk,
        url=reverse("invoice_payable", args=[invoice.pk]),
        number=str(invoice),
        label=labels.invoice(invoice.state),
        vendor=invoice.vendor_name or _("missing"),
        vendor_url=reverse("vendor", args=[invoice.vendor_id]) if invoice.vendor_id else "",
        entity=entities.get(str(invoice.entity_id), "–"),
        who=last.who,
        at=last.at,
        proposal_url=last.url,
        undone=money.text(last.amount or None, invoice.currency, locale),
        note=documents.name_of_document(notes, last.note_id),
        note_url=reverse("credit_note", args=[last.note_id]) if last.note_id else "",
        more=ngettext("and %(n)d more", "and %(n)d more", left) % {"n": left} if left > 0 else "",
        unpaid=_known(invoice.outstanding_balance, invoice.currency, locale),
        planned=_planned(balance, invoice.currency, locale),
        held=hold.words if hold else "",
        held_url=hold.proposal_url if hold else "",
        pays=day,
        pays_words=_pays_words(day, by_light),
        warning=usable.payment_warning(invoice, labels.day(day) if day and by_light else ""),
        clear_url=documents.clear_url(invoice) if can_be_cleared else "",
    )


def _pays_words(day: date | None, by_light: bool) -> str:
    """What the day beside an invoice is; Light keeps the day of a payment that is over."""
    if not by_light:
        return _("due")
    return _("pays") if day and day >= timezone.localdate() else _("last payment")


def _known(amount: int | None, currency: str, locale: str) -> str:
    return _("not known") if amount is None else money.text(amount, currency, locale)


def _planned(balance: Balance | None, currency: str, locale: str) -> str:
    """What credit is planned or held for it; empty for none."""
    amount = balance.planned + balance.held if balance else 0
    return money.text(amount, currency, locale) if amount > 0 else ""
