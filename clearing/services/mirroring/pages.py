"""One page of one of Light's lists: read, then written with the run's next place."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _

from clearing.light import records
from clearing.light.client import LightClient, credit_note_filter
from clearing.light.errors import LightDenied, LightRefused, LightUnreadable
from clearing.light.records import Page
from clearing.models import SyncMark, SyncRun
from clearing.services.mirroring import lists, numbers

Found = Page[Any]
LISTS = (
    "entities",
    "ledger_accounts",
    "vendors",
    "credit_notes",
    "accounting_documents",
    "invoice_payables",
)
WHOLE = frozenset({"entities"})  # short, and without a filter on the time of change


def read(run: SyncRun, client: LightClient) -> Found:
    """The page at the run's cursor. Light may refuse to tell which notes adjust payables."""
    since = None if run.phase in WHOLE else run.since
    if run.phase == "ledger_accounts":
        return _accounts(run, client, since)
    if run.phase != "accounting_documents":
        return client.page(run.phase, run.cursor, updated_since=since)
    if run.adjusts_checked is not False:
        try:
            page = client.page(run.phase, run.cursor, since, credit_note_filter())
            run.adjusts_checked = True
            return page
        except LightRefused:
            if run.adjusts_checked:
                raise
            run.adjusts_checked = False
    return client.page(run.phase, run.cursor, since, credit_note_filter(adjusting_payables=False))


def go_on(run: SyncRun, page: Found) -> None:
    """Note where the list goes on. Raises LightUnreadable where it goes in circles.

    Brent's way: one earlier cursor is kept, another one whenever the pages have doubled, so a
    circle of any length meets it before it is read three times.
    """
    run.pages_of_list += 1
    if page.next_cursor is None:
        return
    if page.next_cursor == run.earlier_cursor:
        raise LightUnreadable(_("Its list goes in circles: a page that was read already is next."))
    if run.pages_of_list & (run.pages_of_list - 1) == 0:
        run.earlier_cursor = page.next_cursor


def _accounts(run: SyncRun, client: LightClient, since: datetime | None) -> Found:
    """Accounts of the ledger. A key may lack the role to see them: the rest is read all the same,
    and a key that Light does not know is told by the next list."""
    try:
        return client.page(run.phase, run.cursor, updated_since=since)
    except (LightDenied, LightRefused) as error:
        run.problem = _("The accounts of the ledger cannot be read: “%(words)s”") % {
            "words": error.words
        }
        return Page((), None)


def store(run: SyncRun, page: Found, now: datetime) -> None:
    """Write the records of a page; in the caller's transaction."""
    if page.unreadable:
        run.unsure = True
        run.problem = f"Some records of Light cannot be read. The first: {page.unreadable[0].words}"
    if run.phase == "accounting_documents":
        _store_numbers(run, page.records, now)
        return
    take: dict[str, Callable[[Sequence[Any], datetime], None]] = {
        "entities": lists.take_entities,
        "ledger_accounts": lists.take_accounts,
        "vendors": lists.take_vendors,
        "credit_notes": lists.take_credit_notes,
        "invoice_payables": lists.take_invoices,
    }
    take[run.phase](page.records, now)
    run.documents += len(page.records)
    if run.full:
        ids = [one.id for one in page.records] + [one.id for one in page.unreadable if one.id]
        marks = [SyncMark(run=run, document_id=id) for id in ids]
        SyncMark.objects.bulk_create(marks, ignore_conflicts=True)


def _store_numbers(
    run: SyncRun, found: Sequence[records.AccountingDocument], now: datetime
) -> None:
    adjusts = True if run.adjusts_checked else None
    unmapped = numbers.take_numbers(found, adjusts=adjusts, now=now)
    if unmapped:
        run.unsure = True


def end(run: SyncRun, now: datetime) -> None:
    """After the last page of a list."""
    if run.phase == "accounting_documents" and run.adjusts_checked and not run.unsure:
        numbers.mark_others(since=None if run.full else run.started_at, now=now)


def unmarked(run: SyncRun, model: type[Model]) -> QuerySet[Any]:
    """Rows that a full sweep has not met although they were there when it began."""
    rows = model._default_manager.filter(gone_at=None, first_seen_at__lt=run.started_at)
    return rows.filter(~_met(run))


def marked(run: SyncRun, model: type[Model]) -> QuerySet[Any]:
    """Rows that a full sweep has met."""
    return model._default_manager.filter(_met(run))


def _met(run: SyncRun) -> Exists:
    return Exists(SyncMark.objects.filter(run=run, document_id=OuterRef("id")))
