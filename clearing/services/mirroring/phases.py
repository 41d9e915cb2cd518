"""The phases of a sync run, one slice of each; see runs.py."""

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clearing import balances
from clearing.light.client import LightClient
from clearing.light.errors import LightRefused
from clearing.models import (
    Company,
    CreditNote,
    Entity,
    InvoicePayable,
    LedgerAccount,
    SyncMark,
    SyncRun,
    Vendor,
)
from clearing.services import booking
from clearing.services.mirroring import details, lists, pages, rereading, wants
from clearing.services.mirroring.settling import CHUNK
from clearing.services.mirroring.writing import written

FIRST = "company"
ORDER = (FIRST, *pages.LISTS, "gone", "wants", "details", "balances")
CONFIRMED_AT_ONCE = 25  # documents that a full sweep missed, asked for one by one
KEPT = (
    "phase", "cursor", "earlier_cursor", "pages_of_list", "pages", "documents", "details_total",
    "details_done", "requests",
)  # fmt: skip


class LostLease(Exception):
    """Another worker has taken the run: what this slice read is thrown away."""


def step(run: SyncRun, client: LightClient, now: datetime) -> None:
    """One slice of the run's phase; gives the lease back in the same transaction."""
    slices: dict[str, Callable[[SyncRun, LightClient, datetime], None]] = {
        FIRST: _company,
        "gone": _gone,
        "wants": _wants,
        "details": _details,
        "balances": _balances,
    }
    slices.get(run.phase, _page)(run, client, now)
    run.refresh_from_db()


def _save(run: SyncRun, now: datetime, *, went_on: bool) -> None:
    """Store the run's new place if it is still ours; in the transaction of what was written."""
    if went_on:
        run.phase, run.cursor = _after(run), "0"
        run.earlier_cursor, run.pages_of_list = "", 0
    if not run.phase:
        run.state, run.finished_at = SyncRun.State.DONE, now
    values = {name: getattr(run, name) for name in KEPT}
    values |= {"state": run.state, "finished_at": run.finished_at, "problem": run.problem}
    values |= {"lists_done_at": run.lists_done_at, "unsure": run.unsure}
    values |= {"adjusts_checked": run.adjusts_checked}
    saved = SyncRun.objects.filter(
        pk=run.pk, lease_by=run.lease_by, lease_until=run.lease_until, state="running"
    ).update(**values, tries=0, not_before=None, lease_until=None, lease_by="")
    if saved != 1:
        raise LostLease


def _after(run: SyncRun) -> str:
    """The next phase; empty after the last."""
    rest = ORDER[ORDER.index(run.phase) + 1 :]
    for phase in rest:
        if run.full or phase not in ("gone", "balances"):
            return phase
    return ""


def _company(run: SyncRun, client: LightClient, now: datetime) -> None:
    """One Light company per database: another one stops the sync."""
    found = client.company()
    run.requests += 1
    run.problem = ""
    other = Company.objects.exclude(id=found.id).first()
    if other is not None:
        run.state, run.finished_at = SyncRun.State.FAILED, now
        run.problem = _(
            "The key belongs to “%(found)s”, but this copy is of “%(ours)s”. "
            "Each company needs a database of its own."
        ) % {"found": found.name or found.id, "ours": other.name or other.id}
        _save(run, now, went_on=False)
        return
    with transaction.atomic():
        Company.objects.update_or_create(
            id=found.id, defaults={"name": found.name, "base_currency": found.base_currency}
        )
        _save(run, now, went_on=True)


def _page(run: SyncRun, client: LightClient, now: datetime) -> None:
    page = pages.read(run, client)
    pages.go_on(run, page)
    run.requests += 1
    run.pages += 1
    if run.tries:
        run.problem = ""
    written(lambda: _write_page(copy(run), page, now))


