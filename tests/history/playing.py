"""Plays a history through the product's own mirroring, reading by reading."""

from collections.abc import Iterable

from django.db import transaction

from clearing import balances
from clearing.light import records
from clearing.models import CreditNote, SyncRun
from clearing.services import booking
from clearing.services.mirroring import lists
from clearing.services.mirroring.details import Found
from tests.history.company import INVOICES, PLACES
from tests.history.light import Event, Light


def play(log: Iterable[Event]) -> None:
    """Light does what it does, and each reading is taken into the copy."""
    light, run = Light(), None
    for event in log:
        if run is None and event.what.startswith("listed"):
            run = _begin(event)
        with transaction.atomic():
            _take(event, light)
        light.take(event)
        if event.what == "swept" and run is not None:
            run.state, run.finished_at = SyncRun.State.DONE, event.at
            run.save()


def _begin(event: Event) -> SyncRun:
    """The first run: its lists are in at once, its details are not."""
    lists.take_entities(
        [records.Entity(id=p.id, code=p.code, local_currency=p.currency) for p in PLACES], event.at
    )
    invoices = [records.InvoicePayable(id=one, state="UNPAID") for one in INVOICES]
    lists.take_invoices(invoices, event.at)
    return SyncRun.objects.create(full=True, started_at=event.at, lists_done_at=event.at)


def _take(event: Event, light: Light) -> None:
    shown = [one.id for one in light.notes.values() if not one.gone]
    if event.what == "listed":
        lists.take_credit_notes(
            [light.record(id) for id in shown if id in light.unlisted], event.at
        )
    elif event.what == "listed_all":
        lists.take_credit_notes([light.record(id) for id in shown], event.at)
        missing = CreditNote.objects.filter(gone_at=None).exclude(id__in=shown)
        lists.mark_gone(CreditNote, missing.values_list("id", flat=True), event.at)
    elif event.what == "read":
        Found(payments={one: light.payments(one) for one in event.invoices}).store(event.at)
    elif event.what == "swept":  # as the last phase of a full run does
        ids = list(CreditNote.objects.values_list("id", flat=True))
        balances.refresh(notes=ids)
        booking.book(ids, now=event.at, whole=True)
