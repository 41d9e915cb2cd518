"""The rows of what can't be used yet, page by page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import causes, labels, money
from clearing.models import CreditNote, Decision, Outlook
from clearing.queries import decisions, documents, duplicates, paging

SORTS = {"age": "", "left": "-"}  # direction of the first click
ORDER = {"age": ["day"], "-age": ["-day"], "left": ["currency", "left"],
         "-left": ["currency", "-left"]}  # fmt: skip
DEFAULT = "age"


@dataclass(frozen=True)
class Row:
    """One credit note that can't be used yet, its texts ready for the screen."""

    id: UUID
    url: str
    number: str
    about: str
    day: str
    day_iso: str
    age: str
    vendor: str
    vendor_url: str
    entity: str
    left: str
    amount: str  # where more than that was credited
    why: causes.Told
    step_url: str
    outside: bool  # the step is done in Light
    decision: decisions.Row | None
    decide_url: str
    minor: int
    currency: str
    decimals: int
    small: bool


def page(rows: QuerySet[Outlook], *, sort: str, key: str, scope: str) -> paging.Page:
    """One page, the oldest first, or by what is left."""
    return paging.page(rows, order=ORDER[sort], key=key, scope=f"stuck:{sort}:{scope}")


def rows_of(outlooks: Iterable[Outlook], *, entities: Mapping[str, str], locale: str) -> list[Row]:
    """The rows of these outlooks; two queries, whatever their number."""
    outlooks = list(outlooks)
    ids = [one.pk for one in outlooks]
    notes, decided = CreditNote.objects.in_bulk(ids), decisions.held(ids)
    return [
        _row(notes[one.pk], one, decided.get(one.pk), entities, locale)
        for one in outlooks
        if one.pk in notes
    ]


def _row(
    note: CreditNote, outlook: Outlook, decided: Decision | None,
    entities: Mapping[str, str], locale: str,
) -> Row:  # fmt: skip
    why = told(outlook, entities=entities, locale=locale)
    left = None if note.amount is None else outlook.left
    known = outlook.cause != causes.UNREAD
    more = note.amount is not None and known and note.amount != outlook.left
    return Row(
        id=note.pk,
        url=reverse("credit_note", args=[note.pk]),
        number=str(note),
        about=note.description or note.document_name,
        day=labels.day(note.document_date) if note.document_date else _("missing"),
        day_iso=note.document_date.isoformat() if note.document_date else "",
        age=age_words(note.document_date),
        vendor=note.vendor_name or _("missing"),
        vendor_url=reverse("vendor", args=[note.vendor_id]) if note.vendor_id else "",
        entity=entities.get(str(note.entity_id), "–") if note.entity_id else _("missing"),
        left=documents.amount(left, note.currency, locale) if known else _("not known"),
        amount=money.text(note.amount, note.currency, locale) if more else "",
        why=why,
        step_url=step_url(note, outlook, why.place),
        outside=why.place == causes.LIGHT,
        decision=decisions.row(decided, left=outlook.left, locale=locale) if decided else None,
        decide_url=reverse("decide", args=[note.pk]),
        minor=outlook.left,
        currency=note.currency,
        decimals=money.decimals(note.currency),
        small=outlook.small,
    )


def told(outlook: Outlook, *, entities: Mapping[str, str], locale: str) -> causes.Told:
    """Its cause in words."""
    return causes.told(
        outlook.cause, outlook.details, currency=outlook.currency, locale=locale,
        entities=entities, suggested=outlook.suggested,
    )  # fmt: skip


def step_url(note: CreditNote, outlook: Outlook, place: str) -> str:
    """Where a next step is done; empty where there is no page for it."""
    other = outlook.details.get("id")
    if place == causes.CLEAR:
        return documents.clear_url(note)
    if place == causes.EDIT:
        return reverse("edit_note", args=[note.pk])
    if place == causes.NOTE:
        return reverse("credit_note", args=[note.pk])
    if place == causes.QUESTION:
        return reverse("your_light")
    if place == causes.LIGHT:
        return documents.light_url(note)
    if place == causes.TWIN and other:
        return duplicates.compare_url(note.pk, UUID(other))
    if place == causes.INVOICE and other:
        return reverse("invoice_payable", args=[other])
    return ""


def age_words(day: date | None) -> str:
    """How old a document is; empty where its date is missing or still to come."""
    days = (timezone.localdate() - day).days if day else 0
    if days < 1:
        return ""
    return ngettext("%(n)d day old", "%(n)d days old", days) % {"n": days}
