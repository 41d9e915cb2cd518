"""A second person decides, line by line; a line that no longer fits falls with its reason."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from clearing import reasons, usable, workflow
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable, Link
from clearing.workflow import Conflict, NotAllowed, User

Kind = Instruction.Kind


def documents(line: Instruction) -> tuple[CreditNote | None, InvoicePayable | None]:
    """The copy's credit note and invoice of a line, None where it has none."""
    note = CreditNote.objects.filter(pk=line.credit_note_id).first()
    if line.invoice_payable_id is None:
        return note, None
    return note, InvoicePayable.objects.filter(pk=line.invoice_payable_id).first()


def misfit(line: Instruction) -> str:
    """Why this line no longer fits the copy of Light's books; empty where it fits.

    A change from one usable state to another never matters, nor does another line of ours.
    """
    return misfits([line]).get(line.pk, "")


def misfits(lines: Iterable[Instruction]) -> dict[int, str]:
    """The sentence of `misfit` for each line that no longer fits; three queries for any number."""
    lines = list(lines)
    notes = CreditNote.objects.in_bulk({line.credit_note_id for line in lines})
    invoices = InvoicePayable.objects.in_bulk({line.invoice_payable_id for line in lines})
    rows = Balance.objects.in_bulk(notes.keys() | invoices.keys())
    found = {}
    for line in lines:
        note = notes.get(line.credit_note_id)
        invoice = invoices.get(line.invoice_payable_id) if line.invoice_payable_id else None
        if sentence := _misfit(line, note, invoice, rows):
            found[line.pk] = sentence
    return found


def _misfit(
    line: Instruction,
    note: CreditNote | None,
    invoice: InvoicePayable | None,
    rows: dict[UUID, Balance],
) -> str:
    if note is None or (line.invoice_payable_id and invoice is None):
        return _("Light no longer shows both documents.")
    if sentence := changed_facts(line.content, note, invoice):
        return sentence
    if line.kind in {Kind.LINK, Kind.AMEND} and invoice is not None:
        return _unusable(note, invoice) or _not_covered(rows.get(note.id), rows.get(invoice.id))
    if line.kind == Kind.ARCHIVE and line.of_draft and note.status != "DRAFT":
        return _("The credit note is no longer a draft.")
    return ""


def changed_facts(content: dict[str, Any], note: CreditNote, invoice: InvoicePayable | None) -> str:
    """The sentence for a document whose vendor, entity, currency or amount is not as approved."""
    for document, amount in ((note, "credit_note_amount"), (invoice, "invoice_amount")):
        if document is None:
            continue
        for key, value in (
            ("vendor", str(document.vendor_id) if document.vendor_id else None),
            ("entity", str(document.entity_id) if document.entity_id else None),
            ("currency", document.currency),
            (amount, document.amount),
        ):
            if content[key] != value:
                return _("%(document)s was changed in Light since this was proposed.") % {
                    "document": document
                }
    return ""


def _unusable(note: CreditNote, invoice: InvoicePayable) -> str:
    partly = settings.PARTIALLY_CLEARED_LINKABLE
    problem = usable.credit_note_problem(note, partially_cleared_linkable=partly)
    if problem:
        return f"{note}: {problem.sentence}"
    problem = usable.invoice_problem(invoice)
    return f"{invoice}: {problem.sentence}" if problem else ""


def _not_covered(of_note: Balance | None, of_invoice: Balance | None) -> str:
    """Balances already count this open line, so below 0 means that it is not covered."""
    free = of_note.available if of_note else None
    open_amount = of_invoice.available if of_invoice else None
    if free is None or open_amount is None:
        return _("What is open on both documents is not known right now.")
    if free < 0:
        return _("Not enough of the credit note is free any more.")
    if open_amount < 0:
        return _("Not enough of the invoice is open any more.")
    return ""


