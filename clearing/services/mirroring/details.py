"""Details: links and lines of credit notes, outstanding balances and payments of invoices.

Reading and writing are apart: no call happens inside a transaction.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from clearing import usable
from clearing.light import records
from clearing.light.client import LightClient
from clearing.light.errors import LightError, LightRefused, LightUnreadable
from clearing.models import CreditNote, Instruction, InvoicePayable, Link
from clearing.services.mirroring import ids, lists
from clearing.services.mirroring.clearings import take_payments
from clearing.services.mirroring.links import take_links
from clearing.services.mirroring.settling import settle
from clearing.services.mirroring.writing import written

logger = logging.getLogger(__name__)
AT_ONCE = 25  # details in one slice
SECONDS = 5.0  # after which a slice ends: sending waits no longer than that
LATER = 20  # times LOOK_AGAIN, until a detail that cannot be read is tried again
QUEUES: dict[str, tuple[type[Any], str]] = {
    "links": (CreditNote, "links_wanted_at"),
    "outstanding": (InvoicePayable, "outstanding_wanted_at"),
    "payments": (InvoicePayable, "payments_wanted_at"),
    "lines": (CreditNote, "lines_wanted_at"),
}


@dataclass
class Found:
    """What some reads showed, not yet written."""

    notes: list[records.CreditNote] = field(default_factory=list)
    links: dict[UUID, Sequence[records.Link]] = field(default_factory=dict)
    invoices: list[records.InvoicePayable] = field(default_factory=list)
    payments: dict[UUID, Sequence[records.Clearing]] = field(default_factory=dict)
    other_ids: list[tuple[UUID, UUID]] = field(default_factory=list)  # invoice, its other id
    gone: list[tuple[type[Any], UUID]] = field(default_factory=list)  # Light knows no such id
    requests: int = 0

    def store(self, began: datetime) -> dict[UUID, set[UUID]]:
        """Write it all; in the caller's transaction. The invoices of whose clearings something
        was news, each with the credit notes that this is about."""
        lists.take_credit_notes(self.notes, began, detailed=True)
        self._store_invoices(began)
        for model, id in self.gone:
            lists.mark_gone(model, [id], began)
        for invoice, other in self.other_ids:
            ids.learn_invoice(invoice, other)
        for note, links in self.links.items():
            take_links(note, links, began=began)
        news: dict[UUID, set[UUID]] = {}
        for invoice, entries in self.payments.items():
            if touched := take_payments(invoice, entries, began=began):
                news[invoice] = touched
        settle(
            notes=set(self.links).union(*news.values()),
            invoices=[one.id for one in self.invoices],
            payments_of=self.payments,
            now=began,
        )
        return news

    def _store_invoices(self, began: datetime) -> None:
        """Details of invoices, unless a later reading was stored meanwhile."""
        newer = InvoicePayable.objects.filter(
            id__in=[one.id for one in self.invoices], outstanding_read_at__gt=began
        )
        left_out = set(newer.values_list("id", flat=True))
        taken = [one for one in self.invoices if one.id not in left_out]
        lists.take_invoices(taken, began)
        InvoicePayable.objects.filter(id__in=[one.id for one in taken]).update(
            outstanding_read_at=began
        )


@dataclass(frozen=True)
class Want:
    """One read that is due; `until` is the moment up to which it is ours."""

    kind: str
    id: UUID
    at: datetime
    until: datetime

    def take(self) -> bool:
        """Claim it by compare-and-swap."""
        model, name = QUEUES[self.kind]
        free = model.objects.filter(id=self.id, **{name: self.at})
        return bool(free.update(**{name: self.until}))

    def end(self, at: datetime | None) -> None:
        """No longer ours: read (None), or due again at `at`. A newer wish stays."""
        model, name = QUEUES[self.kind]
        model.objects.filter(id=self.id, **{name: self.until}).update(**{name: at})


def read_wanted(client: LightClient, *, now: datetime) -> int:
    """Read details that are due and write them; how many. Raises what Light raises.

    Any number of workers may do this at once: each read is claimed for the time of a lease.
    """
    wanted = _claim(now)
    found, done = Found(), []
    ends_at = time.monotonic() + SECONDS
    try:
        for want in wanted:
            if time.monotonic() >= ends_at:
                break
            if _read_one(client, want, found):
                done.append(want)
    finally:
        written(lambda: _write(wanted, done, found, now))
    return len(done)


def _write(wanted: list[Want], done: list[Want], found: Found, now: datetime) -> None:
    for want in done:
        want.end(None)
    for want in wanted:
        want.end(want.at)  # changes only what is still claimed
    found.store(now)


def _claim(now: datetime) -> list[Want]:
    """The next reads, ours for a lease."""
    until = now + timedelta(seconds=settings.LEASE)
    due = []
    for kind, (model, name) in QUEUES.items():
        rows = model.objects.filter(**{f"{name}__lte": now}).order_by(name, "id")
        due += [Want(kind, id, at, until) for id, at in rows.values_list("id", name)[:AT_ONCE]]
    due.sort(key=lambda want: want.at)
    return written(lambda: [want for want in due[:AT_ONCE] if want.take()]) if due else []


def _read_one(client: LightClient, want: Want, found: Found) -> bool:
    """Ask Light; False where this document is put off."""
    try:
        if want.kind == "links":
            _read_note_of_ours(client, want.id, found)
            _read_links(client, want.id, found)
        elif want.kind == "lines":
            _read_note(client, want.id, found)
        elif want.kind == "outstanding":
            found.requests += 1
            found.invoices.append(client.invoice_payable(want.id))
        else:
            found.requests += 1
            found.payments[want.id] = whole(client.payments(want.id))
    except LightRefused as error:
        if error.status != 404:
            return _put_off(want, error)
        found.gone.append((QUEUES[want.kind][0], want.id))
    except LightUnreadable as error:
        return _put_off(want, error)
    return True


def _put_off(want: Want, error: LightError) -> bool:
    fields = {"error": error.in_log}
    logger.warning("details (%s) of %s cannot be read", want.kind, want.id, extra=fields)
    want.end(want.until + timedelta(seconds=LATER * settings.LOOK_AGAIN))
    return False


def whole(entries: Sequence[Any]) -> Sequence[Any]:
    """Entries of links or payments; one without an amount spoils them all."""
    if any(entry.amount is None for entry in entries):
        raise LightUnreadable("Light shows an entry without an amount.")
    return entries


def _read_note_of_ours(client: LightClient, note: UUID, found: Found) -> None:
    """The note itself, where a line of ours has just been done: its status may have moved."""
    lines = Instruction.objects.filter(credit_note_id=note, state="done", shown_at=None)
    if lines.exclude(kind="archive").exists():
        _read_note(client, note, found)


def _read_note(client: LightClient, note: UUID, found: Found) -> None:
    """The note itself with its lines, once for all that is wanted of it."""
    if all(one.id != note for one in found.notes):
        found.requests += 1
        found.notes.append(client.credit_note(note))


def _read_links(client: LightClient, note: UUID, found: Found) -> None:
    """The links of a note. Where a stored one is missing, its invoice tells why: an invoice
    that was posted meanwhile has used it up, else somebody removed it."""
    found.requests += 1
    links = whole(client.links_of_credit_note(note))
    mapped = ids.invoices_of(link.invoice_payable_id for link in links)
    for link in links:
        if link.invoice_payable_id and link.invoice_payable_id not in mapped:
            _find_invoice(client, note, link, found)
    stored = Link.objects.filter(credit_note_id=note, gone_at=None)
    missing = stored.exclude(invoice_payable_id__in=mapped.values())
    states = InvoicePayable.objects.filter(id__in=missing.values("invoice_payable_id"))
    for invoice, state in states.values_list("id", "state"):
        if not usable.is_posted(state):
            _read_invoice(client, invoice, found)
    found.links[note] = links


def _read_invoice(client: LightClient, invoice: UUID, found: Found) -> None:
    """One invoice beside another document; that Light does not know it spoils nothing."""
    found.requests += 1
    try:
        found.invoices.append(client.invoice_payable(invoice))
    except LightRefused as error:
        if error.status != 404:
            raise
        found.gone.append((InvoicePayable, invoice))


def _find_invoice(client: LightClient, note: UUID, link: records.Link, found: Found) -> None:
    """Which invoice an unknown id means: one with the same number that shows the same link."""
    row = CreditNote.objects.filter(id=note).first()
    for candidate in ids.invoices_by_number(link.invoice_number, row):
        found.requests += 1
        for seen_there in client.links_of_invoice(candidate):
            other = seen_there.invoice_payable_id
            if other is not None and other == link.invoice_payable_id:
                found.other_ids.append((candidate, other))
                return
