"""The history of a document: what the copy saw in Light and what was done here, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Model, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, money, reasons, workflow
from clearing.models import AuditEvent, CreditNote, Edit, Instruction, InvoicePayable, Seen
from clearing.queries import trail
from clearing.queries.documents import name_of_document

MOST = 100
Documents = dict[UUID, Model]
KINDS: dict[str, object] = {
    **dict(Edit.Kind.choices),
    "link": gettext_lazy("Link"),
    "amend": gettext_lazy("Change of amount"),
    "unlink": gettext_lazy("Removal from the invoice"),
    "archive": gettext_lazy("Cancellation"),
    "reverse": gettext_lazy("Undoing of the clearing"),
    "post": gettext_lazy("Posting"),
}
TONES = {
    "proposed": "planned", "approved": "good", "in Light": "good", "settled: in Light": "good",
    "rejected": "bad", "Light said no": "bad", "is not in Light": "bad",
    "settled: not in Light": "bad", "needs a decision": "bad", "no longer fits": "warn",
    "no clear answer, being checked": "warn", "edited the draft": "planned",
    "added a line": "planned", "changed a line": "planned", "deleted a line": "planned",
    "created it from an invoice": "planned", "saw the change in Light": "good",
    "was told no by Light": "bad", "did not find the change in Light": "bad",
    "got no clear answer; it is being checked": "warn",
    "cannot tell; it needs a look in Light": "bad",
}  # fmt: skip
FIELDS = {  # as the copy watches them
    "amount": gettext_lazy("Amount"),
    "status": gettext_lazy("Status"),
    "state": gettext_lazy("State"),
}


@dataclass(frozen=True)
class Event:
    """One line of a history: who (empty: Light), what, and why; the changed fields, the balances.

    `day` stands instead of the time where Light names only a date.
    """

    at: datetime
    who: str
    words: str
    tone: str = ""
    reason: str = ""
    url: str = ""
    day: date | None = None
    changes: tuple[str, ...] = ()
    balances: str = ""
    seen: bool = False  # at is when the copy saw it, not when Light did it


def of(document_id: UUID, *, of_note: bool) -> tuple[list[Seen], list[AuditEvent]]:
    """The newest MOST rows of both kinds about a credit note, or about an invoice."""
    seen = Seen.objects.filter(Q(document_id=document_id) | Q(other_id=document_id))
    column = "credit_note_id" if of_note else "invoice_payable_id"
    done = AuditEvent.objects.filter(**{column: document_id})
    return list(seen.order_by("-at", "-id")[:MOST]), list(done.order_by("-id")[:MOST])


def others(seen: Iterable[Seen], done: Iterable[AuditEvent], document_id: UUID) -> set[UUID]:
    """The other documents that a history names."""
    named = {one for row in seen for one in (row.document_id, row.other_id)}
    named |= {one for row in done for one in (row.credit_note_id, row.invoice_payable_id)}
    return {one for one in named if one and one != document_id}


def merged(
    seen: list[Seen], done: list[AuditEvent], *,
    document_id: UUID, names: Documents, currency: str, locale: str, dates: Iterable[Event] = (),
) -> list[Event]:  # fmt: skip
    """What the copy saw, what was done here and Light's own dates, newest first, at most MOST."""
    events = [*dates, *(_seen(row, document_id, names, currency, locale) for row in seen)]
    events += [audit(row, names, locale, document_id=document_id) for row in done]
    events.sort(key=lambda event: event.at, reverse=True)
    return events[:MOST]


def _seen(row: Seen, document_id: UUID, names: Documents, currency: str, locale: str) -> Event:
    """One change that the copy saw in Light."""
    before, after = (value(row, text, currency, locale) for text in (row.before, row.after))
    other = row.other_id if row.document_id == document_id else row.document_id
    values = {"other": name_of_document(names, other), "before": before, "after": after,
              "field": field_words(row)}  # fmt: skip
    if row.field == "gone":
        return Event(row.at, "", gone_words(row), "warn" if row.after else "", seen=True)
    if row.what == "link":
        return Event(row.at, "", _link_words(row) % values, seen=True)
    if row.what == "clearing":
        words = _clearing_words(row, by_bank=row.document_id == row.other_id)
        return Event(row.at, "", words % values, "good" if after else "warn", seen=True)
    if not row.before:
        return Event(row.at, "", _("%(field)s: %(after)s") % values, seen=True)
    return Event(row.at, "", _("%(field)s: %(before)s → %(after)s") % values, seen=True)


