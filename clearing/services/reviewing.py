"""A second person decides, line by line; a line that no longer fits falls with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from clearing import balances, money, reasons, workflow
from clearing.models import Balance, CreditNote, Instruction, InvoicePayable, Link
from clearing.services.changing import archive_problem
from clearing.services.fitting import unusable
from clearing.workflow import Conflict, NotAllowed, User

Kind = Instruction.Kind


def misfits(lines: Iterable[Instruction]) -> dict[int, str]:
    """Why a line no longer fits the copy of Light's books, for each that does not, by its id.

    A change from one usable state to another never matters, nor does another line of ours. Five
    queries for any number of lines about links.
    """
    lines = list(lines)
    copy = _Copy.of(lines)
    found = {line.pk: _misfit(line, copy) or _not_known(line, copy) for line in lines}
    return {key: sentence for key, sentence in found.items() if sentence}


@dataclass(frozen=True)
class _Copy:
    """What the copy shows of the documents of some lines."""

    notes: dict[UUID, CreditNote]
    invoices: dict[UUID, InvoicePayable]
    balances: dict[UUID, Balance]
    links: dict[tuple[UUID, UUID | None], Link]
    waiting: list[Instruction]  # lines that take an amount and wait for review

    @classmethod
    def of(cls, lines: list[Instruction]) -> "_Copy":
        notes = {line.credit_note_id for line in lines}
        invoices = {line.invoice_payable_id for line in lines if line.invoice_payable_id}
        links = Link.objects.filter(credit_note_id__in=notes, invoice_payable_id__in=invoices)
        waiting = Instruction.objects.filter(
            Q(credit_note_id__in=notes) | Q(invoice_payable_id__in=invoices),
            kind__in=[Kind.LINK, Kind.AMEND],
            state=Instruction.State.PROPOSED,
        )
        return cls(
            notes=CreditNote.objects.in_bulk(notes),
            invoices=InvoicePayable.objects.in_bulk(invoices),
            balances=Balance.objects.in_bulk(notes | invoices),
            links={(link.credit_note_id, link.invoice_payable_id): link for link in links},
            waiting=list(waiting),
        )

    def of_line(self, line: Instruction) -> tuple[CreditNote | None, InvoicePayable | None]:
        invoice = self.invoices.get(line.invoice_payable_id) if line.invoice_payable_id else None
        return self.notes.get(line.credit_note_id), invoice

    def left(self, document_id: UUID | None, line: Instruction) -> int | None:
        """What a document has left after this line and all approved ones; None: not known.

        Lines that still wait are not counted: whichever is approved first has the amount.
        """
        row = self.balances.get(document_id) if document_id else None
        if row is None or row.available is None:
            return None
        return row.available + sum(
            _more(other)
            for other in self.waiting
            if other.pk != line.pk
            and document_id in (other.credit_note_id, other.invoice_payable_id)
        )


def _more(line: Instruction) -> int:
    """What a line takes beyond what is linked already; nothing where it lowers a link."""
    before = line.previous_amount or 0 if line.kind == Kind.AMEND else 0
    return max((line.amount or 0) - before, 0)


def _takes(line: Instruction) -> bool:
    """Whether a line takes something from its documents, so that they must be usable."""
    return line.kind in {Kind.LINK, Kind.AMEND} and _more(line) > 0


def _misfit(line: Instruction, copy: _Copy) -> str:
    note, invoice = copy.of_line(line)
    if note is None or (line.invoice_payable_id and invoice is None):
        return _("Light no longer shows both documents.")
    if sentence := changed_facts(line.content, note, invoice):
        return sentence
    if line.kind == Kind.ARCHIVE:
        if line.of_draft and note.status != "DRAFT":
            return _("The credit note is no longer a draft.")
        return archive_problem(note, but=line)
    if line.kind in {Kind.AMEND, Kind.UNLINK}:
        link = copy.links.get((line.credit_note_id, line.invoice_payable_id))
        if sentence := _other_link(line, link):
            return sentence
    if _takes(line) and invoice is not None:
        return unusable(note, invoice) or _not_covered(line, copy)
    return ""


def _other_link(line: Instruction, link: Link | None) -> str:
    """The sentence where the link to change is gone, or has another amount than was seen."""
    if link is None or link.fate in {Link.Fate.REMOVED, Link.Fate.UNDONE}:
        return _("These two are not linked in Light any more.")
    if link.fate != Link.Fate.PLANNED:
        return _("The invoice is posted meanwhile, so this link can no longer be changed.")
    if link.amount != (line.amount if line.kind == Kind.UNLINK else line.previous_amount):
        return _("The link was changed in Light: it is now %(amount)s.") % {
            "amount": money.text(link.amount, line.currency)
        }
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


def _not_covered(line: Instruction, copy: _Copy) -> str:
    """Balances already count this open line, so below 0 means that it is not covered."""
    free = copy.left(line.credit_note_id, line)
    open_amount = copy.left(line.invoice_payable_id, line)
    if free is not None and free < 0:
        return _("Not enough of the credit note is free any more.")
    if open_amount is not None and open_amount < 0:
        return _("Not enough of the invoice is open any more.")
    return ""


def _not_known(line: Instruction, copy: _Copy) -> str:
    """The sentence where a balance that this line takes from is being read; it passes by."""
    documents = (line.credit_note_id, line.invoice_payable_id)
    if _takes(line) and None in [copy.left(one, line) for one in documents]:
        return _(
            "What is open on both documents is not known right now. Approve it when Light was "
            "read again."
        )
    return ""


def _seen(line: Instruction, copy: _Copy) -> dict[str, Any]:
    """What stands beside a line for its approver: states and balances of both documents."""
    note, invoice = copy.of_line(line)
    rows = {row.kind: row.available for row in copy.balances.values()}
    return {
        "credit_note_status": note.status if note else None,
        "invoice_state": invoice.state if invoice else None,
        "free_to_use": rows.get(Balance.Kind.CREDIT_NOTE),
        "open_amount": rows.get(Balance.Kind.INVOICE),
        "pays_at": invoice.payment_at.isoformat() if invoice and invoice.payment_at else None,
    }


def approve(line: Instruction, *, seen_hash: str, by: User) -> None:
    """Approve what the approver saw. Raises NotAllowed, or Conflict where it changed or fell."""
    workflow.check_step(line, "approve", by)
    if seen_hash != line.content_hash:
        raise Conflict(_("This line has changed since you opened the page. Look at it again."))
    with transaction.atomic():
        balances.lock(one for one in (line.credit_note_id, line.invoice_payable_id) if one)
        now, copy = workflow.now(), _Copy.of([line])
        if sentence := _misfit(line, copy):
            workflow.advance(line, "fall", now=now, outcome=sentence)
        elif unknown := _not_known(line, copy):
            raise Conflict(unknown)
        else:
            seen = _seen(line, copy)
            workflow.advance(
                line, "approve", now=now, by=by, details=seen,
                approved_by=by, approved_at=now, approved_content=line.content | {"seen": seen},
            )  # fmt: skip
    if sentence:  # the fall is committed; only then it is told
        raise Conflict(_("It no longer fits: %(why)s") % {"why": sentence})


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
        line, "reject", now=workflow.now(), by=by, reason_code=reason_code, reason=reason,
        rejected_code=reason_code, rejected_reason=reason,
    )  # fmt: skip


def take_back(line: Instruction, *, by: User) -> None:
    """The proposer takes a line back, as long as it was not sent."""
    workflow.advance(line, "take_back", now=workflow.now(), by=by)


def settle(line: Instruction, *, decision: str, by: User) -> None:
    """A person says what became of a line; the worker verifies it in Light at once.

    `decision` is an Instruction.Decision. Raises NotAllowed, Conflict, ValueError.
    """
    workflow.check_may(by, "settle")
    if decision not in Instruction.Decision.values:
        raise ValueError(_("Choose one of the decisions."))
    now = workflow.now()
    with transaction.atomic():
        changed = Instruction.objects.filter(
            pk=line.pk, state=Instruction.State.NEEDS_PERSON
        ).update(
            decision=decision, dealt_by=by, dealt_at=None, not_before=now, absent_looks=0,
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
