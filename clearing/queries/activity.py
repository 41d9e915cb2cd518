"""The audit trail as a list: who did what, when, and to which documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import labels, workflow
from clearing.models import AuditEvent
from clearing.queries import activity_about, before_after, documents, history, paging, trail
from clearing.queries.filters import Filters

WORKER = "worker"


@dataclass(frozen=True)
class Named:
    """A document or vendor that an event is about."""

    name: str
    url: str


@dataclass(frozen=True)
class Row:
    """One event as its row shows it."""

    at: str
    at_iso: str
    who: str
    verb: str
    state: str
    tone: str
    kind: str
    amount: str
    about: list[Named]
    reason: str
    changes: tuple[str, ...]
    balances: str
    proposal: str
    proposal_url: str


def people() -> dict[str, str]:
    """Everybody who may have done something (the first 500), and the worker, by id as text."""
    users = get_user_model().objects.order_by("last_name", "username")[:500]
    return {WORKER: workflow.name_of(None)} | {
        str(user.pk): workflow.name_of(user) for user in users
    }


def verbs() -> dict[str, str]:
    """What an event may say, as it is stored: in the reader's words."""
    return {verb: _(verb) for verb in workflow.VERBS}


def kinds() -> dict[str, str]:
    """The kinds of instructions and of edits, in the reader's words."""
    return {kind: str(words) for kind, words in history.KINDS.items()}


def filtered(filters: Filters, people: dict[str, str]) -> QuerySet[AuditEvent]:
    """The events that a query string asks for."""
    events = AuditEvent.objects.all()
    person = filters.choice("person", _("Person"), people)
    if person:
        events = events.filter(by_id=None if person == WORKER else int(person))
    if verb := filters.choice("verb", _("Step"), verbs()):
        events = events.filter(verb=verb)
    if start := filters.day("from", _("From")):
        events = events.filter(at__gte=_midnight(start))
    if (end := filters.day("to", _("To"))) and end.year < 9999:
        events = events.filter(at__lt=_midnight(end + timedelta(days=1)))
    if kind := filters.choice("kind", _("Kind"), kinds()):
        events = events.filter(kind=kind)
    events = activity_about.about(events, filters)
    for name, label in (("credit_note", _("Credit note")), ("invoice", _("Invoice"))):
        if document := filters.uuid(name, label):
            column = "credit_note_id" if name == "credit_note" else "invoice_payable_id"
            events = events.filter(**{column: document})
    return events


def _midnight(day: date) -> datetime:
    """The start of a day in the current zone; far years have no zone arithmetic."""
    year = min(max(day.year, 2), 9998)
    return timezone.make_aware(datetime.combine(day.replace(year=year), time.min))


def page(events: QuerySet, *, key: str, scope: str) -> paging.Page:
    """By time, because each filter has an index that ends with it."""
    return paging.page(events, order=["-at"], key=key, scope=f"activity:{scope}")


def rows(events: Iterable[AuditEvent], *, locale: str) -> list[Row]:
    """The rows of these events; one query, whatever their number."""
    events = list(events)
    names = activity_about.names(
        {
            one
            for event in events
            for one in (event.credit_note_id, event.invoice_payable_id, event.vendor_id)
            if one
        }
    )
    return [_row(event, names, locale) for event in events]


def _row(event: AuditEvent, names: dict[UUID, str], locale: str) -> Row:
    said = history.audit(event, {}, locale)
    about = [
        Named(names.get(one) or f"{str(one)[:8]}…", reverse(name, args=[one]))
        for one, name in (
            (event.credit_note_id, "credit_note"),
            (event.invoice_payable_id, "invoice_payable"),
            (event.vendor_id, "vendor"),
        )
        if one and (one in names or name != "vendor")
    ]
    return Row(
        at=labels.moment(event.at),
        at_iso=timezone.localtime(event.at).isoformat(),
        who=event.by_name,
        verb=_(event.verb),
        state=before_after.state_words(event),
        tone=said.tone,
        kind=", ".join(
            [str(history.KINDS.get(event.kind, event.kind)), *trail.named(event)]
        ).removeprefix(", "),
        amount=""
        if event.amount is None
        else documents.amount(event.amount, event.currency, locale),
        about=about,
        reason=said.reason,
        changes=said.changes,
        balances=said.balances,
        proposal=_("Proposal %(n)d") % {"n": event.proposal_id} if event.proposal_id else "",
        proposal_url=said.url,
    )