def _write_page(run: SyncRun, page: pages.Found, now: datetime) -> None:
    pages.store(run, page, now)
    if page.next_cursor is None:
        pages.end(run, now)
    run.cursor = page.next_cursor or ""
    _save(run, now, went_on=page.next_cursor is None)


def _gone(run: SyncRun, client: LightClient, now: datetime) -> None:
    """Documents that the whole sweep has not met: each is asked for, because a list that moves
    while it is read may skip some. What cannot be asked for is taken as gone; it is little."""
    found = details.Found()
    missing: list[tuple[type[Any], Any]] = []
    for model in (CreditNote, InvoicePayable):
        rows = pages.unmarked(run, model).order_by("id")
        missing += [(model, id) for id in rows.values_list("id", flat=True)[:CONFIRMED_AT_ONCE]]
    missing = missing[:CONFIRMED_AT_ONCE]
    for model, id in missing:
        _confirm(client, model, id, found)
    run.requests += len(missing)
    written(lambda: _write_gone(copy(run), missing, found, now))


def _write_gone(
    run: SyncRun, missing: list[tuple[type[Any], Any]], found: details.Found, now: datetime
) -> None:
    found.store(now)
    marks = [SyncMark(run=run, document_id=id) for _model, id in missing]
    SyncMark.objects.bulk_create(marks, ignore_conflicts=True)
    if not missing and not run.unsure:
        for other in (Vendor, Entity, LedgerAccount):
            if pages.marked(run, other).exists():  # a list that was not to be had says nothing
                gone = pages.unmarked(run, other).values_list("id", flat=True)
                lists.mark_gone(other, list(gone), now)
    if not missing:
        run.marks.all().delete()
    _save(run, now, went_on=not missing)


def _confirm(client: LightClient, model: type[Any], id: Any, found: details.Found) -> None:
    """Ask for one document; Light's 404 says that it has gone."""
    try:
        if model is CreditNote:
            found.notes.append(client.credit_note(id))
        else:
            found.invoices.append(client.invoice_payable(id))
    except LightRefused as error:
        if error.status != 404:
            raise
        found.gone.append((model, id))


def _wants(run: SyncRun, client: LightClient, now: datetime) -> None:
    """The lists are in: pages can be shown. Which details are due?"""
    written(lambda: _write_wants(copy(run), now))
    if run.full:
        rereading.plan_first(now)


def _write_wants(run: SyncRun, now: datetime) -> None:
    run.details_total = wants.want_due(all_before=run.started_at if run.full else None, now=now)
    run.lists_done_at = now
    _save(run, now, went_on=True)


def _details(run: SyncRun, client: LightClient, now: datetime) -> None:
    if run.tries:
        run.problem = ""
    done = details.read_wanted(client, now=now)
    run.details_done += done
    run.requests += done
    left = wants.waiting(until=now)
    run.details_total = max(run.details_total, run.details_done + left)
    if not left:
        run.details_total = run.details_done
    _save(run, now, went_on=not left)


def _balances(run: SyncRun, client: LightClient, now: datetime) -> None:
    """A full sweep computes every balance again; the cursor is a kind and the last id."""
    kind, _colon, last = (run.cursor if ":" in run.cursor else "notes:").partition(":")
    rows: Any = (CreditNote if kind == "notes" else InvoicePayable).objects.order_by("id")
    if last:
        rows = rows.filter(id__gt=last)
    ids = list(rows.values_list("id", flat=True)[:CHUNK])
    written(lambda: _write_balances(copy(run), kind, ids, now))


def _write_balances(run: SyncRun, kind: str, ids: list[Any], now: datetime) -> None:
    if kind == "notes":
        balances.refresh(notes=ids)
        booking.book(ids, now=now, whole=True)
        run.cursor = f"notes:{ids[-1]}" if ids else "invoices:"
    else:
        balances.refresh(invoices=ids)
        run.cursor = f"invoices:{ids[-1]}" if ids else ""
    _save(run, now, went_on=kind == "invoices" and not ids)
