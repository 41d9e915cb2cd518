"""Lines of credit notes into the copy: always all lines of a note, as one reading showed them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from clearing.light import records
from clearing.models import CreditNote, CreditNoteLine
from clearing.services.mirroring.settling import chunks

COLUMNS = [one.attname for one in CreditNoteLine._meta.concrete_fields if not one.primary_key]
Rows = dict[UUID, dict[str, Any]]  # columns by the line's id


def line_values(line: records.CreditNoteLine, position: int) -> dict[str, Any]:
    """Columns of a line; an amount that Light leaves out has no side either."""
    values: dict[str, Any] = {
        "position": position,
        "description": line.description,
        "ledger_account_id": line.ledger_account_id,
        "ledger_tax_id": line.ledger_tax_id,
        "cost_center_id": line.cost_center_id,
        "accrual_template_id": line.accrual_template_id,
        "accrual_start_date": line.accrual_start_date,
        "accrual_end_date": line.accrual_end_date,
    }
    for name, directed in (("net", line.net), ("tax", line.tax), ("gross", line.gross)):
        given = directed is not None and directed.amount is not None
        values[name] = directed.amount if directed and given else None
        values[f"{name}_side"] = directed.dc_sign if directed and given else ""
    return values


def take_lines(found: Iterable[records.CreditNote], now: datetime) -> None:
    """Replace the stored lines of notes of the copy by those read at `now`.

    A note of which something newer is stored keeps its lines. In the caller's transaction.
    """
    by_id = {one.id: one for one in found}
    for ids in chunks(sorted(by_id)):
        stored = _stored(ids)
        rows = CreditNote.objects.select_for_update().filter(id__in=ids).order_by("id")
        notes = [row for row in rows if not _is_newer(row, by_id[row.id], now)]
        for note in notes:
            _replace(by_id[note.id], stored[note.id])
        read = CreditNote.objects.filter(id__in=[note.id for note in notes])
        read.update(lines_read_at=now)
        read.filter(lines_wanted_at__lte=now).update(lines_wanted_at=None)


def news(found: Iterable[records.CreditNote]) -> list[records.CreditNote]:
    """Those of a list that tell something new of their lines.

    A list may leave lines out, so an empty one says nothing.
    """
    told = {one.id: one for one in found if one.lines}
    unread: list[records.CreditNote] = []
    for ids in chunks(sorted(told)):
        stored = _stored(ids)
        for row in CreditNote.objects.filter(id__in=ids):
            due = row.lines_read_at is None or row.lines_read_at < row.changed_at
            if due or stored[row.id] != _rows(told[row.id]):
                unread.append(told[row.id])
    return unread


def _rows(note: records.CreditNote) -> Rows:
    return {line.id: line_values(line, position) for position, line in enumerate(note.lines)}


def _stored(notes: list[UUID]) -> defaultdict[UUID, Rows]:
    """The stored lines of these notes."""
    found: defaultdict[UUID, Rows] = defaultdict(dict)
    for row in CreditNoteLine.objects.filter(credit_note_id__in=notes).values():
        values: dict[str, Any] = dict(row)
        found[values.pop("credit_note_id")][values.pop("id")] = values
    return found


def _is_newer(row: CreditNote, shown: records.CreditNote, now: datetime) -> bool:
    """Whether the copy holds lines of a later reading, or the note itself is a later one."""
    read_later = row.lines_read_at is not None and row.lines_read_at > now
    stored, at = row.updated_in_light_at, shown.updated_at
    return read_later or bool(stored and at and at < stored)


def _replace(note: records.CreditNote, stored: Rows) -> None:
    shown = _rows(note)
    if shown == stored:
        return
    CreditNoteLine.objects.filter(id__in=[id for id in stored if id not in shown]).delete()
    rows = [{"id": id, "credit_note_id": note.id, **values} for id, values in shown.items()]
    CreditNoteLine.objects.bulk_create(
        [CreditNoteLine(**row) for row in rows],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=COLUMNS,
        batch_size=200,
    )
