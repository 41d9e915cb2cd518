"""Lists of Light into the copy: upserts, so that repeats and moved rows do no harm."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from clearing import usable
from clearing.light import records
from clearing.matching import numbers
from clearing.models import CreditNote, Entity, InvoicePayable, LedgerAccount, Seen, Vendor
from clearing.models.mirror import NO_DATE
from clearing.services.mirroring import lines, wants
from clearing.services.mirroring.settling import chunks, seen, settle

WATCHED: dict[type[Model], tuple[str, tuple[str, ...]]] = {  # whose changes are kept for ever
    CreditNote: ("credit_note", ("amount", "status")),
    InvoicePayable: ("invoice_payable", ("amount", "state")),
}


A_CLOCK_APART = timedelta(hours=1)  # at most, between Light's clock and ours


def _day(day: date | None) -> date:
    return day or date.fromisoformat(NO_DATE)


def note_values(record: records.CreditNote) -> dict[str, Any]:
    """Columns of a credit note, as the list and the detail show it."""
    values = {
        "entity_id": record.entity_id,
        "vendor_id": record.vendor_id,
        "vendor_name": record.vendor_name,
        "status": record.status,
        "amount": record.amount,
        "currency": record.currency,
        "description": record.description,
        "document_name": record.document_name,
        "document_date": record.document_date,
        "document_day": _day(record.document_date),
        "posting_date": record.posting_date,
        "local_fx_rate": record.local_fx_rate or "",
        "group_fx_rate": record.group_fx_rate or "",
        "are_lines_with_tax": record.are_lines_with_tax,
        "created_in_light_at": record.created_at,
        "updated_in_light_at": record.updated_at,
    }
    for name, field in (("are_lines_with_tax",) * 2, ("created_in_light_at", "created_at")):
        if field not in record.model_fields_set:  # left out is not empty
            del values[name]
    return values


def invoice_values(record: records.InvoicePayable) -> dict[str, Any]:
    """Columns of an invoice, as list and detail show it; the detail has no vendor's name."""
    values = {
        "type": record.type,
        "entity_id": record.entity_id,
        "vendor_id": record.vendor_id,
        "vendor_name": record.vendor_name,
        "state": record.state,
        "invoice_number": record.invoice_number,
        "number_key": numbers.key(record.invoice_number),
        "amount": record.amount,
        "currency": record.currency,
        "description": record.description,
        "document_name": record.document_name,
        "issued_date": record.issued_date,
        "due_date": record.due_date,
        "due_day": _day(record.due_date),
        "payment_at": record.payment_at,
        "updated_in_light_at": record.updated_at,
    }
    if not record.vendor_name:
        del values["vendor_name"]
    for name in ("internal_id", "outstanding_balance", "local_fx_rate", "has_tax"):
        if (shown := getattr(record, name)) is not None:  # of the detail only
            values[name] = shown
    return values


def vendor_values(record: records.Vendor) -> dict[str, Any]:
    """Columns of a vendor."""
    return {
        "name": record.name,
        "number": record.identifier,
        "vat_id": plain_vat_id(record.vat_id),
        "status": record.status,
        "currency": record.currency,
        "country": record.country,
        "updated_in_light_at": record.updated_at,
    }


def plain_vat_id(text: str) -> str:
    """A VAT id as it can be compared: without blanks, dots and dashes, in capitals."""
    return re.sub(r"[\s.\-\u2010-\u2015]+", "", text).upper()


def account_values(record: records.LedgerAccount) -> dict[str, Any]:
    """Columns of an account of the ledger."""
    return {
        "code": record.code,
        "label": record.label,
        "type": record.type,
        "status": record.status,
    }


def entity_values(record: records.Entity) -> dict[str, Any]:
    """Columns of a company entity."""
    return {
        "code": record.code,
        "name": record.display_name or record.name,
        "local_currency": record.local_currency,
        "status": record.status,
    }


class Upsert:
    """Rows of one model brought to what Light shows; `changed` maps ids to (before, now)."""

    def __init__(self, model: type[Model], now: datetime) -> None:
        self.model, self.now = model, now
        self.rows: list[Any] = []
        self.fields: set[str] = {"changed_at", "gone_at"}
        self.history: list[Seen] = []
        self.changed: dict[UUID, tuple[dict[str, Any] | None, Any]] = {}

    def take(self, values_by_id: dict[UUID, dict[str, Any]]) -> None:
        """Compare with the stored rows; an answer older than what is stored is left out."""
        stored = self.model._default_manager.in_bulk(sorted(values_by_id))
        for id, values in values_by_id.items():
            row = stored.get(id)
            if row is None:
                row = self.model(id=id, first_seen_at=self.now, changed_at=self.now, **values)
                self._keep(row, values, None)
            elif not _is_older(values, row, self.now):
                self._compare(row, values)

    def _compare(self, row: Any, values: dict[str, Any]) -> None:
        if values.get("currency") == "" and _same_version(values, row):
            del values["currency"]  # the list may leave out what the detail shows
        before = {name: getattr(row, name) for name in values}
        if before == values and row.gone_at is None:
            return
        what, watched = WATCHED.get(self.model, ("", ()))
        for name in watched:
            if before[name] != values[name]:
                self.history.append(seen(what, row.id, name, before[name], values[name], self.now))
        if what and row.gone_at is not None:
            self.history.append(seen(what, row.id, "gone", "gone", "", self.now))
        for name, value in values.items():
            setattr(row, name, value)
        row.changed_at, row.gone_at = self.now, None
        self._keep(row, values, before)

    def _keep(self, row: Any, values: dict[str, Any], before: dict[str, Any] | None) -> None:
        self.rows.append(row)
        self.fields |= values.keys()
        self.changed[row.id] = (before, row)

    def save(self) -> None:
        """Write only what changed."""
        self.rows.sort(key=lambda row: row.id)
        self.model._default_manager.bulk_create(
            self.rows,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=sorted(self.fields),
            batch_size=200,
        )
        Seen.objects.bulk_create(self.history, batch_size=500)


