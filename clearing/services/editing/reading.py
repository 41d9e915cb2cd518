"""What an edit looks at in Light: the draft itself, or a vendor's drafts where one is created."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from clearing.light import records
from clearing.light.client import LightClient, credit_note_filter
from clearing.light.errors import LightRefused, LightUnreadable
from clearing.models import CreditNote, Edit
from clearing.services.editing import values

MOST_PAGES = 25  # of one vendor's drafts
Facts = dict[str, Any]


class Look:
    """What one look shows: facts to decide by (None: gone), and the record for the copy."""

    def __init__(self, facts: Facts | None, record: records.CreditNote | None = None) -> None:
        self.facts, self.record = facts, record


def look(client: LightClient, edit: Edit) -> Look:
    """Read what shows the outcome of an edit. Raises LightError where Light does not answer."""
    if edit.kind == Edit.Kind.CREATE:
        return Look({"drafts": drafts_of(client, edit.before["vendor"])})
    note = credit_note(client, edit.credit_note_id)
    if note is None:
        return Look(None)
    facts = values.facts(note)
    if set(edit.body) == {"documentNumber"}:  # the detail would show nothing of it
        facts["note"] |= _number(client, note, edit)
    return Look(facts, note)


def credit_note(client: LightClient, note_id: UUID | str | None) -> records.CreditNote | None:
    """A credit note as Light shows it now; None where it shows none."""
    try:
        return client.credit_note(str(note_id))
    except LightRefused as error:
        if error.status == 404:
            return None
        raise


def drafts_of(client: LightClient, vendor: str) -> dict[str, Facts]:
    """All drafts of a vendor ("": of all), by id."""
    wanted = "status:eq:DRAFT" + (f",businessPartnerId:eq:{vendor}" if vendor else "")
    found: dict[str, Facts] = {}
    cursor = "0"
    for _ in range(MOST_PAGES):
        page = client.page("credit_notes", cursor, filter=wanted)
        found |= {str(one.id): draft(one) for one in page.records}
        found |= {str(one.id): {"amount": None, "currency": ""} for one in page.unreadable}
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor
    raise LightUnreadable("Light's list of drafts does not end.")


def draft(record: records.CreditNote) -> Facts:
    """A draft as deciding.edits compares it."""
    return {"amount": record.amount, "currency": record.currency}


def _number(client: LightClient, note: records.CreditNote, edit: Edit) -> Mapping[str, Any]:
    """The note's number in the only list that has it; nothing where it is not listed."""
    row = CreditNote.objects.filter(pk=note.id).first()
    ids = {note.id, row.accounting_document_id if row else note.id}
    since = note.updated_at or edit.sent_at
    page = client.page(
        "accounting_documents",
        updated_since=since,
        filter=credit_note_filter(adjusting_payables=False),
    )
    listed = next((one for one in page.records if one.id in ids), None)
    return {"documentNumber": listed.document_number or None} if listed else {}
