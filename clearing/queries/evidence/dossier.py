"""Everything that is known of one clearing, in the order in which it came about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from clearing import labels, money
from clearing.models import (
    Acknowledged,
    AuditEvent,
    Clearing,
    CreditNote,
    Difference,
    Entity,
    Evidence,
    EvidenceFile,
    Instruction,
    InvoicePayable,
    Link,
    Movement,
    Seen,
    number_format,
)
from clearing.queries import history
from clearing.queries.documents import name_of_document
from clearing.queries.evidence import period
from clearing.queries.evidence.lines import Step, lines_of, steps
from clearing.queries.evidence.population import maker
from clearing.workflow import name_of

K, Made = Movement.Kind, Movement.Made
MOST = 400  # audit events, and changes seen in Light, of one pair
Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class Event:
    """One audit event: its id in the trail, and what it says."""

    id: int
    at: datetime
    who: str
    words: str
    beside: str


@dataclass(frozen=True)
class Dossier:
    """One clearing as its file prints it."""

    title: str
    place: str
    facts: Facts
    made: str  # a sentence, where it was not made here
    unknown: list[str]
    steps: list[Step]
    events: list[Event]
    capped: bool
    documents: list[tuple[str, str, str]]  # which, its file, SHA-256 or why there is none
    head: str
    made_at: datetime


def of(evidence: Evidence, file: EvidenceFile, now: datetime) -> Dossier:
    """The dossier of one sampled link; about fifteen queries."""
    movement = Movement.objects.get(pk=file.movement_id or 0)
    pair = _Pair(movement, number_format(evidence.asked_by))
    events, capped = _events(pair)
    found = [*steps(pair.lines, pair.locale), *_in_light(pair), *_later(pair), *_accepted(pair)]
    links = evidence.links_total
    number = file.position - evidence.documents_total
    return Dossier(
        title=_("%(note)s on %(invoice)s") % {"note": pair.note_name, "invoice": pair.invoice_name},
        place=_("Evidence %(id)d, link %(n)d of %(all)d")
        % {"id": evidence.pk, "n": number, "all": links},
        facts=_facts(evidence, pair),
        made=_made(pair),
        unknown=list(_unknown(pair)),
        steps=sorted(found, key=lambda one: one.at),
        events=events,
        capped=capped,
        documents=_documents(evidence, movement),
        head=evidence.head,
        made_at=now,
    )


class _Pair:
    """The rows behind one clearing."""

    def __init__(self, movement: Movement, locale: str) -> None:
        self.movement, self.locale = movement, locale
        note, invoice = movement.credit_note_id, movement.invoice_payable_id
        self.note = CreditNote.objects.filter(pk=note).first()
        self.invoice = InvoicePayable.objects.filter(pk__in=[invoice]).first()
        self.clearing = Clearing.objects.filter(pk__in=[movement.clearing_id]).first()
        self.lines: list[Instruction] = list(lines_of(note, invoice))
        links = Link.objects.filter(credit_note_id=note, invoice_payable_id__in=[invoice])
        self.link = links.first()
        self.entity = Entity.objects.filter(pk__in=[movement.entity_id]).first()
        found: list[Model | None] = [self.note, self.invoice]
        self.names: dict[UUID, Model] = {one.pk: one for one in found if one}

    @property
    def note_name(self) -> str:
        return name_of_document(self.names, self.movement.credit_note_id)

    @property
    def invoice_name(self) -> str:
        id = self.movement.invoice_payable_id
        return name_of_document(self.names, id) if id else _("an invoice that is not known")

    def amount(self, value: int | None) -> str:
        return money.text(value, self.movement.currency, self.locale)


def _facts(evidence: Evidence, pair: _Pair) -> Facts:
    one, note, invoice = pair.movement, pair.note, pair.invoice
    assumed = _(" (assumed: Light gives none)") if one.assumed else ""
    local = pair.entity.local_currency if pair.entity else ""
    facts = [
        (_("Company entity"), str(pair.entity) if pair.entity else _("Without company entity")),
        (_("Period"), period.words(evidence.first, evidence.last)),
        (_("Vendor"), (note and note.vendor_name) or _("missing")),
        (_("Credit note"), f"{pair.note_name} · {one.credit_note_id}"),
        (_("Invoice"), f"{pair.invoice_name} · {one.invoice_payable_id or '–'}"),
        (_("Amount of the clearing"), pair.amount(-one.amount)),
        (_("Accounting date"), f"{labels.day(one.day)}{assumed}"),
        (_("Made"), maker(one)),
        (_("Movement"), str(one.pk)),
        (_("Credit note, its amount and status now"), _of_note(pair) if note else ""),
        (_("Invoice, its amount and state now"), _of_invoice(pair) if invoice else ""),
    ]
    if local and local != one.currency:
        told = _("not translated") if one.local is None else money.text(-one.local, local)
        facts.insert(6, (_("In the entity’s currency, at the booked rate"), told))
    return [(words, value) for words, value in facts if value]


def _of_note(pair: _Pair) -> str:
    note: Any = pair.note
    gone = _(", no longer shown by Light") if note.gone_at else ""
    status = labels.credit_note(note.status).word
    return f"{money.text(note.amount, note.currency, pair.locale)}, {status}{gone}"


def _of_invoice(pair: _Pair) -> str:
    one: Any = pair.invoice
    gone = _(", no longer shown by Light") if one.gone_at else ""
    state = labels.invoice(one.state).word
    return f"{money.text(one.amount, one.currency, pair.locale)}, {state}{gone}"


def _made(pair: _Pair) -> str:
    if pair.movement.clearing_id is None:
        return _("Nothing here tells who made it.")
    if pair.movement.made == Made.HERE:
        return ""
    if pair.movement.made == Made.ITSELF:
        return _(
            "Light cleared this by itself: no link was planned, and there is no proposal here."
        )
    return _("Made directly in Light; no proposal here.")


def _unknown(pair: _Pair) -> Iterator[str]:
    """What the books cannot tell, said so that nobody has to wonder."""
    one = pair.movement
    if one.clearing_id is None:
        yield _("By what this was cleared, was not read from Light: no clearing and no invoice.")
    elif pair.clearing is None:
        yield _("The clearing itself is not in the copy of Light.")
    if one.made == Made.HERE and not any(line.kind == "link" for line in pair.lines):
        yield _("It counts as made here, but the line that made it is not kept.")
    if pair.note is None:
        yield _("The credit note is not in the copy of Light.")
    if one.invoice_payable_id and pair.invoice is None:
        yield _("The invoice is not in the copy of Light.")


def _in_light(pair: _Pair) -> Iterator[Step]:
    """What the copy of Light saw of link, clearing and credit note."""
    one, clearing = pair.movement, pair.clearing
    if clearing is None:
        yield Step(one.known_at, _("Known here as cleared"))
    else:
        dated = labels.day(clearing.payment_date) if clearing.payment_date else ""
        facts = [
            (_("Clearing"), str(clearing.pk)),
            (_("Accounting document"), str(clearing.accounting_document_id or "")),
            (_("Document number"), clearing.document_number),
            (_("Payment date"), dated or _("Light gives none")),
            (_("Amount"), money.text(clearing.amount, one.currency, pair.locale)),
        ]
        title = _("The clearing was first seen in Light")
        yield Step(clearing.first_seen_at, title, "", [fact for fact in facts if fact[1]])
    about = Q(what="credit_note", document_id=one.credit_note_id, field__in=["status", "gone"])
    if one.invoice_payable_id:
        about |= Q(document_id=one.credit_note_id, other_id=one.invoice_payable_id)
    seen = list(Seen.objects.filter(about).order_by("pk")[:MOST])
    told = history.merged(
        seen, [], document_id=one.credit_note_id, names=pair.names, currency=one.currency,
        locale=pair.locale,
    )  # fmt: skip
    for event in told:
        yield Step(event.at, event.words, _("Seen in Light"))


def _later(pair: _Pair) -> Iterator[Step]:
    """What took the clearing back, undid it, or cancelled the credit note afterwards."""
    one = pair.movement
    after = Q(kind=K.UNDONE, clearing_id=one.clearing_id) if one.clearing_id else Q(pk=None)
    about = Movement.objects.filter(credit_note_id=one.credit_note_id)
    rows = list(about.filter(after | Q(kind=K.CANCELLED) | Q(takes_back=one.pk)).order_by("pk"))
    back = {row.takes_back for row in rows}
    for row in rows:
        if row.takes_back == one.pk:
            words = _("Taken back from the books: Light shows this clearing otherwise now")
            yield Step(row.known_at, words)
        elif row.takes_back is None and row.pk not in back:
            assumed = _(" (assumed: Light gives none)") if row.assumed else ""
            facts = [
                (_("Accounting date"), f"{labels.day(row.day)}{assumed}"),
                (_("Amount"), pair.amount(abs(row.amount))),
                (_("Made"), str(Made(row.made).label)),
            ]
            yield Step(row.known_at, _later_words(row), "", facts)


def _later_words(row: Movement) -> str:
    if row.kind == K.UNDONE:
        return _("Later: the clearing was undone")
    return _("Later: the credit note was cancelled")


def _accepted(pair: _Pair) -> Iterator[Step]:
    """Exceptions of this pair that somebody has acknowledged."""
    one = pair.movement
    differences = Difference.objects.filter(
        credit_note_id=one.credit_note_id, invoice_payable_id=one.invoice_payable_id
    )
    about = Q(difference_id__in=differences.values("pk"))
    about |= Q(clearing_id=one.clearing_id) if one.clearing_id else Q(pk=None)
    about |= Q(link_id=pair.link.pk) if pair.link else Q(pk=None)
    for row in Acknowledged.objects.filter(about).select_related("by").order_by("pk"):
        facts = [(_("Reason"), row.reason)] if row.reason else []
        yield Step(row.at, _("An exception was acknowledged"), name_of(row.by), facts)


def _events(pair: _Pair) -> tuple[list[Event], bool]:
    """The audit events about the pair, oldest first, and whether there are more of them."""
    one = pair.movement
    about = Q(credit_note_id=one.credit_note_id) & (
        Q(invoice_payable_id=one.invoice_payable_id) | Q(invoice_payable_id=None)
    )
    if pair.lines:
        about |= Q(instruction_id__in=[line.pk for line in pair.lines])
    rows = list(AuditEvent.objects.filter(about).order_by("pk")[: MOST + 1])
    return [_event(row, pair) for row in rows[:MOST]], len(rows) > MOST


def _event(row: AuditEvent, pair: _Pair) -> Event:
    told = history.audit(row, pair.names, pair.locale)
    trace = _("trace %(id)s") % {"id": row.trace} if row.trace else ""
    beside = [told.reason, *told.changes, told.balances, trace]
    return Event(row.pk, row.at, row.by_name, told.words, " · ".join(filter(None, beside)))


def _documents(evidence: Evidence, movement: Movement) -> list[tuple[str, str, str]]:
    ids = [movement.credit_note_id, movement.invoice_payable_id]
    rows = evidence.files.filter(document_id__in=[one for one in ids if one]).defer("content")
    return [
        (str(row.get_kind_display()), row.name or "–", row.digest or row.problem) for row in rows
    ]