def _is_older(values: dict[str, Any], row: Any, now: datetime) -> bool:
    """A time that is still to come tells nothing: it would keep everything later out."""
    shown, stored = values.get("updated_in_light_at"), getattr(row, "updated_in_light_at", None)
    return bool(shown and stored and shown < stored < now + A_CLOCK_APART)


def _same_version(values: dict[str, Any], row: Any) -> bool:
    return bool(values.get("updated_in_light_at") == row.updated_in_light_at)


def take_entities(found: Iterable[records.Entity], now: datetime) -> None:
    """Company entities."""
    upsert = Upsert(Entity, now)
    upsert.take({one.id: entity_values(one) for one in found})
    upsert.save()


def take_accounts(found: Iterable[records.LedgerAccount], now: datetime) -> None:
    """Accounts of the ledger."""
    upsert = Upsert(LedgerAccount, now)
    upsert.take({one.id: account_values(one) for one in found})
    upsert.save()


def take_vendors(found: Iterable[records.Vendor], now: datetime) -> None:
    """Vendors."""
    upsert = Upsert(Vendor, now)
    upsert.take({one.id: vendor_values(one) for one in found})
    upsert.save()


def take_credit_notes(
    found: Iterable[records.CreditNote], now: datetime, *, detailed: bool = False
) -> None:
    """Credit notes, with balances; links are read once more where one stops being open, lines
    where one stops being a draft.

    detailed: the records show all their lines; a list may leave them out.
    """
    found = list(found)
    upsert = Upsert(CreditNote, now)
    upsert.take({one.id: note_values(one) for one in found})
    upsert.save()
    closed, posted = _left(upsert, wants.OPEN_STATUS), _left(upsert, wants.WITH_LINES_READ)
    rows = CreditNote.objects.exclude(links_read_at=None)
    rows.filter(id__in=closed, links_wanted_at=None).update(links_wanted_at=now)
    rows = CreditNote.objects.exclude(lines_read_at=None)
    rows.filter(id__in=posted, lines_wanted_at=None).update(lines_wanted_at=now)
    lines.take_lines(found if detailed else lines.news(found), now)
    settle(notes=upsert.changed, now=now)


def _left(upsert: Upsert, statuses: frozenset[str]) -> list[UUID]:
    """Credit notes that had one of these statuses, and now have another."""
    return [
        id
        for id, (before, row) in upsert.changed.items()
        if before and before["status"] in statuses and row.status not in statuses
    ]


def take_invoices(found: Iterable[records.InvoicePayable], now: datetime) -> None:
    """Invoice payables, with fates and balances; what stops being usable is read once more."""
    upsert = Upsert(InvoicePayable, now)
    upsert.take({one.id: invoice_values(one) for one in found})
    upsert.save()
    left, posted, unposted, turned = set(), set(), set(), set()
    for id, (before, row) in upsert.changed.items():
        if before is None:
            turned |= {id} if usable.is_posted(row.state) else set()
            continue
        was, is_ = before["state"], row.state
        if wants.is_usable(was) and not wants.is_usable(is_) and row.outstanding_read_at:
            left.add(id)
        if usable.is_posted(was) != usable.is_posted(is_):
            turned.add(id)
            if usable.is_posted(is_):
                posted.add(id)
            elif row.payments_read_at:
                unposted.add(id)
    rows = InvoicePayable.objects
    rows.filter(id__in=left, outstanding_wanted_at=None).update(outstanding_wanted_at=now)
    rows.filter(id__in=unposted, payments_wanted_at=None).update(payments_wanted_at=now)
    rows.filter(id__in=turned).update(payments_reads_posted=0)
    wants.want_posted(posted, now)
    settle(invoices=upsert.changed, payments_of=turned, now=now)


def mark_gone(model: type[Model], ids: Iterable[UUID], now: datetime) -> None:
    """Light no longer shows these rows; what hung on them is settled anew.

    The clearings of an invoice that went stay counted: nobody can ask Light for its payments any
    more, so whether they still stand is unknown, which is not the same as undone.
    """
    what, _ = WATCHED.get(model, ("", ()))
    for part in chunks(ids):
        rows = model._default_manager.filter(id__in=part, gone_at=None)
        going = list(rows.values_list("id", flat=True))
        rows.update(gone_at=now, changed_at=now)
        if not what:
            continue
        Seen.objects.bulk_create([seen(what, id, "gone", "", "gone", now) for id in going])
        if model is CreditNote:
            settle(notes=going, now=now)
        else:
            settle(payments_of=going, now=now)
