"""The five edits: look, compare, commit what is to be sent, send once, write what came of it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from clearing import roles, tracing, workflow
from clearing.light import records
from clearing.light.bodies import line_body, note_body
from clearing.light.client import LightClient
from clearing.light.errors import LightRefused
from clearing.models import CreditNote, Edit
from clearing.roles import User
from clearing.services.editing import answering, comparing, reading, values, words, writing
from clearing.services.editing.values import Values

Kind = Edit.Kind


@dataclass(frozen=True)
class Draft:
    """A draft as Light shows it just before an edit, and our row of it."""

    record: records.CreditNote
    row: CreditNote | None
    before: dict[str, Any] = field(default_factory=dict)

    def line(self, line_id: UUID) -> records.CreditNoteLine:
        """One of its lines; Conflict where it is gone."""
        found = next((line for line in self.record.lines if line.id == line_id), None)
        if found is None:
            raise workflow.Conflict(_("This line is no longer in Light. Reload the page."))
        return found


def change_note(
    client: LightClient,
    *,
    note_id: UUID,
    shown: Mapping[str, Any],
    wanted: Mapping[str, Any],
    by: User,
) -> Edit:
    """Send what differs between `shown` and `wanted`, values as in editing.note_values().

    Raises NotAllowed, Conflict, Changed, ValueError; LightError where nothing was sent.
    """
    draft = _look(client, note_id, by)
    number = draft.row.document_number if draft.row else ""
    live = values.note_seen(draft.record, number=number)
    sent = comparing.differences(shown, live, wanted)
    currency = str(live["currency"] or "")
    edit = _edit(
        Kind.CHANGE_NOTE, draft, by, body=note_body(sent),
        changes=words.changes(
            sent, live, sent, currency=currency, currency_now=str(sent.get("currency") or currency)
        ),
    )  # fmt: skip
    edit.before["note"]["documentNumber"] = number or None
    return _carry_out(
        client, edit, draft, partial(client.update_credit_note, note_id, edit.body)
    )  # fmt: skip


def add_line(
    client: LightClient, *, note_id: UUID, values: Mapping[str, Any], by: User
) -> Edit:  # fmt: skip
    """Add a line, values as in editing.line_values(). Raises as change_note."""
    given = _line_given(values)
    draft = _look(client, note_id, by)
    edit = _edit(
        Kind.ADD_LINE, draft, by, body=line_body(given),
        changes=words.changes(given, {}, given, currency=draft.record.currency),
    )  # fmt: skip
    return _carry_out(client, edit, draft, partial(client.add_line, note_id, edit.body))


def change_line(
    client: LightClient,
    *,
    note_id: UUID,
    line_id: UUID,
    shown: Mapping[str, Any],
    wanted: Mapping[str, Any],
    by: User,
) -> Edit:
    """Send what differs in a line. Raises as change_note."""
    draft = _look(client, note_id, by)
    live = values.line_seen(draft.line(line_id))
    sent = comparing.differences(shown, live, wanted)
    comparing.check_amounts_stay(sent)
    edit = _edit(
        Kind.CHANGE_LINE, draft, by, body=line_body(sent), line_id=line_id,
        changes=words.changes(sent, live, sent, currency=draft.record.currency),
    )  # fmt: skip
    return _carry_out(
        client, edit, draft, partial(client.change_line, note_id, line_id, edit.body)
    )  # fmt: skip


def delete_line(
    client: LightClient, *, note_id: UUID, line_id: UUID, shown: Mapping[str, Any], by: User
) -> Edit:
    """Delete a line that still is what was shown. Raises as change_note."""
    draft = _look(client, note_id, by)
    live = values.line_seen(draft.line(line_id))
    comparing.check_unchanged(shown, live)
    had = {name: value for name, value in live.items() if value is not None}
    edit = _edit(
        Kind.DELETE_LINE, draft, by, line_id=line_id,
        changes=words.changes(had, live, {}, currency=draft.record.currency),
    )  # fmt: skip
    return _carry_out(client, edit, draft, partial(client.delete_line, note_id, line_id))


def create_from_invoice(client: LightClient, *, invoice_id: UUID, by: User) -> Edit:
    """Have Light make a draft over an invoice; its credit_note_id is set when DONE.

    Raises NotAllowed, Conflict; LightError where nothing was sent.
    """
    roles.check_may(by, "edit")
    writing.check_free(None, invoice_id)
    invoice = client.invoice_payable(invoice_id)
    if invoice.type not in ("", "VENDOR_INVOICE"):
        raise workflow.Conflict(_("Only a vendor's invoice leads to a credit note."))
    vendor = str(invoice.vendor_id or "")
    before = {
        "vendor": vendor,
        "drafts": reading.drafts_of(client, vendor),
        "wanted": {"amount": invoice.amount, "currency": invoice.currency},
    }
    name = invoice.invoice_number or str(invoice.id)
    change = {"field": "invoice", "was": "", "now": name}
    edit = Edit(
        kind=Kind.CREATE, invoice_payable_id=invoice_id, before=before, changes=[change],
        asked_by=by,
    )  # fmt: skip
    send = partial(client.create_credit_note_from_invoice, invoice_id)
    return _carry_out(client, edit, None, send)


def _line_given(given: Mapping[str, Any]) -> Values:
    """What of a new line is not empty."""
    found = {
        name: value for name, value in values.canonical(given).items() if value is not None
    }  # fmt: skip
    if "net" not in found and "gross" not in found:
        raise ValueError(_("Enter the amount of the line."))
    return found


def _look(client: LightClient, note_id: UUID, by: User) -> Draft:
    """The draft as Light shows it now; nothing is sent yet."""
    roles.check_may(by, "edit")
    writing.check_free(note_id, None)
    record = client.credit_note(note_id)
    if record.id != note_id:
        raise LightRefused(_("Light answered with another credit note."))
    if record.status != "DRAFT":
        raise workflow.Conflict(
            _("It is not a draft any more: Light shows it as %(status)s. Nothing was changed.")
            % {"status": record.status or "–"}
        )
    row = CreditNote.objects.filter(pk=note_id).first()
    return Draft(record, row, values.facts(record))


def _edit(kind: Kind, draft: Draft, by: User, **columns: Any) -> Edit:
    return Edit(
        kind=kind, credit_note_id=draft.record.id, before=draft.before, asked_by=by, **columns
    )  # fmt: skip


def _carry_out(
    client: LightClient, edit: Edit, draft: Draft | None, send: Callable[..., Any]
) -> Edit:
    """Commit, send once, write the outcome. Whatever happens in between is settled by reading."""
    started = time.monotonic()  # read first: whatever happens from here on uses up the time
    edit.sent_at = edit.asked_at = edit.changed_at = workflow.now()
    edit.trace = tracing.current()
    writing.begin(edit, about=writing.about_note(draft.row if draft else None, edit))
    margin = min(settings.LIGHT_TIMEOUT, settings.LEASE / 2)
    called = answering.call(send, deadline=started + settings.LEASE - margin)
    answering.take(client, edit, called, draft.record if draft else None)
    return edit