def what_is_seen(line: Instruction) -> dict[str, Any]:
    """What stands beside a line for its approver: states and balances of both documents."""
    ids = [one for one in (line.credit_note_id, line.invoice_payable_id) if one]
    note, invoice = documents(line)
    rows = {row.kind: row.available for row in Balance.objects.filter(document_id__in=ids)}
    return {
        "credit_note_status": note.status if note else None,
        "invoice_state": invoice.state if invoice else None,
        "free_to_use": rows.get(Balance.Kind.CREDIT_NOTE),
        "open_amount": rows.get(Balance.Kind.INVOICE),
        "pays_at": invoice.payment_at.isoformat() if invoice and invoice.payment_at else None,
    }


def approve(line: Instruction, *, seen_hash: str, by: User) -> None:
    """Approve what the approver saw. Raises NotAllowed, or Conflict where it changed or fell."""
    now = workflow.now()
    workflow.check_step(line, "approve", by)
    if seen_hash != line.content_hash:
        raise Conflict(_("This line has changed since you opened the page. Look at it again."))
    if sentence := misfit(line):
        workflow.advance(line, "fall", now=now, outcome=sentence)
        raise Conflict(_("It no longer fits: %(why)s") % {"why": sentence})
    seen = what_is_seen(line)
    workflow.advance(
        line, "approve", now=now, by=by, details=seen,
        approved_by=by, approved_at=now, approved_content=line.content | {"seen": seen},
    )  # fmt: skip


def approve_lines(
    lines: Iterable[Instruction], *, seen: dict[int, str], by: User
) -> list[tuple[Instruction, str]]:
    """Approve each line by itself; with each the sentence why not, empty where it worked."""
    results = []
    for line in lines:
        try:
            approve(line, seen_hash=seen.get(line.pk, ""), by=by)
            results.append((line, ""))
        except (Conflict, NotAllowed) as problem:
            results.append((line, str(problem)))
    return results


def reject(line: Instruction, *, reason_code: str, reason: str, by: User) -> None:
    """Reject a line with a reason. Raises NotAllowed, Conflict, ValueError (the reason)."""
    reasons.check_reason("reject", reason_code, reason)
    workflow.advance(
        line, "reject", now=workflow.now(), by=by, reason_code=reason_code, reason=reason
    )


def take_back(line: Instruction, *, by: User) -> None:
    """The proposer takes a line back, as long as it was not sent."""
    workflow.advance(line, "take_back", now=workflow.now(), by=by)


DECISIONS = ("says_done", "says_absent")


def settle(line: Instruction, *, decision: str, by: User) -> None:
    """A person says what became of a line; the worker verifies it in Light at once.

    `decision` is "says_done" or "says_absent". Raises NotAllowed, Conflict, ValueError.
    """
    workflow.check_may(by, "settle")
    if decision not in DECISIONS:
        raise ValueError(_("Choose one of the decisions."))
    now = workflow.now()
    with transaction.atomic():
        changed = Instruction.objects.filter(
            pk=line.pk, state=Instruction.State.NEEDS_PERSON
        ).update(
            reason_code=decision, dealt_by=by, dealt_at=None, not_before=now, absent_looks=0,
            changed_at=now,
        )  # fmt: skip
        if changed != 1:
            raise Conflict(_("Somebody was faster: this line has changed. Reload the page."))
        line.refresh_from_db()
        workflow.record("decided", line, by=by, now=now, was=line.state, reason_code=decision)


DEALT = ("refused", "not_applied", "fallen")


def deal(line: Instruction, *, by: User) -> None:
    """Take a line off the list of exceptions: it ended without success, or its link did."""
    workflow.check_may(by, "deal")
    now = workflow.now()
    not_honoured = Link.objects.filter(
        credit_note_id=OuterRef("credit_note_id"),
        invoice_payable_id=OuterRef("invoice_payable_id"),
        fate=Link.Fate.NOT_HONOURED,
    )
    ended = Q(state__in=DEALT) | (Q(state="done", kind=Kind.LINK) & Q(Exists(not_honoured)))
    with transaction.atomic():
        changed = Instruction.objects.filter(ended, pk=line.pk, dealt_at=None).update(
            dealt_at=now, dealt_by=by
        )
        if changed != 1:
            raise Conflict(_("There is nothing left to deal with: somebody was faster."))
        line.refresh_from_db()
        workflow.record("dealt with", line, by=by, now=now, was=line.state)
