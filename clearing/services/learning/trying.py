"""One ordinary link as the trial of an open question: proposed here, approved like any other."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from clearing import known, questions, roles, usable, workflow
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable, Proposal
from clearing.roles import User
from clearing.services import proposing
from clearing.services.fitting import Wanted, held_pairs, twin_sentences
from clearing.services.learning.saying import check_reason, take_turn

NOTES, INVOICES = 40, 400  # that are looked at
UNREAD = timedelta(hours=1)  # in which the effect of a trial is read
EACH, MOST = 3, 20  # pairs that are offered: of one credit note, and of all
# A link tries out one thing: a partly used note with a draft, a posted invoice with a whole note.
STATUS = {questions.PARTLY: "PARTIALLY_CLEARED", questions.ON_POSTED: "POSTED"}
STATES = {
    questions.PARTLY: (usable.USABLE | usable.USABLE_WITH_WARNING) - usable.POSTED,
    questions.ON_POSTED: usable.USABLE & usable.POSTED,
}


@dataclass(frozen=True)
class Pair:
    """Two documents whose link would answer a question; `most` in the smallest unit."""

    note: CreditNote
    invoice: InvoicePayable
    most: int

    @property
    def key(self) -> str:
        return f"{self.note.pk}:{self.invoice.pk}"


def why_not(question: str) -> str:
    """Why nobody can try this out now; empty where a controller can."""
    if question not in questions.TRIALS:
        return _("No link of ours can find this out.")
    if question not in known.answers().unanswered:
        return _("This is answered already. Take the answer back to try it anew.")
    if under_way(question):
        return _("A trial of this is under way already.")
    return ""


def under_way(question: str) -> Instruction | None:
    """The trial that is open, or done a while ago without that its effect was read yet."""
    trials = Instruction.objects.filter(trial=question, trial__gt="")
    lately = workflow.now() - UNREAD
    unread = Q(state=Instruction.State.DONE, shown_at=None, done_at__gt=lately)
    return trials.filter(Q(state__in=Instruction.OPEN) | unread).order_by("-pk").first()


def pairs(question: str) -> list[Pair]:
    """Links that would answer it, the smallest first; a fixed number of queries."""
    rows = list(_notes(question)[:NOTES])
    notes = CreditNote.objects.in_bulk([row.document_id for row in rows])
    suspected = twin_sentences(notes)
    open_ones = _invoices(question, {row.vendor_id for row in rows})
    found = [
        Pair(notes[row.document_id], invoice, min(row.available or 0, left))
        for row in rows
        if row.document_id in notes and row.document_id not in suspected
        for invoice, left in open_ones[row.vendor_id, row.entity_id, row.currency][:EACH]
    ]
    held = held_pairs(Wanted(one.note.pk, one.invoice.pk, one.most) for one in found)
    free = [one for one in found if (one.note.pk, one.invoice.pk) not in held]
    return sorted(free, key=lambda one: (one.most, one.key))[:MOST]


def _notes(question: str) -> QuerySet[Balance]:
    """The balances of notes that have such an invoice, the smallest first."""
    notes = CreditNote.objects.filter(pk=OuterRef("document_id"), status=STATUS[question])
    of_group = {name: OuterRef(name) for name in ("vendor_id", "entity_id", "currency")}
    invoices = InvoicePayable.objects.filter(state__in=STATES[question], gone_at=None, **of_group)
    return Balance.objects.filter(
        Exists(notes.filter(gone_at=None).exclude(adjusts_payables=False)),
        Exists(invoices),
        kind=Balance.Kind.CREDIT_NOTE,
        available__gt=0,
    ).order_by("available", "document_id")


def _invoices(
    question: str, vendors: Iterable[UUID | None]
) -> dict[tuple[UUID | None, UUID | None, str], list[tuple[InvoicePayable, int]]]:
    """The usable invoices of these vendors with what is open, the smallest first, by group."""
    of_vendors = InvoicePayable.objects.filter(vendor_id__in=[one for one in vendors if one])
    rows = Balance.objects.filter(
        kind=Balance.Kind.INVOICE, usable=True, available__gt=0,
        document_id__in=of_vendors.filter(state__in=STATES[question]).values("id"),
    ).order_by("available", "document_id")[:INVOICES]  # fmt: skip
    left = {row.document_id: row.available or 0 for row in rows}
    invoices = InvoicePayable.objects.in_bulk(left)
    found = defaultdict(list)
    for id, amount in left.items():
        if invoice := invoices.get(id):
            key = (invoice.vendor_id, invoice.entity_id, invoice.currency)
            found[key].append((invoice, amount))
    return found


def propose(
    *, question: str, note_id: UUID, invoice_id: UUID, amount: int, reason: str, by: User
) -> Proposal:
    """Propose the trial. Raises NotAllowed, Conflict, Problems, ValueError (the reason)."""
    roles.check_may(by, "answer")
    check_reason(reason)
    with transaction.atomic():
        take_turn(question)
        known.forget()
        if sentence := why_not(question):
            raise workflow.Conflict(sentence)
        note = CreditNote.objects.filter(pk=note_id, status=STATUS[question]).first()
        invoices = InvoicePayable.objects.filter(pk=invoice_id, state__in=STATES[question])
        if note is None or not invoices.exists() or not (note.vendor_id and note.entity_id):
            raise workflow.Conflict(
                _("These two have changed meanwhile: their link would not show it.")
            )
        wanted = [Wanted(note_id, invoice_id, amount, trial=question)]
        return proposing.propose(
            vendor_id=note.vendor_id, entity_id=note.entity_id, currency=note.currency,
            wanted=wanted, note=reason, by=by,
        )  # fmt: skip