def _clearing_words(row: Seen, *, by_bank: bool) -> str:
    if by_bank:
        return _("Paid by bank: %(after)s") if row.after else _("Payment undone: %(before)s")
    if row.after:
        return _("Cleared with %(other)s: %(after)s")
    return _("Clearing with %(other)s undone: %(before)s")


def _link_words(row: Seen) -> str:
    if not row.after:
        return _("Link with %(other)s no longer listed: %(before)s")
    if not row.before:
        return _("Linked with %(other)s: %(after)s")
    return _("Link with %(other)s changed: %(before)s → %(after)s")


def gone_words(row: Seen) -> str:
    """Of a document that Light stopped showing, or shows again."""
    return _("No longer shown by Light") if row.after else _("Shown by Light again")


def field_words(row: Seen) -> str:
    """The name of what changed."""
    return str(FIELDS.get(row.field, row.field))


def value(row: Seen, text: str, currency: str, locale: str) -> str:
    """A stored value as people read it: a state's word, an amount, else as it is."""
    if row.what == "credit_note" and row.field == "status":
        return str(labels.credit_note(text).word) if text else ""
    if row.what == "invoice_payable" and row.field == "state":
        return str(labels.invoice(text).word) if text else ""
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        return money.text(int(text), currency, locale)
    return text


def audit(
    row: AuditEvent, names: Documents, locale: str, *, document_id: UUID | None = None
) -> Event:
    """One step of a person or the worker; on a document's own page only the other is named."""
    named = [
        name_of_document(names, one)
        for one in (row.credit_note_id, row.invoice_payable_id)
        if one and one != document_id
    ]
    named += trail.named(row)
    an_edit = row.kind in trail.EDITS  # its changes say how much
    told = not row.kind or (an_edit and row.verb not in workflow.EDIT_ENDED)  # by its verb
    parts = named if told else [str(KINDS.get(row.kind, row.kind)), *named]
    if row.amount is not None and not an_edit:
        parts.append(money.text(row.amount, row.currency, locale))
    what, verb = ", ".join(part for part in parts if part), _(row.verb)
    why = [reason(row.reason_code), row.reason]
    words = row.details.get("words", row.details.get("because"))
    if not row.reason and isinstance(words, str):
        why.append(words)
    return Event(
        at=row.at,
        who=row.by_name,
        words=f"{verb}: {what}" if what else verb,
        tone=TONES.get(row.verb, ""),
        reason=" – ".join(part for part in why if part),
        url=reverse("proposal", args=[row.proposal_id]) if row.proposal_id else "",
        changes=trail.changes(row, locale),
        balances=trail.balances(row, locale),
    )


def reason(code: str) -> str:
    """The words of a listed reason, or of what a person said became of a line."""
    if code in Instruction.Decision.values:
        return str(Instruction.Decision(code).label)
    return reasons.label(code) if code else ""


def documents_named(ids: Iterable[UUID | None]) -> Documents:
    """Credit notes and invoices of these ids, in at most two queries."""
    wanted = {one for one in ids if one}
    found: Documents = dict(InvoicePayable.objects.in_bulk(wanted))
    return found | dict(CreditNote.objects.in_bulk(wanted - found.keys()))


def lines_of(document_id: UUID, *, of_note: bool) -> list[Instruction]:
    """The newest 50 lines about a document, open ones first."""
    column = "credit_note_id" if of_note else "invoice_payable_id"
    lines = Instruction.objects.filter(**{column: document_id}).select_related(
        "asked_by", "approved_by", "dealt_by"
    )
    newest = lines.order_by("-id")[:50]
    return sorted(newest, key=lambda line: line.state not in Instruction.OPEN)
