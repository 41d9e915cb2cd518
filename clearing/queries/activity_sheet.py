"""The audit trail as a sheet: every event that matches, oldest first, in constant memory."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from clearing import sealed
from clearing.models import AuditEvent, AuditSeal
from clearing.queries import activity, activity_about, before_after, history
from clearing.queries.filters import Filters
from clearing.sheets import MOMENT, MONEY, NUMBER, Cells, Column, Sheet

AT_ONCE = 500  # events whose names are looked up together


def sheet(filters: Filters) -> Sheet:
    """All events that a query string asks for, each with its seal; rows are read once."""
    events = activity.filtered(filters, activity.people())
    top = AuditEvent.objects.aggregate(top=Max("pk"))["top"] or 0  # what comes later is not in it
    return Sheet(
        name="activity",
        title=_("Activity"),
        columns=_columns(),
        rows=_rows(events.filter(pk__lte=top)),
        filters=tuple(filters.words.values()),
        notes=(*filters.notices, sealed_words()),
    )


def sealed_words() -> str:
    """How far the trail is sealed: the whole head, to be held against the chain later."""
    head = sealed.head()
    if head is None:
        return _("No event of the audit trail is sealed yet.")
    return _("The audit trail is sealed up to event %(event)d. Head of the chain: %(head)s") % {
        "event": head.event_id, "head": head,
    }  # fmt: skip


def _columns() -> tuple[Column, ...]:
    return (
        Column("event", _("Event"), NUMBER),
        Column("at", _("Time"), MOMENT),
        Column("person", _("Person")),
        Column("person_id", _("Person’s id"), NUMBER),
        Column("step", _("Step")),
        Column("kind", _("Kind")),
        Column("proposal", _("Proposal"), NUMBER),
        Column("line", _("Line"), NUMBER),
        Column("credit_note", _("Credit note")),
        Column("credit_note_id", _("Credit note’s id")),
        Column("invoice", _("Invoice")),
        Column("invoice_id", _("Invoice’s id")),
        Column("vendor", _("Vendor")),
        Column("vendor_id", _("Vendor’s id")),
        Column("amount", _("Amount"), MONEY, "currency"),
        Column("currency", _("Currency")),
        Column("state_before", _("State before")),
        Column("state_after", _("State after")),
        Column("before", _("Before")),
        Column("after", _("After")),
        Column("reason_code", _("Reason’s code")),
        Column("reason", _("Reason")),
        Column("request", _("Request id")),
        Column("light_request", _("Light’s request id")),
        Column("details", _("Details")),
        Column("seal", _("Seal"), NUMBER),
        Column("digest", _("Digest")),
    )


def _rows(events: QuerySet[AuditEvent]) -> Iterator[Cells]:
    """In slices by id, so that neither memory nor a transaction grows with their number."""
    last, ordered = 0, events.order_by("pk")
    while found := list(ordered.filter(pk__gt=last)[:AT_ONCE]):
        names = _names(found)
        seals = {
            event: (seq, digest)
            for event, seq, digest in AuditSeal.objects.filter(
                event_id__in=[one.pk for one in found]
            ).values_list("event_id", "seq", "digest")
        }
        for event in found:
            yield _row(event, names, seals.get(event.pk, (None, None)))
        last = found[-1].pk


def _names(events: list[AuditEvent]) -> dict[UUID, str]:
    ids = (
        one
        for event in events
        for one in (event.credit_note_id, event.invoice_payable_id, event.vendor_id)
    )
    return activity_about.names({one for one in ids if one})


def _row(event: AuditEvent, names: dict[UUID, str], seal: tuple[int | None, str | None]) -> Cells:
    before, after = before_after.sides(event)
    documents: list[Any] = []
    for one in (event.credit_note_id, event.invoice_payable_id, event.vendor_id):
        documents += [names.get(one) or None, str(one)] if one else [None, None]
    said = event.reason or event.details.get("words") or event.details.get("because") or ""
    return (
        event.pk, event.at, event.by_name, event.by_id, _(event.verb),
        str(history.KINDS.get(event.kind, event.kind)), event.proposal_id, event.instruction_id,
        *documents, event.amount, event.currency, event.was, event.now, before, after,
        event.reason_code, str(said), event.trace, str(event.details.get("request_id") or ""),
        json.dumps(event.details, sort_keys=True, ensure_ascii=False) if event.details else "",
        *seal,
    )  # fmt: skip
