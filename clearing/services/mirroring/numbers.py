"""Numbers of credit notes, and which of them adjust payables: from the accounting documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from clearing import usable
from clearing.light import records
from clearing.models import CreditNote
from clearing.services.mirroring import ids
from clearing.services.mirroring.settling import chunks, settle


def take_numbers(
    found: Sequence[records.AccountingDocument], *, adjusts: bool | None, now: datetime
) -> int:
    """Numbers of credit notes, from their accounting documents; how many are of no note we know.

    adjusts: True where the list holds only those that adjust payables, else None. What follows
    from an id that is learnt, or from a note that does adjust payables after all, is settled.
    """
    stored, news = notes_of_documents(found)
    changed = []
    for one in found:
        note = stored.get(one.id)
        if note is None:
            continue
        known = adjusts if adjusts is not None else note.adjusts_payables
        if known and note.adjusts_payables is False:
            news.add(note.id)
        if (note.document_number, note.adjusts_payables) != (one.document_number, known):
            note.document_number, note.adjusts_payables = one.document_number, known
            changed.append(note)
    CreditNote.objects.bulk_update(changed, ["document_number", "adjusts_payables"], batch_size=200)
    if news:
        settle(notes=news, now=now)
    return len(found) - len(stored)


def take_number(note_id: UUID, number: str) -> None:
    """The number that Light has taken for a draft; the list shows it later."""
    CreditNote.objects.filter(id=note_id).update(document_number=number)


def notes_of_documents(
    found: Sequence[records.AccountingDocument],
) -> tuple[dict[UUID, CreditNote], set[UUID]]:
    """Credit notes by the ids of their accounting documents, and those whose id was learnt now.

    Where the list shows ids that we do not know, a note of the same vendor, entity, currency,
    amount and time of change is the one, if there is only one; its other id is kept.
    """
    by_id = ids.credit_notes_of(one.id for one in found)
    rest = [one for one in found if one.id not in by_id and one.updated_at]
    alike = CreditNote.objects.filter(
        accounting_document_id=None, updated_in_light_at__in={one.updated_at for one in rest}
    )
    keys: dict[tuple[Any, ...], list[UUID]] = {}
    for note in alike:
        key = (note.vendor_id, note.entity_id, note.currency, note.amount, note.updated_in_light_at)
        keys.setdefault(key, []).append(note.id)
    learnt: set[UUID] = set()
    for one in rest:
        key = (one.vendor_id, one.entity_id, one.currency, one.amount, one.updated_at)
        if len(candidates := keys.get(key, [])) == 1:
            ids.learn_credit_note(candidates[0], one.id)
            by_id[one.id] = candidates[0]
            learnt.add(candidates[0])
    stored = CreditNote.objects.in_bulk(sorted(set(by_id.values())))
    known = {one: stored[note] for one, note in by_id.items() if one and note in stored}
    return known, learnt


def mark_others(*, since: datetime | None, now: datetime) -> None:
    """After a whole list of those that adjust payables: the others do not.

    since: only notes that changed from then on (an incremental list); None: all.
    """
    rows = CreditNote.objects.filter(
        adjusts_payables=None, status__in=usable.IN_LEDGER, gone_at=None
    )
    if since is not None:
        rows = rows.filter(changed_at__gte=since)
    others = list(rows.values_list("id", flat=True))
    for part in chunks(others):
        CreditNote.objects.filter(id__in=part).update(adjusts_payables=False)
        settle(notes=part, now=now)
