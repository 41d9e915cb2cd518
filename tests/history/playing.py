"""Plays a history through the product's own mirroring, reading by reading."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from clearing import balances, usable
from clearing.light import records
from clearing.models import CreditNote, Decision, Instruction, InvoicePayable, Link, SyncRun
from clearing.services import booking
from clearing.services.mirroring import lists
from clearing.services.mirroring.details import Found
from clearing.services.mirroring.links import take_link, take_link_gone
from tests import factories
from tests.history import showing
from tests.history.company import PLACES
from tests.history.light import HERE_ONLY, Event, Light

Look = Callable[[datetime], None]


def play(log: Iterable[Event], look: Look | None = None, moments: Sequence[datetime] = ()) -> None:
    """Light does what it does, and each reading is taken into the copy.

    look: called at each of these moments, with everything in the copy that was known then.
    """
    light, run, left = Light(), None, sorted(moments)
    for event in log:
        while look and left and left[0] < event.at:
            look(left.pop(0))
        if run is None and event.what.startswith("listed"):
            run = _begin(event)
        with transaction.atomic():
            _take(event, light)
            _do(event, light)
        light.take(event)
        if event.what == "swept" and run is not None:
            run.state, run.finished_at = SyncRun.State.DONE, event.at
            run.save()


def _begin(event: Event) -> SyncRun:
    """The first run: its lists are in at once, its details are not."""
    lists.take_entities(
        [records.Entity(id=p.id, code=p.code, local_currency=p.currency) for p in PLACES], event.at
    )
    if not get_user_model().objects.exists():
        factories.person("preparer"), factories.person("approver")
    return SyncRun.objects.create(full=True, started_at=event.at, lists_done_at=event.at)


def _take(event: Event, light: Light) -> None:
    """A reading."""
    shown = [one.id for one in light.notes.values() if not one.gone]
    invoices = [one.id for one in light.invoices.values() if not one.gone]
    if event.what in ("listed", "listed_all"):
        whole = event.what == "listed_all"
        some = [id for id in invoices if whole or id in light.unlisted]
        lists.take_invoices([showing.invoice(light, id) for id in some], event.at)
        some = [id for id in shown if whole or id in light.unlisted]
        lists.take_credit_notes([showing.credit_note(light, id) for id in some], event.at)
        if whole:
            for model, ids in ((InvoicePayable, invoices), (CreditNote, shown)):
                missing = model.objects.filter(gone_at=None).exclude(id__in=ids)
                lists.mark_gone(model, list(missing.values_list("id", flat=True)), event.at)
    elif event.what == "read":
        _found(event, light).store(event.at)
    elif event.what == "swept":  # as the last phase of a full run does
        ids = list(CreditNote.objects.values_list("id", flat=True))
        balances.refresh(notes=ids)
        booking.book(ids, now=event.at, whole=True)


def _found(event: Event, light: Light) -> Found:
    """Of a link that is there no more its invoice is asked too, as the worker does."""
    links = {id: showing.links(light, id) for id in event.notes}
    shown = [(id, one.invoice_payable_id) for id, some in links.items() for one in some]
    stored = Link.objects.filter(credit_note_id__in=event.notes, gone_at=None)
    missing = {
        one.invoice_payable_id
        for one in stored
        if (one.credit_note_id, one.invoice_payable_id) not in shown
    }
    drafts = InvoicePayable.objects.filter(id__in=missing).exclude(state__in=usable.POSTED)
    found = Found(links=links, payments={id: showing.payments(light, id) for id in event.invoices})
    for id in drafts.values_list("id", flat=True):
        if light.invoices[id].gone:
            found.gone.append((InvoicePayable, id))
        else:
            found.invoices.append(showing.invoice(light, id))
    return found


# --- what people do here -------------------------------------------------------------------
def _do(event: Event, light: Light) -> None:
    note, invoice, at = event.note, event.invoice, event.at
    if note is None or not (event.here or event.what in HERE_ONLY):
        return
    if event.what in ("decided", "undecided"):
        Decision.objects.filter(credit_note_id=note, ended_at=None).update(ended_at=at)
        if event.what == "decided":
            Decision.objects.create(credit_note_id=note, kind=event.kind, by=_one(0), at=at)
    if invoice is None:
        return
    line = Instruction.objects.filter(
        credit_note_id=note, invoice_payable_id=invoice, state="proposed"
    )
    if event.what == "proposed":
        rows = CreditNote.objects.get(pk=note), InvoicePayable.objects.get(pk=invoice)
        factories.line(_one(0), *rows, event.amount)
    elif event.what == "dropped":
        line.update(state="taken_back")
        balances.refresh(notes=[note], invoices=[invoice])
    elif event.what == "linked":
        line.update(state="done", approved_by=_one(1), approved_at=at, done_at=at, shown_at=at)
        shown = showing.link(light, note, invoice, event.amount)
        pair = {"credit_note_id": note, "invoice_payable_id": invoice}
        take_link(shown.model_copy(update={"updated_at": at}), **pair, made_here=True, now=at)
    elif event.what == "unlinked":
        take_link_gone(note, invoice, at)


def _one(place: int) -> object:
    """The preparer, or the approver."""
    return get_user_model().objects.order_by("pk")[place]
